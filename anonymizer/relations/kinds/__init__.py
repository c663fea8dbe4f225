"""A family of relations per file: each kind as a value, and beside it how it is found."""
