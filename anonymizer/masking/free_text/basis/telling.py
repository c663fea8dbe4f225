"""Which words many texts have: `Words` reads them as numbers, `Telling` looks some up in them."""

from collections.abc import Iterable
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from anonymizer.masking.free_text.basis.characters import Bools, Places, runs
from anonymizer.masking.free_text.basis.folding import WORD, plain
from anonymizer.masking.free_text.basis.words import SMALL_WORDS

_Hashes = npt.NDArray[np.uint64]

# A word is the sum of its letters times powers of this odd number, modulo 2^64; such sums of all
# that stands before two places tell the word between them.
_BASE: Final = 0x9E3779B97F4A7C15
_INVERSE: Final = pow(_BASE, -1, 1 << 64)
_PAIRED: Final = 0xC2B2AE3D27D4EB4F
_FIRST: Final = 4  # letters of beginnings and ends that are looked up first


def _hash(word: str) -> int:
    value = 0
    for sign in reversed(word):
        value = (value * _BASE + ord(sign)) % 2**64
    return value


@lru_cache(maxsize=32)
def _powers(base: int, size: int) -> _Hashes:
    """The powers of a number from 0 on, for so many characters in binary figures."""
    powers = np.full(1 << size, base, np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)


def _mixed(hashes: _Hashes) -> _Hashes:
    """The same, each with all of it in its first bits."""
    mixed: _Hashes = (hashes ^ (hashes >> np.uint64(32))) * np.uint64(_INVERSE)
    return mixed


class _Table:
    """A set of hashes; most others are told from them by a mark for each."""

    def __init__(self, some: Iterable[int]) -> None:
        hashes = np.array([each % 2**64 for each in some], np.uint64)
        self._hashes = np.unique(_mixed(hashes))
        bits = max(10, len(hashes).bit_length() + 4)  # one of 16 others at most meets a mark
        self._shift = np.uint64(64 - bits)
        self._marks = np.zeros(1 << bits, np.bool_)
        self._marks[self._hashes >> self._shift] = True

    def __bool__(self) -> bool:
        return len(self._hashes) > 0

    def holds(self, hashes: _Hashes) -> Bools:
        """Which are of the set."""
        hashes = _mixed(hashes)
        held: Bools = self._marks[hashes >> self._shift]
        few = np.flatnonzero(held)
        places = np.searchsorted(self._hashes, hashes[few])
        held[few] = self._hashes[np.minimum(places, len(self._hashes) - 1)] == hashes[few]
        return held


class Telling:
    """Words and phrases of which a text has one where it may hold something.

    Case and accents do not count; what is no letter ends a word. Of a phrase two words that follow
    each other count.
    """

    def __init__(
        self, phrases: Iterable[str] = (), *, begin: Iterable[str] = (), end: Iterable[str] = ()
    ) -> None:
        """Take words or phrases, and letters with which words begin or end."""
        words = [WORD.findall(plain(phrase)) for phrase in phrases]
        self._whole = _Table(map(_hash, {some[0] for some in words if len(some) == 1}))
        pairs = {
            max(pairwise(some), key=lambda pair: len("".join(pair)))
            for some in words
            if len(some) > 1
        }
        self._pairs = _Table(_hash(one) * _PAIRED + _hash(other) for one, other in pairs)
        self._first_of_pairs = _Table(_hash(one) for one, _ in pairs)
        begin, end = set(map(plain, begin)), set(map(plain, end))
        self._first = _by_length(each[:_FIRST] for each in begin)
        self._begin = _by_length(each for each in begin if len(each) > _FIRST)
        self._short = _by_length(each for each in begin if len(each) <= _FIRST)
        self._end = _by_length(each[-_FIRST:] for each in end)

    def among(self, words: "Words") -> Bools:
        """Which words tell."""
        told = self._whole.holds(words.hashes())
        for length, table in (*self._short.items(), *((-n, t) for n, t in self._end.items())):
            told |= table.holds(words.hashes(length))
        for first, table in self._first.items() if self._begin else ():
            few = np.flatnonzero(table.holds(words.hashes(first)))
            for length, longer in self._begin.items():
                told[few] |= longer.holds(words.hashes(length)[few])
        among: Bools = told[words.kinds]
        if self._pairs:
            few = np.flatnonzero(self._first_of_pairs.holds(words.hashes())[words.kinds])
            for after in (words.following, words.after):
                among[few] |= self._pairs.holds(words.pairs(few, after[few]))
        return among


def _by_length(parts: Iterable[str]) -> dict[int, _Table]:
    some = set(parts)
    lengths = {len(part) for part in some}
    return {
        length: _Table(_hash(each) for each in some if len(each) == length) for length in lengths
    }


def _kinds(hashes: _Hashes) -> tuple[Places, Places]:
    """The number of each hash among the different ones, and where each of those stands.

    Hashes that meet others by chance count as different ones.
    """
    places, size = np.arange(len(hashes)), len(hashes).bit_length()
    slots = _mixed(hashes) >> np.uint64(64 - max(1, size))
    last = np.zeros(2 << size, np.int64)
    last[slots] = places
    same = last[slots]
    same = np.where(hashes[same] == hashes, same, places)
    firsts = np.flatnonzero(same == places)
    numbers = np.zeros(len(hashes), np.int64)
    numbers[firsts] = np.arange(len(firsts))
    return numbers[same], firsts


_SMALL_TABLE: Final = _Table(map(_hash, SMALL_WORDS))


class Words:
    """The words of many texts, in order.

    Attributes:
        starts: where each begins, and one past where it ends.
        ends: one past where it ends.
        owners: of which text each is.
        kinds: the number of each among the different ones.
    """

    def __init__(self, letters: npt.NDArray[np.uint32], owners: Places) -> None:
        """Read the letters of texts, with 0 for each character that is none."""
        size = len(letters).bit_length()
        sums = np.zeros(len(letters) + 1, np.uint64)
        np.cumsum(letters * _powers(_BASE, size)[: len(letters)], out=sums[1:])
        self._sums, self._inverse = sums, _powers(_INVERSE, size)
        self.starts, self.ends = runs(letters > 0)
        self.owners = owners[self.starts]
        self._hashes = self._between(self.starts, self.ends)
        self.kinds, firsts = _kinds(self._hashes)
        self._starts, self._ends = self.starts[firsts], self.ends[firsts]

    def hashes(self, letters: int = 0) -> _Hashes:
        """Of the different words, or of so many letters of their start, below 0 of their end."""
        starts, ends = self._starts, self._ends
        if letters > 0:
            ends = np.minimum(starts + letters, len(self._sums) - 1)
        elif letters < 0:
            starts = np.maximum(ends + letters, 0)
        return self._between(starts, ends)

    def _between(self, starts: Places, ends: Places) -> _Hashes:
        hashes: _Hashes = (self._sums[ends] - self._sums[starts]) * self._inverse[starts]
        return hashes

    def pairs(self, some: Places, others: Places) -> _Hashes:
        """Of words with another each; also where that is of another text, which tells too much."""
        hashes: _Hashes = self._hashes[some] * np.uint64(_PAIRED) + self._hashes[others]
        return hashes

    @cached_property
    def following(self) -> Places:
        """Behind each the next one; the last one itself."""
        return np.minimum(np.arange(1, len(self.starts) + 1), len(self.starts) - 1)

    @cached_property
    def preceding(self) -> Places:
        """Before each the one before it; the first one itself."""
        return np.maximum(np.arange(-1, len(self.starts) - 1), 0)

    @cached_property
    def after(self) -> Places:
        """Behind each the next one that is none of `SMALL_WORDS`; the last one itself."""
        places = np.arange(len(self.starts))
        small = _SMALL_TABLE.holds(self.hashes())[self.kinds]
        large = np.where(small, len(places) - 1, places)
        return np.minimum.accumulate(large[::-1])[::-1][self.following]
