"""The store of a PostgreSQL database: opened, read, written, changed; one class."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from anonymizer.errors import FileError
from anonymizer.stores.postgresql import changing, reading, writing
from anonymizer.stores.postgresql.address import PostgreSQLAddress
from anonymizer.stores.postgresql.catalog import Catalogue
from anonymizer.stores.postgresql.failures import connected, plainly
from anonymizer.stores.table import Change, Table, Write


@dataclass(frozen=True)
class PostgreSQL:
    """The tables of a database, as they were when it was opened."""

    _address: PostgreSQLAddress
    _snapshot: reading.Snapshot = field(repr=False)
    _catalogue: Catalogue = field(repr=False)
    _counts: dict[str, tuple[int, dict[str, int]]] = field(repr=False, default_factory=dict)

    @property
    def place(self) -> str:
        """The URL without password and options."""
        return self._address.place

    def tables(self) -> dict[str, Table]:
        """Its tables by name; where several schemas are meant, `schema.table`."""
        return {name: relation.table for name, relation in self._catalogue.relations.items()}

    def scan(self, table: str) -> pl.LazyFrame:
        """The rows of a table; see `Store.scan`."""
        relation = self._catalogue.relations.get(table)
        if relation is None:
            raise FileError(f"{self.place}: there is no table {table!r}")
        return reading.scan(self._snapshot, relation)

    def sampled(self, table: str, rows: int) -> pl.LazyFrame | None:
        """Rows that the server chooses; see `Sampling.sampled`."""
        relation = self._catalogue.relations[table]
        if not relation.is_table:
            return None
        there = self.row_and_null_counts(table)[0]
        return reading.scan(self._snapshot, relation, 100 * rows / there if there > rows else None)

    def row_and_null_counts(self, table: str) -> tuple[int, dict[str, int]]:
        """Rows of a table, and nulls per column, counted by the server."""
        if table not in self._counts:
            relation = self._catalogue.relations[table]
            self._counts[table] = reading.row_and_null_counts(self._snapshot, relation)
        return self._counts[table]

    def writing(self, tables: Mapping[str, pl.Schema]) -> AbstractContextManager[Write]:
        """What fills tables, which are there and empty; see `Store.writing`."""
        return writing.writing(self._address, tables)

    def night(self) -> str | None:
        """The id of the last night; see `Nightly.night`."""
        with plainly(self.place, "reading the night"):
            return changing.night(self._catalogue.connection, self._address)

    def change(self, changes: Mapping[str, Change], before: str | None, after: str) -> None:
        """Let rows go and come in one transaction; see `Nightly.change`."""
        changing.change(self._address, changes, before, after)

    def since(self, table: str, column: str, least: int | date) -> pl.LazyFrame:
        """The new rows of a table; see `Searching.since`."""
        relation = self._catalogue.relations[table]
        return changing.since(self._snapshot, relation, column, least)


@contextmanager
def postgresql(url: str) -> Iterator[PostgreSQL]:
    """The database at `postgresql://user@host:port/database?schema=…`, until the block ends.

    Raises:
        FileError: the URL is none, the server is not there or refuses, a schema is absent.
        MissingExtraError: the drivers are not installed.
    """
    address = PostgreSQLAddress.of(url)
    with connected(address.url, address.place) as connection:
        with plainly(address.place, "reading the catalogue"):
            connection.execute(f"{reading.BEGIN};{reading.SETTINGS}")
            if connection.info.parameter_status("server_encoding") == "SQL_ASCII":
                raise FileError(f"{address.place}: is in SQL_ASCII, so its characters are unknown")
            (name,) = connection.execute("SELECT pg_export_snapshot()").fetchone()
            catalogue = Catalogue.of(connection, address)
        snapshot = reading.Snapshot(address, name)
        try:
            yield PostgreSQL(address, snapshot, catalogue)
        finally:
            snapshot.end()
