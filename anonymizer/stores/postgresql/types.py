"""Types of PostgreSQL: how a column is asked for, what frames make of it, what it takes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

_DIGITS: Final = 38  # of a Decimal
_LONGEST: Final = {"char": 1, "name": 63}  # bytes that are kept
_FRACTION: Final = 6  # digits of a second that PostgreSQL keeps
_FIRST: Final = "00:00"
_LAST: Final = "23:59:59.999999"


@dataclass(frozen=True)
class Asked:
    """How a value is asked for.

    Attributes:
        dtype: of the column of a frame.
        cast: the type to which the server casts it, or several with `::` between them.
        output: what is asked for in place of a cast, with `{0}` for the value.
        guard: a condition, with `{0}` for the value, that holds where frames have no place for it.
        reason: what the guard notices.
    """

    dtype: pl.DataType
    cast: str
    output: str | None = None
    guard: str | None = None
    reason: str = ""

    def expression(self, name: str) -> str:
        """The SQL that asks for a column of a name in quotes."""
        return self.output.format(name) if self.output else f"{name}::{self.cast}"


@dataclass(frozen=True)
class DeclaredType:
    """A type without the domains around it.

    Attributes:
        name: in `pg_type`.
        modifier: what stands in brackets, as PostgreSQL keeps it; -1 for nothing.
        is_array: of values of that type.
        labels: of an enum.
    """

    name: str
    modifier: int = -1
    is_array: bool = False
    labels: tuple[str, ...] = ()

    def asked(self, money_digits: int) -> Asked:
        """How a column of it is asked for."""
        one = self._one(money_digits)
        if not self.is_array:
            return one
        guard = "array_ndims({0}) > 1 OR array_lower({0}, 1) <> 1"
        reason = "holds arrays of several dimensions, or that do not begin at 1"
        if one.guard:
            guard += f" OR EXISTS (SELECT FROM unnest({{0}}) v WHERE {one.guard.format('v')})"
            reason += f", or {one.reason}"
        cast = one.cast.replace("::", "[]::") + "[]"
        return Asked(pl.List(one.dtype), cast, guard=guard, reason=reason)

    def _one(self, money_digits: int) -> Asked:
        if self.name == "numeric" and (found := self._precision()):
            # As text, which holds all digits: ADBC gives no Decimal.
            return Asked(pl.Decimal(*found), "text", guard="{0} = 'NaN'", reason="holds NaN")
        if self.name == "money":
            return Asked(pl.Decimal(19, money_digits), "numeric::text")
        return _ASKED.get(self.name, _AS_TEXT)

    def _precision(self) -> tuple[int, int] | None:
        """Digits and those after the point; None where they are not declared, or no Decimal's."""
        precision, scale = (self.modifier - 4) >> 16, (self.modifier - 4) & 0x7FF
        fits = self.modifier >= 4 and precision <= _DIGITS and scale <= precision
        return (precision, scale) if fits else None

    @property
    def keeps_text(self) -> bool:
        """Whether any text can be written, up to its length."""
        return self.name in _FREE_TEXT

    @property
    def length(self) -> int | None:
        """Characters that it takes at most, where there is a limit."""
        declared = self.name in _CHARACTERS and self.modifier >= 4
        return self.modifier - 4 if declared else _LONGEST.get(self.name)

    @property
    def has_form(self) -> bool:
        """Whether it takes some texts alone."""
        return self._one(0).dtype == pl.String and self.name not in _ANY_FORM

    def altered(self, values: pl.Series) -> pl.Series | None:
        """Which values the server would change in silence; None where it changes none."""
        if self.name in _LONGEST:
            return values.str.len_bytes() > _LONGEST[self.name]
        if self.length is not None:
            return values.str.len_chars() > self.length
        if self.name == "oid":
            return values < 0
        if self.name in {"time", "timestamp", "timestamptz"} and 0 <= self.modifier < _FRACTION:
            of_day = values.dt.time() if self.name != "time" else values
            beyond: pl.Series = of_day.cast(pl.Int64) % 10 ** (9 - self.modifier) != 0
            return beyond
        return None


def _timed(dtype: pl.DataType, kind: str, first: str, last: str) -> Asked:
    """Days and instants of the years that both sides can write."""
    guard = f"{{0}} NOT BETWEEN {kind} '{first}' AND {kind} '{last}'"
    return Asked(dtype, kind, guard=guard, reason="holds infinity or a year outside of 1 to 9999")


_AS_TEXT: Final = Asked(pl.String(), "text")
_CHARACTERS: Final = {"varchar", "bpchar"}
_FREE_TEXT: Final = {"text", "citext", *_CHARACTERS}
_ANY_FORM: Final = {*_FREE_TEXT, *_LONGEST, "xml", "tsvector"}
_ASKED: Final = {
    "bool": Asked(pl.Boolean(), "bool"),
    "int2": Asked(pl.Int16(), "int2"),
    "int4": Asked(pl.Int32(), "int4"),
    "int8": Asked(pl.Int64(), "int8"),
    "oid": Asked(pl.Int64(), "int8"),
    "float4": Asked(pl.Float32(), "float4"),
    "float8": Asked(pl.Float64(), "float8"),
    "bytea": Asked(pl.Binary(), "bytea"),
    "date": _timed(pl.Date(), "date", "0001-01-01", "9999-12-31"),
    "timestamp": _timed(
        pl.Datetime("us"), "timestamp", f"0001-01-01 {_FIRST}", f"9999-12-31 {_LAST}"
    ),
    "timestamptz": _timed(
        pl.Datetime("us", "UTC"),
        "timestamptz",
        f"0001-01-01 {_FIRST}+00",
        f"9999-12-31 {_LAST}+00",
    ),
    "time": Asked(pl.Time(), "time", guard="{0} = time '24:00'", reason="holds 24:00"),
    # A cast to text writes the mask of a host too, 10.0.0.1/32.
    "inet": Asked(pl.String(), "text", output="nullif(format('%s', {0}), '')"),
}


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: of the column.
        type: without its domains.
        declared: its type in PostgreSQL's words.
        asked: how it is asked for.
        needed: that a value must be given when a row is written.
        generated: that the server computes it.
    """

    name: str
    type: DeclaredType
    declared: str
    asked: Asked
    needed: bool = False
    generated: bool = False

    def why_not(self, given: pl.DataType) -> str | None:
        """Why values of a dtype cannot be written, or None."""
        if self.type.name == "money" and self._element != pl.Decimal(19, 2):
            return "is money without cents, which cannot be written as such"
        inner: Any = given
        if self.type.is_array and isinstance(given, pl.List | pl.Array):
            inner = given.inner
        elif self.type.is_array and given != pl.Null:
            inner = pl.Object()
        return None if self._takes(inner) else f"is {self.declared}, and the rows have {given}"

    @property
    def _element(self) -> Any:
        """The dtype of a value, or of those in an array."""
        dtype: Any = self.asked.dtype
        return dtype.inner if self.type.is_array else dtype

    def _takes(self, given: Any) -> bool:
        """Whether a value of a dtype may be one of the column, or of its arrays."""
        wanted = self._element
        if given in (pl.Null, wanted):
            return True
        if given.is_integer() and (self.type.keeps_text or self.type.name == "numeric"):
            return True
        if given.is_decimal() and self.type.name == "numeric":
            return True
        of = [belongs for belongs in _FAMILIES if belongs(wanted)]
        return any(belongs(given) for belongs in of) and _zoned(given) == _zoned(wanted)


_FAMILIES: Final[tuple[Callable[[Any], bool], ...]] = (  # within one, values are compared
    lambda dtype: dtype.is_numeric(),
    lambda dtype: dtype in (pl.String, pl.Categorical, pl.Enum),
    lambda dtype: dtype in (pl.Date, pl.Datetime),
)


def _zoned(dtype: Any) -> bool:
    return getattr(dtype, "time_zone", None) is not None
