"""A time that is another and a span, and times that are never after what others tell."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import polars as pl

from anonymizer.relations.base.relation import EXACT, kept_share
from anonymizer.relations.kinds import lags
from anonymizer.relations.kinds.orders import Order, comparable
from anonymizer.sequences.derived.base.step import Correction, Draws, OfColumn, Table
from anonymizer.sequences.tokens.plain import told_dtype


@dataclass(frozen=True)
class Lag(OfColumn):
    """A time that is so many days after another.

    Attributes:
        column: the time.
        base, code: as the relation has them.
        spans: microseconds by the code as text; by "" without a code.
        usual: of codes that have none of their own.
        dtype: of the column.
        presence: whether it is written where it is there.
    """

    base: str
    code: str | None
    spans: dict[str, int]
    usual: int
    dtype: pl.DataType
    presence: bool

    @classmethod
    def learn(cls, relation: lags.Lag, table: Table) -> Self | None:
        """What k entities have with each code; None where rows have another span."""
        frame, column = table.frame, relation.target
        codes = relation.known["c"].cast(pl.String).to_list() if relation.code else [""]
        spans = dict(zip(codes, relation.known["n"].to_list(), strict=True))
        usual = int(np.median(list(spans.values())))
        there = frame[column].is_not_null()
        presence = bool((there != frame[relation.base].is_not_null()).any())
        dtype = told_dtype(frame.schema[column])
        step = cls(column, relation.base, relation.code, spans, usual, dtype, presence)
        rated = frame.filter(step._codes(frame).is_in(codes))
        told = len(rated) >= EXACT * len(frame) and kept_share(relation.kept(frame)) >= EXACT
        return step if told else None

    def _codes(self, rows: pl.DataFrame) -> pl.Series:
        return (
            rows[self.code].cast(pl.String) if self.code else pl.repeat("", len(rows), eager=True)
        )

    @property
    def needed(self) -> tuple[str, ...]:
        """The other time and the code."""
        return (self.base, self.code) if self.code else (self.base,)

    @property
    def written(self) -> tuple[str, ...]:
        """Whether the time is there, where that does not follow."""
        return (f"{self.column} is there",) if self.presence else ()

    def take_off(self, rows: pl.DataFrame) -> list[pl.Series]:
        """Whether N rows of data have the time."""
        return [rows[self.column].is_not_null().alias(name) for name in self.written]

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:  # noqa: ARG002 (the protocol's)
        """The time of N rows."""
        spans = self._codes(rows).replace_strict(
            list(self.spans), list(self.spans.values()), default=self.usual, return_dtype=pl.Int64
        )
        column = rows[self.base].cast(
            pl.Datetime("us", getattr(self.dtype, "time_zone", None))
        ) + spans.cast(pl.Duration("us"))
        column = column.cast(self.dtype).alias(self.column)
        there = [rows[name].fill_null(value=True) for name in self.written]
        return [column.set(~there[0], None) if there else column]

    def kept(self, rows: pl.DataFrame) -> pl.Series:
        """(N,) whether rows of data keep it."""
        codes = pl.Series("c", list(self.spans), pl.String) if self.code else pl.Series("c", [0])
        known = pl.DataFrame([codes, pl.Series("n", list(self.spans.values()), pl.Int64)])
        return lags.Lag(self.column, self.base, self.code, known).kept(rows)


@dataclass(frozen=True)
class Until(Correction):
    """A time that is never after another one, which other columns tell.

    Attributes:
        column: that is corrected.
        high: the other time.
    """

    high: str
    rank: ClassVar[int] = 1

    @property
    def needed(self) -> tuple[str, ...]:
        """The other time."""
        return (self.high,)

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:  # noqa: ARG002 (the protocol's)
        """The time, or the other one where it would be after it."""
        dtype = rows.schema[self.column]
        last = rows.select(comparable(self.high, rows, (self.column, self.high))).to_series()
        zone = getattr(dtype, "time_zone", None)
        if zone and last.dtype.time_zone is None:  # type: ignore[attr-defined]  # (a time)
            last = last.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        late = ~self.kept(rows).fill_null(value=True)
        return [last.cast(dtype).zip_with(late, rows[self.column]).alias(self.column)]

    def kept(self, rows: pl.DataFrame) -> pl.Series:
        """(N,) whether rows keep the order."""
        return Order(self.column, self.high, strict=False).kept(rows)
