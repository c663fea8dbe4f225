"""What each character is: bits for its signs and kinds, and the letter as which words compare."""

import re
from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from anonymizer.masking.free_text.basis.folding import CAPITALS, IS_EASTERN, WORD, plain

Bools = npt.NDArray[np.bool_]  # (texts,): whether each may hold something
Places = npt.NDArray[np.int64]  # where something is, or numbers of words

_SIGNS: Final = "@.:-/<([{'=#\n_~!?,°|\t "
DIGIT, LETTER, CAPITAL, SMALL, ALPHANUMERIC, TOKEN, OTHER, ODD = (1 << place for place in range(8))
BIT_OF: Final = {sign: 1 << (place + 8) for place, sign in enumerate(_SIGNS)}
ANY_SIGN: Final = sum(bit for sign, bit in BIT_OF.items() if sign != " ")
_OF_TOKENS: Final = frozenset("_+/=.:$~-")
_IS_CAPITAL: Final = re.compile(f"[{CAPITALS}]")


class _Characters:
    """What each character is, and the letter as which words are compared; fills itself."""

    def __init__(self) -> None:
        self.bits = np.zeros(0x110000, np.uint32)
        self.letters = np.zeros(0x110000, np.uint32)  # 0 for what is none
        self._known = np.zeros(0x110000, np.bool_)
        self._learn(range(128))

    def learn(self, codes: npt.NDArray[np.uint32]) -> None:
        """Know all of some characters."""
        beyond = codes[codes > 127]
        if not self._known[beyond].all():
            self._learn(np.unique(beyond[~self._known[beyond]]).tolist())

    def _learn(self, codes: Iterable[int]) -> None:
        for code in codes:
            character = chr(code)
            small = plain(character)
            is_letter = WORD.match(character) is not None and character.isalpha()
            self.bits[code] = _bits_of(character, small, is_letter=is_letter)
            self.letters[code] = ord(small) if is_letter else 0
            self._known[code] = True


def _bits_of(character: str, small: str, *, is_letter: bool) -> int:
    bits = BIT_OF.get(character, 0)
    bits |= DIGIT * ("0" <= character <= "9") | LETTER * is_letter
    bits |= CAPITAL * (_IS_CAPITAL.match(character) is not None)
    bits |= SMALL * character.islower()
    bits |= ALPHANUMERIC * (character.isascii() and character.isalnum())
    bits |= TOKEN * (character.isascii() and (character.isalnum() or character in _OF_TOKENS))
    bits |= OTHER * (not character.isascii())
    # What patterns for words do not agree on, and scripts without blanks between words.
    odd = is_letter != small.isalpha() or is_letter != (WORD.match(character) is not None)
    odd |= len(character.lower()) != 1 or IS_EASTERN.match(character) is not None
    return bits | ODD * odd


CHARACTERS: Final = _Characters()


def runs(flags: Bools) -> tuple[Places, Places]:
    """Where flags that are set begin, and one past where they end; the last one is never set."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=np.int8(0)))
    return edges[::2], edges[1::2]
