"""Two releases of the same people: how many are found again; one JSON line per case.

usage: releases.py FOLDER [--data cdnow retail] [--masks shift coarse]

FOLDER holds cdnow.parquet and online_retail.parquet. Each release has its own key, so other
tokens and other shifts. Same: all rows twice. Samples: two of two thirds of the people, a half of
whom is in both. Windows: the first and the second half of the time. Strangers: windows whose
people were mixed up, so that nobody can be found again; five times each.
"""

import argparse
import json
import time
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from anonymizer import anonymize
from anonymizer.checks.audit.case import Findings, prepared
from anonymizer.checks.audit.releases import relink
from anonymizer.checks.figures.thresholds import judged
from anonymizer.checks.reports.audit_report import Assumptions

KEYS = ("a1b2c3d4" * 8, "0f1e2d3c" * 8)
SHIFT: dict[str, Any] = {"mask": "date_shift", "days": 60}


class Data(NamedTuple):
    """A file and its columns."""

    file: str
    entity: str
    time: str
    others: dict[str, dict[str, Any]]  # column → its mask by name of the masks


DATA = {
    "cdnow": Data(
        "cdnow.parquet",
        "customer_id",
        "date",
        {"quantity": {}, "dollars": {"coarse": {"mask": "round", "to": 10}}},
    ),
    "retail": Data(
        "online_retail.parquet",
        "CustomerID",
        "InvoiceDate",
        {
            "StockCode": {"coarse": "drop"},
            "Quantity": {},
            "UnitPrice": {"coarse": {"mask": "round", "to": 1}},
        },
    ),
}


def masked(rows: pl.DataFrame, data: Data, how: str, key: str) -> pl.DataFrame:
    """A release: tokens, times that are shifted, other columns as they are or coarse."""
    times = SHIFT if how == "shift" else {"mask": "date_truncate", "to": "month"}
    columns = {data.entity: "token", data.time: times}
    columns |= {name: masks.get(how, "keep") for name, masks in data.others.items()}
    rules = {"version": 1, "entity": data.entity, "columns": columns}
    with warnings.catch_warnings(action="ignore"):  # rows are in the order of time on purpose
        return anonymize(rows, rules, key=key)


def linked(one: pl.DataFrame, two: pl.DataFrame, data: Data, how: str) -> dict[str, Any]:
    """What is found of the second release in the first."""
    basis, found = Assumptions(data.entity, data.time, [], [], []), Findings()
    started = time.process_time()
    earlier, case = (
        prepared(rows, masked(rows, data, how, key), basis, choose=False, seed=0)
        for rows, key in zip((one, two), KEYS, strict=True)
    )
    relink(case, earlier, found)
    said = {"s": round(time.process_time() - started, 1)}
    for figure in judged(found.figures).values():
        values = [round(x, 4) for x in figure.estimate]
        said |= {"share": values, "chance": figure.baseline, "colour": figure.colour}
        said["by"] = figure.meaning.partition(" earlier one, ")[2].partition(". ")[0]
    return said | ({"notes": found.notes + found.gaps} if not found.figures else {})


def cases(rows: pl.DataFrame, data: Data) -> dict[str, tuple[pl.DataFrame, pl.DataFrame]]:
    """Pairs of raw tables by name."""
    ids = rows[data.entity].unique().sort().shuffle(0)
    third = len(ids) // 3
    samples = (ids[: 2 * third], ids[third:])
    middle = rows[data.time].quantile(0.5)
    early, late = (
        rows.filter(pl.col(data.time) < middle),
        rows.filter(pl.col(data.time) >= middle),
    )
    found = {
        "same": (rows, rows),
        "samples": tuple(rows.filter(pl.col(data.entity).is_in(s.implode())) for s in samples),
        "windows": (early, late),
    }
    for number in range(5):
        mixed = pl.DataFrame({data.entity: ids.sort(), "other": ids.sort().shuffle(number + 1)})
        others = late.join(mixed, on=data.entity, maintain_order="left").with_columns(
            pl.col("other").alias(data.entity)
        )
        found[f"strangers {number}"] = (early, others.drop("other"))
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", nargs="*", default=list(DATA))
    parser.add_argument("--masks", nargs="*", default=["shift", "coarse"])
    asked = parser.parse_args()
    for name in asked.data:
        data = DATA[name]
        table = pl.read_parquet(asked.folder / data.file).drop_nulls(data.entity)
        table = table.select(data.entity, data.time, *data.others)
        for how in asked.masks:
            for kind, (one, two) in cases(table, data).items():
                found = linked(one, two, data, how)
                print(json.dumps({"data": name, "masks": how, "case": kind, **found}), flush=True)
