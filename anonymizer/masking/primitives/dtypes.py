"""Families of dtypes, their names in messages and made-up values of each."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Final

import polars as pl


class TypeFamily(Enum):
    """The families of dtypes, as a mask declares and a message names them."""

    TEXT = "text"
    INTEGER = "integer"
    FLOAT = "float"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    DURATION = "duration"
    BINARY = "binary"
    OTHER = "other"

    @classmethod
    def of(cls, dtype: pl.DataType) -> "TypeFamily":
        """The family that a dtype belongs to."""
        if dtype in (pl.String, pl.Categorical, pl.Enum):
            return cls.TEXT
        if dtype.is_integer():
            return cls.INTEGER
        if dtype.is_float():
            return cls.FLOAT
        named = {pl.Decimal: cls.DECIMAL, pl.Boolean: cls.BOOLEAN}
        named |= {pl.Date: cls.DATE, pl.Datetime: cls.DATETIME, pl.Time: cls.TIME}
        named |= {pl.Duration: cls.DURATION, pl.Binary: cls.BINARY}
        return next((family for base, family in named.items() if dtype == base), cls.OTHER)


# What a mask may accept: each is a set of families.
ANY: Final = frozenset(TypeFamily)
IDENTIFIERS: Final = ANY - {TypeFamily.OTHER}
NUMBERS: Final = frozenset({TypeFamily.INTEGER, TypeFamily.FLOAT, TypeFamily.DECIMAL})
CODES: Final = frozenset({TypeFamily.TEXT, TypeFamily.INTEGER})
TIMES: Final = frozenset({TypeFamily.DATE, TypeFamily.DATETIME})
TEXT: Final = frozenset({TypeFamily.TEXT})


def listed(families: Iterable[TypeFamily]) -> str:
    """The names of families in alphabetical order."""
    return ", ".join(sorted(family.value for family in families))


def dtype_name(dtype: pl.DataType) -> str:
    """The name of a dtype without its categories, which are values of the data."""
    if dtype == pl.Enum:
        return "Enum"
    if isinstance(dtype, pl.List | pl.Array):
        return f"{type(dtype).__name__}({dtype_name(instance(dtype.inner))})"
    if isinstance(dtype, pl.Struct):
        fields = (f"{field.name}: {dtype_name(instance(field.dtype))}" for field in dtype.fields)
        return f"Struct({', '.join(fields)})"
    return str(dtype)


def short_name(name: str) -> str:
    """The name of a dtype without units and zones.

    Example:
        >>> short_name("List(Datetime(time_unit='us', time_zone=None))")
        'List(Datetime)'
    """
    return re.sub(r"(Datetime|Duration|Decimal)\([^)]*\)", r"\1", name)


def instance(dtype: object) -> pl.DataType:
    """A dtype as an object, where Polars may give its class."""
    return dtype if isinstance(dtype, pl.DataType) else dtype()  # type: ignore[operator]  # (a type, if no instance)


def integer_bounds(dtype: pl.DataType) -> tuple[int, int]:
    """The least and the largest number that an integer dtype holds, of those that Int128 does."""
    low, high = (int(pl.select(each).item()) for each in (dtype.min(), dtype.max()))  # type: ignore[attr-defined]  # (integers have them)
    return low, min(high, 2**127 - 1)


def made_up(dtype: pl.DataType) -> list[object]:
    """Three constants of a dtype, none where there is no natural example."""
    constants: dict[TypeFamily, list[object]] = {
        TypeFamily.TEXT: ["alpha", "beta", "gamma"],
        TypeFamily.INTEGER: [17, 42, 101],
        TypeFamily.FLOAT: [3.49, 12.95, 101.5],
        TypeFamily.DECIMAL: [3, 12, 101],
        TypeFamily.BOOLEAN: [True, False, True],
        TypeFamily.DATE: [date(2021, 3, 14), date(2021, 7, 1), date(2022, 12, 31)],
        TypeFamily.DATETIME: [
            datetime(2021, 3, 14, 9, 26),  # noqa: DTZ001
            datetime(2021, 7, 1, 23, 5),  # noqa: DTZ001
            datetime(2022, 12, 31, 0, 1),  # noqa: DTZ001
        ],
        TypeFamily.TIME: [time(9, 26), time(23, 5), time(0, 1)],
        TypeFamily.DURATION: [timedelta(days=1), timedelta(minutes=5), timedelta(seconds=1)],
        TypeFamily.BINARY: [b"\x17", b"\x2a", b"\x65"],
        TypeFamily.OTHER: [None, None, None],
    }
    return constants[TypeFamily.of(dtype)]
