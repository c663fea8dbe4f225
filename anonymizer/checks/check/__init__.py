"""A check: three sets, figures of utility and privacy, the report."""
