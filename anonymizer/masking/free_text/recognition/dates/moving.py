"""A date in the form in which it was written, some days later."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from anonymizer.masking.free_text.recognition.basis.folding import Folded, Span, fold
from anonymizer.masking.free_text.recognition.dates import patterns
from anonymizer.masking.free_text.recognition.dates.context import language_of, languages_of
from anonymizer.masking.free_text.recognition.dates.days import Day
from anonymizer.masking.free_text.recognition.dates.names import MONTHS, WEEKDAYS
from anonymizer.masking.free_text.recognition.dates.numerals import (
    ORDINALS,
    QUARTERS,
    ROMANS,
    chinese,
    chinese_year,
    in_era,
    spelt,
)
from anonymizer.masking.free_text.recognition.dates.reading import (
    DAY_FIRST,
    MONTH_FIRST,
    Reading,
    extended,
    lowered,
    orders,
    places_of,
    read,
)

_PATTERNS: Final = (
    *patterns.NAMED,
    patterns.PARTS_OF_YEAR,
    *patterns.NUMERIC,
    patterns.EASTERN,
    patterns.ERA_LETTER,
    patterns.YEARS,
    patterns.COMPACT,
)
Edit = tuple[int, int, str]  # what stands between two places becomes something else


def moved(written: str, days: int, form: str = "") -> str | None:
    """The same form with another date: order, separators, zeros, names, ordinals, numerals.

    A month, quarter or year alone moves by the nearest whole number of them, so that the way back
    is the same; a day without a year as in 2001, a year without the 29th of February.

    Args:
        written: a date as it stands in a text, with its weekday and time of the day.
        days: how many later; negative, earlier.
        form: of the date's span: its order of figures or its language, where it could be several.

    Returns:
        None for what is no date or none in that form: the 30th of February, a 29th without a year.
    """
    folded = fold(written)
    low = lowered(folded.text)
    reading = _whole(low, form)
    if reading is None:
        return None
    last = reading.last.moved(days)
    first = reading.first.moved(days) if reading.first else None
    if last is None or (reading.first and first is None):
        return None
    page = _Page(folded, low, reading, first or last, last, days)
    text = _edited(written, folded, page.edits())
    again = _whole(lowered(fold(text).text), page.form)
    expected = f"{first.canonical}/{last.canonical}" if first else last.canonical
    return text if again is not None and again.canonical == expected else None


def canonical(written: str, form: str = "") -> str | None:
    """The one spelling of a date's days, as its span has it; None for what is no date."""
    reading = _whole(lowered(fold(written).text), form)
    return None if reading is None else reading.canonical


def _whole(low: str, form: str) -> Reading | None:
    """The reading of all of a text."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(low):
            places = places_of(match)
            possible = orders(places, low)
            if not possible:
                continue
            usual = DAY_FIRST if "." in match[0] else MONTH_FIRST
            order = next((each for each in (form[:3], usual) if each in possible), possible[0])
            reading = read(match, places, low, f"{order} {form[4:]}")
            if reading is not None:
                reading = extended(reading, low)
                if reading.start == 0 and reading.end == len(low):
                    return reading
    return None


def _edited(written: str, folded: Folded, edits: list[Edit]) -> str:
    """The raw text with other parts, whose figures are of the script that stood there."""
    pieces, place = [], 0
    for start, end, new in sorted(edits):
        span = folded.raw(Span(start, end, "", ""))
        old = written[span.start : span.end]
        same = new == folded.text[start:end]
        pieces += [written[place : span.start], old if same else _in_script(new, old)]
        place = span.end
    return "".join([*pieces, written[place:]])


def _in_script(new: str, old: str) -> str:
    """The figures of another script, where the old ones are of it."""
    digit = next((char for char in old if char.isdecimal() and not char.isascii()), None)
    if digit is None:
        return new
    zero = ord(digit) - unicodedata.digit(digit)
    return "".join(chr(zero + int(char)) if char.isdecimal() else char for char in new)


@dataclass(frozen=True)
class _Page:
    """A date and the one to be written in its place."""

    folded: Folded
    low: str
    reading: Reading
    first: Day
    last: Day
    days: int

    @property
    def form(self) -> str:
        """What was decided of the form, so that it is read again as it was."""
        return f"{self.reading.form[:3]} {self.language}"

    @cached_property
    def language(self) -> str:
        """Of the names of month and weekday; empty where there are none."""
        told = self.reading.form[4:]
        named = self.reading.month(self.low), self.reading.written(self.low, "w")
        if any(told in languages_of(name) for name in named):
            return told
        return language_of(self.reading, self.text, self.low, lambda _: "")

    @property
    def text(self) -> str:
        """The date as it stands."""
        return self.folded.text

    def edits(self) -> list[Edit]:
        """Each part anew, and the month where both ends have it no longer in common."""
        reading = self.reading
        shared = list(self._range_edits()) if reading.first else []
        parts = [
            (*place, self._part(code, place))
            for code, place in reading.places.items()
            if not any(start <= place[0] < end for start, end, _ in shared)
        ]
        return [*parts, *shared]

    def _part(self, code: str, place: tuple[int, int]) -> str:
        letter, old = code[0], self.low[slice(*place)]
        day = self.first if code.endswith("0") else self.last
        writers = {
            "y": self._year, "e": self._era, "m": self._month, "d": self._day, "o": self._ordinal,
        }  # fmt: skip
        if letter in writers:
            return writers[letter](day, old, code[1:])
        if letter == "w":
            return self._weekday(old, place)
        if letter == "q":
            return self._quarter(day.quarter or 1, old, place)
        if letter == "j":
            return f"{day.date.timetuple().tm_yday:03}"
        return self._week(day, old, letter)

    def _quarter(self, quarter: int, old: str, place: tuple[int, int]) -> str:
        if old.isdecimal():
            return str(quarter)
        if old not in QUARTERS:
            return chinese(quarter)
        words = list(QUARTERS)
        start = words.index(old) // 4 * 4
        return _cased(words[start + quarter - 1], self.text[slice(*place)])

    def _week(self, day: Day, old: str, letter: str) -> str:
        _, week, weekday = day.date.isocalendar()
        return str(weekday) if letter == "u" else f"{week:0{len(old)}}"

    def _year(self, day: Day, old: str, end: str) -> str:
        year = day.year or 0
        if "v" in self.reading.places and day.day:
            year = day.date.isocalendar().year
        era = self.reading.written(self.low, "e" + end)
        if era:
            found = in_era(_in_year(day), era)
            year = found[1] if found else 0
        if old.isdecimal() and not era:
            return f"{year:04}" if len(old) == 4 else f"{year % 100:02}"
        if old.isdecimal():
            return "元" if year == 1 and old != "1" and not era.isascii() else str(year)
        if len(old) == 4:
            return chinese_year(year, old)
        if old == "元" and not self.reading.month(self.low)[:1] in tuple("一二三四五六七八九十"):
            return "元" if year == 1 else str(year)
        return "元" if year == 1 else chinese(year)

    def _era(self, day: Day, old: str, _end: str) -> str:
        found = in_era(_in_year(day), old)
        return _cased(found[0], self.text[slice(*self.reading.places["e"])]) if found else old

    def _month(self, day: Day, old: str, end: str) -> str:
        month = day.month or 1
        start, stop = self.reading.places["m" + end]
        if old in MONTHS:
            names = MONTHS[old]
            language = self.language
            own = [name for name in names if name.series.language == language] or names
            name = next((each for each in own if each.series.short == self._is_short), own[0])
            return _cased(name.series.name(month - 1), self.text[start:stop])
        if old in ROMANS:
            return _cased(ROMANS[month - 1], self.text[start:stop])
        return self._figures(month, old)

    @property
    def _is_short(self) -> bool:
        """Whether a month whose name is its own abbreviation is one here."""
        weekday, month = self.reading.written(self.low, "w"), self.reading.written(self.low, "m")
        other = self.reading.written(self.low, "m0")
        names = (WEEKDAYS.get(weekday, []), MONTHS.get(month, []), MONTHS.get(other, []))
        short = any(each and all(name.series.short for name in each) for each in names)
        return short or self._is_tight or self._is_of_a_log or "." in self._beside

    @property
    def _beside(self) -> str:
        """What stands around a month's name."""
        start, end = self.reading.places.get("m") or self.reading.places["m0"]
        return self.low[max(0, start - 1) : start].replace(".", "") + self.low[end : end + 1]

    @property
    def _is_tight(self) -> bool:
        """Whether no blank stands between a month's name and the parts beside it."""
        return not self.reading.first and bool(self._beside.strip(" ,.()\n"))

    def _day(self, day: Day, old: str, _end: str) -> str:
        number = day.day or 1
        if old in ORDINALS:
            new = spelt(number)
            new = new.replace("-", " ") if " " in old else new
            return new
        if old.startswith(" ") or (len(old) == 2 and self._is_of_a_log):
            return f"{number:2}"
        first = number == 1 and self.language == "fr" and "o" not in self.reading.places
        return self._figures(number, old) + "er" * first

    @property
    def _is_of_a_log(self) -> bool:
        """Whether a day has a blank in front as in `Mar  5 10:22:33`."""
        places = self.reading.places
        start, end = places.get("d", (0, 0))[0], places.get("m", (0, 0))[1]
        beside = end and end + 1 == start and not self.reading.month(self.low).isdecimal()
        clock = self.low[places["d"][1] + 3 : places["d"][1] + 4] == ":" if beside else False
        return clock and self.low[start] != "0"

    def _ordinal(self, day: Day, old: str, end: str) -> str:
        number, raw = day.day or 1, self.text[slice(*self.reading.places["o" + end])]
        if old == "er":
            return raw if number == 1 else ""
        if old in ("st", "nd", "rd", "th"):
            ending = (
                "th" if 10 < number < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
            )
            return _cased(ending, raw)
        if old in (":a", ":e"):
            return ":a" if number % 10 in (1, 2) and number not in (11, 12) else ":e"
        return raw

    def _weekday(self, old: str, place: tuple[int, int]) -> str:
        names = WEEKDAYS[old]
        languages = (self.language, self._eastern(place[0]))
        own = [name for name in names if name.series.language in languages]
        if not own and self.reading.last.day:
            own = [name for name in names if name.place == self._true_weekday]
        name = (own or names)[0]
        return _cased(name.series.name(name.place + self.days), self.text[slice(*place)])

    def _eastern(self, start: int) -> str:
        """The language of a weekday of one letter: `星期日` and `(日)`."""
        return "zh" if self.low[max(0, start - 1) : start] in tuple("期周週拜") else "ja"

    @property
    def _true_weekday(self) -> int:
        day = self.reading.first or self.reading.last
        try:
            return day.date.weekday()
        except ValueError:
            return -1

    def _figures(self, number: int, old: str) -> str:
        """With zeros in front where it or a part beside it has them."""
        if not old.isdecimal():
            return chinese(number)
        parts = (self.reading.written(self.low, code) for code in ("d", "m", "d0", "m0"))
        figures = [old, *(part for part in parts if part.isdecimal())]
        if old.startswith("0") or (len(old) == 2 and self._pads(figures)):
            return f"{number:02}"
        return str(number)

    def _pads(self, figures: list[str]) -> bool:
        """Whether numbers below ten have a zero, where this one does not show it."""
        if any(figure.startswith("0") for figure in figures):
            return True
        if not self.reading.month(self.low).isdecimal():
            return self._is_tight and not self._is_eastern
        loose = self._is_eastern or ". " in self.low or "e" in self.reading.places
        return not loose and all(len(figure) == 2 for figure in figures)

    @property
    def _is_eastern(self) -> bool:
        return "月" in self.low or "월" in self.low

    def _range_edits(self) -> Iterator[Edit]:
        """`3-5 May` may become `31 May-2 June`, and the other way round."""
        places, first, last = self.reading.places, self.first, self.last
        if "d0" not in places or "d" not in places:
            return
        apart = (first.year, first.month) != (last.year, last.month)
        if "m" in places and "m0" not in places:
            if apart and first.month != last.month:
                start, end = _end(places, ""), self._end_of_month("m")
                yield self._copied(start, end, "m", _end(places, "0"), first)
        elif "m" not in places:
            if apart:
                yield self._copied(places["m0"][0], places["d0"][0], "m0", places["d"][0], last)
        elif (
            not apart and self.reading.first and self.reading.first.month != self.reading.last.month
        ):
            if places["m0"] > places["d0"]:
                yield _end(places, "0"), self._end_of_month("m0"), ""
            elif "y" not in places or "y0" not in places:
                yield places["m"][0], places["d"][0], ""

    def _end_of_month(self, code: str) -> int:
        end = self.reading.places[code][1]
        named = self.reading.written(self.low, code) in MONTHS
        return end + (named and self.low[end : end + 1] == ".")

    def _copied(self, start: int, end: int, code: str, place: int, day: Day) -> Edit:
        """What stands around a month, elsewhere and with another month."""
        first, last = self.reading.places[code]
        month = self._month(day, self.low[first:last], code[1:])
        return place, place, self.text[start:first] + month + self.text[last:end]


def _end(places: Mapping[str, tuple[int, int]], end: str) -> int:
    """Where a day ends, with what makes it an ordinal."""
    return places.get("o" + end, places["d" + end])[1]


def _in_year(day: Day) -> date:
    """A day by which eras go: of a year alone, one in its middle."""
    return date(day.year or 1, day.month or 7, day.day or 1)


def _cased(new: str, old: str) -> str:
    """In capitals, small letters or with one capital, as the old word is."""
    if old.isupper():
        return new.upper()
    return new if old.islower() or not old[:1].isupper() else new[:1].upper() + new[1:]
