"""Newline-delimited JSON, of whose numbers no digit is lost."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import polars as pl

from anonymizer.errors import FileError
from anonymizer.storage import Address, opened, told

_EXACT: Final = 2**53  # the largest integer up to which a float holds all
_LONG: Final = re.compile(rb"\d{16}")


def scan_ndjson(files: Sequence[Address], **options: Any) -> pl.LazyFrame:
    """A LazyFrame over the rows of files; all of them decide the types.

    It fails with a FileError where an integer stands in a column of decimals that cannot hold it.
    """
    names = [str(file) for file in files]
    lazy = pl.scan_ndjson(names, infer_schema_length=None, **options)
    schema = lazy.collect_schema()
    if "Float" not in str(schema):
        return lazy
    return lazy.map_batches(_Exact(tuple(files), schema), schema=schema, streamable=True)


@dataclass(frozen=True)
class _Exact:
    """Lets frames pass whose decimals are as they stand in the files."""

    files: Sequence[Address]
    schema: pl.Schema

    def __call__(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame.

        Raises:
            FileError: an integer lost digits; names the file, the line and the column.
        """
        if any(_has_large(column) for column in frame) and self._lost:
            way = "holds an integer of more digits than the decimals beside it: write it as text"
            raise FileError(f"{self._lost} {way}")
        return frame

    @cached_property
    def _lost(self) -> str | None:
        """Where the first integer stands that its column cannot hold; None where none does."""
        for file in self.files:
            with opened(file) as lines:
                for number, line in enumerate(lines, 1):
                    row = json.loads(line) if _LONG.search(line) else {}
                    for name, value in row.items():
                        if path := _lost_in(value, self.schema[name], name):
                            return f"{told(file)}, line {number:,}: column {path!r}"
        return None


def _has_large(column: pl.Series) -> bool:
    """Whether a column holds decimals, at any depth, beyond which integers lose digits."""
    match column.dtype:
        case pl.List() | pl.Array():
            return _has_large(column.explode())
        case pl.Struct():
            return any(_has_large(column.struct.field(name)) for name in column.struct.fields)
    return column.dtype.is_float() and bool((column.abs() >= _EXACT).any())


def _lost_in(value: Any, dtype: Any, path: str) -> str | None:
    """The path to the first integer in a value that its dtype cannot hold."""
    match value:
        case bool():
            return None
        case int():
            return path if dtype.is_float() and int(float(value)) != value else None
        case dict() if isinstance(dtype, pl.Struct):
            inner = {field.name: field.dtype for field in dtype.fields}
            parts = [(each, inner[name], f"{path}.{name}") for name, each in value.items()]
        case list() if isinstance(dtype, pl.List):
            parts = [(each, dtype.inner, path) for each in value]
        case _:
            return None
    return next((found for part in parts if (found := _lost_in(*part))), None)
