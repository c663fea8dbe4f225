"""The same plan on Spark: a Spark DataFrame in, a Spark DataFrame out."""

from anonymizer.spark.masking import anonymize, fit_rules
from anonymizer.spark.sampling import sample_entities

__all__ = ["anonymize", "fit_rules", "sample_entities"]
