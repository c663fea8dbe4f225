"""The same plan on Spark: a Spark DataFrame in, a Spark DataFrame out."""

from anonymizer.spark.masking import anonymize, fit_rules

__all__ = ["anonymize", "fit_rules"]
