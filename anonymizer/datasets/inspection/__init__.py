"""What a dataset file could say of tables that nobody has described."""
