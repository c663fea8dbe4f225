"""What an entity keeps, but for few rows: the country of one who may move, or send a present."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, IntArray
from anonymizer.sequences.derived.base.step import Correction, Draws, Table, owners
from anonymizer.sequences.derived.values.agreement import put
from anonymizer.sequences.derived.values.catalogue import drawn, held_rows, index_of
from anonymizer.sequences.histories.protection import told_count

MOST_CHANGED: Final = 0.05  # of the rows may hold something else than is held to be their entity's
_WEIGHT: Final = "weight"


@dataclass(frozen=True)
class Lasting(Correction):
    """What most rows of an entity hold, and now and then something else.

    The network writes what most rows of an entity hold, which is context then. From moment to
    moment an entity leaves it, and comes back, as often as others did: one who moves house stays
    away, one who sends a present comes back.

    Attributes:
        column, entity, time: what lasts, whose it is, and when.
        leave, back: chance to leave it at a moment, and to come back from something else.
        changes: columns `from`, `to` and `weight` of changes that enough entities made.
        others: columns `to` and `weight`, for those who leave what few have left.
    """

    entity: str
    time: str
    leave: float
    back: float
    changes: pl.DataFrame
    others: pl.DataFrame

    def __post_init__(self) -> None:
        """Raise a ValueError where a chance is none, or a change has other columns."""
        names = (self.changes.columns, self.others.columns)
        if names != (["from", "to", _WEIGHT], ["to", _WEIGHT]):
            raise ValueError("changes of what lasts")
        if not (0 <= self.leave <= 1 and 0 <= self.back <= 1):
            raise ValueError("a chance that is none")

    @classmethod
    def learn(cls, column: str, table: Table) -> Self | None:
        """How often entities change it, and to what; None where more rows do than may."""
        part = table.frame.select(c=column, e=pl.Series(table.owner), t=table.time)
        part = part.with_columns(_usual(part))
        part = part.unique(["e", "t"], keep="first", maintain_order=True)
        away = part.select(~pl.col("c").eq_missing(pl.col("u"))).to_series()
        if away.mean() > MOST_CHANGED:  # type: ignore[operator]  # (a mean of truths)
            return None
        before = part.select(away.shift(fill_value=False) & (pl.col("e") == pl.col("e").shift()))
        leave, back = _rates(before.to_series(), away, part["e"].to_numpy(), table.k)
        moved = part.filter(away).select("e", pl.col("u").alias("from"), pl.col("c").alias("to"))
        owner = moved["e"].to_numpy()
        changes = held_rows(moved.drop("e"), owner, table.k, _WEIGHT).sort("from", "to")
        others = held_rows(moved.select("to"), owner, table.k, _WEIGHT)
        return cls(column, table.entity, table.time, leave, back, changes, others)

    @property
    def needed(self) -> tuple[str, ...]:
        """Whose and when, and the column."""
        return (self.entity, self.time, self.column)

    def take_off(self, rows: pl.DataFrame) -> list[pl.Series]:
        """What most rows of each entity hold."""
        usual = _usual(rows.select(c=self.column, e=pl.Series(owners(rows, self.entity))))
        return [usual.alias(self.column)]

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:
        """The column, with something else where an entity is away from what it keeps."""
        column = rows[self.column]
        if self.others.is_empty():
            return [column]
        away, since = self._away(rows, draws)
        keys = self.changes.select("from").unique(maintain_order=True)
        of = index_of(self.changes.select("from"), keys)
        group = np.concatenate([of, np.full(len(self.others), len(keys))])
        others = pl.concat([self.changes.drop("from"), self.others])
        left = index_of(column.to_frame("from"), keys)
        asked = np.where(left < 0, len(keys), left)  # what few have left, for anything else
        moved = np.flatnonzero(away)
        u = draws.rows(self.column + " to")[since[moved]]
        chosen = drawn(group, others[_WEIGHT].to_numpy(), asked[moved], u)
        return [put(column, others["to"], moved, chosen)]

    def _away(self, rows: pl.DataFrame, draws: Draws) -> tuple[BoolArray, IntArray]:
        """(N,) whether rows are away from what their entity keeps, and the row where that began."""
        u, first = draws.rows(self.column), draws.position == 0
        same = rows.select(pl.col(self.time) == pl.col(self.time).shift(1)).to_series()
        stays = same.fill_null(value=False).to_numpy() & ~first
        leaves, returns = (u < self.leave) & ~stays, (u >= 1 - self.back) & ~stays
        row = np.arange(len(rows))
        settled = np.maximum.accumulate(np.where(first | leaves | returns, row, 0))
        away = leaves[settled]
        began = away & ~np.append(False, away[:-1]) | (away & first)
        return away, np.maximum.accumulate(np.where(began, row, 0))


def _rates(before: pl.Series, away: pl.Series, owner: IntArray, k: int) -> tuple[float, float]:
    """How often moments leave what lasts, and come back, by what k entities did."""
    found = []
    for chance, of in ((away & ~before, ~before), (~away & before, before)):
        count = told_count(owner[chance.to_numpy()], k)
        found.append(round(count / max(1, int(of.sum())), 4))
    return found[0], found[1]


def _usual(part: pl.DataFrame) -> pl.Series:
    """(N,) the value `u` that most rows of each entity `e` hold, the earliest of several."""
    counts = part.with_row_index("i").group_by("e", "c").agg(pl.len(), pl.col("i").min())
    ordered = counts.sort("len", "i", descending=[True, False])
    usual = ordered.unique("e", keep="first", maintain_order=True).select("e", u="c")
    return part.select("e").join(usual, on="e", how="left", maintain_order="left")["u"]
