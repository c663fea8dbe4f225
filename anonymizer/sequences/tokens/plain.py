"""Dataclasses as plain values that JSON can hold, and back, as their annotations say."""

from collections.abc import Callable
from dataclasses import fields
from types import NoneType, UnionType
from typing import Any, Self, cast, get_args, get_origin, get_type_hints

import numpy as np
import polars as pl

DTYPES: dict[str, type[pl.DataType]] = {
    each.__name__: each
    for each in (
        pl.String, pl.Boolean, pl.Categorical, pl.Date, pl.Time, pl.Null, pl.Float16, pl.Float32,
        pl.Float64, pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128, pl.UInt8, pl.UInt16,
        pl.UInt32, pl.UInt64, pl.UInt128,
    )
}  # fmt: skip


class Plain:
    """A dataclass of numbers, texts, arrays, types of columns, others like it, lists and dicts."""

    def to_dict(self) -> dict[str, Any]:
        """Write it as plain values that JSON can hold."""
        return {each.name: _told(getattr(self, each.name)) for each in fields(cast("Any", self))}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Read what `to_dict` wrote."""
        kinds = get_type_hints(cls)
        names = [each.name for each in fields(cast("Any", cls))]
        return cls(**{name: from_plain(kinds[name], data[name]) for name in names})


class PlainKind(Plain):
    """One of several that may stand in one place: it is written with its kind."""

    def to_dict(self) -> dict[str, Any]:
        """Write it as plain values that JSON can hold."""
        return {"kind": type(self).__name__.lower(), **super().to_dict()}


def _told(value: Any) -> Any:
    if isinstance(value, Plain):
        return value.to_dict()
    if isinstance(value, dict):
        return {name: _told(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_told(each) for each in value]
    for kind, write in _WRITERS.items():
        if isinstance(value, kind):
            return write(value)
    return value


def from_plain(kind: Any, data: Any) -> Any:
    """Read a value of an annotated kind; what is annotated as anything is plain itself."""
    if kind is Any:
        return data
    origin, args = get_origin(kind), get_args(kind)
    if origin is np.ndarray:
        return np.array(data, get_args(args[1])[0])
    if origin in (dict, list, tuple):
        return _parts_from_plain(origin, args, data)
    if origin is UnionType and NoneType in args:
        return None if data is None else from_plain(args[0], data)
    if origin is UnionType:
        kind = {each.__name__.lower(): each for each in args}[data["kind"]]
    if kind in _READERS:
        return _READERS[kind](data)
    return kind.from_dict(data) if issubclass(kind, Plain) else kind(data)


def _parts_from_plain(origin: type, args: tuple[Any, ...], data: Any) -> Any:
    if origin is dict:
        return {str(name): from_plain(args[1], each) for name, each in data.items()}
    return origin(from_plain(args[0], each) for each in data)


def _frame_from_json(data: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([_column_from_json(str(name), each) for name, each in data.items()])


def _frame_to_json(frame: pl.DataFrame) -> dict[str, Any]:
    return {each.name: _column_to_json(each) for each in frame}


def _column_to_json(column: pl.Series) -> dict[str, Any]:
    return {"dtype": dtype_to_json(column.dtype), "values": plain_values(column)}


def plain_values(column: pl.Series) -> list[Any]:
    """(N,) values: times as whole numbers of their unit, decimals as text."""
    values = column.to_physical() if column.dtype.is_temporal() else column
    return (values.cast(pl.String) if column.dtype.is_decimal() else values).to_list()


def _column_from_json(name: str, data: dict[str, Any]) -> pl.Series:
    return column_of(name, data["values"], dtype_from_json(data["dtype"]))


def column_of(name: str, values: list[Any], dtype: pl.DataType) -> pl.Series:
    """The column that gave such `plain_values`."""
    if dtype.is_temporal():
        physical = pl.Int32() if isinstance(dtype, pl.Date) else pl.Int64()
        return pl.Series(name, values, physical).cast(dtype)
    written = pl.String() if dtype.is_decimal() else dtype
    return pl.Series(name, values, written).cast(dtype)


def told_dtype(dtype: pl.DataType) -> pl.DataType:
    """The type of what is sampled; an Enum would carry all its categories, also rare ones."""
    return pl.Categorical() if isinstance(dtype, pl.Enum) else dtype


def dtype_to_json(dtype: pl.DataType) -> dict[str, Any]:
    """A Polars type as JSON; categories of an Enum are not told, they may be rare values."""
    data: dict[str, Any] = {"name": str(told_dtype(dtype).base_type())}
    if isinstance(dtype, pl.Datetime):
        data |= {"unit": dtype.time_unit, "zone": dtype.time_zone}
    elif isinstance(dtype, pl.Duration):
        data |= {"unit": dtype.time_unit}
    elif isinstance(dtype, pl.Decimal):
        data |= {"precision": dtype.precision, "scale": dtype.scale}
    return data


def dtype_from_json(data: dict[str, Any]) -> pl.DataType:
    """Read a Polars type from JSON."""
    name = data["name"]
    if name == "Datetime":
        zone = data["zone"]
        return pl.Datetime(data["unit"], None if zone is None else str(zone))
    if name == "Duration":
        return pl.Duration(data["unit"])
    if name == "Decimal":
        return pl.Decimal(data["precision"], data["scale"])
    return DTYPES[name]()


_READERS = {pl.DataType: dtype_from_json, pl.DataFrame: _frame_from_json}
_WRITERS: dict[type, Callable[[Any], Any]] = {
    np.ndarray: np.ndarray.tolist, pl.DataType: dtype_to_json, pl.DataFrame: _frame_to_json,
}  # fmt: skip
