"""Masking on Spark, `local[2]`, against the eager frame of Polars with the same rows.

    python benchmarks/spark.py FOLDER [--rows 2_000_000] [--runs 5]

The rules are the pack `ecommerce`, and so are the columns, made up from a fixed seed. Spark reads
a Parquet file and writes nowhere; a copy does the same through Arrow and Python and masks nothing,
so that what is above it is the masking. Measured are seconds on the clock, alternating, after a
first run of each; the start of Java is left out. With `PYTHONPATH=CHECKOUT` another checkout is
measured.
"""

import argparse
import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from pyspark.sql import SparkSession

from anonymizer import anonymize
from anonymizer.spark import anonymize as anonymize_on_spark

KEY = "a key for benchmarks only: 7f3a91c5e2"
TOWNS = ["London SW1A 2AA", "Leeds LS1 1UR", "Cardiff CF10 3NP", "Perth PH1 5TA"]


def write_orders(path: Path, rows: int) -> None:
    """The columns of the pack; each customer has about 50 lines, each order four."""
    rng = np.random.default_rng(0)
    customer = pl.Series(rng.integers(1, rows // 50 + 2, rows))
    number, thing = customer.cast(pl.String), pl.Series(rng.integers(0, 4000, rows)).cast(pl.String)
    towns = pl.Series([f"Flat {flat}, {town}" for flat in range(360) for town in TOWNS])
    microseconds = np.sort(rng.integers(0, 2 * 365 * 86_400_000_000, rows))
    pl.select(
        customer_id=customer,
        name="Customer " + number,
        email="c" + number + "@shop.example",
        phone="+4420" + number.str.zfill(8),
        address=towns.gather(customer % len(towns)),
        order_id=pl.Series(rng.integers(1, rows // 4 + 2, rows)),
        order_time=pl.Series(microseconds).cast(pl.Datetime("us")),
        item="item-" + thing,
        description="a thing of kind " + thing,
        quantity=pl.Series(rng.integers(1, 12, rows)),
        unit_price=pl.Series(rng.gamma(2.0, 12.0, rows)).round(2),
        country=pl.lit("United Kingdom"),
    ).write_parquet(path)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Make the input once, measure in turn, print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    source = given.folder / f"ecommerce-{given.rows}.parquet"
    if not source.exists():
        write_orders(source, given.rows)
    warnings.simplefilter("ignore")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # the same Python on the executors
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "3g")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    rows, frame = spark.read.parquet(str(source)), pl.read_parquet(source)

    def done(masked: Any) -> None:
        masked.write.format("noop").mode("overwrite").save()

    jobs: dict[str, Callable[[], object]] = {
        "Polars, eager": lambda: anonymize(frame, "ecommerce", key=KEY),
        "Spark, a copy": lambda: done(rows.mapInArrow(lambda batches: batches, rows.schema)),
        "Spark, masked": lambda: done(anonymize_on_spark(rows, "ecommerce", key=KEY)),
    }
    runs = [[_seconds(job) for job in jobs.values()] for _ in range(given.runs + 1)][1:]
    medians = [statistics.median(each) for each in zip(*runs, strict=True)]
    print(f"{given.rows:,} rows × 12 columns\n| job | seconds | ratio |\n|---|---|---|")
    for name, seconds in zip(jobs, medians, strict=True):
        print(f"| {name} | {seconds:.2f} | {seconds / medians[0]:.2f} |")
    spark.stop()


if __name__ == "__main__":
    main()
