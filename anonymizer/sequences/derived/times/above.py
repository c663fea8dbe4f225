"""Differences in place of numbers that are never below others: a limit above what is used of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import polars as pl

from anonymizer.arrays import IntArray
from anonymizer.relations.base.relation import EXACT, Relation
from anonymizer.relations.base.rows import is_time
from anonymizer.relations.kinds.orders import Order
from anonymizer.sequences.derived.base.step import Draws, Step, Table
from anonymizer.sequences.derived.times.cadence import Cadence, ends_of
from anonymizer.sequences.derived.times.since import (
    Bounded,
    Since,
    bounds_of,
    is_borne,
    plan_differences,
)
from anonymizer.sequences.histories.protection import typical

_DIGITS: Final = 6  # after the point that numbers are looked through for
_PRECISION: Final = (12, 6)  # digits in all of numbers of 64 bits, and of fewer, that have more
_MOST_DIGITS: Final = 18
_LARGEST: Final = 2**50  # units of the last digit that floats and decimals tell exactly
_LARGEST_WHOLE: Final = 2**61


@dataclass(frozen=True)
class Above(Bounded):
    """A number is written as what it is above the least that it can be.

    Attributes:
        dtype: of the column.
        digits: after the point, to which it is rounded.
    """

    dtype: pl.DataType
    digits: int

    def __post_init__(self) -> None:
        """Raise a ValueError where it is no number, or bounded from above."""
        super().__post_init__()
        if not self.dtype.is_numeric() or self.highs or not 0 <= self.digits <= _MOST_DIGITS:
            raise ValueError(self.column)

    @classmethod
    def learn(cls, column: str, relations: list[Relation], table: Table) -> Self | None:
        """What orders say of a number that its rows keep.

        None where there is none, fewer than k entities have one, or numbers are too large to be
        subtracted exactly.
        """
        bounds = bounds_of(column, relations, table)
        values = table.frame[column]
        if not bounds["lows"] or bounds["loose"] or not is_borne(column, table):
            return None
        step = cls(**bounds, dtype=values.dtype, digits=_digits(values, table))
        return step if all(step._is_exact(table.frame[c]) for c in (column, *step.lows)) else None

    def take_off(self, rows: pl.DataFrame) -> list[pl.Series]:
        """The difference, in the digits of the column."""
        above = self._ticks(rows[self.column]) - self._least(rows, self._owner(rows))
        return [(above if self.dtype.is_integer() else self._real(above)).alias(self.column)]

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:
        """The number, not below what bounds it."""
        least = self._least(rows, draws.entity)
        ticks = self._settled(least + self._ticks(rows[self.column]), least, draws)
        found = self._valued(ticks)
        if not all(rows.schema[c].is_integer() for c in (self.column, *self.lows)):
            below = ~self.kept(rows.with_columns(found)).fill_null(value=True)
            found = self._valued(ticks + below.cast(pl.Int64))
        return [found]

    def _least(self, rows: pl.DataFrame, owner: IntArray) -> pl.Series:
        """(N,) the least that the column can be, in units of its last digit; 0 without a bound."""
        bounds = [self._ticks(rows[c], low=True) for c in self.lows]
        return self._edge(bounds, owner).fill_null(0)

    def _ticks(self, values: pl.Series, *, low: bool = False) -> pl.Series:
        """(N,) numbers in units of the last digit; of bounds the least that is not too small."""
        beyond = int(low and values.name in self.strict)
        if values.dtype.is_integer():
            unit = 10**self.digits
            limit = _LARGEST_WHOLE // unit
            whole = values.cast(pl.Int128).clip(-limit, limit).cast(pl.Int64)
            least: pl.Series = whole * unit + beyond
            return least
        known = values.cast(pl.Float64).fill_null(float("nan")).to_numpy()
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = np.clip(known * 10.0**self.digits, -_LARGEST_WHOLE, _LARGEST_WHOLE)
        near = np.round(scaled)
        if low:
            noise = 1e-7 if values.dtype == pl.Float32 else 4e-16
            close = np.abs(near - scaled) <= 1e-9 + noise * np.abs(scaled)
            near = np.where(close, near + beyond, np.ceil(scaled))
        finite = np.isfinite(known)
        ticks = pl.Series(np.where(finite, near, 0).astype(np.int64))
        return ticks.zip_with(pl.Series(finite), pl.Series([None], dtype=pl.Int64))

    def _valued(self, ticks: pl.Series) -> pl.Series:
        """(N,) numbers of so many units of the last digit."""
        if self.dtype.is_integer():
            found = ticks.cast(pl.Int128).clip(*ends_of(self.dtype))
        elif isinstance(self.dtype, pl.Decimal):
            end = min(10**self.dtype.precision - 1, _LARGEST_WHOLE)
            found = self._real(ticks.clip(-end, end))
        else:
            found = self._real(ticks)
        return found.cast(self.dtype).alias(self.column)

    def _real(self, ticks: pl.Series) -> pl.Series:
        """(N,) so many units of the last digit, by one rounding: Polars would round twice."""
        floats = pl.Series(ticks.fill_null(0).to_numpy() / 10**self.digits)
        return floats.zip_with(ticks.is_not_null(), pl.Series([None], dtype=pl.Float64))

    def _is_exact(self, values: pl.Series) -> bool:
        """Whether nearly all of its numbers are small enough to be subtracted exactly."""
        whole = values.dtype.is_integer() and self.dtype.is_integer()
        numbers = values.cast(pl.Float64)
        sizes = (numbers.filter(numbers.is_finite()) * 10.0**self.digits).abs()
        small = sizes < (_LARGEST_WHOLE if whole else _LARGEST)
        return int(small.sum()) >= EXACT * len(small)


def _digits(values: pl.Series, table: Table) -> int:
    """Digits after the point that all numbers have; where they have more, as many as tell most."""
    if isinstance(values.dtype, pl.Decimal):
        return values.dtype.scale
    if values.dtype.is_integer():
        return 0
    known = values.is_finite().fill_null(value=False).to_numpy()
    numbers = values.to_numpy()[known]
    wide = numbers.astype(np.float64)
    for digits in range(_DIGITS + 1):
        if (np.round(wide, digits).astype(numbers.dtype) == numbers).mean() >= EXACT:
            return digits
    usual = max(typical(np.abs(wide), table.owner[known]), 1e-12)
    return int(
        np.clip(_PRECISION[values.dtype != pl.Float64] - np.ceil(np.log10(usual)), 0, _MOST_DIGITS)
    )


def differences(relations: Iterable[Relation], table: Table) -> list[Step]:
    """A step for each column that orders bound, the calendar restricts or a difference tells best.

    They can be laid on in this order, the time of the events first.

    Args:
        relations: that were found in the rows.
        table: the rows.
    """
    relations = list(relations)
    times = [c for c, t in table.frame.schema.items() if is_time(t) and c != table.entity]
    orders = [r for r in relations if isinstance(r, Order)]
    bounded = plan_differences(orders, table.time)
    plan = {c: list[Order]() for c in times if c not in bounded} | bounded
    calendar = [r for r in relations if not isinstance(r, Order)]
    found: list[Step | None] = [Cadence.learn(table.time, calendar, table)]
    for column in plan:
        own = [*plan[column], *calendar]
        if column not in times:
            found.append(Above.learn(column, own, table))
        elif column != table.time:
            step = Since.learn(column, own, table)
            found.append(step or Cadence.learn(column, calendar, table))
    return [step for step in found if step is not None]
