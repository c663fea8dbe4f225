"""Differences in place of times that are never before, or after, others: an end after its start.

Each column has one reference, made of all that it must not be before: the latest of those that are
there. So it is bounded from one side only, there is always room for it, and all orders hold in all
rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import numpy as np
import polars as pl

from anonymizer.arrays import IntArray
from anonymizer.relations.base.relation import ALMOST, EXACT, Relation, kept_share
from anonymizer.relations.kinds.histories import Rising
from anonymizer.relations.kinds.orders import Order
from anonymizer.sequences.derived.base.step import Draws, OfColumn, Table, owners
from anonymizer.sequences.derived.times.cadence import Calendar, all_kept, is_exact
from anonymizer.sequences.histories.calendar import DAY, as_times, moments
from anonymizer.sequences.histories.protection import told_count
from anonymizer.sequences.histories.roles import constant_columns

_SIMPLER: Final = 0.25  # of a column's spread that a difference has at most to be told in its place
_COMMON: Final = 20  # days that a column of fixed dates, such as ends of years, is mostly on
_MOST: Final = 0.5  # of the rows
_SENTINEL: Final = 0.05  # of the rows that have a date which stands for none, at least
_FEW: Final = 1 / 3  # of those rows that one difference explains, at most


def plan_differences(orders: Iterable[Order], time: str) -> dict[str, list[Order]]:
    """The columns to lay on from others, each with its orders, so that each finds those others.

    What is before the time of the events is laid on from there backwards, all else forwards: no
    column is between two that are there already. An order that closes a circle is left out.

    Args:
        orders: of times, or of numbers.
        time: column of the events' time.
    """
    below: dict[str, list[Order]] = {}
    for each in orders:
        lows = below.setdefault(each.high, [])
        if each.high not in _reached(each.low, below) and each not in lows:
            lows.append(each)
    columns = {c for each in below.values() for order in each for c in order.columns}
    above = {c: [o for each in below.values() for o in each if o.low == c] for c in columns}
    before = _reached(time, below) - {time}
    plan = {c: [o for o in above[c] if o.high in {time, *before}] for c in _sorted(above, before)}
    after = {c for c in below if below[c]} - before - {time}
    return plan | {c: below[c] for c in _sorted(below, after)}


def _reached(column: str, arrows: dict[str, list[Order]]) -> set[str]:
    """The column and all that its orders lead to."""
    found, ahead = {column}, [column]
    while ahead:
        new = {c for order in arrows.get(ahead.pop(), ()) for c in order.columns} - found
        found |= new
        ahead += new
    return found


def _sorted(arrows: dict[str, list[Order]], columns: set[str]) -> list[str]:
    """Columns, each after those that its orders lead to."""
    return sorted(columns, key=lambda c: (len(_reached(c, arrows)), c))


def simpler_as_difference(column: str, table: Table) -> bool:
    """Whether days from the event to a time say it more simply than its own date.

    They do where they are spread far less, and dates are not fixed, as ends of years are.
    """
    own, since = (days.drop_nulls().to_numpy() for days in _days(column, table))
    if not len(own):
        return False
    spread = [float(np.subtract(*np.quantile(days, [0.75, 0.25]))) for days in (own, since)]
    return spread[1] < _SIMPLER * spread[0] and not _is_fixed(column, table)


def _is_fixed(column: str, table: Table) -> bool:
    """Whether a time is mostly on few dates, more than differences and events are."""
    own, since = _days(column, table)
    return _common(own, table) > max(_MOST, _common(since, table), 2 * _common(own - since, table))


def _sentinel(column: str, table: Table) -> int | None:
    """The moment that many rows have whatever the event, if there is one."""
    own = moments(table.frame[column], None)
    here = (own == own.drop_nulls().mode().min()).fill_null(value=False)
    days, since = _days(column, table)
    share, usual = here.sum() / len(here), _common(days - since, replace(table, k=1), 1)
    explained = _common(since.zip_with(here, pl.Series([None], dtype=pl.Int64)), table, 1)
    held = len(np.unique(table.owner[here.to_numpy()])) >= table.k
    found = held and share >= max(_SENTINEL, 3 * usual) and explained < _FEW
    return int(own.filter(here)[0]) if found else None


def _days(column: str, table: Table) -> tuple[pl.Series, pl.Series]:
    """(N,) the day of a time, and how many it is after the event; null where there is none."""
    own, event = (moments(table.frame[c], None) // DAY for c in (column, table.time))
    return own, own - event


def _common(days: pl.Series, table: Table, most: int = _COMMON) -> float:
    """The share of the most common ones, of those that k entities have."""
    rows = pl.DataFrame({"d": days, "e": table.owner}).drop_nulls()
    held = (
        rows.group_by("d").agg(n=pl.len(), e=pl.col("e").n_unique()).filter(pl.col("e") >= table.k)
    )
    return float(held["n"].top_k(most).sum()) / max(1, len(rows))


@dataclass(frozen=True)
class Bounded(OfColumn):
    """A column that is not beyond others.

    Attributes:
        column: that is given.
        lows: columns that it is not before, or below.
        highs: columns that it is not after; none where there are `lows`.
        strict: those of them that it never equals.
        loose: those of them that some rows pass over, as real ones do.
        once: whether it holds once per entity; then it is held against all rows of the entity.
        falls: share of the rows that are below the entity's before, 1 where nobody minds.
        entity: column that says whose a row is.
    """

    lows: tuple[str, ...]
    highs: tuple[str, ...]
    strict: tuple[str, ...]
    loose: tuple[str, ...]
    once: bool
    falls: float
    entity: str

    def __post_init__(self) -> None:
        """Raise a ValueError where it would be between two others, or bound itself."""
        if (
            not 0 <= self.falls <= 1
            or (self.lows and self.highs)
            or self.column in (*self.lows, *self.highs)
        ):
            raise ValueError(self.column)

    @property
    def needed(self) -> tuple[str, ...]:
        """What bounds it."""
        return (*self.lows, *self.highs)

    @property
    def written(self) -> tuple[str, ...]:
        """The difference, under the name of the column."""
        return (self.column,)

    @property
    def firm(self) -> list[str]:
        """What it is never beyond."""
        return [c for c in (*self.lows, *self.highs) if c not in self.loose]

    def kept(self, rows: pl.DataFrame) -> pl.Series:
        """(N,) whether rows of data keep all orders."""
        return all_kept([self._order(c) for c in self.firm], rows)

    def _order(self, other: str) -> Order:
        low, high = (other, self.column) if other in self.lows else (self.column, other)
        return Order(low, high, strict=other in self.strict)

    def _edge(self, bounds: list[pl.Series], owner: IntArray) -> pl.Series:
        """(N,) the last of what it is not before, or the first of what it is not after."""
        if not bounds:
            return pl.Series([None], dtype=pl.Int64).new_from_index(0, len(owner))
        frame = pl.DataFrame([each.alias(str(n)) for n, each in enumerate(bounds)])
        edge = pl.min_horizontal(pl.all()) if self.highs else pl.max_horizontal(pl.all())
        found = frame.select(x=edge).with_columns(o=pl.Series(owner))
        if self.once:
            whole = pl.col("x").min() if self.highs else pl.col("x").max()
            found = found.with_columns(x=whole.over("o"))
        return found["x"]

    def _settled(self, places: pl.Series, edge: pl.Series, draws: Draws) -> pl.Series:
        """(N,) whole numbers that are not beyond their edge, if there is one, nor above later ones.

        What is above a later one is lowered: one that is far too late moves itself, and not all
        that follow it. What happened stays, and so does a row as often as real ones fall.
        """
        keep = pl.min_horizontal if self.highs else pl.max_horizontal
        past = np.zeros(len(places), bool) if draws.past is None else draws.past
        rows = pl.DataFrame({"v": places, "b": edge, "e": draws.entity, "p": past})
        there = pl.when(pl.col("v").is_not_null())
        rows = rows.with_columns(v=there.then(keep("v", "b")))
        if self.falls == 1:
            return rows["v"]
        free = pl.Series(draws.rows(f"{self.column} falls") < self.falls)
        happened = pl.when("p").then("v").max().over("e")
        risen = pl.max_horizontal("v", happened).cum_min(reverse=True).over("e")
        settled = (
            rows.with_columns(v=there.then(risen)).select(there.then(keep("v", "b"))).to_series()
        )
        return rows["v"].zip_with(free, settled)

    def _owner(self, rows: pl.DataFrame) -> IntArray:
        return owners(rows, self.entity)


def bounds_of(column: str, relations: list[Relation], table: Table) -> dict[str, Any]:
    """What orders say of a column that nearly all rows keep."""
    orders = [r for r in relations if isinstance(r, Order) and column in (r.low, r.high)]
    orders = [r for r in orders if kept_share(r.kept(table.frame)) >= ALMOST]
    lows = [r for r in orders if r.high == column]
    orders = lows or orders
    return {
        "column": column,
        "lows": tuple(r.low for r in lows),
        "highs": () if lows else tuple(r.high for r in orders),
        "strict": _others(column, (r for r in orders if r.strict)),
        "loose": _others(column, (r for r in orders if not is_exact(r, table))),
        "once": bool(constant_columns(table.frame, table.entity, [column])),
        "falls": _falls(column, table) if Rising(column, table.entity) in relations else 1.0,
        "entity": table.entity,
    }


def _falls(column: str, table: Table) -> float:
    """The share of the rows of k entities that are below the one before, nulls between or not."""
    known = replace(table, frame=table.frame.drop_nulls(column))
    kept = Rising(column, table.entity).kept(known.frame)
    falls = told_count(known.owner[(~kept).fill_null(value=False).to_numpy()], table.k)
    share = falls / max(1, kept.count())
    return round(share, 4) if share > 1 - EXACT else 0.0


def _others(column: str, orders: Iterable[Order]) -> tuple[str, ...]:
    return tuple(c for order in orders for c in order.columns if c != column)


def is_borne(column: str, table: Table) -> bool:
    """Whether k entities have a value."""
    return len(np.unique(table.owner[table.frame[column].is_not_null().to_numpy()])) >= table.k


@dataclass(frozen=True)
class Since(Bounded):
    """A time is written as the time since what it is not before, or until what it is not after.

    Without either it is counted from the event, and so it is where neither is there. Days are
    counted by the calendar, from moments too.

    Attributes:
        time: column of the events' time.
        calendar: what its values have in common.
        fixed: whether it is written as it is, since it is mostly on few dates.
        sentinel: microseconds since 1970 of a date that stands for none, such as 9999-12-31.
    """

    time: str
    calendar: Calendar
    fixed: bool
    sentinel: int | None

    @classmethod
    def learn(cls, column: str, relations: list[Relation], table: Table) -> Self | None:
        """What the orders and the calendar of a time say that its rows keep.

        None where fewer than k entities have one, and where there is no order and the difference to
        the event is no simpler.

        Args:
            column: of days or moments.
            relations: orders as they were planned, and what is known of the calendar.
            table: the rows.
        """
        bounds = bounds_of(column, relations, table)
        bounded = bounds["lows"] or bounds["highs"]
        if not is_borne(column, table) or not (bounded or simpler_as_difference(column, table)):
            return None
        calendar = Calendar.learn(column, relations, table)
        fixed = _is_fixed(column, table)
        sentinel = None if fixed else _sentinel(column, table)
        return cls(**bounds, time=table.time, calendar=calendar, fixed=fixed, sentinel=sentinel)

    @property
    def needed(self) -> tuple[str, ...]:
        """What it is counted from, and the time of the event."""
        return tuple(dict.fromkeys((*super().needed, self.time)))

    @property
    def written(self) -> tuple[str, ...]:
        """The difference, and whether there is a date that stands for none in its place."""
        return (self.column, *([] if self.sentinel is None else [f"{self.column} is sentinel"]))

    def take_off(self, rows: pl.DataFrame) -> list[pl.Series]:
        """The difference; none where there is a date that stands for none."""
        if self.fixed:
            return [rows[self.column]]
        moment = moments(rows[self.column], self.calendar.zone)
        since = moment - self._reference(rows, self._owner(rows))
        if self.sentinel is None:
            return [since.cast(pl.Duration("us")).alias(self.column)]
        far = (moment == self.sentinel).fill_null(value=False)
        since = pl.Series([0]).zip_with(far, since).cast(pl.Duration("us"))
        found = zip((since, far), self.written, strict=True)
        return [each.alias(name) for each, name in found]

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:
        """The time, where the calendar allows it and nothing that bounds it forbids it."""
        moment = self._moment(rows, draws.entity)
        known = moment.is_not_null()
        edge = self._edge([self._bound(rows[c]) for c in self.firm], draws.entity)
        at, end = moment.fill_null(0).to_numpy(), edge.fill_null(0).to_numpy()
        line = self.calendar.line(at, end)
        last = pl.Series(line.down(end) if self.highs else line.up(end)).zip_with(
            edge.is_not_null(), pl.Series([None], dtype=pl.Int64)
        )
        nearest = pl.Series(line.nearest(at)).zip_with(known, pl.Series([None], dtype=pl.Int64))
        place = self._settled(nearest, last, draws).fill_null(0).to_numpy()
        found = pl.Series(line.times(place)).zip_with(known, moment)
        return [as_times(found, self.calendar.dtype).alias(self.column)]

    def kept(self, rows: pl.DataFrame) -> pl.Series:
        """(N,) whether rows of data keep all orders, and the calendar."""
        orders: list[Relation] = [self._order(c) for c in self.firm]
        return all_kept([*orders, *self.calendar.relations(self.column)], rows)

    def _moment(self, rows: pl.DataFrame, owner: IntArray) -> pl.Series:
        """(N,) where it would be but for bounds and calendar."""
        written = rows[self.column]
        if self.fixed:
            return moments(written, self.calendar.zone)
        moment = self._reference(rows, owner) + written.to_physical()
        if self.sentinel is None:
            return moment
        far = rows[self.written[1]].fill_null(value=False) & written.is_not_null()
        return pl.Series([self.sentinel]).zip_with(far, moment)

    def _reference(self, rows: pl.DataFrame, owner: IntArray) -> pl.Series:
        """(N,) from where it is counted."""
        zone = self.calendar.zone
        bounds = [moments(rows[c], zone) for c in (*self.lows, *self.highs)]
        time = moments(rows[self.time], zone)
        if self.once:  # the first event of the entity
            time = pl.DataFrame({"t": time, "o": owner}).select(pl.col("t").min().over("o"))["t"]
        found = self._edge(bounds, owner).fill_null(time)
        return found // DAY * DAY if self.calendar.dtype == pl.Date else found

    def _bound(self, other: pl.Series) -> pl.Series:
        """(N,) the first moment that is not too early, or the last that is not too late."""
        beyond = int(other.name in self.strict)
        later = not self.highs
        return moments(other, self.calendar.zone, late=later) + (beyond if later else -beyond)
