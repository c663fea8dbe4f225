"""Masks that whoever holds the key can undo: encrypt and fpe, and their way back."""

import base64
import binascii
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal, cast

import numpy as np
import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from pydantic import Field

from anonymizer.arrays import BoolArray, ByteArray
from anonymizer.masking.masks.base import (
    CODES,
    TEXT,
    Column,
    Domain,
    Mask,
    Remark,
    TypeFamily,
    Unmapped,
    count_lost,
)
from anonymizer.masking.primitives.bulk.distinct import on_some
from anonymizer.masking.primitives.check_digits import luhn_digits
from anonymizer.masking.primitives.ciphers.digits import ZERO, DigitsOf
from anonymizer.masking.primitives.ciphers.ff1 import FF1, LEAST_DIGITS, ROWS
from anonymizer.masking.primitives.normal_forms import nfkc

_SHORTEST_CARD: Final = 13  # digits


@dataclass(frozen=True)
class _ByColumn:
    """An object, so that nothing that the function holds shows where a plan is explained."""

    function: Callable[[pl.Series], pl.Series] = field(repr=False)

    def __call__(self, values: pl.Series) -> pl.Series:
        texts = values.drop_nulls()
        if 2 * cast("int", texts.approx_n_unique()) < len(texts):
            texts = texts.unique()
            found = self._in_slices(texts)
            return values.replace_strict(texts, found, default=None, return_dtype=pl.String)
        return on_some(values, values.is_not_null(), self._in_slices).alias(values.name)

    def _in_slices(self, texts: pl.Series) -> pl.Series:
        starts = range(0, max(1, len(texts)), ROWS)
        return pl.concat([self.function(texts.slice(start, ROWS)) for start in starts])


def _by_column(texts: pl.Expr, function: Callable[[pl.Series], pl.Series]) -> pl.Expr:
    """What a function of a column of texts without null gives for each; null for null."""
    return texts.map_batches(_ByColumn(function), return_dtype=pl.String, is_elementwise=True)


class Reversible(Mask):
    """The base of both masks: `preparation` encrypts, `revealed` decrypts."""

    accepts: ClassVar[frozenset[TypeFamily]] = CODES

    domain: Domain | None = None

    @property
    def keyed(self) -> bool:
        """True: the key encrypts and decrypts."""
        return True

    def revealed(self, column: Column) -> pl.Expr:
        """The raw text of each masked one; null where it cannot be found."""
        raise NotImplementedError

    def _key(self, column: Column, use: str) -> bytes:
        return bytes.fromhex(column.subkey(f"{self.domain or column.name}\0{use}"))


class Encrypt(Reversible):
    """Deterministic authenticated encryption (AES-SIV, RFC 5297), undone by `anonymizer reveal`.

    Equal texts of one domain give equal results, so that joins and counts still work. The length
    of a value shows in the length of the result, which is base64url.

    Attributes:
        domain: pseudonymisation domain; the column's name where it is left out.
    """

    name: ClassVar[str] = "encrypt"

    def preparation(self, column: Column) -> pl.Expr:
        """Each text encrypted, as base64url."""
        return _by_column(column.values.cast(pl.String), self._cipher(column).encrypted)

    def revealed(self, column: Column) -> pl.Expr:
        """The raw text, where key and domain are the same and nothing was altered; else null."""
        return _by_column(column.values, self._cipher(column).decrypted)

    def _cipher(self, column: Column) -> "_Siv":
        return _Siv(self._key(column, "siv-mac") + self._key(column, "siv-ctr"))


@dataclass(frozen=True)
class _Siv:
    """Functions from a column of texts to the encrypted ones, and back."""

    key: bytes = field(repr=False)

    def encrypted(self, texts: pl.Series) -> pl.Series:
        """Each text encrypted."""
        encrypt = AESSIV(self.key).encrypt
        # The byte in front keeps the empty text from being an empty message.
        messages = ("\1" + texts).cast(pl.Binary)
        sealed = [encrypt(message, None) for message in messages.to_list()]
        text = pl.Series(sealed, dtype=pl.Binary).bin.encode("base64").str.strip_chars_end("=")
        return text.str.replace_all("+", "-", literal=True).str.replace_all("/", "_", literal=True)

    def decrypted(self, texts: pl.Series) -> pl.Series:
        """Each text as it was; null where it was altered."""
        decrypt = AESSIV(self.key).decrypt
        return pl.Series([_opened(text, decrypt) for text in texts.to_list()], dtype=pl.String)


def _opened(text: str, decrypt: Callable[[bytes, None], bytes]) -> str | None:
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return decrypt(sealed, None)[1:].decode()
    except (InvalidTag, binascii.Error, ValueError):
        return None


class Fpe(Reversible):
    """Format-preserving encryption (FF1) of the digits in cards, phones and account numbers.

    Everything but the digits stays where it is, and so do as many digits at the ends as asked
    for. Six digits at least must be left to encrypt: fewer could be searched. Undone by
    `anonymizer reveal`. Not authenticated: another key gives other digits, not an error.

    Attributes:
        domain: pseudonymisation domain; the column's name where it is left out.
        first: digits that stay at the beginning.
        last: digits that stay at the end, before the check digit.
        check: `luhn`: the last digit is a check digit and is right again afterwards.
        unmapped: what becomes of values with too few digits, a wrong check digit or digits of
            other scripts: `error` (nothing is written) or `null`.
    """

    name: ClassVar[str] = "fpe"

    first: int = Field(default=0, ge=0, le=20)
    last: int = Field(default=0, ge=0, le=20)
    check: Literal["none", "luhn"] = "none"
    unmapped: Unmapped = "error"

    @property
    def shortest(self) -> int:
        """How many digits a value needs, so that enough of them are encrypted."""
        return self.first + LEAST_DIGITS + self.last + (self.check == "luhn")

    def learn(self, frame: pl.LazyFrame, column: Column) -> pl.LazyFrame | None:
        """Asks the table how many values cannot be encrypted, and why, but for `unmapped: null`."""
        if self.unmapped == "null":
            return None
        text = nfkc(column.values.cast(pl.String))
        fault = _by_column(text, self._step(column).faults)
        lost = frame.filter(text.str.strip_chars() != "").group_by(fault=fault).len()
        return lost.drop_nulls().sort("fault")

    def learns(self, column: Column) -> bool:  # noqa: ARG002 (whatever the column)
        """False: a table is read for them only where it is read anyway."""
        return False

    @property
    def transferable(self) -> bool:
        """False: every table is searched for values that cannot be encrypted."""
        return False

    def learned_fault(self, learned: pl.DataFrame) -> str | None:
        """Refuses data with values that would be lost."""
        if learned.is_empty():
            return None
        told = ", ".join(f"{count:,} {fault}" for fault, count in learned.iter_rows())
        way = "leave fewer digits as they are, or " if any(learned["fault"] == self._short) else ""
        return f"of the values {told}: {way}say `unmapped: null`"

    def learned_remark(self, learned: pl.DataFrame | None) -> Remark | None:
        """Warns where no table was read for cards that would be lost."""
        if learned is not None or self.unmapped == "null" or self.shortest <= _SHORTEST_CARD:
            return None
        told = f"what has fewer than {self.shortest} digits becomes null, uncounted here"
        return Remark(told, "nulls-uncounted")

    @property
    def _short(self) -> str:
        left = f"of which fewer than {LEAST_DIGITS} would be encrypted"
        return f"have fewer than {self.shortest} digits, {left}"

    def preparation(self, column: Column) -> pl.Expr:
        """Each text with its digits encrypted in their places."""
        return self._run(column, column.values.cast(pl.String), backwards=False)

    def revealed(self, column: Column) -> pl.Expr:
        """Each text with its digits decrypted in their places."""
        return self._run(column, column.values, backwards=True)

    def _run(self, column: Column, text: pl.Expr, *, backwards: bool) -> pl.Expr:
        step = self._step(column)
        return _by_column(nfkc(text), step.decrypted if backwards else step.encrypted)

    def _step(self, column: Column) -> "_Digits":
        cipher = FF1(self._key(column, "ff1"))
        return _Digits(cipher, self.first, self.last, self._short, luhn=self.check == "luhn")

    def examples(self, dtype: pl.DataType) -> list[object]:
        """Card numbers that payment services publish for tests."""
        if TypeFamily.of(dtype) is TypeFamily.TEXT:
            return ["4111 1111 1111 1111", "5500-0000-0000-0004", "1234"]
        return [4111111111111111, 5500000000000004, 1234]


@dataclass(frozen=True)
class _Digits:
    """Functions from a column of texts to another: what becomes of their digits, and why not."""

    cipher: FF1
    first: int
    last: int
    short: str
    luhn: bool

    def faults(self, texts: pl.Series) -> pl.Series:
        """Why each text cannot be encrypted; null where it can."""
        told = "have a wrong check digit", self.short, "have digits of other scripts"
        reasons = pl.Series([None, *told])
        return reasons.gather(pl.Series(self._fault_numbers(texts, DigitsOf(texts))))

    def _fault_numbers(self, texts: pl.Series, digits: DigitsOf) -> ByteArray:
        numbers = np.zeros(len(texts), np.uint8)
        if self.luhn:
            for rows, matrix in digits.by_count(digits.counts > 1):
                numbers[rows] = luhn_digits(matrix[:-1]) != matrix[-1]
        numbers[digits.counts < self.first + LEAST_DIGITS + self.last + self.luhn] = 2
        if not digits.all_ascii:
            numbers[_with_other_digits(texts)] = 3  # which would stay as they are
        return numbers

    def encrypted(self, texts: pl.Series) -> pl.Series:
        """Each text with its digits encrypted in their places; null where it has a fault."""
        return self._run(texts, backwards=False)

    def decrypted(self, texts: pl.Series) -> pl.Series:
        """Each text with its digits decrypted in their places; null where it has a fault."""
        return self._run(texts, backwards=True)

    def _run(self, texts: pl.Series, *, backwards: bool) -> pl.Series:
        digits = DigitsOf(texts)
        sound = self._fault_numbers(texts, digits) == 0
        for rows, matrix in digits.by_count(sound):
            end = len(matrix) - self.last - self.luhn
            before, after = matrix[: self.first], matrix[end : len(matrix) - self.luhn]
            # What stays in the clear is the tweak: equal middles of different cards differ.
            between = np.full((1, matrix.shape[1]), ord("|"), np.uint8)
            tweaks = np.concatenate([before + ZERO, between, after + ZERO]).T
            middle = matrix[self.first : end]
            middle[:] = self.cipher.columns(middle, tweaks, backwards=backwards)
            if self.luhn:
                matrix[-1] = luhn_digits(matrix[:-1])
            digits.put(rows, matrix)
        return digits.texts(sound)


def _with_other_digits(texts: pl.Series) -> BoolArray:
    """(N,) which texts have digits besides 0 to 9."""
    more = texts.filter(texts.str.len_bytes() != texts.str.len_chars())
    others = [letter for letter in set("".join(more)) - set(string.digits) if letter.isdigit()]
    return texts.str.contains_any(pl.Series(others, dtype=pl.String).implode()).to_numpy()


class Revealed(Mask):
    """The way back of a reversible mask; not a mask of rule files.

    Attributes:
        mask: what was done.
        to: the name of the dtype that the column had.
    """

    name: ClassVar[str] = "revealed"
    accepts: ClassVar[frozenset[TypeFamily]] = TEXT

    mask: Reversible
    to: str = "String"

    @property
    def keyed(self) -> bool:
        """True: the key that encrypted decrypts."""
        return True

    def output_dtype(self, dtype: pl.DataType) -> pl.DataType:  # noqa: ARG002 (as it was)
        """The dtype that the column had before it was masked: an integer, or String."""
        original: pl.DataType = getattr(pl, self.to)()
        return original if original.is_integer() else pl.String()

    def preparation(self, column: Column) -> pl.Expr:
        """The value as it was before it was masked."""
        text = self.mask.revealed(column)
        return text.cast(self.output_dtype(column.dtype), strict=False)

    def learn(self, frame: pl.LazyFrame, column: Column) -> pl.LazyFrame:
        """Asks the table how many values cannot be revealed."""
        return count_lost(frame, column)

    @property
    def transferable(self) -> bool:
        """False: every table is searched for values that cannot be revealed."""
        return False

    def learned_fault(self, learned: pl.DataFrame) -> str | None:
        """Refuses data with values that cannot be revealed."""
        count = int(learned["lost"].item())
        return f"{count:,} values cannot be revealed: another key, or altered" if count else None
