"""Tests of what masks are made of."""
