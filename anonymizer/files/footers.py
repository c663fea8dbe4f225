"""What the footers of Parquet files say."""

import json
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, TypeAlias

import polars as pl

from anonymizer.files.formats import format_of
from anonymizer.frames import collect
from anonymizer.storage import Address, opened

_SPARK = "org.apache.spark.sql.parquet.row.metadata"  # the schema, in JSON

Counts: TypeAlias = tuple[int, dict[str, int]]  # rows, and nulls per column


def footer(file: Address) -> dict[str, str]:
    """The key-value metadata of a Parquet file; empty for other formats."""
    if format_of(file) != "Parquet":
        return {}
    metadata = _parquet_metadata(file)
    if metadata is None:
        return pl.read_parquet_metadata(str(file))
    said = {_text(key): _text(value) for key, value in (metadata.metadata or {}).items()}
    return {**_of_spark(said.get(_SPARK, "")), **said}


def _of_spark(schema: str) -> dict[str, str]:
    """What the first column says, where Spark wrote the file: files have no other place there."""
    try:
        first, *_ = json.loads(schema)["fields"]
        return {key: value for key, value in first["metadata"].items() if isinstance(value, str)}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def counted(lazy: pl.LazyFrame) -> Counts:
    """Rows and nulls of a frame, which is read for them."""
    found = collect(lazy.select(pl.len().alias("\0rows"), pl.all().null_count()))
    counts = found.row(0, named=True)
    return counts.pop("\0rows"), counts


def counts_in_footers(files: Iterable[Address]) -> Counts | None:
    """Rows and nulls, where all footers have them for flat columns; else None.

    A column that a file has not is null there, as files of one table are merged.
    """
    rows, values = 0, dict[str, int]()
    for file in files:
        metadata = _parquet_metadata(file)
        if metadata is None:
            return None
        rows += metadata.num_rows
        for position in range(metadata.num_columns):
            values.setdefault(metadata.schema.column(position).path, 0)
        for group in range(metadata.num_row_groups):
            for position in range(metadata.num_columns):
                chunk = metadata.row_group(group).column(position)
                statistics = chunk.statistics
                if (
                    "." in chunk.path_in_schema
                    or statistics is None
                    or not statistics.has_null_count
                ):
                    return None
                values[chunk.path_in_schema] += chunk.num_values - statistics.null_count
    return rows, {name: rows - there for name, there in values.items()}


def _parquet_metadata(file: Address) -> Any:
    """What Arrow reads of a footer; None where a type is none of its own, as Int128 is."""
    import pyarrow as pa  # noqa: PLC0415 (slow to import)
    import pyarrow.parquet as pq  # noqa: PLC0415

    with opened(file) as content, suppress(pa.ArrowNotImplementedError):
        return pq.read_metadata(content)
    return None


def _text(stored: bytes) -> str:
    return stored.decode(errors="replace")
