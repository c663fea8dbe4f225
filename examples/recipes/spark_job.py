"""Mask a folder of orders on a Spark cluster.

    spark-submit --master spark://HOST:7077 spark_job.py RAW MASKED RULES

Every node needs this package in the Python that runs there, and the secret in its environment as
ANONYMIZER_KEY, which Spark never sees. Where nodes have no such Python, ship one: pack a virtual
environment with `venv-pack`, and add

    --archives environment.tar.gz#environment
    --conf spark.pyspark.python=./environment/bin/python

A zip of the package for `--py-files` would do without its tables of names and places, which are
read as files.
"""

import sys

from pyspark.sql import SparkSession

from anonymizer.errors import AnonymizerError
from anonymizer.spark import anonymize


def main(raw: str, target: str, rules: str) -> None:
    """Read, mask, write a new folder; one line where it cannot be done."""
    spark = SparkSession.builder.appName("mask orders").getOrCreate()
    try:
        anonymize(spark.read.parquet(raw), rules).write.parquet(target)
    except AnonymizerError as error:
        sys.exit(str(error))
    finally:
        spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
