"""Check digits that masks and recognition share."""

import numpy as np

from anonymizer.arrays import ByteArray, UnsignedArray


def luhn_digit(digits: str) -> str:
    """The check digit that belongs behind some digits (ISO/IEC 7812-1)."""
    doubled = [int(digit) * (2 - position % 2) for position, digit in enumerate(digits[::-1])]
    return str(-sum(number // 10 + number % 10 for number in doubled) % 10)


def luhn_valid(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it."""
    return len(digits) > 1 and luhn_digit(digits[:-1]) == digits[-1]


def luhn_digits(digits: ByteArray) -> ByteArray:
    """(N,) the check digits that belong behind the digits of (L, N), one text in each column."""
    doubled = digits[::-1][::2] * np.uint8(2)
    others = digits[::-1][1::2]
    doubled -= np.uint8(9) * (doubled > 9)
    total: UnsignedArray = doubled.sum(0, np.uint64) + others.sum(0, np.uint64)
    return ((10 - total % 10) % 10).astype(np.uint8)
