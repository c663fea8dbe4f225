"""Files that are parts of one table: whether their columns agree, and what they become together."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from anonymizer.errors import FileError
from anonymizer.frames import collect
from anonymizer.storage import Address, files_at, told

Schema = Mapping[str, pl.DataType]

_EXACT: Final = 2**53  # the largest integer up to which a float holds all
_WAY: Final = (
    "parts of one table agree in their columns: say `merge_schema: true` in the rules, without "
    "rules in a file that `--csv @FILE` names, or take it apart"
)
SEVERAL_TABLES: Final = "; if they are tables that belong together, `inspect` the folder"
_MOST_TOLD: Final = 5


def merged(
    files: Sequence[Address],
    schema_of: Callable[[Address], Schema],
    scan: Callable[[Address], pl.LazyFrame],
) -> pl.LazyFrame:
    """The rows of all files, with all their columns; null where a file has none, the wider type.

    Raises:
        FileError: a type of one file does not hold that of another; names both, and the column.
    """
    schemas = {file: schema_of(file) for file in files}
    wide: dict[str, pl.DataType] = {}
    for file, schema in schemas.items():
        for name, dtype in schema.items():
            together = _wider(wide.get(name, dtype), dtype)
            if together is None:
                was = _named(wide[name])
                raise FileError(
                    f"{told(file)}: column {name!r} is {_named(dtype)}, elsewhere {was}"
                )
            wide[name] = together
    return pl.concat([_widened(file, scan(file), schemas[file], wide) for file in files])


def _widened(file: Address, lazy: pl.LazyFrame, schema: Schema, wide: Schema) -> pl.LazyFrame:
    for name, dtype in schema.items():
        if dtype in {pl.Int64, pl.UInt64} and wide[name].is_float():
            ends = collect(lazy.select(low=pl.col(name).min(), high=pl.col(name).max())).row(0)
            if any(end is not None and abs(end) > _EXACT for end in ends):
                raise FileError(
                    f"{told(file)}: column {name!r} holds integers that the floats of other files "
                    "cannot"
                )
    return lazy.select(
        *(
            pl.col(name).cast(dtype) if name in schema else pl.lit(None, dtype=dtype).alias(name)
            for name, dtype in wide.items()
        ),
        pl.exclude(*wide),  # the path of the file
    )


def widest(dtypes: Iterable[pl.DataType]) -> pl.DataType | None:
    """The type that holds the values of all, or None."""
    found: pl.DataType | None = None
    for dtype in dtypes:
        found = dtype if found is None else _wider(found, dtype)
        if found is None:
            return None
    return found


def _wider(one: pl.DataType, other: pl.DataType) -> pl.DataType | None:
    """The type that holds the values of both, or None."""
    if other in (one, pl.Null):
        return one
    if one == pl.Null:
        return other
    if not _comparable(one, other):
        return None
    if units := {each.time_unit for each in (one, other) if isinstance(each, pl.Datetime)}:
        # Nanoseconds end in 2262, and what is coarser has fewer digits: neither holds the other.
        return None if "ns" in units else pl.Datetime("us" if "us" in units else "ms")
    frames = [pl.DataFrame(schema={"both": dtype}) for dtype in (one, other)]
    found = pl.concat(frames, how="vertical_relaxed").schema["both"]
    whole = one.is_integer() and other.is_integer()
    return None if whole and not found.is_integer() else found


def _comparable(one: pl.DataType, other: pl.DataType) -> bool:
    """Whether both are numbers, or both times without a zone."""
    both = (one, other)
    numbers = all(each.is_integer() or each.is_float() for each in both)
    return numbers or all(
        each == pl.Date or (isinstance(each, pl.Datetime) and each.time_zone is None)
        for each in both
    )


def require_alike(files: Sequence[Address], schema_of: Callable[[Address], Schema]) -> bool:
    """Whether the columns stand in one order in all files; they must be the same.

    Raises:
        FileError: they differ; names files and columns.
    """
    first = schema_of(files[0])
    alike = True
    for file in files[1:]:
        schema = schema_of(file)
        faults = list(_differences(schema, first, told(files[0])))
        if faults:
            more = f" and {len(faults) - _MOST_TOLD} more" if len(faults) > _MOST_TOLD else ""
            listed = f"{', '.join(faults[:_MOST_TOLD])}{more}"
            raise FileError(f"{told(file)}: {listed}; {_WAY}{_if_tables(schema, first)}")
        alike &= list(schema) == list(first)
    return alike


def _differences(schema: Schema, first: Schema, other: str) -> Iterator[str]:
    missing = [f"has no column {name!r} of {other}" for name in first if name not in schema]
    yield from missing
    if missing:
        return  # what a text file has instead may be data, where a header is missing
    for name, dtype in schema.items():
        if name not in first:
            yield f"column {name!r} is not in {other}"
        elif dtype != first[name]:
            yield f"column {name!r} is {_named(dtype)}, and {_named(first[name])} in {other}"


def _if_tables(schema: Schema, first: Schema) -> str:
    """The way out where files have few columns in common, as different tables have."""
    common = set(schema) & set(first)
    return SEVERAL_TABLES if 2 * len(common) < min(len(schema), len(first)) else ""


def _named(dtype: pl.DataType) -> str:
    """The name of a type without categories, which are values."""
    return str(dtype) if dtype.is_numeric() or dtype.is_temporal() else type(dtype).__name__


# --- table formats -------------------------------------------------------------------------------

# What a table format keeps beside its files → its name, and how its live rows are read.
_LOGS: Final = {
    "_delta_log": ("Delta", "pl.scan_delta"),
    ".hoodie": ("Hudi", "its own reader"),
    "metadata/version-hint.text": ("Iceberg", "pl.scan_iceberg"),
    "metadata/*.metadata.json": ("Iceberg", "pl.scan_iceberg"),
}


def refuse_logs(place: Address, address: Address, files: Sequence[Address]) -> None:
    """Refuse the files of a table format: some of them hold what was deleted or replaced.

    Raises:
        FileError: a log stands beside the files or above them.
    """
    for log, (name, reader) in _LOGS.items():
        if any(_holds(folder, log) for folder in _folders(address, files)):
            raise FileError(
                f"{place}: is a table of {name}, whose files hold deleted rows too: read its live "
                f"rows with {reader} and mask that frame, or write them into a folder of their own"
            )


def _folders(address: Address, files: Sequence[Address]) -> Iterable[Address]:
    """The folders in which a log of the files may stand."""
    if isinstance(address, str):
        return [address] if "*" not in address else []
    parents = {
        parent
        for file in {address, *files}
        if isinstance(file, Path)
        for parent in (file, *file.parents)
    }
    return sorted(each for each in parents if "=" not in each.name and each.is_dir())


def _holds(folder: Address, log: str) -> bool:
    if isinstance(folder, Path):
        return any(folder.glob(log))
    return bool(files_at(f"{folder.rstrip('/')}/{log}"))
