"""A frame as CSV, which each type of PostgreSQL reads itself; nothing changes in silence."""

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
    cells = pl.DataFrame([_cells(frame[column.name], column, place) for column in columns])
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
        return pl.select(
            _literal(pl.lit(fitted), fitted.dtype.inner).alias(column.name)
        ).to_series()
    text = "\\x" + fitted.bin.encode("hex") if fitted.dtype == pl.Binary else fitted
    return text.alias(column.name)


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
    text = one.cast(pl.String)
    if inner == pl.Binary:
        text = pl.lit("\\x") + one.bin.encode("hex")
    elif inner == pl.Time:
        text = one.dt.to_string(
            "iso"
        )  # a cast leaves out what is less than a second (Polars 2.1.0)
    escaped = text.str.replace_all(r'(["\\])', r"\$1")
    elements = values.list.eval((pl.lit('"') + escaped + pl.lit('"')).fill_null("NULL"))
    return pl.lit("{") + elements.list.join(",") + pl.lit("}")
