"""Masks for values that name somebody: token, partial, redact, drop, keep."""

from collections.abc import Mapping
from typing import ClassVar

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
    Slot,
    Source,
    TypeFamily,
    dtype_name,
)
from anonymizer.masking.primitives.digest import Window


class Token(Mask):
    """A keyed identifier: HMAC-SHA256 cut to 24 hexadecimal digits (96 bits).

    Equal values of one domain get equal tokens in every column, table, run and engine; domains
    never agree. Counting still works on tokens: rare and frequent values stay recognisable. With
    a window, the token of a value changes with the year, month ... of a time in the same row, and
    the windows cannot be joined by it.

    Attributes:
        domain: pseudonymisation domain; the column's name where it is left out.
        prefix: text before the digits.
        window: year, quarter, month, week or day: how long a token lasts.
        time: the column that says when, as it comes; only with `window`.
    """

    name: ClassVar[str] = "token"
    accepts: ClassVar[frozenset[TypeFamily]] = IDENTIFIERS

    domain: Domain | None = None
    prefix: str = Field(default="", max_length=32)
    window: Window | None = None
    time: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _window_needs_time(self) -> "Token":
        if (self.window is None) != (self.time is None):
            raise ValueError("`window` and `time` (a column) belong together")
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

    def source(self, name: str, entity: Entity | None) -> Source:  # noqa: ARG002 (the value's own)
        """A digest of the value; with a window, of the value and the time."""
        columns = (name,) if self.time is None else (name, self.time)
        return Source(columns, self.domain or name, self.window)

    def preparation(self, column: Column) -> pl.Expr:
        """The prefix and 24 digits; null for null."""
        digits = column.digits(Slot.TOKEN)
        return pl.lit(self.prefix) + digits if self.prefix else digits

    def warning(self) -> str | None:
        """Warns that behaviour may still join what the windows keep apart."""
        if self.window is None:
            return None
        return "windows cannot be joined by token, but behaviour may still join them"


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
