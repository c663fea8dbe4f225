"""Check digits: tests of a value without separators, in capitals, that has the right form."""

import re
from collections.abc import Callable, Iterable
from typing import Final

from anonymizer.masking.primitives.check_digits import luhn_valid

Check = Callable[[str], bool]


def digits_of(value: str) -> list[int]:
    """The digits of a value; letters and all else are left out."""
    return [int(char) for char in value if char.isdigit()]


def dot(weights: Iterable[int], digits: Iterable[int]) -> int:
    """The weighted sum of as many digits as there are weights."""
    return sum(weight * digit for weight, digit in zip(weights, digits, strict=False))


def weighted(weights: tuple[int, ...], modulus: int) -> Check:
    """Whether the modulus divides the weighted sum of the digits, which are not all 0."""

    def passes(value: str) -> bool:
        digits = digits_of(value)
        return any(digits) and dot(weights, digits) % modulus == 0

    return passes


def remainder(weights: tuple[int, ...], modulus: int, ten: int | None = None) -> Check:
    """Whether the last digit is the remainder of the weighted sum; `ten` stands for a 10."""

    def passes(value: str) -> bool:
        *digits, last = digits_of(value)
        rest = dot(weights, digits) % modulus
        return any(digits) and last == (ten if rest == 10 else rest)

    return passes


def complement(weights: tuple[int, ...], modulus: int, *, low: int = 0) -> Check:
    """Whether the last digit is modulus minus the remainder; from 10 on it is `low`."""

    def passes(value: str) -> bool:
        *digits, last = digits_of(value)
        rest = (modulus - dot(weights, digits) % modulus) % modulus
        return any(digits) and last == (rest if rest < 10 else low)

    return passes


def luhn(value: str) -> bool:
    """Whether the last digit is right by ISO/IEC 7812-1, and the value not one digit repeated."""
    return len(set(value)) > 1 and luhn_valid(value)


def luhn_of_digits(value: str) -> bool:
    """Whether the digits of a value, of which there are two or more, pass `luhn`."""
    return luhn("".join(char for char in value if char.isdigit()))


def mod_11(value: str) -> bool:
    """Whether 11 divides the sum of the digits, weighted 1, 2, 3 … from the right; X last is 10."""
    digits = digits_of(value)
    if value.endswith("X"):
        digits.append(10)
    return len(digits) > 1 and dot(range(1, len(digits) + 1), reversed(digits)) % 11 == 0


def mod_97(value: str) -> bool:
    """Whether a value is 1 modulo 97 by ISO 7064, its first four characters put behind."""
    return int("".join(str(int(char, 36)) for char in value[4:] + value[:4])) % 97 == 1


def mod_11_10(value: str) -> bool:
    """Whether the last digit is right by ISO 7064 mod 11, 10."""
    product = 10
    *digits, last = digits_of(value)
    for digit in digits:
        product = ((digit + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == last


def verhoeff(value: str) -> bool:
    """Whether the digits are right by Verhoeff's check in the dihedral group of ten."""
    check = 0
    for place, digit in enumerate(reversed(digits_of(value))):
        for _ in range(place % 8):
            digit = _VERHOEFF_PERMUTATION[digit]  # noqa: PLW2901 (the permutation, applied again and again)
        check = _dihedral(check, digit)
    return check == 0


_VERHOEFF_PERMUTATION: Final = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _dihedral(one: int, other: int) -> int:
    if one < 5:
        return (one + other) % 5 if other < 5 else 5 + (one + other - 5) % 5
    return 5 + (one - other - 5) % 5 if other < 5 else (one - other) % 5


def letters_731(value: str) -> bool:
    """Whether the last digit is right by ICAO 9303: weights 7, 3, 1, letters from 10 on."""
    values = [int(char, 36) for char in value]
    return dot((7, 3, 1) * 5, values[:-1]) % 10 == values[-1]


_LAST_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_day(month: str, day: str) -> bool:
    """Whether a month has such a day."""
    return 1 <= int(month) <= 12 and 1 <= int(day) <= _LAST_DAYS[int(month) - 1]


def year_first(value: str) -> bool:
    """Whether a value begins with year, month and day of two digits each."""
    return is_day(value[2:4], value[4:6])


def day_first(value: str) -> bool:
    """Whether a value begins with day, month and year of two digits each."""
    return is_day(value[2:4], value[:2])


def both(*checks: Check) -> Check:
    """A test of several together."""
    return lambda value: all(check(value) for check in checks)


def either(*checks: Check) -> Check:
    """A test of which one is enough."""
    return lambda value: any(check(value) for check in checks)


def like(pattern: str) -> Check:
    """A test by a pattern of the whole value."""
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


def part(check: Check, start: int, end: int | None = None) -> Check:
    """A test of a part of the value."""
    return lambda value: check(value[start:end])
