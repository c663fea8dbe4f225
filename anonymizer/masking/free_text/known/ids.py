"""Ids of a row in any case and grouping, and never a part of another one.

An id stands apart from further letters and digits; what no blanks part (Chinese) may touch it. It
may be in one piece, as its column writes it, or grouped otherwise; a grouped one is no part of a
longer group of numbers, and less than six letters and digits are parted at most where letters
become digits: 12.34 is not 1234.
"""

import re
from collections.abc import Iterator
from typing import Final

from anonymizer.masking.free_text.basis.folding import EASTERN, Span
from anonymizer.masking.free_text.known.text import Text, places_of
from anonymizer.masking.free_text.known.values import APART, Known

_BEGINS: Final = re.compile(rf"(?<![^\W_{EASTERN}])|(?<=\\[nrt])")
_ENDS: Final = re.compile(rf"(?![^\W_{EASTERN}])")
# What parts no id: other signs, many of them, what stands between a word and its number.
_PARTED: Final = re.compile(r"[^\w ./:#-]|[\W_]{4}|\d[\W_]*[:#][\W_]*\d")
_PARTED_WITHIN: Final = re.compile(r"\d[\W_]+\d|[^\W\d_][\W_]+[^\W\d_]")
_NUMBER_BEFORE: Final = re.compile(r"(?<=\d[ ./-])\d")
_NUMBER_BEHIND: Final = re.compile(r"(?<=\d)[ ./-]\d")
_SHORT: Final = 6  # what has fewer letters and digits
_ZEROS: Final = 16  # before a number, at most


def id_spans(text: Text, value: Known) -> Iterator[Span]:
    """Where an id stands, with zeros before its number."""
    for first in places_of(text.signs, value.signs):
        start = text.sign_places[first]
        end = text.sign_places[first + len(value.signs) - 1] + 1
        if value.signs.isdecimal() and value.signs[0] != "0" and len(value.written) >= _SHORT:
            before = text.small[max(0, start - _ZEROS) : start]
            start -= len(before) - len(before.rstrip("0"))
        if _stands_apart(text.small, start, end, value):
            yield text.digits.raw(Span(start, end, value.pii_type, value.canonical))


def _stands_apart(text: str, start: int, end: int, value: Known) -> bool:
    if not _BEGINS.match(text, start) or not _ENDS.match(text, end):
        return False
    said, short = text[start:end], len(value.signs) < _SHORT
    grouped = said != value.written and APART.search(said) is not None
    if grouped and (_PARTED.search(said) or (short and _PARTED_WITHIN.search(said))):
        return False
    if grouped or (short and said.isdecimal()):
        return not _NUMBER_BEFORE.match(text, start) and not _NUMBER_BEHIND.match(text, end)
    return True
