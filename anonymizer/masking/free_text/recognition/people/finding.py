"""People of a text: whom words, lines and lists tell; who was found once is found everywhere."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from anonymizer.masking.free_text.basis.characters import Bools
from anonymizer.masking.free_text.basis.folding import (
    CAPITALS,
    IS_EAST_ASIAN,
    LETTER,
    Span,
    canonical_name,
)
from anonymizer.masking.free_text.basis.glances import Glances
from anonymizer.masking.free_text.basis.phrases import lowered, places_of, words_of
from anonymizer.masking.free_text.basis.words import NO_NAME, ORDINARY, PARTICLES
from anonymizer.masking.free_text.recognition.people.beside import beside, may_stand_beside
from anonymizer.masking.free_text.recognition.people.east_asian import east_asian
from anonymizer.masking.free_text.recognition.people.lines import TOLD_IN_LINES, lines
from anonymizer.masking.free_text.recognition.people.names import (
    PART,
    PARTICLE_WORDS,
    Person,
    first_names,
    first_words,
    is_word,
    known_words,
    last_names,
)

_PAIR: Final = re.compile(
    rf"(?<![\w'-])(?P<first>{PART})(?=(?: [{CAPITALS}]\.){{0,2}} (?:(?:von|van|de|del|di|da|der|"
    rf"den|la|le|zu) ){{0,2}}(?P<last>{PART})(?P<next> {PART})?)"
)
_WORD: Final = re.compile(rf"{LETTER}+(?:'{LETTER}+)?")
_ALONE: Final = re.compile(rf"(?<!\w)(?<!{LETTER}'){LETTER}++(?:'{LETTER}++)?(?!\w)")
_SURE: Final = 0.7
_FEW: Final = 8  # parts of names that are counted one by one
_PARTS: Final = 60
_TITLE: Final = 120  # characters of a line that may be one
_SMALL_WORD: Final = re.compile(r"(?<!\w)[a-zß-ÿ][^\W\d_]{2}")


def may_hold_people(seen: Glances) -> Bools:
    """Whether texts have a word beside a name, a name that lists know, or the form of a line."""
    words = seen.words
    signed = seen.ends_capital & (seen.has("-~/") | seen.begins_anew)
    in_lines = seen.has(":<\n(") | seen.says(TOLD_IN_LINES)
    listed = seen.at(known_words().among(words) & seen.capital) | seen.other
    named = (seen.capital | seen.goes_on | PARTICLE_WORDS.among(words))[words.following]
    pairs = seen.cased & seen.at(first_words().among(words) & seen.capital & named)
    return may_stand_beside(seen) | in_lines | signed | pairs | (seen.has(",") & listed)


def people(text: str, _region: str) -> Iterator[Span]:
    """Names of people, with how sure each is."""
    found = [*beside(text), *lines(text)]
    if not (text.isascii() or IS_EAST_ASIAN.search(text) is None):
        found += east_asian(text)
    found += _listed(text)
    if not found:
        return
    found += _again(text, found)
    for start, end, score in _apart(found):
        canonical = canonical_name(text[start:end])
        yield Span(start, end, "name", canonical, score)


def _listed(text: str) -> Iterator[Person]:
    """A first and a last name that lists know; each weighs less where it is a word as well."""
    known = words_of(text) & first_names()
    if not known or text.isupper() or text.islower():
        return
    for _, place in places_of(known, text):
        match = _PAIR.match(text, place)
        if match and first_names().issuperset(match["first"].casefold().split("-")):
            last = match["last"].casefold()
            listed = last in last_names()
            if listed and last not in ORDINARY:
                yield Person(match.start("first"), match.end("last"), 0.8)
            elif listed or not is_word(last):
                score = 0.4 if _in_title(text, match) else 0.6
                yield Person(match.start("first"), match.end("last"), score)


def _in_title(text: str, match: re.Match[str]) -> bool:
    """Whether a first name may be a word, or any word has a capital letter there."""
    following = match["next"]
    if text[match.start() - 2 : match.start() - 1].isdigit():  # 12 Victoria Sponge tins
        return True
    if is_word(match["first"]) or (following and (is_word(following) or is_word(match["last"]))):
        return True
    first, last = max(0, match.start() - _TITLE), match.end("last") + _TITLE
    start, end = text.rfind("\n", first, match.start()) + 1, text.find("\n", match.end(), last)
    line = text[start or first : end if end >= 0 else last]
    if len(line) > _TITLE or _SMALL_WORD.search(line):
        return False
    return line == text or len(line) > match.end("last") - match.start() + 2


def _again(text: str, found: list[Person]) -> Iterator[Person]:
    """The same names and their parts wherever they stand with a capital letter."""
    names = {text[start:end] for start, end, score in found if score >= _SURE}
    parts = {part for name in names for part in _WORD.findall(name)}
    if len(parts) <= _FEW:
        parts = {part for part in parts if lowered(text).count(part.lower()) > 1}
    parts = set(filter(_tells, parts))
    if parts:
        cased = {each for part in parts for each in (part.capitalize(), part.upper(), part)}
        heads = frozenset(part.lower().split("'")[0] for part in parts)
        for _, place in places_of(heads, text):
            match = _ALONE.match(text, place)
            if match and match[0] in cased:
                yield Person(*match.span(), _SURE)
    wholes = () if text.isascii() else {name for name in names if IS_EAST_ASIAN.match(name)}
    for whole in sorted(wholes, key=len, reverse=True)[:_PARTS]:
        if len(whole) > 1:
            for match in re.finditer(re.escape(whole), text):
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
            sure, weak = (last, person) if last.score >= person.score else (person, last)
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
