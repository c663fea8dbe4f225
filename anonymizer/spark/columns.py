"""Which columns of a Spark DataFrame are looked at, so that Spark reads and sends no others."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import polars as pl
from polars.io.plugins import register_io_source

from anonymizer.errors import AnonymizerError
from anonymizer.spark.shipping import numbered

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def looked_at(look: Callable[[pl.LazyFrame], object], schema: pl.Schema) -> list[str] | None:
    """The columns that a function asks a table for; found out on one without rows.

    Args:
        look: whatever reads a table lazily.
        schema: of the table.

    Returns:
        All columns where an error keeps it from being found out; none where rows are counted; None
        where nothing is read.
    """
    seen, reads = set[str](), list[object]()

    def nothing(
        columns: list[str] | None, predicate: pl.Expr | None, _limit: int | None, _size: int | None
    ) -> Iterator[pl.DataFrame]:
        asked = list(schema) if columns is None else columns
        reads.append(asked)
        seen.update(asked, () if predicate is None else predicate.meta.root_names())
        yield pl.DataFrame(schema=schema).select(asked)

    try:
        look(register_io_source(nothing, schema=schema))
    except AnonymizerError:  # a table without rows need not do
        return list(schema)
    return [column for column in schema if column in seen] if reads else None


def only(df: "DataFrame", columns: list[str]) -> "DataFrame":
    """Some columns of a Spark DataFrame, as `numbered` calls them: Spark may not mind case."""
    places = [place for place, column in enumerate(df.columns) if column in columns]
    return numbered(df).select(*(f"_{place}" for place in places))


def beside_nulls(rows: pl.LazyFrame, schema: pl.Schema) -> pl.LazyFrame:
    """The rows with all columns of a schema; nobody looks at those that did not come."""
    there = rows.collect_schema()
    return rows.select(
        pl.col(c) if c in there else pl.lit(None, dtype).alias(c) for c, dtype in schema.items()
    )
