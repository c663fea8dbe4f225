"""What follows from codes, and what goes together."""
