"""Reports as data: figures, counts and a verdict."""
