"""The data that is compared, not yet judged: three sets, and what is computed of each."""
