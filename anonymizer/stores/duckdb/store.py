"""The store of a DuckDB file: opened, read, written, changed; one class."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from anonymizer.errors import FileError, MissingExtraError
from anonymizer.stores.duckdb import changing, reading, writing
from anonymizer.stores.local import local_file
from anonymizer.stores.sql import counting, row_and_null_counts
from anonymizer.stores.table import Change, Table, Write


@dataclass(frozen=True)
class DuckDB:
    """The tables of a file; nobody else can write to it once they have been asked for."""

    _file: Path
    _like: Path | None
    _open: ExitStack = field(repr=False)

    @property
    def place(self) -> str:
        """The file."""
        return f"duckdb:{self._file}"

    @cached_property
    def _connection(self) -> Any:
        connection = reading.connected(self._file, self.place, read_only=True)
        return self._open.enter_context(connection)

    @cached_property
    def _relations(self) -> dict[str, reading.Relation]:
        if not self._file.exists():
            return {}
        with reading.plainly(self.place, "reading the catalogue"):
            return reading.relations(self._connection)

    def tables(self) -> dict[str, Table]:
        """Its tables by name; outside of the schema `main`, `schema.table`."""
        return {name: relation.table for name, relation in self._relations.items()}

    def scan(self, table: str) -> pl.LazyFrame:
        """The rows of a table; see `Store.scan`."""
        if table not in self._relations:
            raise FileError(f"{self.place}: there is no table {table!r}")
        return reading.scan(self._connection, self._relations[table], self.place)

    def row_and_null_counts(self, table: str) -> tuple[int, dict[str, int]]:
        """Rows of a table, and nulls per column, counted by DuckDB."""
        relation = self._relations[table]
        query = counting(relation.asked, relation.qualified)
        with reading.plainly(self.place, "counting rows"), self._connection.cursor() as cursor:
            (counts,) = cursor.execute(query).fetchall()
        return row_and_null_counts(relation.asked, counts)

    def writing(self, tables: Mapping[str, pl.Schema]) -> AbstractContextManager[Write]:
        """What fills a new file, or one whose tables are empty; see `Store.writing`."""
        return writing.writing(self._file, self._like, self.place, tables)

    def night(self) -> str | None:
        """The id of the last night; see `Nightly.night`."""
        if not self._file.exists():
            return None
        with reading.plainly(self.place, "reading the night"):
            return changing.night(self._connection)

    def change(self, changes: Mapping[str, Change], before: str | None, after: str) -> None:
        """Let a file with other rows take the place of this one; see `Nightly.change`."""
        if self.night() != before:
            raise FileError(f"{self.place}: another run came between: run again")
        schemas = {name: each.rows.scan().collect_schema() for name, each in changes.items()}
        to = (self._file, self._like, self.place, schemas)
        with writing.writing(*to, night=after, after=before) as write:
            for name, each in changes.items():
                if before is not None:
                    write(name, changing.staying(self.scan(name), each))
                write(name, each.rows.scan())


@contextmanager
def duckdb(path: str, like: str | None = None) -> Iterator[DuckDB]:
    """The file at a path, until the block ends.

    Args:
        path: of the file, which may be absent where it is written.
        like: a file whose tables a new one gets.

    Raises:
        FileError: the path is none of a local file.
        MissingExtraError: the library is not installed.
    """
    try:
        import duckdb as _  # noqa: F401, PLC0415 (an extra)
    except ImportError:
        raise MissingExtraError("DuckDB", "duckdb") from None
    with ExitStack() as opened:
        yield DuckDB(local_file("duckdb", path), Path(like) if like else None, opened)
