"""Several tables of one database that belong together."""
