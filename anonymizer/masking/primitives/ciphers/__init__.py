"""Ciphers and codes that are computed for a whole column at once."""
