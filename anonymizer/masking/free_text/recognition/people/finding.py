"""People of a text: whom words, lines and lists tell; who was found once is found everywhere."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from anonymizer.masking.free_text.recognition.basis.folding import (
    CAPITALS,
    LETTER,
    Span,
    fold_letters,
)
from anonymizer.masking.free_text.recognition.basis.words import ORDINARY, PARTICLES
from anonymizer.masking.free_text.recognition.people.beside import beside
from anonymizer.masking.free_text.recognition.people.east_asian import east_asian
from anonymizer.masking.free_text.recognition.people.lines import lines
from anonymizer.masking.free_text.recognition.people.names import (
    PART,
    Person,
    first_names,
    last_names,
)
from anonymizer.masking.free_text.recognition.people.words import NO_NAME

_EAST_ASIAN: Final = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_PAIR: Final = re.compile(
    rf"(?<![\w'-])(?P<first>{PART})(?=(?: [{CAPITALS}]\.){{0,2}} (?:(?:von|van|de|del|di|da|der|"
    rf"den|la|le|zu) ){{0,2}}(?P<last>{PART})(?P<next> {PART})?)"
)
_WORD: Final = re.compile(rf"{LETTER}+(?:'{LETTER}+)?")
_SURE: Final = 0.7
_PARTS: Final = 60


def people(text: str, _region: str) -> Iterator[Span]:
    """Names of people, with how sure each is."""
    found = [*beside(text), *lines(text)]
    if not (text.isascii() or _EAST_ASIAN.search(text) is None):
        found += east_asian(text)
    if not (text.isupper() or text.islower()):
        found += _listed(text)
    found += _again(text, found)
    for start, end, score in _apart(found):
        canonical = " ".join(sorted(re.findall(r"\w+", fold_letters(text[start:end]).text)))
        yield Span(start, end, "name", canonical, score)


def _listed(text: str) -> Iterator[Person]:
    """A first and a last name that lists know; each weighs less where it is a word as well."""
    for match in _PAIR.finditer(text):
        first, last = match["first"].casefold(), match["last"].casefold()
        if first.split("-")[0] not in first_names():
            continue
        if last in last_names():
            title_case = match["next"] is not None
            score = 0.8 if last not in ORDINARY else 0.4 if title_case else 0.6
            yield Person(match.start("first"), match.end("last"), score)
        elif last not in NO_NAME and last not in ORDINARY:
            yield Person(match.start("first"), match.end("last"), 0.4)


def _again(text: str, found: list[Person]) -> Iterator[Person]:
    """The same names and their parts wherever they stand with a capital letter."""
    names = {text[start:end] for start, end, score in found if score >= _SURE}
    parts = {part for name in names for part in _WORD.findall(name) if _tells(part)}
    wholes = {name for name in names if _EAST_ASIAN.match(name) and len(name) > 1}
    if not (parts or wholes):
        return
    longest = sorted(parts, key=len, reverse=True)[:_PARTS]
    cased = {each for part in longest for each in (part.capitalize(), part.upper(), part)}
    patterns = []
    if cased:
        patterns.append(
            rf"(?<!\w)(?:"
            rf"{'|'.join(map(re.escape, sorted(cased, key=len, reverse=True)))})(?!\w)"
        )
    patterns += map(re.escape, sorted(wholes, key=len, reverse=True)[:_PARTS])
    for match in re.finditer("|".join(patterns), text):
        yield Person(*match.span(), _SURE)


def _tells(part: str) -> bool:
    """Whether a part of a name names somebody by itself."""
    word = part.casefold()
    return len(word) > 2 and not (word in ORDINARY or word in PARTICLES or word in NO_NAME)


def _apart(found: Iterable[Person]) -> Iterator[Person]:
    """One place of those that overlap or stand side by side, as sure as the surest."""
    last: Person | None = None
    for person in sorted(found):
        if last is not None and person.start < last.end:
            sure = max(last, person, key=lambda each: each.score)
            weak = min(last, person, key=lambda each: each.score)
            if weak.score < 0.5 <= sure.score:
                last = sure  # what is not sure makes nothing longer
            else:
                last = Person(last.start, max(last.end, person.end), sure.score)
            continue
        if last is not None:
            yield last
        last = person
    if last is not None:
        yield last
