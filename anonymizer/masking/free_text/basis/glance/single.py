"""The words of one text and its shape."""

import re
from functools import lru_cache
from typing import Final

from anonymizer.masking.free_text.basis.folding import LETTER, shape_of

_WORD: Final = re.compile(rf"{LETTER}+")
_ASCII_WORD: Final = re.compile("[a-z]+")  # the same in half the time


# Finders that follow each other see the same text, unless one has found something in it.
@lru_cache(maxsize=4)
def words_of(text: str) -> frozenset[str]:
    """Its words, in small letters."""
    pattern = _ASCII_WORD if text.isascii() else _WORD
    return frozenset(pattern.findall(text.lower()))


@lru_cache(maxsize=4)
def looks_of(text: str) -> bytes:
    """Its `shape_of`, where parts of forms are looked up at once."""
    return shape_of(text)
