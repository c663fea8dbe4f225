"""A number that is another but for its sign, which a code tells: what is paid in or out."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray
from anonymizer.relations.base.decimals import (
    MAX_DIGITS,
    SLACK,
    as_type,
    decimals,
    digits_of,
    near,
    rounded,
)
from anonymizer.relations.base.relation import EXACT
from anonymizer.relations.kinds.rates import Rate
from anonymizer.sequences.derived.base.step import Draws, OfColumn, Table
from anonymizer.sequences.derived.numbers.deviation import require


@dataclass(frozen=True)
class Magnitude(OfColumn):
    """A number of which the magnitude is told by another that is computed; `Signed` turns it.

    Attributes:
        base: the other number.
        rate: of it, what the number is.
        digits: after the point, to which it is rounded.
        dtype: its type.
    """

    base: str
    rate: float
    digits: int
    dtype: pl.DataType

    def __post_init__(self) -> None:
        """Raise a ValueError where the rate is none."""
        require(bool(np.isfinite(self.rate)) and self.rate > 0 and 0 <= self.digits <= MAX_DIGITS)

    @classmethod
    def learn(cls, relation: Rate, table: Table) -> Self | None:
        """The other way round of a rate of magnitudes, if rows bear it out."""
        if not relation.magnitude or relation.code is not None or relation.known["r"][0] <= 0:
            return None
        values = table.frame[relation.base]
        digits, rate = digits_of(decimals(values), relation.slack), 1 / relation.known["r"][0]
        step = cls(relation.base, relation.target, rate, digits, values.dtype)
        right = step.kept(table.frame) | (values.is_null() & table.frame[relation.target].is_null())
        return step if right.sum() >= EXACT * len(right) else None

    @property
    def needed(self) -> tuple[str, ...]:
        """The other number."""
        return (self.base,)

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:  # noqa: ARG002 (the protocol's)
        """The number of N rows, without a sign."""
        size = rounded(self._size(rows), self.digits, "half up")
        return [as_type(size, self.column, self.dtype)]

    def _size(self, rows: pl.DataFrame) -> FloatArray:
        size: FloatArray = abs(decimals(rows[self.base])) * self.rate
        return size

    def kept(self, rows: pl.DataFrame) -> pl.Series:
        """(N,) whether the magnitudes of rows agree; null where a number is not there."""
        values, size = abs(decimals(rows[self.column])), self._size(rows)
        right = near(values, size, self.digits, "half", SLACK)
        told = pl.Series(~np.isnan(values + size))
        return pl.select(pl.when(told).then(pl.Series(right))).to_series()
