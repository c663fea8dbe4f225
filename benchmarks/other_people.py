"""Other real people in the place of synthetic ones: a check must find nothing wrong with them.

usage: other_people.py FOLDER [NAME ...] [--seeds 5]

FOLDER holds the Parquet files of `SOURCES`. For each seed customers are cut into three parts:
training, other people who stand for synthetic ones, holdout. The whole check runs, the LSTM
detector too; one JSON line per cut with what is not green, and a last one with the sum.
"""

import argparse
import json
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from anonymizer import check


class Source(NamedTuple):
    """Which columns of which file, and how many people each part has."""

    file: str
    entity: str
    time: str
    fields: list[str]
    people: int
    label: str | None = None


SOURCES = {
    "cdnow": Source("cdnow", "customer_id", "date", ["quantity", "dollars"], 1_000),
    "retail": Source(
        "online_retail",
        "CustomerID",
        "InvoiceDate",
        ["StockCode", "Quantity", "UnitPrice", "Country"],
        300,
    ),
    "retail, items alone": Source("online_retail", "CustomerID", "InvoiceDate", ["StockCode"], 300),
    "groceries": Source(
        "foodmart_sales",
        "customer_id",
        "the_date",
        ["product_category", "store_id", "unit_sales", "store_sales"],
        1_000,
    ),
    "groceries, no numbers": Source(
        "foodmart_sales", "customer_id", "the_date", ["product_category", "product_name"], 1_000
    ),
    "ratings, order alone": Source("beauty_ratings", "user", "pos", ["item"], 1_000),
    "cards, labelled": Source(
        "fraud_handbook",
        "CUSTOMER_ID",
        "TX_DATETIME",
        ["TX_AMOUNT", "TX_FRAUD"],
        150,
        "TX_FRAUD",
    ),
    "cards, long histories": Source(
        "sparkov_transactions",
        "cc_num",
        "trans_date_trans_time",
        ["category", "amt", "is_fraud"],
        100,
        "is_fraud",
    ),
}
NAMES = ("StockCode", "item", "product_category", "product_name", "store_id")  # numbers, some


def load(folder: Path, source: Source) -> pl.DataFrame:
    """Events of known people; where there is an order alone, a day for each place in it."""
    events = pl.read_parquet(folder / f"{source.file}.parquet")
    events = events.select(source.entity, source.time, *source.fields).drop_nulls(source.entity)
    if events[source.time].dtype.is_integer():
        events = events.with_columns(pl.col(source.time).cast(pl.Int32).cast(pl.Date))
    names = pl.col([name for name in NAMES if name in source.fields])
    events = events.with_columns(names.cast(pl.String))
    if source.label:
        events = events.with_columns(pl.col(source.label).cast(pl.Boolean))
    return events


def cut(events: pl.DataFrame, source: Source, seed: int) -> list[pl.DataFrame]:
    """Training, other people, holdout."""
    ids = events[source.entity].unique().sort().to_numpy().copy()
    np.random.default_rng(seed).shuffle(ids)
    parts = np.array_split(ids[: 3 * source.people], 3)
    return [events.filter(pl.col(source.entity).is_in(part.tolist())) for part in parts]


def main() -> None:
    """Every cut of every source."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seeds", type=int, default=5)
    given = parser.parse_args()
    total = {"sets": 0, "red": 0, "amber": 0}
    for name in given.names or SOURCES:
        source = SOURCES[name]
        events = load(given.folder, source)
        for seed in range(given.seeds):
            real, other, holdout = cut(events, source, seed)
            started = time.process_time()
            report = check(
                real=real,
                synthetic=other,
                holdout=holdout,
                entity=source.entity,
                time=source.time,
                label=source.label,
                seed=seed,
            )
            flagged = {
                figure: (found.colour, *(round(x, 3) for x in found.estimate), found.said)
                for figure, found in report.figures.items()
                if found.colour in ("red", "amber")
            }
            total["sets"] += 1
            total["red"] += report.verdict == "red"
            total["amber"] += report.verdict == "amber"
            seconds = round(time.process_time() - started, 1)
            print(
                json.dumps({"data": name, "seed": seed, "s": seconds, "flagged": flagged}),
                flush=True,
            )
    print(json.dumps(total), flush=True)


if __name__ == "__main__":
    main()
