"""Which rows of a table a night masks, and which go.

By their watermark rows are new or changed. Keys of the whole table are masked each night and laid
beside those of the target, so that what the watermark missed is found, and what was deleted goes.
"""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import polars as pl

from anonymizer.datasets.description.faults import masks_of_key
from anonymizer.datasets.description.ruled import Ruled
from anonymizer.datasets.incremental.state import TableNight
from anonymizer.datasets.incremental.tracking import Track
from anonymizer.datasets.incremental.versions import since_version, version_of
from anonymizer.datasets.opening.persons import Known, keyed
from anonymizer.datasets.opening.places import StoredTable
from anonymizer.errors import DataError
from anonymizer.files.footers import Counts, counted
from anonymizer.files.raw_table import RawTable
from anonymizer.files.reading import Reading
from anonymizer.frames import collect, quiet
from anonymizer.keys import Key
from anonymizer.masking.masks.base import RESERVED_PREFIX
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.rules.rules import Rules
from anonymizer.provenance import FileRecord
from anonymizer.storage import Address
from anonymizer.stores.table import ForeignKey, Searching

_HERE, _THERE = f"{RESERVED_PREFIX}here", f"{RESERVED_PREFIX}there"
_RAW: Final = f"{RESERVED_PREFIX}raw_"
_MASKED: Final = f"{RESERVED_PREFIX}masked_"
_ROWS_IN_MEMORY: Final = 250_000


@dataclass(frozen=True)
class SomeRows:
    """Some rows of a raw table, as a run reads them."""

    table: RawTable
    rows: pl.LazyFrame
    format: str = "rows of a night"

    @property
    def files(self) -> tuple[Address, ...]:
        """Those of the table."""
        return self.table.files

    @property
    def reading(self) -> Reading:
        """That of the table."""
        return self.table.reading

    def scan(self) -> pl.LazyFrame:
        """The rows."""
        return self.rows

    def sampled(self, rows: int) -> None:
        """None: which they are is known by reading them."""

    def row_and_null_counts(self) -> Counts:
        """Counted."""
        return counted(self.rows)

    def recorded(self, role: str, rows: int | None = None, undigested: str = "") -> FileRecord:  # noqa: ARG002 (it never has one)
        """The name of the table: all of it is not read for some rows."""
        return self.table.recorded(role, rows, "part")

    def named(self, doing: str) -> AbstractContextManager[None]:
        """As the table does."""
        return self.table.named(doing)

    def refuse_no_header(self, patterns: Iterable[str]) -> None:
        """As the table does."""
        self.table.refuse_no_header(patterns)


@dataclass(frozen=True)
class Selection:
    """What a night does to a table.

    Attributes:
        raw: the rows that are masked.
        gone: the keys of rows that go, as the target has them; None where all rows are replaced.
        watermark: the greatest so far, or the version, as the state holds it.
    """

    raw: RawTable
    gone: pl.DataFrame | None
    watermark: int | str | None


@dataclass(frozen=True)
class Tables:
    """All tables before the night, as far as one must know of others.

    Attributes:
        raw: rows of each, all of them.
        secret: the key.
        chosen: those of tables that are done which are masked tonight.
        known: what leads to persons, as far as it was read.
    """

    raw: Mapping[str, pl.LazyFrame]
    secret: Key | None
    chosen: dict[str, RawTable] = field(default_factory=dict)
    known: Known = field(default_factory=dict)


def whole(track: Track | None, raw: RawTable) -> Selection:
    """All rows, as in the first night."""
    return Selection(raw, None, _reached(track, raw, raw.scan(), None) if track else None)


def added(track: Track, raw: RawTable, before: TableNight, table: str) -> Selection:
    """The rows above the last watermark of a table without a key.

    Raises:
        DataError: others were added or have gone, which nothing tells apart.
    """
    rows, mark = raw.scan(), track.mark
    reached = track.reached(rows, before.watermark)
    known = pl.lit(None) if before.watermark is None else pl.lit(track.literal(before.watermark))
    taken = (mark.is_null() | (mark <= known)).fill_null(value=False)
    there = collect(rows.select(taken.sum())).item()
    if there != before.rows:
        told = f"{there:,} rows are not above the last watermark, and {before.rows:,} were masked"
        why = "without a key nothing tells which are late, or have gone"
        raise DataError(f"{table}: {told}: {why}: name a `key:`, or mask all anew with --overwrite")
    return Selection(SomeRows(raw, rows.filter(~taken)), pl.DataFrame(), reached)


def changed(
    track: Track,
    raw: RawTable,
    watermark: int | str | None,
    *,
    ruled: Ruled,
    masked: pl.LazyFrame,
    tables: Tables,
) -> Selection:
    """The rows that are new or changed, and the keys of those that have gone.

    Args:
        track: with a key.
        raw: the table.
        watermark: of the last night, or the version that it read.
        ruled: its rules.
        masked: its rows in the target.
        tables: all others.
    """
    since = _held(_since(track, raw, watermark))
    # Known before the rows are read, of which there may be more by then.
    reached = _reached(track, raw, since, watermark)
    with quiet("comparing keys"):
        if track.said.watermark is None and reached is not None and reached == watermark:
            gone, missed = (_no_keys(rows, track.key) for rows in (masked, raw.scan()))
        else:
            gone, missed = _compared(track.key, raw, masked, ruled.rules, tables.secret)
        moved = [_moved(track, raw, ruled.way[0], tables)] if ruled.way else []
    others, own = pl.concat([missed, *moved]), since.select(track.key)
    below = raw.scan().join(others.lazy(), on=track.key, how="semi")
    below = below.join(own, on=track.key, how="anti")
    rows = pl.concat([since, _held(below)]) if len(others) else since
    return Selection(SomeRows(raw, rows), gone, reached)


def _reached(
    track: Track, raw: RawTable, rows: pl.LazyFrame, before: int | str | None
) -> int | str | None:
    """The greatest watermark of rows and of the nights before, or the version that is read."""
    return version_of(raw) if track.said.watermark is None else track.reached(rows, before)


def _no_keys(rows: pl.LazyFrame, key: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame(schema={each: rows.collect_schema()[each] for each in key})


def _held(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Rows in memory if they are few, so that they are read once; else as they are."""
    few = collect(rows.head(_ROWS_IN_MEMORY + 1))
    return few.lazy() if len(few) <= _ROWS_IN_MEMORY else rows


def _since(track: Track, raw: RawTable, watermark: int | str | None) -> pl.LazyFrame:
    """The rows that are new or changed, as far as versions or watermarks tell it."""
    column = track.said.watermark
    if column is None:
        return since_version(raw, watermark)
    if watermark is None:
        return raw.scan()
    least = track.least(watermark)
    if (
        isinstance(raw, StoredTable)
        and isinstance(raw.store, Searching)
        and not isinstance(least, str)  # which stores put in an order of their own
    ):
        return raw.store.since(raw.name, column, least)
    return raw.scan().filter(track.fresh(least))


def _compared(
    key: tuple[str, ...], raw: RawTable, masked: pl.LazyFrame, rules: Rules, secret: Key | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The keys that are in the target alone, as it has them, and in the raw table alone."""
    rows = raw.scan()
    schema = {column: rows.collect_schema()[column] for column in key}
    own = {column: masks_of_key(rules, column) for column in key}
    plan = make_plan(Rules(MappingProxyType(own), source=rules.source), schema)
    raw_key = [pl.col(column).alias(f"{_RAW}{column}") for column in key]
    ours = plan.masked(rows.select(key), secret, key, *raw_key)
    texts = keyed(ours, key)
    ours = ours.select(*texts, pl.col(f"^{_RAW}.*$"), pl.lit(value=True).alias(_HERE))
    their_key = [pl.col(column).alias(f"{_MASKED}{column}") for column in key]
    theirs = masked.select(*keyed(masked, key), *their_key, pl.lit(value=True).alias(_THERE))
    names = [each.meta.output_name() for each in texts]
    both = ours.join(theirs, on=names, how="full", coalesce=True)
    alone = collect(both.filter(pl.col(_HERE).is_null() | pl.col(_THERE).is_null()))
    gone = alone.filter(pl.col(_HERE).is_null()).select(_renamed(_MASKED, key))
    return gone, alone.filter(pl.col(_THERE).is_null()).select(_renamed(_RAW, key))


def _renamed(prefix: str, key: tuple[str, ...]) -> list[pl.Expr]:
    return [pl.col(f"{prefix}{column}").alias(column) for column in key]


def _moved(track: Track, raw: RawTable, to: ForeignKey, tables: Tables) -> pl.DataFrame:
    """The keys of rows that may be of another person now, as the rows to which they refer changed.

    Those that refer to no row are among them: whom they were of yesterday is not known.
    """
    rows, parent = raw.scan(), tables.raw[to.parent]
    texts = keyed(rows, to.columns)
    names = [each.meta.output_name() for each in texts]
    old = rows.select(*track.key, *texts).drop_nulls(names)
    chosen = tables.chosen[to.parent].scan()
    changed = chosen.select(keyed(chosen, to.keys)).unique()
    known = parent.select(keyed(parent, to.keys)).unique()
    found = [old.join(changed, on=names, how="semi"), old.join(known, on=names, how="anti")]
    return collect(pl.concat(each.select(track.key) for each in found))
