"""Partitions of a Hive layout: what the names of folders hold, as columns and back."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import polars as pl

from anonymizer.storage import Address

_HIVE_NULL: Final = "__HIVE_DEFAULT_PARTITION__"
_WHOLE: Final = r"-?(0|[1-9]\d{0,17})"
_PART_ROWS: Final = 10_000_000  # of a file in a folder without partitions


def partition_of(address: Address, file: Address) -> dict[str, str | None]:
    """The Hive partition that a file is in: key → value as text.

    Of a folder, only those below it count; of a glob, also `key=value` right before its first
    wildcard, as in `raw/land=DE/*`. A single file has none.
    """
    root = str(address).rstrip("/")
    fixed = re.split(r"[*?\[]", root, maxsplit=1)[0]
    # A glob such as raw/land=*/* names the folder before it, and `land` stays a column.
    before = re.sub(r"(?:[^/=]+=[^/]*/)+$", "", fixed[: fixed.rfind("/") + 1])
    below = str(file).removeprefix(before if fixed != root else f"{root}/")
    if below == str(file) and fixed == root:
        return {}
    folders = [part.partition("=") for part in below.split("/")[:-1] if "=" in part]
    found = {unquote(key): unquote(value) for key, _, value in folders}
    return {key: None if value == _HIVE_NULL else value for key, value in found.items()}


def is_of_one_table(folder: str, file: str) -> bool:
    """Whether a file stands in a folder or in partitions of it, and not in a folder of its own."""
    below = file.removeprefix(f"{folder.rstrip('/')}/")
    return below == file or all("=" in part for part in below.split("/")[:-1])


def partition_columns(
    keys: Iterable[str], partition_of_path: Mapping[str, Mapping[str, str | None]], paths: str
) -> list[pl.Expr]:
    """Partitions as columns, whatever the format; text, or integers where all of one are.

    Args:
        keys: of the partitions.
        partition_of_path: file → its partition.
        paths: the column that says which file a row is from.
    """
    columns = []
    for key in keys:
        texts = {path: values.get(key) for path, values in partition_of_path.items()}
        whole = are_whole(texts.values())
        column = pl.col(paths).cast(pl.String)
        column = column.replace_strict(texts, default=None, return_dtype=pl.String)
        columns.append(column.cast(pl.Int64 if whole else pl.String).alias(key))
    return columns


def are_whole(values: Iterable[str | None]) -> bool:
    """Whether all values of a key are integers, written as one would."""
    return all(value is None or re.fullmatch(_WHOLE, value) for value in values)


def by_partition(folder: Path, keys: tuple[str, ...]) -> Any:
    """Where the rows go inside a folder: by their keys, or in parts of equal size."""
    if keys:
        return pl.PartitionBy(folder, key=list(keys), include_key=False)
    return pl.PartitionBy(folder, max_rows_per_file=_PART_ROWS)
