"""Columns to small integers and back."""
