"""When events can be: a time is moved to the nearest place that the calendar allows.

Whole days or minutes, weekdays, ends of months, one pace and never two at once are kept together,
in all rows; the order of events is kept too, and so are visits where an entity may have two events
at once.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Self

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, IntArray
from anonymizer.errors import DataError
from anonymizer.relations.base.relation import EXACT, Relation, kept_share
from anonymizer.relations.kinds.calendar import Apart, Monthly, Steady, Weekdays, Whole
from anonymizer.sequences.derived.base.step import Correction, Draws, OfColumn, Table
from anonymizer.sequences.histories.calendar import DAY, Line, as_times, moments
from anonymizer.sequences.histories.protection import protected_range
from anonymizer.sequences.tokens.plain import Plain

_UNITS: Final = {"days": DAY, "hours": DAY // 24, "minutes": DAY // 1_440, "seconds": DAY // 86_400}
_FARTHEST: Final = 1_000_000  # positions from 0
_LONGEST: Final = 300 * 365  # positions that a model may span, a day for each


@dataclass(frozen=True)
class Calendar(Plain):
    """What a column of times has in common.

    Attributes:
        dtype: of the column.
        step: microseconds that its times are multiples of, within the day.
        never: weekdays on which it never is, 1 for Monday.
        month: `first` or `last` if it is always that day of a month.
    """

    dtype: pl.DataType
    step: int
    never: tuple[int, ...] = ()
    month: str = ""

    def __post_init__(self) -> None:
        known = set(self.never) < set(range(1, 8)) and self.month in ("", "first", "last")
        if self.dtype.base_type() not in (pl.Date, pl.Datetime) or not known or DAY % self.step:
            raise ValueError(self)

    @classmethod
    def learn(cls, column: str, relations: list[Relation], table: Table) -> "Calendar":
        """What the relations of a column say that all rows keep."""
        dtype = table.frame.schema[column]
        found = cls(dtype, _tick(dtype))
        for each in relations:
            if each.columns != (column,) or not is_exact(each, table):
                continue
            if isinstance(each, Whole):
                found = replace(found, step=max(found.step, _UNITS[each.unit]))
            elif isinstance(each, Weekdays):
                found = replace(found, never=each.never)
            elif isinstance(each, Monthly):
                found = replace(found, month="last" if each.last else "first")
        return found

    @property
    def free(self) -> bool:
        """Whether it allows all that the type can say."""
        return self == Calendar(self.dtype, _tick(self.dtype))

    @property
    def zone(self) -> str | None:
        """Of the clocks."""
        return getattr(self.dtype, "time_zone", None)

    @property
    def days_between(self) -> int:
        """Days after which there is another place, at most."""
        return 31 if self.month else 7 if self.never else 1

    def line(self, *spans: IntArray) -> Line:
        """The places around moments."""
        known = np.concatenate([*spans, [0] if not sum(map(len, spans)) else []]).astype(np.int64)
        span = int(known.min()), int(known.max())
        return Line.of(span, self.step, self.never, self.month, self.zone)

    def relations(self, column: str) -> list[Relation]:
        """What rows are asked for."""
        units = [unit for unit, step in _UNITS.items() if step == self.step]
        found: list[Relation] = [Whole(column, unit) for unit in units]
        found += [Weekdays(column, self.never)] if self.never else []
        return found + ([Monthly(column, self.month == "last")] if self.month else [])


def is_exact(relation: Relation, table: Table) -> bool:
    """Whether the rows keep a relation that k entities or more bear."""
    kept = relation.kept(table.frame)
    bearers = len(np.unique(table.owner[kept.fill_null(value=False).to_numpy()]))
    return kept_share(kept) >= EXACT and bearers >= table.k


def all_kept(relations: list[Relation], rows: pl.DataFrame) -> pl.Series:
    """(N,) whether rows keep what all relations say of them; null where none says anything."""
    kept = pl.DataFrame([each.kept(rows).alias(str(n)) for n, each in enumerate(relations)])
    told = pl.any_horizontal(pl.all().is_not_null())
    return kept.select(x=pl.when(told).then(pl.all_horizontal(pl.all().fill_null(value=True))))["x"]


@dataclass(frozen=True)
class Cadence(Correction):
    """A time is where the calendar allows it: what the network writes is moved there.

    Attributes:
        column: the time.
        entity: column that says whose it is.
        calendar: what its values have in common.
        window: first and last day since 1970 that events can be on; none for a time beside that of
            the events, whose values need no order.
        apart: whether an entity never has two events at once.
        pace: from each event to the next, in microseconds, or in months; 0 for none.
        months: whether it is in months.
    """

    entity: str
    calendar: Calendar
    window: tuple[int, ...] = ()
    apart: bool = False
    pace: int = 0
    months: bool = False

    def __post_init__(self) -> None:
        if len(self.window) not in (0, 2) or list(self.window) != sorted(self.window):
            raise ValueError(self.window)
        if self.pace < 0 or ((self.pace or self.apart) and not self.window):
            raise ValueError(self.pace)
        if self.window:
            low, high = self._ends(self._line(0, np.array(self.window) * DAY))
            if low > high:
                raise ValueError(self.window)

    @classmethod
    def learn(cls, column: str, relations: list[Relation], table: Table) -> Self | None:
        """What the relations of a time say that all rows keep; None where they say nothing."""
        calendar = Calendar.learn(column, relations, table)
        if column != table.time:
            return None if calendar.free else cls(column, table.entity, calendar)
        own = [r for r in relations if {column, table.entity} == set(r.columns)]
        apart = any(isinstance(r, Apart) and is_exact(r, table) for r in own)
        paces = [r for r in own if isinstance(r, Steady) and is_exact(r, table)]
        if calendar.free and not apart and not paces:
            return None
        day = moments(table.frame[column], None).to_numpy() // DAY
        low, high = protected_range(day, table.owner, table.k)
        window = (min(low, high), max(low, high))
        pace = paces[0].step if paces else 0
        months = bool(paces) and paces[0].unit == "months"
        try:
            return cls(column, table.entity, calendar, window, apart, pace, months)
        except ValueError:  # no day of the window is allowed
            return None

    @property
    def needed(self) -> tuple[str, ...]:
        """Nothing but itself."""
        return ()

    def within(self, first: int, last: int) -> Self:
        """The same in another window, if it allows any day of that."""
        try:
            return replace(self, window=(first, last) if self.window else ())
        except ValueError:
            return self

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:
        """The time, moved as little as it takes."""
        drawn = moments(draws.kept(rows[self.column]), self.calendar.zone)
        known = drawn.is_not_null()
        moment = drawn.fill_null(0).to_numpy()
        if self.window:
            moved = self._placed(moment, _Runs.of(draws.entity, draws.last_past))
        else:
            line = self.calendar.line(drawn.drop_nulls().to_numpy())
            moved = line.times(line.nearest(moment))
        found = pl.Series(moved).zip_with(known, drawn)
        return [as_times(found, self.calendar.dtype).alias(self.column)]

    def kept(self, rows: pl.DataFrame) -> pl.Series:
        """(N,) whether rows of data keep all of it."""
        relations = self.calendar.relations(self.column)
        if self.apart:
            relations.append(Apart(self.entity, self.column))
        if self.pace:
            unit = "months" if self.months else "microseconds"
            relations.append(Steady(self.column, self.entity, self.pace, unit))
        return all_kept(relations, rows)

    def _placed(self, moment: IntArray, runs: "_Runs") -> IntArray:
        """(N,) moments of events in order → those where they can be."""
        line = self._line(int(runs.left.max(initial=0)), moment)
        low, high = self._ends(line)
        place = np.clip(line.nearest(moment), low, high)
        if self.months:
            return line.times(self._monthly(line, line.day(moment), moment, runs))
        if self.pace:
            first, steps = np.arange(len(place)) - runs.position, runs.position * self.pace
            last = line.down(line.times(np.full_like(place, high)) - runs.count * self.pace)
            start = line.times(np.clip(place[first], low, np.maximum(last, low)))
            begun = moment[runs.past] - runs.position[runs.past] * self.pace
            return np.where(runs.past >= 0, begun, start) + steps
        place = runs.apart(place, low, high) if self.apart else runs.ordered(place, moment)
        least = line.down(moment[runs.past]) + self.apart * runs.ahead
        least = np.maximum(least, line.up(moment[runs.past]))
        return line.times(np.where(runs.ahead > 0, np.maximum(place, least), place))

    def _monthly(self, line: Line, day: IntArray, moment: IntArray, runs: "_Runs") -> IntArray:
        """(N,) places in months at one pace, on the day of the month that was drawn."""
        month = (line.first + day).astype("datetime64[D]").astype("datetime64[M]")
        ends = np.array(self.window).astype("datetime64[D]").astype("datetime64[M]").astype(int)
        latest = np.maximum(ends[1] - runs.count * self.pace, ends[0])
        first = np.clip(month.astype(int)[np.arange(len(day)) - runs.position], ends[0], latest)
        begun = month.astype(int)[runs.past] - runs.position[runs.past] * self.pace
        first = np.where(runs.past >= 0, begun, first)
        here = first + runs.position * self.pace
        begin, end = (_first_day(here + n) - line.first for n in (0, 1))
        inside = line.first + day - month.astype("datetime64[D]").astype(int)
        chosen = line.start[np.minimum(begin + inside, end - 1)] + moment - line.start[day]
        low, high = self._ends(line)
        least, most = np.maximum(line.before[begin], low), line.before[end] - 1
        most = np.where(least <= high, np.minimum(most, high), most)
        return np.clip(line.nearest(chosen), least, most)

    def _line(self, events: int, moment: IntArray) -> Line:
        """The places of the window and around moments, and of so many events after them."""
        each = self.calendar.days_between
        ahead = events * (self.pace * 31 if self.months else self.pace // DAY + each)
        ends = [self.window[1], *moment.max(initial=0, keepdims=True) // DAY]
        return self.calendar.line(np.array([self.window[0], max(ends) + ahead]) * DAY, moment)

    def _ends(self, line: Line) -> tuple[int, int]:
        """The first and the last place of the window."""
        first, last = (day - line.first for day in self.window)
        return int(line.before[first]), int(line.before[last + 1]) - 1


@dataclass(frozen=True)
class _Runs:
    """N events of entities that follow each other.

    Attributes:
        owner: (N,) 0 for the events of the first entity, 1 for those of the second, …
        position: (N,) of an event in its history.
        count: (N,) the last position of the history.
        past: (N,) the index of the last event of the history that has happened; −1 for none.
    """

    owner: IntArray
    position: IntArray
    count: IntArray
    past: IntArray

    @classmethod
    def of(cls, entity: IntArray, past: IntArray) -> "_Runs":
        first = np.diff(entity, prepend=entity[:1] - 1) != 0
        owner = np.cumsum(first) - 1
        length = np.bincount(owner) if len(owner) else np.zeros(0, np.int64)
        start = np.cumsum(length) - length
        position = np.arange(len(owner)) - start[owner]
        return cls(owner, position, length[owner] - 1, past)

    @cached_property
    def left(self) -> IntArray:
        """(N,) events that come after."""
        return self.count - self.position

    @cached_property
    def ahead(self) -> IntArray:
        """(N,) how many events after the last that has happened; 0 where that says nothing."""
        after = np.arange(len(self.past)) - self.past
        return np.where(self.past >= 0, np.maximum(after, 0), 0)

    def ordered(self, place: IntArray, moment: IntArray) -> IntArray:
        """(N,) the places of instants in order; events at one moment stay together."""
        new: BoolArray = np.diff(moment, prepend=0) != 0
        new |= self.position == 0
        of_instant, owner = place[new], self.owner[new]
        found: IntArray = of_instant[np.lexsort((of_instant, owner))][np.cumsum(new) - 1]
        return found

    def apart(self, place: IntArray, low: int, high: int) -> IntArray:
        """(N,) places in order, none twice: later ones move on, and back at the last place."""
        place = place[np.lexsort((place, self.owner))] - self.position
        on = pl.DataFrame({"p": place, "o": self.owner}).select(pl.col("p").cum_max().over("o"))
        moved = np.minimum(on["p"].to_numpy() + self.position, high - self.left)
        found: IntArray = np.maximum(moved, low + self.position)
        return found


def _tick(dtype: pl.DataType) -> int:
    """Microseconds between the nearest times that a type and a model tell apart."""
    if dtype == pl.Date:
        return DAY
    return 1_000 if getattr(dtype, "time_unit", "us") == "ms" else 1


def ends_of(dtype: pl.DataType) -> tuple[int, int]:
    """The least and the largest number of a type of whole numbers."""
    ends = dtype.min(), dtype.max()  # type: ignore[attr-defined]  # (known of such types only)
    low, high = (int(pl.select(end).item()) for end in ends)
    return low, high


def _first_day(month: IntArray) -> IntArray:
    """(N,) months since 1970 → days since 1970."""
    found: IntArray = month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return found


@dataclass(frozen=True)
class Position(OfColumn):
    """Events are counted where there is no clock: a position is written as a day.

    Attributes:
        column: the positions, whole numbers.
        dtype: of the column.
    """

    dtype: pl.DataType

    def __post_init__(self) -> None:
        if not self.dtype.is_integer():
            raise ValueError(self.dtype)

    @classmethod
    def learn(cls, table: Table) -> Self:
        """Of the time of a table, which is of integers.

        Raises:
            DataError: positions are further from 0, or from each other, than days can be.
        """
        found = table.frame[table.time]
        if (found.cast(pl.Int128).abs() > _FARTHEST).any():
            raise DataError(
                f"column '{table.time}' holds positions beyond ±{_FARTHEST:,}: count the events of "
                "an entity from 0, or cast moments to Datetime"
            )
        low, high = protected_range(found.cast(pl.Int64).to_numpy(), table.owner, table.k)
        if high - low > _LONGEST:
            raise DataError(
                f"column '{table.time}' runs over more than {_LONGEST:,} positions: count the "
                "events of an entity from 0, or cast moments to Datetime"
            )
        return cls(table.time, found.dtype)

    @property
    def needed(self) -> tuple[str, ...]:
        """Nothing."""
        return ()

    @property
    def written(self) -> tuple[str, ...]:
        """The positions, as days since 1970."""
        return (self.column,)

    def take_off(self, rows: pl.DataFrame) -> list[pl.Series]:
        """A day for each position."""
        inside = rows[self.column].cast(pl.Int128).clip(-_FARTHEST, _FARTHEST)
        return [inside.cast(pl.Int32).cast(pl.Date)]

    def lay_on(self, rows: pl.DataFrame, draws: Draws) -> list[pl.Series]:  # noqa: ARG002 (no chance in it)
        """A position for each day."""
        days = rows[self.column].to_physical().cast(pl.Int128)
        return [days.clip(*ends_of(self.dtype)).cast(self.dtype)]
