"""A date in the form in which it was written, some days later."""

import unicodedata
from datetime import date
from typing import Final

from anonymizer.masking.free_text.basis.folding import Folded, Span, fold
from anonymizer.masking.free_text.recognition.dates.context import language_of, languages_of
from anonymizer.masking.free_text.recognition.dates.forms import patterns
from anonymizer.masking.free_text.recognition.dates.forms.reading import (
    DAY_FIRST,
    MONTH_FIRST,
    Reading,
    extended,
    lowered,
    orders,
    places_of,
    read,
    widened,
)
from anonymizer.masking.free_text.recognition.dates.forms.writing import Edit, Page, edits

_PATTERNS: Final = (
    *patterns.NAMED,
    patterns.PARTS_OF_YEAR,
    patterns.WEEK_ALONE,
    patterns.QUARTER_ALONE,
    *patterns.NUMERIC,
    patterns.EASTERN,
    patterns.ERA_LETTER,
    patterns.SPAN_OF_YEARS,
    patterns.SHORT_SPAN,
    patterns.YEARS,
    patterns.COMPACT,
    patterns.DAY_OF_WEEK,
    patterns.MONTH_ALONE,
    patterns.DAY_ALONE,  # before years of two figures, which are rarely below 32
    patterns.BIRTH_YEARS,
)


def moved(written: str, days: int, form: str = "", near: date | None = None) -> str | None:
    """The same form with another date: order, separators, zeros, names, ordinals, numerals.

    A month, quarter, half or year alone moves by the nearest whole number of them and a week by
    whole weeks, so that the way back is the same; a day without a year as in 2001, a year without
    the 29th of February. Days of a range that come to lie in two months name both. Beside a whole
    date, what is no whole one stays as far from it as it is.

    Args:
        written: a date as it stands in a text, with its weekday and time of the day.
        days: how many later; negative, earlier.
        form: of the date's span: its order of figures or its language, where it could be several.
        near: the nearest whole date of the text, as it stands there.

    Returns:
        None for what is no date or none in that form: the 30th of February, a 29th without a year,
        a list of more than two days.
    """
    folded = fold(written)
    low = lowered(folded.text)
    reading = _whole(low, form)
    if reading is None or "l" in reading.places:
        return None
    last = reading.last.moved(days, near)
    first = reading.first.moved(days, near) if reading.first else last
    if last is None or first is None:
        return None
    language = _language(reading, folded.text, low)
    page = Page(folded.text, low, reading, first, last, days, language)
    text = _edited(written, folded, edits(page))
    again = _whole(lowered(fold(text).text), f"{reading.form[:3]} {language}")
    expected = f"{first.canonical}/{last.canonical}" if reading.first else last.canonical
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
                reading = widened(extended(reading, low), low)
                if reading.start == 0 and reading.end == len(low):
                    return reading
    return None


def _language(reading: Reading, text: str, low: str) -> str:
    """Of the names in a date: the one its form tells, if they are of it; empty without names."""
    told = reading.form[4:]
    names = reading.month(low), reading.written(low, "w"), reading.written(low, "q")
    if any(told in languages_of(name) for name in names):
        return told
    return language_of(reading, text, low, lambda _: "")


def _edited(written: str, folded: Folded, changes: list[Edit]) -> str:
    """The raw text with other parts, whose figures are of the script that stood there."""
    pieces, place = [], 0
    for start, end, new in sorted(changes):
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
