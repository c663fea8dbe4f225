"""The keyed digest from which pseudonyms, shifts and noise are drawn.

A digest of 32 bytes is paid once per source. Masks read disjoint bytes of it, so that nothing
published tells anything about what must stay secret.

    bytes  0-11   token, 96 bits
    bytes 12-15   date shift; nothing that is published may use them
    bytes 16-19   first and last name, company, street
    bytes 20-23   phone
    bytes 24-27   number in an e-mail address, a user name or a street address
    bytes 28-31   with the four before, the ending of e-mail addresses that must be unique

Noise and randomised response have digests of their own, of entity and value, and read the last
eight.

Rules choose between two functions, so that what was masked before stays joinable. Both are
pseudorandom: without the key, a digest cannot be told from noise, whatever others are known.

    aes-cmac     The code C of the text is its AES-256-CMAC (NIST SP 800-38B), which nobody sees.
                 Under a second key, AES(C) are the first 16 bytes of the digest and AES(C xor 1)
                 the others, as far as a mask reads them.
    hmac-sha256  HMAC-SHA256 (RFC 2104) of the text, as release 0.1 had it.

The keys of each domain are subkeys of the secret (`anonymizer.keys`).
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal, Self

import numpy as np
import polars as pl
import polars_hash  # noqa: F401  (registers the `chash` namespace)
import pyarrow as pa

from anonymizer.arrays import ByteArray
from anonymizer.keys import Key
from anonymizer.masking.primitives.bulk.characters import are_plain
from anonymizer.masking.primitives.ciphers.cmac import AES_BYTES, ROWS_AT_ONCE, ColumnCmac, aes
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
DigestFunction = Literal["aes-cmac", "hmac-sha256"]
DIGEST: Final[DigestFunction] = "aes-cmac"  # where rules do not say
_NUMBER_BYTES: Final = 4
_OF_BYTE: Final = [b"%02x" % byte for byte in range(256)]
# The four digits of each two bytes: larger steps are fewer, and this table stays in the cache.
_DIGITS: Final = np.frombuffer(
    b"".join(first + second for first in _OF_BYTE for second in _OF_BYTE), np.uint32
)


class Slot(Enum):
    """Where in the digest a mask reads: first byte and number of bytes."""

    TOKEN = (0, 12)
    SHIFT = (12, 4)
    NAME = (16, 4)
    PHONE = (20, 4)
    NUMBER = (24, 4)
    CHANCE = (28, 4)
    ENDING = (24, 8)

    @property
    def dtype(self) -> pl.DataType:
        """UInt32; of more than four bytes, String of hexadecimal digits."""
        _, size = self.value
        return pl.UInt32() if size == _NUMBER_BYTES else pl.String()

    def of(self, digest: pl.Expr) -> pl.Expr:
        """What this slot has of each digest that `Source.digest` gave."""
        return digest.struct.field(self.name)


@dataclass(frozen=True)
class Source:
    """The columns and the domain that one digest is made of.

    Attributes:
        columns: their canonical values, together; null where one of them is null.
        domain: the pseudonymisation domain.
        window: the last column is a time, and only the unit it falls into counts.
        function: by which it is made.
    """

    columns: tuple[str, ...]
    domain: str
    window: Window | None = None
    function: DigestFunction = DIGEST

    @property
    def _tag(self) -> str:
        return hashlib.sha256(repr(self).encode()).hexdigest()[:12]

    @property
    def column(self) -> str:
        """The prepared column that holds the digest."""
        return f"{RESERVED_PREFIX}{self._tag}_digest"

    def slot_column(self, slot: Slot) -> str:
        """The prepared column that holds one slot of the digest."""
        return f"{RESERVED_PREFIX}{self._tag}_{slot.name.lower()}"

    @property
    def slot_columns(self) -> dict[str, Slot]:
        """The prepared columns that this source may have."""
        return {self.slot_column(slot): slot for slot in Slot}

    def digest(self, schema: Mapping[str, pl.DataType], key: Key, slots: Iterable[Slot]) -> pl.Expr:
        """The slots of each row's keyed digest as a struct, of nulls where a column is null."""
        drawn = tuple(sorted(slots, key=lambda slot: slot.value))
        dtype = pl.Struct({slot.name: slot.dtype for slot in drawn})
        if any(schema[column] == pl.Null for column in self.columns):
            return pl.lit(None, dtype).alias(self.column)
        texts = [canonical(pl.col(column), schema[column]) for column in self.columns]
        domain = self.domain
        if self.window is not None:
            texts[-1] = _window(pl.col(self.columns[-1]), self.window)
            domain = f"{self.domain}\0{self.window}"
        made = _DIGESTS[self.function](key, domain, drawn)
        text = joined(texts)
        if len(texts) == 1 and TypeFamily.of(schema[self.columns[0]]) is TypeFamily.TEXT:
            text, made = pl.col(self.columns[0]).cast(pl.String), _OfText(made)
        digest = text.map_batches(made, return_dtype=dtype, is_elementwise=True)
        return digest.alias(self.column)


@dataclass(frozen=True)
class _OfText:
    """A digest of text as it came: that it needs no other form is seen faster than one is made."""

    of_canonical: Callable[[pl.Series], pl.Series] = field(repr=False)

    def __call__(self, texts: pl.Series) -> pl.Series:
        """The digest of each text in its canonical form."""
        if not are_plain(texts):
            texts = pl.select(canonical(pl.lit(texts), texts.dtype)).to_series()
        return self.of_canonical(texts)


@dataclass(frozen=True)
class _Hmac:
    """A function from texts to slots of their HMAC-SHA256; shows no key where a plan is shown."""

    subkey: str = field(repr=False)
    slots: tuple[Slot, ...]

    @classmethod
    def under(cls, key: Key, domain: str, slots: tuple[Slot, ...]) -> Self:
        """The function under the subkey of a domain."""
        return cls(key.subkey(domain), slots)

    def __call__(self, texts: pl.Series) -> pl.Series:
        """A struct with a field for each slot."""
        digest = pl.select(keyed(pl.lit(texts), self.subkey)).to_series()
        return pl.select(pl.struct(self._read(slot, digest) for slot in self.slots)).to_series()

    def _read(self, slot: Slot, digest: pl.Series) -> pl.Series:
        start, size = slot.value
        digits = digest.str.slice(2 * start, 2 * size)
        read = (
            digits if slot.dtype == pl.String else digits.str.to_integer(base=16, dtype=pl.UInt32)
        )
        return read.alias(slot.name)


@dataclass(frozen=True)
class _Cmac:
    """A function from texts to slots of what AES makes of their codes; shows no key either."""

    code: ColumnCmac = field(repr=False)
    key: bytes = field(repr=False)
    slots: tuple[Slot, ...]

    @classmethod
    def under(cls, key: Key, domain: str, slots: tuple[Slot, ...]) -> Self:
        """The function under the subkeys of a domain."""
        first, second = (bytes.fromhex(key.subkey(f"{domain}\0{use}")) for use in ("cmac", "aes"))
        return cls(ColumnCmac(first), second, slots)

    def __call__(self, texts: pl.Series) -> pl.Series:
        """A struct with a field for each slot."""
        codes, halves = self.code(texts), dict[int, ByteArray]()
        for half in {slot.value[0] // AES_BYTES for slot in self.slots}:
            halves[half] = aes(self.key, codes ^ np.array([half, 0], "<u8")).view(np.uint8)
        fields = [_read(slot, halves[slot.value[0] // AES_BYTES]) for slot in self.slots]
        if texts.null_count():
            known = texts.is_not_null()
            fields = [each.zip_with(known, each.clear(len(each))) for each in fields]
        return pl.DataFrame(fields).to_struct(texts.name)


def _read(slot: Slot, half: ByteArray) -> pl.Series:
    """What a slot has of rows × 16 bytes."""
    start, size = slot.value
    found = half[:, start % AES_BYTES :][:, :size]
    if slot.dtype == pl.String:
        return hexadecimal(found).alias(slot.name)
    numbers = np.ascontiguousarray(found).view(">u4")[:, 0]
    return pl.Series(slot.name, numbers.astype(np.uint32))


def hexadecimal(rows: ByteArray) -> pl.Series:
    """The bytes of (N, even) rows as lower-case hexadecimal digits."""
    size = rows.shape[1]
    digits = np.empty((len(rows), size // 2), np.uint32)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        block = slice(start, start + ROWS_AT_ONCE)
        pairs = np.ascontiguousarray(rows[block]).view(">u2")
        _DIGITS.take(pairs, out=digits[block], mode="clip")
    ends = np.arange(0, 2 * size * (len(rows) + 1), 2 * size, dtype=np.int64)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(digits)]
    return pl.Series(pa.Array.from_buffers(pa.large_string(), len(rows), buffers))


_DIGESTS: Final[
    dict[DigestFunction, Callable[[Key, str, tuple[Slot, ...]], Callable[[pl.Series], pl.Series]]]
] = {"aes-cmac": _Cmac.under, "hmac-sha256": _Hmac.under}


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
