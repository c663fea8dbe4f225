"""Tests of rules that meet a schema."""
