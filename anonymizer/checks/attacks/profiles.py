"""What an entity's rows look like from outside: numbers and bags of values, comparable by machine.

A profile has *moments*, one number per aspect (how many rows, mean and spread and extremes of each
number, how many distinct values of each column), as ranks among the entities of its table, so that
units and coarsening do not matter; and *bags*, one per column, of the values that occur: rare ones
weigh more (inverse document frequency; Spärck Jones 1972), and long vocabularies are hashed into
buckets (Weinberger et al. 2009).
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray, IntArray
from anonymizer.checks.attacks.alignment import ValueKind, comparable

INTERVALS: Final = "days between rows"
WHOLE_ROWS: Final = "whole rows"
NUMBER_OF_ROWS: Final = "number of rows"

_BUCKETS_PER_PROFILE: Final = 1024  # of all bags of a profile together
_MAX_BUCKETS_OF_BAG, _MIN_BUCKETS_OF_BAG = 512, 32  # of the values of one column
_MICROSECONDS_PER_DAY: Final = 86_400_000_000
_MIXER: Final = 0x9E3779B97F4A7C15  # spreads consecutive numbers over buckets


class Bag(NamedTuple):
    """The values of one column for each entity, as sparse vectors of length one.

    Attributes:
        starts: (E + 1,) where the pairs of each entity begin.
        bucket: (P,) in 0 ... width − 1.
        weight: (P,) of the value in its bucket.
        width: number of buckets.
    """

    starts: IntArray
    bucket: IntArray
    weight: FloatArray
    width: int

    def dense(self, entities: IntArray) -> FloatArray:
        """(len(entities), width) the vectors of some entities."""
        first, counts = self.starts[entities], np.diff(self.starts)[entities]
        row = np.repeat(np.arange(len(entities)), counts)
        offset = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        at = np.repeat(first, counts) + offset
        flat = row * self.width + self.bucket[at]
        size = len(entities) * self.width
        vectors: FloatArray = np.bincount(flat, self.weight[at], size).astype(np.float64)
        return vectors.reshape(-1, self.width)


@dataclass(frozen=True)
class Profiles:
    """The profiles of E entities.

    Attributes:
        moments: (E, M) ranks in [−0.5, 0.5], 0 for what is unknown.
        aspects: (M,) the column that each moment is about.
        bags: column → its values.
    """

    moments: FloatArray
    aspects: list[str]
    bags: dict[str, Bag]


class Owned(NamedTuple):
    """A table and, per row, the index of its entity: from 0 on without a gap."""

    frame: pl.DataFrame
    owner: pl.Series


def profiles(
    raw: Owned, masked: Owned, columns: dict[str, ValueKind], time: str | None
) -> tuple[Profiles, Profiles]:
    """Describe the entities of two tables by what both tables have.

    Args:
        raw: one row or many per entity.
        masked: the same, with other values in some columns.
        columns: what to compare and as what.
        time: the column that orders rows, if both have one.

    Returns:
        The profiles of the raw and of the masked entities.
    """
    there = _events(raw, columns, time)
    names = [*columns, WHOLE_ROWS, *([INTERVALS] if time else [])]
    width = int(
        np.clip(_BUCKETS_PER_PROFILE // len(names), _MIN_BUCKETS_OF_BAG, _MAX_BUCKETS_OF_BAG)
    )
    words = {name: _vocabulary(there, name) for name in names}
    described = _described(there, columns, words, width)
    if masked is raw:
        return described, described
    return described, _described(_events(masked, columns, time), columns, words, width)


def _described(
    table: "_Table", columns: dict[str, ValueKind], words: dict[str, pl.DataFrame], width: int
) -> Profiles:
    """The profiles of a table's entities; `words` are the vocabularies of the raw table."""
    aspects, moments = _moments(table, columns)
    return Profiles(moments, aspects, {n: _bag(table, n, v, width) for n, v in words.items()})


class _Table(NamedTuple):
    """Rows with comparable values by owner and time, and what each column is called there."""

    rows: pl.DataFrame
    called: dict[str, str]
    entities: int


def _events(table: Owned, columns: dict[str, ValueKind], time: str | None) -> _Table:
    """Rows in comparable types, in the order of time, with whole rows and gaps as columns."""
    frame, owner = table
    called = {name: f"c{i}" for i, name in enumerate(columns)}
    values = [
        frame.select(comparable(n, frame.schema[n], kind).alias(called[n])).to_series()
        for n, kind in columns.items()
    ]
    rows = pl.DataFrame([owner.alias("owner"), *values])
    whole = pl.struct(called[n] for n in columns).hash() if columns else pl.lit(0)
    rows = rows.with_columns(row=whole)
    called[WHOLE_ROWS] = "row"
    if time is not None:
        day = pl.col(called[time]) // _MICROSECONDS_PER_DAY
        same = pl.col("owner") == pl.col("owner").shift()
        rows = rows.sort("owner", called[time]).with_columns(gap=pl.when(same).then(day.diff()))
        called[INTERVALS] = "gap"
    return _Table(rows, called, _count(owner))


def _count(owner: pl.Series) -> int:
    """How many entities there are."""
    return int(owner.n_unique())


def _moments(table: _Table, columns: dict[str, ValueKind]) -> tuple[list[str], FloatArray]:
    """(M,) the column that each moment is about, and (E, M) the moments as ranks."""
    found: list[tuple[str, pl.Expr]] = [(NUMBER_OF_ROWS, pl.len())]
    for name, kind in columns.items():
        column = pl.col(table.called[name])
        found.append((name, column.n_unique()))
        if kind != "text":
            found += [(name, e) for e in (column.mean(), column.std(), column.min(), column.max())]
    if INTERVALS in table.called:
        gap = pl.col("gap")
        found += [(INTERVALS, gap.mean()), (INTERVALS, gap.std()), (INTERVALS, gap.median())]
    parts = [e.cast(pl.Float64).alias(f"{i}") for i, (_, e) in enumerate(found)]
    figures = table.rows.group_by("owner").agg(parts).sort("owner").drop("owner")
    ranks = figures.select((pl.all().rank() - 0.5) / pl.len() - 0.5).fill_null(0.0)
    return [name for name, _ in found], ranks.to_numpy()


def _vocabulary(table: _Table, name: str) -> pl.DataFrame:
    """The raw values of a column: `value`, `index` and `idf`; none where all are alike."""
    value = pl.col(table.called[name]).alias("value")
    held = table.rows.select("owner", value).drop_nulls().unique()
    counted = held.group_by("value").len().sort("value")
    idf = ((1 + table.entities) / pl.col("len")).log()
    return counted.with_row_index("index").with_columns(idf=idf).drop("len")


def _bag(table: _Table, name: str, vocabulary: pl.DataFrame, widest: int) -> Bag:
    """The values of a column that the raw table knows; others cannot be matched."""
    value = pl.col(table.called[name]).alias("value")
    counts = table.rows.select("owner", value).drop_nulls().group_by("owner", "value").len()
    weight = (1 + pl.col("len").log()) * pl.col("idf")
    pairs = (
        counts.join(vocabulary, on="value")
        .with_columns(weight=weight)
        .with_columns(pl.col("weight") / (pl.col("weight") ** 2).sum().sqrt().over("owner"))
        .sort("owner", "index")
    )
    starts = np.searchsorted(pairs["owner"].to_numpy(), np.arange(table.entities + 1))
    index, weights = pairs["index"].to_numpy().astype(np.uint64), pairs["weight"].to_numpy()
    if len(vocabulary) <= widest:
        return Bag(starts, index.astype(np.int64), weights, max(len(vocabulary), 1))
    mixed = index * np.uint64(_MIXER)
    sign = np.where(mixed >> np.uint64(63), 1.0, -1.0)
    bucket = (mixed >> np.uint64(32)) % np.uint64(widest)
    return Bag(starts, bucket.astype(np.int64), weights * sign, widest)
