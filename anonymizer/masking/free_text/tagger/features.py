"""What the network reads of a word: its character n-grams, its shape, the lists it stands in.

All of it depends on the word alone, so that a batch computes it once per distinct word.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from anonymizer.masking.free_text.tagger.words import REACH, is_unspaced

BUCKETS: Final = 1 << 16  # of hashed n-grams
LONGEST: Final = 5  # characters of an n-gram
SHAPES: Final = 20
LISTS: Final = 54  # bits: 8 of a word, 46 of a window
_LETTERS_READ: Final = 24  # of a long word
_PRIME: Final = np.uint64(0x9E3779B97F4A7C15)

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]


# What of a window of unspaced characters is looked up: the words that its middle may be part of,
# and each of its characters.
_WORDS: Final = ((1, 3), (2, 4), (0, 3), (1, 4), (2, 5), (0, 4), (1, 5))
_PARTS: Final = (*_WORDS, (0, 1), (1, 2), (2, 3), (3, 4), (4, 5))
GIVEN, SURNAME, PLACE, WIDE = 1 << 3, 1 << 4, 1 << 5, 1 << 6  # below: the frequency, 0 to 7


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Lists of words, as hashes in rising order and the bits of the lists each stands in."""

    hashes: npt.NDArray[np.uint32]
    bits: npt.NDArray[np.uint8]

    def of(self, words: Sequence[str]) -> Floats:
        """What lists say of words, (V, LISTS), 0 or 1."""
        result = np.zeros((len(words), LISTS), dtype=np.float32)
        unspaced = _are_windows(words)
        plain = [folded(word) for word, part in zip(words, unspaced, strict=True) if not part]
        if plain:
            result[~unspaced, :8] = self._looked_up(plain)[:, None] >> np.arange(8) & 1
        parts = [
            word[a:b] for word, part in zip(words, unspaced, strict=True) if part for a, b in _PARTS
        ]
        if parts:
            result[unspaced, 8:] = _window_bits(self._looked_up(parts).reshape(-1, len(_PARTS)))
        return result

    def _looked_up(self, words: Sequence[str]) -> npt.NDArray[np.uint8]:
        keys = hash_of(words)
        place = np.minimum(np.searchsorted(self.hashes, keys), len(self.hashes) - 1)
        return np.where(self.hashes[place] == keys, self.bits[place], 0).astype(np.uint8)


def _window_bits(found: npt.NDArray[np.uint8]) -> Floats:
    """Bits of windows, (V, 46), of the bits of their parts, (V, 12)."""
    words, characters = found[:, : len(_WORDS)], found[:, len(_WORDS) :]
    named = [(words[:, :2] & kind).any(1) for kind in (GIVEN, PLACE)]
    named += [(words[:, 2:] & kind).any(1) for kind in (GIVEN, PLACE)]
    of_characters = characters[:, :, None] >> np.arange(7) & 1
    return np.column_stack([words & 7 > 0, *named, of_characters.reshape(len(found), -1)]).astype(
        np.float32
    )


def folded(word: str) -> str:
    """A word in small letters without accents, as lists hold it."""
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFKD", word.lower())
    bare = "".join(char for char in parts if not unicodedata.combining(char))
    return bare.replace("ß", "ss").replace("ø", "o").replace("ł", "l")


def hash_of(words: Sequence[str]) -> npt.NDArray[np.uint32]:
    """A number of 32 bits for each word, (V,)."""
    codes, starts, _ = _codes([f"{word}>" for word in words])
    within = np.arange(len(codes)) - np.repeat(starts, np.diff(starts, append=len(codes)))
    powers = np.cumprod(np.full(within.max(initial=0) + 1, _PRIME))
    return _mixed(np.add.reduceat(codes * powers[within], starts)).astype(np.uint32)


def ngrams(words: Sequence[str]) -> tuple[Numbers, Numbers]:
    """The buckets of all n-grams of all words, and where each word's begin, (V,).

    A word counts with the n-grams of its small letters and as a whole, a window of unspaced
    characters with its characters and pairs of them, each in its place.
    """
    window = _are_windows(words)
    marked = [
        word if unspaced else f"<{word[:_LETTERS_READ].lower()}>"
        for word, unspaced in zip(words, window, strict=True)
    ]
    codes, starts, owner = _codes(marked)
    placed = (np.arange(len(codes)) - starts[owner] + 1) << 24
    codes = codes + np.where(window[owner], placed, 0).astype(np.uint64)
    hashes, owners = [hash_of(marked).astype(np.uint64)[~window]], [np.flatnonzero(~window)]
    running = np.zeros_like(codes)
    for length in range(1, LONGEST + 1):
        running = running[: max(0, len(codes) - length + 1)] * _PRIME + codes[length - 1 :]
        of = owner[: len(running)]
        wanted = (of == owner[length - 1 :]) & (~window[of] | (length <= 2))
        hashes.append(running[wanted])
        owners.append(of[wanted])
    owned = np.concatenate(owners)
    order = np.argsort(owned, kind="stable")
    counts = np.bincount(owned, minlength=len(words))
    buckets = _mixed(np.concatenate(hashes)) % np.uint64(BUCKETS)
    return buckets[order].astype(np.int64), np.cumsum(counts) - counts


def shapes(words: Sequence[str]) -> Floats:
    """The shapes of words, (V, SHAPES), 0 or 1."""
    result = np.zeros((len(words), SHAPES), dtype=np.float32)
    rows = np.arange(len(words))
    result[rows, [_shape(word) for word in words]] = 1
    result[rows, [11 + min(len(word), 8) for word in words]] = 1
    return result


def _shape(word: str) -> int:
    if _is_window(word):
        return 7
    if word[0].isalpha():
        return _case(word)
    if word[0].isdigit():
        return 8
    return 9 if word == "\n" else 10


def _case(word: str) -> int:
    if word.islower():
        return 0
    if word.istitle():
        return 1 if len(word) > 1 else 2
    if word.isupper():
        return 3
    return 4 if word.lower() != word.upper() else 5


def _are_windows(words: Sequence[str]) -> npt.NDArray[np.bool_]:
    return np.array([_is_window(word) for word in words], dtype=bool)


def _is_window(word: str) -> bool:
    return not word.isascii() and is_unspaced(word[REACH : REACH + 1])


def _codes(words: Sequence[str]) -> tuple[Hashes, Numbers, Numbers]:
    """The characters of all words, where each word begins, and whose each character is."""
    lengths = np.array([len(word) for word in words], dtype=np.int64)
    joined = "".join(words).encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(joined, dtype=np.uint32).astype(np.uint64)
    return codes, np.cumsum(lengths) - lengths, np.repeat(np.arange(len(words)), lengths)


def _mixed(hashes: Hashes) -> Hashes:
    """The upper bits, which all characters reach."""
    return (hashes ^ hashes >> np.uint64(29)) * _PRIME >> np.uint64(32)
