"""What a frame holds in memory: the values that it shows, and nothing else.

Polars shares memory where it can. A value that became null stays under its validity bit, rows that
went stay in front of a slice or among the characters that strings point to, and an Enum carries
its categories in its type. Whoever gets the frame as an Arrow table, a stream, a pickle or an IPC
file gets them too. Masked frames pass `settled` on their way out, and their types
`without_categories`.
"""

from collections.abc import Callable
from typing import Any

import polars as pl


def settled(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame in memory of its own, which depends on nothing but the values it shows.

    Below nulls are zeros, at any depth; strings lie in the order of their rows, and nothing of what
    shared memory with them is left.
    """
    return frame.with_columns(_settled(column) for column in frame)


def settled_in_batches(lazy: pl.LazyFrame) -> pl.LazyFrame:
    """The frame whose batches are settled as they come."""
    return lazy.map_batches(settled, schema=lazy.collect_schema(), streamable=True)


def settled_table(frame: pl.DataFrame) -> Any:
    """The same as an Arrow table of old types; integers of 128 bits are text in it."""
    # Through Polars, as Arrow keeps a mask of nulls below a list though none is left.
    columns = [pl.Series(column.name, _copied(column)) for column in frame]
    return pl.DataFrame(columns).to_arrow(compat_level=pl.CompatLevel.oldest())


def settled_for_parquet(lazy: pl.LazyFrame) -> pl.LazyFrame:
    """The frame whose columns of nested values and of categories are settled as they come.

    Parquet holds the values of other columns one after the other, and nothing beside them.
    """
    schema = lazy.collect_schema()
    categories = (pl.Categorical, pl.Enum)
    kept = [name for name, type_ in schema.items() if type_.is_nested() or type_ in categories]
    if not kept:
        return lazy
    return lazy.map_batches(
        lambda frame: frame.with_columns(_settled(frame[name]) for name in kept),
        schema=schema,
        streamable=True,
    )


def _settled(column: pl.Series) -> pl.Series:
    if column.dtype.is_object():
        return column  # of Python's own objects, which Arrow cannot hold
    return pl.Series(column.name, _copied(column)).cast(column.dtype, strict=False)


def _copied(column: pl.Series) -> Any:
    """An Arrow array in memory of its own."""
    # Strictly, Polars 2.1.0 compares what lies below nulls of nested lists too.
    portable = column.cast(_everywhere(column.dtype, _portable), strict=False)
    copied = portable.to_arrow(compat_level=pl.CompatLevel.oldest())
    if column.dtype != pl.String:  # of which this is a copy already
        # Taking every row copies what is valid and writes zeros elsewhere, in children too.
        copied = copied.take(pl.int_range(len(column), eager=True).to_arrow())
    return copied


def _portable(leaf: pl.DataType) -> pl.DataType:
    """The dtype for the way through Arrow, which has no integers of 128 bits."""
    return pl.String() if leaf in (pl.Int128, pl.UInt128) else leaf


def without_categories(dtype: pl.DataType) -> pl.DataType:
    """A dtype that holds no value itself: Categorical for Enum, at any depth."""
    plain: pl.DataType = _everywhere(
        dtype, lambda leaf: pl.Categorical() if leaf == pl.Enum else leaf
    )
    return plain


def _everywhere(dtype: Any, change: Callable[[Any], Any]) -> Any:
    """The dtype with a change of what its lists, maps and structs are made of."""
    match dtype:
        case pl.List():
            return pl.List(_everywhere(dtype.inner, change))
        case pl.Array():
            return pl.Array(_everywhere(dtype.inner, change), dtype.size)
        case pl.Map():
            return pl.Map(_everywhere(dtype.key, change), _everywhere(dtype.value, change))
        case pl.Struct():
            fields = {field.name: _everywhere(field.dtype, change) for field in dtype.fields}
            return pl.Struct(fields)
        case _:
            return change(dtype)
