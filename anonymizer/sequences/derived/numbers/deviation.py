"""How a number deviates from what other columns tell: what every step of one column shares."""

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray
from anonymizer.relations.base.decimals import MAX_DIGITS, SLACK, as_type, decimals, near
from anonymizer.relations.base.relation import ALMOST, EXACT, Relation
from anonymizer.sequences.derived.base.step import Draws, Step
from anonymizer.sequences.tokens.plain import Plain


@dataclass(frozen=True)
class Deviation(Plain):
    """How a number is not what follows: its exceptions and nulls, as columns of their own.

    Attributes:
        column: the number, or truth as 0 and 1.
        dtype: its type.
        digits: after the point, to which it is rounded.
        residual: whether it is written by how much it is off.
        presence: whether it is written where it is there.
        spared: whether it is there, as 0 and what it is off, where nothing follows; else null.
        sign: 1 or −1 where it has no other sign whatever follows; 0 where that decides.
    """

    column: str
    dtype: pl.DataType
    digits: int
    residual: bool = False
    presence: bool = False
    spared: bool = True
    sign: int = 0

    def __post_init__(self) -> None:
        numeric = self.dtype.is_numeric() or self.dtype == pl.Boolean
        require(numeric and 0 <= self.digits <= MAX_DIGITS)

    def learned(
        self, target: pl.Series, value: FloatArray, slack: float, least: float
    ) -> Self | None:
        """With what (N,) targets and what follows tell; None where fewer follow than the least."""
        wanted, known = decimals(target), ~np.isnan(value)
        there = ~np.isnan(wanted)
        spared = bool(there.all() or there[~known].sum() > (1 - EXACT) * (~known).sum())
        off = there & (abs(self._off(wanted, value)) > 0) & ~self._near(wanted, value, slack)
        if off.sum() > (1 - least) * there.sum():
            return None
        return replace(
            self, spared=spared, residual=bool(off.mean() > 1 - EXACT),
            presence=bool((there != (known | spared)).mean() > 1 - EXACT),
        )  # fmt: skip

    def _near(self, wanted: FloatArray, value: FloatArray, slack: float) -> BoolArray:
        kept: BoolArray = near(wanted, value, self.digits, "exact", slack)
        return kept

    def _off(self, wanted: FloatArray, value: FloatArray) -> FloatArray:
        """(N,) by how much targets are off, in their digits."""
        return np.round(np.nan_to_num(wanted) - np.nan_to_num(value), self.digits)

    @property
    def names(self) -> tuple[str, str]:
        """The columns that may be written: by how much it is off, and whether it is there."""
        return f"{self.column} is off by", f"{self.column} is there"

    @property
    def written(self) -> tuple[str, ...]:
        """The columns that are written."""
        told = (self.residual, self.presence)
        return tuple(name for name, each in zip(self.names, told, strict=True) if each)

    def take_off(self, target: pl.Series, value: FloatArray) -> list[pl.Series]:
        """The written columns of (N,) targets and what follows."""
        wanted = decimals(target)
        there = ~np.isnan(wanted)
        off = pl.Series(self.names[0], np.where(there, self._off(wanted, value), 0.0))
        whole = self.dtype.is_integer() or self.dtype == pl.Boolean
        off = as_type(off.to_numpy(), off.name, pl.Int64()) if whole else off
        written = {self.names[0]: off, self.names[1]: pl.Series(self.names[1], there)}
        return [written[name] for name in self.written]

    def lay_on(self, rows: pl.DataFrame, value: FloatArray) -> pl.Series:
        """The column of N rows that hold what is written, from what follows."""
        value = np.where(np.isnan(value), 0.0, value) if self.spared else value
        if self.residual:
            off = decimals(rows[self.names[0]].fill_null(0))
            value = np.where(off == 0, value, np.round(value + off, self.digits))
        if self.sign:
            value = self.sign * np.maximum(self.sign * value, 0.0) + 0.0  # no −0
        if self.presence:
            value = np.where(rows[self.names[1]].fill_null(value=True).to_numpy(), value, np.nan)
        return as_type(value, self.column, self.dtype)


@dataclass(frozen=True)
class Following(Step):
    """A step that gives one column, which other columns of the same rows tell.

    Attributes:
        rest: how the column deviates from that.
    """

    rest: Deviation

    @property
    def given(self) -> tuple[str, ...]:
        """The column that follows."""
        return (self.rest.column,)

    @property
    def written(self) -> tuple[str, ...]:
        """How it deviates."""
        return self.rest.written

    @abstractmethod
    def value(self, rows: pl.DataFrame) -> FloatArray:
        """(N,) what follows, NaN where nothing does."""

    @abstractmethod
    def relation(self) -> Relation:
        """The relation that it keeps."""

    def learned(
        self,
        frame: pl.DataFrame,
        slack: float = SLACK,
        least: float = ALMOST,
        ties: FloatArray | None = None,
        how: str = "half",
    ) -> Self | None:
        """With how rows deviate from what follows; None where fewer than the least share follow.

        Args:
            frame: the rows.
            slack: of a number, that is no difference.
            least: share of the rows.
            ties: (N,) what follows before it is rounded, where no rule says which way ties go: then
                either way is right.
            how: that is rounded.
        """
        target, value = frame[self.rest.column], self.value(frame)
        if ties is not None:
            wanted = decimals(target)
            value = np.where(near(wanted, ties, self.rest.digits, how, slack), wanted, value)
        rest = self.rest.learned(target, value, slack, least)
        return replace(self, rest=rest) if rest else None

    def take_off(self, rows: pl.DataFrame) -> list[pl.Series]:
        """How N rows of data deviate."""
        return self.rest.take_off(rows[self.rest.column], self.value(rows))

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:  # noqa: ARG002
        """The column of N rows."""
        return [self.rest.lay_on(rows, self.value(rows))]

    def kept(self, rows: pl.DataFrame) -> pl.Series:
        """(N,) whether rows of data keep the relation; null where it says nothing of them."""
        return self.relation().kept(rows)


def require(right: bool) -> None:
    """Raise a ValueError where a step as it was read would fail when it is laid on."""
    if not right:
        raise ValueError


def sign_of(values: pl.Series) -> int:
    """1 where hardly a number is negative, −1 where hardly one is positive, 0 for both."""
    known = decimals(values.drop_nulls())
    return next((s for s in (1, -1) if (s * known >= 0).mean() >= EXACT), 0)


def deviation(frame: pl.DataFrame, column: str, digits: int) -> Deviation:
    """Nothing but the column and its type: how it deviates is to be learned."""
    return Deviation(column, frame.schema[column], digits)
