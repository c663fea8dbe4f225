"""Time as tokens: a gap, a weekday and a time of day for each event.

Everything is counted from the start of the observation window in whole days and, inside a day, in
units (the coarsest of day, hour, minute, second, millisecond and microsecond that the data uses).
An event is placed relative to the one before it:

    gap      the same day, so many units later; or so many calendar days later (a value or a bin)
    weekday  which of the days that the bin leaves open
    clock    the time of day, when the day is a new one

Which tokens are open follows from the window's end and, where known, the history's last day: so
order, range and weekdays hold by construction and nothing is sorted or clipped after sampling.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from anonymizer.sequences.encoding import (
    FloatArray,
    Grid,
    dtype_from_json,
    dtype_to_json,
    protected_range,
)
from anonymizer.sequences.events import Histories, IntArray

DAY = 86_400_000_000  # microseconds
UNITS = (DAY, 3_600_000_000, 60_000_000, 1_000_000, 1_000, 1)
WEEK = 7
FAR = 1 << 40  # days or units beyond any window

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Places:
    """When events happen: day within the window and unit within the day, (N,) each."""

    day: IntArray
    unit: IntArray


@dataclass(frozen=True)
class Timeline:
    """What was learned of time.

    Attributes:
        epoch: microseconds since 1970 of the window's first midnight, in wall time.
        days: length of the window; days are 0 ... days - 1.
        unit: microseconds per unit.
        day_gaps: calendar days between events on different days.
        same_day_gaps: units between events on one day; None when events have only a date.
        clocks: units since midnight; None likewise.
        offset: microseconds from UTC to the zone's standard time, 0 for naive times. Standard
            time all year keeps the two passes of an autumn hour apart.
        dtype: of the time column.
    """

    epoch: int
    days: int
    unit: int
    day_gaps: Grid
    same_day_gaps: Grid | None
    clocks: Grid | None
    offset: int
    dtype: pl.DataType

    @classmethod
    def learn(cls, histories: Histories, time: str, k: int) -> "Timeline":
        """The window, the units and the grids, with every extreme protected by k entities."""
        column = histories.frame[time]
        offset = _standard_offset(column)
        micros = _micros(column, offset)
        owner = histories.owner
        first, last = protected_range(micros // DAY, owner, k)
        first, last = min(first, last), max(first, last)
        unit = next(u for u in UNITS if np.mean(micros % u != 0) <= 0.0001)
        empty = Grid(np.empty(0, np.int64), np.array([1, 2]))
        line = cls(first * DAY, last - first + 1, unit, empty, None, None, offset, column.dtype)
        places = line.places(column)
        later = histories.position > 0
        gap = np.diff(places.day, prepend=0)
        moved, stayed = later & (gap > 0), later & (gap == 0)
        dated = unit == DAY
        clocks = Grid.learn(places.unit, owner, k, bins=96, atoms=32, share=0.01)
        steps = np.diff(places.unit, prepend=0)
        stays = Grid.learn(steps[stayed], owner[stayed], k, bins=32, atoms=32, share=0.01)
        return replace(
            line,
            day_gaps=_tile(Grid.learn(gap[moved], owner[moved], k, bins=32, atoms=60), line.days),
            same_day_gaps=None if dated else _tile(stays, line.units_per_day, start=0),
            clocks=None if dated else _tile(clocks, line.units_per_day, start=0),
        )

    @property
    def units_per_day(self) -> int:
        """Units from midnight to midnight."""
        return DAY // self.unit

    @cached_property
    def first_weekday(self) -> int:
        """Of the window's first day; Monday is 0."""
        return int((self.epoch // DAY + 3) % WEEK)

    # The gap vocabulary: 0 is the first event of a history, 1 the same day for dated events (the
    # same-day grid otherwise), then the day grid. A grid's null token is not used.

    @property
    def _same_day_size(self) -> int:
        return 1 if self.same_day_gaps is None else self.same_day_gaps.size - 1

    @property
    def gap_size(self) -> int:
        """How many gap tokens there are."""
        return 1 + self._same_day_size + self.day_gaps.size - 1

    @property
    def clock_size(self) -> int:
        """How many clock tokens there are, null included."""
        return 1 if self.clocks is None else self.clocks.size

    @cached_property
    def is_new_day(self) -> BoolArray:
        """(V,) whether a gap token leads to a later day."""
        return np.arange(self.gap_size) > self._same_day_size

    @cached_property
    def gap_low_days(self) -> IntArray:
        """(V,) the fewest days a gap token can mean; out of reach for the first token."""
        same = np.zeros(self._same_day_size, np.int64)
        return np.concatenate([[FAR], same, self.day_gaps.low[1:]])

    @cached_property
    def gap_high_days(self) -> IntArray:
        """(V,) the most days a gap token can mean."""
        same = np.zeros(self._same_day_size, np.int64)
        return np.concatenate([[0], same, self.day_gaps.high[1:]])

    @cached_property
    def gap_low_units(self) -> IntArray:
        """(V,) the fewest units a same-day token can mean; 0 for the others."""
        units = [0] if self.same_day_gaps is None else self.same_day_gaps.low[1:]
        return np.concatenate([[0], units, np.zeros(self.day_gaps.size - 1, np.int64)])

    def places(self, column: pl.Series, *, bounded: bool = True) -> Places:
        """(N,) times → days and units; if bounded, days outside the window move to its edge."""
        micros = _micros(column, self.offset) - self.epoch
        day = micros // DAY
        day = np.clip(day, 0, self.days - 1) if bounded else day
        return Places(day, micros % DAY // self.unit)

    def outside(self, column: pl.Series) -> int:
        """How many times lie outside the window."""
        day = (_micros(column, self.offset) - self.epoch) // DAY
        return int(np.sum((day < 0) | (day >= self.days)))

    def encode(self, places: Places, position: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        """(N,) gap, weekday and clock tokens of events in order."""
        day_gap = np.diff(places.day, prepend=0)
        same = np.ones(len(day_gap), np.int64)
        if self.same_day_gaps is not None:
            same = self.same_day_gaps.encode(np.maximum(np.diff(places.unit, prepend=0), 0))
        gap = np.where(day_gap > 0, self._same_day_size + self.day_gaps.encode(day_gap), same)
        clock = np.zeros(len(gap), np.int64)
        if self.clocks is not None:
            clock = self.clocks.encode(places.unit)
        return np.where(position > 0, gap, 0), self.weekday(places.day), clock

    def weekday(self, day: IntArray) -> IntArray:
        """(N,) days → weekdays, Monday is 0."""
        return (self.first_weekday + day) % WEEK

    def open_gaps(self, left: IntArray, units_left: IntArray, remaining: IntArray) -> BoolArray:
        """(B, V) gap tokens that can still be kept.

        Args:
            left: (B,) days from the previous event to the history's last day.
            units_left: (B,) units from the previous event to midnight.
            remaining: (B,) events still to come; the last one must fall on the last day.
        """
        ends_here = remaining[..., None] <= 1
        return (
            (self.gap_low_days <= left[..., None])
            & (~ends_here | (self.gap_high_days >= left[..., None]))
            & (self.gap_low_units <= units_left[..., None])
        )

    def bridge(self, left: IntArray, remaining: IntArray) -> FloatArray:
        """(..., V) log-probability of each gap token if the events to come were spread evenly.

        With m events to come, the last of them `left` days on and the others anywhere before it,
        the next one is at least d days away with probability (1 - d / (left + 1))^(m - 1).
        """
        span = (left + 1.0)[..., None]
        others = (remaining - 1.0)[..., None]

        def survival(days: IntArray) -> FloatArray:
            open_share: FloatArray = np.maximum(1 - days / span, 0) ** others
            return open_share

        starts = np.where(self.is_new_day, self.gap_low_days, 0)
        stops = np.where(self.is_new_day, self.gap_high_days, 0) + 1
        return np.log(np.maximum(survival(starts) - survival(stops), 1e-6))

    def open_weekdays(self, day: IntArray, gap: IntArray, limit: IntArray) -> BoolArray:
        """(B, 7) weekdays that a gap token can lead to, from `day`, at most `limit` days on."""
        low = self.gap_low_days[gap]
        high = np.minimum(self.gap_high_days[gap], limit)
        start = self.weekday(day + low)[..., None]
        return (np.arange(WEEK) - start) % WEEK <= (high - low)[..., None]

    def pick_day(
        self, low: IntArray, high: IntArray, weekday: IntArray, uniform: FloatArray
    ) -> IntArray:
        """(B,) one of the days `low ... high` on that weekday, each as likely."""
        first = low + (weekday - self.weekday(low)) % WEEK
        choices = np.maximum((high - first) // WEEK + 1, 1)
        return first + WEEK * (uniform * choices).astype(np.int64)

    def pick_units(self, gap: IntArray, units_left: IntArray, uniform: FloatArray) -> IntArray:
        """(B,) units to the next event on the same day, within the day."""
        if self.same_day_gaps is None:
            return np.zeros(len(gap), np.int64)
        token = np.clip(gap, 1, self._same_day_size)
        low = self.same_day_gaps.low[token]
        high = np.minimum(self.same_day_gaps.high[token], units_left)
        return low + (uniform * (high - low + 1)).astype(np.int64)

    def pick_clock(self, token: IntArray, uniform: FloatArray) -> IntArray:
        """(B,) units since midnight."""
        if self.clocks is None:
            return np.zeros(len(token), np.int64)
        return self.clocks.decode(token, uniform)

    def decode(self, places: Places) -> pl.Series:
        """(N,) days and units → (N,) times of the fitted type."""
        micros = self.epoch + places.day * DAY + places.unit * self.unit - self.offset
        times = pl.Series(micros).cast(pl.Datetime("us"))
        if isinstance(self.dtype, pl.Datetime) and self.dtype.time_zone:
            times = times.dt.replace_time_zone("UTC").dt.convert_time_zone(self.dtype.time_zone)
        return times.cast(self.dtype)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "epoch": self.epoch,
            "days": self.days,
            "unit": self.unit,
            "day_gaps": self.day_gaps.to_dict(),
            "same_day_gaps": self.same_day_gaps and self.same_day_gaps.to_dict(),
            "clocks": self.clocks and self.clocks.to_dict(),
            "offset": self.offset,
            "dtype": dtype_to_json(self.dtype),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Timeline":
        """From JSON."""

        def grid(name: str) -> Grid | None:
            return Grid.from_dict(data[name]) if data[name] else None

        return cls(
            data["epoch"],
            data["days"],
            data["unit"],
            Grid.from_dict(data["day_gaps"]),
            grid("same_day_gaps"),
            grid("clocks"),
            data["offset"],
            dtype_from_json(data["dtype"]),
        )


def _tile(grid: Grid, size: int, start: int = 1) -> Grid:
    """Add outer bins so that every value from `start` to `size - 1` has a token."""
    inner = grid.edges[(grid.edges > start) & (grid.edges < size)]
    return Grid(grid.atoms, np.array([start, *inner, max(size, start + 1)], np.int64))


def _standard_offset(column: pl.Series) -> int:
    if not (isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone):
        return 0
    return int(column.dt.base_utc_offset().cast(pl.Duration("us")).to_physical().mode()[0])


def _micros(column: pl.Series, offset: int) -> IntArray:
    """Microseconds since 1970 in wall time (standard time all year for zoned columns)."""
    times = column.cast(pl.Datetime("us", getattr(column.dtype, "time_zone", None)))
    return times.to_physical().to_numpy().astype(np.int64) + offset
