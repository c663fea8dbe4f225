"""How a word of a text may spell a name otherwise: mistyped, inflected, glued to another name.

A mistyped name must be told from other words. How far one goes depends on its letters and on the
edit: two letters that changed places, or one that was doubled, hardly ever give another word; a
letter that became another often does.
"""

from collections.abc import Collection
from typing import Final

from anonymizer.masking.free_text.known.words import WORDS

_ENDINGS: Final = WORDS.set("endings")
_FOR_VOWELS: Final = WORDS.set("for_vowels")
# The last letters of a name that change before an ending: Virtanen → Virtasen, Marek → Marka.
_STEMS: Final = (
    (
        "nen",
        ("sen", "sella", "selle", "selta", "sesta", "sessa", "seen", "sta", "sia", "set", "sten"),
    ),
    ("ek", ("ka", "kowi", "kiem", "ku", "ki")),
    ("iec", ("ca", "cowi", "cem", "cu")),
    ("el", ("la", "lowi", "lem", "lu", "le")),
    ("kka", ("kan", "kalla", "kalle", "kalta")),
    ("tti", ("tin", "tilla", "tille", "tilta")),
    ("ppo", ("pon", "polla", "polle", "polta")),
    ("ka", ("ce",)),
    ("ga", ("dze",)),
)
_VOWELS: Final = "aeiouy"
_PARTS: Final = 3  # names behind the first of a word, each of which could be cut at either end
_TITLES_BEFORE: Final = WORDS.set("titles_before")
_KEYS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEAR_KEYS: Final = frozenset(
    first + second
    for upper, lower in zip(_KEYS, (*_KEYS[1:], ""), strict=True)
    for place, letter in enumerate(upper)
    for other in (upper[place + 1 : place + 2], lower[place : place + 1], lower[place - 1 : place])
    for first, second in ((letter, other), (other, letter))
    if other
) | {"yz", "zy"}


def inflected(word: str, name: str) -> bool:
    """Whether a word is a name in the plural or in another case: `Annan`, `Kowalskiego`."""
    if not name.isascii():
        kept = len(name) - (2 if len(name) > 5 else 1)  # Анна, Анной; Достоевский, Достоевского
        return word.startswith(name[:kept]) and -2 < len(word) - len(name) < 4
    if word.startswith(name) and word[len(name) :] in _ENDINGS:
        return True
    if name[-1] in _VOWELS and word.startswith(name[:-1]):
        return word[len(name) - 1 :] in _FOR_VOWELS
    return any(
        name.endswith(old)
        and word.startswith(name[: -len(old)])
        and word[len(name) - len(old) :] in new
        for old, new in _STEMS
    )


def mistyped(word: str, name: str) -> int:
    """How many letters of a name speak for a word that is one edit away; 0 for any other word.

    An edit of the kind that gives other words takes letters away from those that agree.
    """
    longer = len(word) - len(name)
    if not -2 < longer < 2:
        return 0
    place = 0
    while place < min(len(word), len(name)) and word[place] == name[place]:
        place += 1
    rest, own = word[place:], name[place:]
    if longer == 0:
        swapped = rest[2:] == own[2:] and rest[:2] == own[1::-1]
        if not swapped and rest[1:] != own[1:]:
            return 0
        slip = 0 if swapped else 1 if rest[0] + own[0] in _NEAR_KEYS else 2
    elif longer == 1:
        if rest[1:] != own:
            return 0
        slip = 0 if place and rest[0] == word[place - 1] else 1
    else:
        if rest != own[1:]:
            return 0
        slip = 1 if place and own[0] == name[place - 1] else 2
    last = place >= len(name) - 1
    return max(1, len(name) - slip - last - (2 if place == 0 else 0))


def glued(
    word: str, name: str, names: Collection[str], initials: Collection[str], more: int = _PARTS
) -> bool:
    """Whether a word is a name with others of the row: `annaschmidt`, `schmidta`, `annasch`.

    Args:
        word: in small letters.
        name: one of the row.
        names: all of the row.
        initials: first letters that may stand for one.
        more: how many names may follow; behind so many, the rest of the word does not count.
    """
    if word.startswith(name):
        rest, first = word[len(name) :], True
    elif word.endswith(name):
        rest, first = word[: -len(name)], False
    else:
        return False
    if rest in names or (rest in initials and len(name) > 3):
        return True
    if len(rest) > 3 and any(
        len(other) > 2 and (rest.startswith(other) or rest.endswith(other)) for other in names
    ):
        return not more or any(
            len(other) > 2 and glued(rest, other, names, rest[:1] + rest[-1:], more - 1)
            for other in names
        )
    if not first:
        return rest in _TITLES_BEFORE
    return len(rest) > 2 and any(other.startswith(rest) for other in names if other != name)
