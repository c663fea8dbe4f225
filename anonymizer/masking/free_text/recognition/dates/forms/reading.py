"""A match of a pattern becomes a reading: which day was written, and where its parts stand."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from anonymizer.masking.free_text.recognition.dates.forms import patterns
from anonymizer.masking.free_text.recognition.dates.forms.days import Day, of_ordinal, of_week
from anonymizer.masking.free_text.recognition.dates.vocabulary.names import MONTHS, WEEKDAYS
from anonymizer.masking.free_text.recognition.dates.vocabulary.numerals import number, western

_FIRST_OF_1900S: Final = 40  # two figures of a year: 40 is 1940, 39 is 2039
REACH: Final = 24  # characters before a date in which its weekday stands
_GAPS: Final = frozenset("gh")
DAY_FIRST: Final = "dmy"
MONTH_FIRST: Final = "mdy"
_NO_DAY: Final = Day(month=13)

Places = dict[str, tuple[int, int]]


class Reading(NamedTuple):
    """What was written and where.

    Attributes:
        start: the first character of all that belongs to the date.
        end: one past its last.
        places: of the parts, by the letters that `patterns` gives them; month and day are told.
        last: the day, of a range its last one.
        first: of a range.
        form: what the text around had to decide: the order of figures and the language of names,
            such as `mdy en`.
        has_clock: whether a time of the day belongs to it.
    """

    start: int
    end: int
    places: Places
    last: Day
    first: Day | None = None
    form: str = ""
    has_clock: bool = False

    @property
    def canonical(self) -> str:
        """The one spelling of a day; of a range both, as in ISO 8601."""
        last = self.last.canonical
        return f"{self.first.canonical}/{last}" if self.first else last

    def written(self, low: str, code: str) -> str:
        """The text of a part; empty where there is none."""
        return _part(low, self.places, code)

    def month(self, low: str) -> str:
        """The month as it was written, of a range that of its last day."""
        return self.written(low, "m") or self.written(low, "m0")


def lowered(text: str) -> str:
    """Small letters, as many characters as before."""
    return text.lower() if text.isascii() else text.replace("İ", "i").lower()


# By the text of a pattern, as texts remember their hash and patterns count theirs anew.
_CODES: Final[dict[str, tuple[tuple[int, str], ...]]] = {}


def _codes(pattern: re.Pattern[str]) -> tuple[tuple[int, str], ...]:
    """What the groups of a pattern hold: a letter, and whether it is of a range's first day."""
    return tuple(
        (group, name[0] + "0" * name.endswith("0"))
        for name, group in pattern.groupindex.items()
        if name[0] not in _GAPS
    )


def places_of(match: re.Match[str]) -> Places:
    """Where the parts of a match stand."""
    spans, pattern = match.regs, match.re
    codes = _CODES.get(pattern.pattern)
    if codes is None:
        codes = _CODES[pattern.pattern] = _codes(pattern)
    return {code: spans[group] for group, code in codes if spans[group][1] >= 0}


def orders(places: Places, low: str) -> tuple[str, ...]:
    """In which orders day and month of figures can be read; none where it is no date at all."""
    if "a" not in places:
        return (DAY_FIRST,)
    pairs = [
        (number(_part(low, places, "a" + end)), number(_part(low, places, "b" + end)))
        for end in ("", "0")
        if "b" + end in places
    ]
    day_first = all(0 < first <= 31 and 0 < second <= 12 for first, second in pairs)
    month_first = all(0 < first <= 12 and 0 < second <= 31 for first, second in pairs)
    return (DAY_FIRST,) * day_first + (MONTH_FIRST,) * month_first


def read(match: re.Match[str], places: Places, low: str, form: str) -> Reading | None:
    """The reading of a match; None where there is no such day.

    Args:
        match: of one of the patterns.
        places: of its parts.
        low: the text in small letters.
        form: the order of day and month, where figures leave it open, and perhaps a language.
    """
    start, end = match.span()
    if "a" in places:
        letters = {"a": "m", "b": "d"} if form.startswith(MONTH_FIRST) else {"a": "d", "b": "m"}
        places = {letters.get(code[0], code[0]) + code[1:]: place for code, place in places.items()}
    if "d0" in places:
        places, start = _ends(places, low, start)
    last, first = _day(places, low, ""), None
    if "d0" in places or "m0" in places or "y0" in places:
        first, last = _completed(_day(places, low, "0"), last)
    if not last.is_possible or not (first is None or first.is_possible):
        return None
    if first and "m" not in places and "d" in places and (first.day or 0) >= (last.day or 0):
        return None  # `Mar 29/1` is no range within a month
    return Reading(start, end, places, last, first, form)


def _ends(places: Places, low: str, start: int) -> tuple[Places, int]:
    """The parts of a range, or of one day that was none: `12 - 5 May` is no range of days."""
    if "d" not in places:
        return {code[0]: place for code, place in places.items()}, start
    backwards = number(_part(low, places, "d0")) >= number(_part(low, places, "d"))
    if backwards and "m" in places and "m0" not in places:
        start = places["d"][0]
        return {code: place for code, place in places.items() if not code.endswith("0")}, start
    return places, start


def _part(low: str, places: Mapping[str, tuple[int, int]], code: str) -> str:
    place = places.get(code)
    return low[place[0] : place[1]] if place else ""


def _day(places: Places, low: str, end: str) -> Day:
    """A day as far as it was written at one end of a range."""
    year = _year(_part(low, places, "y" + end), _part(low, places, "e" + end))
    if "m" + end in places or "d" + end in places:
        day = _part(low, places, "d" + end)
        month = _part(low, places, "m" + end)
        return Day(year, _month(month) if month else None, number(day) if day else None)
    if "j" in places:
        return of_ordinal(year or 1, number(_part(low, places, "j"))) or _NO_DAY
    week, quarter, half = (_part(low, places, code) for code in "vqs")
    if "u" in places:
        return of_week(year or 1, number(week), number(_part(low, places, "u"))) or _NO_DAY
    return Day(
        year,
        week=number(week) if week else None,
        quarter=number(quarter) if quarter else None,
        half=number(half) if half else None,
    )


def _year(written: str, era: str) -> int | None:
    if not written:
        return None
    value = number(written)
    if era:
        return western(value, era)
    if len(written) > 2:
        return value
    return value + (1900 if value >= _FIRST_OF_1900S else 2000)


def _month(written: str) -> int:
    return MONTHS[written][0].place + 1 if written in MONTHS else number(written)


def _completed(first: Day, last: Day) -> tuple[Day, Day]:
    """Both ends of a range with what was written once: the first is not behind the last."""
    first = first._replace(month=first.month or last.month)
    last = last._replace(month=last.month or first.month)
    behind = (first.month or 0, first.day or 0) > (last.month or 0, last.day or 0)
    if first.year is None and last.year is not None:
        first = first._replace(year=last.year - behind)
    elif last.year is None and first.year is not None:
        last = last._replace(year=first.year + behind)
    return first, last


def extended(reading: Reading, low: str, begin: int = 0) -> Reading:
    """With the weekday and the time of the day that stand beside a date.

    Args:
        reading: of the date alone.
        low: the text in small letters.
        begin: from where on the text is the date's.
    """
    reading = _with_weekday_before(reading, low, max(begin, reading.start - REACH))
    start, end, places, last, first, form, _ = reading
    if mark := patterns.YEAR_MARK.match(low, end):
        end = mark.end()
    end = _weekday_after(places, low, end)
    clock = patterns.CLOCK.match(low, end) if last.day else None
    if clock is None:
        return reading if end == reading.end else reading._replace(end=end)
    end = clock.end()
    year = patterns.YEAR_AFTER_CLOCK.match(low, end) if "y" not in places else None
    if year:
        end, places["y"] = year.end(), year.span("y")
        last = last._replace(year=int(year["y"]))
    end = _weekday_after(places, low, end)
    return Reading(start, end, places, last, first, form, has_clock=True)


def widened(reading: Reading, low: str, begin: int = 0) -> Reading:
    """With the words that say which part of a month or a year is meant, as `extended`."""
    start, end, places = reading.start, reading.end, reading.places
    if "d" in places or "g" in places:
        return reading
    before = patterns.PART_BEFORE.search(low, max(begin, start - REACH), start)
    behind = patterns.PART_BEHIND.match(low, end) if "m" in places else None
    if behind and behind["y"] and "y" not in places:
        places["y"] = behind.span("y")
        reading = reading._replace(last=reading.last._replace(year=int(behind["y"])))
    return reading._replace(
        start=before.start() if before else start, end=behind.end() if behind else end
    )


def _with_weekday_before(reading: Reading, low: str, begin: int) -> Reading:
    before = low[begin : reading.start]
    if before.isascii() and WEEKDAYS.keys().isdisjoint(patterns.WORD.findall(before)[-3:]):
        return reading
    found = patterns.WEEKDAY_BEFORE.search(before)
    if found is None or low[reading.start].isspace():
        return reading
    start, end = found.span(found.lastgroup or 0)
    reading.places["w"] = (start + begin, end + begin)
    return reading._replace(start=found.start() + begin)


def _weekday_after(places: Places, low: str, end: int) -> int:
    """Where a date ends with the weekday behind it."""
    found = None if "w" in places else patterns.WEEKDAY_AFTER.match(low, end)
    if found is None:
        return end
    places["w"] = found.span(found.lastgroup or 0)
    return found.end()
