"""A SQLite file as a store."""
