"""The digits of a column of texts: taken out of their places, and others put there.

Matrices of digits are (L, N): a row for each place, so that what is done with all digits of one
place is one operation on memory that lies together.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa

from anonymizer.arrays import BoolArray, ByteArray, UnsignedArray
from anonymizer.masking.primitives.bulk.characters import characters

ZERO: Final = np.uint8(ord("0"))


class DigitsOf:
    """The digits 0 to 9 of texts, which can be changed where they stand.

    Attributes:
        counts: (N,) how many each text has.
        all_ascii: whether there is no other character in any text.
    """

    def __init__(self, texts: pl.Series) -> None:
        """Read the digits.

        Args:
            texts: String, without null.
        """
        content, bounds = characters(texts)
        # Of UTF-8, bytes of digits are digits, whatever stands around them.
        self._bytes = content[bounds[0] :]
        self._bounds = bounds - bounds[0]
        self.all_ascii = not (self._bytes >> 7).any()
        values = self._bytes - ZERO  # what is below 0 wraps around
        self._is_digit = values <= 9
        self._digits = values[self._is_digit]
        before = np.zeros(len(values) + 1, np.int64)  # how many digits stand in front of a byte
        np.cumsum(self._is_digit, out=before[1:])
        self.counts = np.diff(before[self._bounds])

    def by_count(self, chosen: BoolArray) -> Iterator[tuple[BoolArray, ByteArray]]:
        """Texts with as many digits each.

        Args:
            chosen: (N,) which texts.

        Yields:
            Which texts, (N,), and their digits, (L, n), a copy.
        """
        for count in np.flatnonzero(np.bincount(self.counts[chosen])):
            rows = chosen & (self.counts == count)
            matrix = self._digits[self._places(rows)].reshape(-1, count)
            yield rows, np.array(matrix.T, order="C")

    def put(self, rows: BoolArray, digits: ByteArray) -> None:
        """Other digits, as many, into texts."""
        self._digits[self._places(rows)] = digits.T.ravel()

    def _places(self, rows: BoolArray) -> BoolArray | slice:
        return slice(None) if rows.all() else np.repeat(rows, self.counts)

    def texts(self, kept: BoolArray) -> pl.Series:
        """The texts with their digits as they are now.

        Args:
            kept: (N,) whether a text is there; null otherwise.
        """
        changed = self._bytes.copy()
        changed[self._is_digit] = self._digits + ZERO
        valid = np.packbits(kept, bitorder="little")
        buffers = [pa.py_buffer(each) for each in (valid, self._bounds, changed)]
        array = pa.LargeStringArray.from_buffers(len(kept), *buffers[1:], buffers[0])
        return pl.Series(array, dtype=pl.String)


def number_of(digits: ByteArray) -> UnsignedArray:
    """(N,) the numbers that stand in digits (L, N), of which there are 19 at most."""
    number = np.zeros(digits.shape[1], np.uint64)
    for place in digits:
        number *= np.uint64(10)
        number += place
    return number


def digits_of(numbers: UnsignedArray, count: int) -> ByteArray:
    """(count, N) the last digits of numbers."""
    digits = np.empty((count, len(numbers)), np.uint8)
    for place in digits[::-1]:
        above = numbers // np.uint64(10)  # many times as fast as `%`
        place[:] = numbers - above * np.uint64(10)
        numbers = above
    return digits
