"""Masks for values that name somebody: token, pseudonym, partial, redact, drop, keep."""

from collections.abc import Callable
from functools import cache
from typing import Annotated, ClassVar, Final, Literal

import polars as pl
from pydantic import Field, model_validator

from anonymizer.masking.masks.base import ANY, CODES, IDENTIFIERS, Column, Kind, Mask, Slot
from anonymizer.masking.masks.names import AREA_CODES, Names, load_names

Domain = Annotated[str, Field(min_length=1, max_length=100)]


class Token(Mask):
    """A keyed identifier: HMAC-SHA256 cut to 24 hexadecimal digits (96 bits).

    Equal values of one domain get equal tokens in every column, table, run and engine; domains
    never agree. Counting still works on tokens: rare and frequent values stay recognisable.

    Attributes:
        domain: pseudonymisation domain; the column's name where it is left out.
        prefix: text before the digits.
    """

    name: ClassVar[str] = "token"
    accepts: ClassVar[frozenset[Kind]] = IDENTIFIERS

    domain: Domain | None = None
    prefix: str = Field(default="", max_length=32)

    @property
    def keyed(self) -> bool:
        """A token without a key could be found again with a dictionary."""
        return True

    def expression(self, column: Column) -> pl.Expr:
        """The prefix and 24 digits; null for null."""
        digits = Slot.TOKEN.digits(column.value_digest(self.domain or column.name))
        return pl.lit(self.prefix) + digits if self.prefix else digits


class Pseudonym(Mask):
    """A realistic name, e-mail address or phone number that belongs to nobody in particular.

    Drawn from versioned lists by the keyed digest of the row's entity (`by: entity`), so that
    all spellings of one customer's name become one pseudonym, or of the value (`by: value`).
    Lists are small: pseudonyms are not unique and must not serve as join keys.

    Attributes:
        kind: what the column holds.
        locale: en_US or zh_CN.
        by: what decides on the pseudonym.
        domain: only `by: value`; the column's name where it is left out.
    """

    name: ClassVar[str] = "pseudonym"
    accepts: ClassVar[frozenset[Kind]] = CODES

    kind: Literal["name", "first_name", "last_name", "email", "phone"]
    locale: Literal["en_US", "zh_CN"] = "en_US"
    by: Literal["entity", "value"] = "entity"
    domain: Domain | None = None

    @model_validator(mode="after")
    def _domain_belongs_to_values(self) -> "Pseudonym":
        if self.domain is not None and self.by == "entity":
            raise ValueError("`domain` needs `by: value`; by entity, the entity's domain counts")
        return self

    @property
    def keyed(self) -> bool:
        """Always derived from a keyed digest."""
        return True

    @property
    def needs_entity(self) -> bool:
        """By entity only."""
        return self.by == "entity"

    def expression(self, column: Column) -> pl.Expr:
        """The pseudonym; null where the value or the entity is null."""
        if self.by == "value":
            return self._drawn(lambda slot: slot.number(column.prepared))
        return pl.when(column.values.is_not_null()).then(self._drawn(column.entity_number))

    def preparation(self, column: Column) -> pl.Expr | None:
        """The digest of the value, where it decides."""
        return column.value_digest(self.domain or column.name) if self.by == "value" else None

    def _drawn(self, number: Callable[[Slot], pl.Expr]) -> pl.Expr:
        names = load_names(self.locale)
        match self.kind:
            case "name":
                return _full_name(names, number(Slot.NAME))
            case "first_name":
                return _first(names.first, number(Slot.NAME))
            case "last_name":
                return _last(names.last, number(Slot.NAME), names)
            case "email":
                return _email(names, number(Slot.NAME), number(Slot.EMAIL))
            case "phone":
                return _phone(self.locale, number(Slot.PHONE))

    def warning(self) -> str | None:
        """Said in the manifest."""
        return "pseudonyms are not unique: never join by them"

    def examples(self, dtype: pl.DataType) -> list[object]:
        """Invented people for text columns."""
        if Kind.of(dtype) is not Kind.TEXT:
            return super().examples(dtype)
        people: dict[str, list[object]] = {
            "email": ["ada@example.org", "grace@example.org", "alan@example.org"],
            "phone": ["202-555-0100", "202-555-0101", "202-555-0102"],
            "first_name": ["Ada", "Grace", "Alan"],
            "last_name": ["Example", "Sample", "Specimen"],
        }
        return people.get(self.kind, ["Ada Example", "Grace Sample", "Alan Specimen"])


def _first(words: tuple[str, ...], number: pl.Expr) -> pl.Expr:
    return _lookup(words, number % len(words))


def _last(words: tuple[str, ...], number: pl.Expr, names: Names) -> pl.Expr:
    return _lookup(words, number // len(names.first) % len(words))


def _lookup(words: tuple[str, ...], index: pl.Expr) -> pl.Expr:
    """Words by their UInt32 index; null for null."""
    return _series(words).gather(index)


@cache
def _series(words: tuple[str, ...]) -> pl.Expr:
    return pl.lit(pl.Series(words, dtype=pl.String))


def _full_name(names: Names, number: pl.Expr) -> pl.Expr:
    if names.family_first:
        return _last(names.last, number, names) + _first(names.first, number)
    first = tuple(f"{name} " for name in names.first)
    return _first(first, number) + _last(names.last, number, names)


def _email(names: Names, number: pl.Expr, suffix: pl.Expr) -> pl.Expr:
    """`first.last1234@example.com`: agrees with the entity's name, at a domain of RFC 2606."""
    first = tuple(f"{name}." for name in names.first_ascii)
    host = _lookup(_HOSTS, suffix % len(_HOSTS))
    return pl.concat_str(_first(first, number), _last(names.last_ascii, number, names), host)


_HOSTS: Final = tuple(f"{number}@example.com" for number in range(10_000))
_FICTION_US: Final = tuple(
    f"({area}) 555-01{line:02}" for area in AREA_CODES for line in range(100)
)
_FICTION_CN: Final = 12_000_000_000  # mobile numbers begin with 13 to 19: nobody has these


def _phone(locale: str, number: pl.Expr) -> pl.Expr:
    """A number nobody has: 555-01xx in the US, the unused mobile range 12 in China."""
    if locale == "zh_CN":
        return (number.cast(pl.Int64) % 1_000_000_000 + _FICTION_CN).cast(pl.String)
    return _lookup(_FICTION_US, number % len(_FICTION_US))


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
    accepts: ClassVar[frozenset[Kind]] = CODES

    first: int = Field(default=0, ge=0, le=20)
    last: int = Field(default=0, ge=0, le=20)
    fill: str = Field(default="*", min_length=1, max_length=1)
    length: int = Field(default=4, ge=1, le=20)

    @model_validator(mode="after")
    def _keeps_something(self) -> "Partial":
        if self.first + self.last == 0:
            raise ValueError("keep at least one character (`first`, `last`), or use redact")
        return self

    def preparation(self, column: Column) -> pl.Expr | None:
        """The text without blanks at its ends."""
        return column.values.cast(pl.String).str.strip_chars()

    def expression(self, column: Column) -> pl.Expr:
        """Text of `first + length + last` characters, or of `length`."""
        text, fill = column.prepared, pl.lit(self.fill * self.length)
        parts = [text.str.head(self.first)] if self.first else []
        parts.append(fill)
        parts += [text.str.tail(self.last)] if self.last else []
        long_enough = text.str.len_chars() >= 2 * (self.first + self.last)
        return (
            pl.when(long_enough)
            .then(pl.concat_str(parts))
            .otherwise(pl.when(text.is_not_null()).then(fill))
        )

    def examples(self, dtype: pl.DataType) -> list[object]:
        """Invented account numbers."""
        if Kind.of(dtype) is Kind.TEXT:
            return ["AB-1234-5678", "CD-8765-4321", "EF"]
        return [12345678, 87654321, 12]


class Redact(Mask):
    """A constant text in place of every value, or null. Nulls stay null.

    Attributes:
        text: what stands there; null where it is left out.
    """

    name: ClassVar[str] = "redact"
    accepts: ClassVar[frozenset[Kind]] = ANY

    text: str | None = Field(default=None, max_length=200)

    def output_dtype(self, dtype: pl.DataType) -> pl.DataType:
        """String where there is text; dtypes with categories or fields lose them as well."""
        plain = Kind.of(dtype) not in {Kind.TEXT, Kind.OTHER} or dtype == pl.Null
        return dtype if self.text is None and plain else pl.String()

    def expression(self, column: Column) -> pl.Expr:
        """The constant where there was a value."""
        constant = pl.lit(self.text, dtype=self.output_dtype(column.dtype))
        return pl.when(column.values.is_not_null()).then(constant)


class Drop(Mask):
    """The column is not in the output."""

    name: ClassVar[str] = "drop"
    accepts: ClassVar[frozenset[Kind]] = ANY

    @property
    def keeps_column(self) -> bool:
        """It does not."""
        return False

    def output_dtype(self, dtype: pl.DataType) -> pl.DataType:
        """Of no meaning: there is no output."""
        return dtype


class Keep(Mask):
    """The column as it is."""

    name: ClassVar[str] = "keep"
    accepts: ClassVar[frozenset[Kind]] = ANY

    def output_dtype(self, dtype: pl.DataType) -> pl.DataType:
        """The same."""
        return dtype

    def expression(self, column: Column) -> pl.Expr:
        """The same."""
        return column.values
