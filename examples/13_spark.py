"""Mask a Spark DataFrame: the same rules and the same values as in Polars.

Needs the extra `spark`.
"""

import os
import sys

from made_up import customers
from pyspark.sql import SparkSession

from anonymizer.spark import anonymize

rules = {
    "version": 1,
    "entity": "id",
    "unlisted": "drop",
    "order": "kept",  # Spark gives rows in no order of its own, and these tell nothing by theirs
    "columns": {"id": "token", "name": {"mask": "pseudonym", "kind": "name"}},
}
os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # the same Python on the executors
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
people = spark.createDataFrame(customers().to_arrow())


def secret() -> str:
    """The key, where the work is done; yours asks a vault."""
    return "0f1e2d3c4b5a69788796a5b4c3d2e1f0"


anonymize(people, rules, key=secret).show(3, truncate=False)
spark.stop()
