"""Fitting under differential privacy."""
