"""What a store says of its tables, and what any store can do."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Protocol, runtime_checkable

import polars as pl

from anonymizer.files.table_files import TableFiles

NIGHT: Final = (
    "anonymizer_night"  # the table, or the hidden file, that says of which night others are
)


@dataclass(frozen=True)
class ForeignKey:
    """Columns of a child whose values stand in columns of its parent, in the same order."""

    child: str
    columns: tuple[str, ...]
    parent: str
    keys: tuple[str, ...]

    @property
    def of_child(self) -> str:
        """Table and columns as a dataset file has them: `orders.customer_id`."""
        return named(self.child, self.columns)

    @property
    def of_parent(self) -> str:
        """The same of the key that is referred to."""
        return named(self.parent, self.keys)

    def __str__(self) -> str:
        return f"{self.of_child} → {self.of_parent}"


def named(table: str, columns: tuple[str, ...]) -> str:
    """Columns of a table, as dataset files and messages write them."""
    plain = len(columns) == 1 and "." not in columns[0]
    return f"{table}.{columns[0]}" if plain else f"{table}.[{', '.join(columns)}]"


@dataclass(frozen=True)
class Table:
    """A table as its store declares it.

    Attributes:
        name: as the store's methods take it.
        schema: its columns with the types that `Store.scan` gives.
        declared: the type of each column in the words of the store.
        primary_key: its columns; none where there is no key.
        unique: other columns that are unique together.
        foreign_keys: to tables of the store, itself included, and to others by their full name.
        not_null: columns in which a null is refused.
        generated: columns that the store computes from others: read, and never written.
        identities: columns that the store numbers where no value is given.
        checks: the columns of each check or exclusion, by its name.
        labels: the only texts that an enum takes, by its column.
        lengths: characters that a column takes at most.
        formed: columns of text that is of a form, such as UUIDs.
        identity: what tells it from all tables anywhere; nothing where its place does.
    """

    name: str
    schema: pl.Schema
    declared: Mapping[str, str] = field(default_factory=dict)
    primary_key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    not_null: frozenset[str] = frozenset()
    generated: frozenset[str] = frozenset()
    identities: frozenset[str] = frozenset()
    checks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lengths: Mapping[str, int] = field(default_factory=dict)
    formed: frozenset[str] = frozenset()
    identity: str = ""


Write = Callable[[str, pl.LazyFrame], int]


class Store(Protocol):
    """Where tables stand."""

    @property
    def place(self) -> str:
        """As messages may tell it: without a password."""

    def tables(self) -> dict[str, Table]:
        """Its tables by name."""

    def scan(self, table: str) -> pl.LazyFrame:
        """The rows of a table, streamed; the same in each pass, and in one snapshot with others.

        Raises:
            FileError: there is no such table; when computed, it cannot be read, or holds a value
                for which frames have no place.
        """

    def row_and_null_counts(self, table: str) -> tuple[int, dict[str, int]]:
        """Rows of a table, and nulls per column, as `scan` would show them."""

    def writing(self, tables: Mapping[str, pl.Schema]) -> AbstractContextManager[Write]:
        """What takes a table's name and its rows and returns their number; all or none are there.

        Args:
            tables: what will be written; each table once, in any order.

        Raises:
            DataError: rows do not fit the tables of the store.
            FileError: tables are absent or hold rows, or the store cannot be written.
        """


@dataclass(frozen=True)
class Change:
    """What a night changes in a table.

    Attributes:
        rows: that come; they wait in files.
        key: the columns that tell rows apart; none where rows are only added.
        gone: keys of rows that go, as the store gives them, and those of `rows` go as well; None
            where all rows go.
    """

    rows: TableFiles
    key: tuple[str, ...] = ()
    gone: pl.DataFrame | None = None


@runtime_checkable
class Nightly(Protocol):
    """Where masked tables change night by night, all of them or none."""

    @property
    def place(self) -> str:
        """As messages may tell it."""

    def tables(self) -> dict[str, Table]:
        """What is declared of the tables that are there; nothing where files are."""

    def night(self) -> str | None:
        """The id of the last night; None where there was none."""

    def scan(self, table: str) -> pl.LazyFrame:
        """The rows of a table after the last night."""

    def change(self, changes: Mapping[str, Change], before: str | None, after: str) -> None:
        """Carry out a night in one step.

        Args:
            changes: by table.
            before: the id of the last night; None where the tables must be absent or empty.
            after: that of this one.

        Raises:
            DataError: rows do not fit the tables.
            FileError: another run came between, or the place cannot be written.
        """


@runtime_checkable
class Sampling(Protocol):
    """A store that chooses rows of a table without handing out all of them."""

    def sampled(self, table: str, rows: int) -> pl.LazyFrame | None:
        """About so many rows from all over a table, the same in each pass; all of a small one.

        None where all rows had to be read to choose some, as of a view.
        """


@runtime_checkable
class Searching(Protocol):
    """A store that finds the new rows of a table itself."""

    def since(self, table: str, column: str, least: int | date) -> pl.LazyFrame:
        """The rows whose value in a column is none, or `least` or more."""


@runtime_checkable
class Versioned(Protocol):
    """A store whose tables know what came since a version."""

    def version(self, table: str) -> str | None:
        """Which version of a table `Store.scan` reads; None where it could not be found again."""

    def rows_since(self, table: str, version: str) -> pl.LazyFrame | None:
        """At least the rows that are new or changed since a version, each as it is now.

        None where nothing tells which: the version is forgotten, or of another table.
        """
