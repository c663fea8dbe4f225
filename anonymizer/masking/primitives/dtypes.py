"""Kinds of dtypes, their names in messages and made-up values of each."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from typing import Final

import polars as pl


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
TEXT: Final = frozenset({Kind.TEXT})


def listed(kinds: Iterable[Kind]) -> str:
    """The names of kinds in alphabetical order."""
    return ", ".join(sorted(kind.value for kind in kinds))


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


def instance(dtype: object) -> pl.DataType:
    """A dtype as an object, where Polars may give its class."""
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
