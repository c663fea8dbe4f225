"""Rows of a table as frames, as they come: one COPY for each pass, all in one snapshot."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from threading import Event, RLock
from typing import Any, Final

import polars as pl
from polars.io.plugins import register_io_source

from anonymizer.errors import DataError
from anonymizer.stores import sql
from anonymizer.stores.postgresql.address import PostgreSQLAddress
from anonymizer.stores.postgresql.catalog import Relation
from anonymizer.stores.postgresql.failures import plainly
from anonymizer.stores.postgresql.types import Column
from anonymizer.stores.sql import quoted

# Polars holds some thirty blocks between its steps.
_GUARD: Final = "guard"
_BLOCK: Final = 2**22  # bytes as the server sends them
_MOMENT: Final = 0.5  # seconds
_BLOCK_OPTION: Final = "adbc.postgresql.batch_size_hint_bytes"
# As pg_dump does: no row is left out by a policy, none comes in another order the next time.
SETTINGS: Final = """
SET row_security = off; SET synchronize_seqscans = off; SET max_parallel_workers_per_gather = 0;
SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '60s';
SET DateStyle = ISO; SET IntervalStyle = postgres; SET extra_float_digits = 1;
SET xmloption = content; SET bytea_output = hex; SET TimeZone = 'UTC'"""
BEGIN: Final = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


Made = Callable[[pl.DataFrame], pl.DataFrame]


class Pass:
    """One pass over a table: a connection of its own, which one thread uses at a time."""

    def __init__(self) -> None:
        self.over = Event()
        self._held = RLock()
        self._open = ExitStack()
        self._cursor: Any = None
        self._batches: Iterator[Any] = iter(())

    def start(self, url: str, begin: str, query: str) -> None:
        """Ask for the rows, in the transaction that some statements begin."""
        from adbc_driver_postgresql import dbapi  # noqa: PLC0415 (an extra)

        with self._held:
            connection = self._open.enter_context(dbapi.connect(url))
            self._cursor = self._open.enter_context(connection.cursor())
            for statement in begin.split(";"):
                self._cursor.execute(statement)
            self._cursor.adbc_statement.set_options(**{_BLOCK_OPTION: str(_BLOCK)})
            self._cursor.execute(query)
            self._batches = iter(self._cursor.fetch_record_batch())

    def block(self, made: Made) -> pl.DataFrame | None:
        """What is made of the next rows, or None."""
        with self._held:
            batch = next(self._batches, None)
            return None if batch is None else made(_of_arrow(batch))

    def end(self) -> None:
        """Close the connection, whatever the server still does."""
        with suppress(Exception):
            self._cursor.adbc_cancel()
        with self._held:
            self._batches = iter(())
            self._open.close()


@dataclass(frozen=True)
class Snapshot:
    """One moment of a database.

    Attributes:
        address: of the database.
        name: as PostgreSQL exported it.
        passes: those that have not come to their end.
    """

    address: PostgreSQLAddress
    name: str
    passes: set[Pass] = field(default_factory=set)

    def blocks(self, table: str, query: str, made: Made) -> Iterator[pl.DataFrame]:
        """What is made of the rows of a query about a table."""
        begin = f"{BEGIN};SET TRANSACTION SNAPSHOT '{self.name}';{SETTINGS}"
        one = Pass()
        self.passes.add(one)
        try:
            with plainly(self.address.place, "reading", repr(table), also=(OSError,)):
                one.start(self.address.url, begin, query)
                while (block := one.block(made)) is not None:
                    yield block
        finally:
            one.end()
            one.over.set()
            self.passes.discard(one)

    def end(self) -> None:
        """End what an error cut off, which Polars still asks for rows, or forgets (2.1.0).

        A process that ends while one of its threads comes for more aborts, so it gets a moment.
        """
        cut_off = list(self.passes)
        for one in cut_off:
            one.end()
        for one in cut_off:
            one.over.wait(_MOMENT)


def scan(snapshot: Snapshot, relation: Relation, percent: float | None = None) -> pl.LazyFrame:
    """The rows of a table in a snapshot, or some; each pass has a connection of its own.

    Args:
        snapshot: of the database.
        relation: the table.
        percent: of the rows, that the server chooses, the same in each pass; None for all.
    """
    place = f"{snapshot.address.place}: table {relation.table.name!r}"

    def rows(
        names: list[str] | None, predicate: pl.Expr | None, limit: int | None, _size: int | None
    ) -> Iterator[pl.DataFrame]:
        chosen = [relation.columns[name] for name in names or relation.columns]
        query = _query(relation, chosen, limit, percent)

        def made(batch: pl.DataFrame) -> pl.DataFrame:
            frame = _frame(batch, chosen, place)
            frame = frame if predicate is None else frame.filter(predicate)
            return frame if names is None else frame.select(names)

        yield from snapshot.blocks(relation.table.name, query, made)

    return register_io_source(rows, schema=relation.table.schema, is_pure=True)


def row_and_null_counts(snapshot: Snapshot, relation: Relation) -> tuple[int, dict[str, int]]:
    """Rows of a table in a snapshot, and nulls per column, counted by the server."""
    query = sql.counting(relation.columns, relation.read_from)
    blocks = snapshot.blocks(relation.table.name, query, lambda block: block)
    return sql.row_and_null_counts(relation.columns, pl.concat(list(blocks)).row(0))


def _query(
    relation: Relation, chosen: list[Column], limit: int | None, percent: float | None
) -> str:
    """Values under c0, c1 …, and last the number of a column whose value no frame holds."""
    values = [f"{c.asked.expression(quoted(c.name))} AS c{i}" for i, c in enumerate(chosen)]
    guards = [
        f"WHEN {c.asked.guard.format(quoted(c.name))} THEN {i}"
        for i, c in enumerate(chosen)
        if c.asked.guard
    ]
    limited = "" if limit is None else f" LIMIT {limit}"
    values += [f"CASE {' '.join(guards)} END AS {_GUARD}"] if guards else []
    some = "" if percent is None else f" TABLESAMPLE BERNOULLI ({percent}) REPEATABLE (0)"
    return f"SELECT {', '.join(values)} FROM {relation.read_from}{some}{limited}"


def _of_arrow(batch: Any) -> pl.DataFrame:
    frame = pl.from_arrow(batch)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _frame(batch: pl.DataFrame, chosen: list[Column], place: str) -> pl.DataFrame:
    """The columns with their names and types.

    Raises:
        DataError: one holds a value for which frames have no place.
    """
    if _GUARD in batch.columns and len(found := batch[_GUARD].drop_nulls()):
        column = chosen[found[0]]
        raise DataError(
            f"{place}, column {column.name!r}: {column.asked.reason}, for which frames have "
            "no place: drop the column, or name a view without them by ?view=…"
        )
    return batch.select(
        pl.col(f"c{i}").cast(column.asked.dtype).alias(column.name)
        for i, column in enumerate(chosen)
    )
