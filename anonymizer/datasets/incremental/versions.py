"""What came since a version of a table, where its store has versions."""

import polars as pl

from anonymizer.datasets.opening.places import StoredTable
from anonymizer.files.raw_table import RawTable
from anonymizer.frames import collect
from anonymizer.stores.table import Versioned


def has_versions(raw: RawTable) -> bool:
    """Whether the store of a table knows what came since a version."""
    return _store_of(raw) is not None


def version_of(raw: RawTable) -> str | None:
    """The version that is read; None where it could not be found again."""
    known = _store_of(raw)
    return known and known[0].version(known[1])


def since_version(raw: RawTable, version: int | str | None) -> pl.LazyFrame:
    """The rows that came since a version; all where nothing tells which."""
    known = _store_of(raw) if version else None
    since = known and known[0].rows_since(known[1], str(version))
    return raw.scan() if since is None else since


def rows_in(raw: RawTable) -> int:
    """How many rows there are; a table with versions is not read for it."""
    if has_versions(raw):
        return int(collect(raw.scan().select(pl.len())).item())
    return raw.row_and_null_counts()[0]


def _store_of(raw: RawTable) -> tuple[Versioned, str] | None:
    """The store that knows versions of a table, and what it calls the table."""
    if isinstance(raw, StoredTable) and isinstance(raw.store, Versioned):
        return raw.store, raw.name
    return None
