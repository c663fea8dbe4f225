"""Keyed permutations of whole columns: numbers become other numbers, UUIDs other UUIDs.

FF1 over bits. Being permutations, they never give two values one result, and whoever has the key
can undo them.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa

from anonymizer.arrays import UnsignedArray
from anonymizer.masking.primitives.ciphers.ff1 import FF1

# Numbers stay in their tier, so that a token fits the narrow column of one table although the same
# key stands in a wide column of another. The last number of each tier has as many bits.
TIERS: Final = (31, 32, 53, 63, 64)


@dataclass(frozen=True)
class Permutation:
    """Permutations of integers and of UUIDs under one key.

    Attributes:
        key: 32 bytes.
    """

    key: bytes = field(repr=False)

    def integers(self, values: pl.Series) -> pl.Series:
        """Permute integers of 32 or 64 bits within their sign and tier; null for null."""
        numbers = values.fill_null(0).to_numpy()
        negative = numbers < 0
        magnitude = np.where(negative, ~numbers, numbers).astype(np.uint64)
        for sign, rows in ((b"+", ~negative), (b"-", negative)):
            magnitude[rows] = self._within_tiers(magnitude[rows], sign)
        result = magnitude.astype(numbers.dtype)
        result = np.where(negative, ~result, result)
        permuted = pl.Series(values.name, result, dtype=values.dtype)
        return permuted.set(values.is_null(), None)

    def _within_tiers(self, numbers: UnsignedArray, sign: bytes) -> UnsignedArray:
        found, low = numbers.copy(), 0
        for bits in TIERS:
            tier = np.flatnonzero((numbers >= low) & (numbers <= 2**bits - 1))
            # A result below the tier is permuted again until it is inside (cycle walking).
            while len(tier):
                found[tier] = self._number(found[tier], bits, sign)
                tier = tier[found[tier] < low]
            low = 2**bits
        return found

    def _number(self, numbers: UnsignedArray, bits: int, tweak: bytes) -> UnsignedArray:
        low = np.uint64(bits - bits // 2)
        left, right = self._halves(numbers >> low, numbers & _ones(int(low)), bits, tweak)
        return left << low | right

    def uuids(self, values: pl.Series) -> pl.Series:
        """Permute UUIDs as 32 hexadecimal digits; version and variant stay as they are."""
        digits = values.fill_null("0" * 32)
        high, low = (
            digits.str.slice(start, 16)
            .str.to_integer(base=16, dtype=pl.UInt64)
            .to_numpy(writable=True)
            for start in (0, 16)
        )
        version, variant = high >> 12 & 15, low >> 62
        kept = version << 2 | variant
        for tweak in np.unique(kept):
            rows = kept == tweak
            left = (high[rows] >> 16 << 12 | high[rows] & 0xFFF) << 1 | low[rows] >> 61 & 1
            left, right = self._halves(left, low[rows] & _ones(61), 122, bytes([tweak]))
            random = left >> 1
            high[rows] = random >> 12 << 16 | version[rows] << 12 | random & 0xFFF
            low[rows] = variant[rows] << 62 | (left & 1) << 61 | right
        octets = pa.py_buffer(np.stack([high, low], 1).astype(">u8"))
        array = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(digits), [None, octets])
        found = pl.Series(values.name, array, dtype=pl.Binary).bin.encode("hex")
        return found.set(values.is_null(), None)

    def _halves(
        self, left: UnsignedArray, right: UnsignedArray, bits: int, tweak: bytes
    ) -> tuple[UnsignedArray, UnsignedArray]:
        tweaks = np.frombuffer(tweak, np.uint8)[np.newaxis]
        return FF1(self.key).halves(left, right, 2, bits, tweaks)


def _ones(bits: int) -> np.uint64:
    return np.uint64(2**bits - 1)
