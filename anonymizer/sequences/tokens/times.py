"""Time as tokens: a gap, a weekday and a time of day for each event.

Everything is counted from the start of the observation window in whole days and, inside a day, in
units (the coarsest of day, hour, minute, second, millisecond and microsecond that the data uses).
An event is placed relative to the one before it:

    gap      none (the first event) · the same instant · minutes later · later that day · days later
    weekday  which of the days that the gap leaves open
    clock    the time of day, where the gap does not tell it
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.errors import DataError
from anonymizer.sequences.histories.protection import protected_counts, protected_range
from anonymizer.sequences.histories.roles import Histories
from anonymizer.sequences.tokens.bins import Grid
from anonymizer.sequences.tokens.plain import Plain
from anonymizer.sequences.tokens.values import Majority, nearly_all

DAY = 86_400_000_000  # microseconds
UNITS = (DAY, 3_600_000_000, 60_000_000, 1_000_000, 1_000, 1)
WEEK = 7
FAR = 1 << 40  # days or units beyond any window
YEARS = 300  # of a window at most: all that is learned of days grows with it
FIRST, INSTANT = 0, 1  # gap tokens: the first event of a history; the same instant
DAY_CELLS = 288  # of a day's curve of activity: five minutes each
QUARTERS = 96
CLOCK_SHARES = 12  # two-hour stretches over which a history's own habits may be told


class Places(NamedTuple):
    """When events happen: day within the window and unit within the day, (N,) each."""

    day: IntArray
    unit: IntArray

    def new_instants(self, offsets: IntArray) -> BoolArray:
        """(N,) whether an event is the first of its entity at that instant."""
        new = np.ones(len(self.day), bool)
        new[1:] = (np.diff(self.day) != 0) | (np.diff(self.unit) != 0)
        new[offsets[:-1]] = True
        return new


@dataclass(frozen=True)
class Timeline(Plain):
    """The window of time that was learned from, its units, and how busy its days and hours are.

    Attributes:
        epoch: microseconds since 1970 of the window's first midnight, in wall time.
        days: length of the window; days are 0 ... days - 1.
        unit: microseconds per unit.
        day_gaps: calendar days between events on different days.
        short_gaps: units between instants a few minutes apart; None where units are too coarse.
        clocks: units since midnight; None when events have only a date.
        activity: (days,) how busy each day is, 1 on average.
        turn: (DAY_CELLS + 1,) share of a day's events before each border of its cells.
        offset: microseconds from UTC to the zone's standard time, 0 for naive times. Standard
            time all year keeps the two passes of an autumn hour apart.
        dtype: of the time column.
    """

    epoch: int
    days: int
    unit: int
    day_gaps: Grid
    short_gaps: Grid | None
    clocks: Grid | None
    activity: FloatArray
    turn: FloatArray
    offset: int
    dtype: pl.DataType

    @classmethod
    def learn(cls, histories: Histories, time: str, k: int, *, told: bool = False) -> "Timeline":
        """The window, the units and the grids, with every extreme protected by k entities.

        What `told` means stands at `Grid.learn`.

        Raises:
            DataError: dates that k entities have are centuries away from the others.
        """
        column, owner = histories.frame[time], histories.owner
        offset = standard_offset(column)
        micros = micros_of(column, offset)
        first, last = protected_range(micros // DAY, owner, k)
        first, last = min(first, last), max(first, last)
        if last - first > YEARS * 365:
            raise DataError(
                f"column '{time}' spans more than {YEARS} years: set dates that stand for none, "
                "such as 9999-12-31, to null"
            )
        most = Majority.of(micros % DAY, owner, k)
        unit = next(u for u in UNITS if most.allows(micros % u != 0))
        line = cls.even((first, last), unit, offset, column.dtype)
        places = line.places(column)
        line = replace(line, activity=_activity(histories, places, line, k))
        later = histories.position > 0
        gap, step = np.diff(places.day, prepend=0), np.diff(places.unit, prepend=0)

        def learn(values: IntArray, which: BoolArray, bins: int, span: tuple[int, int]) -> Grid:
            return Grid.learn(values[which], owner[which], k, bins=bins, span=span, told=told)

        days = learn(gap, later & (gap > 0), 32, (1, max(line.days, 2)))
        line = replace(line, day_gaps=days)
        if unit == DAY:
            return line
        size = line.units_per_day
        short = later & (gap == 0) & (step > 0) & (step <= line.reach)
        quarters = np.arange(1, QUARTERS) * size // QUARTERS
        cells = _turn(places.unit, owner, size, k)
        return replace(
            line,
            short_gaps=learn(step, short, 12, (1, line.reach + 1)) if line.reach else None,
            clocks=Grid.learn(places.unit, owner, k, cuts=quarters, span=(0, size)),
            turn=np.concatenate([[0], np.cumsum(cells)]) / cells.sum(),
        )

    @classmethod
    def pooled(
        cls, parts: "Sequence[tuple[Timeline, FloatArray, FloatArray]]", k: int
    ) -> "Timeline":
        """One window for several sites; with each (V,) counts of its gap and of its clock tokens.

        Raises:
            DataError: the sites' windows are centuries apart.
        """
        lines, weights = [line for line, *_ in parts], [float(gaps.sum()) for _, gaps, _ in parts]
        days = [(each.epoch // DAY, each.epoch // DAY + each.days) for each in lines]
        first, last = min(begin for begin, _ in days), max(end for _, end in days) - 1
        if last - first > YEARS * 365:
            raise DataError(f"the sites' times span more than {YEARS} years: one has others' dates")
        heaviest = lines[int(np.argmax(weights))]
        unit = nearly_all([each.unit for each in lines], weights)
        line = cls.even((first, last), unit, heaviest.offset, heaviest.dtype)
        there, visits = np.full(line.days, 1e-9), np.full(line.days, 1e-9)
        for each, weight, (begin, end) in zip(lines, weights, days, strict=True):
            there[begin - first : end - first] += weight
            visits[begin - first : end - first] += weight * each.activity
        activity = visits / there
        values = [own.stands_for(gaps, clocks) for own, gaps, clocks in parts]
        later, soon, since = zip(*values, strict=True)
        line = replace(
            line,
            activity=np.maximum(np.round(activity / activity.mean(), 4), 0.001),
            day_gaps=Grid.pooled(later, k, bins=32, span=(1, max(line.days, 2))),
        )
        if unit == DAY:
            return line
        short = Grid.pooled([each // unit for each in soon], k, bins=12, span=(1, line.reach + 1))
        size = line.units_per_day
        quarters = np.arange(1, QUARTERS) * size // QUARTERS
        cells = sum(weight * np.diff(own.turn) for own, weight in zip(lines, weights, strict=True))
        return replace(
            line,
            short_gaps=short if line.reach else None,
            clocks=Grid.pooled([each // unit for each in since], k, cuts=quarters, span=(0, size)),
            turn=np.concatenate([[0], np.cumsum(cells)]) / np.sum(cells),
        )

    def stands_for(
        self, gaps: FloatArray, clocks: FloatArray
    ) -> tuple[IntArray, IntArray, IntArray]:
        """Values that stand for (V,) counts of gap and of clock tokens, see `Grid.stands_for`.

        Returns:
            days to the next day with an event; microseconds to the next instant a few minutes on;
            microseconds since midnight.
        """
        days = self.day_gaps.stands_for(_of_grid(gaps, self._days_start))
        soon = since = np.empty(0, np.int64)
        if self.short_gaps is not None:
            soon = self.short_gaps.stands_for(_of_grid(gaps[: 2 + self._short], 2)) * self.unit
        if self.clocks is not None:
            since = self.clocks.stands_for(clocks) * self.unit
        return days, soon, since

    def counts_of(
        self, own: "Timeline", gaps: FloatArray, clocks: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """(V,) counts of a site's gap and clock tokens → about those of the tokens here."""
        found, hours = np.zeros(self.gap_size), np.zeros(self.clock_size)
        found[[FIRST, INSTANT]], hours[0] = gaps[[FIRST, INSTANT]], clocks[0]
        if own.clocks is not None:
            found[INSTANT if self.clocks is None else self.later] += gaps[own.later]
        (days, soon, since), (here, there) = own.stands_for(gaps, clocks), own.starts
        parts = (
            (found, self._days_start - 1, self.day_gaps, days, gaps[there:]),
            (found, 1, self.short_gaps, soon // self.unit, gaps[2:here]),
            (hours, 0, self.clocks, since // self.unit, clocks[1:]),
        )
        for counts, start, grid, values, told in parts:
            if grid is not None and len(values):
                tokens = start + grid.encode(values)
                np.add.at(counts, tokens, told.sum() / len(values))
        return found, hours

    @classmethod
    def even(
        cls, window: tuple[int, int], unit: int, offset: int, dtype: pl.DataType
    ) -> "Timeline":
        """Days from the first to the last, all as busy as their hours are; grids are to come."""
        days = window[1] - window[0] + 1
        return cls(
            epoch=window[0] * DAY,
            days=days,
            unit=unit,
            day_gaps=Grid.of(np.array([1, 2])),
            short_gaps=None,
            clocks=None,
            activity=np.ones(days),
            turn=np.linspace(0, 1, DAY_CELLS + 1),
            offset=offset,
            dtype=dtype,
        )

    @property
    def units_per_day(self) -> int:
        """Units from midnight to midnight."""
        return DAY // self.unit

    @property
    def reach(self) -> int:
        """The most units of a short gap: five minutes. What is later has a clock token."""
        return self.units_per_day // DAY_CELLS

    @cached_property
    def first_weekday(self) -> int:
        """The weekday of the window's first day; Monday is 0."""
        return int((self.epoch // DAY + 3) % WEEK)

    # The gap vocabulary: FIRST, INSTANT, short gaps, later that day, then the day grid. A grid's
    # null token is not used.

    @property
    def _short(self) -> int:
        return 0 if self.short_gaps is None else self.short_gaps.size - 1

    @property
    def starts(self) -> tuple[int, int]:
        """The gap tokens after the short gaps, and from which on they lead to later days."""
        return 2 + self._short, self._days_start

    @property
    def _days_start(self) -> int:
        return 2 + self._short + (self.clocks is not None)

    @property
    def gap_size(self) -> int:
        """How many gap tokens there are."""
        return self._days_start + self.day_gaps.size - 1

    @property
    def clock_size(self) -> int:
        """How many clock tokens there are, null included."""
        return 1 if self.clocks is None else self.clocks.size

    @property
    def later(self) -> int:
        """The gap token for later that day; −1 for dated events."""
        return -1 if self.clocks is None else 2 + self._short

    @cached_property
    def is_new_day(self) -> BoolArray:
        """(V,) whether a gap token leads to a later day."""
        return np.arange(self.gap_size) >= self._days_start

    @cached_property
    def has_clock(self) -> BoolArray:
        """(V,) whether an event with this gap token needs a clock token."""
        asks = self.is_new_day | np.isin(np.arange(self.gap_size), [FIRST, self.later])
        return asks & (self.clocks is not None)

    @cached_property
    def low_days(self) -> IntArray:
        """(V,) the fewest days a gap token can mean; out of reach for the first token."""
        low = np.concatenate([np.zeros(self._days_start, np.int64), self.day_gaps.low[1:]])
        low[FIRST] = 2 * FAR
        return low

    @cached_property
    def high_days(self) -> IntArray:
        """(V,) the most days a gap token can mean."""
        return np.concatenate([np.zeros(self._days_start, np.int64), self.day_gaps.high[1:]])

    @cached_property
    def low_units(self) -> IntArray:
        """(V,) the fewest units a same-day token can mean; 0 for the others."""
        short = None if self.short_gaps is None else self.short_gaps.low
        return self._units(short, self.reach + 1)

    @cached_property
    def high_units(self) -> IntArray:
        """(V,) the most units a same-day token can mean; 0 for the others."""
        short = None if self.short_gaps is None else self.short_gaps.high
        return self._units(short, self.units_per_day)

    def _units(self, short: IntArray | None, later: int) -> IntArray:
        units = np.zeros(self.gap_size, np.int64)
        if short is not None:
            units[2 : 2 + self._short] = short[1:]
        if self.clocks is not None:
            units[self.later] = later
        return units

    @cached_property
    def gap_order(self) -> FloatArray:
        """(V,) a number per gap token that rises with the time it means; NaN for the first."""
        middle = (self.low_days + self.high_days) / 2 * self.units_per_day
        order = middle + np.where(self.is_new_day, self.units_per_day, self.low_units)
        order[FIRST] = np.nan
        return order

    def rounded(self, column: pl.Series) -> BoolArray:
        """(N,) which times are finer than the unit."""
        odd: BoolArray = micros_of(column, self.offset) % self.unit != 0
        return odd

    def places(self, column: pl.Series, *, bounded: bool = True) -> Places:
        """(N,) times → days and units; if bounded, times outside the window move to its edge."""
        micros = micros_of(column, self.offset) - self.epoch
        if bounded:
            micros = np.clip(micros, 0, self.days * DAY - self.unit)
        return Places(micros // DAY, micros % DAY // self.unit)

    def inside(self, column: pl.Series) -> BoolArray:
        """(N,) which times lie within the window."""
        day = (micros_of(column, self.offset) - self.epoch) // DAY
        return (day >= 0) & (day < self.days)

    def encode(self, places: Places, position: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        """(N,) gap, weekday and clock tokens of events in order."""
        before = Places(np.roll(places.day, 1), np.roll(places.unit, 1))
        gap = np.where(position > 0, self.gap(before, places), FIRST)
        return gap, self.weekday(places.day), self.clock(places.unit)

    def gap(self, before: Places, places: Places) -> IntArray:
        """(N,) gap tokens from one place to another, which is not earlier."""
        days, units = places.day - before.day, places.unit - before.unit
        same = np.full(len(days), INSTANT)
        if self.short_gaps is not None:
            short = 1 + self.short_gaps.encode(np.clip(units, 1, self.reach))
            same = np.where(units > 0, short, same)
        if self.clocks is not None:
            same = np.where(units > self.reach, self.later, same)
        moved = self._days_start - 1 + self.day_gaps.encode(np.maximum(days, 1))
        return np.where(days > 0, moved, same)

    def weekday(self, day: IntArray) -> IntArray:
        """(N,) days → weekdays, Monday is 0."""
        return (self.first_weekday + day) % WEEK

    def clock(self, unit: IntArray) -> IntArray:
        """(N,) units since midnight → clock tokens."""
        return np.zeros(len(unit), np.int64) if self.clocks is None else self.clocks.encode(unit)

    def pick_day(
        self, low: IntArray, high: IntArray, weekday: IntArray, uniform: FloatArray
    ) -> IntArray:
        """(B,) one of the days `low ... high` on that weekday, each as likely."""
        first = low + (weekday - self.weekday(low)) % WEEK
        choices = np.maximum((high - first) // WEEK + 1, 1)
        return first + WEEK * (uniform * choices).astype(np.int64)

    def pick_short(self, gap: IntArray, units_left: IntArray, uniform: FloatArray) -> IntArray:
        """(B,) units to the next instant a few minutes on, within the day; 0 for other gaps."""
        if self.short_gaps is None:
            return np.zeros(len(gap), np.int64)
        token = np.clip(gap - 1, 1, self._short)
        low = self.short_gaps.low[token]
        high = np.minimum(self.short_gaps.high[token], units_left)
        return np.where(gap == INSTANT, 0, low + (uniform * (high - low + 1)).astype(np.int64))

    def pick_clock(self, token: IntArray, floor: IntArray, uniform: FloatArray) -> IntArray:
        """(B,) units since midnight, not before `floor`."""
        if self.clocks is None:
            return np.zeros(len(token), np.int64)
        low, high = np.maximum(self.clocks.low[token], floor), self.clocks.high[token]
        return low + (uniform * (high - low + 1)).astype(np.int64)

    def decode(self, places: Places) -> pl.Series:
        """(N,) days and units → (N,) times of the fitted type."""
        micros = self.epoch + places.day * DAY + places.unit * self.unit - self.offset
        times = pl.Series(micros).cast(pl.Datetime("us"))
        if isinstance(self.dtype, pl.Datetime) and self.dtype.time_zone:
            times = times.dt.replace_time_zone("UTC").dt.convert_time_zone(self.dtype.time_zone)
        return times.cast(self.dtype)


def _of_grid(gaps: FloatArray, start: int) -> FloatArray:
    """Counts of gap tokens from the first of a grid on → counts of the grid's tokens."""
    return np.concatenate([[0.0], gaps[start:]])


def _turn(unit: IntArray, owner: IntArray, size: int, k: int) -> FloatArray:
    """(DAY_CELLS,) how busy each cell of a day is; by the hour where fewer than k are in a cell."""
    cells = protected_counts(unit * DAY_CELLS // size, owner, DAY_CELLS, k).reshape(24, -1)
    hours = protected_counts(unit * 24 // size, owner, 24, k)
    empty = cells == 0
    rest = np.maximum(hours - cells.sum(1), 0) / np.maximum(empty.sum(1), 1)
    filled: FloatArray = np.where(empty, rest[:, None], cells).ravel()
    filled += 0.002 * filled.mean() + 1e-9
    return filled


def _activity(histories: Histories, places: Places, line: Timeline, k: int) -> FloatArray:
    """(days,) visits per entity that is there, shrunk towards weekday times season, mean 1.

    Visits on an entity's own first and last day do not count: they are there by definition.
    """
    owner, offsets, days = histories.owner, histories.offsets, line.days
    first, last = places.day[offsets[:-1]], places.day[offsets[1:] - 1]
    inner = places.new_instants(offsets) & (histories.position > 0) & (places.day < last[owner])
    visits = protected_counts(places.day[inner], owner[inner], days, k)
    there = np.cumsum(
        np.bincount(first, minlength=days + 1) - np.bincount(last, minlength=days + 1)
    )
    there = np.maximum(there[:days], 1.0)
    weekday = line.weekday(np.arange(days))
    of_week = np.bincount(weekday, visits, WEEK) / np.maximum(np.bincount(weekday, there, WEEK), 1)
    factor = ((of_week + 0.02 * of_week.mean() + 1e-9) / (of_week.mean() + 1e-9))[weekday]
    near = np.exp(-0.5 * (np.arange(-30, 31) / 8) ** 2)  # days; a standard deviation of eight
    season = _smooth(visits / factor, near) / np.maximum(_smooth(there, near), 1e-9)
    season += 0.05 * season.mean() + 1e-9
    activity = (visits + 20) / (there + 20 / (season * factor))
    found: FloatArray = np.maximum(np.round(activity / activity.mean(), 4), 0.001)
    return found


def _smooth(values: FloatArray, kernel: FloatArray) -> FloatArray:
    """(N,) values → (N,) weighted sums of their neighbourhoods."""
    margin = len(kernel) // 2
    return np.convolve(values, kernel, "full")[margin : margin + len(values)]


def standard_offset(column: pl.Series) -> int:
    """Microseconds from UTC to the standard time of a column's zone; 0 for naive times."""
    if not (isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone):
        return 0
    return int(column.dt.base_utc_offset().cast(pl.Duration("us")).to_physical().mode()[0])


def micros_of(column: pl.Series, offset: int) -> IntArray:
    """Microseconds since 1970 in wall time (standard time all year for zoned columns)."""
    times = column.cast(pl.Datetime("us", getattr(column.dtype, "time_zone", None)))
    return times.to_physical().to_numpy().astype(np.int64) + offset
