"""When events can be: whole minutes or days, no Sundays, ends of months, at one pace, apart."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import polars as pl

from anonymizer.arrays import IntArray
from anonymizer.relations.base.relation import ALMOST, LEAST_WITNESSES, Relation, kept_share
from anonymizer.relations.base.rows import Rows

_STEPS: Final = {  # microseconds, the coarsest first
    "days": 86_400_000_000,
    "hours": 3_600_000_000,
    "minutes": 60_000_000,
    "seconds": 1_000_000,
}
_RARE_DAY: Final = 0.002  # of the rows, below which a weekday is one that is not worked on


@dataclass(frozen=True)
class Whole(Relation):
    """A time is in whole days, hours, minutes or seconds.

    Attributes:
        column: the time.
        unit: `days`, `hours`, `minutes` or `seconds`.
    """

    column: str
    unit: str
    kind: ClassVar = "calendar"
    parts: ClassVar = ("column",)

    def _kept(self, rows: pl.DataFrame) -> pl.Expr | pl.Series:
        time = pl.col(self.column)
        day = rows.schema[self.column].base_type() == pl.Date
        moment = time.cast(pl.Datetime("us")) if day else time.dt.replace_time_zone(None)
        return moment.dt.cast_time_unit("us").cast(pl.Int64) % _STEPS[self.unit] == 0

    def __str__(self) -> str:
        return f"{self.column} is in whole {self.unit}"


@dataclass(frozen=True)
class Weekdays(Relation):
    """A time never falls on some days of the week.

    Attributes:
        column: the time.
        never: these days, 1 for Monday to 7 for Sunday.
    """

    column: str
    never: tuple[int, ...]
    kind: ClassVar = "calendar"
    parts: ClassVar = ("column",)

    def _kept(self, _rows: pl.DataFrame) -> pl.Expr | pl.Series:
        return ~pl.col(self.column).dt.weekday().is_in(self.never)

    def __str__(self) -> str:
        return f"{self.column} never falls on some weekdays"


@dataclass(frozen=True)
class Monthly(Relation):
    """A date is the last, or the first, day of a month.

    Attributes:
        column: the date.
        last: whether it is the last day; the first otherwise.
    """

    column: str
    last: bool
    kind: ClassVar = "calendar"
    parts: ClassVar = ("column",)

    def _kept(self, _rows: pl.DataFrame) -> pl.Expr | pl.Series:
        day = pl.col(self.column).dt
        return day.offset_by("1d").dt.day() == 1 if self.last else day.day() == 1

    def __str__(self) -> str:
        return f"{self.column} is the {'last' if self.last else 'first'} day of a month"


@dataclass(frozen=True)
class Steady(Relation):
    """The events of an entity follow each other at one pace.

    Attributes:
        column: the time.
        entity: whose events these are.
        step: from an event to the next, in `unit`.
        unit: `microseconds`, or `months` of the calendar, which have no one length.
    """

    column: str
    entity: str
    step: int
    unit: str
    kind: ClassVar = "calendar"
    parts: ClassVar = ("entity", "column")

    def _kept(self, _rows: pl.DataFrame) -> pl.Expr | pl.Series:
        return _gap(self.column, self.entity, self.unit) == self.step

    def __str__(self) -> str:
        return f"{self.column} moves on by one step within {self.entity}"


@dataclass(frozen=True)
class Apart(Relation):
    """An entity never has two events at once.

    Attributes:
        entity: the column that says whose an event is.
        time: the column that says when it is.
    """

    entity: str
    time: str
    kind: ClassVar = "calendar"
    parts: ClassVar = ("entity", "time")

    def _kept(self, _rows: pl.DataFrame) -> pl.Expr | pl.Series:
        return _gap(self.time, self.entity) != 0

    def __str__(self) -> str:
        return f"{self.entity} has one row at a time"


def _gap(column: str, entity: str, unit: str = "microseconds") -> pl.Expr:
    """The time since the entity's row before."""
    if unit == "months":
        here = pl.col(column).dt.year().cast(pl.Int64) * 12 + pl.col(column).dt.month()
    else:
        here = pl.col(column).cast(pl.Datetime("us")).cast(pl.Int64)
    return here - here.shift(1).over(entity)


def calendar(rows: Rows, seed: int) -> Iterator[Relation]:
    """What times have in common, and whether they keep apart."""
    for column in rows.of_type(times=True):
        if rows.schema[column].base_type() == pl.Datetime:
            yield from _whole(rows, column)
        yield from _days(rows, column)
    if rows.entity and rows.time:
        yield from _paced(rows, rows.entity, rows.time)
        yield from _apart(rows, rows.entity, rows.time, seed)


def _whole(rows: Rows, column: str) -> Iterator[Whole]:
    for unit in _STEPS:
        relation = Whole(column, unit)
        if kept_share(relation.kept(rows.frame)) >= ALMOST:
            yield relation
            return


def _days(rows: Rows, column: str) -> Iterator[Relation]:
    for last in (True, False):
        monthly = Monthly(column, last)
        if kept_share(monthly.kept(rows.frame)) >= ALMOST:
            yield monthly
            return
    days = rows.frame[column].drop_nulls().dt.weekday()
    counts = np.bincount(days.to_numpy(), minlength=8)[1:]
    several = rows.frame[column].n_unique() >= 7 * LEAST_WITNESSES // 2
    never = tuple(int(d) + 1 for d in np.flatnonzero(counts <= _RARE_DAY * len(days)))
    if several and 0 < len(never) < 7:
        yield Weekdays(column, never)


def _paced(rows: Rows, entity: str, time: str) -> Iterator[Steady]:
    for unit in ("microseconds", "months"):
        gaps = rows.frame.select(x=_gap(time, entity, unit))["x"].drop_nulls()
        if len(gaps) < LEAST_WITNESSES:
            return
        step = int(gaps.mode().sort()[0])
        relation = Steady(time, entity, step, unit)
        if step > 0 and kept_share(relation.kept(rows.frame)) >= ALMOST:
            yield relation
            return


def _apart(rows: Rows, entity: str, time: str, seed: int) -> Iterator[Apart]:
    """Two events at once are missing where times of others would bring some."""
    relation = Apart(entity, time)
    kept = relation.kept(rows.frame).drop_nulls()
    mixed = np.random.default_rng(seed).permutation(rows.frame[time].cast(pl.Int64).to_numpy())
    keys: IntArray = np.unique(np.stack([rows.owner, mixed]), axis=1)
    chance = len(mixed) - keys.shape[1]
    if chance >= LEAST_WITNESSES and (~kept).sum() <= (1 - ALMOST) * chance:
        yield relation
