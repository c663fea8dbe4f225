"""Towns and countries where words say that somebody lives there or comes from there."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from anonymizer.masking.free_text.basis.characters import Bools
from anonymizer.masking.free_text.basis.folding import Span, fold_letters
from anonymizer.masking.free_text.basis.glances import Glances
from anonymizer.masking.free_text.basis.lists import any_of
from anonymizer.masking.free_text.basis.phrases import Phrases, Place, behind
from anonymizer.masking.free_text.basis.telling import Telling
from anonymizer.masking.free_text.basis.words import TOWNS
from anonymizer.masking.free_text.recognition.addresses.growing import TOWN, country
from anonymizer.masking.free_text.recognition.addresses.words import WORDS

_PHRASES: Final = Phrases(
    {
        "lived": WORDS.product("of_people"),
        "gone": WORDS["gone"],
        "keys": WORDS["town_keys"],
    }
)
_LIVED: Final = re.compile(rf" (?P<town>{TOWN})")
_GONE: Final = re.compile(
    rf"(?<!\w)(?i:aus|from|von|nach|uit|van|naar) (?P<town>{TOWN}) "
    rf"(?i:{any_of(WORDS['gone'])})(?!\w)"
)
_KEYED: Final = re.compile(rf"(?:\s?[:=]\s?|(?<![ty]) )(?P<town>{TOWN})")
_CHINESE: Final = re.compile(
    r"(?:从|住在|来自|搬到|搬去|家在|老家)"
    r"(?P<town>[\u4e00-\u9fff]{2,8}?(?:市(?![场政民值面价])|[县区省镇]))"
)
_CHINESE_END: Final = re.compile("[市县区省镇]")
_LINE: Final = re.compile(
    rf"[ \t>]*(?=[^\n,;:!?=<\0]{{2,80}}\n[ \t>]*[^\W\d_])(?P<town>{TOWN})[ \t]*\n[ \t>]*"
)
_LONG: Final = 120  # characters of a line that is no town, or from a town to who has left it
_TIMES: Final = WORDS.set("times")
_TELLING: Final = Telling(_PHRASES.words)


def may_hold_towns(seen: Glances) -> Bools:
    """Whether texts have a word of a phrase, or several lines."""
    return seen.says(_TELLING) | seen.has("\n")


def towns(text: str, _region: str) -> Iterator[Span]:
    """Places after `lives in`, `born in`, `originally from` in eleven languages, over a country.

    In a text without capital letters only large towns and countries.
    """
    yield from _chinese(text)
    places = _PHRASES.places(text)
    if not (places or "\n" in text) or text.isupper():
        return
    small = text.islower()
    cased = text.title() if small else text
    if len(cased) != len(text):
        return
    for match in _told(cased, places):
        span = _lived(cased, match)
        if span is not None and (span.score > 0.5 or not small):
            yield span
    yield from _above_country(cased)


def _chinese(text: str) -> Iterator[Span]:
    if not text.isascii() and _CHINESE_END.search(text):
        for match in _CHINESE.finditer(text):
            yield Span(*match.span("town"), "place", match["town"], 0.6)


def _told(text: str, places: Mapping[str, Sequence[Place]]) -> Iterator[re.Match[str]]:
    """Towns that a phrase tells."""
    for means, pattern in (("lived", _LIVED), ("keys", _KEYED)):
        for _, match in behind(pattern, text, places.get(means, ())):
            yield match
    for start, end in places.get("gone", ()):
        if gone := _GONE.search(text, max(0, start - _LONG), end):
            yield gone


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
    start = 0
    while (line_end := text.find("\n", start)) >= 0:
        match = _LINE.match(text, start) if line_end - start < _LONG else None
        end = country(text, match.end()) if match else None
        if match and end is not None and text[end : end + 1] in ("", "\n", "\r", " "):
            yield _place(text, match.start("town"), end, 0.6)
        start = line_end + 1


def _place(text: str, start: int, end: int, score: float) -> Span:
    canonical = " ".join(re.findall(r"\w+", fold_letters(text[start:end]).text))
    return Span(start, end, "place", canonical, score)
