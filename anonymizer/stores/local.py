"""What stores that are one file share: its path, names, and rows in blocks."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

from anonymizer.errors import FileError

Blocks = Callable[[list[str]], Iterator[pl.DataFrame]]


def streamed(schema: pl.Schema, blocks: Blocks) -> pl.LazyFrame:
    """A table whose columns come in blocks of rows, as far as they are asked for."""

    def rows(
        names: list[str] | None, predicate: pl.Expr | None, limit: int | None, _size: int | None
    ) -> Iterator[pl.DataFrame]:
        left = limit
        for block in blocks(names or list(schema)):
            frame = block if predicate is None else block.filter(predicate)
            yield frame if left is None else frame.head(left)
            left = None if left is None else left - len(frame)
            if left is not None and left <= 0:
                return

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


def quoted(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def counting(columns: Iterable[str], table: str) -> str:
    """A query for the rows of a table, and then the values of each column that are not null."""
    return (
        f"SELECT {', '.join(['count(*)', *(f'count({quoted(c)})' for c in columns)])} FROM {table}"
    )


def row_and_null_counts(
    columns: Iterable[str], counts: tuple[int, ...]
) -> tuple[int, dict[str, int]]:
    """What the answer to `counting` says."""
    rows, *values = counts
    return rows, {name: rows - n for name, n in zip(columns, values, strict=True)}
