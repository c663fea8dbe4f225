"""Towns and countries where words say that somebody lives there or comes from there."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Final

from anonymizer.masking.free_text.recognition.addresses.growing import TOWN, country
from anonymizer.masking.free_text.recognition.addresses.words import WORDS
from anonymizer.masking.free_text.recognition.basis.folding import Span, fold_letters
from anonymizer.masking.free_text.recognition.basis.glance import heads_of
from anonymizer.masking.free_text.recognition.basis.lists import any_of
from anonymizer.masking.free_text.recognition.basis.words import TOWNS

_LIVED: Final = re.compile(rf"(?<!\w)(?i:{WORDS.pattern('of_people')}) (?P<town>{TOWN})")
_GONE: Final = re.compile(
    rf"(?<!\w)(?i:aus|from|von|nach|uit|van|naar) (?P<town>{TOWN}) "
    rf"(?i:{WORDS.pattern('gone')})(?!\w)"
)
_KEYED: Final = re.compile(
    rf"(?<!\w)(?i:{any_of(WORDS['town_keys'])})(?:\s?[:=]\s?|(?<![ty]) )(?P<town>{TOWN})"
)
_CHINESE: Final = re.compile(
    r"(?:从|住在|来自|搬到|搬去|家在|老家)"
    r"(?P<town>[\u4e00-\u9fff]{2,8}?(?:市(?![场政民值面价])|[县区省镇]))"
)
_ABOVE_COUNTRY: Final = re.compile(rf"(?m)^[ \t>]*(?P<town>{TOWN})[ \t]*\n[ \t>]*(?=[^\W\d_])")
_TIMES: Final = WORDS.set("times")
_OF_PLACE: Final = WORDS.set("of_place")


def towns(text: str, _region: str) -> Iterator[Span]:
    """Places after `lives in`, `born in`, `originally from` in eleven languages, over a country.

    In a text without capital letters only large towns and countries.
    """
    yield from _chinese(text)
    if text.isupper():
        return
    small = text.islower()
    cased = text.title() if small else text
    if len(cased) != len(text):
        return
    if not _OF_PLACE.isdisjoint(heads_of(cased)):
        for match in chain.from_iterable(p.finditer(cased) for p in (_LIVED, _GONE, _KEYED)):
            span = _lived(cased, match)
            if span is not None and (span.score > 0.5 or not small):
                yield span
    if "\n" in text:
        yield from _above_country(cased)


def _chinese(text: str) -> Iterator[Span]:
    if not text.isascii():
        for match in _CHINESE.finditer(text):
            yield Span(*match.span("town"), "place", match["town"], 0.6)


def _lived(text: str, match: re.Match[str]) -> Span | None:
    start, end = match.span("town")
    if match["town"].split()[0].strip(".,").lower() in _TIMES:
        return None
    known = country(text, start)
    name = text[start:end].rstrip(" .")
    sure = known is not None or name.lower() in TOWNS
    return _place(text, start, max(known or 0, start + len(name)), 0.7 if sure else 0.5)


def _above_country(text: str) -> Iterator[Span]:
    """A line with a town over one with a country."""
    for match in _ABOVE_COUNTRY.finditer(text):
        end = country(text, match.end())
        if end is not None and text[end : end + 1] in ("", "\n", "\r", " "):
            yield _place(text, match.start("town"), end, 0.6)


def _place(text: str, start: int, end: int, score: float) -> Span:
    canonical = " ".join(re.findall(r"\w+", fold_letters(text[start:end]).text))
    return Span(start, end, "place", canonical, score)
