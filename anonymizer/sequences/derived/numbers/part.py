"""A number that is part of a whole: never more than the other parts leave of it."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray
from anonymizer.relations.base.decimals import LARGEST, MAX_DIGITS, as_type, decimals, rounded
from anonymizer.sequences.derived.base.step import Correction, Draws, Table
from anonymizer.sequences.derived.numbers.deviation import require, sign_of
from anonymizer.sequences.derived.numbers.running import own_digits


@dataclass(frozen=True)
class Part(Correction):
    """A number of which there is no more than other parts leave of a whole, and no less than none.

    Attributes:
        column: that is corrected.
        whole: columns that add up to it.
        others: parts that are taken off before.
        digits: after the point, that the number has.
        strict: whether it is never all that is left.
    """

    whole: tuple[str, ...]
    others: tuple[str, ...]
    digits: int
    strict: bool = False

    def __post_init__(self) -> None:
        """Raise a ValueError where it is part of nothing."""
        require(bool(self.whole) and 0 <= self.digits <= MAX_DIGITS)

    @classmethod
    def learn(
        cls, column: str, whole: tuple[str, ...], others: tuple[str, ...], table: Table,
        *, strict: bool = False,
    ) -> Self | None:  # fmt: skip
        """A part of a whole; None where it is less than none in real rows."""
        values = table.frame[column]
        if sign_of(values) < 1:
            return None
        return cls(column, whole, others, own_digits(values), strict)

    @property
    def needed(self) -> tuple[str, ...]:
        """The whole and the other parts."""
        return (*self.whole, *self.others)

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:  # noqa: ARG002 (the protocol's)
        """The number, as much of it as there is room for."""
        values = decimals(rows[self.column])
        left = np.clip(self._left(rows), 0, LARGEST)
        room = as_type(rounded(left, self.digits, "down"), self.column, rows.schema[self.column])
        return [room.zip_with(pl.Series(values > left), rows[self.column])]

    def _left(self, rows: pl.DataFrame) -> FloatArray:
        """(N,) what the other parts leave, NaN where one is null."""
        signed = dict.fromkeys(self.whole, 1.0) | dict.fromkeys(self.others, -1.0)
        columns = [sign * decimals(rows[c]) for c, sign in signed.items()]
        left: FloatArray = np.sum(columns, axis=0) - 10.0**-self.digits * self.strict
        return left

    def kept(self, rows: pl.DataFrame) -> pl.Series:
        """(N,) whether there is room for it; null where it or another is null."""
        over = decimals(rows[self.column]) - self._left(rows)
        return pl.Series(over, nan_to_null=True) <= 10.0**-self.digits / 2
