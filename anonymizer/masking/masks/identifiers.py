"""Masks for values that name somebody: token, partial, redact, drop, keep."""

from collections.abc import Mapping
from typing import ClassVar, Final, Literal

import polars as pl
from pydantic import Field, model_validator

from anonymizer.masking.masks.base import (
    ANY,
    CODES,
    IDENTIFIERS,
    TIMES,
    Column,
    Domain,
    Entity,
    Mask,
    Remark,
    Slot,
    Source,
    TypeFamily,
    dtype_name,
)
from anonymizer.masking.primitives.ciphers.permutation import Permutation
from anonymizer.masking.primitives.digest import UUID_BYTES, Window, uuid_text

_WIDE_INTEGERS: Final = (pl.Int32, pl.Int64, pl.UInt32, pl.UInt64)
_UUID: Final = r"^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$"


class Token(Mask):
    """A keyed identifier: a digest of the value cut to 24 hexadecimal digits (96 bits).

    Equal values of one domain get equal tokens in every column, table, run and engine; domains
    never agree. Counting still works on tokens: rare and frequent values stay recognisable. With
    a window, the token of a value changes with the year, month ... of a time in the same row, and
    the windows cannot be joined by it.

    With `as: same` integers become integers and UUIDs become UUIDs, as text or as 16 bytes, by a
    keyed permutation (FF1), so that masked tables fit the schema of the raw ones. No two values
    share a token, negative numbers stay negative, and the key undoes it. Text and bytes that are
    no UUID are refused; the table is read for them first.

    Attributes:
        domain: pseudonymisation domain; the column's name where it is left out.
        as: `digits`, or the type that the column has (`same`).
        prefix: text before the digits.
        window: year, quarter, month, week or day: how long a token lasts.
        time: the column that says when, as it comes; only with `window`.
    """

    name: ClassVar[str] = "token"
    accepts: ClassVar[frozenset[TypeFamily]] = IDENTIFIERS

    domain: Domain | None = None
    kind: Literal["digits", "same"] = Field(default="digits", alias="as")
    prefix: str = Field(default="", max_length=32)
    window: Window | None = None
    time: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _window_needs_time(self) -> "Token":
        if (self.window is None) != (self.time is None):
            raise ValueError("`window` and `time` (a column) belong together")
        return self

    @model_validator(mode="after")
    def _same_stands_alone(self) -> "Token":
        if self.kind == "same" and (self.prefix or self.window):
            raise ValueError("`as: same` has no place for `prefix` or `window`")
        return self

    @property
    def keyed(self) -> bool:
        """True: without a key, tokens could be found again with a dictionary."""
        return True

    @property
    def reads(self) -> tuple[str, ...]:
        """The column with the time, where tokens change with it."""
        return () if self.time is None else (self.time,)

    def other_columns(self, schema: Mapping[str, pl.DataType]) -> str | None:
        """Refuses a `time` that is absent or no date or datetime."""
        absent = super().other_columns(schema)
        if absent or self.time is None or TypeFamily.of(schema[self.time]) in TIMES:
            return absent
        return f"`time` names {self.time!r}, which is {dtype_name(schema[self.time])}"

    def fault(self, dtype: pl.DataType) -> str | None:
        """What has no permutation: a few numbers only could be told apart by trying."""
        fault = super().fault(dtype)
        fits = TypeFamily.of(dtype) in {TypeFamily.TEXT, TypeFamily.BINARY}
        if fault or self.kind != "same" or fits or dtype in (*_WIDE_INTEGERS, pl.Null):
            return fault
        way = ': cast whole numbers (pandas: `astype("Int64")`)' if dtype.is_float() else ""
        return f"`as: same` takes integers of 32 or 64 bits and UUIDs, not {dtype_name(dtype)}{way}"

    def output_dtype(self, dtype: pl.DataType) -> pl.DataType:
        """String; with `as: same` that of the column, where it is no category."""
        text = self.kind != "same" or TypeFamily.of(dtype) is TypeFamily.TEXT
        return pl.String() if text else dtype

    def source(self, name: str, entity: Entity | None) -> Source | None:  # noqa: ARG002 (the value's own)
        """A digest of the value; with a window, of the value and the time."""
        if self.kind == "same":
            return None
        columns = (name,) if self.time is None else (name, self.time)
        return Source(columns, self.domain or name, self.window)

    def preparation(self, column: Column) -> pl.Expr:
        """The prefix and 24 digits, or a permuted value; null for null."""
        if self.kind == "same":
            key = column.subkey(f"{self.domain or column.name}\0same")
            return _permuted(column, Permutation(bytes.fromhex(key)))
        digits = column.drawn(Slot.TOKEN)
        return pl.lit(self.prefix) + digits if self.prefix else digits

    def learn(self, frame: pl.LazyFrame, column: Column) -> pl.LazyFrame | None:
        """Asks the table how many texts are no UUID, where UUIDs must stay UUIDs."""
        if self.kind != "same" or column.dtype.is_integer():
            return None
        lost = ~_is_uuid(column.values, column.dtype)  # unknown of null
        return frame.select(lost.sum().alias("lost"))

    @property
    def transferable(self) -> bool:
        """False where every table is searched for texts that are no UUID."""
        return self.kind != "same"

    def learned_fault(self, learned: pl.DataFrame) -> str | None:
        """Refuses text that would be lost."""
        count = int(learned["lost"].item())
        if not count:
            return None
        return (
            f"{count:,} values are no UUID, and `as: same` keeps UUIDs and integers: cast the "
            "column to integers (`types:` for a CSV, or inside JSON), or leave `as` out"
        )

    def remark(self) -> Remark | None:
        """Says that behaviour may still join what the windows keep apart."""
        if self.window is None:
            return None
        return Remark("windows cannot be joined by token, but behaviour may still join them")


def _permuted(column: Column, permutation: Permutation) -> pl.Expr:
    """Integers and UUIDs permuted in the type that they have; null for what is neither."""
    values, dtype = column.values, column.dtype
    if dtype.is_integer():
        return values.map_batches(permutation.integers, return_dtype=dtype, is_elementwise=True)
    uuids = pl.when(_is_uuid(values, dtype)).then(values)
    if dtype == pl.Binary:
        digits = uuids.bin.encode("hex")
        return _permuted_text(digits, permutation).str.decode("hex")
    return _permuted_text(_plain(uuids), permutation)


def _is_uuid(values: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    return (
        values.bin.size() == UUID_BYTES
        if dtype == pl.Binary
        else _plain(values).str.contains(_UUID)
    )


def _plain(values: pl.Expr) -> pl.Expr:
    return values.cast(pl.String).str.strip_chars().str.to_lowercase()


def _permuted_text(uuids: pl.Expr, permutation: Permutation) -> pl.Expr:
    def permuted(text: pl.Series) -> pl.Series:
        """At once: as expressions, hyphens between the parts would permute anew for each part."""
        bare = permutation.uuids(text.str.replace_all("-", "", literal=True))
        hyphenated = pl.select(uuid_text(pl.lit(bare))).to_series()
        return hyphenated.zip_with(text.str.contains("-", literal=True), bare)

    return uuids.map_batches(permuted, return_dtype=pl.String, is_elementwise=True)


class Partial(Mask):
    """The first and last characters, the middle replaced by a fill of fixed length.

    The fill is always `length` characters, so that the length of the value does not show. A
    value less than twice as long as what would be kept of it becomes the fill alone.

    Attributes:
        first: characters kept at the beginning.
        last: characters kept at the end.
        fill: one character.
        length: how often it stands.
    """

    name: ClassVar[str] = "partial"
    accepts: ClassVar[frozenset[TypeFamily]] = CODES
    costly: ClassVar[bool] = False

    first: int = Field(default=0, ge=0, le=20)
    last: int = Field(default=0, ge=0, le=20)
    fill: str = Field(default="*", min_length=1, max_length=1)
    length: int = Field(default=4, ge=1, le=20)

    @model_validator(mode="after")
    def _keeps_something(self) -> "Partial":
        if self.first + self.last == 0:
            raise ValueError("keep at least one character (`first`, `last`), or use redact")
        return self

    def preparation(self, column: Column) -> pl.Expr:
        """Text of `first + length + last` characters, or of `length`."""
        text = column.values.cast(pl.String).str.strip_chars()
        short = text.str.len_chars() < 2 * (self.first + self.last)

        def end(part: pl.Expr) -> pl.Expr:
            return pl.when(short).then(pl.lit("")).otherwise(part)  # null stays null

        parts = [end(text.str.head(self.first))] if self.first else []
        parts.append(pl.lit(self.fill * self.length))
        parts += [end(text.str.tail(self.last))] if self.last else []
        return pl.concat_str(parts)

    def examples(self, dtype: pl.DataType) -> list[object]:
        """Three invented account numbers."""
        if TypeFamily.of(dtype) is TypeFamily.TEXT:
            return ["AB-1234-5678", "CD-8765-4321", "EF"]
        return [12345678, 87654321, 12]


class Redact(Mask):
    """A constant text in place of every value, or null. Nulls stay null.

    Attributes:
        text: what stands there; null where it is left out.
    """

    name: ClassVar[str] = "redact"
    accepts: ClassVar[frozenset[TypeFamily]] = ANY

    text: str | None = Field(default=None, max_length=200)

    def output_dtype(self, dtype: pl.DataType) -> pl.DataType:
        """String where there is text; dtypes with categories or fields lose them as well."""
        plain = TypeFamily.of(dtype) not in {TypeFamily.TEXT, TypeFamily.OTHER} or dtype == pl.Null
        return dtype if self.text is None and plain else pl.String()

    def expression(self, column: Column) -> pl.Expr:
        """The constant where there was a value."""
        constant = pl.lit(self.text, dtype=self.output_dtype(column.dtype))
        return pl.when(column.values.is_not_null()).then(constant)


class Drop(Mask):
    """The column is not in the output."""

    name: ClassVar[str] = "drop"
    accepts: ClassVar[frozenset[TypeFamily]] = ANY

    @property
    def keeps_column(self) -> bool:
        """False: the column is not in the output."""
        return False

    def output_dtype(self, dtype: pl.DataType) -> pl.DataType:
        """The dtype of the column; it has no meaning, as there is no output."""
        return dtype


class Keep(Mask):
    """The column as it is."""

    name: ClassVar[str] = "keep"
    accepts: ClassVar[frozenset[TypeFamily]] = ANY

    def output_dtype(self, dtype: pl.DataType) -> pl.DataType:
        """The dtype of the column, unchanged."""
        return dtype

    def expression(self, column: Column) -> pl.Expr:
        """The raw values."""
        return column.values
