"""A table that can be read again and again, wherever it stands."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Protocol

import polars as pl

from anonymizer.files.footers import Counts
from anonymizer.files.reading import Reading
from anonymizer.provenance import FileRecord
from anonymizer.storage import Address


class RawTable(Protocol):
    """What is masked, wherever it stands: `TableFiles`, or a table of a store."""

    @property
    def format(self) -> str:
        """Of its files, or that it is in a store."""

    @property
    def files(self) -> tuple[Address, ...]:
        """In which it stands; none in a store."""

    @property
    def reading(self) -> Reading:
        """What is said of the files that they do not say themselves."""

    def scan(self) -> pl.LazyFrame:
        """Its rows."""

    def sampled(self, rows: int) -> pl.LazyFrame | None:
        """About so many rows from all over it; None where its place cannot choose them."""

    def row_and_null_counts(self) -> Counts:
        """Rows, and nulls per column."""

    def recorded(self, role: str, rows: int | None = None, undigested: str = "") -> FileRecord:
        """What a record says of it: of files their name and digest, of a store the table.

        Args:
            role: what it is.
            rows: of it.
            undigested: why files are not read for a digest, where they are not.
        """

    def named(self, doing: str) -> AbstractContextManager[None]:
        """What fails inside because it is damaged is an error that names it."""

    def refuse_no_header(self, patterns: Iterable[str]) -> None:
        """Notice names that are taken for a row, and told."""
