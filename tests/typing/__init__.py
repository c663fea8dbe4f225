"""What type checkers see of the public names; mypy reads it, pytest runs none of it."""
