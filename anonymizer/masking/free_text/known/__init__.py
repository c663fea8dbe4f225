"""The names, addresses and numbers that a row holds elsewhere, however its text spells them.

Case, accents (`Müller`, `Mueller`, `MULLER`), order and separators do not matter. Words of a value
that stand side by side in the text are one run; a run is removed when it holds

- a *strong* word: a part of a name of three letters or more, in an address also a number of four
  digits or more; or
- two or more *weak* ones that together can hardly be chance: short parts (`bo li`, `b. li`),
  ordinary words (`will rose`), a house number and its street (`12 Main St`), a line (`Flat 8b`).

Parts of names that are ordinary words (`Will`, `Rose`, `May`) or have two letters (`Bo`) are
strong only with a capital letter in a text that also has small ones: `I will buy a rose` stays.
Words of addresses that are ordinary (`Park`, `Main`) are always weak. A name that is mistyped,
inflected or a nickname is strong where it can hardly be another word, and weak otherwise; weak
words count beside anything that is found of the same row. In a handle or an address with @ a part
of a name is enough, and all of it goes. Chinese, Japanese and Korean names are found inside
unbroken text: whole, as given names of two letters or more, as surnames before a title; their
addresses wherever four characters in a row agree.

    values.py      what is known of a row, read for the search
    mending.py     broken words of a text made whole
    text.py        a text, cut into words and indexed once
    runs.py        names and addresses made of words
    spelling.py    mistyped, inflected, glued
    scripts.py     Cyrillic and Greek names in Latin letters
    words.py       lists of words, and that Bob is Robert
    ids.py         ids, as a whole
    numbers.py     digits, dates, the last four digits
    unbroken.py    scripts without blanks
"""

import re
from bisect import bisect
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from anonymizer.masking.free_text.basis.folding import Span
from anonymizer.masking.free_text.known.ids import id_spans
from anonymizer.masking.free_text.known.mending import mended
from anonymizer.masking.free_text.known.numbers import number_spans
from anonymizer.masking.free_text.known.runs import (
    ABBREVIATIONS,
    BESIDE,
    Names,
    Run,
    beside,
    runs_of,
)
from anonymizer.masking.free_text.known.text import Text, places_of
from anonymizer.masking.free_text.known.unbroken import unbroken_places
from anonymizer.masking.free_text.known.values import LOST, STRONG_TOKEN, Known, read_id
from anonymizer.masking.free_text.known.values import read as read_value

__all__ = ["Known", "find_id", "find_known"]

_NUMBER_BEHIND: Final = re.compile(r"_?\d{1,4}(?![\d%]|[-./:,]\d)")  # annaschmidt92


def find_known(raw: str, values: Iterable[str | None], region: str = "US") -> list[Span]:
    """Where the values stand in a text; spans of different values may overlap.

    Args:
        raw: the text.
        values: of the same row; None and empty ones count for nothing.
        region: the country of phone numbers without a country code.
    """
    known = [read_value(value, region) for value in values if value and value.strip()]
    return _found_mended(raw, known) if known and raw else []


def find_id(raw: str, value: str | None, region: str = "US") -> list[Span]:
    """Where the value of a column of ids stands as a whole; see `find_known`."""
    return _found_mended(raw, [read_id(value, region)]) if raw and value and value.strip() else []


def _found_mended(raw: str, known: list[Known]) -> list[Span]:
    spans, whole = _found(raw, known), mended(raw)
    if whole is not None:
        spans += [whole.raw(span) for span in _found(whole.text, known)]
    return spans


def _found(raw: str, known: list[Known]) -> list[Span]:
    text, names = Text(raw), Names(known)
    places = [*_worded(text, known, names), *_in_handles(text, known)]
    spans = [text.letters.raw(place) for place in places]
    garbled = any(sign in raw for sign in LOST)
    for value in known:
        if value.digits or value.day or value.tail:
            spans += number_spans(text, value)
        if value.signs:
            spans += id_spans(text, value)
        literal = (*unbroken_places(text, value), *_local_places(text, value))
        for start, end in (*literal, *(_garbled_places(text, value) if garbled else ())):
            spans.append(text.letters.raw(Span(start, end, value.pii_type, value.canonical)))
    return spans


def _worded(text: Text, known: list[Known], names: Names) -> Iterator[Span]:
    """Names and addresses; runs that are not sure count beside names that are."""
    sure: list[tuple[int, int]] = []
    unsure: list[tuple[Run, Known]] = []
    for value in known:
        for run in runs_of(text, value, names) if value.strengths else ():
            if run.score == 0:
                unsure.append((run, value))
                continue
            end = run.end
            if value.pii_type == "name":
                sure.append((run.start, run.end))
                behind = _NUMBER_BEHIND.match(text.words, end)
                end = behind.end() if behind else end
            yield Span(run.start, end, value.pii_type, value.canonical, run.score)
    sure.sort()
    unsure.sort(key=lambda each: each[0].start)
    for place, (run, value) in enumerate(unsure):
        near = bisect(sure, (run.start, run.end))
        if any(beside(text, run, *other) for other in sure[max(0, near - 1) : near + 1]) or any(
            _together(text, *pair, known)
            for pair in pairwise(unsure[max(0, place - 1) : place + 2])
        ):
            yield Span(run.start, run.end, value.pii_type, value.canonical, BESIDE)


def _together(
    text: Text, one: tuple[Run, Known], other: tuple[Run, Known], known: list[Known]
) -> bool:
    """Whether two weak words or the initials of two names make a name."""
    (first, name), (second, last) = one, other
    if name is last or not beside(text, first, second.start, second.end):
        return False
    letters = text.words[first.start : first.end] + text.words[second.start : second.end]
    if len(letters) > 2:
        return True
    dotted = text.words[second.end : second.end + 1] == "."
    return dotted and letters not in ABBREVIATIONS and (name, last) in pairwise(known)


def _in_handles(text: Text, known: list[Known]) -> Iterator[Span]:
    """Handles and addresses with @ that hold a part of a name; all of each."""
    for number, handle in text.handles.items():
        word = text.tokens[number]
        for value in known:
            if value.pii_type == "name" and (
                value.strengths.get(word) == STRONG_TOKEN
                or any(word.startswith(name) or word.endswith(name) for name in value.names)
            ):
                pii_type = "email" if handle.is_address else "name"
                spelt = text.words[handle.start : handle.end]
                canonical = spelt if handle.is_address else value.canonical
                yield Span(handle.start, handle.end, pii_type, canonical)


def _garbled_places(text: Text, value: Known) -> Iterator[tuple[int, int]]:
    """Where a part of a name stands without some letters."""
    for word in value.garbled:
        for start in places_of(text.letters.text, word):
            yield start, start + len(word)


def _local_places(text: Text, value: Known) -> Iterator[tuple[int, int]]:
    """Where what an address has before the @ stands by itself."""
    for start in places_of(text.letters.text, value.local) if value.local else ():
        end = start + len(value.local)
        if not (text.letters.text[start - 1 : start] + text.letters.text[end : end + 1]).isalnum():
            yield start, end
