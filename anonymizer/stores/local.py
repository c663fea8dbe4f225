"""What stores that are one file share: its path, and rows in blocks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

from anonymizer.errors import FileError
from anonymizer.frames import first_rows

Blocks = Callable[[list[str]], Iterator[pl.DataFrame]]


def streamed(schema: pl.Schema, blocks: Blocks) -> pl.LazyFrame:
    """A table whose columns come in blocks of rows, as far as they are asked for."""

    def rows(
        names: list[str] | None, predicate: pl.Expr | None, limit: int | None, _size: int | None
    ) -> Iterator[pl.DataFrame]:
        for block in first_rows(blocks(names or list(schema)), limit):
            yield block if predicate is None else block.filter(predicate)

    return register_io_source(rows, schema=schema, is_pure=True)


def local_file(kind: str, path: str) -> Path:
    """The path of a store.

    Raises:
        FileError: it is none of a local file.
    """
    file = Path(path)
    if not path or "://" in path or path.startswith(":") or file.is_dir():
        raise FileError(f"{kind}:{path}: name a local file")
    return file
