"""A text's words: runs of letters, runs of digits, signs, ends of lines, each with its place.

Scripts that are written without blanks give a word a character. What the features read of such a
character is the window of characters around it, so that they know the words it may be part of.
"""

import re
from typing import Final

# Kana, Han, Hangul: one character a word.
_UNSPACED: Final = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
_WORD: Final = re.compile(
    rf"[{_UNSPACED}]|[^\W\d_{_UNSPACED}][^\W\d_{_UNSPACED}\u0300-\u036f]*"
    r"|\d+|\n|\.+|-+|=+|\*+|_+|[^\w\s]|\w"
)
_ANY_UNSPACED: Final = re.compile(rf"[{_UNSPACED}]")
REACH: Final = 2  # characters that a window holds on each side


def words(text: str) -> list[str]:
    """The words of a text, in its order."""
    return _WORD.findall(text)


def places(text: str) -> list[tuple[int, int]]:
    """Where each of `words` stands: its first character, one past its last."""
    return [match.span() for match in _WORD.finditer(text)]


def is_unspaced(word: str) -> bool:
    """Whether a word is a character of a script without blanks."""
    return _ANY_UNSPACED.match(word) is not None


def windows(text: str, found: list[str]) -> list[str]:
    """The words as the features read them: unspaced characters with their neighbours."""
    if _ANY_UNSPACED.search(text) is None:
        return found
    single = [word if is_unspaced(word) else "_" for word in found]
    line = "_" * REACH + "".join(single) + "_" * REACH
    return [
        line[place : place + 2 * REACH + 1] if single[place] != "_" else word
        for place, word in enumerate(found)
    ]
