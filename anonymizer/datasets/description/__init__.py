"""What a dataset file says, and how its rules meet the tables."""
