"""Columns that may be keys, in a form in which their values can be compared.

A number is a number however it is written: 42, 42.0, "42" and "0042". A UUID is its 32 digits,
other text is without blanks around it, and empty text is null. What the form of a column is, a
sample tells; a value of another form counts as null.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Literal

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray

Form = Literal["whole", "text", "time"]

SAMPLED: Final = 10_000  # rows, spread over the table
HEAD: Final = 20_000  # rows that follow each other: there composite keys repeat if anywhere
_WHOLE: Final = r"^\d{1,18}(\.0+)?$"
_UUID: Final = r"^\{?[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\}?$"
_LONGEST: Final = 64  # characters of a key, on average


@dataclass(frozen=True, eq=False)
class Column:
    """A column that may be of a key.

    Attributes:
        table: whose.
        name: of the column.
        dtype: as it is read.
        form: how its values are compared.
        key: the expression that brings them to this form, text as a hash of 64 bits.
        sample: values in this form, the null ones too, rows spread over the table.
        altered: whether values are written otherwise than the form is.
        lengths: the median number of characters of text, else 0.
    """

    table: str
    name: str
    dtype: pl.DataType
    form: Form
    key: pl.Expr
    sample: pl.Series
    altered: bool
    lengths: float

    @cached_property
    def values(self) -> pl.Series:
        """The distinct values of the sample."""
        return self.sample.drop_nulls().unique(maintain_order=True)

    @cached_property
    def in_order(self) -> NDArray[np.int64]:
        """The distinct whole numbers of the sample, sorted."""
        return np.sort(self.values.to_numpy())

    @property
    def may_be_unique(self) -> bool:
        """Whether no value of the sample comes again, and none is missing."""
        return len(self.values) == len(self.sample)


@dataclass(frozen=True)
class Table:
    """A table, how many rows it has, its columns that may be keys, and some rows in a run."""

    name: str
    rows: int
    columns: tuple[Column, ...]
    frame: pl.LazyFrame
    head: pl.DataFrame

    def column(self, name: str) -> Column | None:
        """The column of a name, if it may be of a key."""
        return next((each for each in self.columns if each.name == name), None)

    def any_column(self, name: str) -> Column:
        """The column of a name, as text where it may not be of a key."""
        dtype = self.frame.collect_schema()[name]
        blank = pl.Series(name, [], pl.UInt64)
        made = Column(self.name, name, dtype, "text", _as_text(name), blank, False, 0.0)
        return self.column(name) or made

    @property
    def place(self) -> dict[str, int]:
        """Where each column stands."""
        return {each.name: place for place, each in enumerate(self.columns)}


def read_table(name: str, frame: pl.LazyFrame) -> Table:
    """Count the rows, look at some of them, and say which columns may be of keys."""
    schema = frame.collect_schema()
    rows = collected(frame.select(pl.len())).item()
    step = max(rows // SAMPLED, 1)
    named = [column for column, dtype in schema.items() if _may_be_key(dtype)]
    spread = frame.select(exactly(*named)).with_row_index("\0").filter(pl.col("\0") % step == 0)
    sample = collected(spread.drop("\0"))
    found = (_column(name, sample[column]) for column in named)
    columns = tuple(each for each in found if each is not None)
    head = collected(frame.head(HEAD).select(each.key.alias(each.name) for each in columns))
    return Table(name, rows, columns, frame, head)


def written(column: Column) -> Column:
    """A column whose values are compared as they are written."""
    return replace(column, key=_as_text(column.name))


def comparable(one: Column, other: Column) -> tuple[Column, Column]:
    """Two columns as they are, or both as text where their forms differ."""
    if one.form == other.form:
        return one, other
    return written(one), written(other)


def _as_text(name: str) -> pl.Expr:
    text = exactly(name).cast(pl.String)
    return pl.when(text.is_not_null()).then(text.hash())


def exactly(*names: str) -> pl.Expr:
    """The columns of these names, though one looks like a pattern to Polars, as `^a$` does."""
    return cs.by_name(*names).as_expr()


def collected(lazy: pl.LazyFrame) -> pl.DataFrame:
    """The frame, computed by the streaming engine."""
    return lazy.collect(engine="streaming")


def _may_be_key(dtype: pl.DataType) -> bool:
    text = dtype in (pl.String, pl.Categorical, pl.Enum, pl.Binary)
    return text or dtype.is_numeric() or dtype in (pl.Date, pl.Datetime)


def _column(table: str, values: pl.Series) -> Column | None:
    name, dtype = values.name, values.dtype
    form, plainly = _form(values)
    if form is None or values.null_count() == len(values) > 0:
        return None
    plain = values.to_frame().select(plainly).to_series()
    lengths = 0.0 if plain.dtype != pl.String else float(plain.str.len_chars().median() or 0)  # type: ignore[arg-type]  # (a number)
    if lengths > _LONGEST:
        return None
    altered = dtype == pl.String and bool((plain.cast(pl.String) != values).any())
    key = plainly.hash() if plain.dtype == pl.String else plainly
    key = pl.when(plainly.is_not_null()).then(key)
    sample = values.to_frame().select(key.alias("key")).to_series()
    return Column(table, name, dtype, form, key, sample, altered, lengths)


def _form(values: pl.Series) -> tuple[Form | None, pl.Expr]:
    """How values are compared, and the expression that writes them so."""
    column, dtype = exactly(values.name), values.dtype
    if dtype.is_integer():
        return "whole", column.cast(pl.Int64, wrap_numerical=True)
    if dtype.is_float():
        column = column.fill_nan(None)
    if dtype.is_numeric():
        whole = pl.when(column.floor() == column).then(column).cast(pl.Int64, strict=False)
        found = values.to_frame().select(whole).to_series()
        known = values.to_frame().select(column.count()).item()
        return ("whole" if found.count() == known else None), whole
    if dtype in (pl.Date, pl.Datetime):
        return "time", column.to_physical().cast(pl.Int64)
    if dtype == pl.Binary:
        return "text", column.bin.encode("hex")
    return _form_of_text(values.cast(pl.String))


def _form_of_text(values: pl.Series) -> tuple[Form, pl.Expr]:
    text = exactly(values.name).cast(pl.String).str.strip_chars()
    text = pl.when(text != "").then(text)  # CSV files have no other null
    seen = values.to_frame().select(text).to_series().drop_nulls()
    if len(seen) and seen.str.contains(_WHOLE).all():
        return "whole", text.str.replace(r"\.0+$", "").cast(pl.Int64, strict=False)
    if len(seen) and seen.str.contains(_UUID).all():
        return "text", text.str.to_lowercase().str.replace_all(r"[{}-]", "")
    return "text", text
