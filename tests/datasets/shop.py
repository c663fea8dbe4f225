"""A made-up shop: persons, orders that name them, lines that do not, and nobody's articles."""

from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl

KEY = "the key of these tests"
PEOPLE, ORDERS, LINES = 40, 160, 400


def shop() -> dict[str, pl.DataFrame]:
    """Five tables: a key under two names, rows without a key, keys that are nowhere, a manager."""
    draw = Random(7)
    people = [*range(1, PEOPLE + 1), None, 9_999]
    orders = [str(1_000 + number) for number in range(ORDERS)]
    return {
        "customers": pl.DataFrame(
            {
                "id": range(1, PEOPLE + 1),
                "name": [f"Person {number}" for number in range(PEOPLE)],
                "joined": [_day(draw) for _ in range(PEOPLE)],
            }
        ),
        "orders": pl.DataFrame(
            {
                "order_id": orders,
                "buyer": [draw.choice(people) for _ in orders],
                "ordered": [datetime(2024, 1, 1) + timedelta(draw.random() * 300) for _ in orders],
            }
        ),
        "lines": pl.DataFrame(
            {
                "order_id": [draw.choice(orders) for _ in range(LINES)],
                "article": [draw.choice("ABC") for _ in range(LINES)],
                "shipped": [_day(draw) for _ in range(LINES)],
            }
        ),
        "articles": pl.DataFrame({"code": list("ABC"), "label": ["tea", "salt", "rice"]}),
        "staff": pl.DataFrame({"id": [1, 2, 3], "manager": [None, 1, 1]}),
    }


def _day(draw: Random) -> date:
    return date(2023, 1, 1) + timedelta(draw.randrange(700))


def described(**fields: Any) -> dict[str, Any]:
    """The fields of a dataset file for the shop."""
    shift = {"mask": "date_shift", "days": 30}
    return {
        "version": 1,
        "entity": "customers.id",
        "foreign_keys": {
            "orders.buyer": "customers.id",
            "lines.order_id": "orders.order_id",
            "lines.article": "articles.code",
            "staff.manager": "staff.id",
        },
        "tables": {
            "customers": {"columns": {"id": "token", "name": "redact", "joined": shift}},
            "orders": {"columns": {"order_id": "token", "ordered": shift}},
            "lines": {"columns": {"shipped": shift}},
            "articles": {"columns": {"code": "keep", "la*": "keep"}},
            "staff": {"columns": {"id": {"mask": "token", "as": "same"}}},
        },
    } | fields


def described_pair(**fields: Any) -> dict[str, Any]:
    """The same for persons and orders alone."""
    whole = described()
    tables = {name: whole["tables"][name] for name in ("customers", "orders")}
    return whole | {"tables": tables, "foreign_keys": {"orders.buyer": "customers.id"}} | fields


def written(folder: Path, **fields: Any) -> dict[str, Any]:
    """The shop in a folder, as files of three kinds and as a folder of files; and its fields."""
    tables, raw = shop(), folder / "raw"
    (raw / "lines").mkdir(parents=True)
    tables["customers"].write_parquet(raw / "customers.parquet")
    tables["orders"].write_ipc(raw / "orders.arrow")
    tables["articles"].write_csv(raw / "articles.csv.gz", compression="gzip")
    tables["staff"].write_parquet(raw / "staff.parquet")
    for number, part in enumerate(tables["lines"].iter_slices(250)):
        part.write_parquet(raw / "lines" / f"{number}.parquet")
    return described(source=str(raw), target=str(folder / "masked"), **fields)
