"""The leaves of a table: its columns, and what is inside structs, lists and text that is JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import polars as pl

from anonymizer.checks.audit.case import Frame
from anonymizer.json_cells import found_in, steps_of, values_at

_ELEMENTS = None  # a step into a list; a step into a struct is the name of a field
_JSON_ROWS: Final = 20_000  # at the beginning, in which paths are looked for


@dataclass(frozen=True)
class _Path:
    """A step into text that is JSON."""

    steps: list[str]

    def __call__(self, cells: pl.Series) -> pl.Series:
        """The values that stand at the path of each cell."""
        values = [None if cell is None else values_at(cell, self.steps) for cell in cells]
        return pl.Series(cells.name, values, dtype=pl.List(pl.String))


class Leaf(NamedTuple):
    """A column, or what is inside one.

    Attributes:
        name: of the column; fields of structs are `outer.inner`, lists are called as they are.
        column: of the table.
        steps: from the column to the leaf.
        dtype: of its values.
    """

    name: str
    column: str
    steps: tuple[str | _Path | None, ...]
    dtype: pl.DataType

    @property
    def is_plain(self) -> bool:
        """Whether values can be compared as words: text, numbers and bytes."""
        text = pl.String, pl.Categorical, pl.Enum, pl.Binary
        return self.dtype.is_numeric() or isinstance(self.dtype, text)

    @property
    def is_unknown(self) -> bool:
        """Whether nobody can say what its values hold: no words, no times, no yes and no."""
        seen = isinstance(self.dtype, pl.Boolean | pl.Null) or self.dtype.is_temporal()
        return not (self.is_plain or seen)

    def rows(self, frame: Frame, **more: pl.Expr) -> pl.LazyFrame:
        """Its values as `value`, a row for each element of a list; beside them more of the row."""
        rows = frame.lazy().select(pl.col(self.column).alias("value"), **more)
        for step in self.steps:
            if step is _ELEMENTS:
                rows = rows.explode("value")
            elif isinstance(step, _Path):
                text = pl.col("value").cast(pl.String)
                rows = rows.with_columns(
                    text.map_batches(step, return_dtype=pl.List(pl.String), is_elementwise=True)
                ).explode("value")
            else:
                rows = rows.with_columns(pl.col("value").struct.field(step).alias("value"))
        return rows

    def words(self, pattern: str) -> pl.Expr:
        """Of `value` the words in lower case; null for none, and for numbers that are not whole."""
        value = pl.col("value")
        if self.dtype.is_float() or self.dtype.is_decimal():
            whole = value.cast(pl.Float64)
            value = pl.when(whole == whole.round()).then(whole).cast(pl.Int64, strict=False)
        if self.dtype == pl.Binary:
            value = pl.coalesce(value.cast(pl.String, strict=False), value.bin.encode("hex"))
        words = value.cast(pl.String).str.to_lowercase().str.extract_all(pattern)
        return pl.when(words.list.len() > 0).then(words).alias("words")


def leaves(frame: Frame) -> list[Leaf]:
    """All leaves of a table; text that is JSON is one."""
    schema = frame.lazy().collect_schema()
    return [leaf for name in schema for leaf in _inside(Leaf(name, name, (), schema[name]))]


def in_json(leaf: Leaf, frame: Frame) -> Iterator[Leaf]:
    """The paths inside a leaf of text that is JSON."""
    if leaf.dtype != pl.String:
        return
    cells = leaf.rows(frame.lazy().head(_JSON_ROWS)).collect(engine="streaming").to_series()
    for path, _, _, what in found_in(cells):
        if what != "rest":
            inside = (*leaf.steps, _Path(steps_of(path) or []))
            yield leaf._replace(name=leaf.name + path, steps=inside)


def _inside(leaf: Leaf) -> Iterator[Leaf]:
    """The leaves of what is still a struct or a list; anything else is one."""
    dtype = leaf.dtype
    if isinstance(dtype, pl.Struct):
        for field in dtype.fields:
            steps = (*leaf.steps, field.name)
            inner = pl.Schema({"": field.dtype})[""]
            yield from _inside(Leaf(f"{leaf.name}.{field.name}", leaf.column, steps, inner))
    elif isinstance(dtype, pl.List | pl.Array):
        inner = pl.Schema({"": dtype.inner})[""]
        yield from _inside(leaf._replace(steps=(*leaf.steps, _ELEMENTS), dtype=inner))
    else:
        yield leaf
