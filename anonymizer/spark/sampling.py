"""Some persons of a Spark DataFrame with all of their rows: those of any other engine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from anonymizer.keys import KeySource
from anonymizer.sampling import Draw
from anonymizer.spark.schema import nothing_of
from anonymizer.spark.shipping import numbered, reference, together

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame


def sample_entities(
    df: "DataFrame", share: float, *, entity: str | Sequence[str], key: KeySource | None = None
) -> "DataFrame":
    """As `anonymizer.sample_entities`: the same persons, lazily, row by row, without a shuffle.

    Args:
        df: a Spark DataFrame of Spark 4, or a streaming one.
        share: above 0, up to 1.
        entity: column that says whose row it is; several that only together tell.
        key: a callable that gives the secret, called on driver and executors; or the secret; or
            nothing, where ANONYMIZER_KEY is set on both.

    Raises:
        DataError: the share is none, or a column is absent or of a type that Arrow has not.
        KeyMaterialError: there is no key that could serve.
        MissingExtraError: pyspark is not installed.
    """
    schema = pl.DataFrame(nothing_of(df)).schema
    draw = Draw.of(schema, share, entity, reference(key))
    return numbered(df).mapInArrow(_Drawn(draw, schema), df.schema)


@dataclass(frozen=True)
class _Drawn:
    """Leaves of the Arrow batches of a partition the rows of those who are drawn."""

    draw: Draw
    schema: pl.Schema

    def __call__(self, batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        """The rows as they came."""
        columns = list(self.draw.entity.columns)
        places = [self.schema.names().index(column) for column in columns]
        for table in together(batches):
            whose = table.select(places).rename_columns(columns)
            frame = pl.DataFrame(whose).cast({c: self.schema[c] for c in columns})
            yield from table.filter(self.draw.rows(frame.to_struct("who")).to_arrow()).to_batches()
