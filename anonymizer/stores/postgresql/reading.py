"""Rows of a table as frames, as they come: one COPY for each pass, all in one snapshot."""

from collections.abc import Iterator
from typing import Any, Final

import polars as pl
from polars.io.plugins import register_io_source

from anonymizer.errors import DataError
from anonymizer.stores.postgresql.address import PostgreSQLAddress
from anonymizer.stores.postgresql.catalog import Relation, quoted
from anonymizer.stores.postgresql.failures import plainly
from anonymizer.stores.postgresql.types import Column

# Polars holds some thirty blocks between its steps.
_BLOCK: Final = 2**22  # bytes as the server sends them
_BLOCK_OPTION: Final = "adbc.postgresql.batch_size_hint_bytes"
# As pg_dump does: no row is left out by a policy, none comes in another order the next time.
SETTINGS: Final = """
SET row_security = off; SET synchronize_seqscans = off; SET max_parallel_workers_per_gather = 0;
SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET DateStyle = ISO;
SET IntervalStyle = postgres; SET extra_float_digits = 1; SET xmloption = content;
SET bytea_output = hex"""
SNAPSHOT: Final = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


def scan(address: PostgreSQLAddress, snapshot: str, relation: Relation) -> pl.LazyFrame:
    """The rows of a table in a snapshot; each pass has a connection of its own."""

    def rows(
        names: list[str] | None, predicate: pl.Expr | None, limit: int | None, _size: int | None
    ) -> Iterator[pl.DataFrame]:
        chosen = [relation.columns[name] for name in names or relation.columns]
        query = _query(relation, chosen, limit if predicate is None else None)
        left = limit
        for batch in _batches(address, snapshot, relation.table.name, query):
            frame = _frame(batch, chosen, f"{address.place}: table {relation.table.name!r}")
            frame = frame if predicate is None else frame.filter(predicate)
            frame = frame if left is None else frame.head(left)
            yield frame if names is None else frame.select(names)
            left = None if left is None else left - len(frame)
            if left == 0:
                return

    return register_io_source(rows, schema=relation.table.schema, is_pure=True)


def _query(relation: Relation, chosen: list[Column], limit: int | None) -> str:
    """Values under c0, c1 …, and after them g0, g1 … whether frames have no place for one."""
    values = [f"{c.asked.expression(quoted(c.name))} AS c{i}" for i, c in enumerate(chosen)]
    guards = [
        f"coalesce({c.asked.guard.format(quoted(c.name))}, false) AS g{i}"
        for i, c in enumerate(chosen)
        if c.asked.guard
    ]
    only = "ONLY " if relation.alone else ""
    limited = "" if limit is None else f" LIMIT {limit}"
    return f"SELECT {', '.join([*values, *guards])} FROM {only}{relation.qualified}{limited}"


def _batches(
    address: PostgreSQLAddress, snapshot: str, table: str, query: str
) -> Iterator[pl.DataFrame]:
    from adbc_driver_postgresql import dbapi  # noqa: PLC0415 (an extra)

    with (
        plainly(address.place, "reading", repr(table), also=(OSError,)),
        dbapi.connect(address.url) as connection,
        connection.cursor() as cursor,
    ):
        for statement in f"{SNAPSHOT};SET TRANSACTION SNAPSHOT '{snapshot}';{SETTINGS}".split(";"):
            cursor.execute(statement)
        cursor.adbc_statement.set_options(**{_BLOCK_OPTION: str(_BLOCK)})
        cursor.execute(query)
        for batch in cursor.fetch_record_batch():
            yield _of_arrow(batch)


def _of_arrow(batch: Any) -> pl.DataFrame:
    frame = pl.from_arrow(batch)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _frame(batch: pl.DataFrame, chosen: list[Column], place: str) -> pl.DataFrame:
    """The columns with their names and types.

    Raises:
        DataError: one holds a value for which frames have no place.
    """
    for guard in batch.columns[len(chosen) :]:
        if batch[guard].any():
            column = chosen[int(guard[1:])]
            raise DataError(
                f"{place}, column {column.name!r}: {column.asked.reason}, for which frames have "
                "no place: drop the column, or name a view without them by ?view=…"
            )
    return batch.select(
        pl.col(f"c{i}").cast(column.asked.dtype).alias(column.name)
        for i, column in enumerate(chosen)
    )
