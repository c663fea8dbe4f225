"""The mask for free text: what is personal is cut out and a tag stands in its place."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from itertools import takewhile
from typing import Annotated, Any, ClassVar, Final, Literal

import polars as pl
from pydantic import Field, field_validator, model_validator

from anonymizer.errors import MissingExtraError
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
from anonymizer.masking.recognition import PII_TYPES, Span, find, find_known, merged
from anonymizer.masking.recognition.phones import canonical as canonical_phone
from anonymizer.masking.recognition.phones import is_region

TAG_DIGITS: Final = 12  # 48 bits
# A text without any of these holds nothing that `find` could find.
_MAY_HOLD_PII: Final = (
    r"(?i)[\p{Nd}@＠﹫\p{Cf}]|[:：﹕][/／]{2}|\w[.．﹒]\w|[(\[{（［｛﹙]\s?[aａ][tｔ]"
)
# The type of places where a token shall stand, which is what is canonical of them.
_OWN_PLACE: Final = "token"

PiiType = Literal["email", "url", "ip", "iban", "id", "date", "card", "ssn", "licence", "phone"]
Recogniser = Callable[[str], Iterable[Span]]


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
        names: also names of people and places, by presidio with a spaCy model that is installed.
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

    @field_validator("names")
    @classmethod
    def _recogniser_is_there(cls, names: bool) -> bool:
        if names:
            load_names_recogniser()
        return names

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
        scrubber = Scrubber(
            self.kinds,
            self.phone_region,
            subkey,
            load_names_recogniser() if self.names else None,
            tokens=self.token is not None,
        )
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


_JSON_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?')


def _is_json(text: str) -> bool:
    """Whether a text is an object or a list of JSON."""
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _within(span: Span, start: int, length: int) -> Span:
    """A span of a text as one of a part of it."""
    first, last = max(0, span.start - start), min(length, span.end - start)
    return Span(first, last, span.pii_type, span.canonical)


@dataclass(frozen=True)
class Scrubber:
    """Cuts out of a batch of rows what is found; shows neither its key nor what it saw.

    Attributes:
        pii_types: what to look for.
        region: of phone numbers without a country code.
        subkey: of keyed tags; None for plain ones.
        recogniser: of names; None where only forms count.
        tokens: whether the last two things known are a value and the token to stand for it.
    """

    kinds: tuple[str, ...]
    region: str
    subkey: str | None = field(default=None, repr=False)
    recogniser: Recogniser | None = field(default=None, repr=False)
    tokens: bool = False

    def __call__(self, rows: pl.Series) -> pl.Series:
        """The scrubbed text of each row: Python sees every distinct suspicious row once."""
        frame = rows.struct.unnest()
        distinct = frame.filter(self._suspicious(frame.columns[1:])).unique()
        if distinct.is_empty():
            return frame["text"]
        scrubbed = [self.scrub(text, known) for text, *known in distinct.iter_rows()]
        answers = distinct.with_columns(pl.Series("scrubbed", scrubbed, dtype=pl.String))
        joined = frame.join(
            answers, on=frame.columns, how="left", nulls_equal=True, maintain_order="left"
        )
        return joined.select(pl.coalesce("scrubbed", "text").alias("text"))["text"]

    def scrub(self, text: str, known: Sequence[str | None] = ()) -> str:
        """One text with tags in place of what is found; JSON stays JSON."""
        spans = self._found(text, known)
        return self._in_json(text, spans, known) if _is_json(text) else self._replaced(text, spans)

    def _found(self, text: str, known: Sequence[str | None]) -> list[Span]:
        spans = list[Span]()
        if self.tokens:
            *known, value, token = known
            places = find_known(text, [value], self.region)
            spans += [Span(place.start, place.end, _OWN_PLACE, token or "") for place in places]
        spans += find(text, self.kinds, self.region)
        spans += find_known(text, known, self.region)
        if self.recogniser is not None:
            spans += self.recogniser(text)
        return merged(spans)

    def _replaced(self, text: str, spans: list[Span]) -> str:
        pieces, place = [], 0
        for span in spans:
            pieces += [text[place : span.start], self._tag(span)]
            place = span.end
        return "".join([*pieces, text[place:]])

    def _in_json(self, text: str, spans: list[Span], known: Sequence[str | None]) -> str:
        """Each string and number by itself, with what the text around has told of it."""
        pieces, place, passed = [], 0, 0
        for token in _JSON_TOKEN.finditer(text):
            while passed < len(spans) and spans[passed].end <= token.start():
                passed += 1
            inside = list(takewhile(lambda span: span.start < token.end(), spans[passed:]))  # noqa: B023 (used at once)
            pieces += [text[place : token.start()], self._in_token(token, inside, known)]
            place = token.end()
        return "".join([*pieces, text[place:]])

    def _in_token(
        self, token: re.Match[str], spans: list[Span], known: Sequence[str | None]
    ) -> str:
        """A string of JSON with tags; a number in which something was found becomes a string."""
        raw = token[0]
        if not raw.startswith('"'):
            return json.dumps(self._tag(spans[0])) if spans else raw
        value: str = json.loads(raw)
        if value == raw[1:-1]:
            start = token.start() + 1
            told = [_within(span, start, len(value)) for span in spans]
            scrubbed = self._replaced(value, merged([*told, *self._found(value, known)]))
        else:  # places in what is escaped are others than in the value
            scrubbed = self.scrub(value, known)
            if scrubbed == value and spans:
                scrubbed = self._tag(spans[0])
        return raw if scrubbed == value else json.dumps(scrubbed, ensure_ascii=False)

    def _suspicious(self, known: list[str]) -> pl.Expr:
        text = pl.col("text")
        if self.recogniser is not None:
            return text.is_not_null()
        holds = text.str.contains(_MAY_HOLD_PII)
        return text.is_not_null() & pl.any_horizontal(
            holds, *(pl.col(each) != "" for each in known)
        )

    def _tag(self, span: Span) -> str:
        if span.pii_type == _OWN_PLACE:
            return span.canonical
        if self.subkey is None:
            return f"<{span.pii_type.upper()}>"
        value = span.canonical
        if span.pii_type == "phone":
            value = canonical_phone(value, self.region)
        message = f"{span.pii_type}\0{value}".encode()
        digest = hmac.new(bytes.fromhex(self.subkey), message, hashlib.sha256).hexdigest()
        return f"<{span.pii_type.upper()}_{digest[:TAG_DIGITS]}>"


_PRESIDIO_TYPES: Final = {"PERSON": "name", "LOCATION": "address"}


@cache
def load_names_recogniser() -> Recogniser:
    """Presidio over a spaCy model that is installed; nothing is ever downloaded.

    Raises:
        MissingExtraError: the library or every model is absent.
    """
    wanted = "scrub with `names: true`"
    try:
        models = import_module("spacy.util").get_installed_models()
        presidio = import_module("presidio_analyzer")
        engines = import_module("presidio_analyzer.nlp_engine")
    except ImportError as error:
        raise MissingExtraError(wanted, "text") from error
    english = sorted(name for name in models if name.startswith("en_"))
    if not english:
        raise MissingExtraError(f"{wanted} (and an installed spaCy model for English)", "text")
    model = {"lang_code": "en", "model_name": english[0]}
    configuration = {"nlp_engine_name": "spacy", "models": [model]}
    provider = engines.NlpEngineProvider(nlp_configuration=configuration)
    analyzer = presidio.AnalyzerEngine(nlp_engine=provider.create_engine())
    return lambda text: presidio_spans(analyzer, text)


def presidio_spans(analyzer: Any, text: str) -> list[Span]:
    """What an analyzer takes for a person or a place."""
    results = analyzer.analyze(text=text, language="en", entities=list(_PRESIDIO_TYPES))
    return [
        Span(
            result.start,
            result.end,
            _PRESIDIO_TYPES[result.entity_type],
            text[result.start : result.end].casefold(),
        )
        for result in results
    ]
