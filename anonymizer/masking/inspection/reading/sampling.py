"""Columns of a table as `inspect` looks at them: counts of the whole table, values of a sample.

The table is streamed. Rows of the sample are chosen by a hash of their number, so that sorted,
grouped and periodic tables are all seen from beginning to end. Fields of structs are columns
`outer.inner`, lists are looked at by their elements, and text that is JSON by the paths that rules
can name in it; for all of them, counts are those of the sample.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

import polars as pl
import polars.selectors as cs

from anonymizer.errors import DataError
from anonymizer.masking.inspection.reading.values import Values
from anonymizer.masking.plan.json_cells import ANY, ITEMS, KEYS, read, step_to, typed
from anonymizer.masking.primitives.dtypes import TypeFamily, instance

SAMPLE_ROWS: Final = 20_000  # rows, about
_LIST_ELEMENTS: Final = 50_000  # of lists
_ROW_NUMBER: Final = "row"
_SAMPLE_SEED: Final = 20_889
_JSON_CELLS: Final = 5_000  # that are taken apart
_MOSTLY_JSON: Final = 0.95  # of the cells that hold anything are objects or arrays
# Keys that a few objects share are names of fields; others are of the data, and none is shown.
_FEWEST_OBJECTS: Final = 5
_MOST_KEYS: Final = 50
_FIELD_NAME: Final = re.compile(r"(?!.*\d{4})[^\W\d][\w .:$/-]{0,59}")
_COUNTABLE_DTYPES: Final = (pl.String, pl.Date, pl.Datetime, pl.Time, pl.Boolean)


InJson = Literal["path", "keys", "rest"]


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
    in_json: InJson | None = None


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


def _json_among(values: pl.Series) -> list[Any]:
    """What stands in cells that are nearly all JSON; nothing where they are not."""
    if TypeFamily.of(values.dtype) is not TypeFamily.TEXT:
        return []
    cells = values.cast(pl.String).drop_nulls().head(_JSON_CELLS).str.strip_chars()
    cells = cells.filter(cells != "")
    begun = cells.filter(cells.str.contains(r"^(?s:\{.*\}|\[.*\])$"))
    if begun.is_empty() or len(begun) < _MOSTLY_JSON * len(cells):
        return []
    found = [value for cell in begun if (value := _parsed(cell)) is not None]
    return found if len(found) >= _MOSTLY_JSON * len(cells) else []


def _parsed(cell: str) -> Any:
    try:
        return read(cell)
    except ValueError:
        return None


def _in_json(path: str, values: list[Any], *, many: bool = False) -> Iterator[SampledColumn]:
    """The columns inside what stands at a path of JSON, at any depth."""
    objects = [value for value in values if isinstance(value, dict)]
    arrays = [value for value in values if isinstance(value, list)]
    scalars = [value for value in values if not isinstance(value, dict | list)]
    fields = _fields_of(objects)
    for name in fields:
        inner = [each[name] for each in objects if name in each]
        yield from _in_json(path + step_to(name), inner, many=many)
    others = [(key, each[key]) for each in objects for key in each if key not in fields]
    if others and fields:
        yield _at_path(f"{path}.{ANY}", [], many=True, what="rest")
    elif others:
        yield _at_path(f"{path}.{ANY}{KEYS}", [key for key, _ in others], many=True, what="keys")
        yield from _in_json(f"{path}.{ANY}", [value for _, value in others], many=True)
    if items := [item for array in arrays for item in array]:
        yield from _in_json(path + ITEMS, items, many=True)
    if any(value is not None for value in scalars) or not (objects or arrays):
        yield _at_path(path, scalars, many=many)


def _fields_of(objects: list[dict[str, Any]]) -> list[str]:
    """The keys that are names of fields, as many objects have them, and look like it."""
    counts = Counter(key for each in objects for key in each)
    least = min(_FEWEST_OBJECTS, len(objects))
    shared = [key for key, count in counts.items() if count >= least]
    if len(shared) > _MOST_KEYS and max(counts.values()) < len(objects) / 2:
        return []
    return [key for key in shared if _FIELD_NAME.fullmatch(key)]


def _at_path(
    path: str, values: Iterable[Any], *, many: bool, what: InJson = "path"
) -> SampledColumn:
    series = typed(values)
    looked = _values(
        path,
        series.dtype,
        series,
        rows=len(series),
        nulls=series.null_count(),
        distinct=series.n_unique(),
    )
    dtype = pl.List(pl.String()) if many else pl.String()
    return SampledColumn(path, dtype, looked, nested=True, in_json=what)


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
