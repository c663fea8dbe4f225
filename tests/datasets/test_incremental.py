"""Night by night the target becomes what one whole run makes of the source: no row lost or twice."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anonymizer import DataError, FileError, RuleError, SchemaError, mask_dataset
from tests.datasets.shop import KEY
from tests.stores.server import Server

pytestmark = pytest.mark.filterwarnings("ignore::anonymizer.PrivacyWarning")

Tables = dict[str, pl.DataFrame]
START = datetime(2024, 1, 1)
SHIFT = {"mask": "date_shift", "days": 30}
AT = {"mask": "date_truncate", "to": "year"}


def described(folder: Path, **fields: Any) -> dict[str, Any]:
    """Persons, orders that name them, lines that do not, and articles, masked whole each night."""
    at = {"watermark": "at"}
    return {
        "version": 1,
        "source": str(folder / "raw"),
        "target": str(folder / "masked"),
        "entity": "people.id",
        "foreign_keys": {
            "orders.buyer": "people.id",
            "lines.order_id": "orders.id",
            "lines.article": "articles.code",
        },
        "tables": {
            "people": {"columns": {"id": "token", "name": "redact", "at": "drop"}},
            "orders": {
                "columns": {"id": "token", "paid": SHIFT, "at": "drop"},
                "batches": "accepted",
            },
            "lines": {
                "columns": {"line": "keep", "sent": SHIFT, "at": "drop"},
                "batches": "accepted",
            },
            "articles": {"columns": {"code": "token", "label": "keep"}},
        },
        "incremental": {
            "people": at,
            "orders": at,
            "lines": at | {"key": ["order_id", "line"]},
        },
    } | fields


def first_night() -> Tables:
    """Thirty persons, sixty orders and their lines."""
    people, orders = range(1, 31), range(100, 160)
    lines = [(order, line) for order in orders for line in range(order % 3)]
    return {
        "people": pl.DataFrame(
            {
                "id": people,
                "name": [f"Person {n}" for n in people],
                "at": [hour(n) for n in people],
            }
        ),
        "orders": pl.DataFrame(
            {
                "id": orders,
                "buyer": [1 + n % 30 for n in orders],
                "paid": [START + timedelta(3 * n, n) for n in orders],
                "at": [hour(n) for n in orders],
            }
        ),
        "lines": pl.DataFrame(
            {
                "order_id": [order for order, _ in lines],
                "line": [line for _, line in lines],
                "article": [f"A{order % 4}" for order, _ in lines],
                "sent": [START + timedelta(3 * order + line, order) for order, line in lines],
                "at": [hour(order) for order, _ in lines],
            }
        ),
        "articles": pl.DataFrame({"code": ["A0", "A1", "A2", "A3"], "label": list("abcd")}),
    }


def hour(n: int) -> datetime:
    """The watermark of what is written in the n-th hour."""
    return START + timedelta(hours=n)


def laid(folder: Path, tables: Tables) -> Tables:
    """The tables as files of the source."""
    (folder / "raw").mkdir(exist_ok=True, parents=True)
    for name, rows in tables.items():
        rows.write_parquet(folder / "raw" / f"{name}.parquet")
    return tables


def second_night(tables: Tables) -> Tables:
    """New, changed and deleted rows, one that comes late, and an order that changes hands."""
    people, orders, lines = tables["people"], tables["orders"], tables["lines"]
    late = people.head(1).with_columns(id=pl.lit(99, pl.Int64), at=pl.lit(hour(-50)))
    new = people.head(1).with_columns(id=pl.lit(31, pl.Int64), at=pl.lit(hour(200)))
    hands = orders.with_columns(
        buyer=pl.when(id=101).then(pl.lit(31)).otherwise("buyer"),
        at=pl.when(id=101).then(pl.lit(hour(201))).otherwise("at"),
    )
    return tables | {
        "people": pl.concat([people.filter(pl.col("id") != 7), late, new]),
        "orders": hands.filter(~pl.col("id").is_in([110, 111])),
        "lines": lines.filter(~pl.col("order_id").is_in([110, 111])),
        "articles": tables["articles"].vstack(pl.DataFrame({"code": ["A9"], "label": ["e"]})),
    }


def masked(folder: Path) -> Tables:
    """The tables of the target, in one order."""
    names = sorted(path for path in (folder / "masked").iterdir() if path.name[0] not in "._")
    read = {path.name.removesuffix(".parquet"): pl.read_parquet(path) for path in names}
    return {name: rows.sort(rows.columns) for name, rows in read.items()}


def whole(folder: Path, tables: Tables) -> Tables:
    """What one undisturbed run makes of tables."""
    laid(folder, tables)
    mask_dataset(described(folder), key=KEY, state=folder / "state")
    return masked(folder)


def night(folder: Path, tables: Tables, **fields: Any) -> Any:
    """A night of some tables."""
    laid(folder, tables)
    return mask_dataset(described(folder, **fields), key=KEY, state=folder / "state").night


def same(one: Tables, other: Tables) -> bool:
    """Whether all rows of all tables are the same."""
    return one.keys() == other.keys() and all(one[name].equals(other[name]) for name in one)


def test_nights_make_what_a_whole_run_makes(tmp_path: Path) -> None:
    """New, changed, deleted and late rows, and those whose person is another now."""
    before, after = first_night(), second_night(first_night())
    night(tmp_path / "n", before)
    told = night(tmp_path / "n", after)
    assert same(masked(tmp_path / "n"), whole(tmp_path / "w", after))
    assert told["number"] == 2
    assert {name: (each["masked"], each["removed"]) for name, each in told["tables"].items()} == {
        "articles": (5, 0),
        "people": (3, 1),
        "orders": (2, 2),
        "lines": (4, 2),
    }


DDL = """
CREATE TABLE people (id bigint PRIMARY KEY, name text, at timestamptz NOT NULL);
CREATE TABLE orders (id bigserial PRIMARY KEY, buyer bigint REFERENCES people ON DELETE CASCADE,
    paid timestamptz, at timestamptz NOT NULL);
CREATE TABLE lines (order_id bigint REFERENCES orders ON DELETE CASCADE, line smallint, sent date,
    at timestamptz NOT NULL, PRIMARY KEY (order_id, line));
INSERT INTO people SELECT n, 'Person ' || n, timestamptz '2024-01-01' + n * interval '1 hour'
    FROM generate_series(1, 30) n;
INSERT INTO orders SELECT n, 1 + n % 30, timestamptz '2023-01-01' + n * interval '77 hours',
    timestamptz '2024-01-01' + n * interval '1 hour' FROM generate_series(100, 159) n;
INSERT INTO lines SELECT 100 + n / 2, n % 2, date '2023-01-01' + 2 * n,
    timestamptz '2024-01-01' + n * interval '1 hour' FROM generate_series(0, 119) n;
"""
CHANGES = """
DELETE FROM people WHERE id = 7;
UPDATE orders SET buyer = 1 + buyer % 30, at = timestamptz '2024-02-01' WHERE id IN (101, 102);
INSERT INTO people VALUES (31, 'late', '2023-01-01'), (32, 'new', '2024-02-01');
INSERT INTO orders VALUES (160, 32, now(), '2024-02-01');
INSERT INTO lines VALUES (160, 0, '2024-02-01', '2024-02-02');
DELETE FROM lines WHERE order_id = 103;
"""


def of_databases(source: str, target: str) -> dict[str, Any]:
    """The shop of some databases, which declare the keys."""
    same, at = {"mask": "token", "as": "same"}, {"watermark": "at"}
    accepted = {"batches": "accepted"}
    return {
        "version": 1,
        "source": source,
        "target": target,
        "entity": "people.id",
        "tables": {
            "people": {"columns": {"id": same, "name": "redact", "at": AT}},
            "orders": {"columns": {"id": same, "paid": SHIFT, "at": AT}} | accepted,
            "lines": {"columns": {"line": "keep", "sent": SHIFT, "at": AT}} | accepted,
        },
        "incremental": {"people": at, "orders": at, "lines": at},
    }


def test_a_database_follows_another_in_transactions(server: Server, tmp_path: Path) -> None:
    """Cascades of the target take no row along that the source still has."""
    fields = of_databases(server.database("n_raw", DDL), server.twin("n_masked", "n_raw"))
    mask_dataset(fields, key=KEY, state=tmp_path / "state")
    server.psql("n_raw", CHANGES)
    told = mask_dataset(fields, key=KEY, state=tmp_path / "state").night
    assert told is not None
    anew = fields | {"target": server.twin("n_anew", "n_raw")}
    mask_dataset(anew, key=KEY, state=tmp_path / "other")
    for table in ("people", "orders", "lines"):
        rows = f"SELECT * FROM {table} ORDER BY 1, 2"
        assert server.psql("n_masked", rows) == server.psql("n_anew", rows)
    masked = {name: (each["masked"], each["removed"]) for name, each in told["tables"].items()}
    assert masked == {"people": (3, 1), "orders": (4, 2), "lines": (7, 6)}
