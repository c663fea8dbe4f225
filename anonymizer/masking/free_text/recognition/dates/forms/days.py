"""A day, or as much of one as was written, and how it moves."""

import calendar
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from typing import Final, NamedTuple

# Days without a year move in a year without the 29th of February, as three of four are.
REFERENCE_YEAR: Final = 2001
_YEAR: Final = 365.2425  # days
_Date = date  # for what a `Day` has under that name


class Day(NamedTuple):
    """What is known of a date; None where nothing was written.

    Attributes:
        year: 1 to 9999.
        month: 1 to 12.
        day: of the month.
        week: of the ISO year, where nothing finer is known.
        quarter: of the year, likewise.
        half: of the year, likewise.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    week: int | None = None
    quarter: int | None = None
    half: int | None = None

    @property
    def canonical(self) -> str:
        """The one spelling: 2024-03-05, --03-05, ---05, 2024-03, 2024-W10, 2024-Q1, 2024-H1."""
        year = "-" if self.year is None else f"{self.year:04}"
        if self.week:
            return f"{year}-W{self.week:02}"
        if self.quarter or self.half:
            return f"{year}-Q{self.quarter}" if self.quarter else f"{year}-H{self.half}"
        if self.day and not self.month:
            return f"---{self.day:02}"
        return "-".join([year, *(f"{part:02}" for part in (self.month, self.day) if part)])

    @property
    def is_possible(self) -> bool:
        """Whether months have so many days; the 30th of February passes, as people mistype."""
        return (
            (self.month is None or 1 <= self.month <= 12)
            and (self.day is None or 1 <= self.day <= 31)
            and (self.week is None or 1 <= self.week <= 53)
            and (self.quarter is None or 1 <= self.quarter <= 4)
            and (self.half is None or 1 <= self.half <= 2)
        )

    @property
    def date(self) -> date:
        """The day itself, its month's first, its week's Monday; ValueError where there is none."""
        year = self.year or REFERENCE_YEAR
        if self.week:
            return date.fromisocalendar(year, self.week, 1)
        first = 6 * self.half - 5 if self.half else 3 * (self.quarter or 1) - 2
        return date(year, self.month or first, self.day or 1)

    def moved(self, days: int, near: _Date | None = None) -> "Day | None":
        """Some days later; None where the calendar ends, or a 29 February has no year.

        Weeks, months, quarters and years move by the whole ones nearest to the days, so that the
        way back is the same. A day without a year moves in REFERENCE_YEAR and around its end,
        one without a month among 31, and a week without a year among 53.

        Args:
            days: how many later; negative, earlier.
            near: a day that moves as well. What is no whole date stays as far from it as it is:
                the week, the month or the year that it lies in goes on to be that.
        """
        try:
            if near is None or (self.year and self.month and self.day):
                return self._moved(days)
            return self._moved_beside(near, near + timedelta(days))
        except (ValueError, OverflowError):
            return None

    def _moved(self, days: int) -> "Day":
        if self.week and self.year is None:
            return Day(week=(self.week - 1 + round(days / 7)) % 53 + 1)
        if self.day and self.month is None:
            return Day(day=(self.day - 1 + days) % 31 + 1)
        if self.week:
            year, week, _ = (self.date + timedelta(weeks=round(days / 7))).isocalendar()
            return Day(year, week=week)
        if self.day and self.year:
            return of_date(self.date + timedelta(days))
        if self.day:
            number = self.date.timetuple().tm_yday + days
            return of_date(date(REFERENCE_YEAR, 1, 1) + timedelta((number - 1) % 365))._replace(
                year=None
            )
        year = self.year or REFERENCE_YEAR
        return self._by_parts(year, round(days * self._parts / _YEAR))

    def _moved_beside(self, near: _Date, then: _Date) -> "Day":
        """As far from a day after it moved as before."""
        if self.day:
            own = min(self._days_around(near), key=lambda each: abs(each - near))
            later = then + (own - near)
            return Day(month=later.month if self.month else None, day=later.day)
        years = (self.year,) if self.year else _years_around(near)
        if self.week:
            mondays = (date.fromisocalendar(year, 1, 1) for year in years)
            all_own = [monday + timedelta(weeks=self.week - 1) for monday in mondays]
            own = min(all_own, key=lambda each: abs(each - near))
            year, week, _ = (own + (_monday(then) - _monday(near))).isocalendar()
            return Day(year if self.year else None, week=week)
        parts = self._parts
        before, after = (
            each.year * parts + (each.month - 1) * parts // 12 for each in (near, then)
        )
        year = min(years, key=lambda each: abs(each * parts + self._part - before))
        return self._by_parts(year, after - before)

    def _days_around(self, near: _Date) -> Iterator[_Date]:
        """The days that one without a year, or without a month, may be."""
        months = (
            [12 * year + self.month - 1 for year in _years_around(near)]
            if self.month
            else [12 * near.year + near.month - 1 + more for more in (-1, 0, 1)]
        )
        for month in months:
            with suppress(ValueError):
                yield date(month // 12, month % 12 + 1, self.day or 1)

    @property
    def _parts(self) -> int:
        """How many of what it is a year has: months, quarters, halves, or one."""
        return 12 if self.month else 4 if self.quarter else 2 if self.half else 1

    @property
    def _part(self) -> int:
        """Which of them it is, from 0."""
        return (self.month or self.quarter or self.half or 1) - 1

    def _by_parts(self, year: int, more: int) -> "Day":
        """So many months, quarters, halves or years later than in a year."""
        year, part = divmod(year * self._parts + self._part + more, self._parts)
        date(year, 1, 1)  # refuses what no calendar has
        return Day(
            year=year if self.year else None,
            month=part + 1 if self.month else None,
            quarter=part + 1 if self.quarter else None,
            half=part + 1 if self.half else None,
        )


def _years_around(day: date) -> tuple[int, int, int]:
    return day.year - 1, day.year, day.year + 1


def _monday(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(day.weekday())


def of_date(day: date) -> Day:
    """A day of which all is known."""
    return Day(day.year, day.month, day.day)


def of_ordinal(year: int, number: int) -> Day | None:
    """The day of a year by its number, from 1."""
    if not 1 <= number <= 365 + calendar.isleap(year):
        return None
    return of_date(date(year, 1, 1) + timedelta(number - 1))


def of_week(year: int, week: int, weekday: int) -> Day | None:
    """A day of an ISO week, from 1 for Monday."""
    try:
        return of_date(date.fromisocalendar(year, week, weekday))
    except ValueError:
        return None
