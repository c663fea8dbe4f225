"""Tests of learning together."""
