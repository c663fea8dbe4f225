"""Which dates a text holds: what a pattern matches, judged by what stands around it."""

import re
from collections.abc import Iterator
from typing import Final

from anonymizer.masking.free_text.recognition.basis.folding import Span
from anonymizer.masking.free_text.recognition.basis.lists import alternation
from anonymizer.masking.free_text.recognition.dates import judging, patterns
from anonymizer.masking.free_text.recognition.dates.context import Context, language_of
from anonymizer.masking.free_text.recognition.dates.judging import Found, Judge
from anonymizer.masking.free_text.recognition.dates.reading import (
    REACH,
    Reading,
    extended,
    lowered,
    orders,
    places_of,
    read,
)
from anonymizer.masking.free_text.recognition.dates.vocabulary.names import MONTHS

# A text without digits needs one of these to hold a date or an age; for Rust's patterns as well.
WITHOUT_DIGITS: Final = "[年月岁歲歳]|" + alternation(
    word for word, names in MONTHS.items() if not names[0].series.short
)
_ANY: Final = re.compile(rf"\d|{WITHOUT_DIGITS}")
_PAIR: Final = re.compile(r"(?<!\d)(?:\d\d?|[12]\d{3}) ?[-./] ?\d")
_SPACED: Final = re.compile(r"(?<!\d)\d\d? \d\d? \d")
_NUMBER: Final = re.compile(r"\d+")
_EASTERN: Final = re.compile("[月年월년]")
_CENTURIES: Final = frozenset(("18", "19", "20", "21", "24", "25"))
_FIGURES_OF_DAYS: Final = frozenset((6, 8))
_NAMED: Final = [(pattern, judging.named) for pattern in patterns.NAMED]
_FIGURES: Final = [
    (patterns.NUMERIC_RANGE, judging.numeric_range),
    (patterns.YEAR_FIRST_RANGE, judging.sure),
    (patterns.YEAR_FIRST, judging.year_first),
    (patterns.YEAR_LAST, judging.year_last),
    (patterns.ERA_LETTER, judging.era_letter),
    (patterns.MONTH_FIGURES, judging.month_figures),
    (patterns.WITHOUT_YEAR, judging.without_year),
]


def dates(text: str, region: str) -> Iterator[Span]:
    """Every date with its canonical form and score; the more complete pattern first."""
    low = lowered(text)
    if _ANY.search(low) is None:
        return
    context = Context(text, low, region)
    taken = bytearray(len(text))
    for pattern, judge in _families(context.low):
        for match in pattern.finditer(context.low):
            if taken.find(1, *match.span()) >= 0:
                continue
            whole = _read(match, context, taken)
            if whole is None:
                continue
            score = judge(Found(match, whole, context))
            if score > judging.WEAK:
                taken[whole.start : whole.end] = b"\1" * (whole.end - whole.start)
            if score:
                yield Span(whole.start, whole.end, "date", whole.canonical, score, whole.form)


def _families(low: str) -> Iterator[tuple[re.Pattern[str], Judge]]:
    """The patterns that a text may match at all, and who judges their matches."""
    words, numbers = patterns.WORD.findall(low), _NUMBER.findall(low)
    if not MONTHS.keys().isdisjoint(words):
        yield from _NAMED
    if not low.isascii() and _EASTERN.search(low):
        yield patterns.EASTERN, judging.eastern
    if not patterns.PART_WORDS.isdisjoint(words):
        yield patterns.PARTS_OF_YEAR, judging.sure
    if _PAIR.search(low):
        yield from _FIGURES
    if "'" in low or any(len(each) == 4 and each[:2] in _CENTURIES for each in numbers):
        yield patterns.ROMAN, judging.roman
        yield patterns.YEARS, judging.years
    if _SPACED.search(low) or not _FIGURES_OF_DAYS.isdisjoint(map(len, numbers)):
        yield patterns.COMPACT, judging.compact


def _read(match: re.Match[str], context: Context, taken: bytearray) -> Reading | None:
    """The reading of a match, in the order and the language that the text around decides."""
    places = places_of(match)
    possible = orders(places, context.low)
    if not possible:
        return None
    form = possible[0] if len(possible) < 2 else context.order(match[0], match.start())
    reading = read(match, places, context.low, form)
    if reading is None:
        return None
    begin = max(0, match.start() - REACH)
    whole = extended(reading, context.low, max(begin, taken.rfind(1, begin, match.start()) + 1))
    if whole.start < reading.start and not context.has_weekday(whole.written(context.low, "w")):
        del whole.places["w"]
        whole = whole._replace(start=reading.start)
    if whole.places.keys().isdisjoint(("w", "m", "m0", "q")):
        return whole
    language = language_of(whole, context.text, context.low, context.vote)
    return whole._replace(form=f"{form} {language}".rstrip())
