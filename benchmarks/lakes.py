"""A folder of Parquet into Delta and Iceberg tables, against the copy that Polars makes.

    python -m benchmarks.lakes [--rows 3_000_000] [--runs 3]

Customers, their orders, and four lines of each, made up. Measured are, in processes of their own
and in turn: Polars' own sinks (`copy`), the store with the same rows as they are (`store`), and the
whole run over the dataset, with keys as tokens and times shifted per person (`mask`). Ratios are of
medians.
"""

import argparse
import os
import statistics
import tempfile
import warnings
from pathlib import Path
from typing import Any

import polars as pl
from pyiceberg.catalog import load_catalog

from anonymizer import PrivacyWarning, mask_dataset
from anonymizer.stores.delta import delta
from anonymizer.stores.iceberg import iceberg
from benchmarks.processes import measured

KEY = "a key for benchmarks only: 7f3a91c5e2"
TABLES = ("customers", "orders", "lines")


def make(folder: Path, rows: int) -> None:
    """The tables as files."""
    orders = rows // 5
    number = pl.int_range(0, pl.len(), dtype=pl.Int64)

    def written(table: str, count: int, **columns: pl.Expr) -> None:
        rows = pl.LazyFrame({"id": pl.int_range(0, count, eager=True)}).select(**columns)
        rows.sink_parquet(folder / f"{table}.parquet")

    people = orders // 10
    moment = pl.datetime(2022, 1, 1)
    written(
        "customers",
        people,
        id=number + 1,
        name=pl.format("Customer {}", number),
        email=pl.format("c{}@shop.example", number),
        joined=moment + pl.duration(days=number * 7919 % 900),
    )
    written(
        "orders",
        orders,
        id=number + 1,
        customer_id=number * 7919 % people + 1,
        ordered=moment + pl.duration(days=number * 104729 % 1000, seconds=number % 86400),
        channel=pl.lit(pl.Series(["web", "shop", "phone"])).gather(number % 3),
    )
    written(
        "lines",
        orders * 4,
        order_id=number // 4 + 1,
        line=number % 4,
        article=pl.format("A{}", number * 7919 % 5000),
        price=(number * 31 % 9000 / 100).cast(pl.Decimal(10, 2)),
    )


def fields(source: str, target: str) -> dict[str, Any]:
    """The dataset file: every table has something to hide."""
    shift, same = {"mask": "date_shift", "days": 30}, {"mask": "token", "as": "same"}
    people = {
        "id": same,
        "name": {"mask": "pseudonym", "kind": "name"},
        "email": {"mask": "pseudonym", "kind": "email"},
        "joined": shift,
    }
    accepted = {"batches": "accepted"}  # made-up numbers follow the day
    return {
        "version": 1,
        "source": source,
        "target": target,
        "entity": "customers.id",
        "foreign_keys": {"orders.customer_id": "customers.id", "lines.order_id": "orders.id"},
        "tables": {
            "customers": accepted | {"columns": people},
            "orders": accepted | {"columns": {"id": same, "ordered": shift, "channel": "keep"}},
            "lines": {"columns": {"line": "keep", "article": "keep", "price": "keep"}},
        },
    }


def copy(raw: Path, kind: str, out: Path) -> None:
    """Polars' sinks, one table after the other."""
    for name in TABLES:
        rows = pl.scan_parquet(raw / f"{name}.parquet")
        if kind == "delta":
            rows.sink_delta(out / name)
        else:
            catalogue = load_catalog("lake")
            catalogue.create_namespace_if_not_exists(out.name)
            new, target = {"create_if_not_exists": True}, f"{out.name}.{name}"
            rows.sink_iceberg(target, mode="append", catalog=catalogue, **new)


def store(raw: Path, kind: str, out: Path) -> None:
    """The same rows by our stores, all tables or none."""
    rows = {name: pl.scan_parquet(raw / f"{name}.parquet") for name in TABLES}
    schemas = {name: each.collect_schema() for name, each in rows.items()}
    opened = delta(str(out)) if kind == "delta" else iceberg(f"lake/{out.name}")
    with opened as there, there.writing(schemas) as write:
        for name, each in rows.items():
            write(name, each)


def mask(raw: Path, kind: str, out: Path) -> None:
    """The whole run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PrivacyWarning)
        mask_dataset(fields(str(raw), _place(kind, out)), key=KEY)


def _place(kind: str, out: Path) -> str:
    return f"delta:{out}" if kind == "delta" else f"iceberg:lake/{out.name}"


def main() -> None:
    """Print medians of all three and their ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder, "raw")
        raw.mkdir()
        make(raw, options.rows)
        os.environ |= {
            "PYICEBERG_CATALOG__LAKE__TYPE": "sql",
            "PYICEBERG_CATALOG__LAKE__URI": f"sqlite:///{folder}/catalogue.db",
            "PYICEBERG_CATALOG__LAKE__WAREHOUSE": f"file://{folder}/lake",
        }
        for kind in ("delta", "iceberg"):
            taken: dict[str, list[tuple[float, float]]] = {}
            for run in range(options.runs):
                for work in (copy, store, mask):
                    out = Path(folder, f"{kind}_{work.__name__}_{run}")
                    taken.setdefault(work.__name__, []).append(measured(work, raw, kind, out))
            seconds = {name: statistics.median(s for s, _ in each) for name, each in taken.items()}
            for name, each in taken.items():
                ratio = seconds[name] / seconds["copy"]
                most = max(gigabytes for _, gigabytes in each)
                print(f"{kind} {name}: {seconds[name]:.2f} s, {ratio:.2f} times, {most:.2f} GB")


if __name__ == "__main__":
    main()
