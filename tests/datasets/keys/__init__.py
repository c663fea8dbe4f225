"""Tests of keys of tables."""
