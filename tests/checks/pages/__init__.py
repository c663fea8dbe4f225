"""Tests of the room `anonymizer/checks/pages`."""
