"""What every mask is: frozen options and one method that gives a Polars expression.

The digest of an entity (64 hexadecimal digits of HMAC-SHA256) is paid once per row. Masks read
disjoint digits of it, so that nothing published tells anything about what must stay secret.

    digits  0-23   token, 96 bits
    digits 24-31   date shift; nothing that is published may use them
    digits 32-39   first and last name
    digits 40-47   phone
    digits 48-55   number in the e-mail address
    digits 56-63   spare
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cached_property
from typing import ClassVar, Final

import polars as pl
import polars_hash  # noqa: F401  (registers the `chash` namespace)
from pydantic import BaseModel, ConfigDict

from anonymizer.keys import Key

HIDDEN: Final = "__anonymizer_"
DIGEST_COLUMN: Final = f"{HIDDEN}entity_digest"


class Slot(Enum):
    """Where in the digest a mask reads: first digit and number of digits."""

    TOKEN = (0, 24)
    SHIFT = (24, 8)
    NAME = (32, 8)
    PHONE = (40, 8)
    EMAIL = (48, 8)

    @property
    def column(self) -> str:
        """The hidden column that holds this slot of the entity's digest."""
        return f"{HIDDEN}entity_{self.name.lower()}"

    def digits(self, digest: pl.Expr) -> pl.Expr:
        """The hexadecimal digits of this slot."""
        return digest.str.slice(*self.value)

    def number(self, digest: pl.Expr) -> pl.Expr:
        """The digits of this slot as UInt32; for slots of eight digits."""
        return self.digits(digest).str.to_integer(base=16, dtype=pl.UInt32)


class Kind(Enum):
    """Groups of dtypes as a mask declares and a message names them."""

    TEXT = "text"
    INTEGER = "integer"
    FLOAT = "float"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    OTHER = "other"

    @classmethod
    def of(cls, dtype: pl.DataType) -> "Kind":
        """The group a dtype belongs to."""
        if dtype in (pl.String, pl.Categorical, pl.Enum):
            return cls.TEXT
        if dtype.is_integer():
            return cls.INTEGER
        if dtype.is_float():
            return cls.FLOAT
        named = {pl.Decimal: cls.DECIMAL, pl.Boolean: cls.BOOLEAN}
        named |= {pl.Date: cls.DATE, pl.Datetime: cls.DATETIME}
        return next((kind for base, kind in named.items() if dtype == base), cls.OTHER)


ANY: Final = frozenset(Kind)
IDENTIFIERS: Final = ANY - {Kind.OTHER}
NUMBERS: Final = frozenset({Kind.INTEGER, Kind.FLOAT, Kind.DECIMAL})
CODES: Final = frozenset({Kind.TEXT, Kind.INTEGER})
TIMES: Final = frozenset({Kind.DATE, Kind.DATETIME})


def canonical(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """The text that stands for a value in a keyed digest, alike in all types that can hold it.

    Text loses the blanks at its ends and is NFKC-normalised (full-width digits become ASCII);
    case is kept. Whole numbers read the same as integer, float, decimal or text. NaN is null.
    Dates are ISO; datetimes are ISO with nine decimals, those with a zone in UTC with a `Z`.
    """
    match Kind.of(dtype):
        case Kind.TEXT:
            return _nfkc(value.cast(pl.String)).str.strip_chars()
        case Kind.FLOAT:
            return _canonical_float(value.fill_nan(None))
        case Kind.DECIMAL:
            text = value.cast(pl.String)
            return text.str.replace(r"\.?0+$", "") if getattr(dtype, "scale", 0) else text
        case Kind.DATETIME:
            return _canonical_datetime(value, dtype)
        case _:
            return value.cast(pl.String)


def _nfkc(text: pl.Expr) -> pl.Expr:
    """ASCII is NFKC already; only other text is shown to the slow normalisation."""
    other = pl.when(text.str.len_bytes() != text.str.len_chars()).then(text)
    return pl.coalesce(other.str.normalize("NFKC"), text)


def _canonical_float(value: pl.Expr) -> pl.Expr:
    whole = (value == value.floor()) & (value.abs() < 2**53)
    as_integer = value.cast(pl.Int64, strict=False).cast(pl.String)
    return pl.when(whole).then(as_integer).otherwise(value.cast(pl.String))


def _canonical_datetime(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if getattr(dtype, "time_zone", None) is None:
        return value.dt.to_string("%Y-%m-%dT%H:%M:%S%.9f")
    return value.dt.convert_time_zone("UTC").dt.to_string("%Y-%m-%dT%H:%M:%S%.9fZ")


def keyed_digest(value: pl.Expr, dtype: pl.DataType, subkey: str) -> pl.Expr:
    """HMAC-SHA256 of the canonical value: 64 hexadecimal digits, null for null."""
    digest: pl.Expr = canonical(value, dtype).chash.hmac_sha256(key=subkey)  # type: ignore[attr-defined]  # (registered by polars-hash)
    return digest


@dataclass(frozen=True)
class Entity:
    """The column whose values are the entities, and their pseudonymisation domain."""

    column: str
    domain: str


@dataclass(frozen=True)
class Column:
    """One column as a mask meets it: its name, its dtype, the entity of its rows and the key."""

    name: str
    dtype: pl.DataType
    entity: Entity | None
    key: Key | None

    @cached_property
    def values(self) -> pl.Expr:
        """The values as they came."""
        return pl.col(self.name)

    @property
    def hidden(self) -> str:
        """The name of the hidden column in which the mask may prepare something."""
        return f"{HIDDEN}for_{self.name}"

    @cached_property
    def prepared(self) -> pl.Expr:
        """What the mask prepared."""
        return pl.col(self.hidden)

    def entity_digest(self) -> pl.Expr:
        """The digest of each row's entity, computed once for all columns."""
        return pl.col(DIGEST_COLUMN)

    def entity_number(self, slot: Slot) -> pl.Expr:
        """One slot of the entity's digest as UInt32, computed once for all columns."""
        return pl.col(slot.column)

    def value_digest(self, domain: str) -> pl.Expr:
        """The digest of each value in a domain; the entity's own column reuses its digest."""
        if self.entity == Entity(self.name, domain):
            return self.entity_digest()
        if self.key is None:
            raise TypeError("a keyed mask was planned without a key")
        return keyed_digest(self.values, self.dtype, self.key.subkey(domain))


class Mask(BaseModel):
    """The base of all masks: options are fields, behaviour is `expression`.

    A subclass declares which kinds of dtype it takes, whether it needs a key or the entity, and
    what dtype it gives. It never touches data.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: ClassVar[str]
    accepts: ClassVar[frozenset[Kind]]

    @property
    def keyed(self) -> bool:
        """Whether a key is needed."""
        return False

    @property
    def needs_entity(self) -> bool:
        """Whether the rule file must name an entity."""
        return False

    @property
    def keeps_column(self) -> bool:
        """Whether the column is in the output."""
        return True

    def fault(self, dtype: pl.DataType) -> str | None:
        """What is wrong with a column of this dtype, or None."""
        if dtype == pl.Null or Kind.of(dtype) in self.accepts:
            return None
        return f"{self.name} takes {_listed(self.accepts)}, not {dtype_name(dtype)}"

    def output_dtype(self, dtype: pl.DataType) -> pl.DataType:  # noqa: ARG002
        """The dtype of the masked column."""
        return pl.String()

    def preparation(self, column: Column) -> pl.Expr | None:  # noqa: ARG002
        """What `expression` reads more than once: it becomes the hidden column `prepared`.

        Polars shares equal expressions, but not those nested in other shared ones.
        """
        return None

    def expression(self, column: Column) -> pl.Expr:
        """The masked column, as an expression over the frame and its hidden columns."""
        raise NotImplementedError

    def warning(self) -> str | None:
        """What whoever uses the output must know, in one line, or None."""
        return None

    def examples(self, dtype: pl.DataType) -> list[object]:
        """Three made-up values of this dtype for the dry run; nothing of the data."""
        return made_up(dtype)


def _listed(kinds: Iterable[Kind]) -> str:
    return ", ".join(sorted(kind.value for kind in kinds))


def dtype_name(dtype: pl.DataType) -> str:
    """The name of a dtype without its categories, which are values of the data."""
    if dtype == pl.Enum:
        return "Enum"
    if isinstance(dtype, pl.List | pl.Array):
        return f"{type(dtype).__name__}({dtype_name(_instance(dtype.inner))})"
    if isinstance(dtype, pl.Struct):
        fields = (f"{field.name}: {dtype_name(_instance(field.dtype))}" for field in dtype.fields)
        return f"Struct({', '.join(fields)})"
    return str(dtype)


def _instance(dtype: object) -> pl.DataType:
    return dtype if isinstance(dtype, pl.DataType) else dtype()  # type: ignore[operator]  # (a type, if no instance)


def made_up(dtype: pl.DataType) -> list[object]:
    """Three constants of a dtype, none where there is no natural example."""
    constants: dict[Kind, list[object]] = {
        Kind.TEXT: ["alpha", "beta", "gamma"],
        Kind.INTEGER: [17, 42, 101],
        Kind.FLOAT: [3.49, 12.95, 101.5],
        Kind.DECIMAL: [3, 12, 101],
        Kind.BOOLEAN: [True, False, True],
        Kind.DATE: [date(2021, 3, 14), date(2021, 7, 1), date(2022, 12, 31)],
        Kind.DATETIME: [
            datetime(2021, 3, 14, 9, 26),  # noqa: DTZ001
            datetime(2021, 7, 1, 23, 5),  # noqa: DTZ001
            datetime(2022, 12, 31, 0, 1),  # noqa: DTZ001
        ],
        Kind.OTHER: [None, None, None],
    }
    return constants[Kind.of(dtype)]
