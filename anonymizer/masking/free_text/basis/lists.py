"""Words as data: the lists that a folder keeps beside its code, in `words.toml`."""

import re
import tomllib
from collections.abc import Iterable
from importlib.resources import files
from itertools import chain, product


class Lists:
    """The lists of one file, by name; a list is its words with commas between them."""

    def __init__(self, package: str) -> None:
        text = files(package).joinpath("words.toml").read_text("utf-8")
        self._lists: dict[str, str] = tomllib.loads(text)

    def __getitem__(self, name: str) -> tuple[str, ...]:
        """Words and phrases in their order."""
        pieces = self._lists[name].replace("\n", " ").split(",")
        return tuple(piece.strip() for piece in pieces if piece.strip())

    def set(self, name: str) -> frozenset[str]:
        """Words in no order."""
        return frozenset(self[name])

    def product(self, name: str) -> tuple[str, ...]:
        """Phrases, of which some words have several forms: `lives/lived in/near`."""
        phrases = (phrase.split() for phrase in self[name])
        forms = (product(*(word.split("/") for word in phrase)) for phrase in phrases)
        return tuple(" ".join(words) for words in chain.from_iterable(forms))

    def pattern(self, name: str) -> str:
        """Alternatives of a pattern, wherever its lines break."""
        return "".join(self._lists[name].splitlines())


def listed(text: str) -> frozenset[str]:
    """The words of a text with blanks between them."""
    return frozenset(text.split())


def alternation(words: Iterable[str]) -> str:
    """A pattern of any of the words, the longest first, that reads each character once."""
    heads: dict[str, set[str]] = {}
    for word in words:
        heads.setdefault(word[:1], set()).add(word[1:])
    ends = "?" if heads.pop("", None) else ""
    branches = [
        re.escape(head) + (alternation(tails) if tails != {""} else "")
        for head, tails in sorted(heads.items())
    ]
    whole = "|".join(branches)
    return f"(?:{whole}){ends}" if len(branches) > 1 or ends else whole


def any_of(phrases: Iterable[str]) -> str:
    """A pattern for words or phrases, the longest first; a dot at their end may be missing."""
    some = tuple(phrases)
    return alternation((*some, *(each[:-1] for each in some if each.endswith("."))))
