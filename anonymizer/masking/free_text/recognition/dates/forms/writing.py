"""Another day in the form of a written one: each part anew, in its own letters and numerals."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from anonymizer.masking.free_text.recognition.dates.forms.days import Day
from anonymizer.masking.free_text.recognition.dates.forms.reading import Reading
from anonymizer.masking.free_text.recognition.dates.vocabulary.names import (
    DAYS,
    MONTHS,
    QUARTERS,
    WEEKDAYS,
    Name,
)
from anonymizer.masking.free_text.recognition.dates.vocabulary.numerals import (
    MONTHS_BY_THE_MOON,
    ROMANS,
    by_the_moon,
    chinese,
    chinese_year,
    in_era,
)

Edit = tuple[int, int, str]  # what stands between two places becomes something else
_NUMERALS: Final = tuple("一二三四五六七八九十")
_WEEK_MARKS: Final = tuple("期周週拜")


class Page(NamedTuple):
    """A date and the one to be written in its place.

    Attributes:
        text: of the date as it stands.
        low: in small letters.
        reading: of all of it.
        first: the new day, of a range the first.
        last: of a range the last.
        days: how many later it is.
        language: of the names of months, weekdays and quarters.
    """

    text: str
    low: str
    reading: Reading
    first: Day
    last: Day
    days: int
    language: str

    def written(self, code: str) -> str:
        """A part in small letters; empty where there is none."""
        return self.reading.written(self.low, code)

    @property
    def month(self) -> str:
        """The month in small letters."""
        return self.reading.month(self.low)

    def own(self, names: list[Name]) -> Name:
        """The name that is of the date's language."""
        return next((each for each in names if each.series.language == self.language), names[0])


class Part(NamedTuple):
    """A part of a date and the day it shall tell.

    Attributes:
        code: its letter, with a 0 at a range's first day.
        start: its place.
        end: one past its last character.
        raw: as it stands.
        day: the new one.
    """

    code: str
    start: int
    end: int
    raw: str
    day: Day

    @property
    def old(self) -> str:
        """In small letters."""
        return self.raw.lower()

    @property
    def of_first(self) -> str:
        """What the codes of the same day end in."""
        return self.code[1:]


def edits(page: Page) -> list[Edit]:
    """Each part anew, and a month where both ends of a range no longer have one in common."""
    parts = [_part(page, code) for code in page.reading.places]
    changes = [(part.start, part.end, _WRITERS[part.code[0]](page, part)) for part in parts]
    return [*changes, *(_split_month(page) if page.reading.first else ())]


def _part(page: Page, code: str) -> Part:
    start, end = page.reading.places[code]
    day = page.first if code.endswith("0") else page.last
    return Part(code, start, end, page.text[start:end], day)


def _year(page: Page, part: Part) -> str:
    era = page.written("e" + part.of_first)
    if era:
        found = in_era(_in_year(part.day), era)
        return _year_of_era(page, found[1] if found else 0, part.old)
    weekly = "v" in page.reading.places and part.day.day
    year = part.day.date.isocalendar().year if weekly else part.day.year or 0
    if part.old.isdecimal():
        return f"{year:04}" if len(part.old) == 4 else f"{year % 100:02}"
    return chinese_year(year, part.old)


def _year_of_era(page: Page, year: int, old: str) -> str:
    """The first one of an era in the east is no figure."""
    if len(old) == 4:
        return str(year) if old.isdecimal() else chinese_year(year, old)
    numerals = not old.isdecimal() and (old != "元" or page.month.startswith(_NUMERALS))
    if year == 1 and old != "1" and not page.low.isascii():
        return "元"
    return chinese(year) if numerals else str(year)


def _era(_: Page, part: Part) -> str:
    found = in_era(_in_year(part.day), part.old)
    return _cased(found[0], part.raw) if found else part.raw


def _in_year(day: Day) -> date:
    """A day by which eras go: of a year alone, one in its middle."""
    return date(day.year or 1, day.month or 7, day.day or 1)


def _month(page: Page, part: Part) -> str:
    month = part.day.month or 1
    if part.old in MONTHS:
        names = MONTHS[part.old]
        own = [name for name in names if name.series.language == page.language] or names
        name = next((each for each in own if each.series.short == _is_short(page)), own[0])
        return _cased(name.series.name(month - 1), part.raw)
    if part.old in ROMANS:
        return _cased(ROMANS[month - 1], part.raw)
    if _is_by_the_moon(page):
        return MONTHS_BY_THE_MOON.get(month) or chinese(month)
    return _figures(page, month, part.old)


def _is_by_the_moon(page: Page) -> bool:
    """Whether a day has no sign behind it, as in `正月初五`."""
    place = page.reading.places.get("d")
    return place is not None and "月" in page.low and place[1] == len(page.low)


def _is_short(page: Page) -> bool:
    """Whether a month whose name is its own abbreviation, such as May, is one here."""
    words = ((WEEKDAYS, "w"), (MONTHS, "m"), (MONTHS, "m0"))
    names = [table.get(page.written(code), []) for table, code in words]
    if any(each and all(name.series.short for name in each) for each in names):
        return True
    return _is_tight(page) or _is_of_a_log(page) or "." in _beside_month(page)


def _beside_month(page: Page) -> str:
    """What stands around a month's name."""
    start, end = page.reading.places.get("m") or page.reading.places["m0"]
    return page.low[max(0, start - 1) : start].replace(".", "") + page.low[end : end + 1]


def _is_tight(page: Page) -> bool:
    """Whether no blank stands between a month's name and the parts beside it."""
    return (
        bool(page.month) and not page.reading.first and bool(_beside_month(page).strip(" ,.()\n"))
    )


def _is_of_a_log(page: Page) -> bool:
    """Whether days below ten have a blank in front, as in `Mar  5 10:22:33`."""
    places = page.reading.places
    if "d" not in places or "m" not in places or page.month.isdecimal():
        return False
    start, end = places["d"]
    beside = places["m"][1] + 1 == start and page.low[start] != "0"
    return beside and page.low[end + 3 : end + 4] == ":"


def _day(page: Page, part: Part) -> str:
    number = part.day.day or 1
    if part.old in DAYS:
        new = page.own(DAYS[part.old]).series.name(number - 1)
        return _cased(new.replace("-", " ") if " " in part.old else new, part.raw)
    if part.old.startswith(" ") or (len(part.old) == 2 and _is_of_a_log(page)):
        return f"{number:2}"
    if _is_by_the_moon(page):
        return by_the_moon(number)
    figures = _figures(page, number, part.old)
    is_le_1er = page.language == "fr" and "o" not in page.reading.places and not _is_tight(page)
    return figures + "er" * (is_le_1er and figures == "1")


def _ordinal(_: Page, part: Part) -> str:
    number = part.day.day or 1
    if part.old == "er":
        return part.raw if number == 1 else ""
    if part.old in ("st", "nd", "rd", "th"):
        ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        return _cased("th" if 10 < number < 14 else ending, part.raw)
    if part.old in (":a", ":e"):
        return ":a" if number % 10 in (1, 2) and number not in (11, 12) else ":e"
    return part.raw


def _weekday(page: Page, part: Part) -> str:
    names = WEEKDAYS[part.old]
    eastern = "zh" if page.low[max(0, part.start - 1) : part.start] in _WEEK_MARKS else "ja"
    own = [name for name in names if name.series.language in (page.language, eastern)]
    if not own and page.reading.last.day:
        own = [name for name in names if name.place == _true_weekday(page)]
    name = (own or names)[0]
    return _cased(name.series.name(name.place + page.days), part.raw)


def _true_weekday(page: Page) -> int:
    try:
        return (page.reading.first or page.reading.last).date.weekday()
    except ValueError:
        return -1


def _week(_: Page, part: Part) -> str:
    week = part.day.week or part.day.date.isocalendar().week
    return f"{week:0{len(part.old)}}"


def _day_of_week(_: Page, part: Part) -> str:
    return str(part.day.date.isocalendar().weekday)


def _day_of_year(_: Page, part: Part) -> str:
    return f"{part.day.date.timetuple().tm_yday:03}"


def _part_of_year(page: Page, part: Part) -> str:
    number = part.day.quarter or part.day.half or 1
    if part.old in QUARTERS:
        return _cased(page.own(QUARTERS[part.old]).series.name(number - 1), part.raw)
    if part.old in ROMANS:
        return _cased(ROMANS[number - 1], part.raw)
    return str(number) if part.old.isdecimal() else chinese(number)


_WRITERS: Final[dict[str, Callable[[Page, Part], str]]] = {
    "y": _year,
    "e": _era,
    "m": _month,
    "d": _day,
    "o": _ordinal,
    "w": _weekday,
    "v": _week,
    "u": _day_of_week,
    "j": _day_of_year,
    "q": _part_of_year,
    "s": _part_of_year,
}


def _figures(page: Page, number: int, old: str) -> str:
    """With zeros in front where it or a part beside it has them."""
    if not old.isdecimal():
        return chinese(number)
    if old.startswith("0") or (len(old) == 2 and _pads(page, old)):
        return f"{number:02}"
    return str(number)


def _pads(page: Page, old: str) -> bool:
    """Whether numbers below ten have a zero, where this one does not show it."""
    parts = (page.written(code) for code in ("d", "m", "d0", "m0"))
    figures = [old, *(part for part in parts if part.isdecimal())]
    if any(figure.startswith("0") for figure in figures):
        return True
    eastern = "月" in page.low or "월" in page.low
    if not page.month.isdecimal():
        return _is_tight(page) and not eastern
    loose = eastern or ". " in page.low or "e" in page.reading.places
    return not loose and all(len(figure) == 2 for figure in figures)


def _split_month(page: Page) -> Iterator[Edit]:
    """`3-5 May` becomes `31 May-2 June`, `May 3-5` becomes `May 31-June 2`."""
    places = page.reading.places
    if page.first.month == page.last.month or "d" not in places or "d0" not in places:
        return
    if "m0" not in places:
        end = places["m"][1]
        end += page.month in MONTHS and page.low[end : end + 1] == "."
        yield _copied(page, (_end(places, ""), end), "m", _end(places, "0"), page.first)
    elif "m" not in places:
        yield _copied(page, (places["m0"][0], places["d0"][0]), "m0", places["d"][0], page.last)


def _copied(page: Page, around: tuple[int, int], code: str, to: int, day: Day) -> Edit:
    """A month with what stands around it, elsewhere and for another day."""
    part = _part(page, code)._replace(day=day)
    before, behind = page.text[around[0] : part.start], page.text[part.end : around[1]]
    return to, to, before + _month(page, part) + behind


def _end(places: Mapping[str, tuple[int, int]], end: str) -> int:
    """Where a day ends, with what makes it an ordinal."""
    return places.get("o" + end, places["d" + end])[1]


def _cased(new: str, old: str) -> str:
    """In capitals, small letters or with one capital, as the old word is."""
    if old.isupper():
        return new.upper()
    return new if old.islower() or not old[:1].isupper() else new[:1].upper() + new[1:]
