"""A frame as PostgreSQL's CSV, which each column's type reads itself; nothing changes in silence."""

from io import BytesIO
from typing import Any

import polars as pl

from anonymizer.errors import DataError
from anonymizer.stores.postgresql.types import Column


def csv(frame: pl.DataFrame, columns: list[Column], place: str) -> memoryview:
    """The rows as COPY takes them: nulls are empty, text stands in quotes.

    Raises:
        DataError: a value would be another in its column.
    """
    written = BytesIO()
    cells = pl.DataFrame(_cells(frame[column.name], column, place) for column in columns)
    cells.write_csv(written, include_header=False, quote_style="non_numeric")
    return written.getbuffer()


def _cells(values: pl.Series, column: Column, place: str) -> pl.Series:
    try:
        fitted = _fitted(values, column)
    except pl.exceptions.PolarsError:  # whose message holds values
        fitted = None
    if fitted is None:
        raise DataError(
            f"{place}, column {column.name!r}: is {column.declared}, and has values that would be "
            "others there: choose a mask that keeps to it, or ALTER the column; nothing was written"
        )
    if isinstance(fitted.dtype, pl.List):
        return (
            fitted.to_frame().select(_literal(pl.col(fitted.name), fitted.dtype.inner)).to_series()
        )
    return _bytes_as_text(fitted) if fitted.dtype == pl.Binary else fitted


def _fitted(values: pl.Series, column: Column) -> pl.Series | None:
    """The values in the type of their column; None where one would be another."""
    wanted = column.asked.dtype
    fitted = values.cast(wanted)
    exact = values.dtype == wanted or fitted.cast(values.dtype).eq_missing(values).all()
    single = fitted.explode() if column.type.is_array else fitted
    altered = column.type.altered(single)
    return fitted if exact and (altered is None or not altered.any()) else None


def _literal(values: pl.Expr, inner: Any) -> pl.Expr:
    """Lists as PostgreSQL writes arrays, `{"a",NULL}`."""
    one = pl.element()
    text = pl.lit("\\x") + one.bin.encode("hex") if inner == pl.Binary else one.cast(pl.String)
    escaped = text.str.replace_all(r'(["\\])', r"\$1")
    elements = values.list.eval((pl.lit('"') + escaped + pl.lit('"')).fill_null("NULL"))
    return pl.lit("{") + elements.list.join(",") + pl.lit("}")


def _bytes_as_text(values: pl.Series) -> pl.Series:
    return ("\\x" + values.bin.encode("hex")).alias(values.name)
