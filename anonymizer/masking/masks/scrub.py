"""The mask for free text: what is personal is cut out and a tag stands in its place."""

from importlib import import_module
from typing import Annotated, ClassVar, Literal

import polars as pl
from pydantic import Field, field_validator, model_validator

from anonymizer.masking.free_text.recognition import PII_TYPES
from anonymizer.masking.free_text.recognition.contacts.phones import is_region
from anonymizer.masking.free_text.scrubbing import Scrubber, Search, Tags
from anonymizer.masking.free_text.scrubbing.search import Names
from anonymizer.masking.masks.base import (
    Column,
    Domain,
    Entity,
    Mask,
    Remark,
    Source,
    TypeFamily,
    columns_of,
)
from anonymizer.masking.primitives.digest import Slot

PiiType = Literal[
    "email", "url", "ip", "mac", "imei", "uuid", "vin", "plate", "iban", "account", "card", "cvv",
    "ssn", "id", "passport", "licence", "wallet", "secret", "handle", "coordinates", "customer",
    "date", "age", "phone", "name", "address", "place",
]  # fmt: skip


class Scrub(Mask):
    """Free text without the personal data in it; a tag such as `<EMAIL>` stands where it stood.

    Finds e-mail addresses, phones, cards, IBANs, IP addresses, URLs, US social security and
    driving licence numbers, Chinese resident ids and dates by their form, checksums and the words
    before them, and the row's own names, addresses and numbers however the text spells them.
    Null stays null. Names of others are found only with `names: true`.

    Attributes:
        kinds: what to look for by its form; all of it where left out.
        known: columns whose values of the same row are removed as well.
        token: a column, such as of customers; where a text holds its value of the same row, the
            token stands that the mask `token` gives of it in the domain of that column.
        phone_region: the country (ISO 3166) whose phone numbers need no country code.
        replace: `tag`, or `pseudonym` for a keyed one (`<EMAIL_3f2a9c01d4e5>`), equal for equal
            values of a domain.
        domain: only `replace: pseudonym`; the column's name where it is left out.
        names: also names of people, places and organisations that no column holds.
    """

    name: ClassVar[str] = "scrub"
    accepts: ClassVar[frozenset[TypeFamily]] = frozenset({TypeFamily.TEXT})

    kinds: tuple[PiiType, ...] = Field(default=PII_TYPES, strict=False)  # type: ignore[arg-type]  # (the same words)
    known: tuple[Annotated[str, Field(min_length=1)], ...] = Field(default=(), strict=False)
    token: str | None = Field(default=None, min_length=1)
    phone_region: str = Field(default="US", pattern="^[A-Z]{2}$")
    replace: Literal["tag", "pseudonym"] = "tag"
    domain: Domain | None = None
    names: bool = False

    @field_validator("phone_region")
    @classmethod
    def _region_has_phones(cls, region: str) -> str:
        if not is_region(region):
            raise ValueError("no such region: two letters of ISO 3166, such as US, GB or CN")
        return region

    @model_validator(mode="after")
    def _domain_belongs_to_pseudonyms(self) -> "Scrub":
        if self.domain is not None and self.replace == "tag":
            raise ValueError("`domain` needs `replace: pseudonym`")
        return self

    @property
    def keyed(self) -> bool:
        """Whether tags are keyed pseudonyms or tokens; plain tags need no key."""
        return self.replace == "pseudonym" or self.token is not None

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns whose values of the same row are removed as well."""
        return (*self.known, *self.of_entity)

    @property
    def of_entity(self) -> tuple[str, ...]:
        """The column whose values become tokens."""
        return columns_of(self.token)

    def source(self, name: str, entity: Entity | None) -> Source | None:  # noqa: ARG002 (not of the text)
        """The digest that the tokens of the other column are cut from."""
        return None if self.token is None or entity is None else entity.source

    def expression(self, column: Column) -> pl.Expr:
        """The text with tags; null for null."""
        pseudonyms = self.replace == "pseudonym"
        subkey = column.subkey(self.domain or column.name) if pseudonyms else None
        text = column.values.cast(pl.String).alias("text")
        known = [
            pl.col(name).cast(pl.String, strict=False).alias(f"known_{place}")
            for place, name in enumerate(self.reads)
        ]
        if self.token is not None and column.entity is not None:
            known.append((pl.lit(column.entity.prefix) + column.digits(Slot.TOKEN)).alias("token"))
        names = load_names() if self.names else None
        tokens = self.token is not None
        search = Search(self.kinds, self.phone_region, names, tokens=tokens)
        scrubber = Scrubber(search, Tags(subkey, self.phone_region))
        row = pl.struct(text, *known)
        return row.map_batches(scrubber, return_dtype=pl.String(), is_elementwise=True)

    def remark(self) -> Remark | None:
        """Says that descriptions of people without a form may remain."""
        rest = "" if self.names else "names that no known column holds and "
        told = f"scrub finds what has a form: {rest}other descriptions of people may remain"
        return Remark(told)

    def examples(self, dtype: pl.DataType) -> list[object]:  # noqa: ARG002
        """Notes of a call centre that does not exist."""
        return [
            "Call 202-555-0101 or write to ada@example.org",
            "Paid with 4111 1111 1111 1111 on 2021-03-14",
            "2 boxes of 12, blue",
        ]


def load_names() -> Names:
    """What finds names in texts, with its weights, which only those who ask for it read."""
    names: Names = import_module("anonymizer.masking.free_text.tagger").names
    return names
