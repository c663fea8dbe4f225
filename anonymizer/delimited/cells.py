"""Cells of delimited text: text, or of a type that somebody said or that all of them fit."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, Literal, TypeAlias

import polars as pl
from polars.io.plugins import register_io_source

from anonymizer.delimited.records import TextFile
from anonymizer.errors import FileError
from anonymizer.frames import collect, is_pattern

CsvType: TypeAlias = Literal[
    "text", "integer", "float", "boolean", "date", "datetime", "datetime_utc"
]
Types: TypeAlias = Mapping[str, CsvType]

_DTYPES: Final[Mapping[CsvType, pl.DataType]] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "float": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us"),
    "datetime_utc": pl.Datetime("us", "UTC"),
}
_ISO_DAY: Final = r"\d{4}-\d\d-\d\d"
_ISO_TIME: Final = r"[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?"
# How all cells of a column must be written to be of a type where nobody says one. 00501, 12E5 and
# 9007199254740993 are rather codes, and would be altered as numbers.
_WRITTEN: Final[Mapping[CsvType, str]] = {
    "integer": r"^-?(0|[1-9]\d{0,17})$",
    "float": r"^([+-]?((0|[1-9]\d{0,14})?MARK\d+([eE][+-]?\d+)?"
    r"|(0|[1-9]\d{0,14})(MARK|[eE][+-]\d+)?)|-?inf|NaN)$",
    "boolean": "^(true|false|True|False|TRUE|FALSE)$",
    "date": f"^{_ISO_DAY}$",
    "datetime": f"^{_ISO_DAY}{_ISO_TIME}$",
    "datetime_utc": f"^{_ISO_DAY}{_ISO_TIME}(Z|[+-]\\d\\d:?\\d\\d)$",
}


def _typed(text: pl.Expr, type_: CsvType, decimal: str) -> pl.Expr:
    """Text as another type; null where it is none."""
    match type_:
        case "float":
            return _float(text, decimal)
        case "boolean":
            return text.str.to_lowercase().replace_strict(
                {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
            )
        case "date":
            return text.str.to_date("%Y-%m-%d", strict=False)
        case "datetime" | "datetime_utc":
            return _moments(text, type_)
    return text.cast(_DTYPES[type_], strict=False)


def _float(text: pl.Expr, decimal: str) -> pl.Expr:
    if decimal != ".":  # a point is one of thousands, and no decimal mark
        text = text.str.replace_all(".", "?", literal=True).str.replace(decimal, ".", literal=True)
    number = text.cast(pl.Float64, strict=False)
    # 1e400 is a number that no float holds, and not infinite as `inf` is.
    return pl.when(number.is_finite() | ~text.str.contains("[0-9]")).then(number)


def _moments(text: pl.Expr, type_: CsvType) -> pl.Expr:
    text = text.str.replace(" ", "T", literal=True)
    zone = "%#z" if type_ == "datetime_utc" else ""
    forms = (f"%Y-%m-%dT%H:%M:%S%.f{zone}", f"%Y-%m-%dT%H:%M{zone}")
    dtype = _DTYPES[type_]
    read = [text.str.to_datetime(form, strict=False, time_unit="us") for form in forms]
    return pl.coalesce(read).cast(dtype)


def scan_text(
    files: Sequence[TextFile], names: Sequence[str], types: Types, paths: str | None = None
) -> pl.LazyFrame:
    """A LazyFrame over the rows of files, which are read each time it is collected.

    Args:
        files: one after the other, with the same columns.
        names: the columns.
        types: of those that are not text.
        paths: the column that says which file a row is from; None for no such column.
    """
    schema = {name: _DTYPES[types.get(name, "text")] for name in names}
    schema |= {paths: pl.String()} if paths else {}
    names, empty = list(schema), pl.DataFrame(schema=schema)

    def rows(
        columns: list[str] | None, predicate: pl.Expr | None, limit: int | None, _size: int | None
    ) -> Iterator[pl.DataFrame]:
        left = limit
        for part in chain([empty], *(_typed_frames(file, types, paths) for file in files)):
            whole = part[names] if predicate is None else part[names].filter(predicate)
            whole = whole if left is None else whole.head(left)
            yield whole if columns is None else whole[columns]
            left = None if left is None else left - len(whole)
            if left == 0:
                return

    return register_io_source(rows, schema=pl.Schema(schema), is_pure=True)


def _typed_frames(file: TextFile, types: Types, paths: str | None) -> Iterator[pl.DataFrame]:
    rows = 0
    for part in file.frames():
        typed = _with_types(part, types, file, rows)
        yield typed.with_columns(pl.lit(str(file.file)).alias(paths)) if paths else typed
        rows += len(part)


def _with_types(part: pl.DataFrame, types: Types, file: TextFile, rows: int) -> pl.DataFrame:
    """The rows with some columns as other types; an empty cell is null there.

    Raises:
        FileError: a cell is not of the type; names the column and the row, from 1.
    """
    wanted = {name: type_ for name, type_ in types.items() if name in part.columns}
    wanted = {name: type_ for name, type_ in wanted.items() if type_ != "text"}
    decimal = file.dialect.decimal
    typed = part.with_columns(
        _typed(pl.col(name), type_, decimal).alias(name) for name, type_ in wanted.items()
    )
    for name, type_ in wanted.items():
        wrong = typed[name].is_null() & part[name].is_not_null() & (part[name] != "")
        if wrong.any():
            row = rows + (wrong.arg_max() or 0) + 1
            raise FileError(f"{file.file}: column {name!r}, row {row:,}: this is no {type_}")
    return typed


def types_in(files: Sequence[TextFile], names: Sequence[str]) -> dict[str, CsvType]:
    """The type that every cell of a column of text is written in; text where there is none.

    Raises:
        FileError: the name of a column is also a cell of it, so that it may be none.
    """
    dialect = files[0].dialect
    read = [(place, name) for place, name in enumerate(names, 1) if not is_pattern(name)]
    tests = [test for place, name in read for test in _tests(place, name, dialect.decimal)]
    found = collect(scan_text(files, names, {}).select(tests)).row(0, named=True)
    if dialect.header is None and dialect.names is None:
        for place, _ in read:
            if found[f"{place} named"]:
                raise files[0].no_header(place, "is also a cell below it")
    return {
        name: next((type_ for type_ in _WRITTEN if found[f"{place} {type_}"]), "text")
        for place, name in read
        if found[f"{place} any"]
    }


def _tests(place: int, name: str, decimal: str) -> Iterator[pl.Expr]:
    """Whether a column has cells, its name is one of them, and of which types all of them are."""
    cells = pl.when(pl.col(name) != "").then(pl.col(name))
    yield (cells.count() > 0).alias(f"{place} any")
    yield (cells == name).any().alias(f"{place} named")
    for type_, pattern in _WRITTEN.items():
        written = pattern.replace("MARK", "," if decimal == "," else r"\.")
        fits = cells.str.contains(written)
        fits &= _float(cells, decimal).is_not_null() if type_ == "float" else pl.lit(value=True)
        yield fits.all().alias(f"{place} {type_}")
