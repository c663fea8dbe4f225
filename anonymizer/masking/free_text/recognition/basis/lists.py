"""Words as data: the lists that a folder keeps beside its code, in `words.toml`."""

import re
import tomllib
from collections.abc import Iterable
from importlib.resources import files


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

    def pattern(self, name: str) -> str:
        """Alternatives of a pattern, wherever its lines break."""
        return "".join(self._lists[name].splitlines())


def listed(text: str) -> frozenset[str]:
    """The words of a text with blanks between them."""
    return frozenset(text.split())


def any_of(phrases: Iterable[str]) -> str:
    """A pattern for words or phrases, the longest first; a dot at their end may be missing."""
    longest = sorted(phrases, key=len, reverse=True)
    return "(?:" + "|".join(re.sub(r"\\\.$", r"\\.?", re.escape(each)) for each in longest) + ")"
