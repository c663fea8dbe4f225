"""Check digits that masks and recognition share."""

from typing import Final

import numpy as np

from anonymizer.arrays import ByteArray, UnsignedArray

_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)  # the sum of the digits of twice a digit


def luhn_digit(digits: str) -> str:
    """The check digit that belongs behind some digits (ISO/IEC 7812-1)."""
    doubled = sum(map(_DOUBLED.__getitem__, map(int, digits[-1::-2])))
    return str(-(doubled + sum(map(int, digits[-2::-2]))) % 10)


def luhn_valid(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it."""
    return len(digits) > 1 and luhn_digit(digits[:-1]) == digits[-1]


def luhn_digits(digits: ByteArray) -> ByteArray:
    """(N,) the check digits that belong behind the digits of (L, N), one text in each column."""
    doubled, others = np.array(_DOUBLED, np.uint8)[digits[-1::-2]], digits[-2::-2]
    total: UnsignedArray = doubled.sum(0, np.uint64) + others.sum(0, np.uint64)
    return ((10 - total % 10) % 10).astype(np.uint8)
