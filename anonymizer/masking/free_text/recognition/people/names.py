"""What a name looks like, where it ends, and which names are known."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final, NamedTuple

from anonymizer.masking.free_text.basis.folding import CAPITALS, LETTER, fold_letters
from anonymizer.masking.free_text.basis.telling import Telling
from anonymizer.masking.free_text.basis.words import COMMON, NO_NAME, ORDINARY
from anonymizer.masking.free_text.recognition.people.words import WORDS
from anonymizer.masking.primitives.name_lists import load_names

_LOCALES: Final = ("de_DE", "en_GB", "en_US", "es_ES", "fr_FR")
PARTICLES: Final = (
    "von der|von dem|von den|van der|van den|van de|von|van|vom|zu|zur|zum|de la|de las|de los|"
    "de|del|della|di|da|"
    "dos|das|do|du|des|le|la|el|al|bin|ibn|ben|ter|ten|te|y|e|af|av|st\\.?|'t"
)
PARTICLE_WORDS: Final = Telling(re.findall(f"{LETTER}+", PARTICLES))
PART: Final = rf"(?>[{CAPITALS}]{LETTER}{{0,24}}(?:['-]{LETTER}{{1,24}}){{0,2}})"
_INITIAL: Final = rf"[{CAPITALS}]\."
# First names, initials and last names with their particles; in capitals at least at their start.
NAME: Final = (
    rf"(?:{_INITIAL} ?){{0,3}}{PART}(?:,? (?:jr|sr)\.|[ ]+(?:{_INITIAL}(?= )|(?:(?:{PARTICLES}) "
    rf")?{PART})){{0,3}}"
)
# With the particle that may stand first, where something else tells that a name begins.
WHOLE_NAME: Final = rf"(?:(?:{PARTICLES}) )?{NAME}"
# One word or two in whatever letters.
ANY_NAME: Final = (
    rf"{LETTER}{{2,24}}(?:['-]{LETTER}{{2,24}})?(?: "
    rf"{LETTER}{{2,24}}(?:['-]{LETTER}{{2,24}})?)?"
)
_ABBREVIATED: Final = re.compile(rf"(?:^|[ .])(?:{LETTER}|jr|sr|Jr|Sr)\.$")
_CAPITAL: Final = re.compile(f"[{CAPITALS}]")
_TOKEN: Final = re.compile(rf"{LETTER}+(?:['-]{LETTER}+)*\.?")
_SMALL: Final = frozenset(PARTICLES.replace("\\.?", "").replace("|", " ").split())


class Person(NamedTuple):
    """Where a name stands, and how sure that is."""

    start: int
    end: int
    score: float


@cache
def first_names() -> frozenset[str]:
    """First names of many languages, small, without those that are words."""
    listed = frozenset(name.casefold() for each in _LOCALES for name in load_names(each).first)
    return (listed | WORDS.set("first_names")) - ORDINARY


@cache
def last_names() -> frozenset[str]:
    """Last names of five languages, small."""
    return frozenset(name.casefold() for each in _LOCALES for name in load_names(each).last)


@cache
def first_words() -> Telling:
    """First names as words of many texts."""
    return Telling(first_names())


@cache
def known_words() -> Telling:
    """What `is_known` knows, in the same way."""
    return Telling(first_names() | (last_names() - ORDINARY))


@cache
def _stops() -> frozenset[str]:
    """Words at which no name begins and each ends."""
    titles = (title.replace(".", "") for title in WORDS["titles"] + WORDS["dotted_titles"])
    return NO_NAME.union(WORDS["greetings"], titles, WORDS["speakers"]) - {"lieve"}


def kept(text: str, start: int, end: int, *, most: int = 4) -> tuple[int, int] | None:
    """The part of a place that can be a name: up to a word that is none; None if none is left."""
    length = _kept(text[start:end], most)
    return (start, start + length) if length else None


# Several patterns find the same name.
@lru_cache(maxsize=64)
def _kept(name: str, most: int) -> int:
    """How many characters of a name stay, of so many words at most; 0 if none."""
    words = name.casefold().split(" ")
    plain = len(words) <= most and name.replace(" ", "").isalpha() and len(words[0]) > 1
    if plain and _stops().isdisjoint(words) and _SMALL.isdisjoint(words):
        return len(name)
    last, count = 0, 0
    for token in _TOKEN.finditer(name):
        word = token[0].casefold().removesuffix("'s")
        small = word in _SMALL and (token[0].islower() or count > 0)
        if count == most or not (small or word.rstrip(".") not in _stops()):
            break
        if not small:
            last = token.start() + len(token[0].removesuffix("'s"))
            count += len(word.rstrip(".")) > 1
        if token[0].endswith("'s"):
            break
    if not count:
        return 0
    return last - (name[last - 1] == "." and not _ABBREVIATED.search(name, 0, last))


@lru_cache(maxsize=256)
def is_word(word: str) -> bool:
    """Whether a word is one of everyday in some language."""
    small = word.strip().casefold()
    return small in NO_NAME or small in ORDINARY or fold_letters(small).text in COMMON


def from_capitals(
    pattern: re.Pattern[str], text: str, start: int, end: int
) -> Iterator[re.Match[str]]:
    """The matches of a pattern of names that begin between two places; they do not overlap."""
    done = start
    for capital in _CAPITAL.finditer(text, max(0, start), end):
        if capital.start() >= done and (match := pattern.match(text, capital.start())):
            done = match.end()
            yield match


@lru_cache(maxsize=64)
def is_known(name: str) -> bool:
    """Whether it begins with a first name or ends with a last one that is no word."""
    parts = name.casefold().split()
    if not parts:
        return False
    first = parts[0].split("-")[0].strip(".'")
    return first in first_names() or (parts[-1] in last_names() and parts[-1] not in ORDINARY)
