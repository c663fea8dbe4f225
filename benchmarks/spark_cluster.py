"""Masking on a standalone Spark cluster: one worker or two, and what the driver needs to learn.

    python -m benchmarks.spark_cluster FOLDER [--rows 4_000_000] [--runs 3]

Master and workers of one core each run on this machine, as the tests start them, each worker with
its Python on a core of its own, as on machines of one. The pack `ecommerce` masks rows of a Parquet
file, written nowhere, by one worker and by two in turn. Then a table a hundred times as large as
what the driver may take (`spark.driver.maxResultSize`) is learned from under a driver whose Java
has 300 MB in all; said is also how much the driver's Python holds.
"""

import argparse
import os
import resource
import statistics
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession, functions

from anonymizer.spark import anonymize
from benchmarks.spark import KEY, done, seconds, write_orders
from tests.spark.cluster import cluster

HEAP = "300m"
LIMIT_MB = 1
WIDE: dict[str, Any] = {
    "version": 1,
    "entity": "who",
    "columns": {"who": "token", "item": {"mask": "rare", "k": 50}, "other": "keep"},
}


def session(address: str, cores: int) -> SparkSession:
    """A session whose executors have one core each."""
    made = (
        SparkSession.builder.master(address)
        .config("spark.ui.enabled", "false")
        .config("spark.cores.max", cores)
        .config("spark.driver.memory", HEAP)
        .config("spark.testing.reservedMemory", 50 * 2**20)  # else it asks for 450 MB
        .config("spark.driver.maxResultSize", f"{LIMIT_MB}m")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.files.maxPartitionBytes", "16m")
        .getOrCreate()
    )
    made.sparkContext.setLogLevel("ERROR")
    return made


def masked(spark: SparkSession, source: Path) -> float:
    """Seconds of masking a file once."""
    rows = spark.read.parquet(str(source))
    return seconds(lambda: done(anonymize(rows, "ecommerce", key=KEY)))


def learned(spark: SparkSession) -> float:
    """Seconds of learning from a table of a hundred times the limit, of which little is asked."""
    rows = spark.range(400_000, numPartitions=8).select(
        (functions.col("id") % 50_000).alias("who"),
        functions.concat(functions.lit("i"), (functions.col("id") % 997).cast("string")).alias(
            "item"
        ),
        functions.repeat(functions.md5(functions.col("id").cast("string")), 10).alias("other"),
    )
    return seconds(lambda: done(anonymize(rows, WIDE, key=KEY)))


def main() -> None:
    """Measure in turn, print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=4_000_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    given.folder.mkdir(parents=True, exist_ok=True)
    source = given.folder / f"ecommerce-{given.rows}.parquet"
    if not source.exists():
        write_orders(source, given.rows)
    found: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder, cluster(Path(folder), {}) as made:
        for core, worker in zip(sorted(os.sched_getaffinity(0)), made.workers, strict=False):
            for thread in Path(f"/proc/{worker}/task").iterdir():  # executors take it over
                os.sched_setaffinity(int(thread.name), {core})
        for _ in range(given.runs):
            for cores, times in found.items():
                spark = session(made.address, cores)
                masked(spark, source)  # starts executors and their Pythons
                times.append(masked(spark, source))
                spark.stop()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        spark = session(made.address, 2)
        took = learned(spark)
        spark.stop()
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    one, two = (statistics.median(times) for times in found.values())
    print(
        f"{given.rows:,} rows: 1 worker {one:.2f} s, 2 workers {two:.2f} s = {one / two:.2f} times"
    )
    print(
        f"learned from {100 * LIMIT_MB} MB and more under a limit of {LIMIT_MB} MB and a Java of "
        f"{HEAP} in {took:.1f} s; the driver's Python {after / 1024:.0f} MB, {before / 1024:.0f} "
        "MB before"
    )


if __name__ == "__main__":
    main()
