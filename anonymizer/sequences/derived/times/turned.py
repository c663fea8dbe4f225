"""A date in the month that another date and a counter of months tell."""

from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from anonymizer.relations.base.relation import EXACT, kept_share
from anonymizer.relations.kinds.orders import Elapsed
from anonymizer.sequences.derived.base.step import Correction, Draws, Table
from anonymizer.sequences.derived.numbers.deviation import require


@dataclass(frozen=True)
class Turned(Correction):
    """A date of the month that another date and the number of months since tell; its day stays.

    Attributes:
        column: the date, the same in all rows of an entity.
        until, count, extra: the other date, the number of months, and how many more these are.
        entity: column that says whose a row is.
    """

    until: str
    count: str
    extra: int
    entity: str
    rank: ClassVar[int] = 1

    @classmethod
    def learn(cls, relation: Elapsed, table: Table) -> Self | None:
        """A date that holds once per entity, where a number counts the months since."""
        column, rows = relation.since, table.frame
        once = (rows.group_by(table.entity).agg(pl.col(column).n_unique())[column] == 1).all()
        if relation.unit != "calendar months" or not once or rows[column].null_count():
            return None
        step = cls(column, relation.until, relation.target, relation.extra, table.entity)
        return step if kept_share(step.kept(rows)) >= EXACT else None

    def __post_init__(self) -> None:
        """Raise a ValueError where it would be told by itself."""
        require(len({self.column, self.until, self.count}) == len(("date", "until", "count")))

    @property
    def needed(self) -> tuple[str, ...]:
        """The other date and the number."""
        return self.until, self.count

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:
        """The date of N rows, in the month that an entity's first row with a number tells."""
        own, until = pl.col(self.column), pl.col(self.until)
        months = (
            (until.dt.year().cast(pl.Int64) - own.dt.year()) * 12 + until.dt.month()
            - own.dt.month() - pl.col(self.count).cast(pl.Int64) + self.extra
        )  # fmt: skip
        first = months.drop_nulls().first().over(pl.lit(pl.Series(draws.entity))).fill_null(0)
        moved = own.dt.offset_by(pl.format("{}mo", first))  # the last day where it has no such
        return [rows.select(moved.alias(self.column)).to_series()]

    def kept(self, rows: pl.DataFrame) -> pl.Series:
        """(N,) whether rows of data keep it."""
        told = self.column, self.until, "calendar months", 0, self.extra
        return Elapsed(self.count, *told).kept(rows)
