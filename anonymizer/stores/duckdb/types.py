"""What each type of DuckDB is in a frame, and which values no frame holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

_AS_THEY_ARE: Final = (
    "boolean", "tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger",
    "ubigint", "float", "double", "decimal", "varchar", "blob",
)  # fmt: skip
_DATES: Final = "infinity and years outside of 1 to 9999 have no place in frames"
_HUGE: Final = "numbers of more than 38 digits have no place in frames"


@dataclass(frozen=True)
class Asked:
    """How a column is asked for.

    Attributes:
        value: an expression of it, `{0}`, whose values frames hold.
        guard: whether a value is one that no frame holds.
        reason: why none does.
    """

    value: str = "{0}"
    guard: str = ""
    reason: str = ""


_HUGEINT: Final = Asked(
    "TRY_CAST({0} AS DECIMAL(38, 0))",
    "{0} IS NOT NULL AND TRY_CAST({0} AS DECIMAL(38, 0)) IS NULL",
    _HUGE,
)
_MICROSECONDS: Final = Asked(
    "CAST({0} AS TIMESTAMP)",
    "{0} NOT BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999'",
    _DATES,
)
_ASKED: Final = {
    "hugeint": _HUGEINT,
    "uhugeint": _HUGEINT,
    "date": Asked("{0}", "{0} NOT BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'", _DATES),
    "time": Asked("{0}", "{0} = TIME '24:00:00'", "24:00 has no place in frames"),
    "timestamp": _MICROSECONDS,
    "timestamp_s": _MICROSECONDS,
    "timestamp_ms": _MICROSECONDS,
    "timestamp_ns": Asked("{0}", "isinf({0})", _DATES),
    "timestamp with time zone": Asked(
        "{0}",
        "{0} NOT BETWEEN TIMESTAMPTZ '0001-01-01 00:00:00+00' "
        "AND TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'",
        _DATES,
    ),
}


def asked(dtype: Any) -> Asked:
    """How a column of a type is asked for; as text where frames have no such type."""
    if dtype.id == "array" and plain(dict(dtype.children)["child"]):
        return Asked(f"CAST({{0}} AS {dict(dtype.children)['child']}[])")
    return Asked() if plain(dtype) else _ASKED.get(dtype.id, Asked("CAST({0} AS VARCHAR)"))


def plain(dtype: Any) -> bool:
    """Whether all values of a type, and all in them, are the same in frames."""
    if dtype.id in {"list", "struct"}:
        return all(plain(each) for each in _inside(dtype))
    return dtype.id in _AS_THEY_ARE and str(dtype) != "JSON"


def _inside(dtype: Any) -> Iterator[Any]:
    return (each for _, each in dtype.children)
