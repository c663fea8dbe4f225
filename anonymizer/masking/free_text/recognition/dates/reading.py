"""A match of a pattern becomes a reading: which day was written, and where each part of it stands."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from anonymizer.masking.free_text.recognition.dates import patterns
from anonymizer.masking.free_text.recognition.dates.days import Day, of_ordinal, of_week
from anonymizer.masking.free_text.recognition.dates.names import MONTHS, WEEKDAYS
from anonymizer.masking.free_text.recognition.dates.numerals import number, western

_FIRST_OF_1900S: Final = 40  # two figures of a year: 40 is 1940, 39 is 2039
REACH: Final = 24  # characters before a date in which its weekday stands
_GAPS: Final = frozenset("gh")
DAY_FIRST: Final = "dmy"
MONTH_FIRST: Final = "mdy"


@dataclass(frozen=True, slots=True)
class Reading:
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
    places: Mapping[str, tuple[int, int]]
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
        start, end = self.places.get(code, (0, 0))
        return low[start:end]

    def month(self, low: str) -> str:
        """The month as it was written, of a range that of its last day."""
        return self.written(low, "m") or self.written(low, "m0")


def lowered(text: str) -> str:
    """Small letters, as many characters as before."""
    return text.lower() if text.isascii() else text.replace("İ", "i").lower()


def orders(match: re.Match[str]) -> tuple[str, ...]:
    """In which orders day and month of figures can be read; none where it is no date at all."""
    first, second = (_figure(match, "a"), _figure(match, "b"))
    if first is None or second is None:
        return (DAY_FIRST,)
    possible = []
    if 1 <= second <= 12 and 1 <= first <= 31:
        possible.append(DAY_FIRST)
    if 1 <= first <= 12 and 1 <= second <= 31:
        possible.append(MONTH_FIRST)
    return tuple(possible)


def _figure(match: re.Match[str], letter: str) -> int | None:
    for name, value in match.groupdict().items():
        if value is not None and name[0] == letter and not name.endswith("0"):
            return number(value)
    return None


def read(match: re.Match[str], low: str, form: str = "") -> Reading | None:
    """The reading of a match; None where there is no such day.

    Args:
        match: of one of the patterns.
        low: the text in small letters.
        form: the order of day and month, where figures leave it open, and perhaps a language.
    """
    letters = str.maketrans("ab", "md" if form.startswith(MONTH_FIRST) else "dm")
    places = dict[str, tuple[int, int]]()
    for name, value in match.groupdict().items():
        if value is not None and name[0] not in _GAPS:
            places[name[0].translate(letters) + "0" * name.endswith("0")] = match.span(name)
    if "d0" in places and "d" not in places:  # no range
        for code in ("y0", "e0", "m0", "d0", "o0"):
            if code in places:
                places[code[0]] = places.pop(code)
    last, first = _day(places, low, ""), None
    if any(code in places for code in ("d0", "m0", "y0")):
        first = _day(places, low, "0")
        first, last = _completed(first, last)
    if last is None or not last.is_possible or not (first is None or first.is_possible):
        return None
    return Reading(*match.span(), places, last, first, form)


def _day(places: Mapping[str, tuple[int, int]], low: str, end: str) -> Day:
    """A day as far as it was written at one end of a range."""

    def part(code: str) -> str:
        return low[slice(*places.get(code + end, (0, 0)))]

    year = _year(part("y"), part("e"))
    if part("j"):
        return of_ordinal(year or 1, number(part("j"))) or Day(month=13)
    if part("u"):
        return of_week(year or 1, number(part("v")), number(part("u"))) or Day(month=13)
    return Day(
        year,
        _month(part("m")),
        number(part("d")) if part("d") else None,
        number(part("v")) if part("v") else None,
        number(part("q")) if part("q") else None,
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


def _month(written: str) -> int | None:
    if not written:
        return None
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
    end, places = reading.end, dict(reading.places)
    if mark := patterns.YEAR_MARK.match(low, end):
        end = mark.end()
    end = _weekday_after(places, low, end)
    clock = patterns.CLOCK.match(low, end) if reading.last.day else None
    if clock:
        end = clock.end()
        year = patterns.YEAR_AFTER_CLOCK.match(low, end) if "y" not in places else None
        if year:
            end, places["y"] = year.end(), year.span("y")
            last = reading.last._replace(year=int(year["y"]))
            reading = replace(reading, last=last)
        end = _weekday_after(places, low, end)
    return replace(reading, end=end, places=places, has_clock=clock is not None)


def _with_weekday_before(reading: Reading, low: str, begin: int) -> Reading:
    start = reading.start
    before = low[begin:start]
    found = None
    if not WEEKDAYS.keys().isdisjoint(patterns.WORD.findall(before)[-3:]):
        found = patterns.WEEKDAY_BEFORE.search(before)
    if found is None and not before.isascii():
        found = patterns.EASTERN_WEEKDAY_BEFORE.search(before)
    if found is None or not _is_weekday(found["w"], found.re) or low[start].isspace():
        return reading
    offset = begin
    if found.start() and (before[found.start() - 1].isalnum() and found["w"].isascii()):
        return reading
    place = (found.start("w") + offset, found.end("w") + offset)
    return replace(reading, start=found.start() + offset, places={**reading.places, "w": place})


def _is_weekday(word: str, pattern: re.Pattern[str]) -> bool:
    """Whether a word is one; single letters are where they stand behind `星期` and the like."""
    return word in WEEKDAYS and (len(word) > 1 or pattern is patterns.EASTERN_WEEKDAY_BEFORE)


def _weekday_after(places: dict[str, tuple[int, int]], low: str, end: int) -> int:
    """Where a date ends with the weekday behind it."""
    if "w" in places or end == len(low):
        return end
    found = patterns.WEEKDAY_AFTER.match(low, end)
    found = found if found and found[found.lastgroup or 0] in WEEKDAYS else None
    if found is None and not low.isascii():
        found = patterns.EASTERN_WEEKDAY_AFTER.match(low, end)
    if found is None:
        return end
    places["w"] = found.span(found.lastgroup or 0)
    return found.end()
