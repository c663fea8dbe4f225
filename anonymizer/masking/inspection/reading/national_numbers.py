"""Check digits of the numbers by which states and banks know people.

Each test takes one value as text and says whether it has the form and the check digits. A number
drawn at random passes at the rate `chance`; the lower it is, the more a pass means.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from anonymizer.masking.free_text.recognition.identity import chinese_check, ibans


class NationalNumber(NamedTuple):
    """One sort of number by which a state knows people, and how it is recognised.

    Attributes:
        words: what to call it.
        chance: how often a random number of this form passes.
        passes: the test on one value.
    """

    words: str
    chance: float
    passes: Callable[[str], bool]


def _digits(form: str, text: str) -> list[int]:
    """The digits of a text that has a form; no digits for any other text."""
    return [int(char) for char in text if char.isdigit()] if re.fullmatch(form, text) else []


def _mod_11(digits: list[int], weights: range) -> int:
    """The check digit of Brazil's Receita Federal: 11 minus the weighted sum, 0 for 10 and 11."""
    rest = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11
    return 0 if rest < 2 else 11 - rest


def _cpf(text: str) -> bool:
    digits = _digits(r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}", text)
    if len(set(digits)) < 2:
        return False
    first, second = _mod_11(digits[:9], range(10, 1, -1)), _mod_11(digits[:10], range(11, 1, -1))
    return digits[9:] == [first, second]


def _nir(text: str) -> bool:
    """Whether a text is a French social security number: 13 digits and a check of two."""
    plain = re.sub(r"\s", "", text).upper().replace("2A", "19").replace("2B", "18")
    return re.fullmatch(r"[1-478]\d{14}", plain) is not None and 97 - int(plain[:13]) % 97 == int(
        plain[13:]
    )


def _codice_fiscale(text: str) -> bool:
    """Whether a text is an Italian fiscal code, whose last letter is a check (D.M. 23/12/1976)."""
    plain = text.strip().upper()
    if not re.fullmatch(
        r"[A-Z]{6}[\dL-NP-V]{2}[A-EHLMPRST][\dL-NP-V]{2}[A-Z][\dL-NP-V]{3}[A-Z]", plain
    ):
        return False
    values = [int(char, 36) - (0 if char.isdigit() else 10) for char in plain[:15]]
    total = sum(
        _CODICE_FISCALE_ODD_VALUES[value] if place % 2 == 0 else value
        for place, value in enumerate(values)
    )
    return chr(65 + total % 26) == plain[15]


_CODICE_FISCALE_ODD_VALUES: Final = (
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
)  # fmt: skip


def _dni(text: str) -> bool:
    """Whether a text is a Spanish DNI or NIE, whose letter is the remainder of 23."""
    plain = re.sub(r"[\s.-]", "", text).upper()
    if not re.fullmatch(r"[XYZ\d]\d{7}[A-Z]", plain):
        return False
    number = int(plain[:8].translate(str.maketrans("XYZ", "012")))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] == plain[8]


def _steuer_id(text: str) -> bool:
    """Whether a text is a German tax id: eleven digits, ISO 7064 mod 11, 10."""
    digits = _digits(r"[1-9]\d ?\d{3} ?\d{3} ?\d{3}", text)
    if not digits:
        return False
    product = 10
    for digit in digits[:10]:
        product = ((digit + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == digits[10]


def _weighted(form: str, weights: tuple[int, ...], modulus: int) -> Callable[[str], bool]:
    """A test: the modulus divides the weighted sum of the digits."""

    def passes(text: str) -> bool:
        digits = _digits(form, text)
        return (
            any(digits) and sum(a * b for a, b in zip(digits, weights, strict=True)) % modulus == 0
        )

    return passes


def _aadhaar(text: str) -> bool:
    """Whether a text is an Indian Aadhaar number: twelve digits with Verhoeff's check."""
    digits = _digits(r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}", text)
    if not digits:
        return False
    check = 0
    for place, digit in enumerate(reversed(digits)):
        for _ in range(place % 8):
            digit = _VERHOEFF_PERMUTATION[digit]  # noqa: PLW2901 (the permutation, applied again and again)
        check = _dihedral(check, digit)
    return check == 0


_VERHOEFF_PERMUTATION: Final = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _dihedral(one: int, other: int) -> int:
    if one < 5:
        return (one + other) % 5 if other < 5 else 5 + (one + other - 5) % 5
    return 5 + (one - other - 5) % 5 if other < 5 else (one - other) % 5


def _chinese(text: str) -> bool:
    plain = text.strip().upper()
    return re.fullmatch(r"[1-8]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dX]", plain) is not None and (
        chinese_check(plain)
    )


def _social_security(text: str) -> bool:
    """Whether a text has the form of a US social security number; there is no check digit."""
    return re.fullmatch(r"(?!000|666)\d{3}-(?!00)\d{2}-(?!0000)\d{4}", text.strip()) is not None


def _insurance_number(text: str) -> bool:
    """Whether a text is a British insurance number: two letters, six digits, a letter A to D."""
    plain = re.sub(r"\s", "", text).upper()
    return re.fullmatch(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]", plain) is not None


NATIONAL_NUMBERS: Final = (
    NationalNumber("Chinese resident ids", 0.09, _chinese),
    NationalNumber("US social security numbers with hyphens", 0.0, _social_security),
    NationalNumber("British national insurance numbers", 0.0, _insurance_number),
    NationalNumber("Brazilian CPF numbers", 0.01, _cpf),
    NationalNumber("French social security numbers", 0.01, _nir),
    NationalNumber("Italian fiscal codes", 0.0, _codice_fiscale),
    NationalNumber("Spanish DNI or NIE numbers", 0.04, _dni),
    NationalNumber("German tax ids", 0.1, _steuer_id),
    NationalNumber(
        "Dutch BSN numbers", 0.09, _weighted(r"\d{9}", (9, 8, 7, 6, 5, 4, 3, 2, -1), 11)
    ),
    NationalNumber(
        "Polish PESEL numbers", 0.1, _weighted(r"\d{11}", (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), 10)
    ),
    NationalNumber("Indian Aadhaar numbers", 0.1, _aadhaar),
)


@lru_cache(maxsize=4096)
def is_iban(text: str) -> bool:
    """Whether the whole value is an IBAN with a right checksum."""
    value = text.strip()
    return any(span.start == 0 and span.end == len(value) for span in ibans(value, "US"))
