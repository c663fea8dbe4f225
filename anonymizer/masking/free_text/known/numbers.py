"""Ids, numbers and dates of a row, however its text groups them.

An id stands apart from further letters and digits; what no blanks part (Chinese) may touch it. It
may be in one piece, as its column writes it, or grouped otherwise; a grouped one is no part of a
longer group of numbers, and less than six letters and digits are parted at most where letters
become digits: 12.34 is not 1234.
"""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Final

from anonymizer.masking.free_text.basis.folding import EASTERN, Span
from anonymizer.masking.free_text.known.text import Text, places_of
from anonymizer.masking.free_text.known.values import APART, Known
from anonymizer.masking.free_text.recognition.finding import find

_DIAL_PREFIX: Final = re.compile(
    r"(?:(?:\+|(?<!\d)00) ?\(?\d{1,3}[ ./\-()]{0,3}|(?<!\d)1[ ./\-()]{1,3})(?:\(?0\)?[ -]?)?\(?$"
    r"|(?:\+|(?<!\d)00)\(?$|(?:\(0\) ?|(?<!\d)0{1,8}|\()$"
)
_COUNTRY: Final = re.compile(r"(?<!\d)(?:[17]|[2-9]\d{1,2})$")  # its code, without a sign
_EXTENSION_AFTER: Final = re.compile(r"(?i),? ?(?:x|ext\.?|extension) ?\d{1,6}(?!\d)")
_DIGIT: Final = re.compile(r"\d")
_AMID: Final = re.compile(r"(?<=\d)(?=\d)")
_PART_OF_NUMBER: Final = re.compile(r"\d[ ./)-]?$")
_DAY: Final = re.compile(r"(?<![\d.,/-])(\d{1,4})([-/. ]{1,3})(\d\d?)\2'?(\d{1,4})(?!\d)")
# What stands before the last digits of a card or an account.
_ENDING: Final = re.compile(
    r"(?i)(?:[x*•·#…]{2}|\.{3}|[x*]{1,4}[ -]"
    r"|\bend(?:ing|s|ed)?(?: (?:in|with|on))?|last (?:four|4)(?: digits?)?(?: (?:are|is|of))?"
    r"|endet(?: auf| mit)?|endend auf|endziffern?|endnummer"
    r"|letzten? (?:vier|4)(?: (?:ziffern|stellen))?"
    r"|termin(?:e|ant|ée?)s? (?:par|en)|finiss(?:ant|e) par|derniers(?: chiffres)?"
    r"|termin(?:a|ada|ado)s? (?:en|con|em|in|com|per)|finisce (?:in|con|per)"
    r"|[uú]ltim[eoa]s? (?:quattro|cuatro|quatro|4)(?: (?:cifre|cifras|d[ií]gitos?))?"
    r"|eindig(?:t|end) op|laatste (?:vier|4)(?: cijfers)?"
    r"|p[äa][äa]ttyy(?: numeroihin)?|viimeistä(?: numeroa)?|kończ(?:y|ąca|ący) się(?: na)?"
    r"|ostatnie (?:cztery|4)(?: cyfry)?|slutar (?:på|med)"
    r"|尾[号號][是为為]?|末四[位码碼]?[是为為]?|后四位[是为]?|下4桁[はが]?|끝자리)"
    r"[\s:=\"'(#*x•.-]{0,4}$"
)
_BEGINS: Final = re.compile(rf"(?<![^\W_{EASTERN}])|(?<=\\[nrt])")
_ENDS: Final = re.compile(rf"(?![^\W_{EASTERN}])")
# What parts no id: other signs, many of them, what stands between a word and its number.
_PARTED: Final = re.compile(r"[^\w ./:#-]|[\W_]{4}|\d[\W_]*[:#][\W_]*\d")
_PARTED_WITHIN: Final = re.compile(r"\d[\W_]+\d|[^\W\d_][\W_]+[^\W\d_]")
_NUMBER_BEFORE: Final = re.compile(r"(?<=\d[ ./-])\d")
_NUMBER_BEHIND: Final = re.compile(r"(?<=\d)[ ./-]\d")
_SHORT: Final = 6  # what has fewer letters and digits
# The number of an id with letters before it, long enough to be nobody else's: no. 1001234.
_NUMBER_OF_ID: Final = re.compile(r"^[^\W\d_]+(\d{6,})$")
_ALONE_BEFORE: Final = re.compile(r"(?<![^\W_])(?<![^\W_][._/-])(?<![.,]\d)")
_ZEROS: Final = 16  # before a number, at most


def number_spans(text: Text, value: Known) -> Iterator[Span]:
    """Where the digits stand, whatever stands between them and whatever dials into the country."""
    if value.day:
        places = _days(text, value.day)
    else:
        places = chain(_whole(text, value.digits), _tails(text.digits.text, value.tail))
    for start, end in places:
        yield text.digits.raw(Span(start, end, value.pii_type, value.canonical))


def _whole(text: Text, known: str) -> Iterator[tuple[int, int]]:
    whole = text.digits.text
    for digits, run in text.digit_runs if known else ():
        if found := list(_digits_in(digits, known)):
            places = [match.start() for match in _DIGIT.finditer(whole, *run.span())]
            for first, last in found:
                start, end = places[first], places[last - 1] + 1
                start, end = _dialled(whole, start, end, last - first)
                if not _AMID.match(whole, start) and not _AMID.match(whole, end):
                    yield start, end


def _tails(text: str, tail: str) -> Iterator[tuple[int, int]]:
    """Where the last four digits of a card or an account stand as such."""
    for start in places_of(text, tail) if tail else ():
        part = (
            _PART_OF_NUMBER.search(text, max(0, start - 2), start)
            or text[start + 4 : start + 5].isdigit()
        )
        if not part and _ENDING.search(text, max(0, start - 40), start):
            yield start, start + 4


def _days(text: Text, day: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Where a date stands in any form, its year with two digits or four."""
    if str(max(day))[2:] not in text.digits.text:
        return
    wanted = (list(day), sorted((*day[:2], day[2] % 100)))
    for match in _DAY.finditer(text.digits.text):
        if sorted(map(int, match.group(1, 3, 4))) in wanted:
            yield match.span()
    for digits, run in text.digit_runs:
        for first, second in ((2, 4), (4, 6)) if len(digits) == 8 else ():
            if sorted(map(int, (digits[:first], digits[first:second], digits[second:]))) in wanted:
                yield run.span()
    for span in find(text.digits.text, ("date",), alone=True):
        if sorted(map(int, re.findall(r"\d+", span.canonical))) in wanted:
            yield span.start, span.end


def _dialled(text: str, start: int, end: int, size: int) -> tuple[int, int]:
    """A phone number of so many digits with its country code and its extension."""
    prefix = _DIAL_PREFIX.search(text, max(0, start - 10), start)
    if prefix is None and (code := _COUNTRY.search(text, max(0, start - 3), start)):
        prefix = code if size > (9 if len(code[0]) == 1 else 7) else None
    extension = _EXTENSION_AFTER.match(text, end)
    return (
        prefix.start() if prefix else start,
        extension.end() if extension else end,
    )


def _digits_in(digits: str, known: str) -> Iterator[tuple[int, int]]:
    """Where a run of digits holds a known number, or is its local end."""
    national = known.lstrip("0")
    core = national[-9:]
    for place in places_of(digits, core):
        start, rest = place, national[: -len(core)]
        while rest and start and digits[start - 1] == rest[-1]:
            start, rest = start - 1, rest[:-1]
        yield start, place + len(core)
    if len(known) > 9 and digits.endswith(known[-7:]):
        yield len(digits) - 7, len(digits)


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
    number = _NUMBER_OF_ID.sub(r"\1", value.signs)
    for start in places_of(text.small, number) if number != value.signs else ():
        end = start + len(number)
        if _ALONE_BEFORE.match(text.small, start) and _ENDS.match(text.small, end):
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
