"""Any frame or path in, the same kind out. Files appear whole or not at all."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import unquote

import polars as pl
from polars.io.plugins import register_io_source

from anonymizer.errors import AnonymizerError, DataError, FileError
from anonymizer.storage import (
    Address,
    address_of,
    ending_of,
    exists,
    files_at,
    is_folder,
    name_of,
    opened,
    options_for,
    staged,
)

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
_HIVE_NULL: Final = "__HIVE_DEFAULT_PARTITION__"
_WHOLE: Final = r"-?(0|[1-9]\d{0,17})"
# Numbers that are rather codes, and would be altered as numbers: 00501; 12E5; 9007199254740993.
_CODE: Final = r"^[+-]?0\d"
_CODE_AMONG_FLOATS: Final = r"^([+-]?0\d+|\d+[eE]\d+|\d{16,})$"
_PATH: Final = "__anonymizer_path"
_HINTS: Final = {
    "CSV": ": expected UTF-8, a header, commas, and as many fields in every line",
    "NDJSON": ": expected UTF-8 and one JSON object a line",
}
_PART_ROWS: Final = 10_000_000  # of a file in a folder without partitions
_KNOWN: Final = "use .parquet, .csv, .ndjson or .arrow"


# --- frames of other libraries -----------------------------------------------------------------


def is_pattern(name: str) -> bool:
    """Whether Polars takes a column's name for a pattern, or the library for one of its own."""
    return name == "*" or (name.startswith("^") and name.endswith("$")) or name.startswith("\0")


def to_lazy(frame: Any) -> tuple[pl.LazyFrame, Callable[[pl.LazyFrame], Any]]:
    """A frame as a LazyFrame, and the way back to its kind.

    Polars eager and lazy, pandas and Arrow tables are taken. A LazyFrame comes back lazy.

    Raises:
        DataError: the frame is of another kind, or cannot be read as columns of one type each.
    """
    if isinstance(frame, pl.LazyFrame):
        return frame, lambda lazy: lazy
    if isinstance(frame, pl.DataFrame):
        return frame.lazy(), collect
    library = type(frame).__module__.partition(".")[0]
    if library == "pandas" and hasattr(frame, "columns"):
        if type(frame.index).__name__ != "RangeIndex":
            raise DataError(
                "the index of a pandas frame is data that no rule covers: call reset_index() "
                "first, with drop=True if it only numbers the rows"
            )
        return _imported(pl.from_pandas, frame), lambda lazy: collect(lazy).to_pandas()
    if library == "pyarrow" and hasattr(frame, "schema") and hasattr(frame, "num_rows"):
        return _imported(pl.from_arrow, frame), lambda lazy: collect(lazy).to_arrow()
    raise DataError(
        f"expected a Polars, pandas or Arrow frame, got {type(frame).__module__}."
        f"{type(frame).__qualname__}"
    )


def collect(lazy: pl.LazyFrame) -> pl.DataFrame:
    """The frame, computed by the streaming engine."""
    return lazy.collect(engine="streaming")


def eager(frame: Any) -> pl.DataFrame:
    """A Polars, pandas or Arrow frame, lazy or not, as a DataFrame.

    Raises:
        DataError: it is of another kind.
    """
    return frame if isinstance(frame, pl.DataFrame) else collect(to_lazy(frame)[0])


def _imported(convert: Callable[[Any], Any], frame: Any) -> pl.LazyFrame:
    try:
        converted: pl.DataFrame = convert(frame)
    except Exception as error:  # noqa: BLE001 (messages of Arrow contain values)
        raise DataError(
            f"the {type(frame).__name__} cannot be read ({type(error).__name__}): give each "
            "column one type and a name of its own"
        ) from None
    return converted.lazy()


# --- addresses -----------------------------------------------------------------------------------


def format_of(place: Address) -> Format:
    """The format that the ending of an address stands for.

    Raises:
        FileError: the ending stands for none.
    """
    ending = ending_of(place)
    if ending not in FORMATS:
        raise FileError(f"{name_of(place)}: unknown ending {ending!r}; {_KNOWN}")
    return FORMATS[ending]


def sources(place: Address) -> list[Address]:
    """The files that a path, a glob, a folder or an S3 address stands for, sorted.

    Raises:
        FileError: there are none, or they are of different formats.
    """
    found = files_at(place)
    if len(found) > 1 or is_folder(place):
        found = [file for file in found if ending_of(file) in FORMATS]
    if not found:
        raise FileError(f"no such file: {place}")
    if len({format_of(file) for file in found}) > 1:
        raise FileError(f"{place}: the files are of different formats")
    return found


def partition_keys(place: Address, files: list[Address]) -> list[str]:
    """The columns that a Hive layout keeps in the names of folders, outermost first.

    Only folders below the one that was named count; a single file has none.
    """
    keys: dict[str, None] = {}
    for file in files:
        keys |= dict.fromkeys(_partitions(place, file))
    return list(keys)


def _partitions(place: Address, file: Address) -> dict[str, str | None]:
    """The partition that a file is in: key → value as text."""
    root = str(place).rstrip("/")
    fixed = re.split(r"[*?\[]", root, maxsplit=1)[0]
    below = str(file).removeprefix(fixed if fixed != root else f"{root}/")
    if below == str(file):
        return {}
    folders = [part.partition("=") for part in below.split("/")[:-1] if "=" in part]
    found = {unquote(key): unquote(value) for key, _, value in folders}
    return {key: None if value == _HIVE_NULL else value for key, value in found.items()}


def scan(path: Address) -> pl.LazyFrame:
    """A LazyFrame over a file, a glob, a folder or an S3 address; Hive partitions become columns.

    Types of a CSV are read off the whole file. What looks like a code (leading zeros, `12E5`, more
    digits than a float holds) stays text, and ISO dates become dates.

    Raises:
        FileError: nothing is there, the ending is unknown, or the content is of another format.
    """
    files = sources(path)
    kind = format_of(files[0])
    try:
        keys = partition_keys(path, files)
        lazy = _scan(files, kind) if not keys else _scan_partitions(path, files, kind, keys)
        lazy.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        hint = _HINTS.get(kind, "")
        raise FileError(
            f"{path}: cannot be read as {kind} ({type(error).__name__}){hint}"
        ) from None
    return lazy


def _scan_partitions(
    place: Address, files: list[Address], kind: Format, keys: list[str]
) -> pl.LazyFrame:
    """Partitions as columns at the end, whatever the format; text, or integers where all are."""
    lazy = _scan(files, kind, paths=_PATH)
    partitions = {str(file): _partitions(place, file) for file in files}
    columns = []
    for key in keys:
        texts = {path: found.get(key) for path, found in partitions.items()}
        whole = all(text is None or re.fullmatch(_WHOLE, text) for text in texts.values())
        column = pl.col(_PATH).cast(pl.String)
        column = column.replace_strict(texts, default=None, return_dtype=pl.String)
        columns.append(column.cast(pl.Int64 if whole else pl.String).alias(key))
    return lazy.drop(keys, strict=False).with_columns(columns).drop(_PATH)


def _scan(files: list[Address], kind: Format, paths: str | None = None) -> pl.LazyFrame:
    options: dict[str, Any] = {
        "storage_options": options_for(files[0]),
        "include_file_paths": paths,
    }
    names = [str(file) for file in files]
    match kind:
        case "Parquet":
            return pl.scan_parquet(names, glob=False, hive_partitioning=False, **options)
        case "CSV":
            return _scan_csv(names, options | {"glob": False})
        case "NDJSON":
            return pl.scan_ndjson(names, infer_schema_length=None, **options)
        case _:
            return pl.scan_ipc(names, hive_partitioning=False, **options)


def _scan_csv(files: list[str], place: dict[str, Any]) -> pl.LazyFrame:
    options = place | {"infer_schema_length": None, "try_parse_dates": True}
    lazy = pl.scan_csv(files, **options)
    schema = lazy.collect_schema()
    text = pl.scan_csv(files, infer_schema=False, **place)
    looks = {
        name: _CODE if dtype.is_integer() else _CODE_AMONG_FLOATS
        for name, dtype in schema.items()
        if dtype.is_numeric()
    }
    found = collect(
        text.select(pl.col(name).str.contains(look).any() for name, look in looks.items())
    )
    codes = [name for name in looks if found[name].item()]
    if not codes:
        return lazy
    return pl.scan_csv(files, schema_overrides=dict.fromkeys(codes, pl.String), **options)


# --- writing -----------------------------------------------------------------------------------


def check_target(
    target: Address, *, overwrite: bool = False, inputs: list[Address] | None = None
) -> Address:
    """The address to write to, when writing there does no harm.

    Raises:
        FileError: it exists and may not be overwritten, it is an input, or its folder is absent.
    """
    address = address_of(target)
    if any(_overlap(address, address_of(source)) for source in inputs or []):
        raise FileError(f"{target}: the output is an input")
    if is_folder(address) and ending_of(address):
        raise FileError(f"{target}: is a folder; name a file")
    if isinstance(address, Path) and not address.parent.is_dir():
        raise FileError(f"{address.parent}: no such folder")
    if not overwrite and exists(address):
        raise FileError(
            f"{target}: exists already: choose another name, or ask for it with --overwrite"
        )
    return address


def _overlap(target: Address, source: Address) -> bool:
    """Whether they are one, or one is a folder that holds the other."""
    if isinstance(target, str) or isinstance(source, str):
        one, other = str(target).rstrip("/"), str(source).rstrip("/")
        return one == other or other.startswith(f"{one}/")
    one_path, other_path = target.resolve(), source.resolve()
    return one_path == other_path or (target.is_dir() and one_path in other_path.parents)


def write(
    lazy: pl.LazyFrame,
    path: Path,
    metadata: dict[str, str] | None = None,
    *,
    kind: Format | None = None,
    keys: list[str] | None = None,
) -> None:
    """Stream a frame into a file, or into the files of a folder.

    Args:
        lazy: what to write; never in memory as a whole.
        path: where to; use `sink` to write beside it and rename.
        metadata: key-value pairs for a Parquet footer; other formats have no place for them.
        kind: the format, where the path is a folder; else its ending says it.
        keys: the columns that name the folders of a Hive layout; none for a plain folder.
    """
    target: Any = path
    if kind is not None:
        path.mkdir()
        target = pl.PartitionBy(path, key=keys, include_key=False) if keys else _parts(path)
    options: dict[str, Any] = {"engine": "streaming", "mkdir": kind is not None}
    match kind or format_of(path):
        case "Parquet":
            lazy.sink_parquet(
                target,
                metadata=metadata,
                compression_level=_ZSTD_LEVEL,
                row_group_size=_ROW_GROUP,
                **options,
            )
        case "CSV":
            lazy.sink_csv(target, **options)
        case "NDJSON":
            lazy.sink_ndjson(target, **options)
        case _:
            lazy.sink_ipc(target, **options)


def _parts(folder: Path) -> Any:
    return pl.PartitionBy(folder, max_rows_per_file=_PART_ROWS)


def sink(
    lazy: pl.LazyFrame,
    path: Address,
    *,
    overwrite: bool = False,
    metadata: dict[str, str] | None = None,
    inputs: list[Address] | None = None,
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
        left = limit
        for block in blocks:
            part = block if predicate is None else block.filter(predicate)
            part = part if left is None else part.head(left)
            yield part if columns is None else part.select(columns)
            left = None if left is None else left - len(part)
            if left == 0:
                return

    return register_io_source(rows, schema=schema)


def footer(file: Address) -> dict[str, str]:
    """The key-value metadata of a Parquet file; empty for other formats."""
    if format_of(file) != "Parquet":
        return {}
    pairs = _parquet_metadata(file).metadata or {}
    return {_text(key): _text(value) for key, value in pairs.items()}


def _text(stored: bytes) -> str:
    return stored.decode(errors="replace")


def _parquet_metadata(file: Address) -> Any:
    import pyarrow.parquet as pq  # noqa: PLC0415 (slow to import)

    with opened(file) as content:
        return pq.read_metadata(content)


def row_and_null_counts(files: list[Address]) -> tuple[int, dict[str, int]]:
    """Rows, and nulls per column; from the footers of flat Parquet files, else counted."""
    if format_of(files[0]) == "Parquet":
        counted = _counts_in_footers(files)
        if counted is not None:
            return counted
    counts = collect(scan_files(files).select(pl.len().alias("\0rows"), pl.all().null_count()))
    rows = counts.row(0, named=True)
    return rows.pop("\0rows"), rows


def scan_files(files: list[Address]) -> pl.LazyFrame:
    """A LazyFrame over files of one format, without Hive columns."""
    return _scan(files, format_of(files[0]))


def _counts_in_footers(files: list[Address]) -> tuple[int, dict[str, int]] | None:
    rows, nulls = 0, dict[str, int]()
    for file in files:
        metadata = _parquet_metadata(file)
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


@contextmanager
def quiet(doing: str) -> Iterator[None]:
    """Errors of Polars without their messages, which may hold values."""
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise AnonymizerError(
            f"{doing} failed ({type(error).__name__}); nothing was written"
        ) from None
