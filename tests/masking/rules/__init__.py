"""Tests of what a rule file can say."""
