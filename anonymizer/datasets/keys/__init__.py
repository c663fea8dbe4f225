"""Keys of tables where none are declared, each told with what speaks for it."""
