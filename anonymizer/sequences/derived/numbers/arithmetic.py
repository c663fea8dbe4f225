"""Numbers and truths that follow from others in the same row: formulas, rates, times between."""

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray
from anonymizer.relations.base.decimals import (
    CUT,
    LARGEST,
    ROUNDED,
    SLACK,
    decimals,
    digits_of,
    rounded,
    rounding,
)
from anonymizer.relations.base.rows import as_floats
from anonymizer.relations.kinds import arithmetic, orders
from anonymizer.relations.kinds import rates as kinds
from anonymizer.sequences.derived.base.step import Draws, Table
from anonymizer.sequences.derived.numbers.deviation import Following, deviation, require, sign_of
from anonymizer.sequences.histories.protection import typical

_MOSTLY: Final = 0.5  # of the rows have a code with a rate
_TIES: Final = ("half up", "half even")
_LOOSE: Final = ("half", *CUT)  # ways to round that do not say where ties go
_ROUNDINGS: Final = ("down", "half up", "half even", "up", "exact")  # of times, the usual first
_RATED: Final = 2_000  # rows of a code, spread over all, that its rate is learned from
_INSIDE: Final = (0.0, 0.05)  # of the bounds of a rate: the simplest, or one without ties
_DATES: Final = "dates"  # days are counted by the calendar, whatever the hour


@dataclass(frozen=True)
class Formula(Following):
    """A number is a formula of others, rounded; ties that no row tells apart go up.

    Attributes:
        shape, operands, rounding, slack: as the relation has them.
    """

    shape: str
    operands: tuple[str, ...]
    rounding: str
    slack: float

    def __post_init__(self) -> None:
        require(self.shape in arithmetic.SHAPES and self.rounding in ROUNDED)
        require(self.shape.count("{}") == len(self.operands))

    @classmethod
    def learn(cls, relation: arithmetic.Formula, table: Table) -> Self | None:
        """Learn how the rows of a table deviate from a formula, and what they do with ties."""
        frame, slack = table.frame, relation.slack
        rest = deviation(frame, relation.target, relation.digits)
        step = cls(rest, relation.shape, relation.operands, relation.rounding, slack)
        if relation.rounding == "half":
            wanted = decimals(frame[relation.target])
            how = rounding(wanted, step.unrounded(frame), relation.digits, slack)
            step = replace(step, rounding=how if how in _TIES else "half")
        loose = step.rounding in _LOOSE
        ties = step.unrounded(frame) if loose else None
        return step.learned(frame, slack, ties=ties, how=step.rounding)

    @classmethod
    def solved(cls, relation: arithmetic.Formula, column: str, table: Table) -> Self | None:
        """Learn a sum as what one of its columns is, which keeps the sign that it has."""
        values = table.frame[column]
        digits = digits_of(decimals(values), relation.slack)
        step = cls.learn(relation.solved(column, digits), table)
        return replace(step, rest=replace(step.rest, sign=sign_of(values))) if step else None

    @property
    def needed(self) -> tuple[str, ...]:
        """The operands."""
        return self.operands

    def value(self, rows: pl.DataFrame) -> FloatArray:
        """(N,) the formula, rounded."""
        return rounded(self.unrounded(rows), self.rest.digits, self.rounding)

    def unrounded(self, rows: pl.DataFrame) -> FloatArray:
        """(N,) the formula as it is."""
        with np.errstate(over="ignore", invalid="ignore"):
            value = arithmetic.SHAPES[self.shape](*(decimals(rows[c]) for c in self.operands))
        clipped: FloatArray = np.clip(value, -LARGEST, LARGEST)
        return clipped

    def relation(self) -> arithmetic.Formula:
        """The relation that it keeps."""
        told = self.operands, self.rest.digits, self.rounding, self.slack
        return arithmetic.Formula(self.rest.column, self.shape, *told)


@dataclass(frozen=True)
class Rate(Following):
    """A number is another times the rate of a code, or times one rate for all.

    Attributes:
        base: the other number.
        code: the column that the rate follows from; None where it is one for all.
        rates: the rate by the code as text; by "" without a code.
        usual: the rate of codes that have none of their own.
        exact: whether what is off counts only for these codes.
        rounding: how the number is rounded.
        magnitude: whether the sign of the other number makes no difference.
    """

    base: str
    code: str | None
    rates: dict[str, float]
    usual: float
    exact: bool
    rounding: str
    slack: float
    magnitude: bool = False

    def __post_init__(self) -> None:
        numbers = np.array([*self.rates.values(), self.usual])
        require(self.rounding in ROUNDED and bool(np.isfinite(numbers).all()))

    @classmethod
    def learn(cls, relation: kinds.Rate, table: Table) -> Self | None:
        """Learn the rate of each code that k entities hold with it, from all rows of a table."""
        frame, owner = table.frame, table.owner
        wanted, given = decimals(frame[relation.target]), decimals(frame[relation.base])
        given = abs(given) if relation.magnitude else given
        known = ~np.isnan(wanted) & ~np.isnan(given) & (given != 0)
        code = _codes(frame, relation.code)
        part = pl.DataFrame({"c": code, "t": wanted, "b": given, "e": owner}).filter(known)
        usual = float(f"{typical(wanted[known] / given[known], owner[known]):.4g}")
        rest = deviation(frame, relation.target, relation.digits)
        ways: list[tuple[bool, float, Self]] = []
        for inside in _INSIDE:
            known = _rates(part, relation, table.k, inside)
            if code.is_in(list(known)).sum() < _MOSTLY * len(code):
                return None
            told = relation.base, relation.code, known, usual
            how = relation.rounding, relation.slack, relation.magnitude
            found = cls(rest, *told, True, *how)
            step = found._with_rounding(frame)
            if step:
                right = float((step.value(frame) == wanted).mean())
                ways.append((step.exact, right, step))
            if step and step.exact and step.rounding not in _LOOSE:
                break
        return max(ways, key=lambda way: way[:2])[2] if ways else None

    def _with_rounding(self, frame: pl.DataFrame) -> Self | None:
        """With the rounding of the rows whose code has a rate, and what the others are off."""
        rated = frame.filter(self._rated(frame))
        wanted = decimals(rated[self.rest.column])
        product = self._product(rated)
        how = rounding(wanted, product, self.rest.digits, self.slack)
        step = self if {how, self.rounding} & {*CUT} else replace(self, rounding=how)
        ties = self._product(frame) if step.rounding in _LOOSE else None
        told = None if ties is None else product
        known = step.learned(rated, self.slack, ties=told, how=step.rounding)
        every = step.learned(frame, self.slack, least=0, ties=ties, how=step.rounding)
        return replace(every, exact=not known.rest.residual) if known and every else None

    @property
    def needed(self) -> tuple[str, ...]:
        """The other number and the code."""
        return (self.base, self.code) if self.code else (self.base,)

    def value(self, rows: pl.DataFrame) -> FloatArray:
        """(N,) the product, rounded."""
        return rounded(self._product(rows), self.rest.digits, self.rounding)

    def _product(self, rows: pl.DataFrame) -> FloatArray:
        rates = _codes(rows, self.code).replace_strict(
            list(self.rates), list(self.rates.values()), default=None, return_dtype=pl.Float64
        )
        base = decimals(rows[self.base])
        base = abs(base) if self.magnitude else base
        product: FloatArray = base * rates.fill_null(self.usual).to_numpy()
        return np.clip(product, -LARGEST, LARGEST)

    def _rated(self, rows: pl.DataFrame) -> pl.Series:
        return _codes(rows, self.code).is_in(list(self.rates)).fill_null(value=False)

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:
        """The number of N rows."""
        off = self.rest.names[0]
        if self.exact and self.rest.residual:
            rows = rows.with_columns(pl.when(~self._rated(rows)).then(off).alias(off))
        return super().lay_on(rows, draws)

    def relation(self) -> kinds.Rate:
        """The relation that it keeps."""
        codes = pl.Series("c", list(self.rates), pl.String) if self.code else pl.Series("c", [0])
        known = pl.DataFrame([codes, pl.Series("r", list(self.rates.values()), pl.Float64)])
        told = self.base, self.code, self.rest.digits, known, self.slack
        how = self.rounding if self.rounding in CUT else "half"
        return kinds.Rate(self.rest.column, *told, how, self.magnitude)


@dataclass(frozen=True)
class Elapsed(Following):
    """A number is the time between two others, as whole units or digits of them are counted.

    Attributes:
        since, until, unit, extra: as the relation has them.
        digits: of the relation.
        rounding: as of a formula; `dates` where days are counted by the calendar.
    """

    since: str
    until: str
    unit: str
    digits: int
    rounding: str
    extra: int

    def __post_init__(self) -> None:
        require(self.unit in (*orders.DAYS, *orders.WHOLE))
        require(self.rounding in (_DATES, *ROUNDED))

    @classmethod
    def learn(cls, relation: orders.Elapsed, table: Table) -> Self | None:
        """Learn how the time is rounded, as most rows of a table have it."""
        target = decimals(table.frame[relation.target])
        digits = digits_of(target, SLACK)
        rest = deviation(table.frame, relation.target, digits)
        parts = relation.since, relation.until, relation.unit, relation.digits
        ways = [cls(rest, *parts, how, relation.extra) for how in _ROUNDINGS]
        ways += [replace(ways[0], rounding=_DATES)] * (relation.unit == "days")
        right = [(way.value(table.frame) == target).mean() for way in ways]
        return ways[int(np.argmax(right))].learned(table.frame)

    @property
    def needed(self) -> tuple[str, ...]:
        """Both times."""
        return self.since, self.until

    def value(self, rows: pl.DataFrame) -> FloatArray:
        """(N,) the time between."""
        if self.unit in orders.WHOLE:
            turns = orders.turns(self.since, self.until, self.unit) + self.extra
            return as_floats(rows.select(turns).to_series())
        if self.rounding == _DATES:
            days = pl.col(self.until).dt.date() - pl.col(self.since).dt.date()
            return as_floats(rows.select(days.dt.total_days()).to_series())
        since, until = (orders.comparable(c, rows, self.needed) for c in self.needed)
        micro = rows.select((until - since).dt.total_microseconds()).to_series()
        value = as_floats(micro) / (86_400_000_000 / orders.DAYS[self.unit])
        return rounded(value, self.rest.digits, self.rounding)

    def relation(self) -> orders.Elapsed:
        """The relation that it keeps."""
        told = self.since, self.until, self.unit, self.digits, self.extra
        return orders.Elapsed(self.rest.column, *told)


@dataclass(frozen=True)
class Flag(Following):
    """A truth says which of two others is larger.

    Attributes:
        low, high: the others.
    """

    low: str
    high: str

    @classmethod
    def learn(cls, relation: orders.Flag, table: Table) -> Self | None:
        """Learn how the rows of a table deviate from it."""
        rest = deviation(table.frame, relation.column, 0)
        return cls(rest, relation.low, relation.high).learned(table.frame)

    @property
    def needed(self) -> tuple[str, ...]:
        """The two others."""
        return self.low, self.high

    def value(self, rows: pl.DataFrame) -> FloatArray:
        """(N,) 1 where the second is larger, else 0."""
        low, high = (orders.comparable(c, rows, self.needed) for c in self.needed)
        return as_floats(rows.select(low < high).to_series())

    def relation(self) -> orders.Flag:
        """The relation that it keeps."""
        return orders.Flag(self.rest.column, self.low, self.high)


def _codes(rows: pl.DataFrame, code: str | None) -> pl.Series:
    """(N,) a code as text; the same in all rows without one."""
    return rows[code].cast(pl.String) if code else pl.repeat("", len(rows), eager=True)


def _rates(part: pl.DataFrame, relation: kinds.Rate, k: int, inside: float) -> dict[str, float]:
    """The rate of each code `c` that k entities `e` hold with it: most rows', or most entities'."""
    part = part.drop_nulls("c").with_columns(i=pl.col("c").rank("dense").cast(pl.Int64))
    names = part.select("i", "c").unique().sort("c")
    part = part.drop("c").unique(maintain_order=True)
    place, count = pl.int_range(pl.len()).over("i"), pl.len().over("i")
    part = part.filter(place % (count // _RATED + 1) == 0)
    held = _held(part, relation, k, inside)
    others = part.join(held, on="i", how="anti").unique(["i", "e"], keep="first")
    found = pl.concat([held, _held(others, relation, k, inside)])
    return dict(names.join(found, on="i", maintain_order="left").select("c", "r").iter_rows())


def _held(part: pl.DataFrame, relation: kinds.Rate, k: int, inside: float) -> pl.DataFrame:
    """Codes `i` and their rates `r`, as k entities `e` hold them."""
    wanted, given, ids = (part[name].to_numpy() for name in "tbi")
    kept, found = kinds.explained(
        wanted,
        given,
        ids,
        relation.digits,
        relation.slack,
        how=relation.rounding,
        inside=inside,
    )
    bearing = part.filter(kept).group_by("i").agg(pl.col("e").n_unique())
    return found.join(bearing.filter(pl.col("e") >= k), on="i").select("i", "r")
