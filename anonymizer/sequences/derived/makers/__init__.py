"""Steps that relations ask for, a file per family."""
