"""Tests of the room `anonymizer/checks/figures`."""
