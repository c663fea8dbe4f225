"""A DuckDB file as a store."""
