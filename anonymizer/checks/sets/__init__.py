"""The data that is judged: real, synthetic and holdout, and what is computed of each."""
