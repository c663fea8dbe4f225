"""Tests of what the whole table must tell."""
