"""Tests of inspection and lints."""
