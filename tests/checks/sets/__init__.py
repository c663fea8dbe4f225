"""Tests of the room `anonymizer/checks/sets`."""
