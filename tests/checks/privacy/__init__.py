"""Tests of the room `anonymizer/checks/privacy`."""
