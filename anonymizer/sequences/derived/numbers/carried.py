"""Counts, totals, what is carried on and what never falls, from row to row of a history."""

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray, IntArray
from anonymizer.relations.base.decimals import (
    LARGEST,
    MAX_DIGITS,
    ROUNDED,
    as_type,
    decimals,
    rounded,
    rounding,
)
from anonymizer.relations.base.relation import ALMOST, EXACT
from anonymizer.relations.base.rows import as_floats, is_time
from anonymizer.relations.kinds import histories
from anonymizer.sequences.derived.base.step import Draws, OfColumn, Table
from anonymizer.sequences.derived.numbers.deviation import Following, deviation, require
from anonymizer.sequences.derived.numbers.running import (
    MOST,
    PLACES,
    filled_in,
    firsts,
    own_digits,
    owners,
    sums_in,
)

_DAY: Final = 86_400
_SECONDS: Final = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_DATES: Final = (-719_162, 2_932_896)  # from the year 1 to 9999


@dataclass(frozen=True)
class Counter(Following):
    """A number counts the rows of an entity, visit or order, or an entity's visits.

    Attributes:
        entity: column that says whose.
        within, start, time: as the relation has them.
    """

    entity: str
    within: tuple[str, ...]
    start: int
    time: str | None

    def __post_init__(self) -> None:
        require(bool(self.within))

    @classmethod
    def learn(cls, relation: histories.Counter, table: Table) -> Self | None:
        """Learn how the rows of a table deviate from a count."""
        rest = deviation(table.frame, relation.column, 0)
        told = relation.within, relation.start, relation.time
        return cls(rest, table.entity, *told).learned(table.frame)

    @property
    def needed(self) -> tuple[str, ...]:
        """What says which rows are counted together."""
        columns = (*self.within, self.time) if self.time else self.within
        return tuple(c for c in columns if c != self.entity)

    def value(self, rows: pl.DataFrame) -> FloatArray:
        """(N,) the count."""
        count = pl.col(self.time).rank("dense") if self.time else pl.int_range(1, pl.len() + 1)
        value = rows.select(
            pl.when(_told(self.within)).then(count.cast(pl.Float64).over(self.within))
        )
        return as_floats(value.to_series()) + (self.start - 1)

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:
        """The count of N rows."""
        return super().lay_on(_owned(rows, self.entity, draws), draws)

    def relation(self) -> histories.Counter:
        """The relation that it keeps."""
        return histories.Counter(self.rest.column, self.within, self.start, self.time)


@dataclass(frozen=True)
class Total(Following):
    """A number is the sum of another over an entity, visit or order, or the number of its rows.

    Attributes:
        entity: column that says whose.
        part, within, slack: as the relation has them.
        rounding: how the sum is rounded.
    """

    entity: str
    part: str | None
    within: tuple[str, ...]
    slack: float
    rounding: str

    def __post_init__(self) -> None:
        require(self.rounding in ROUNDED and bool(self.within))

    @classmethod
    def learn(cls, relation: histories.Total, table: Table) -> Self | None:
        """Learn how the rows of a table deviate from a sum."""
        rest = deviation(table.frame, relation.column, relation.digits)
        told = relation.part, relation.within, relation.slack
        step = cls(rest, table.entity, *told, rounding="exact")
        sums, wanted = step.value(table.frame), decimals(table.frame[relation.column])
        how = rounding(wanted, sums, relation.digits, relation.slack)
        return replace(step, rounding=how).learned(table.frame, relation.slack)

    @property
    def needed(self) -> tuple[str, ...]:
        """What is summed up, and what says which rows belong together."""
        columns = (self.part, *self.within) if self.part else self.within
        return tuple(c for c in columns if c != self.entity)

    def value(self, rows: pl.DataFrame) -> FloatArray:
        """(N,) the sum, rounded."""
        part = decimals(rows[self.part]) if self.part else np.ones(len(rows))
        column = pl.Series(self.rest.column, np.nan_to_num(part))
        sums = pl.when(_told(self.within)).then(pl.col(column.name).sum().over(self.within))
        value = as_floats(rows.select(self.within).with_columns(column).select(sums).to_series())
        return rounded(np.clip(value, -LARGEST, LARGEST), self.rest.digits, self.rounding)

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:
        """The sum of N rows; the first of those that belong together says what it is off."""
        rows = _owned(rows, self.entity, draws)
        first = [pl.when(_told(self.within)).then(pl.col(c).first().over(self.within))
                 .otherwise(c).alias(c) for c in self.written]  # fmt: skip
        return super().lay_on(rows.with_columns(first), draws)

    def relation(self) -> histories.Total:
        """The relation that it keeps."""
        told = self.part, self.within, self.rest.digits, self.slack
        return histories.Total(self.rest.column, *told)


@dataclass(frozen=True)
class Carried(OfColumn):
    """A column holds what another held in the entity's row before.

    Attributes:
        column, source, entity: as the relation has them.
        dtype: of the column.
        first: whether it is written what it holds in an entity's first row; else null.
        other: whether it is written where it holds something else.
        presence: whether it is written where it is there though the row before says so.
        filled: whether it is never null.
    """

    source: str
    entity: str
    dtype: pl.DataType
    first: bool = True
    other: bool = False
    presence: bool = False
    filled: bool = True

    @classmethod
    def learn(cls, relation: histories.Carried, table: Table) -> Self | None:
        """Learn what else the column holds; None where that is too much."""
        column, rows = table.frame[relation.column], len(table.frame)
        step = cls(relation.column, relation.source, relation.entity, column.dtype)
        first, other, there = step._parts(table.frame)
        lost = rows - int(there.sum())
        if other.count() + lost > (1 - ALMOST) * rows:
            return None
        return replace(
            step, first=first.count() > 0, other=other.count() > (1 - EXACT) * rows,
            presence=lost > (1 - EXACT) * rows, filled=not column.null_count(),
        )  # fmt: skip

    @property
    def needed(self) -> tuple[str, ...]:
        """The other column."""
        return (self.source,)

    @property
    def names(self) -> tuple[str, str, str]:
        """The columns that may be written."""
        return f"first {self.column}", f"other {self.column}", f"{self.column} is there"

    @property
    def written(self) -> tuple[str, ...]:
        """What it holds at first, what else than the source, and where it is there."""
        told = (self.first, self.other, self.presence)
        return tuple(name for name, each in zip(self.names, told, strict=True) if each)

    def _parts(self, rows: pl.DataFrame) -> list[pl.Series]:
        first, other, there = self.names
        column, before = pl.col(self.column), pl.col(self.source).shift(1)
        later = (pl.col(self.entity) == pl.col(self.entity).shift(1)).fill_null(value=False)
        return rows.select(
            column.first().over(self.entity).alias(first),
            pl.when(later & column.ne_missing(before)).then(column).alias(other),
            (~later | column.is_not_null() | before.is_null()).alias(there),
        ).get_columns()

    def take_off(self, rows: pl.DataFrame) -> list[pl.Series]:
        """What N rows of data hold at first, and where it is not the source's."""
        return [each for each in self._parts(rows) if each.name in self.written]

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:
        """The column of N rows."""
        first, other, there = self.names
        owner = pl.Series(draws.entity)
        start = pl.lit(pl.Series(firsts(owner) == np.arange(len(rows))))
        held = pl.when(start).then(first if self.first else None).otherwise(
            pl.col(self.source).shift(1)
        )  # fmt: skip
        held = pl.coalesce(other, held) if self.other else held
        held = pl.when(pl.col(there).fill_null(value=True)).then(held) if self.presence else held
        column = rows.select(held.cast(self.dtype, strict=False).alias(self.column)).to_series()
        return [filled_in(column, owner) if self.filled else column]

    def kept(self, rows: pl.DataFrame) -> pl.Series:
        """(N,) whether rows of data keep it; null for the first of an entity."""
        return histories.Carried(self.column, self.source, self.entity).kept(rows)


@dataclass(frozen=True)
class Rising(OfColumn):
    """A number or time that never falls: what it is at first, and by how much it rises.

    Attributes:
        column, entity: as the relation has them.
        dtype: of the column.
        digits: after the point, that a number has.
        pace: of what it rises by: units of its last digit, or of the type of times.
        exact: whether it never falls.
        presence: whether it is written where it is there.
    """

    entity: str
    dtype: pl.DataType
    digits: int
    pace: int = 1
    exact: bool = True
    presence: bool = False

    def __post_init__(self) -> None:
        require(self.pace > 0 and 0 <= self.digits <= MAX_DIGITS)
        require(self.dtype.is_numeric() or is_time(self.dtype))

    @classmethod
    def learn(cls, relation: histories.Rising, table: Table) -> Self | None:
        """Learn in which steps a column rises; None where it often falls."""
        column = table.frame[relation.column]
        digits = 0 if is_time(column.dtype) else own_digits(column)
        step = cls(relation.column, relation.entity, column.dtype, digits)
        kept = step.kept(table.frame)
        if kept.sum() < ALMOST * kept.count():
            return None
        rises = step._rises(table.frame)
        paces = (p for p in _paces(column.dtype) if (rises % p == 0).mean() >= EXACT)
        return replace(
            step, pace=next(paces), exact=bool(kept.sum() >= EXACT * kept.count()),
            presence=column.null_count() > (1 - EXACT) * len(column),
        )  # fmt: skip

    @property
    def needed(self) -> tuple[str, ...]:
        """Nothing."""
        return ()

    @property
    def names(self) -> tuple[str, str, str]:
        """The columns that may be written."""
        return f"first {self.column}", f"rise of {self.column}", f"{self.column} is there"

    @property
    def written(self) -> tuple[str, ...]:
        """What it is at first, by how much it rises, and where it is there."""
        return self.names if self.presence else self.names[:2]

    def _heights(self, values: pl.Series) -> pl.Series:
        """(N,) values in whole units."""
        if is_time(self.dtype):
            return values.to_physical().cast(pl.Int64)
        scaled = np.rint(np.clip(decimals(values) * self._scale, -MOST, MOST))
        return pl.Series(values.name, scaled).fill_nan(None).cast(pl.Int64)

    @property
    def _scale(self) -> float:
        return 10.0 ** (PLACES if self.digits == MAX_DIGITS else self.digits)

    def _rises(self, rows: pl.DataFrame) -> IntArray:
        """(N,) by how many paces each row rises, none for the first of an entity and for null."""
        owner = owners(rows, self.entity)
        heights = filled_in(self._heights(rows[self.column]), owner).fill_null(0).to_numpy()
        first = firsts(owner)
        up = pl.DataFrame({"e": owner, "v": np.rint((heights - heights[first]) / self.pace)})
        up = up.select(pl.col("v").cum_max().over("e")) if self.exact else up.select("v")
        rises = np.diff(up.to_series().cast(pl.Int64).to_numpy(), prepend=0)
        return np.where(first == np.arange(len(first)), 0, rises)

    def take_off(self, rows: pl.DataFrame) -> list[pl.Series]:
        """What the column of N rows is at first, by how much it rises, and where it is there."""
        first, rise, there = self.names
        column, owner = rows[self.column], owners(rows, self.entity)
        rises = self._rises(rows)
        whole = not (self.dtype.is_float() or self.dtype.is_decimal())
        written = [
            filled_in(column, owner)[firsts(owner)].alias(first),
            pl.Series(rise, rises if whole else rises / self._scale),
            column.is_not_null().alias(there),
        ]
        return written[: len(self.written)]

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:
        """The column of N rows."""
        first, rise, there = self.names
        owner = pl.Series(draws.entity)
        start = firsts(owner)
        rises = np.nan_to_num(np.rint(decimals(rows[rise]) * self._scale))
        rises = np.clip(rises, 0 if self.exact else -MOST, MOST).astype(np.int64)
        rises[start == np.arange(len(start))] = 0
        heights = self._heights(rows[first])[start] + pl.Series(sums_in(rises, owner) * self.pace)
        column = self._of_heights(heights)
        return [column.set(~rows[there].fill_null(value=True), None) if self.presence else column]

    def _of_heights(self, heights: pl.Series) -> pl.Series:
        if is_time(self.dtype):
            return _as_time(heights, self.dtype).alias(self.column)
        return as_type(as_floats(heights) / self._scale, self.column, self.dtype)

    def kept(self, rows: pl.DataFrame) -> pl.Series:
        """(N,) whether rows of data keep it; null for the first of an entity."""
        return histories.Rising(self.column, self.entity).kept(rows)


def _paces(dtype: pl.DataType) -> tuple[int, ...]:
    """The coarsest first: days, hours, minutes, seconds, and the unit of the type."""
    if not isinstance(dtype, pl.Datetime):
        return (1,)
    second = _SECONDS[dtype.time_unit]
    return (86_400 * second, 3_600 * second, 60 * second, second, 1)


def _as_time(heights: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Whole units of a type as its times, within the years 1 to 9999."""
    unit = 1 if not isinstance(dtype, pl.Datetime) else _DAY * _SECONDS[dtype.time_unit]
    least, most = (day * unit for day in _DATES)
    physical = pl.Int32 if unit == 1 else pl.Int64
    return heights.clip(max(least, -(2**63) + 1), min(most, 2**63 - 1)).cast(physical).cast(dtype)


def _told(within: tuple[str, ...]) -> pl.Expr:
    """Rows without an order are no order."""
    return pl.all_horizontal(pl.col(within).is_not_null())


def _owned(rows: pl.DataFrame, entity: str, draws: Draws) -> pl.DataFrame:
    """With whose row each is."""
    return rows.with_columns(pl.Series(entity, draws.entity))
