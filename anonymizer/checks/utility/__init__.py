"""What synthetic data kept of the real: figures of utility."""
