"""The words of a name: which is the first name, which the last, and which of them the row has."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Final, NamedTuple

from anonymizer.masking.free_text.basis.folding import CJK
from anonymizer.masking.free_text.basis.words import PARTICLES
from anonymizer.masking.free_text.known.values import read as read_value
from anonymizer.masking.free_text.recognition import Span
from anonymizer.masking.free_text.scrubbing.name_draws import LOCALES, Role, folded, names_of
from anonymizer.masking.primitives.name_lists import load_names

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# Before last names; `Dear`, `Sir` and `Don` stand before first ones too.
_TITLES_TEXT: Final = (
    "mr mrs ms miss mx dr prof professor doctor herr herrn frau monsieur madame mme mlle senor "
    "senora sr sra srta signor signora sig dott"
)
_TITLES: Final = frozenset(_TITLES_TEXT.split())
_BESIDE_TITLES: Final = "dipl ing mag hon rev phd md jr ii iii iv sir lord lady"
_KEPT: Final = _TITLES.union(_BESIDE_TITLES.split())
BEFORE: Final = 16  # characters in front of a name in which its title may stand
_ALIKE: Final = 0.7  # of the letters, from where a word is a name misspelt
_ROLES: Final[dict[str, Role]] = {"first_name": "first", "last_name": "last"}


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


class Word(NamedTuple):
    """A word of a name.

    Attributes:
        start: where it stands in the name.
        end: one past its last character.
        folded: as lists are searched for it.
        role: None for titles and for particles, which go with a last name.
    """

    start: int
    end: int
    folded: str
    role: Role | None = None

    @property
    def stays(self) -> bool:
        """Whether it names nobody, as titles do."""
        return self.role is None and self.folded in _KEPT


class Part(NamedTuple):
    """The role that a word has in a name of the row, and what its column shows for it."""

    role: Role
    shown: str | None


Parts = Mapping[str, Part]
ALL: Final = ""  # no name is canonically empty


def is_titled(text: str, span: Span) -> bool:
    """Whether a title stands in a name, or before it."""
    before = _WORD.findall(text[max(0, span.start - BEFORE) : span.start])[-1:]
    words = (*before, *_WORD.findall(text[span.start : span.end]))
    return any(folded(word) in _TITLES for word in words)


def words_of(text: str, span: Span, parts: Parts) -> list[Word]:
    """The words of a name in a text.

    Args:
        text: as it stands.
        span: the place of the name.
        parts: the words of the names that the row holds.
    """
    written = text[span.start : span.end]
    found = [word for match in _WORD.finditer(written) for word in _cut(match, parts)]
    named = [word for word in found if not _is_little(word, written)]
    if len(named) == 1:
        last = named if _is_last(named[0].folded, titled=is_titled(text, span)) else []
    elif CJK.search(written):
        last = named[:1]
    else:
        comma = written.find(",")
        last = [word for word in named if word.start < comma] or _family(named)
    ends, names = frozenset(last), frozenset(named)
    return [
        word._replace(role="last" if word in ends else "first") if word in names else word
        for word in found
    ]


def _cut(match: re.Match[str], parts: Parts) -> Iterator[Word]:
    """A word; of a name in characters without blanks, the last name and what follows it."""
    word = Word(*match.span(), folded(match[0]))
    cut = 0 if word.folded in parts or not CJK.search(match[0]) else _surname_length(word.folded)
    if cut:
        yield Word(word.start, word.start + cut, word.folded[:cut])
    yield Word(word.start + cut, word.end, word.folded[cut:])


def _surname_length(name: str) -> int:
    """How many characters of a name are of the family; 0 where it is no full name."""
    surnames = names_of("zh_CN", "last").places
    lengths = {2: (1,), 3: (2, 1), 4: (2, 1)}.get(len(name), ())
    return next((length for length in lengths if name[:length] in surnames), 0)


def _is_little(word: Word, written: str) -> bool:
    """Whether a word is a title, or a particle that goes with a last name."""
    raw = written[word.start : word.end]
    is_initial = len(raw) == 1 and raw.isupper()
    is_particle = word.folded in PARTICLES and (raw.islower() or word.start > 0)
    return word.folded in _KEPT or (is_particle and not is_initial)


def _family(named: list[Word]) -> list[Word]:
    """The last word, and those before it that only last names are, but the first: García Pérez."""
    cut = len(named) - 1
    while cut > 1 and _roles_of(named[cut - 1].folded) == {"last"}:
        cut -= 1
    return named[cut:]


def _is_last(word: str, *, titled: bool) -> bool:
    """Whether a word that stands alone is a last name."""
    if CJK.search(word):
        return len(word) == 1
    return titled or "first" not in _roles_of(word)


def _roles_of(word: str) -> set[Role]:
    """What a word is in the lists."""
    roles: tuple[Role, ...] = ("first", "last")
    return {role for role in roles if any(word in names_of(each, role).places for each in LOCALES)}


@lru_cache(maxsize=20_000)
def parts_of(own: tuple[Shown, ...]) -> Mapping[str, Parts]:
    """The words of the names that a row holds: of each by what is canonical of it, and of all."""
    names = {read_value(each.value).canonical: _parts(each) for each in own}
    every = dict[str, Part]()
    for parts in names.values():
        every = parts | every
    # One half of a name such as Meyer-Landrut, where that is no name of its own.
    halves = {half: part for name, part in every.items() for half in name.split("-")}
    return {**names, ALL: halves | every}


def _parts(own: Shown) -> dict[str, Part]:
    """The words of a name that a row holds."""
    shown, parts = _pseudonyms(own), dict[str, Part]()
    for word in words_of(own.value, Span(0, len(own.value), "name", ""), {}):
        role = word.role and _ROLES.get(own.kind, word.role)
        if role:
            parts.setdefault(word.folded, Part(role, shown.get(role)))
    return parts


def _pseudonyms(own: Shown) -> dict[Role, str]:
    """The first and the last name that a column shows."""
    text = own.pseudonym
    if not text or own.kind in _ROLES:
        return {_ROLES[own.kind]: text} if text else {}
    surnames = names_of(own.locale, "last").places
    if load_names(own.locale).family_first:
        cut = 2 if text[:2] in surnames else 1
        return {"last": text[:cut], "first": text[cut:]}
    words = text.split(" ")
    tails = [folded(" ".join(words[cut:])) for cut in range(1, len(words))]
    cut = next((cut for cut, tail in enumerate(tails, 1) if tail in surnames), len(words) - 1)
    return {"first": " ".join(words[:cut]), "last": " ".join(words[cut:])}


def nearest(word: str, parts: Parts) -> Part | None:
    """What an initial, words glued together or a misspelt one are in a name of the row."""
    if len(word) == 1:
        return next((part for own, part in parts.items() if own[0] == word), None)
    places = {word.find(own): part for own, part in parts.items() if len(own) > 2 and own in word}
    inside = [places[place] for place in sorted(places)]
    if inside:
        shown = dict.fromkeys(part.shown or "" for part in inside)
        return Part(inside[-1].role, None if "" in shown else "".join(shown))
    close = get_close_matches(word, parts, 1, _ALIKE)
    return parts[close[0]] if close else None
