"""What goes to executors: the key, by a reference or hidden, and rows as they come and leave."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from anonymizer.keys import KeySource

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

ROWS_AT_ONCE: Final = 100_000  # of a partition, that are in memory

Reference = Callable[[], Any]


def reference(key: KeySource | None) -> Reference | None:
    """What executors get the secret from; None stands for their environment."""
    return key if key is None or callable(key) else _Shipped(key)


@dataclass(frozen=True)
class _Shipped:
    """A secret on its way to the executors; shows itself nowhere."""

    secret: Any = field(repr=False)

    def __call__(self) -> Any:
        return self.secret


def blocks(batches: "Iterator[pa.RecordBatch]", schema: pl.Schema) -> Iterator[pl.DataFrame]:
    """The rows of a partition of `numbered` as frames of a schema.

    Executors get times in the zone of the session, and the driver in UTC.
    """
    tables = (table.rename_columns(list(schema)) for table in together(batches))
    # Strictly, Polars 2.1.0 compares what lies below nulls of nested lists too.
    return (pl.DataFrame(table).cast(schema, strict=False) for table in tables)


def numbered(df: "DataFrame") -> "DataFrame":
    """The rows with names that Spark takes in every call: 4.3 cannot send columns with dots."""
    return df.toDF(*(f"_{place}" for place in range(len(df.columns))))


def together(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.Table]":
    """Batches as tables of some more rows: Spark sends 10,000 at once, which costs a step each."""
    import pyarrow as pa  # noqa: PLC0415 (slow to import)

    waiting = list["pa.RecordBatch"]()
    for batch in batches:
        waiting.append(batch)
        if sum(len(each) for each in waiting) >= ROWS_AT_ONCE:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)
