"""Cells of delimited text: text, or of a type that somebody said or that all of them fit."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, cast, get_args

import polars as pl
from polars.io.plugins import register_io_source

from anonymizer.delimited.records import TextFile
from anonymizer.documents import nearest
from anonymizer.frames import collect, first_rows, is_pattern

CsvType: TypeAlias = Literal[
    "text", "integer", "float", "boolean", "date", "datetime", "datetime_utc"
]
Types: TypeAlias = Mapping[str, str]  # column → a `CsvType`, or the form of dates and times

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
    "datetime_utc": f"^{_ISO_DAY}{_ISO_TIME}(Z|[+-]\\d\\d(:?\\d\\d)?)$",
}

_BEYOND_MICRO: Final = r"[.,]\d{6}\d*[1-9]\d*([^\d.,].*)?$"
_AS_TEXT: Final = "leave it out of `types:`; masks of times read text by `format:`"
_SAMPLE: Final = datetime(2001, 2, 3, 4, 5, 6)  # noqa: DTZ001 (any instant that shows all parts)
_DAY: Final = re.compile(r"%-?[dejmbByYFDx]|[^%]")  # directives of a form that has no time of day


def type_fault(type_: object) -> str | None:
    """What is wrong with a type that somebody says, or None."""
    known = get_args(CsvType)
    if type_ in known:
        return None
    if not (isinstance(type_, str) and "%" in type_):
        form = 'or the form of dates or times such as `"%d.%m.%Y %H:%M"`'
        return f"expected one of {', '.join(known)}, {form}{nearest(type_, known)}"
    if "%f" in _form(type_):
        return "`%f` alone counts nanoseconds: write `%.f` after seconds, `%6f` for six digits"
    try:
        shown = pl.select(pl.lit(_SAMPLE).dt.replace_time_zone("UTC").dt.strftime(type_).alias(""))
        read = shown.select(_typed(pl.col(""), type_, ".").cast(pl.Date)).item()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        read = None
    if read == _SAMPLE.date():
        return None
    return "expected a form that tells year, month and day, and minutes with hours"


def dtype_of(type_: str) -> pl.DataType:
    """The dtype of a type; a form of dates and times has that of what it tells."""
    if "%" not in type_:
        return _DTYPES[cast("CsvType", type_)]
    if not _DAY.sub("", type_):
        return pl.Date()
    return pl.Datetime("us", "UTC" if re.search("%[:#]*z", type_) else None)


def _form(type_: str) -> str:
    """A form as Polars reads it, whose `%f` counts nanoseconds whatever stands before."""
    return type_.replace(".%f", "%.f")


def _typed(text: pl.Expr, type_: str, decimal: str) -> pl.Expr:
    """Text as another type; null where it is none."""
    if "%" in type_:
        dtype: Any = dtype_of(type_)
        if "%Y" in type_:  # which reads 31.12.25 as a day of the year 25
            text = pl.when(text.str.contains(r"\d{4}")).then(text)
        return text.str.strptime(dtype, _form(type_), strict=False)
    match type_:
        case "integer":
            # 007 and +7 are codes: as numbers they would be 7.
            text = pl.when(text.str.contains(r"^-?(0|[1-9]\d*)$")).then(text)
        case "float":
            return _float(text, decimal)
        case "boolean":
            return text.str.to_lowercase().replace_strict(
                {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
            )
        case "date" | "datetime" | "datetime_utc":  # 2024-1-5 and blanks are no ISO 8601
            text = pl.when(text.str.contains(_WRITTEN[type_])).then(text)
            return _typed(text, "%Y-%m-%d", decimal) if type_ == "date" else _moments(text, type_)
    return text.cast(dtype_of(type_), strict=False)


def _float(text: pl.Expr, decimal: str) -> pl.Expr:
    text = pl.when(~text.str.contains(r"^[+-]?\d{16,}$")).then(text)
    if decimal != ".":  # a point is one of thousands, and no decimal mark
        text = text.str.replace_all(".", "?", literal=True).str.replace(decimal, ".", literal=True)
    number = text.cast(pl.Float64, strict=False)
    # 1e400 is a number that no float holds, and not infinite as `inf` is.
    return pl.when(number.is_finite() | ~text.str.contains("[0-9]")).then(number)


def _moments(text: pl.Expr, type_: str) -> pl.Expr:
    text = text.str.replace(" ", "T", literal=True)
    zone = "%#z" if type_ == "datetime_utc" else ""
    forms = (f"%Y-%m-%dT%H:%M:%S%.f{zone}", f"%Y-%m-%dT%H:%M{zone}")
    read = [text.str.to_datetime(form, strict=False, time_unit="us") for form in forms]
    return pl.coalesce(read).cast(dtype_of(type_))


def scan_text(
    files: Sequence[TextFile],
    names: Sequence[str],
    types: Types,
    paths: str | None = None,
    kept: Collection[str] | None = None,
) -> pl.LazyFrame:
    """A LazyFrame over the rows of files, which are read each time it is collected.

    Args:
        files: one after the other, with the same columns.
        names: the columns.
        types: of those that are not text.
        paths: the column that says which file a row is from; None for no such column.
        kept: columns whose dates and times must be written as their form writes them; no time may
            say more than its type holds, unless it is None.
    """
    schema = {name: dtype_of(types.get(name, "text")) for name in names}
    schema |= {paths: pl.String()} if paths else {}
    names, empty = list(schema), pl.DataFrame(schema=schema)

    def rows(
        columns: list[str] | None, predicate: pl.Expr | None, limit: int | None, _size: int | None
    ) -> Iterator[pl.DataFrame]:
        parts = chain([empty], *(_typed_frames(file, types, paths, kept) for file in files))
        for part in first_rows((part[names] for part in parts), limit):
            whole = part if predicate is None else part.filter(predicate)
            yield whole if columns is None else whole[columns]

    return register_io_source(rows, schema=pl.Schema(schema), is_pure=True)


def _typed_frames(
    file: TextFile, types: Types, paths: str | None, kept: Collection[str] | None
) -> Iterator[pl.DataFrame]:
    rows = 0
    for part in file.frames():
        typed = _with_types(part, types, file, rows, kept)
        yield typed.with_columns(pl.lit(str(file.file)).alias(paths)) if paths else typed
        rows += len(part)


def _with_types(
    part: pl.DataFrame, types: Types, file: TextFile, rows: int, kept: Collection[str] | None
) -> pl.DataFrame:
    """The rows with some columns as other types; an empty cell is null there.

    Raises:
        FileError: a cell is not of the type, or more than it; names the line, the column and the
            row, from 1.
    """
    wanted = {name: type_ for name, type_ in types.items() if name in part.columns}
    wanted = {name: type_ for name, type_ in wanted.items() if type_ != "text"}
    decimal = file.dialect.decimal
    typed = part.with_columns(
        _typed(pl.col(name), type_, decimal).alias(name) for name, type_ in wanted.items()
    )
    for name, type_ in wanted.items():
        cells, read = part[name], typed[name]
        wrong = read.is_null() & cells.is_not_null() & (cells != "")
        place, fault = wrong.arg_max() or 0, f"this is no {type_}"
        if wrong.any():
            fault += _hint(cells[place], type_, decimal)
        elif kept is None or (altered := _altered(cells, read, type_, name in kept)) is None:
            continue
        else:
            place, fault = altered
        what = f"column {name!r}, row {rows + place + 1:,}: {fault}"
        raise file.error(file.line_of(rows + place), what)
    return typed


def _altered(
    cells: pl.Series, read: pl.Series, type_: str, is_kept: bool
) -> tuple[int, str] | None:
    """The first cell that says more than was read of it, and what; or None.

    Args:
        cells: as they are written.
        read: dates and times; of other types nothing is said.
        type_: of all of them.
        is_kept: whether they are written again as they were, where the type is a form.
    """
    if not read.dtype.is_temporal():
        return None
    cell, form = pl.col("cell"), _form(type_) if "%" in type_ else "%FT%T"
    faults = {}
    if read.dtype != pl.Date():
        may_be = pl.when((pl.col("read").dt.second() == 0) & cell.str.contains("60"))
        others = may_be.then("read").dt.strftime(form).str.count_matches("60")
        faults["this is a leap second, which no type holds"] = cell.str.count_matches("60") > others
    if "f" in type_ or "%" not in type_:
        faults["this has more digits than microseconds have"] = cell.str.contains(_BEYOND_MICRO)
    if is_kept and "%" in type_:
        faults[f"{type_} writes it in other characters"] = cell != pl.col("read").dt.strftime(form)
    rows = pl.DataFrame({"cell": cells, "read": read})
    for fault, test in faults.items():
        wrong = rows.select(test.fill_null(value=False)).to_series()
        if wrong.any():
            return wrong.arg_max() or 0, f"{fault}: {_AS_TEXT}"
    return None


def _hint(cell: str, type_: str, decimal: str) -> str:
    """What may be said in the rules instead, by how a cell is written; nothing of the cell."""
    other = "," if decimal == "." else "."
    if type_ == "float" and re.fullmatch(rf"[+-]?\d+\{other}\d+", cell):
        return f'; say `decimal: "{other}"` under `csv:` if that is its mark'
    if type_ == "integer" and re.fullmatch(r"-?0\d+|\+\d+", cell):
        return ": zeros or a plus in front make it a code: leave it `text`"
    if type_ in {"integer", "float"} and re.fullmatch(r"[+-]?\d{16,}", cell):
        return " that keeps all its digits: it is a code: leave it `text`"
    if "%" in type_:
        return f": {_AS_TEXT}"
    return _hint_of_time(cell) if type_.startswith("date") else ""


def _hint_of_time(cell: str) -> str:
    if re.search(_WRITTEN["datetime_utc"], cell):
        return ", as it has an offset from UTC: say `datetime_utc`"
    if re.search(_WRITTEN["datetime"], cell):
        return ", as it has a time of day: say `datetime`"
    return ' in ISO 8601: say its form, such as `"%d.%m.%Y"`'


def as_read(lazy: pl.LazyFrame, types: Types) -> pl.LazyFrame:
    """The frame with dates and times as text again, in the forms in which they were read."""
    schema = lazy.collect_schema()
    forms = {
        name: form for name, form in types.items() if "%" in form and schema[name].is_temporal()
    }
    return lazy.with_columns(pl.col(name).dt.strftime(_form(form)) for name, form in forms.items())


def types_in(
    files: Sequence[TextFile], names: Sequence[str], likely: Types = MappingProxyType({})
) -> dict[str, str]:
    """The type that every cell of a column of text is written in; text where there is none.

    Args:
        files: one after the other, with the same columns.
        names: the columns.
        likely: of some of them, a type that goes before others where all cells fit it.

    Raises:
        FileError: the name of a column is also a cell of it, so that it may be none.
    """
    dialect = files[0].dialect
    read = [(place, name) for place, name in enumerate(names, 1) if not is_pattern(name)]
    tests = [
        test
        for place, name in read
        for test in _tests(place, name, likely.get(name, "text"), dialect.decimal)
    ]
    found = collect(scan_text(files, names, {}).select(tests)).row(0, named=True)
    if dialect.header is None and dialect.names is None:
        for place, _ in read:
            if found[f"{place} named"]:
                raise files[0].no_header(place, "is also a cell below it")
    return {
        name: next(
            (t for t in (likely.get(name, "text"), *_WRITTEN) if found[f"{place} {t}"]), "text"
        )
        for place, name in read
        if found[f"{place} any"]
    }


def _tests(place: int, name: str, likely: str, decimal: str) -> Iterator[pl.Expr]:
    """Whether a column has cells, its name is one of them, and of which types all of them are."""
    cells = pl.when(pl.col(name) != "").then(pl.col(name))
    yield (cells.count() > 0).alias(f"{place} any")
    yield (cells == name).any().alias(f"{place} named")
    fits = pl.lit(value=False) if likely == "text" else _typed(cells, likely, decimal).is_not_null()
    yield (fits | cells.is_null()).all().alias(f"{place} {likely}")
    for type_, pattern in _WRITTEN.items():
        written = pattern.replace("MARK", "," if decimal == "," else r"\.")
        if type_ == likely:
            continue
        fits = cells.str.contains(written)
        if type_ == "float":
            fits &= _float(cells, decimal).is_not_null()
        yield fits.all().alias(f"{place} {type_}")
