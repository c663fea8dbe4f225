"""A value that comes once within a visit, an order or an entity."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final, Self

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray, IntArray
from anonymizer.relations.base.relation import EXACT, kept_share
from anonymizer.relations.kinds import identifiers
from anonymizer.sequences.derived.base.step import Correction, Draws, Table
from anonymizer.sequences.derived.values.catalogue import held_rows

_WEIGHT: Final = "\0weight"  # beside the column


@dataclass(frozen=True)
class Once(Correction):
    """A column in which no value comes twice among rows that agree in others.

    The network writes it. In place of one that comes again stands another that does not, drawn by
    how often each comes.

    Attributes:
        column: that is corrected.
        within: the others, beside whose a row is.
        entity: column that says that.
        known: the column, and the weight of each value.
    """

    within: tuple[str, ...]
    entity: str
    known: pl.DataFrame
    rank: ClassVar[int] = 3  # what comes once is no more one for all rows of a visit

    def __post_init__(self) -> None:
        """Raise a ValueError where nothing is known that could stand there."""
        if self.known.columns != [self.column, _WEIGHT] or not (self.known[_WEIGHT] > 0).all():
            raise ValueError("values without a weight")

    @classmethod
    def learn(cls, relation: identifiers.Unique, table: Table) -> Self | None:
        """The values that k entities hold; None where some rows have a value again."""
        if kept_share(relation.kept(table.frame)) < EXACT:
            return None
        part = table.frame.select(relation.column)
        known = held_rows(part, table.owner, table.k, _WEIGHT).drop_nulls().sort(relation.column)
        within = tuple(c for c in relation.within if c != table.entity)
        return cls(relation.column, within, table.entity, known) if len(known) > 1 else None

    @property
    def needed(self) -> tuple[str, ...]:
        """The others."""
        return self.within

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:
        """The column, with other values in place of those that come again, if any are left."""
        column = draws.kept(rows[self.column])
        part = rows.select(self.within).with_columns(pl.Series("\0e", draws.entity))
        group = part.select(pl.struct(pl.all()).rank("dense")).to_series()
        own = pl.DataFrame({"g": group, "v": column})
        again = ~own.select(pl.struct(pl.all()).is_first_distinct()).to_series()
        again &= (
            column.is_not_null() & ~part.select(pl.any_horizontal(pl.all().is_null())).to_series()
        )
        groups = group.filter(again).unique()
        own = own.filter(group.is_in(groups.implode()))
        used = {g: set(v) for g, v in own.group_by("g").agg("v").iter_rows()}
        start = self._drawn(draws.rows(f"{self.column} again"))
        values, places = self.known[self.column].to_list(), np.flatnonzero(again.to_numpy())
        found = {row: _taken(values, start[row], used[group[row]]) for row in places.tolist()}
        new = pl.Series(list(found.values()), dtype=column.dtype)
        return [column.scatter(list(found), new.zip_with(new.is_not_null(), column[places]))]

    def _drawn(self, u: FloatArray) -> IntArray:
        """(N,) which value numbers in [0, 1) draw, by how often each comes."""
        weights = self.known[_WEIGHT].to_numpy()
        drawn: IntArray = np.searchsorted(np.cumsum(weights) / weights.sum(), u, "right")
        return np.minimum(drawn, len(weights) - 1)

    def kept(self, rows: pl.DataFrame) -> pl.Series:
        """(N,) whether a row has what none before it has."""
        return identifiers.Unique(self.column, (self.entity, *self.within)).kept(rows)


def _taken(values: list[Any], start: int, used: set[Any]) -> Any:
    """The first value from one on that is not used, which is used then; None where all are."""
    ahead = (values[(start + i) % len(values)] for i in range(len(values)))
    found = next((each for each in ahead if each not in used), None)
    used.add(found)
    return found
