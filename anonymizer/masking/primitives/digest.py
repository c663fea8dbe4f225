"""The keyed digest from which pseudonyms, shifts and noise are drawn.

A digest (64 hexadecimal digits of HMAC-SHA256) is paid once per source. Masks read disjoint digits
of it, so that nothing published tells anything about what must stay secret.

    digits  0-23   token, 96 bits
    digits 24-31   date shift; nothing that is published may use them
    digits 32-39   first and last name, company, street
    digits 40-47   phone
    digits 48-55   number in an e-mail address, a user name or a street address
    digits 56-63   with the eight before, the ending of e-mail addresses that must be unique

Noise and randomised response have digests of their own, of entity and value, and read the last 16.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

import polars as pl
import polars_hash  # noqa: F401  (registers the `chash` namespace)

from anonymizer.keys import Key
from anonymizer.masking.primitives.dtypes import NUMBERS, TypeFamily
from anonymizer.masking.primitives.normal_forms import nfkc

RESERVED_PREFIX: Final = "__anonymizer_"
Window = Literal["year", "quarter", "month", "week", "day"]
UNIT_DURATIONS: Final = {
    "year": "1y",
    "quarter": "1q",
    "month": "1mo",
    "week": "1w",
    "day": "1d",
    "hour": "1h",
}
UUID_BYTES: Final = 16


class Slot(Enum):
    """Where in the digest a mask reads: first digit and number of digits."""

    TOKEN = (0, 24)
    SHIFT = (24, 8)
    NAME = (32, 8)
    PHONE = (40, 8)
    NUMBER = (48, 8)
    CHANCE = (56, 8)

    def digits(self, digest: pl.Expr) -> pl.Expr:
        """The hexadecimal digits that this slot has of each digest."""
        return digest.str.slice(*self.value)

    def number(self, digest: pl.Expr) -> pl.Expr:
        """The digits of this slot as UInt32; for slots of eight digits."""
        return self.digits(digest).str.to_integer(base=16, dtype=pl.UInt32)


@dataclass(frozen=True)
class Source:
    """The columns and the domain that one digest is made of.

    Attributes:
        columns: their canonical values, together; null where one of them is null.
        domain: the pseudonymisation domain.
        window: the last column is a time, and only the unit it falls into counts.
    """

    columns: tuple[str, ...]
    domain: str
    window: Window | None = None

    @property
    def _tag(self) -> str:
        return hashlib.sha256(repr(self).encode()).hexdigest()[:12]

    @property
    def column(self) -> str:
        """The prepared column that holds the digest."""
        return f"{RESERVED_PREFIX}{self._tag}_digest"

    def slot_column(self, slot: Slot) -> str:
        """The prepared column that holds one slot of the digest as a number."""
        return f"{RESERVED_PREFIX}{self._tag}_{slot.name.lower()}"

    @property
    def prepared_columns(self) -> dict[str, Slot | None]:
        """All prepared columns this source may have; None stands for the whole digest."""
        return {self.column: None} | {self.slot_column(slot): slot for slot in Slot}

    def digest(self, schema: Mapping[str, pl.DataType], key: Key) -> pl.Expr:
        """The keyed digest of each row, 64 hexadecimal digits; null where a column is null."""
        if any(schema[column] == pl.Null for column in self.columns):
            return pl.lit(None, dtype=pl.String).alias(self.column)
        texts = [canonical(pl.col(column), schema[column]) for column in self.columns]
        domain = self.domain
        if self.window is not None:
            texts[-1] = _window(pl.col(self.columns[-1]), self.window)
            domain = f"{self.domain}\0{self.window}"
        return keyed(joined(texts), key.subkey(domain)).alias(self.column)


def joined(texts: list[pl.Expr]) -> pl.Expr:
    """Several texts as one; lengths in between, so that ("ab", "c") and ("a", "bc") differ."""
    if len(texts) == 1:
        return texts[0]
    parts = [
        part for text in texts for part in (text.str.len_bytes().cast(pl.String), pl.lit(":"), text)
    ]
    return pl.concat_str(parts)


def _window(time: pl.Expr, window: Window) -> pl.Expr:
    return time.dt.truncate(UNIT_DURATIONS[window]).dt.to_string("%Y-%m-%d")


def keyed(text: pl.Expr, subkey: str) -> pl.Expr:
    """HMAC-SHA256 as 64 hexadecimal digits, null for null."""
    digest: pl.Expr = text.chash.hmac_sha256(key=subkey)  # type: ignore[attr-defined]  # (registered by polars-hash)
    return digest


def unkeyed(text: pl.Expr) -> pl.Expr:
    """The first half of a SHA-256, 32 hexadecimal digits; null for null.

    For texts that are published as they are: it hides nothing, and keeps them out of a fitted plan.
    """
    digest: pl.Expr = text.chash.sha2_256()  # type: ignore[attr-defined]  # (registered by polars-hash)
    return digest.str.head(32)


def hashed(text: pl.Expr, seed: int) -> pl.Expr:
    """A number of 64 bits for a text, the same in every release (XXH3); no secret by itself."""
    number: pl.Expr = text.nchash.xxh3_64(seed=seed)  # type: ignore[attr-defined]  # (registered by polars-hash)
    return number


def canonical(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """The text that stands for a value in a keyed digest, alike in all types that can hold it.

    Text loses the blanks at its ends and is NFKC-normalised (full-width digits become ASCII);
    case is kept. Whole numbers read the same as integer, float, decimal or text. NaN is null.
    Dates are ISO; datetimes are ISO with nine decimals, those with a zone in UTC with a `Z`;
    durations are nanoseconds. Bytes are hexadecimal digits, 16 of them a UUID.
    """
    family = TypeFamily.of(dtype)
    if family is TypeFamily.TEXT:
        return nfkc(value.cast(pl.String)).str.strip_chars()
    if family is TypeFamily.BINARY:
        digits = value.bin.encode("hex")
        return pl.when(value.bin.size() == UUID_BYTES).then(uuid_text(digits)).otherwise(digits)
    if family in NUMBERS:
        return _canonical_number(value, dtype)
    return _canonical_time(value, dtype)


def uuid_text(digits: pl.Expr) -> pl.Expr:
    """32 hexadecimal digits with the hyphens of a UUID; null for null."""
    cuts = (0, 8), (8, 4), (12, 4), (16, 4), (20, 12)
    return pl.concat_str([digits.str.slice(*cut) for cut in cuts], separator="-")


def _canonical_number(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    text = value.cast(pl.String)
    if isinstance(dtype, pl.Decimal) and dtype.scale:
        return text.str.replace(r"\.?0+$", "")
    if not dtype.is_float():
        return text
    value = value.fill_nan(None)
    whole = (value == value.floor()) & (value.abs() < 2**53)
    as_integer = value.cast(pl.Int64, strict=False).cast(pl.String)
    return pl.when(whole).then(as_integer).otherwise(value.cast(pl.String))


def _canonical_time(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Duration:
        return value.dt.total_nanoseconds().cast(pl.String)
    if dtype == pl.Time:
        return value.dt.to_string("iso")  # a cast leaves out what is below a second
    if dtype != pl.Datetime:
        return value.cast(pl.String)
    if getattr(dtype, "time_zone", None) is None:
        return value.dt.to_string("%Y-%m-%dT%H:%M:%S%.9f")
    return value.dt.convert_time_zone("UTC").dt.to_string("%Y-%m-%dT%H:%M:%S%.9fZ")
