"""Frames and files masked from end to end, and what is recorded of it."""
