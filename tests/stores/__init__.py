"""Tests of what lies at an address."""
