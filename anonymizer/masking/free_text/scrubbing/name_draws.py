"""Names that stand for others, drawn from the shipped lists by a key."""

import hmac
from collections.abc import Mapping
from functools import cache
from math import isqrt
from typing import Final, Literal, NamedTuple

from anonymizer.masking.free_text.basis.folding import CJK, fold_letters
from anonymizer.masking.primitives.name_lists import load_names

Role = Literal["first", "last"]

LOCALES: Final = ("en_US", "de_DE", "fr_FR", "es_ES", "en_GB", "zh_CN")
_ROUNDS: Final = 4  # of a Feistel network over the places of a list


class Names(NamedTuple):
    """Names that may stand for each other, each once however it is spelt, and their places."""

    words: tuple[str, ...]
    places: Mapping[str, int]


@cache
def names_of(locale: str, role: Role, sex: str = "") -> Names:
    """The names of a locale; of first names those that the list gives a sex (f, m, b), or all."""
    names = load_names(locale)
    words = names.last if role == "last" else names.first
    said = names.sex if sex else " " * len(words)
    chosen = (word for word, of in zip(words, said, strict=True) if of in (sex, " "))
    once = {folded(word): word for word in chosen}
    return Names(tuple(once.values()), {word: place for place, word in enumerate(once)})


def folded(word: str) -> str:
    """A word as lists are searched for it."""
    return fold_letters(word.replace("’", "'")).text


def drawn(word: str, role: Role, locale: str, key: bytes) -> str:
    """The name that stands for a word: never itself, nor what stands for another of its list.

    Args:
        word: folded.
        role: that it has in a name.
        locale: of a word that no list has.
        key: that decides.
    """
    home = _locale_of(word, role, locale)
    names = names_of(home, role, _sex(word, home) if role == "first" else "")
    place = names.places.get(word)
    if place is None:
        place = int.from_bytes(hmac.digest(key, word.encode(), "sha256")) % len(names.words)
    return names.words[_after(place, len(names.words), key)]


def _locale_of(word: str, role: Role, locale: str) -> str:
    """The language whose list has a word; else that of its script."""
    parts = {word, *word.split("-")}
    for each in (locale, *LOCALES):
        if not parts.isdisjoint(names_of(each, role).places):
            return each
    if CJK.search(word):
        return "zh_CN"
    return locale if locale != "zh_CN" else LOCALES[0]


def _sex(word: str, locale: str) -> str:
    """The sex that a list says; of other words, f of those in `a`, as most are, and any else."""
    said = (sex for sex in "fmb" if word in names_of(locale, "first", sex).places)
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
    return int.from_bytes(hmac.digest(key, bytes((number, half)), "sha256")[:8])  # (half < 256)
