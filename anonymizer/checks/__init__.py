"""Judges any pair of real and synthetic histories, whoever made them. Knows no model."""
