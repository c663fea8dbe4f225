"""Tests of the room `anonymizer/checks/utility`."""
