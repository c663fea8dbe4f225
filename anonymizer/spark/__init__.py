"""On Spark: a Spark DataFrame in, a Spark DataFrame out, with what Polars gives."""

from anonymizer.spark.masking import anonymize, fit_rules
from anonymizer.spark.sampling import sample_entities
from anonymizer.spark.sequences import sample, score

__all__ = ["anonymize", "fit_rules", "sample", "sample_entities", "score"]
