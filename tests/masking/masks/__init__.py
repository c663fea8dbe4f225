"""Tests of the masks."""
