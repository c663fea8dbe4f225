"""Tables that change night by night: a new file takes the place of the old, with the night's id.

DuckDB does not let rows go to which others refer, not even where these go before (2.0.1).
"""

from typing import Any

import polars as pl

from anonymizer.stores.sql import quoted
from anonymizer.stores.table import NIGHT, Change


def night(connection: Any) -> str | None:
    """The id of the last night; None where there was none."""
    known = "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'main' AND table_name = ?"
    if not connection.execute(known, [NIGHT]).fetchall()[0][0]:
        return None
    found = connection.execute(f"FROM {quoted(NIGHT)}").fetchall()
    return str(found[0][0]) if found else None


def mark(connection: Any, night: str) -> None:
    """Say of which night a new file is."""
    connection.execute(f"CREATE TABLE IF NOT EXISTS {quoted(NIGHT)} (id TEXT NOT NULL)").fetchall()
    connection.execute(f"INSERT INTO {quoted(NIGHT)} VALUES (?)", [night]).fetchall()


def staying(rows: pl.LazyFrame, change: Change) -> pl.LazyFrame:
    """The rows of a table that a night leaves as they are."""
    if change.gone is None:
        return rows.limit(0)
    if not change.key:
        return rows
    schema, key = rows.collect_schema(), list(change.key)
    comes = change.rows.scan().select(pl.col(column).cast(schema[column]) for column in key)
    leaving = [change.gone.lazy().select(key), comes]
    return rows.join(pl.concat(leaving), on=key, how="anti")
