"""Tests of the room `anonymizer/checks/audit`."""
