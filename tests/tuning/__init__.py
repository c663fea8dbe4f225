"""Tests of changes to rule files."""
