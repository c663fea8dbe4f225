"""What table formats of lakes have in common: narrower types, and libraries that quote data."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from anonymizer.errors import DataError, FileError

_TEXT: Final = (pl.Enum, pl.Categorical, pl.Null)


@dataclass(frozen=True)
class Types:
    """The types of a format.

    Attributes:
        name: of the format.
        as_they_are: types that it has.
        wider: type → the narrowest of the format that holds all its values.
    """

    name: str
    as_they_are: tuple[Any, ...]
    wider: Mapping[Any, pl.DataType]

    def storable(self, dtype: pl.DataType) -> pl.DataType | None:
        """The type of the format that holds all values of a type; None where there is none."""
        if isinstance(dtype, _TEXT):
            return pl.String()
        if isinstance(dtype, pl.Datetime):
            return pl.Datetime("us", dtype.time_zone and "UTC")
        if isinstance(dtype, pl.List | pl.Array):
            inner = self._nested(dtype.inner)  # type: ignore[arg-type]  # (a type, no class)
            return inner and pl.List(inner)
        if isinstance(dtype, pl.Struct):
            fields = {field.name: self._nested(field.dtype) for field in dtype.fields}  # type: ignore[arg-type]  # (a type, no class)
            return pl.Struct(fields) if fields and all(fields.values()) else None  # type: ignore[arg-type]  # (a type, no class)
        return dtype if isinstance(dtype, self.as_they_are) else self.wider.get(type(dtype))

    def _nested(self, dtype: pl.DataType) -> pl.DataType | None:
        """The same inside of lists and structs, where nobody sees what is cut off times."""
        return None if _is_finer(dtype) else self.storable(dtype)

    def cast(self, rows: pl.LazyFrame, where: str) -> pl.LazyFrame:
        """The rows in types of the format.

        Raises:
            DataError: times are finer than its microseconds.
        """
        schema = rows.collect_schema()
        finer = [name for name, dtype in schema.items() if _is_finer(dtype)]
        lost = rows.select((pl.col(name).dt.nanosecond() % 1000 != 0).any() for name in finer)
        if losing := [each.name for each in lost.collect() if each.item()]:
            what = f"has times finer than {self.name}'s microseconds: truncate them"
            raise DataError(f"{where}, column {losing[0]!r} {what}; nothing was written")
        return rows.cast({each: self.storable(dtype) or dtype for each, dtype in schema.items()})

    def require_hold(self, tables: Mapping[str, pl.Schema], place: str) -> None:
        """Notice columns for which the format has no place.

        Raises:
            DataError: there are some; names all.
        """
        faults = [f"{n}.{fault}" for n, schema in tables.items() for fault in self._faults(schema)]
        if faults:
            raise DataError(f"{place}: nothing was written: {'; '.join(faults)}")

    def _faults(self, schema: pl.Schema) -> Iterator[str]:
        seen: set[str] = set()
        for name, dtype in schema.items():
            if self.storable(dtype) is None:
                way = "make it text or a number, or drop it"
                yield f"{name} is {dtype}, which {self.name} lacks: {way}"
            if name.lower() in seen:
                yield f"{name} differs from another column by case alone: rename one"
            seen.add(name.lower())


def _is_finer(dtype: pl.DataType) -> bool:
    """Whether times of a type have nanoseconds."""
    return dtype == pl.Time or (isinstance(dtype, pl.Datetime) and dtype.time_unit == "ns")


@contextmanager
def plainly(where: str, doing: str) -> Iterator[None]:
    """Errors of a library as one line: its own preview the data."""
    try:
        yield
    except (DataError, FileError):
        raise
    except Exception as error:  # noqa: BLE001 (the libraries raise bare ones as well)
        kind, error.args = type(error).__name__, ()
        raise FileError(f"{where}: {doing} failed ({kind})") from None
