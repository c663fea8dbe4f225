"""Columns of a table as `inspect` looks at them: counts of the whole table, values of a sample.

The table is streamed. Rows of the sample are chosen by a hash of their number, so that sorted,
grouped and periodic tables are all seen from beginning to end. Fields of structs are columns
`outer.inner`, lists are looked at by their elements, and text that is JSON by the paths that rules
can name in it; for all of them, counts are those of the sample.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import polars as pl
import polars.selectors as cs

from anonymizer.errors import DataError
from anonymizer.json_cells import At, What, found_in, typed
from anonymizer.masking.inspection.reading.values import Values
from anonymizer.masking.primitives.dtypes import TypeFamily, instance

SAMPLE_ROWS: Final = 20_000  # rows, about
_LIST_ELEMENTS: Final = 50_000  # of lists
_ROW_NUMBER: Final = "row"
_SAMPLE_SEED: Final = 20_889
_COUNTABLE_DTYPES: Final = (pl.String, pl.Date, pl.Datetime, pl.Time, pl.Boolean)


class SampledColumn(NamedTuple):
    """A column of the table with what is known of its values.

    Attributes:
        column: its name; `outer.inner` for fields.
        dtype: as it stands in the table.
        values: what was seen.
        nested: whether it is inside a struct, or a list.
        cells: of the sampled rows, nulls among them; None where it is inside a list or JSON.
        in_json: what it is inside text that is JSON: a path, the keys of a map, or the rest of an
            object, whose keys few objects have; None outside.
    """

    column: str
    dtype: pl.DataType
    values: Values
    nested: bool = False
    cells: pl.Series | None = None
    in_json: What | None = None


class Sample(NamedTuple):
    """The columns, the rows of the table, and how many of these rows were looked at."""

    columns: list[SampledColumn]
    rows: int
    looked_at: int


def sampled(frame: pl.LazyFrame) -> Sample:
    """Look at every column of a table.

    Raises:
        DataError: it has no columns.
    """
    schema = frame.collect_schema()
    if not schema:
        raise DataError("the table has no columns: there is nothing to inspect")
    # Plain names: Polars takes some names for patterns.
    plain = frame.rename({name: f"c{place}" for place, name in enumerate(schema)})
    rows = int(plain.select(pl.len()).collect(engine="streaming").item())
    counts, values = _read(plain, dict(plain.collect_schema()), rows)
    columns = [
        column
        for place, (name, dtype) in enumerate(schema.items())
        for column in _columns(name, dtype, values[f"c{place}"], counts.get(f"c{place}"), rows)
    ]
    return Sample(columns, rows, values.height)


def _read(
    frame: pl.LazyFrame, schema: Mapping[str, pl.DataType], rows: int
) -> tuple[dict[str, tuple[int, int]], pl.DataFrame]:
    """Nulls and distinct values of each column, and the rows of the sample."""
    if rows <= SAMPLE_ROWS:
        values = frame.collect(engine="streaming")
        counted = [name for name, dtype in schema.items() if _is_countable(dtype)]
        return {
            name: (values[name].null_count(), values[name].n_unique()) for name in counted
        }, values
    counted = [name for name, dtype in schema.items() if _is_countable(dtype)]
    nulls = [pl.col(name).null_count().alias(f"{name} nulls") for name in counted]
    distinct = [pl.col(name).approx_n_unique().alias(f"{name} distinct") for name in counted]
    chosen = pl.col(_ROW_NUMBER).hash(_SAMPLE_SEED) % rows < SAMPLE_ROWS
    sample = frame.with_row_index(_ROW_NUMBER).filter(chosen).drop(_ROW_NUMBER)
    totals, values = pl.collect_all([frame.select(*nulls, *distinct), sample], engine="streaming")
    counted_values = totals.row(0, named=True) if counted else {}
    return {
        name: (counted_values[f"{name} nulls"], counted_values[f"{name} distinct"])
        for name in counted
    }, values


def _is_countable(dtype: pl.DataType) -> bool:
    return dtype.is_integer() or dtype.is_float() or dtype in _COUNTABLE_DTYPES


def _columns(
    name: str, dtype: pl.DataType, values: pl.Series, counts: tuple[int, int] | None, rows: int
) -> Iterator[SampledColumn]:
    """One column of the table; for structs and lists, the columns inside it."""
    if isinstance(dtype, pl.Struct) and _is_plain(dtype):
        for field in dtype.fields:
            inner = values.struct.field(field.name)
            yield from _inside(f"{name}.{field.name}", instance(field.dtype), inner)
        return
    if isinstance(dtype, pl.List):
        yield from _inside(name, dtype, values)
        return
    if found := _json_among(values):
        yield from _in_json(name, found)
        return
    nulls, distinct = counts or (values.null_count(), _distinct(values))
    rows = rows if counts else len(values)
    looked = _values(name, dtype, values, rows=rows, nulls=nulls, distinct=distinct)
    yield SampledColumn(name, dtype, looked, cells=values)


def _inside(
    name: str, dtype: pl.DataType, values: pl.Series, *, in_list: bool = False
) -> Iterator[SampledColumn]:
    """The columns inside a struct or a list, at any depth; structs in lists give their fields."""
    outer_dtype = dtype
    while isinstance(dtype, pl.List):
        values = values.drop_nulls().head(_LIST_ELEMENTS).explode().head(_LIST_ELEMENTS)
        dtype = instance(dtype.inner)
    if isinstance(dtype, pl.Struct) and _is_plain(dtype):
        for field in dtype.fields:
            inner = values.struct.field(field.name)
            listed = in_list or isinstance(outer_dtype, pl.List)
            yield from _inside(f"{name}.{field.name}", instance(field.dtype), inner, in_list=listed)
        return
    if found := _json_among(values):
        yield from _in_json(name, found, many=in_list or isinstance(outer_dtype, pl.List))
        return
    inner_values = _values(
        name,
        dtype,
        values,
        rows=len(values),
        nulls=values.null_count(),
        distinct=_distinct(values),
    )
    cells = None if isinstance(outer_dtype, pl.List) or in_list else values
    yield SampledColumn(name, outer_dtype, inner_values, nested=True, cells=cells)


def _in_json(name: str, found: Iterable[At], *, many: bool = False) -> Iterator[SampledColumn]:
    """The paths inside a column of text that is JSON, as columns."""
    for path, scalars, several, what in found:
        values = typed(scalars)
        looked = _values(
            name + path,
            values.dtype,
            values,
            rows=len(values),
            nulls=values.null_count(),
            distinct=values.n_unique(),
        )
        dtype = pl.List(pl.String()) if many or several else pl.String()
        yield SampledColumn(name + path, dtype, looked, nested=True, in_json=what)


def _json_among(values: pl.Series) -> list[At]:
    is_text = TypeFamily.of(values.dtype) is TypeFamily.TEXT
    return found_in(values) if is_text else []


class Tie(NamedTuple):
    """How far the values of a column follow those of another, over distinct pairs of them.

    Attributes:
        constant: 1 where each value of the other column has one value of this.
        exclusive: 1 where each value of this column belongs to one value of the other.
        repeats: rows per value of the other column.
    """

    constant: float = 0.0
    exclusive: float = 0.0
    repeats: float = 0.0


def tie(column: SampledColumn, other: SampledColumn) -> Tie:
    """How two columns go together in the sampled rows in which both are filled.

    Blanks at the ends make no other value, as they make no other token.
    """
    if column.cells is None or other.cells is None:
        return Tie()
    both = pl.DataFrame({"this": column.cells, "other": other.cells})
    cells = both.with_columns(cs.string().str.strip_chars()).drop_nulls()
    if cells.is_empty():
        return Tie()
    pairs, these, others = cells.n_unique(), cells["this"].n_unique(), cells["other"].n_unique()
    return Tie(others / pairs, these / pairs, cells.height / others)


def _is_plain(dtype: pl.Struct) -> bool:
    """Whether rules can name its fields one by one."""
    names = [field.name for field in dtype.fields]
    return bool(names) and all(name and not set(name) & set(".*?[") for name in names)


def _values(
    name: str, dtype: pl.DataType, values: pl.Series, *, rows: int, nulls: int, distinct: int
) -> Values:
    filled = values.drop_nulls()
    if dtype.is_float():
        filled = filled.filter(filled.is_finite())
    return Values(name, dtype, rows, nulls, distinct - (nulls > 0), filled)


def _distinct(values: pl.Series) -> int:
    try:
        return values.n_unique()
    except pl.exceptions.PolarsError:  # not defined for some nested types
        return 0
