"""Encryption that can be undone: the vectors of NIST, keys, check digits, tampering."""

import base64
import re
import unicodedata
from collections import Counter
from typing import Literal

import numpy as np
import polars as pl
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizer import anonymize
from anonymizer.errors import SchemaError
from anonymizer.keys import Key
from anonymizer.masking.masks.base import Column
from anonymizer.masking.masks.reversible import Encrypt, Fpe
from anonymizer.masking.primitives.check_digits import luhn_digit, luhn_valid
from anonymizer.masking.primitives.ciphers.ff1 import FF1

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


@given(
    texts=st.integers(6, 36).flatmap(
        lambda length: st.lists(st.text("0123456789", min_size=length, max_size=length), min_size=1)
    ),
    size=st.integers(0, 45),
    data=st.data(),
)
def test_a_column_is_encrypted_as_each_of_its_texts(
    texts: list[str], size: int, data: st.DataObject
) -> None:
    """Up to 32 digits at once, and what is longer; with a tweak for each text, or one for all."""
    count = data.draw(st.sampled_from([1, len(texts)]))
    tweaks = data.draw(
        st.lists(st.binary(min_size=size, max_size=size), min_size=count, max_size=count)
    )
    expected = [
        FF1(AES256).encrypt(text, tweak)
        for text, tweak in zip(texts, tweaks * (len(texts) // count), strict=True)
    ]
    digits = np.array([list(map(int, text)) for text in texts], np.uint8).T
    rows = np.array([list(tweak) for tweak in tweaks], np.uint8).reshape(count, size)
    encrypted = FF1(AES256).columns(digits, rows)
    assert ["".join(map(str, text)) for text in encrypted.T] == expected
    assert (FF1(AES256).columns(encrypted, rows, backwards=True) == digits).all()


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


def card(digits: int) -> str:
    """A card number of so many digits with a right check digit."""
    body = "4929871650324718056"[: digits - 1]
    return body + luhn_digit(body)


@pytest.mark.parametrize(
    ("options", "shortest"),
    [
        ({}, 13),  # all of them
        ({"first": 6, "check": "luhn"}, 13),
        ({"first": 6, "last": 3, "check": "luhn"}, 16),  # the check digit is the fourth at the end
        ({"first": 6, "last": 4}, 16),
        ({"first": 6, "last": 4, "check": "luhn"}, 17),
    ],
)
@pytest.mark.parametrize("digits", range(13, 20))
def test_no_card_becomes_null_in_silence(
    options: dict[str, object], shortest: int, digits: int
) -> None:
    """Of 13 to 19 digits, what leaves too few to encrypt is refused with what would be needed."""
    if digits >= shortest:
        assert re.fullmatch(
            f"[0-9]{{{digits}}}", masked([card(digits)], {"mask": "fpe", **options})[0]
        )
        return
    with pytest.raises(SchemaError, match=f"x: of the values 1 have fewer than {shortest} digits"):
        masked([card(digits)], {"mask": "fpe", **options})


def test_what_fpe_cannot_read_is_counted_by_its_reason() -> None:
    """Blanks stand for nothing; with `unmapped: null` the rest is null."""
    cards = [card(16), "4111111111111112", "٤١١١", " "]
    rule: dict[str, object] = {"mask": "fpe", "check": "luhn"}
    with pytest.raises(SchemaError, match="1 have a wrong check digit, 1 have digits of other"):
        masked(cards, rule)
    assert masked(cards, {**rule, "unmapped": "null"})[1:] == [None, None, None]


def test_fpe_is_injective() -> None:
    """Twenty thousand numbers stay as many."""
    numbers = [f"{number:07}" for number in range(20_000)]
    assert len(set(masked(numbers, {"mask": "fpe"}))) == 20_000


def one_masked(text: str | None, mask: Fpe, key: bytes) -> tuple[str | None, str | None]:
    """What `fpe` makes of one text, or why nothing, worked out letter by letter."""
    if text is None:
        return None, None
    text, luhn = unicodedata.normalize("NFKC", text), mask.check == "luhn"
    digits = re.sub("[^0-9]", "", text)
    if len(digits) != sum(letter.isdigit() for letter in text):
        return None, "have digits of other scripts"
    if len(digits) < mask.shortest:
        least = f"have fewer than {mask.shortest} digits"
        return None, f"{least}, of which fewer than 6 would be encrypted"
    if luhn and not luhn_valid(digits):
        return None, "have a wrong check digit"
    end = len(digits) - mask.last - luhn
    before, after = digits[: mask.first], digits[end : len(digits) - luhn]
    middle = FF1(key).encrypt(digits[mask.first : end], f"{before}|{after}".encode())
    changed = before + middle + after
    new = iter(changed + luhn_digit(changed) if luhn else changed)
    return re.sub("[0-9]", lambda _: next(new), text), None


CARDS = st.text("0123456789", min_size=5, max_size=40).map(lambda body: body + luhn_digit(body))
BETWEEN = st.sampled_from(["", " ", "-", "é", "卡"])
SPACED = st.builds(lambda card, between: between.join(re.findall("..?.?.?", card)), CARDS, BETWEEN)
ODD = [
    "",
    " ",
    "٤١١١ 4111 1111",
    "４１１１１１１１",
    "➀234567",
    "²34567",
    "\0004111111",
    "123456😀",
]
TEXTS = st.none() | SPACED | CARDS | st.text(max_size=9) | st.sampled_from(ODD)


@settings(max_examples=40)
@given(
    texts=st.lists(TEXTS, max_size=12),
    times=st.sampled_from([1, 5]),
    first=st.integers(0, 6),
    last=st.integers(0, 4),
    check=st.sampled_from(["none", "luhn"]),
)
def test_fpe_is_that_of_each_text(
    texts: list[str | None], times: int, first: int, last: int, check: Literal["none", "luhn"]
) -> None:
    """However many digits there are, whatever is between them; and what is wrong is counted."""
    mask = Fpe(first=first, last=last, check=check)
    column, key = (
        Column("x", pl.String(), key=Key(SECRET)),
        bytes.fromhex(Key(SECRET).subkey("x\0ff1")),
    )
    expected = [one_masked(text, mask, key) for text in texts] * times
    schema = {"x": pl.String, "out": pl.String, "fault": pl.String}
    rows = [(text, *one) for text, one in zip(texts * times, expected, strict=True)]
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    out = frame.select(mask.preparation(column))
    assert out["x"].to_list() == frame["out"].to_list()
    plain = frame.with_columns(pl.col("x").str.normalize("NFKC"))
    back = plain.select(pl.when(pl.col("out").is_not_null()).then("x"))
    assert out.select(mask.revealed(column))["x"].to_list() == back["x"].to_list()
    query = mask.learn(frame.lazy(), column)
    assert query is not None
    faults = plain.filter(pl.col("x").str.strip_chars() != "")["fault"].drop_nulls()
    assert dict(query.collect().iter_rows()) == Counter(faults)


@settings(max_examples=40)
@given(
    texts=st.lists(st.none() | st.text(max_size=40) | st.text("ab", max_size=3)),
    times=st.sampled_from([1, 5]),
)
def test_encryption_is_that_of_each_text(texts: list[str | None], times: int) -> None:
    """AES-SIV as base64url, whether texts repeat or not; another letter, and there is no text."""
    mask, column = Encrypt(), Column("x", pl.String(), key=Key(SECRET))
    keys = [Key(SECRET).subkey(f"x\0{use}") for use in ("siv-mac", "siv-ctr")]
    cipher = AESSIV(bytes.fromhex("".join(keys)))

    def one(text: str | None) -> str | None:
        if text is None:
            return None
        sealed = cipher.encrypt(b"\1" + text.encode(), None)
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    frame = pl.DataFrame({"x": texts * times}, schema={"x": pl.String})
    out = frame.select(mask.preparation(column))
    assert out["x"].to_list() == [one(text) for text in texts] * times
    assert out.select(mask.revealed(column))["x"].to_list() == texts * times
    for altered in ("A" + pl.col("x"), pl.col("x").str.head(-1), pl.col("x").str.head(1)):
        revealed = out.select(altered.alias("x")).select(mask.revealed(column))["x"]
        assert revealed.null_count() == len(out)


def test_another_key_or_domain_encrypts_otherwise() -> None:
    """Neither tells anything about the other."""
    one = masked(["Ann"], {"mask": "encrypt", "domain": "a"})
    assert one == masked(["Ann"], {"mask": "encrypt", "domain": "a"})
    assert one != masked(["Ann"], {"mask": "encrypt", "domain": "b"})
    assert one != masked(["Ann"], {"mask": "encrypt", "domain": "a"}, key=SECRET + "x")
    assert one != masked(["Ann "], {"mask": "encrypt", "domain": "a"})
