"""Masking on Spark, `local[2]`, against the eager frame of Polars with the same rows.

    python benchmarks/spark.py FOLDER [--rows 2_000_000] [--runs 5] [--peers 200_000] [--cape PATH]
        [--stages] [--times 50]

The rules are the pack `ecommerce`, and so are the columns, made up from a fixed seed. Spark reads
a Parquet file and writes nowhere; a copy does the same through Arrow and Python and masks nothing,
so that what is above it is the masking. Measured are seconds on the clock, alternating, after a
first run of each; the start of Java is left out. With `PYTHONPATH=CHECKOUT` another checkout is
measured.

With `--peers` so many rows are masked by what else there is on Spark, per row: a pandas UDF that
seeds Faker by each value and draws a name, an e-mail address, a phone number and an address, which
are four of the seven columns that the pack masks; and five columns of tokens, by the pack's rule
for tokens and by the tokenizer of cape-dataframes (SHA-256 of each value in a pandas UDF), where
PATH is what `pip install --target PATH cape-dataframes` made and PYTHONPATH names too. With
`--stages` the other things are measured that are done with a whole table: what rules learn, one
thing at a time, and a tenth of the persons is drawn. With `--times` the file is also masked so many
times over in one job, once, for what a row costs then.
"""

import argparse
import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from faker import Faker
from pyspark.sql import DataFrame, SparkSession, functions

from anonymizer import anonymize
from anonymizer.spark import anonymize as anonymize_on_spark
from anonymizer.spark import fit_rules, sample_entities

KEY = "a key for benchmarks only: 7f3a91c5e2"
TOKENS = ["customer_id", "name", "email", "phone", "order_id"]
FIVE = {"version": 1, "unlisted": "keep", "columns": dict.fromkeys(TOKENS, "token")}
LEARNED: dict[str, dict[str, Any]] = {
    "rare items": {"columns": {"item": {"mask": "rare", "k": 20}}},
    "days that many share": {"columns": {"order_time": {"mask": "date_shift", "days": 30}}},
    "quantiles of prices": {"columns": {"unit_price": {"mask": "bin", "quantiles": 10}}},
    "classes": {
        "columns": {"address": {"mask": "region", "country": "GB"}, "quantity": "keep"},
        "anonymity": {"quasi_identifiers": ["address", "quantity"], "k": 5},
    },
}
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


def faked(rows: "DataFrame") -> "DataFrame":
    """What of a person the pack masks, by Faker, the same for the same value."""

    def of(kind: str) -> Any:
        @functions.pandas_udf("string")
        def made(values: pd.Series) -> pd.Series:
            fake = Faker("en_US")

            def drawn(value: str) -> str:
                fake.seed_instance(f"{KEY}{value}")
                return str(getattr(fake, kind)())

            return values.map(drawn)

        return made

    kinds = {
        "name": "name",
        "email": "ascii_safe_email",
        "phone": "phone_number",
        "address": "address",
    }
    return rows.withColumns({column: of(kind)(column) for column, kind in kinds.items()})


def cape_tokens(rows: "DataFrame", path: str) -> "DataFrame":
    """Tokens by cape-dataframes."""
    sys.path.insert(0, path)
    from cape_dataframes.spark.transformations.tokenizer import (  # noqa: PLC0415 (a peer)
        Tokenizer,
    )

    texts = {column: functions.col(column).cast("string") for column in TOKENS}
    token = {column: Tokenizer(max_token_len=24, key=KEY)(text) for column, text in texts.items()}
    return rows.withColumns(token)


def learn(rows: "DataFrame", rules: dict[str, Any]) -> None:
    """Learn what some rules need; each customer is an entity."""
    whole = {"version": 1, "entity": "customer_id", "unlisted": "drop", **rules}
    fit_rules(rows, whole, key=KEY)


def local(memory: str) -> SparkSession:
    """Spark on two cores, which says nothing of its own."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # the same Python on the executors
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", memory)
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    return session


def done(rows: "DataFrame") -> None:
    """Compute all rows, and write them nowhere."""
    rows.write.format("noop").mode("overwrite").save()


def seconds(work: Callable[[], object]) -> float:
    """On the clock."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Make the input once, measure in turn, print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peers", type=int)
    parser.add_argument("--cape")
    parser.add_argument("--stages", action="store_true")
    parser.add_argument("--times", type=int)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    source = given.folder / f"ecommerce-{given.rows}.parquet"
    if not source.exists():
        write_orders(source, given.rows)
    warnings.simplefilter("ignore")
    spark = local("3g")
    rows, frame = spark.read.parquet(str(source)), pl.read_parquet(source)
    jobs: dict[str, Callable[[], object]] = {
        "Polars, eager": lambda: anonymize(frame, "ecommerce", key=KEY),
        "Spark, a copy": lambda: done(rows.mapInArrow(lambda batches: batches, rows.schema)),
        "Spark, masked": lambda: done(anonymize_on_spark(rows, "ecommerce", key=KEY)),
    }
    if given.stages:
        jobs |= {
            **{f"Spark, {name} learned": partial(learn, rows, LEARNED[name]) for name in LEARNED},
            "Spark, a tenth of the persons": lambda: done(
                sample_entities(rows, 0.1, entity="customer_id", key=KEY)
            ),
        }
    if given.peers:
        some = rows.limit(given.peers).repartition(2).cache()
        some.count()
        jobs |= {
            "Spark, the pack, the rows of peers": lambda: done(
                anonymize_on_spark(some, "ecommerce", key=KEY)
            ),
            "Spark, Faker in a pandas UDF": lambda: done(faked(some)),
            "Spark, five tokens": lambda: done(anonymize_on_spark(some, FIVE, key=KEY)),
        }
        if given.cape:
            jobs["Spark, five tokens of cape-dataframes"] = lambda: done(
                cape_tokens(some, given.cape)
            )
    runs = [[seconds(job) for job in jobs.values()] for _ in range(given.runs + 1)][1:]
    medians = [statistics.median(each) for each in zip(*runs, strict=True)]
    print(f"{given.rows:,} rows × 12 columns\n| job | seconds | ratio |\n|---|---|---|")
    for name, median in zip(jobs, medians, strict=True):
        print(f"| {name} | {median:.2f} | {median / medians[0]:.2f} |")
    if given.times:
        many = spark.read.parquet(*[str(source)] * given.times)
        took = seconds(lambda: done(anonymize_on_spark(many, "ecommerce", key=KEY)))
        ratio = took / given.times / medians[list(jobs).index("Spark, masked")]
        print(f"{given.times * given.rows:,} rows: {took:.1f} s, {ratio:.2f} times as long per row")
    spark.stop()


if __name__ == "__main__":
    main()
