"""What holds in a table: candidates, those that are believed, those that others do not imply."""
