"""Attacks on synthetic data: copies, membership, inference, canaries."""
