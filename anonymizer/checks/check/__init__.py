"""A check of synthetic histories: three sets, figures of utility and privacy, the report."""
