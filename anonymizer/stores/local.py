"""What stores that are one file share: rows in blocks, and a file that appears when it is full."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

from anonymizer.errors import FileError
from anonymizer.staging import staged

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


@contextmanager
def filled(target: Path, place: str, logs: tuple[str, ...]) -> Iterator[Path]:
    """A copy of a file, or a path for a new one, that takes its place when the block ends well.

    Args:
        target: the file.
        place: as messages tell it.
        logs: what the names of the files end in that hold what is not yet in it.

    Raises:
        FileError: there is such a file: somebody writes, or was killed.
    """
    for log in logs:
        if Path(f"{target}{log}").exists():
            what = f"{target.name}{log} lies beside it: end what writes there, or open it once"
            raise FileError(f"{place}: {what}")
    with staged(target) as temporary:
        if target.exists():
            shutil.copyfile(target, temporary)
        yield temporary


def local_file(kind: str, path: str) -> Path:
    """The path of a store.

    Raises:
        FileError: it is none of a local file.
    """
    file = Path(path)
    if not path or "://" in path or path.startswith(":") or file.is_dir():
        raise FileError(f"{kind}:{path}: name a local file")
    return file
