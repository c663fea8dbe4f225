"""Which dates a text holds: what a pattern matches, judged by what stands around it."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from anonymizer.masking.free_text.basis.characters import Bools
from anonymizer.masking.free_text.basis.finder import TEXT, WORDS
from anonymizer.masking.free_text.basis.folding import Span, plain
from anonymizer.masking.free_text.basis.glances import Glances
from anonymizer.masking.free_text.basis.lists import alternation
from anonymizer.masking.free_text.basis.telling import Telling
from anonymizer.masking.free_text.recognition.dates import alone, judging
from anonymizer.masking.free_text.recognition.dates.context import Context, language_of
from anonymizer.masking.free_text.recognition.dates.forms import patterns
from anonymizer.masking.free_text.recognition.dates.forms.reading import (
    REACH,
    Reading,
    extended,
    lowered,
    orders,
    places_of,
    read,
    widened,
)
from anonymizer.masking.free_text.recognition.dates.found import WEAK, Found, Judge
from anonymizer.masking.free_text.recognition.dates.vocabulary.names import DAYS, MONTHS, WEEKDAYS
from anonymizer.masking.free_text.recognition.dates.vocabulary.numerals import ROMANS
from anonymizer.masking.free_text.recognition.dates.vocabulary.words import listed

# A text without digits needs one of these to hold a date or an age; for Rust's patterns as well.
WITHOUT_DIGITS: Final = "[年月岁歲歳号號季周週]|" + alternation(
    word for word, names in MONTHS.items() if not names[0].series.short
)
_ASCII_WORD: Final = re.compile("[a-z]+")
_NUMBER: Final = re.compile(r"\d+")
_PAIR: Final = re.compile(r"\d+ ?[-./_] ?\d")
_SPACED: Final = re.compile(r"\d\d? \d\d? \d")
_EASTERN: Final = re.compile("[月年号號季周週월년]")
_BUDDHIST: Final = re.compile(r"(?:พ\.ศ\.|b\.?e\.?) ?2[45]")
_SHORT_YEAR: Final = re.compile(r"'\d\d")
_LETTERS_OF_PARTS: Final = frozenset("qth")
_LETTER_OF_PART: Final = re.compile(r"\d[qth]|[qth]\d")
_CENTURIES: Final = frozenset(("18", "19", "20", "21", "24", "25"))
_SHORT, _WHOLE = 6, 8  # figures of a day without separators
_FIRST_WORDS: Final = frozenset(re.split("[ -]", day)[0] for day in DAYS)
_TOLD: Final = _FIRST_WORDS.union(MONTHS)
_READ: Final = 5_000  # dates of a text that are looked at closely: a text has one to three
_TELLING: Final = (
    judging.named, judging.sure, judging.year_first, judging.year_last, judging.eastern,
)  # fmt: skip
_ALONE: Final = (
    alone.day_alone, alone.part_of_month, alone.birth_year, alone.quarter, judging.short_span,
)  # fmt: skip
_REACH: Final = 128  # characters of a day, the days before it and what joins them to their month

Place = tuple[int, int]
# Where in a text a pattern may begin; None stands for anywhere.
Starts = Sequence[int] | None
Way = tuple[re.Pattern[str], Judge, Starts]


# What texts with a date are like, so that a batch of texts is told apart at once.
# Of weekdays those in full; short ones have an ordinal behind them.
_WEEKDAYS: Final = (
    day.split("-")[0]
    for day, names in WEEKDAYS.items()
    if len(day) > 4 and not names[0].series.short
)
NAMES_OF_PARTS: Final = frozenset(
    map(plain, (*MONTHS, *patterns.PART_WORDS, *_WEEKDAYS, *alone.BIRTHS_OF_TWO))
)
# 0305.., 8005.., of a day with a year of two figures
_SIX: Final = "[0-3][0-9][0-3][0-9]{3}|[0-9]{2}[01][0-9][0-3][0-9]"
_JOINED: Final = (
    "[月年号號季周週월년]|'[0-9]{2}|(?:^|[^0-9])(?:(?:[0-9]{1,2}|[12][0-9]{3}) ?[-./_] ?[0-9]|"
    f"(?:(?:1[89]|2[0145])[0-9]{{2}}|[0-9]{{8}}|{_SIX})(?:[^0-9]|$)|"
    "[0-9]{1,2} [0-9]{1,2} [0-9])|"
    r"[a-z]{2,4}[.,]{0,2} (?:[a-z]{2,3} )?[0-9]{1,2}(?:\.|st|nd|rd|th)|"
    r"(?:^|[^a-z])(?:le|du|au|il|dal|el|del|al|de|op|dia|dnia) [0-9]{1,2}(?:[^0-9]|$)|"
    r"[0-9](?:-?(?:te|e)?go|\. paiv|(?:st|nd|rd|th) (?:inst|ult|prox|of)|"
    r"[./ -] ?[ivx]{1,4}[./ -] ?[0-9])"
)
MAY_HOLD_DATES: Final[pl.Expr] = WORDS.str.contains_any(
    [f" {name} " for name in sorted(NAMES_OF_PARTS)]
) | TEXT.str.contains(_JOINED)


def dates(text: str, region: str) -> Iterator[Span]:
    """Every date with its canonical form and score; the more complete pattern first.

    A text with more dates than anybody reads costs no more: of those that follow, what names a
    month or has three parts counts as one as it stands, and what stands alone as none.
    """
    low, left = lowered(text), _READ
    context: Context | None = None
    taken = bytearray()
    ways = (way for way in _ways(low) if way[2] is None or way[2])
    for pattern, judge, starts in ways:
        for match in _matches(pattern, low, starts):
            if context is None:
                context, taken = Context(text, low, region), bytearray(len(text))
            if taken.find(1, *match.span()) >= 0:
                continue
            left -= 1
            if left < 0 and judge in _TELLING:
                taken[match.start() : match.end()] = b"\1" * len(match[0])
                yield Span(*match.span(), "date", match[0])
                continue
            if left < 0 and judge in _ALONE:
                break
            whole = _read(match, context, taken)
            if whole is None:
                continue
            score = judge(Found(match, whole, context))
            if score > WEAK:
                whole = _widened(whole, low, taken)
                taken[whole.start : whole.end] = b"\1" * (whole.end - whole.start)
            if score:
                yield Span(whole.start, whole.end, "date", whole.canonical, score, whole.form)


def _widened(reading: Reading, low: str, taken: bytearray) -> Reading:
    """A date with the words around that belong to it, a year in words behind a day among them."""
    start = reading.start
    begin = taken.rfind(1, max(0, start - REACH), start) + 1
    reading = widened(reading, low, begin)
    if "d" in reading.places and "m" in reading.places and "y" not in reading.places:
        year = patterns.SPELT_YEAR.match(low, reading.end)
        return reading._replace(end=year.end()) if year else reading
    return reading


def _matches(pattern: re.Pattern[str], low: str, starts: Starts) -> Iterator[re.Match[str]]:
    """The matches of a pattern, apart; asking at a few places is faster than at all."""
    if starts is None:
        yield from pattern.finditer(low)
        return
    end = 0
    for start in starts:
        if start >= end and (match := pattern.match(low, start)):
            end = match.end()
            yield match


def _ways(low: str) -> Iterator[Way]:
    """The patterns that a text may match at all, who judges their matches, and where they begin."""
    numbers = [match.span() for match in _NUMBER.finditer(low)]
    word = _ASCII_WORD if low.isascii() else patterns.WORD
    words = word.findall(low)
    if not MONTHS.keys().isdisjoint(words):
        yield from _named(low, numbers, word)
    if not low.isascii() and _EASTERN.search(low):
        yield patterns.EASTERN, judging.eastern, None
    parts = patterns.PART_WORDS.intersection(words)
    if parts and (not parts <= _LETTERS_OF_PARTS or _LETTER_OF_PART.search(low)):
        yield patterns.PARTS_OF_YEAR, judging.sure, None
        yield patterns.WEEK_ALONE, judging.week, None
        if not patterns.QUARTER_WORDS.isdisjoint(parts):
            yield patterns.QUARTER_ALONE, alone.quarter, None
    if numbers:
        yield from _figures(low, numbers)
        if not WEEKDAYS.keys().isdisjoint(words):
            yield patterns.DAY_OF_WEEK, judging.day_of_week, None
        yield from _years(low, numbers)
        # Six figures are a day behind some words alone.
        told = not low.isascii() or not judging.WORDS_BEFORE_FIGURES.isdisjoint(words)
        compact = [
            start
            for start, end in numbers
            if end - start == _WHOLE
            or (told and end - start == _SHORT)
            or (end - start < 3 and _SPACED.match(low, start))
        ]
        yield patterns.COMPACT, judging.compact, compact
        few = [start for start, end in numbers if end - start < 3]
        yield from _alone(low, few, words)


def _alone(low: str, few: list[int], words: list[str]) -> Iterator[Way]:
    """Where one or two figures are a day, or a year of birth, or stand before a Roman month."""
    if not _ROMANS.isdisjoint(words) and _ROMAN.search(low):
        yield patterns.ROMAN, judging.roman, few
    if not alone.BIRTHS_OF_TWO.isdisjoint(words):
        yield patterns.BIRTH_YEARS, alone.birth_year, few
    told = few
    if _ENDINGS_OF_DAYS.isdisjoint(words):
        told = [start for start in few if low[max(0, start - 6) : start].endswith(_CUES)]
    yield patterns.DAY_ALONE, alone.day_alone, told


def _named(low: str, numbers: list[Place], word: re.Pattern[str]) -> Iterator[Way]:
    """Where a month is named."""
    told = [(match.start(), match[0]) for match in word.finditer(low) if match[0] in _TOLD]
    months = [start for start, each in told if each in MONTHS]
    days = [start for start, _ in numbers]
    days += [start for start, each in told if each in _FIRST_WORDS]
    named = [start for start in sorted(days) if _is_near(start, months)]
    years = [start for start, end in numbers if end - start == 4]
    for pattern, starts in (
        (patterns.MONTH_FIRST_RANGE, months),
        (patterns.DAY_FIRST, named),
        (patterns.MONTH_FIRST, months),
        (patterns.MONTH_OF_YEAR, months),
        (patterns.YEAR_MONTH, years),
    ):
        yield pattern, judging.named, starts
    parts = [start for start in months if alone.is_part(low, start)]
    yield patterns.MONTH_ALONE, alone.part_of_month, parts


def _is_near(start: int, months: list[int]) -> bool:
    place = bisect_right(months, start)
    return place < len(months) and months[place] - start < _REACH


def _figures(low: str, numbers: list[Place]) -> Iterator[Way]:
    """Where figures are joined."""
    pairs = [(start, end) for start, end in numbers if _PAIR.match(low, start)]
    short = [start for start, end in pairs if end - start < 3]
    long = [start for start, end in pairs if end - start == 4]
    either = sorted([*short, *long])
    if not either:
        return
    days = [start for start, end in numbers if end - start < 3]
    yield patterns.NUMERIC_RANGE, judging.numeric_range, days
    yield patterns.YEAR_FIRST_RANGE, judging.sure, long
    yield patterns.YEAR_FIRST, judging.year_first, long
    yield patterns.YEAR_LAST, judging.year_last, short
    if "_" in low:
        yield patterns.IN_FILE, judging.in_file, short
    yield patterns.SHORT_YEAR_FIRST, judging.short_year_first, short
    if not low.isascii():
        yield patterns.ERA_LETTER, judging.era_letter, None
    yield patterns.MONTH_FIGURES, judging.month_figures, either
    yield patterns.SHORT_SPAN, judging.short_span, short
    yield patterns.WITHOUT_YEAR, judging.without_year, short


_ROMANS: Final = frozenset(ROMANS)
_ROMAN: Final = re.compile(r"\d[./ -] ?[ivx]{1,4}[./ -] ?\d")
# Words behind which days stand that have no month, and what makes figures a day by itself.
_CUES: Final = tuple(
    f"{word} "
    for word in listed("the am zum vom dem den ab bis le du au el del al il dal op de día dia dnia")
)
_ENDINGS_OF_DAYS: Final = listed("st nd rd th go ego tego päivä päivän päivänä päivästä")


def _years(low: str, numbers: list[Place]) -> Iterator[Way]:
    """Where years stand by themselves, or behind a month of Roman figures."""
    years = [
        start for start, end in numbers if end - start == 4 and low[start : start + 2] in _CENTURIES
    ]
    if years:
        yield patterns.SPAN_OF_YEARS, judging.span_of_years, years
        years += [match.start() for match in _BUDDHIST.finditer(low)]
    years += [match.start() for match in _SHORT_YEAR.finditer(low)]
    yield patterns.YEARS, judging.years, sorted(years)


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


_MONTHS: Final = Telling(MONTHS)
_LONG_MONTHS: Final = Telling(
    month for month, names in MONTHS.items() if not all(name.series.short for name in names)
)
_OF_PARTS: Final = Telling(each.strip(" -") for each in alone.PART_ENDS)
_QUARTERS: Final = Telling(patterns.QUARTER_WORDS)
_PARTS: Final = Telling(patterns.PART_WORDS)
_DATED_BEFORE: Final = Telling(judging.WORDS_BEFORE_FIGURES)
_WEEKDAY_WORDS: Final = Telling(WEEKDAYS)
_BIRTHS: Final = Telling(alone.BIRTHS_OF_TWO)
_CUED: Final = Telling(cue.strip() for cue in _CUES)
_ENDED: Final = Telling((*ROMANS, *_ENDINGS_OF_DAYS))


_ARTICLE: Final = 3  # blanks between a weekday and its day


def may_hold_dates(seen: Glances) -> Bools:
    """Whether texts name a month or a part of the year, or have figures as days and years have."""
    words = seen.words
    born = (seen.figures(6, 6) | seen.spaced) & seen.says(_DATED_BEFORE)
    joined = seen.joined | seen.years | seen.figures(8, 8) | born
    ended = seen.beside_digits(_ENDED.among(words))
    beside = seen.at(_CUED.among(words) & seen.followed_apart)
    beside |= seen.at(ended[seen.blanks_behind(ended) <= 1])
    weekdays = seen.beside_digits(_WEEKDAY_WORDS.among(words))
    beside |= seen.at(weekdays[seen.blanks_ahead(weekdays) <= _ARTICLE])
    few = seen.figures(1, 2) & (seen.says(_BIRTHS) | beside)
    months = (
        seen.says(_LONG_MONTHS)
        | (seen.says(_MONTHS) & seen.digit)
        | seen.at(_OF_PARTS.among(words) & _MONTHS.among(words)[words.following])
    )
    parts = seen.says(_QUARTERS) | (seen.says(_PARTS) & seen.digit)
    return months | parts | joined | few | (seen.digit & seen.has("'"))
