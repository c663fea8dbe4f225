"""Which dates a text holds: what a pattern matches, weighed by what stands around it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from anonymizer.masking.free_text.recognition.basis.folding import Span
from anonymizer.masking.free_text.recognition.dates import patterns
from anonymizer.masking.free_text.recognition.dates.context import (
    AFTER_COUNTED,
    BEFORE_DAYS,
    BETWEEN,
    BIRTHS,
    CODES,
    IN_YEARS,
    OF_YEARS,
    Context,
    language_of,
    languages_of,
)
from anonymizer.masking.free_text.recognition.dates.names import MONTHS, RISKY, WORDS
from anonymizer.masking.free_text.recognition.dates.reading import (
    REACH,
    Reading,
    extended,
    lowered,
    orders,
    places_of,
    read,
)

SURE: Final = 1.0
LIKELY: Final = 0.8
WEAK: Final = 0.3
NO: Final = 0.0
# A text without any of these holds no date; for Rust's patterns as well as ours.
NEEDS: Final = r"\d|[月년月]|(?i)(?:st|nd|rd|th|first|second|third) (?:of |day )"
_PAIR: Final = re.compile(r"\d ?[-./] ?\d")
_FOUR: Final = re.compile(r"(?:1[89]|2[01])\d\d|'\d\d(?!\d)|2[45]\d\d")
_EASTERN: Final = re.compile("[月年월년]")
_SHARE: Final = re.compile(r" ?(?:inch|in\b|\"|cups?\b|of\b|stars?\b|miles?\b|de\b|der\b|des\b)")
_FOLLOWER: Final = re.compile(r"\s([^\W\d_]+)")
_NO_PLURALS: Final = frozenset(["this", "thus", "always", "perhaps", "plus"])
_BETWEEN_BIRTHS: Final = frozenset(
    ["is", "on", "am", "le", "of", "date", "the", "el", "il", "den", "dia"]
)
_MARKS: Final = frozenset(".:,;()[]=-'\"*")
_RUN: Final = re.compile(r"(?<!\w)\d{6}|\d \d")


@dataclass(frozen=True)
class Found:
    """A match in its text, and what it reads."""

    match: re.Match[str]
    reading: Reading
    context: Context

    def raw(self, code: str) -> str:
        """A part as it stands; empty where there is none."""
        return self.reading.written(self.context.text, code)

    @cached_property
    def before(self) -> list[str]:
        """The words and marks before it."""
        return self.context.before(self.reading.start)

    @property
    def word(self) -> str:
        """The word before it, whatever marks stand between."""
        return next((word for word in reversed(self.before) if word not in _MARKS), "")

    @property
    def is_introduced(self) -> bool:
        """Whether a word that days follow, a weekday or a time of the day says that it is one."""
        return self.reading.has_clock or "w" in self.reading.places or self.word in BEFORE_DAYS

    @property
    def is_code(self) -> bool:
        """Whether a word before says that it is a number of something else."""
        return self.word in CODES


def _words(before: list[str]) -> list[str]:
    """Words before a place, without what stands between them and it."""
    return [word for word in before if word not in _MARKS]


Judge = Callable[[Found], float]


def dates(text: str, region: str) -> Iterator[Span]:
    """Every date with its canonical form and score; the more complete pattern first."""
    context = Context(text, lowered(text), region)
    taken = bytearray(len(text))
    for pattern, judge in _families(context.low):
        for match in pattern.finditer(context.low):
            if taken.find(1, *match.span()) >= 0:
                continue
            whole = _read(match, context, taken)
            if whole is None:
                continue
            score = judge(Found(match, whole, context))
            if score > WEAK:
                taken[whole.start : whole.end] = b"\1" * (whole.end - whole.start)
            if score:
                yield Span(whole.start, whole.end, "date", whole.canonical, score, whole.form)


def _families(low: str) -> Iterator[tuple[re.Pattern[str], Judge]]:
    """The patterns that a text may match at all, and who judges their matches."""
    if not MONTHS.keys().isdisjoint(patterns.WORD.findall(low)):
        yield from ((pattern, _named) for pattern in patterns.NAMED)
    if not low.isascii() and _EASTERN.search(low):
        yield patterns.EASTERN, _eastern
    has_year = _FOUR.search(low) is not None
    if has_year:
        yield patterns.PARTS_OF_YEAR, lambda _: SURE
    if _PAIR.search(low):
        yield from _FIGURES
    if has_year:
        yield patterns.ROMAN, _roman
        yield patterns.YEARS, _years
    if _RUN.search(low):
        yield patterns.COMPACT, _compact


def _read(match: re.Match[str], context: Context, taken: bytearray) -> Reading | None:
    """The reading of a match, in the order and the language that the text around decides."""
    places = places_of(match)
    possible = orders(places, context.low)
    if not possible:
        return None
    form = possible[0] if len(possible) < 2 else context.order(match[0])
    reading = read(match, places, context.low, form)
    if reading is None:
        return None
    begin = max(0, match.start() - REACH)
    whole = extended(reading, context.low, max(begin, taken.rfind(1, begin, match.start()) + 1))
    if "w" in whole.places or "m" in whole.places or "m0" in whole.places:
        language = language_of(whole, context.text, context.low, context.vote)
        return whole._replace(form=f"{form} {language}".rstrip())
    return whole


def _named(found: Found) -> float:
    """A date with the name of a month: with a year it is one, unless the name is rather a word."""
    reading, month = found.reading, found.reading.month(found.context.low)
    day, year = "d" in reading.places, "y" in reading.places
    if month in RISKY:
        first = (
            day and month == found.raw("m").lower() and reading.places["d"] < reading.places["m"]
        )
        return SURE if (first and year) else LIKELY if _is_foreign(found, month) else NO
    if not day:
        return _month_of_year(found, month)
    return SURE if year else _day_of_month(found, month)


def _month_of_year(found: Found, month: str) -> float:
    """`March 2021`; of `Mar-21` a code if it is written large."""
    if len(found.raw("y")) > 2:
        return SURE
    return (
        NO
        if month in WORDS and found.raw("m").islower()
        else WEAK
        if found.raw("m").isupper()
        else LIKELY
    )


def _is_foreign(found: Found, month: str) -> bool:
    """Whether the text is rather of another language that has the name than of English."""
    return found.context.vote(languages_of(month)) not in ("", "en")


def _day_of_month(found: Found, month: str) -> float:
    """Without a year a word such as `may` must look like a month, or be introduced as a day."""
    places, name = found.reading.places, found.raw("m")
    if found.reading.first or "o" in places or found.is_introduced:
        return SURE
    (_, day), (start, _) = sorted((places["d"], places["m"]))
    if day == start:
        return NO
    if patterns.WORD.search(found.context.low, day, start):
        return SURE
    if name.istitle() and month != "mars":
        return SURE
    if len(month) > 3 and month not in WORDS:
        return SURE
    return LIKELY if _is_foreign(found, month) else NO


def _eastern(found: Found) -> float:
    """A year alone has four figures or an era; a short one needs its day."""
    places, year = found.reading.places, found.raw("y")
    if "d" in places or not year:
        return SURE
    if "e" in places:
        return SURE
    if len(year) != 4:
        return LIKELY if year.isdecimal() and len(year) == 2 and "m" in places else NO
    return SURE if "m" in places or not year.isdecimal() or 1800 <= int(year) < 2200 else NO


def _numeric_range(found: Found) -> float:
    """With a year; without one only as `3.-5.5.`, and where a word says that days follow."""
    if found.is_code:
        return NO
    if found.raw("y"):
        return SURE
    dotted = found.match["g"] == "."
    return LIKELY if dotted and found.is_introduced else WEAK if dotted else NO


def _year_first(found: Found) -> float:
    """`2024-03-05`; a day by its number in the year looks like the number of a paper."""
    if "j" in found.reading.places:
        return LIKELY if found.is_introduced else WEAK
    return NO if found.is_code and found.match["g"] == "." else SURE


def _year_last(found: Found) -> float:
    """`5.3.2024`; with a short year it may be a section, a version or a size."""
    first, second, year, gap = found.match.group("a", "b", "y", "g")
    if len(year) == 4:
        return NO if found.is_code and "." in gap else SURE
    if found.is_code or len(gap) > 1:
        return NO
    if found.is_introduced or gap == "/" or (gap == "." and len(first + second) == 4):
        return SURE
    return WEAK if gap == "-" or len(first + second) == 3 else NO


def _era_letter(found: Found) -> float:
    """`R6.5.1` is a Japanese date in a Japanese text, and a version elsewhere."""
    return LIKELY if not found.context.low.isascii() and found.raw("e").isupper() else NO


def _roman(found: Found) -> float:
    """`5.III.2024`; months are written large."""
    return SURE if found.raw("m").isupper() and not found.is_code else NO


def _month_figures(found: Found) -> float:
    """`03/2021` and `2021-03`; what looks like a decimal or the number of a paper is introduced."""
    month, gap = found.raw("m"), found.match["g"] or found.match["h"]
    if found.is_code:
        return NO
    if found.is_introduced or not IN_YEARS.isdisjoint(found.before[-1:]):
        return LIKELY
    year_first = found.match["g"] is None
    if gap == "/":
        return SURE if len(month) == 2 else WEAK
    if year_first and gap == "-":
        return WEAK if int(month) == (found.reading.last.year or 0) % 100 + 1 else LIKELY
    return LIKELY if gap == "." and month.startswith("0") and not year_first else WEAK


def _without_year(found: Found) -> float:
    """`3.5.` is a section and `3/5` a share, unless a word says that a day follows."""
    slash = found.match["g"] is not None
    if found.is_code or (slash and (found.match[0] == "24/7" or _is_share(found))):
        return NO
    if found.is_introduced:
        return LIKELY
    padded = found.match[0].startswith("0") and len(found.match[0]) == 6
    return NO if slash else LIKELY if padded else WEAK


def _is_share(found: Found) -> bool:
    return _SHARE.match(found.context.low, found.reading.end) is not None


def _years(found: Found) -> float:
    """A year behind a word that years follow; behind `in` also counts do."""
    reading, before = found.reading, found.before
    era, year = "e" in reading.places, found.match["y"] or found.match["yy"]
    if len(year) == 4 and not era and not 1800 <= int(year) < 2200:
        return NO
    words = _words(before)
    while len(words) > 1 and words[-1] in BETWEEN and (words[-2] in OF_YEARS):
        words.pop()
    marked = reading.end > found.match.end()
    if era or marked or not OF_YEARS.isdisjoint(words[-1:]):
        return SURE
    inside = before[-1:] == ["("] and found.context.low[reading.end : reading.end + 1] == ")"
    if reading.first is not None and inside:
        return LIKELY
    weak = not IN_YEARS.isdisjoint(before[-1:]) or (len(year) == 2 and before[-1:] == ["of"])
    return LIKELY if weak and not _is_counted(found) else NO


def _is_counted(found: Found) -> bool:
    """Whether what follows is counted: `in 2000 shops`, `in 1950 g`."""
    follower = _FOLLOWER.match(found.context.low, found.reading.end)
    if follower is None:
        return False
    word = follower[1]
    plural = word.endswith("s") and word.isascii() and len(word) > 3 and word not in _NO_PLURALS
    return word in AFTER_COUNTED or plural


def _compact(found: Found) -> float:
    """Figures without separators, behind a word of birth or before a time of the day."""
    whole = found.match["y"] is not None
    if whole and found.reading.has_clock and found.context.low[found.match.end()] == "t":
        return SURE
    words = [word for word in _words(found.before) if word not in _BETWEEN_BIRTHS]
    if not BIRTHS.isdisjoint(words[-1:]):
        return LIKELY
    spaced = found.match["am"] is not None
    if spaced and len(found.match["ym"]) == 4 and found.is_introduced:
        return LIKELY
    return WEAK if whole and not found.is_code else NO


_FIGURES: Final = (
    (patterns.NUMERIC_RANGE, _numeric_range),
    (patterns.YEAR_FIRST, _year_first),
    (patterns.YEAR_LAST, _year_last),
    (patterns.ERA_LETTER, _era_letter),
    (patterns.MONTH_FIGURES, _month_figures),
    (patterns.WITHOUT_YEAR, _without_year),
)
