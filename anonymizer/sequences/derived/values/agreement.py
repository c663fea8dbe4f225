"""Columns that must agree: with each other, within a visit, within an entity that stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Self

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.sequences.derived.base.step import Correction, Draws, Table
from anonymizer.sequences.derived.values.catalogue import held_rows, index_of

MOST_CHANGED: Final = 0.05  # of the entities may change what is held to be theirs
_WEIGHT: Final = "\0weight"  # beside the columns of the data


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
        chosen = _choose(chance[fit], draws.rows(self.column)[wrong[fit]])
        return [_put(rows[self.column], values, wrong[fit], chosen)]

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


def _put(column: pl.Series, values: pl.Series, where: IntArray, chosen: IntArray) -> pl.Series:
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
    rank: ClassVar[int] = 2

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


@dataclass(frozen=True)
class Lasting(Correction):
    """What holds once per entity but for few who change it: one who moves house.

    The network writes what most rows of an entity hold, which is context then. As many entities
    as did change it, at any row after their first, to what others changed it to.

    Attributes:
        column, entity: what lasts, and whose it is.
        rate: of the entities, that change it.
        changes: columns `from`, `to` and `weight` of changes that enough entities made.
    """

    entity: str
    rate: float
    changes: pl.DataFrame
    rank: ClassVar[int] = 2

    def __post_init__(self) -> None:
        """Raise a ValueError where a rate is none."""
        if not 0 <= self.rate <= 1 or self.changes.columns != ["from", "to", "weight"]:
            raise ValueError("changes of what lasts")

    @classmethod
    def learn(cls, column: str, table: Table) -> Self | None:
        """How many entities change it, and to what; None where more do than lasting allows."""
        part = table.frame.select(c=column, e=pl.Series(table.owner))
        usual = _usual(part)
        part = part.join(usual, on="e", how="left", maintain_order="left")
        moved = part.filter(~pl.col("c").eq_missing(pl.col("u"))).unique(["e", "c", "u"])
        entities, movers = len(usual), moved["e"].n_unique()
        if movers > MOST_CHANGED * entities:
            return None
        rate = movers / entities if movers >= table.k else 0.0
        moves = moved.select(pl.col("u").alias("from"), pl.col("c").alias("to"))
        changes = held_rows(moves, moved["e"].to_numpy(), table.k, "weight")
        return cls(column, table.entity, round(rate, 3), changes)

    @property
    def needed(self) -> tuple[str, ...]:
        """The column."""
        return (self.entity, self.column)

    def take_off(self, rows: pl.DataFrame) -> list[pl.Series]:
        """What most rows of each entity hold."""
        part = rows.select(c=self.column, e=self.entity)
        found = part.join(_usual(part), on="e", how="left", maintain_order="left")
        return [found["u"].alias(self.column)]

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:
        """The column, changed by some from one of their rows on."""
        column = rows[self.column]
        if self.changes.is_empty():
            return [column]
        whole = rows.select(n=pl.len().over(self.entity))["n"].to_numpy()
        u, when = draws.entities(self.column), draws.entities(self.column + " when")
        later = draws.position >= 1 + np.floor(when * np.maximum(whole - 1, 1))
        moves = (u < self.rate) & later
        keys = self.changes.select("from").unique(maintain_order=True)
        chance = np.zeros((len(keys), len(self.changes)))
        of = index_of(self.changes.select("from"), keys)
        chance[of, np.arange(len(of))] = self.changes["weight"].to_numpy()
        key = index_of(column.to_frame("from"), keys)
        moves &= key >= 0
        to = _choose(chance[key[moves]], (u / max(self.rate, 1e-9))[moves] % 1)
        return [_put(column, self.changes["to"], np.flatnonzero(moves), to)]


def _usual(part: pl.DataFrame) -> pl.DataFrame:
    """The value `u` that most rows of each entity `e` hold, the earliest of several."""
    counts: pl.DataFrame = (
        part.with_row_index("\0i").group_by("e", "c").agg(n=pl.len(), i=pl.col("\0i").min())
    )
    ordered = counts.sort("n", "i", descending=[True, False])
    return ordered.unique("e", keep="first", maintain_order=True).select("e", u="c")
