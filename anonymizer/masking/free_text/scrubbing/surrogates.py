"""Names of nobody in the place of names: first for first, last for last, initials and case too.

What the row's own columns show as pseudonyms stands in its texts as well. Any other word of a name
becomes one of the shipped lists: of the language whose list has it, a first name of its sex. That
follows from the word and its role alone, so that somebody is the same wherever a text names them.
"""

import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache, lru_cache
from math import isqrt
from typing import Final, Literal, NamedTuple

from anonymizer.masking.free_text.recognition import Span
from anonymizer.masking.free_text.recognition.folding import fold_letters
from anonymizer.masking.free_text.recognition.values import CJK
from anonymizer.masking.free_text.recognition.values import read as read_value
from anonymizer.masking.free_text.recognition.words import PARTICLES
from anonymizer.masking.primitives.name_lists import load_names

Role = Literal["first", "last"]

_LOCALES: Final = ("en_US", "de_DE", "fr_FR", "es_ES", "en_GB", "zh_CN")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# Before last names; `Dear`, `Sir` and `Don` stand before first ones too.
_TITLES: Final = frozenset(
    "mr mrs ms miss mx dr prof professor doctor herr herrn frau monsieur madame mme mlle senor "
    "senora sr sra srta signor signora sig dott".split()
)
_KEPT: Final = _TITLES | frozenset("dipl ing mag hon rev phd md jr ii iii iv sir lord lady".split())
_BEFORE: Final = 16  # characters in front of a name in which its title may stand
_ALIKE: Final = 0.7  # of the letters, from where a word is a name misspelt
_ROUNDS: Final = 4  # of a Feistel network over the places of a list


class Shown(NamedTuple):
    """A name that a row holds, and the pseudonym that its column shows.

    Attributes:
        value: as the column has it.
        pseudonym: in the output; None where it shows none.
        kind: name, first_name or last_name.
        locale: of the pseudonym.
    """

    value: str
    pseudonym: str | None = None
    kind: str = "name"
    locale: str = "en_US"


class _Word(NamedTuple):
    """A word of a name: where it stands, folded, and its role; None for titles and particles."""

    start: int
    end: int
    folded: str
    role: Role | None = None


class _Part(NamedTuple):
    """The role that a word has in a name of the row, and what its column shows for it."""

    role: Role
    shown: str | None


_Parts = Mapping[str, _Part]
_ROLES: Final[dict[str, Role]] = {"first_name": "first", "last_name": "last"}


@dataclass(frozen=True)
class Surrogates:
    """Gives the names that stand in the place of others.

    Attributes:
        subkey: of the domain.
        locale: of a word that no list has.
    """

    subkey: str = field(repr=False)
    locale: str = "en_US"

    def of(
        self, text: str, spans: Iterable[Span], own: Iterable[Shown], who: str
    ) -> dict[Span, str]:
        """What stands for the names of a text; empty where that is none.

        Args:
            text: as it stands.
            spans: places of names in it.
            own: the names that the row holds.
            who: whose text it is; names in the texts of two persons are drawn apart.
        """
        parts, known = _of_row(tuple(own))
        names = {span: _words(text, span, parts) for span in spans}
        # What stands alone is what it is beside others, or behind a title.
        sure = {
            word.folded: word.role
            for span, words in names.items()
            for word in words
            if len(words) > 1 or _is_titled(text, span)
        }

        def put(word: _Word, span: Span) -> str:
            part = parts.get(word.folded)
            if part is None and span.canonical in known:
                part = _nearest(word.folded, parts)
            if part and part.shown:
                return part.shown
            role = part.role if part else sure.get(word.folded) or word.role
            return self._drawn(word.folded, role or "last", who)

        return {
            span: _rewritten(text[span.start : span.end], words, lambda word: put(word, span))  # noqa: B023 (used at once)
            for span, words in names.items()
        }

    def _drawn(self, word: str, role: Role, who: str) -> str:
        """The name that stands for a word: never itself, nor that of another of its list."""
        locale = self._locale_of(word, role)
        names = _names(locale, role, _sex(word, locale) if role == "first" else "")
        key = hmac.digest(bytes.fromhex(self.subkey), f"{role}\0{who}".encode(), "sha256")
        place = names.places.get(word)
        if place is None:
            place = int.from_bytes(hmac.digest(key, word.encode(), "sha256")) % len(names.words)
        return names.words[_after(place, len(names.words), key)]

    def _locale_of(self, word: str, role: Role) -> str:
        """The language whose list has a word; else that of its script."""
        for locale in (self.locale, *_LOCALES):
            if word in _names(locale, role, "").places:
                return locale
        if CJK.search(word):
            return "zh_CN"
        return self.locale if self.locale != "zh_CN" else _LOCALES[0]


# --- lists of names -----------------------------------------------------------------------------


class _Names(NamedTuple):
    """Names that may stand for each other, each once however it is spelt, and their places."""

    words: tuple[str, ...]
    places: Mapping[str, int]


@cache
def _names(locale: str, role: Role, sex: str) -> _Names:
    """The names of a locale; of first names those of a sex, or all."""
    names = load_names(locale)
    words = names.last if role == "last" else names.first
    of = names.sex if sex else " " * len(words)
    chosen = (word for word, letter in zip(words, of, strict=True) if letter in (sex, " "))
    once = {_folded(word): word for word in chosen}
    return _Names(tuple(once.values()), {word: place for place, word in enumerate(once)})


def _sex(word: str, locale: str) -> str:
    """The sex that the list of a locale says; of other words, any that does not end in `a`."""
    said = (sex for sex in "fmb" if word in _names(locale, "first", sex).places)
    return next(said, "f" if word.endswith("a") else "")


def _after(place: int, count: int, key: bytes) -> int:
    """The place behind one in a secret order of all: a cycle, in which none is behind itself."""
    return _permuted((_permuted(place, count, key, -1) + 1) % count, count, key, 1)


def _permuted(place: int, count: int, key: bytes, step: Literal[1, -1]) -> int:
    """A keyed permutation of places or its inverse: Feistel rounds until the place is inside."""
    side = isqrt(count - 1) + 1
    while True:
        high, low = divmod(place, side)
        for number in range(_ROUNDS)[::step]:
            if step > 0:
                high, low = low, (high + _mixed(number, low, key)) % side
            else:
                high, low = (low - _mixed(number, high, key)) % side, high
        place = high * side + low
        if place < count:
            return place


def _mixed(number: int, half: int, key: bytes) -> int:
    return int.from_bytes(hmac.digest(key, bytes((number, *divmod(half, 256))), "sha256")[:8])


# --- the words of a name ------------------------------------------------------------------------


def _folded(word: str) -> str:
    return fold_letters(word.replace("’", "'")).text


def _is_titled(text: str, span: Span) -> bool:
    """Whether a title stands in a name, or before it."""
    before = _WORD.findall(text[max(0, span.start - _BEFORE) : span.start])[-1:]
    words = (*before, *_WORD.findall(text[span.start : span.end]))
    return any(_folded(word) in _TITLES for word in words)


def _words(text: str, span: Span, parts: _Parts) -> list[_Word]:
    """The words of a name with their roles."""
    written = text[span.start : span.end]
    found = [word for match in _WORD.finditer(written) for word in _cut(match, parts)]
    named = [word for word in found if not _is_little(word, written)]
    if len(named) == 1:
        roles: list[Role] = [_alone(named[0].folded, titled=_is_titled(text, span))]
    elif CJK.search(written):
        roles = ["last", *(["first"] * (len(named) - 1))]
    else:
        comma = written.find(",")
        before = sum(word.start < comma for word in named) if comma > 0 else 0
        roles = ["last"] * before + ["first"] * (len(named) - before)
        roles[-1:] = roles[-1:] if before else ["last"]
    return [
        word._replace(role=dict(zip(named, roles, strict=False)).get(word)) for word in found
    ]


def _cut(match: re.Match[str], parts: _Parts) -> Iterator[_Word]:
    """A word; of a name in characters without blanks, the last name and what follows it."""
    word = _Word(*match.span(), _folded(match[0]))
    cut = 0 if word.folded in parts or not CJK.search(match[0]) else _surname_length(word.folded)
    if cut:
        yield _Word(word.start, word.start + cut, word.folded[:cut])
    if cut < len(match[0]):
        yield _Word(word.start + cut, word.end, word.folded[cut:])


def _surname_length(name: str) -> int:
    """How many characters of a name are of the family, where all of it may be a full name."""
    surnames = _names("zh_CN", "last", "").places
    lengths = (2, 1) if len(name) in (3, 4) else (1,) if len(name) == 2 else ()
    return next((length for length in lengths if name[:length] in surnames), 0)


def _is_little(word: _Word, written: str) -> bool:
    """Whether a word is a title, or a particle that goes with a last name."""
    raw = written[word.start : word.end]
    if word.folded in _KEPT:
        return True
    is_initial = len(raw) == 1 and raw.isupper()
    return word.folded in PARTICLES and not is_initial and (raw.islower() or word.start > 0)


def _alone(word: str, *, titled: bool) -> Role:
    """The role of a word that stands alone."""
    is_first = not titled and any(word in _names(each, "first", "").places for each in _LOCALES)
    return "first" if is_first or (CJK.search(word) and len(word) > 1) else "last"


# --- the names of a row -------------------------------------------------------------------------


@lru_cache(maxsize=20_000)
def _of_row(own: tuple[Shown, ...]) -> tuple[_Parts, frozenset[str]]:
    """The words of the names that a row holds; and what is canonical of these names."""
    parts = dict[str, _Part]()
    for each in own:
        shown = _pseudonyms(each)
        for word in _words(each.value, Span(0, len(each.value), "name", ""), {}):
            role = _ROLES.get(each.kind, word.role)
            for spelling in (word.folded, *word.folded.split("-")) if word.role and role else ():
                parts.setdefault(spelling, _Part(role, shown.get(role)))
    return parts, frozenset(read_value(each.value).canonical for each in own)


def _pseudonyms(own: Shown) -> dict[Role, str]:
    """The first and the last name that a column shows."""
    text = own.pseudonym
    if not text or own.kind in _ROLES:
        return {_ROLES[own.kind]: text} if text else {}
    names, surnames = load_names(own.locale), _names(own.locale, "last", "").places
    if names.family_first:
        cut = next((cut for cut in (2, 1) if text[:cut] in surnames), 0)
        return {"last": text[:cut], "first": text[cut:]}
    words = text.split(" ")
    tails = [_folded(" ".join(words[cut:])) for cut in range(1, len(words))]
    cut = next((cut for cut, tail in enumerate(tails, 1) if tail in surnames), len(words) - 1)
    return {"first": " ".join(words[:cut]), "last": " ".join(words[cut:])}


def _nearest(word: str, parts: _Parts) -> _Part | None:
    """What an initial, words glued together or a misspelt one are in a name of the row."""
    if len(word) == 1:
        return next((part for own, part in parts.items() if own[0] == word), None)
    places = {word.find(own): part for own, part in parts.items() if len(own) > 2 and own in word}
    inside = [places[place] for place in sorted(places)]
    if inside:
        shown = dict.fromkeys(part.shown or "" for part in inside)
        return _Part(inside[-1].role, "" if "" in shown else "".join(shown))
    close = get_close_matches(word, parts, 1, _ALIKE)
    return parts[close[0]] if close else None


# --- what is written ----------------------------------------------------------------------------


def _rewritten(written: str, words: Iterable[_Word], put: Callable[[_Word], str]) -> str:
    """A name with other words; particles go, and what would stand there twice stands once."""
    text, place, last = "", 0, ""
    for word in words:
        if word.role is None and word.folded in _KEPT:
            continue
        if word.role is None:
            text += written[place : word.start]
            place = len(written) - len(written[word.end :].lstrip())
            continue
        new, raw = put(word), written[word.start : word.end]
        if new != last or len(raw) == 1:
            text += written[place : word.start]
            text += " " * (text[-1:].isalpha() and new.isascii())  # in characters without blanks
            text += _spelt_as(raw, new)
        place, last = word.end, new
    return text + written[place:] if last else ""


def _spelt_as(raw: str, new: str) -> str:
    """A word in the case of another, and an initial for an initial."""
    if raw.isupper():
        return new[:1].upper() if len(raw) == 1 else new.upper()
    return new.lower() if raw.islower() else new
