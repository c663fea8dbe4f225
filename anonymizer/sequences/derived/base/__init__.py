"""What a step is, what it is learned from, and the chance that laying on needs."""
