"""When the next event comes, by arithmetic alone."""
