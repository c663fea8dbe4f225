"""Tests of tables that belong together."""
