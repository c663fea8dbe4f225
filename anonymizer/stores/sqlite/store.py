"""The store of a SQLite file: opened, read, written, changed; one class."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from sqlite3 import Connection

import polars as pl

from anonymizer.errors import FileError
from anonymizer.stores.local import local_file
from anonymizer.stores.sql import counting, quoted, row_and_null_counts
from anonymizer.stores.sqlite import changing, reading, writing
from anonymizer.stores.sqlite.connecting import connected, plainly
from anonymizer.stores.table import Change, Table, Write


@dataclass(frozen=True)
class SQLite:
    """The tables of a file, as they were when they were first asked for."""

    _file: Path
    _like: Path | None
    _open: ExitStack = field(repr=False)

    @property
    def place(self) -> str:
        """The file."""
        return f"sqlite:{self._file}"

    @cached_property
    def _connection(self) -> Connection:
        with plainly(self.place, "opening"):
            return self._open.enter_context(closing(connected(self._file)))

    @cached_property
    def _relations(self) -> dict[str, reading.Relation]:
        if not self._file.exists():
            return {}
        with plainly(self.place, "reading the catalogue"):
            return reading.relations(self._connection)

    def tables(self) -> dict[str, Table]:
        """Its tables by name, without virtual ones and what these are made of."""
        return {name: relation.table for name, relation in self._relations.items()}

    def scan(self, table: str) -> pl.LazyFrame:
        """The rows of a table; see `Store.scan`."""
        if table not in self._relations:
            raise FileError(f"{self.place}: there is no table {table!r}")
        return reading.scan(self._connection, self._relations[table], self.place)

    def row_and_null_counts(self, table: str) -> tuple[int, dict[str, int]]:
        """Rows of a table, and nulls per column, counted by SQLite."""
        columns = self._relations[table].table.schema
        with plainly(self.place, "counting rows"):
            counts = self._connection.execute(counting(columns, quoted(table))).fetchone()
        return row_and_null_counts(columns, counts)

    def writing(self, tables: Mapping[str, pl.Schema]) -> AbstractContextManager[Write]:
        """What fills a new file, or one whose tables are empty; see `Store.writing`."""
        return writing.writing(self._file, self._like, self.place, tables)

    def night(self) -> str | None:
        """The id of the last night; see `Nightly.night`."""
        return changing.night(self._file, self.place)

    def change(self, changes: Mapping[str, Change], before: str | None, after: str) -> None:
        """Let rows go and come in one transaction; see `Nightly.change`. Nothing is read after."""
        self._open.close()
        to = (self._file, self._like, self.place)
        changing.change(*to, changes, before=before, after=after)


@contextmanager
def sqlite(path: str, like: str | None = None) -> Iterator[SQLite]:
    """The file at a path, until the block ends.

    Args:
        path: of the file, which may be absent where it is written.
        like: a file whose tables a new one gets.

    Raises:
        FileError: the path is none of a local file.
    """
    with ExitStack() as opened:
        yield SQLite(local_file("sqlite", path), Path(like) if like else None, opened)
