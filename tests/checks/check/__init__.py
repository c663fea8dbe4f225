"""Tests of the room `anonymizer/checks/check`."""
