"""What holds from row to row of a history: balances, what is carried on, what never falls."""

from dataclasses import dataclass, field, replace
from typing import Final, Self

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.relations.base.decimals import (
    MAX_DIGITS,
    SLACK,
    SLACK_SMALL,
    as_type,
    decimals,
    digits_of,
    rounded,
)
from anonymizer.relations.base.relation import ALMOST, EXACT
from anonymizer.relations.kinds import arithmetic, histories
from anonymizer.sequences.derived.base.step import Draws, Step, Table
from anonymizer.sequences.derived.numbers.deviation import Deviation, deviation, require

_SIGNS: Final = {"+": 1.0, "−": -1.0}
_SUMS: Final = {
    "{} + {}": (-1.0, -1.0),
    "{} + {} + {}": (-1.0,) * 3,
    "{} + {} − {}": (-1.0, -1.0, 1.0),
}
PLACES: Final = 9  # after the point, that numbers of any digits are added up in
MOST: Final = 2.0**62  # of units, that integers hold


@dataclass(frozen=True)
class Running(Step):
    """A balance that other columns move: what it was before an entity's first row is written.

    Attributes:
        rest: the balance, and whether it is written where it is there.
        entity: whose balance it is.
        time: column that says when, where the order of rows within a moment is lost.
        steps: columns that move it, with their signs.
        code: column whose values, as text, say the sign of the one step; None for none.
        signs: the sign of each value; others have that of the step.
        floor: below which no balance falls; None for none.
        corrected: whether what no step explains is written.
        before: column that holds the balance before each row; None for none.
    """

    rest: Deviation
    entity: str
    time: str | None
    steps: dict[str, float]
    code: str | None = None
    signs: dict[str, float] = field(default_factory=dict)
    floor: float | None = None
    corrected: bool = False
    before: str | None = None

    def __post_init__(self) -> None:
        require(bool(self.steps) and {*self.steps.values(), *self.signs.values()} <= {1.0, -1.0})

    @classmethod
    def learn(cls, relation: histories.Running, table: Table, by: str | None = None) -> Self | None:
        """Learn a balance; `by` names a column that may say which sign its steps have."""
        rest = deviation(table.frame, relation.column, relation.digits)
        sign = _SIGNS.get(relation.sign)
        if sign is None and by is None:
            return None
        step = cls(rest, relation.entity, relation.time, {relation.step: sign or 1.0}, by)
        return (step if sign else step._with_signs(table)).learned(table)

    @classmethod
    def learn_beside(
        cls, formula: arithmetic.Formula, carried: histories.Carried, table: Table
    ) -> Self | None:
        """Learn a balance from what it was before, which stands beside it, and their difference."""
        moved = _SUMS.get(formula.shape)
        before, balance = carried.column, carried.source
        if moved is None or table.frame[before].null_count():
            return None
        weights = {formula.target: 1.0} | dict(zip(formula.operands, moved, strict=True))
        weight = weights.pop(balance, 0.0)
        if not weight or weights.pop(before, 0.0) != -weight:
            return None
        steps = {c: -w / weight for c, w in weights.items()}
        rest = deviation(table.frame, balance, own_digits(table.frame[balance]))
        return cls(rest, carried.entity, None, steps, before=before).learned(table)

    def _with_signs(self, table: Table) -> Self:
        """With the sign that most rows of a value of the code have, if k entities do."""
        [step] = self.steps
        change, _ = self._changes(table.frame)
        by = self._units(table.frame[step])
        told = pl.DataFrame({
            "c": table.frame[self.code or ""].cast(pl.String), "e": table.owner,
            "s": np.sign(change * by),
        }).filter((abs(change) == abs(by)) & (by != 0))  # fmt: skip
        usual = 1.0 if told["s"].sum() >= 0 else -1.0
        held = told.drop_nulls("c").group_by("c", "s").agg(pl.len(), e=pl.col("e").n_unique())
        held = held.filter(pl.col("e") >= table.k).sort("len", "c", "s")
        return replace(self, steps={step: usual}, signs=dict(held.select("c", "s").iter_rows()))

    def learned(self, table: Table) -> Self | None:
        """With floor, exceptions and nulls as a table has them; None where steps do not add up."""
        balance = decimals(table.frame[self.rest.column])
        kept = self.kept(table.frame)
        if kept.sum() < ALMOST * kept.count() or not kept.count():
            return None
        corrected = bool(kept.sum() < EXACT * kept.count())
        presence = bool(np.isnan(balance).mean() > 1 - EXACT)
        rest = replace(self.rest, presence=presence)
        return replace(self, rest=rest, floor=_floor(balance, table), corrected=corrected)

    @property
    def given(self) -> tuple[str, ...]:
        """The balance, and what it was before."""
        return (self.rest.column, self.before) if self.before else (self.rest.column,)

    @property
    def needed(self) -> tuple[str, ...]:
        """What moves it."""
        return (*self.steps, self.code) if self.code else tuple(self.steps)

    @property
    def names(self) -> tuple[str, str]:
        """The columns that may be written: what it was at first, and what no step explains."""
        return f"opening {self.rest.column}", f"correction of {self.rest.column}"

    @property
    def written(self) -> tuple[str, ...]:
        """What it was at first, what no step explains, and where it is there."""
        return (*self.names[: 1 + self.corrected], *self.rest.written)

    @property
    def _scale(self) -> float:
        return float(10.0 ** (PLACES if self.rest.digits == MAX_DIGITS else self.rest.digits))

    def _units(self, values: pl.Series) -> IntArray:
        """(N,) numbers, rounded as the balance is, in units of its last digit; 0 for null."""
        digits = PLACES if self.rest.digits == MAX_DIGITS else self.rest.digits
        scaled = np.nan_to_num(rounded(decimals(values), digits, "half")) * self._scale
        return np.rint(np.clip(scaled, -MOST, MOST)).astype(np.int64)

    def _moves(self, rows: pl.DataFrame) -> IntArray:
        """(N,) by how much each row moves the balance, in units."""
        moves = np.zeros(len(rows), np.int64)
        for column, sign in self.steps.items():
            signs = self._signs(rows, sign) if self.code else np.int64(sign)
            moves += self._units(rows[column]) * signs
        return moves

    def _signs(self, rows: pl.DataFrame, usual: float) -> IntArray:
        signs = rows[self.code or ""].cast(pl.String).replace_strict(
            list(self.signs), list(self.signs.values()), default=None, return_dtype=pl.Float64
        )  # fmt: skip
        return signs.fill_null(usual).cast(pl.Int64).to_numpy()

    def _changes(self, rows: pl.DataFrame) -> tuple[IntArray, BoolArray]:
        """(N,) by how much each balance differs from that before; whether both are told."""
        told = ~np.isnan(decimals(rows[self.rest.column]))
        first = firsts(owners(rows, self.entity))
        told[1:] &= told[:-1]
        told &= first != np.arange(len(first))
        if self.time:
            follows = histories.follows(self.entity, self.time)
            told &= rows.select(follows).to_series().to_numpy()
        units = self._units(rows[self.rest.column])
        return np.diff(units, prepend=0), told

    def kept(self, rows: pl.DataFrame) -> pl.Series:
        """(N,) whether rows of data add up; null for the first of an entity."""
        change, told = self._changes(rows)
        kept = abs(change - self._moves(rows)) <= self._lost(rows)
        return pl.select(pl.when(pl.Series(told)).then(pl.Series(kept))).to_series()

    def _lost(self, rows: pl.DataFrame) -> FloatArray:
        """(N,) units that are no difference."""
        slack = SLACK_SMALL if self.rest.dtype == pl.Float32 else SLACK
        return 0.5 + 4 * slack * abs(self._units(rows[self.rest.column]).astype(np.float64))

    def take_off(self, rows: pl.DataFrame) -> list[pl.Series]:
        """What N rows of data had before an entity's first, and what no step explains.

        Where corrections are written, all balances follow from the first; else from the last, so
        that what comes after goes on from there.
        """
        owner = owners(rows, self.entity)
        first = firsts(owner)
        opening = self._openings(rows, owner)
        moved = np.diff(opening, prepend=0.0)
        moved[first == np.arange(len(first))] = 0.0
        moved[abs(moved) <= self._lost(rows)] = 0.0
        opening = opening[first] if self.corrected else opening[lasts(owner)]
        wide = pl.Int64() if self.rest.dtype.is_integer() else pl.Float64()
        written = [as_type(v / self._scale, name, wide)
                   for name, v in zip(self.names, (opening, moved), strict=True)]  # fmt: skip
        balance = rows[self.rest.column]
        return written[: 1 + self.corrected] + self.rest.take_off(balance, decimals(balance))

    def _openings(self, rows: pl.DataFrame, owner: pl.Series) -> FloatArray:
        """(N,) what the balance was before an entity's first row, as told by each row so far."""
        there = ~np.isnan(decimals(rows[self.rest.column]))
        told = there
        if self.time:
            alone = rows.select(pl.len().over(self.entity, self.time) == 1).to_series().to_numpy()
            some = sums_in((there & alone).astype(np.int64), owner)[lasts(owner)] > 0
            told = there & (alone | ~some)
        opening = self._units(rows[self.rest.column]) - sums_in(self._moves(rows), owner)
        known = pl.Series(np.where(told, opening, np.nan)).fill_nan(None)
        return filled_in(known, owner).fill_null(0).to_numpy()

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:
        """The balance of N rows, and what it was before each."""
        owner = pl.Series(draws.entity)
        moves = self._moves(rows)
        moves += self._units(rows[self.names[1]]) if self.corrected else 0
        sums = sums_in(moves, owner)
        opening = self._units(rows[self.names[0]])[firsts(owner)]
        opening = opening + self._raised(opening + sums, owner, draws.past)
        now = opening + sums
        balance = self.rest.lay_on(rows, now / self._scale)
        before = [(now - moves) / self._scale] if self.before else []
        return [balance, *(as_type(v, str(self.before), self.rest.dtype) for v in before)]

    def _raised(self, now: IntArray, owner: pl.Series, past: BoolArray | None) -> IntArray:
        """(N,) how far balances fall below the floor; what is past stays."""
        if self.floor is None:
            return np.zeros_like(now)
        parts = pl.DataFrame({"e": owner, "v": now, "p": past if past is not None else False})
        floor = round(self.floor * self._scale)
        short = pl.when(~pl.col("p").any().over("e")).then(floor - pl.col("v").min().over("e"))
        return parts.select(short.clip(0).fill_null(0)).to_series().to_numpy()


def _floor(balance: FloatArray, table: Table) -> float | None:
    """The least balance, if k entities reach it; 0 if none falls below."""
    if np.isnan(balance).all():
        return None
    least = float(np.nanmin(balance))
    reached = len(np.unique(table.owner[balance == least])) >= table.k
    return least if reached else 0.0 if least >= 0 else None


def own_digits(values: pl.Series) -> int:
    """Digits after the point that a column has; `MAX_DIGITS` for any."""
    return digits_of(decimals(values), SLACK_SMALL if values.dtype == pl.Float32 else SLACK)


def owners(rows: pl.DataFrame, entity: str) -> pl.Series:
    """(N,) whose row each is, as whole numbers."""
    return rows[entity].rle_id()


def firsts(owner: pl.Series) -> IntArray:
    """(N,) the index of the first row of each row's owner."""
    return _spans(owner)[0]


def lasts(owner: pl.Series) -> IntArray:
    """(N,) the index of the last row of each row's owner."""
    first, length = _spans(owner)
    return first + length - 1


def _spans(owner: pl.Series) -> tuple[IntArray, IntArray]:
    length = owner.rle().struct.field("len").cast(pl.Int64).to_numpy()
    first = np.cumsum(length) - length
    return np.repeat(first, length), np.repeat(length, length)


def sums_in(values: IntArray, owner: pl.Series) -> IntArray:
    """(N,) the sum of an owner's values up to each row, with it."""
    sums = np.cumsum(values)
    before: IntArray = (sums - values)[firsts(owner)]
    return sums - before


def filled_in(values: pl.Series, owner: pl.Series) -> pl.Series:
    """(N,) values, null as the owner's value before; at the beginning as the first."""
    part = pl.DataFrame({"e": owner, "v": values})
    return part.select(
        pl.col("v").forward_fill().backward_fill().over("e").alias(values.name)
    ).to_series()
