"""Tests of the room `anonymizer/checks/reports`."""
