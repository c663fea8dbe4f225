"""A value that comes once within a visit, an order or an entity."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final, Self

import numpy as np
import polars as pl

from anonymizer.relations.base.relation import EXACT, kept_share
from anonymizer.relations.kinds import identifiers
from anonymizer.sequences.derived.base.step import Correction, Draws, Table
from anonymizer.sequences.derived.values.catalogue import drawn_of_all, held_rows

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
    rank: ClassVar[int] = 4  # what comes once is no more one for all rows of a visit

    def __post_init__(self) -> None:
        """Raise a ValueError where nothing is known that could stand there."""
        if self.known.columns != [self.column, _WEIGHT] or not (self.known[_WEIGHT] > 0).all():
            raise ValueError("values without a weight")

    @classmethod
    def learn(cls, relation: identifiers.Unique, table: Table, written: pl.Series) -> Self | None:
        """The values that k entities hold; None where some rows have a value again.

        Args:
            relation: that a value comes once.
            table: the rows.
            written: (N,) their values, the rare ones as the network writes them.
        """
        if kept_share(relation.kept(table.frame)) < EXACT:
            return None
        known = (
            held_rows(written.to_frame(), table.owner, table.k, _WEIGHT)
            .drop_nulls()
            .sort(relation.column)
        )
        within = tuple(c for c in relation.within if c != table.entity)
        return cls(relation.column, within, table.entity, known) if len(known) > 1 else None

    @property
    def needed(self) -> tuple[str, ...]:
        """The others."""
        return self.within

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:
        """The column, with other values in place of those that come again, if any are left."""
        rows = rows.with_columns(
            draws.kept(rows[self.column]), pl.Series(self.entity, draws.entity)
        )
        column, again = rows[self.column], np.flatnonzero(~self.kept(rows).fill_null(value=True))
        groups = rows.select(pl.struct(self.entity, *self.within).rank("dense")).to_series()
        own = pl.DataFrame({"g": groups, "v": column})
        own = own.filter(groups.is_in(groups[again].implode())).group_by("g").agg("v")
        used = {group: set(values) for group, values in own.iter_rows()}
        start = drawn_of_all(self.known[_WEIGHT].to_numpy(), draws.rows(f"{self.column} again"))
        values = self.known[self.column].to_list()
        found = [_taken(values, start[row], used[groups[row]]) for row in again.tolist()]
        new = pl.Series(found, dtype=column.dtype)
        return [column.scatter(again, new.zip_with(new.is_not_null(), column[again]))]

    def kept(self, rows: pl.DataFrame) -> pl.Series:
        """(N,) whether a row has what none before it has."""
        return identifiers.Unique(self.column, (self.entity, *self.within)).kept(rows)


def _taken(values: list[Any], start: int, used: set[Any]) -> Any:
    """The first value from one on that is not used, which is used then; None where all are."""
    ahead = (values[(start + i) % len(values)] for i in range(len(values)))
    found = next((each for each in ahead if each not in used), None)
    used.add(found)
    return found
