"""What came since a version of a table, where its store has versions."""

import polars as pl

from anonymizer.datasets.opening.places import StoredTable
from anonymizer.files.raw_table import RawTable
from anonymizer.frames import collect
from anonymizer.stores.table import Versioned


def has_versions(raw: RawTable) -> bool:
    """Whether the store of a table knows what came since a version."""
    return isinstance(raw, StoredTable) and isinstance(raw.store, Versioned)


def version_of(raw: RawTable) -> str | None:
    """The version that is read; None where it could not be found again."""
    if isinstance(raw, StoredTable) and isinstance(raw.store, Versioned):
        return raw.store.version(raw.name)
    return None


def since_version(raw: RawTable, version: int | str | None) -> pl.LazyFrame:
    """The rows that came since a version; all where nothing tells which."""
    since = None
    if isinstance(raw, StoredTable) and isinstance(raw.store, Versioned) and version:
        since = raw.store.rows_since(raw.name, str(version))
    return raw.scan() if since is None else since


def rows_in(raw: RawTable) -> int:
    """How many rows there are; a table with versions is not read for it."""
    if has_versions(raw):
        return int(collect(raw.scan().select(pl.len())).item())
    return raw.row_and_null_counts()[0]
