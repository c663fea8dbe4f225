"""Numbers and dates of a row, however its text groups them."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Final

from anonymizer.masking.free_text.basis.folding import Span
from anonymizer.masking.free_text.known.text import Text, places_of
from anonymizer.masking.free_text.known.values import Known
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
    for span in find(text.digits.text, ("date",)):
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
