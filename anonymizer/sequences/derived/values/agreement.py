"""Columns that must agree: with each other, or within a visit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Self

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.sequences.derived.base.step import Correction, Draws, Table
from anonymizer.sequences.derived.values.catalogue import held_rows, index_of

_WEIGHT: Final = "\0weight"  # beside the columns of the data
_TURN: Final = (5**0.5 - 1) / 2  # the golden ratio, by which values are told apart


@dataclass(frozen=True)
class Agreeing(Correction):
    """A column that goes only with some values of others.

    The network writes it. Where it wrote what never goes with the others, another value is drawn
    by how often each comes with them.

    Attributes:
        column: that is corrected.
        known: per relation the other columns, the column itself, and the weight of each
            combination: frames whose last two columns are those.
    """

    known: tuple[pl.DataFrame, ...]
    rank: ClassVar[int] = 2

    def __post_init__(self) -> None:
        """Raise a ValueError where a frame is not of combinations."""
        for each in self.known:
            if len(each.columns) < 3 or each.columns[-2:] != [self.column, _WEIGHT]:
                raise ValueError("combinations without a weight")
            if each.is_empty() or not (each[_WEIGHT] > 0).all():
                raise ValueError("a combination that never comes")

    @classmethod
    def learn(cls, column: str, others: Sequence[tuple[str, ...]], table: Table) -> Self | None:
        """The combinations that k entities hold."""
        frames = [f for other in others if (f := _combinations(column, other, table)) is not None]
        return cls(column, tuple(frames)) if frames else None

    @property
    def needed(self) -> tuple[str, ...]:
        """The others."""
        return tuple(dict.fromkeys(c for each in self.known for c in each.columns[:-1]))

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:
        """The column, with other values where it does not agree."""
        values = self._values
        tables = [self._table(each, rows, values) for each in self.known]
        told, agrees = self._judged(rows, tables)
        wrong = np.flatnonzero(told & ~agrees)
        chance = self._chance(tables, wrong)
        fit = chance.sum(1) > 0
        # What an entity keeps, it keeps: one wrong value gives way to one other.
        which = index_of(rows.select(self.column), values.to_frame())
        u = (draws.entities(self.column) + _TURN * which) % 1
        chosen = _choose(chance[fit], u[wrong[fit]])
        return [put(rows[self.column], values, wrong[fit], chosen)]

    def _table(
        self, known: pl.DataFrame, rows: pl.DataFrame, values: pl.Series
    ) -> tuple[FloatArray, IntArray]:
        """(keys, V) weights of combinations, and (N,) the key of each row, −1 for none."""
        names = known.columns[:-2]
        keys = known.select(names).unique(maintain_order=True)
        weights = np.zeros((len(keys), len(values)))
        column = index_of(known.select(self.column), values.to_frame())
        weights[index_of(known.select(names), keys), column] = known[_WEIGHT].to_numpy()
        return weights, index_of(rows.select(names), keys)

    def _chance(self, tables: list[tuple[FloatArray, IntArray]], wrong: IntArray) -> FloatArray:
        """(W, V) how likely each value is in the rows that are wrong; later ones give way."""
        chance = np.ones((len(wrong), tables[0][0].shape[1]))
        for weights, key in tables:
            own = np.where((key[wrong] >= 0)[:, None], weights[key[wrong]], 1.0)
            both = chance * own
            chance = np.where((both.sum(1) > 0)[:, None], both, chance)
            chance /= np.maximum(chance.sum(1, keepdims=True), 1e-300)
        return chance

    def kept(self, rows: pl.DataFrame) -> pl.Series:
        """Whether a row agrees, where its values are known."""
        tables = [self._table(each, rows, self._values) for each in self.known]
        told, agrees = self._judged(rows, tables)
        return pl.select(x=pl.when(pl.Series(told)).then(pl.Series(agrees)))["x"]

    @property
    def _values(self) -> pl.Series:
        """(V,) what the column is known to hold."""
        return pl.concat([each[self.column] for each in self.known]).unique().sort()

    def _judged(
        self, rows: pl.DataFrame, tables: list[tuple[FloatArray, IntArray]]
    ) -> tuple[BoolArray, BoolArray]:
        """(N,) whether values of a row are known together, and whether it agrees with all."""
        now = index_of(rows.select(self.column), self._values.to_frame())
        told, agrees = np.zeros(len(rows), bool), np.ones(len(rows), bool)
        for weights, key in tables:
            some = (key >= 0) & (now >= 0)
            told |= some
            agrees[some] &= weights[key[some], now[some]] > 0
        return told, agrees


def _combinations(column: str, others: tuple[str, ...], table: Table) -> pl.DataFrame | None:
    known = held_rows(table.frame.select(*others, column), table.owner, table.k, _WEIGHT)
    known = known.drop_nulls().sort(*others, column)
    return None if known.is_empty() else known


def _choose(chance: FloatArray, u: FloatArray) -> IntArray:
    """(W, V) weights and (W,) numbers in [0, 1) → (W,) columns."""
    whole = np.cumsum(chance, 1)
    chosen = (whole <= (u * whole[:, -1])[:, None]).sum(1)
    return np.asarray(np.minimum(chosen, chance.shape[1] - 1), np.int64)


def put(column: pl.Series, values: pl.Series, where: IntArray, chosen: IntArray) -> pl.Series:
    """A column in which some rows hold chosen ones of some values."""
    place = np.full(len(column), -1)
    place[where] = chosen
    put = values.gather(np.maximum(place, 0)).cast(column.dtype)
    return put.zip_with(pl.Series(place >= 0), column).alias(column.name)


@dataclass(frozen=True)
class OfVisit(Correction):
    """A column, or its sign, that is one for all rows of a visit: that of the first.

    Attributes:
        column: the column.
        part: `value` or `sign`.
        visit: the columns that say which rows belong together.
    """

    part: str
    visit: tuple[str, ...]
    rank: ClassVar[int] = 3

    @property
    def needed(self) -> tuple[str, ...]:
        """The visit, and the column."""
        return (*self.visit, self.column)

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:  # noqa: ARG002 (the protocol's)
        """The column, the same for all rows of a visit."""
        column = pl.col(self.column)
        if self.part == "value":
            return [rows.select(column.first().over(self.visit)).to_series()]
        sign = column.sign().first().over(self.visit)
        same = pl.when(column.sign() == sign).then(column).otherwise(-column)
        return [rows.select(same.cast(rows.schema[self.column])).to_series()]

    def kept(self, rows: pl.DataFrame) -> pl.Series:
        """Whether a row has what the first of its visit has."""
        part = pl.col(self.column) if self.part == "value" else pl.col(self.column).sign()
        return rows.select(x=part == part.first().over(self.visit))["x"]
