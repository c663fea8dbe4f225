"""The pseudonym mask: realistic names, addresses and numbers of nobody in particular."""

from functools import cache
from typing import Any, ClassVar, Final, Literal

import polars as pl
from pydantic import Field, model_validator

from anonymizer.masking.masks.base import (
    CODES,
    Column,
    Domain,
    Entity,
    Mask,
    OtherEntity,
    Remark,
    Slot,
    Source,
    TypeFamily,
    columns_of,
)
from anonymizer.masking.primitives.bulk.lookup import looked_up
from anonymizer.masking.primitives.name_lists import (
    FEMALE,
    MALE,
    Names,
    load_names,
    load_phones,
)

_WITH_FIRST_NAME: Final = ("name", "first_name", "user_name", "email")
_ENDING_IN_DIGITS: Final = ("user_name", "email")
Locale = Literal["en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "zh_CN"]


class Pseudonym(Mask):
    """A realistic name, address or number that belongs to nobody in particular.

    Drawn from versioned lists by the keyed digest of the row's entity (`by: entity`), so that
    all spellings of one customer's name become one pseudonym, or of the value (`by: value`).
    Lists are small: pseudonyms are not unique and must not serve as join keys, but for the user
    names and e-mail addresses of `unique: true`, which end in 64 bits of the digest. Name, user
    name and e-mail address of one entity agree.

    Attributes:
        kind: what the column holds.
        locale: en_US, en_GB, de_DE, fr_FR, es_ES or zh_CN.
        by: what decides on the pseudonym.
        domain: only `by: value`; the column's name where it is left out.
        entity: the column, or columns, with whose id the value goes, where that is not the entity
            of the rows, such as the receiver of a payment.
        sex: a column with the sex that first names follow, such as F and M, 女 and 男, 2 and 1;
            any first name where it says neither.
        unique: whether no two entities may share a user name or an e-mail address.
    """

    name: ClassVar[str] = "pseudonym"
    accepts: ClassVar[frozenset[TypeFamily]] = CODES

    kind: Literal[
        "name",
        "first_name",
        "last_name",
        "user_name",
        "email",
        "phone",
        "company",
        "street_address",
    ]
    locale: Locale = "en_US"
    by: Literal["entity", "value"] = "entity"
    domain: Domain | None = None
    entity: OtherEntity | None = None
    sex: str | None = Field(default=None, min_length=1)
    unique: bool = False

    @model_validator(mode="after")
    def _domain_belongs_to_values(self) -> "Pseudonym":
        if self.domain is not None and self.by == "entity":
            raise ValueError("`domain` needs `by: value`; by entity, the entity's domain counts")
        if self.entity is not None and self.by == "value":
            raise ValueError("`entity` and `by: value` exclude each other")
        return self

    @model_validator(mode="after")
    def _fits_the_kind(self) -> "Pseudonym":
        if self.sex is not None and self.kind not in _WITH_FIRST_NAME:
            raise ValueError(f"`sex` is for {', '.join(_WITH_FIRST_NAME)}")
        if self.unique and self.kind not in _ENDING_IN_DIGITS:
            raise ValueError(
                f"only {' and '.join(_ENDING_IN_DIGITS)} can be `unique`: lists of names and free "
                "numbers are too short; use `token`"
            )
        return self

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns with another entity and with the sex, where the pseudonym follows them."""
        return (*self.of_entity, *([self.sex] if self.sex else []))

    @property
    def of_entity(self) -> tuple[str, ...]:
        """The columns that the rule names."""
        return columns_of(self.entity)

    @property
    def keyed(self) -> bool:
        """True: pseudonyms are drawn by a keyed digest."""
        return True

    @property
    def needs_entity(self) -> bool:
        """Whether the pseudonym follows the entity."""
        return self.by == "entity" and self.entity is None

    def source(self, name: str, entity: Entity | None) -> Source | None:
        """The digest of the entity, or that of the value, as `by` says."""
        if self.by == "value":
            return Source((name,), self.domain or name)
        return None if entity is None else entity.source

    def preparation(self, column: Column) -> pl.Expr:
        """The pseudonym of the row's entity or value."""
        names, sex = load_names(self.locale), self._sex()
        name, number = column.drawn(Slot.NAME), column.drawn(Slot.NUMBER)
        host = "@example.com" if self.kind == "email" else ""
        long = column.drawn(Slot.ENDING) + host
        ending = long if self.unique else _ending(number, host)
        drawn = {
            "name": lambda: _full_name(names, name, sex),
            "first_name": lambda: _first(names, name, sex),
            "last_name": lambda: _last(names.last, name, names),
            "user_name": lambda: _local_part(names, name, sex, ending),
            "email": lambda: _local_part(names, name, sex, ending),
            "phone": lambda: _phone(self.locale, column.drawn(Slot.PHONE)),
            "company": lambda: _lookup(names.companies, name % len(names.companies)),
            "street_address": lambda: _street_address(names, name, number),
        }
        return drawn[self.kind]()

    def _sex(self) -> pl.Expr | None:
        """The letter f or m of each row, null where its column says neither; None without one."""
        if self.sex is None:
            return None
        words = dict.fromkeys(FEMALE.split(), "f") | dict.fromkeys(MALE.split(), "m")
        if self.locale == "es_ES":
            words.pop("m")  # mujer to some, masculino to others
        text = pl.col(self.sex).cast(pl.String).str.strip_chars().str.to_lowercase()
        return looked_up(text.str.strip_suffix("."), words)

    def expression(self, column: Column) -> pl.Expr:
        """The pseudonym; null where the value or the entity is null."""
        if column.null_free:
            return column.prepared  # without a look at the values: they need not be read
        return pl.when(column.values.is_not_null()).then(column.prepared)

    def remark(self) -> Remark | None:
        """Says that two customers may have one pseudonym."""
        return None if self.unique else Remark("pseudonyms are not unique: never join by them")

    def examples(self, dtype: pl.DataType) -> list[object]:
        """Invented people, for columns of text."""
        if TypeFamily.of(dtype) is not TypeFamily.TEXT:
            return super().examples(dtype)
        people: dict[str, list[object]] = {
            "email": ["ada@example.org", "grace@example.org", "alan@example.org"],
            "phone": ["202-555-0100", "202-555-0101", "202-555-0102"],
            "first_name": ["Ada", "Grace", "Alan"],
            "last_name": ["Example", "Sample", "Specimen"],
            "user_name": ["ada77", "grace", "al.example"],
            "company": ["Example Ltd", "Sample Inc", "Specimen GmbH"],
            "street_address": ["1 Example Road", "22 Sample Street", "3 Specimen Way"],
        }
        return people.get(self.kind, ["Ada Example", "Grace Sample", "Alan Specimen"])


class Unshown(Pseudonym):
    """A pseudonym of a column that is not in the output, for texts that name somebody there."""

    name: ClassVar[str] = "drop"

    @property
    def keeps_column(self) -> bool:
        """False: it stands in texts alone."""
        return False

    @property
    def needs_entity(self) -> bool:
        """False: a text without it has a tag."""
        return False

    def to_dict(self) -> dict[str, Any]:
        """What becomes of the column."""
        return {"mask": "drop"}


def _first(
    names: Names, number: pl.Expr, sex: pl.Expr | None, spelling: str = "{}", *, latin: bool = False
) -> pl.Expr:
    """A first name of the entity's sex, of any where that is unknown."""
    words = names.first_ascii if latin else names.first
    spelt = tuple(spelling.format(word) for word in words)
    drawn = _lookup(spelt, number % len(spelt))
    for letter in "fm" if sex is not None else "":
        own = tuple(word for word, of in zip(spelt, names.sex, strict=True) if of in (letter, "b"))
        drawn = pl.when(sex == letter).then(_lookup(own, number % len(own))).otherwise(drawn)
    return drawn


def _last(words: tuple[str, ...], number: pl.Expr, names: Names) -> pl.Expr:
    return _lookup(words, number // len(names.first) % len(words))


def _lookup(words: tuple[str, ...], index: pl.Expr) -> pl.Expr:
    """Words by their UInt32 index; null for null."""
    return _series(words).gather(index)


@cache
def _series(words: tuple[str, ...]) -> pl.Expr:
    return pl.lit(pl.Series(words, dtype=pl.String))


def _full_name(names: Names, number: pl.Expr, sex: pl.Expr | None) -> pl.Expr:
    last = _last(names.last, number, names)
    return (
        last + _first(names, number, sex)
        if names.family_first
        else _first(names, number, sex, "{} ") + last
    )


_SUFFIX_COUNT: Final = 10_000
_HOUSE_NUMBERS: Final = 199


def _local_part(names: Names, number: pl.Expr, sex: pl.Expr | None, ending: pl.Expr) -> pl.Expr:
    """`first.last1234`, the ending with a domain of RFC 2606 where there is a host."""
    first = _first(names, number, sex, "{}.", latin=True)
    return pl.concat_str(first, _last(names.last_ascii, number, names), ending)


def _ending(number: pl.Expr, host: str) -> pl.Expr:
    return _endings(host).gather(number % _SUFFIX_COUNT)


@cache
def _endings(host: str) -> pl.Expr:
    return _series(tuple(f"{ending}{host}" for ending in range(_SUFFIX_COUNT)))


def _street_address(names: Names, street: pl.Expr, house: pl.Expr) -> pl.Expr:
    before, after = names.address.split("{street}")
    houses = range(1, _HOUSE_NUMBERS + 1)
    numbers = [tuple(part.format(number=house) for house in houses) for part in (before, after)]
    index = house % _HOUSE_NUMBERS
    return pl.concat_str(
        _lookup(numbers[0], index),
        _lookup(names.streets, street % len(names.streets)),
        _lookup(numbers[1], index),
    )


def _phone(locale: str, number: pl.Expr) -> pl.Expr:
    phones = load_phones(locale)
    if phones.listed:
        return _lookup(phones.listed, number % len(phones.listed))
    return (number.cast(pl.Int64) % phones.count + phones.first).cast(pl.String)
