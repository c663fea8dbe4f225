"""What users call: fit, sample, score, save, load."""
