"""Times as moments, and the places in time that a calendar allows, numbered from the first on."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, IntArray

DAY: Final = 86_400_000_000  # microseconds
_FIRST, _LAST = -719_162 * DAY, 2_932_897 * DAY - 1  # of the years 1 to 9999
_NANO: Final = 9_214_646_400_000_000  # microseconds, of what 64 bits of nanoseconds hold
_MARGIN: Final = 800  # days, in which every first and last of a month meets each weekday


def moments(times: pl.Series, zone: str | None, *, late: bool = False) -> pl.Series:
    """(N,) days or times → microseconds since 1970, nulls kept.

    Args:
        times: of any unit, with a zone or without.
        zone: where clocks without a zone are taken to hang; without it all are read off the wall.
        late: whether an hour that the clocks show twice is its second pass.
    """
    here = getattr(times.dtype, "time_zone", None)
    if times.dtype == pl.Date:
        found = times.to_physical().cast(pl.Int64) * DAY
    elif here and not zone:
        found = times.dt.replace_time_zone(None).cast(pl.Datetime("us")).to_physical()
    else:
        found = times.cast(pl.Datetime("us", here)).to_physical()
    found = found.clip(_FIRST, _LAST)
    return _localised(found, zone, late=late) if zone and not here else found


def _localised(wall: pl.Series, zone: str, *, late: bool = False) -> pl.Series:
    """Clocks on a wall → moments; an hour that is left out in spring is the one after it."""
    clocks = pl.concat([wall, wall - DAY]).cast(pl.Datetime("us"))
    again: Literal["latest", "earliest"] = "latest" if late else "earliest"
    found = clocks.dt.replace_time_zone(zone, ambiguous=again, non_existent="null").to_physical()
    return found[: len(wall)].fill_null(found[len(wall) :] + DAY)


def as_times(moments_: pl.Series, dtype: pl.DataType) -> pl.Series:
    """(N,) microseconds since 1970, nulls kept → times of a type."""
    if dtype == pl.Date:
        return (moments_ // DAY).cast(pl.Int32).cast(pl.Date)
    if not isinstance(dtype, pl.Datetime):
        raise TypeError(dtype)
    end = _NANO if dtype.time_unit == "ns" else _LAST
    times = moments_.clip(max(-end, _FIRST), end).cast(pl.Datetime("us"))
    if dtype.time_zone:
        times = times.dt.replace_time_zone("UTC").dt.convert_time_zone(dtype.time_zone)
    return times.cast(dtype)


@dataclass(frozen=True)
class Line:
    """The places that a calendar allows, 0, 1, 2, …: so many on each of D days.

    Days of a zone are as long as they are, so no place lies in an hour that is left out.

    Attributes:
        first: number of the first day since 1970.
        start: (D + 1,) moment at which each day begins, and the last one ends.
        before: (D + 1,) places before each day.
        step: microseconds from a place of a day to the next.
    """

    first: int
    start: IntArray
    before: IntArray
    step: int

    @classmethod
    def of(
        cls,
        span: tuple[int, int],
        step: int,
        never: tuple[int, ...] = (),
        month: str = "",
        zone: str | None = None,
    ) -> "Line":
        """The places between two moments and some years around them.

        Args:
            span: the moments.
            step: microseconds, a part of a day.
            never: weekdays without places, 1 for Monday to 7 for Sunday.
            month: `first` or `last` for days that are the first or last of one.
            zone: of the clocks; none for clocks on a wall.
        """
        first = min(span) // DAY - _MARGIN
        day = np.arange(first, max(span) // DAY + _MARGIN + 2)
        wall = pl.Series(day * DAY)
        start = _localised(wall, zone) if zone else wall
        begins = start.to_numpy()
        count = np.maximum(np.diff(begins) // step, 1 if step == DAY else 0)
        count[~_allowed(day[:-1], never, month)] = 0
        if zone and step == DAY:  # a midnight that is left out in spring is none
            shown = moments(as_times(start, pl.Datetime("us", zone)), None)
            count[(shown != wall).to_numpy()[:-1]] = 0
        return cls(first, begins, np.concatenate([[0], np.cumsum(count)]), step)

    def times(self, place: IntArray) -> IntArray:
        """(N,) places → moments."""
        day = self._day_of(place)
        found: IntArray = self.start[day] + (place - self.before[day]) * self.step
        return found

    def nearest(self, moment: IntArray) -> IntArray:
        """(N,) moments → places: on the nearest day that has some, as near to the same clock."""
        day = self.day(moment)
        clock = moment - self.start[day]
        after, earlier = self._day_of(self.before[day]), self._day_of(self.before[day] - 1)
        near = np.where(day - earlier < after - day, earlier, after)
        near = np.where(self.count[day] > 0, day, near)
        return self.on(near, clock)

    def on(self, day: IntArray, clock: IntArray) -> IntArray:
        """(N,) the place of a day that is nearest to a time since it began."""
        place = (clock + self.step // 2) // self.step
        found: IntArray = self.before[day] + np.minimum(place, self.count[day] - 1)
        return found

    def up(self, moment: IntArray) -> IntArray:
        """(N,) moments → the first place that is not earlier."""
        day = self.day(moment)
        place = -((self.start[day] - moment) // self.step)
        found: IntArray = self.before[day] + np.minimum(place, self.count[day])
        return found

    def down(self, moment: IntArray) -> IntArray:
        """(N,) moments → the last place that is not later."""
        day = self.day(moment)
        place = (moment - self.start[day]) // self.step + 1
        found: IntArray = self.before[day] + np.minimum(place, self.count[day]) - 1
        return found

    @property
    def count(self) -> IntArray:
        """(D,) places of each day."""
        return np.diff(self.before)

    def day(self, moment: IntArray) -> IntArray:
        """(N,) moments → days, 0 … D − 1."""
        return np.clip(np.searchsorted(self.start, moment, "right") - 1, 0, len(self.start) - 2)

    def _day_of(self, place: IntArray) -> IntArray:
        inside = np.clip(place, 0, self.before[-1] - 1)
        return np.searchsorted(self.before, inside, "right") - 1


def _allowed(day: IntArray, never: tuple[int, ...], month: str) -> BoolArray:
    """(D,) which days since 1970 have places."""
    good: BoolArray = ~np.isin((day + 3) % 7 + 1, never)
    if month:
        aside = day + 1 if month == "last" else day - 1
        one, other = (d.astype("datetime64[D]").astype("datetime64[M]") for d in (day, aside))
        good &= one != other
    return good
