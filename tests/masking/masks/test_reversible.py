"""Encryption that can be undone: the vectors of NIST, keys, check digits, tampering."""

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizer import anonymize
from anonymizer.masking.primitives.check_digits import luhn_valid
from anonymizer.masking.primitives.ff1 import FF1

SECRET = "0123456789abcdef-of-the-tests"
AES128 = bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3C")
AES256 = AES128 + bytes.fromhex("EF4359D8D580AA4F7F036D6F04FC6A94")
TWEAK = b"9876543210"


@pytest.mark.parametrize(
    ("key", "tweak", "encrypted"),
    [
        (AES128, b"", "2433477484"),
        (AES128, TWEAK, "6124200773"),
        (AES256, b"", "6657667009"),
        (AES256, TWEAK, "1001623463"),
    ],
)
def test_the_vectors_of_nist(key: bytes, tweak: bytes, encrypted: str) -> None:
    """FF1 gives what the samples of NIST (FF1samples, numbers 1, 2, 7 and 8) give."""
    assert FF1(key).encrypt("0123456789", tweak) == encrypted
    assert FF1(key).decrypt(encrypted, tweak) == "0123456789"


@given(digits=st.from_regex("[0-9]{6,60}", fullmatch=True), tweak=st.binary(max_size=40))
def test_ff1_comes_back_at_any_length(digits: str, tweak: bytes) -> None:
    """Leading zeros, odd lengths and tweaks of any size included."""
    encrypted = FF1(AES256).encrypt(digits, tweak)
    assert re.fullmatch("[0-9]+", encrypted)
    assert len(encrypted) == len(digits)
    assert FF1(AES256).decrypt(encrypted, tweak) == digits


def test_few_digits_are_refused() -> None:
    """Five digits are a hundred thousand guesses."""
    with pytest.raises(ValueError, match="at least 6 digits"):
        FF1(AES128).encrypt("12345")


def masked(values: list[str], rule: dict[str, object], key: str = SECRET) -> list[str]:
    """One column masked."""
    frame = pl.DataFrame({"x": values})
    return anonymize(frame, {"version": 1, "columns": {"x": rule}}, key=key)["x"].to_list()


def test_cards_stay_cards() -> None:
    """Length, blanks, issuer and a right check digit are kept; the rest is not."""
    cards = ["4111 1111 1111 1111", "5500-0000-0000-0004", "378282246310005"]
    out = masked(cards, {"mask": "fpe", "first": 4, "check": "luhn"})
    assert [re.sub("[0-9]", "9", card) for card in out] == [
        re.sub("[0-9]", "9", card) for card in cards
    ]
    assert [card[:4] for card in out] == [card[:4] for card in cards]
    assert all(luhn_valid(re.sub("[^0-9]", "", card)) for card in out)
    assert not set(out) & set(cards)


def test_fpe_is_injective() -> None:
    """Ten thousand numbers stay ten thousand."""
    numbers = [f"{number:07}" for number in range(10_000)]
    assert len(set(masked(numbers, {"mask": "fpe"}))) == 10_000


def test_another_key_or_domain_encrypts_otherwise() -> None:
    """Neither tells anything about the other."""
    one = masked(["Ann"], {"mask": "encrypt", "domain": "a"})
    assert one == masked(["Ann"], {"mask": "encrypt", "domain": "a"})
    assert one != masked(["Ann"], {"mask": "encrypt", "domain": "b"})
    assert one != masked(["Ann"], {"mask": "encrypt", "domain": "a"}, key=SECRET + "x")
    assert one != masked(["Ann "], {"mask": "encrypt", "domain": "a"})
