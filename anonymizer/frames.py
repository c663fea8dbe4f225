"""Any frame or path in, the same kind out. Files appear whole or not at all."""

import glob
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias

import polars as pl
from polars.io.plugins import register_io_source

from anonymizer.errors import DataError, FileError

Format: TypeAlias = str

FORMATS: Final[dict[str, Format]] = {
    ".parquet": "Parquet",
    ".pq": "Parquet",
    ".csv": "CSV",
    ".ndjson": "NDJSON",
    ".jsonl": "NDJSON",
    ".arrow": "Arrow IPC",
    ".ipc": "Arrow IPC",
    ".feather": "Arrow IPC",
}
# Keyed digits do not shrink however hard one tries: level 1 writes files as small as level 3 does,
# in two thirds of the time. Row groups of this size keep the writer's memory small.
_ZSTD_LEVEL: Final = 1
_ROW_GROUP: Final = 128 * 1024
_KNOWN: Final = "use .parquet, .csv, .ndjson or .arrow"


# --- frames of other libraries -----------------------------------------------------------------


def to_lazy(frame: Any) -> tuple[pl.LazyFrame, Callable[[pl.LazyFrame], Any]]:
    """A frame as a LazyFrame, and the way back to its kind.

    Polars eager and lazy, pandas and Arrow tables are taken. A LazyFrame comes back lazy; a
    pandas frame keeps its index.

    Raises:
        DataError: the frame is of another kind, or cannot be read as columns of one type each.
    """
    if isinstance(frame, pl.LazyFrame):
        return frame, lambda lazy: lazy
    if isinstance(frame, pl.DataFrame):
        return frame.lazy(), collect
    library = type(frame).__module__.partition(".")[0]
    if library == "pandas" and hasattr(frame, "columns"):
        return _imported(pl.from_pandas, frame), lambda lazy: _to_pandas(lazy, frame.index)
    if library == "pyarrow" and hasattr(frame, "schema") and hasattr(frame, "num_rows"):
        return _imported(pl.from_arrow, frame), lambda lazy: collect(lazy).to_arrow()
    raise DataError(
        f"expected a Polars, pandas or Arrow frame, got {type(frame).__module__}."
        f"{type(frame).__qualname__}"
    )


def collect(lazy: pl.LazyFrame) -> pl.DataFrame:
    """The frame, computed by the streaming engine."""
    return lazy.collect(engine="streaming")


def _imported(convert: Callable[[Any], Any], frame: Any) -> pl.LazyFrame:
    try:
        converted: pl.DataFrame = convert(frame)
    except Exception as error:  # noqa: BLE001 (messages of Arrow contain values)
        raise DataError(
            f"the {type(frame).__name__} cannot be read ({type(error).__name__}): give each "
            "column one type and a name of its own"
        ) from None
    return converted.lazy()


def _to_pandas(lazy: pl.LazyFrame, index: Any) -> Any:
    result = collect(lazy).to_pandas()
    result.index = index
    return result


# --- paths -------------------------------------------------------------------------------------


def format_of(path: str | Path) -> Format:
    """The format that a path's ending stands for.

    Raises:
        FileError: the ending stands for none.
    """
    ending = Path(path).suffix.lower()
    if ending not in FORMATS:
        raise FileError(f"{Path(path).name}: unknown ending {ending!r}; {_KNOWN}")
    return FORMATS[ending]


def sources(path: str | Path) -> list[Path]:
    """The files that a path, a glob or a folder stands for, sorted.

    Raises:
        FileError: there are none, or they are of different formats.
    """
    place = Path(path)
    if "://" in str(path):
        raise FileError("addresses such as s3:// cannot be read in this release")
    if place.is_file():
        found = [place]
    elif place.is_dir():
        found = [file for file in place.rglob("*") if file.is_file() and _visible(file, place)]
        found = [file for file in found if file.suffix.lower() in FORMATS]
    else:
        matches = glob.glob(str(path), recursive=True)  # noqa: PTH207 (absolute patterns)
        found = [Path(match) for match in matches if Path(match).is_file()]
    if not found:
        raise FileError(f"no such file: {place}")
    if len({format_of(file) for file in found}) > 1:
        raise FileError(f"{place}: the files are of different formats")
    return sorted(found)


def _visible(file: Path, folder: Path) -> bool:
    return not any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)


def scan(path: str | Path) -> pl.LazyFrame:
    """A LazyFrame over a file, a glob or a folder; Hive partitions become columns.

    Types of a CSV are read off the whole file. Numbers written with leading zeros stay text, and
    ISO dates become dates.

    Raises:
        FileError: nothing is there, the ending is unknown, or the content is of another format.
    """
    files = sources(path)
    kind = format_of(files[0])
    try:
        lazy = _scan(files, kind, hive=any("=" in part for part in files[0].parts[:-1]))
        lazy.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise FileError(f"{path}: cannot be read as {kind} ({type(error).__name__})") from None
    return lazy


def _scan(files: list[Path], kind: Format, *, hive: bool) -> pl.LazyFrame:
    match kind:
        case "Parquet":
            return pl.scan_parquet(files, glob=False, hive_partitioning=hive)
        case "CSV":
            return _scan_csv(files)
        case "NDJSON":
            return pl.scan_ndjson(files, infer_schema_length=None)
        case _:
            return pl.scan_ipc(files, hive_partitioning=hive)


def _scan_csv(files: list[Path]) -> pl.LazyFrame:
    options: dict[str, Any] = {"infer_schema_length": None, "try_parse_dates": True, "glob": False}
    lazy = pl.scan_csv(files, **options)
    numbers = [name for name, dtype in lazy.collect_schema().items() if dtype.is_integer()]
    text = pl.scan_csv(files, glob=False, infer_schema=False)
    padded = collect(text.select(pl.col(numbers).str.contains(r"^[+-]?0\d").any()))
    codes = [name for name in numbers if padded[name].item()]
    if not codes:
        return lazy
    return pl.scan_csv(files, schema_overrides=dict.fromkeys(codes, pl.String), **options)


# --- writing -----------------------------------------------------------------------------------


def check_target(
    target: str | Path, *, overwrite: bool = False, inputs: list[Path] | None = None
) -> Path:
    """The path to write to, when writing there does no harm.

    Raises:
        FileError: it exists and may not be overwritten, it is an input, or its folder is absent.
    """
    path = Path(target)
    if any(_same(path, source) for source in inputs or []):
        raise FileError(f"{path}: the output is an input")
    if path.is_dir():
        raise FileError(f"{path}: is a folder; name a file")
    if path.exists() and not overwrite:
        raise FileError(
            f"{path}: exists already: choose another name, or ask for it with --overwrite"
        )
    if not path.parent.is_dir():
        raise FileError(f"{path.parent}: no such folder")
    return path


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """A hidden path beside the target; it becomes the target when the block ends well.

    After an error nothing is left of it, and a target that was there before is untouched.
    """
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex[:12]}{target.suffix}")
    try:
        yield temporary
        os.replace(temporary, target)  # noqa: PTH105 (atomic, and the name says so)
    finally:
        temporary.unlink(missing_ok=True)


def write(lazy: pl.LazyFrame, path: Path, metadata: dict[str, str] | None = None) -> None:
    """Stream a frame into a file, in the format of its ending.

    Args:
        lazy: what to write; never in memory as a whole.
        path: where to; use `sink` to write beside it and rename.
        metadata: key-value pairs for a Parquet footer; other formats have no place for them.
    """
    match format_of(path):
        case "Parquet":
            lazy.sink_parquet(
                path,
                metadata=metadata,
                compression_level=_ZSTD_LEVEL,
                row_group_size=_ROW_GROUP,
                engine="streaming",
            )
        case "CSV":
            lazy.sink_csv(path, engine="streaming")
        case "NDJSON":
            lazy.sink_ndjson(path, engine="streaming")
        case _:
            lazy.sink_ipc(path, engine="streaming")


def sink(
    lazy: pl.LazyFrame,
    path: str | Path,
    *,
    overwrite: bool = False,
    metadata: dict[str, str] | None = None,
    inputs: list[Path] | None = None,
) -> None:
    """Stream a frame into a file that appears whole or not at all.

    Args:
        lazy: what to write.
        path: a file with the ending of a known format.
        overwrite: whether a file that is there may be replaced.
        metadata: key-value pairs for a Parquet footer.
        inputs: files that must not be replaced.

    Raises:
        FileError: the path cannot or must not be written.
    """
    format_of(path)
    target = check_target(path, overwrite=overwrite, inputs=inputs)
    with staged(target) as temporary:
        write(lazy, temporary, metadata)


def from_blocks(blocks: Iterator[pl.DataFrame], schema: pl.Schema) -> pl.LazyFrame:
    """A LazyFrame that takes its rows from frames as they come, once; memory holds one of them."""

    def rows(
        columns: list[str] | None, predicate: pl.Expr | None, limit: int | None, _size: int | None
    ) -> Iterator[pl.DataFrame]:
        for block in blocks:
            part = block if predicate is None else block.filter(predicate)
            yield (part if columns is None else part.select(columns)).head(limit or len(part))

    return register_io_source(rows, schema=schema)


def footer(path: Path) -> dict[str, str]:
    """The key-value metadata of a Parquet file; empty for other formats."""
    if format_of(path) != "Parquet":
        return {}
    return {key: str(value) for key, value in pl.read_parquet_metadata(path).items()}


def row_and_null_counts(files: list[Path]) -> tuple[int, dict[str, int]]:
    """Rows, and nulls per column; from the footers of flat Parquet files, else counted."""
    if format_of(files[0]) == "Parquet":
        counted = _counts_in_footers(files)
        if counted is not None:
            return counted
    counts = collect(scan_files(files).select(pl.len().alias("\0rows"), pl.all().null_count()))
    rows = counts.row(0, named=True)
    return rows.pop("\0rows"), rows


def scan_files(files: list[Path]) -> pl.LazyFrame:
    """A LazyFrame over files of one format, without Hive columns."""
    return _scan(files, format_of(files[0]), hive=False)


def _counts_in_footers(files: list[Path]) -> tuple[int, dict[str, int]] | None:
    import pyarrow.parquet as pq  # noqa: PLC0415 (slow to import)

    rows, nulls = 0, dict[str, int]()
    for file in files:
        metadata = pq.read_metadata(file)
        rows += metadata.num_rows
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
                nulls[chunk.path_in_schema] = (
                    nulls.get(chunk.path_in_schema, 0) + statistics.null_count
                )
    return rows, nulls
