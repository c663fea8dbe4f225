"""The mask for free text: what is personal is cut out and a tag stands in its place."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal

import polars as pl
from pydantic import Field, field_validator, model_validator

from anonymizer.masking.free_text.asked import KINDS, KNOWN, OF_SOMEBODY, SHOWN, Word
from anonymizer.masking.masks.base import (
    Column,
    Domain,
    Mask,
    Remark,
    TypeFamily,
    columns_of,
    dtype_name,
)
from anonymizer.masking.masks.date_shift import shift_of
from anonymizer.masking.masks.own_texts import OwnKind, OwnPattern, OwnText, OwnWords, own
from anonymizer.masking.masks.pseudonyms import Pseudonym
from anonymizer.masking.primitives.digest import Slot

if TYPE_CHECKING:
    from anonymizer.masking.free_text.scrubbing import Replacing, Scrubber
    from anonymizer.masking.free_text.scrubbing.search import Names

PiiType = Literal[
    "email", "url", "ip", "mac", "imei", "uuid", "vin", "plate", "iban", "account", "card", "cvv",
    "ssn", "id", "passport", "licence", "wallet", "secret", "handle", "coordinates", "customer",
    "date", "age", "phone", "name", "address", "place", "organisation",
]  # fmt: skip
_TAGGER: Final = "anonymizer.masking.free_text.tagger"
# Of what nobody has said where its people live; as regions of phone numbers.
_LOCALES: Final = {
    "GB": "en_GB", "IE": "en_GB", "DE": "de_DE", "AT": "de_DE", "CH": "de_DE", "FR": "fr_FR",
    "ES": "es_ES", "MX": "es_ES", "AR": "es_ES", "CO": "es_ES", "CL": "es_ES", "CN": "zh_CN",
}  # fmt: skip


class Scrub(Mask):
    """Free text without the personal data in it; a tag such as `<EMAIL>` stands where it stood.

    Finds contacts, numbers of states and banks, secrets, dates and addresses by their form, check
    digits and the words around them; names of people, places and organisations; and the row's own
    names, addresses and numbers however the text spells them. Null stays null.

    Attributes:
        kinds: what to look for; all of it where left out.
        known: columns whose values of the same row are removed as well.
        token: a column, such as of customers; where a text holds its value of the same row, the
            token stands that the mask `token` gives of it in the domain of that column.
        phone_region: the country (ISO 3166) whose phone numbers need no country code.
        replace: what stands in the place of what is found: one word for all of it, or kind → word,
            and tags for others. `tag`: `<EMAIL>`. `pseudonym`: a keyed tag, equal for equal values
            of a domain (`<EMAIL_3f2a9c01d4e5>`). `surrogate`: the pseudonym that a `known` column
            shows in this row, another name for any other name; dates move where those of the row
            do. `shift`: dates move by the shift that `date_shift` gives the row. What a word does
            not fit gets a tag.
        domain: of `pseudonym` and `surrogate`. Where it is left out, that is the column's name, and
            surrogates of names are drawn for each entity apart.
        days: the largest shift of dates, as the `date_shift` of the columns has it, which counts
            where it is left out.
        weeks: only whole weeks, as there.
        names: whether to look for names by the tagger as well, of the kinds `name`, `place` and
            `organisation`, in the languages that its README names; without it those are found that
            a title, a greeting, a signature, a list or a word such as `lives in` tells.
        custom: further kinds, each with its pattern.
        allow: words and values that stay, such as names of products or the firm's own phone, where
            they are all that was found; the row's own values and what `deny` says never stay.
        deny: words that always go, as names or under a kind of their own.
    """

    name: ClassVar[str] = "scrub"
    accepts: ClassVar[frozenset[TypeFamily]] = frozenset({TypeFamily.TEXT})

    kinds: tuple[PiiType, ...] = Field(default=KINDS, strict=False)
    known: tuple[Annotated[str, Field(min_length=1)], ...] = Field(default=(), strict=False)
    token: str | None = Field(default=None, min_length=1)
    phone_region: str = Field(default="US", pattern="^[A-Z]{2}$")
    replace: Word | dict[PiiType, Word] = "tag"
    domain: Domain | None = None
    days: int | None = Field(default=None, ge=1, le=36_500)
    weeks: bool = False
    names: bool = False
    custom: tuple[OwnKind, ...] = Field(default=(), strict=False)
    allow: tuple[OwnText | OwnPattern, ...] = Field(default=(), strict=False)
    deny: tuple[OwnText | OwnWords, ...] = Field(default=(), strict=False)

    @field_validator("phone_region")
    @classmethod
    def _region_has_phones(cls, region: str) -> str:
        from anonymizer.masking.free_text.recognition.contacts.phones import (  # noqa: PLC0415 (slow)
            is_region,
        )

        if not is_region(region):
            raise ValueError("no such region: two letters of ISO 3166, such as US, GB or CN")
        return region

    @model_validator(mode="after")
    def _options_belong_to_words(self) -> "Scrub":
        words = {self.replace} if isinstance(self.replace, str) else set(self.replace.values())
        if self.domain is not None and not words & {"pseudonym", "surrogate"}:
            raise ValueError("`domain` needs `replace: pseudonym` or `replace: surrogate`")
        if isinstance(self.replace, dict):
            moved = [kind for kind, word in self.replace.items() if word == "shift"]
            if set(moved) - {"date"}:
                raise ValueError(f"`shift` is for `date`, not for {moved[0]}")
        if (self.days or self.weeks) and not self.moves_dates:
            raise ValueError("`days` and `weeks` need dates that move: `replace: shift`")
        if self.weeks and (self.days or 0) < 7:
            raise ValueError("`weeks` needs `days` of 7 or more")
        return self

    @model_validator(mode="after")
    def _looks_for_something(self) -> "Scrub":
        if not (self.kinds or self.reads or self.custom or self.deny):
            raise ValueError("`kinds` is empty, and so there is nothing to look for")
        if self.names and self.kinds and OF_SOMEBODY.isdisjoint(self.kinds):
            raise ValueError("`names` finds `name`, `place` and `organisation`: add one to `kinds`")
        return self

    @property
    def words(self) -> dict[str, Word]:
        """Kind → what stands in its place, of all that gets no plain tag."""
        replace = self.replace
        said = (
            dict.fromkeys((*KINDS, *self.own_kinds), replace)
            if isinstance(replace, str)
            else replace
        )
        fitting = {kind: _fitting(kind, word) for kind, word in said.items()}
        return {kind: word for kind, word in fitting.items() if word != "tag"}

    @property
    def own_kinds(self) -> tuple[str, ...]:
        """The kinds that the rule adds to those that there are."""
        kinds = [each.kind for each in self.custom]
        kinds += [each.kind for each in self.deny if isinstance(each, OwnWords)]
        return tuple(kind for kind in dict.fromkeys(kinds) if kind not in KINDS)

    @property
    def gives_surrogates(self) -> bool:
        """Whether something of its sort stands in the place of a value."""
        return "surrogate" in self.words.values()

    @property
    def moves_dates(self) -> bool:
        """Whether dates move, where the row knows by how much."""
        return self.words.get("date") == "shift"

    @property
    def shift(self) -> tuple[int, bool] | None:
        """By how many days at most dates move, and whether by whole weeks; None where none do."""
        return (self.days, self.weeks) if self.moves_dates and self.days else None

    @property
    def moves_times(self) -> bool:
        """Whether dates move."""
        return self.shift is not None

    @property
    def must_move_dates(self) -> bool:
        """Whether somebody said so."""
        replace = self.replace
        return (replace if isinstance(replace, str) else replace.get("date")) == "shift"

    @property
    def keyed(self) -> bool:
        """Whether a key decides on what stands in the text; plain tags need none."""
        return bool(self.words) or self.token is not None

    @property
    def needs_entity(self) -> bool:
        """Whether dates move with those of an entity."""
        return self.must_move_dates

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns whose values of the same row are removed as well."""
        return (*self.known, *self.of_entity)

    @property
    def shows(self) -> tuple[str, ...]:
        """The columns whose pseudonyms stand in the text as well."""
        return self.known if self.gives_surrogates else ()

    @property
    def of_entity(self) -> tuple[str, ...]:
        """The column whose values become tokens."""
        return columns_of(self.token)

    def other_columns(self, schema: Mapping[str, pl.DataType]) -> str | None:
        """What is wrong with the columns of `known`: they hold one value in a row, or null."""
        nested = [
            f"{name!r} is {dtype_name(schema[name])}"
            for name in self.known
            if name in schema and schema[name].is_nested()
        ]
        if nested:
            return f"scrub looks for single values, and {nested[0]}: name a column of text"
        return super().other_columns(schema)

    def expression(self, column: Column) -> pl.Expr:
        """The text with what stands in the place of what is found; null for null."""
        fields = {"text": column.values}
        fields |= {f"{KNOWN}{place}": pl.col(name) for place, name in enumerate(self.reads)}
        if self.token is not None and column.entity is not None:
            token = column.entity.drawn(Slot.TOKEN, column.secret)
            fields[f"{KNOWN}token"] = pl.lit(column.entity.prefix) + token
        texts = [values.cast(pl.String, strict=False).alias(n) for n, values in fields.items()]
        row = pl.struct(*texts, *self._of_row(column))
        return row.map_batches(
            self._scrubber(column), return_dtype=pl.String(), is_elementwise=True
        )

    def _of_row(self, column: Column) -> Iterator[pl.Expr]:
        """What the row knows of pseudonyms, of its shift and of its entity."""
        for place, name in enumerate(self.shows):
            pseudonym = _pseudonym_of(column, name)
            shown = pl.lit(None, pl.String) if pseudonym is None else column.shown[name].values
            yield shown.alias(f"{SHOWN}{place}")
        entity = column.row_entity
        if self.shift is not None and entity is not None:
            drawn, (days, weeks) = entity.drawn(Slot.SHIFT, column.secret), self.shift
            yield shift_of(drawn, days, weeks=weeks).alias("days")
        if self.gives_surrogates:
            whose = pl.lit("") if entity is None or self.domain else entity.values
            yield whose.alias("who")

    def _scrubber(self, column: Column) -> "Scrubber":
        from anonymizer.masking.free_text.scrubbing import (  # noqa: PLC0415 (slow to import)
            Replacing,
            Scrubber,
            Search,
            Tags,
        )

        asked = self.names and not OF_SOMEBODY.isdisjoint(self.kinds)
        search = Search(
            self.kinds,
            self.phone_region,
            load_names() if asked else None,
            tokens=self.token is not None,
            own=own(self.custom, self.allow, self.deny, self.phone_region),
        )
        words = self.words
        subkey = column.subkey(self.domain or column.name) if words else None
        replacing = Replacing(
            words, Tags(subkey, self.phone_region), shared_days=column.shared_days
        )
        return Scrubber(search, self._with_surrogates(replacing, column))

    def _with_surrogates(self, replacing: "Replacing", column: Column) -> "Replacing":
        """Names in all texts of an entity are drawn alike, unless a domain is named."""
        from anonymizer.masking.free_text.scrubbing import Surrogates  # noqa: PLC0415 (slow)

        if not self.gives_surrogates:
            return replacing
        shown = [_pseudonym_of(column, name) for name in self.shows]
        home = next((each.locale for each in shown if each), self._home)
        columns = tuple((each.kind, each.locale) if each else ("name", home) for each in shown)
        entity = column.row_entity
        domain = self.domain or (entity.domain if entity else column.name)
        surrogates = Surrogates(column.subkey(f"{domain}\0names"), home)
        return replace(replacing, surrogates=surrogates, columns=columns)

    @property
    def _home(self) -> str:
        """The locale of names that no list has, where no column has pseudonyms."""
        return _LOCALES.get(self.phone_region, "en_US")

    def remark(self) -> Remark | None:
        """Says what may remain."""
        if self.names:
            told = f"scrub knows names in {', '.join(languages())}: those of other languages, some "
            told += "of these, and other descriptions of people may remain"
        else:
            told = (
                "scrub finds what has a form: names that no known column holds may remain, which "
            )
            told += "`names: true` looks for, and other descriptions of people"
        told += "; a date that many know tells the shift of whoever names it" * bool(self.shift)
        return Remark(told)

    def examples(self, dtype: pl.DataType) -> list[object]:  # noqa: ARG002
        """Notes of a call centre that does not exist."""
        return [
            "Call 202-555-0101 or write to ada@example.org",
            "Paid with 4111 1111 1111 1111 on 2021-03-14",
            "2 boxes of 12, blue",
        ]


def _fitting(kind: str, word: Word) -> Word:
    """What a word means for a kind: surrogates of dates have moved, and nothing else moves."""
    if kind == "date":
        return "shift" if word == "surrogate" else word
    return "tag" if word == "shift" else word


def _pseudonym_of(column: Column, name: str) -> Pseudonym | None:
    """The mask of another column, where that alone decides what stands there."""
    masks = column.shown[name].masks if name in column.shown else ()
    mask = masks[0] if len(masks) == 1 else None
    return mask if isinstance(mask, Pseudonym) else None


def load_names() -> "Names":
    """What finds names in texts, with its weights, which only those who ask for it read."""
    names: Names = import_module(_TAGGER).names
    return names


def languages() -> tuple[str, ...]:
    """The languages (ISO 639) whose names it knows."""
    tagger = import_module(_TAGGER)
    return (*tagger.MEASURED, *tagger.MADE_UP)
