"""Tests of the room `anonymizer/checks/attacks`."""
