"""A folder of Delta tables as a store."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import polars as pl

from anonymizer.errors import FileError, MissingExtraError
from anonymizer.files.folders import below
from anonymizer.files.footers import counted
from anonymizer.frames import as_stream
from anonymizer.staging import at_once, staged
from anonymizer.storage import (
    Address,
    address_of,
    entries,
    exists,
    files_at,
    opened,
    options_for,
)
from anonymizer.stores.lakes import Types, plainly
from anonymizer.stores.table import Table, Write

_LOG: Final = "_delta_log"
_ODD: Final = re.compile(r"[^\w./+=~'()&@,;:!$*-]", re.ASCII)  # what URLs escape
_TYPES: Final = Types(
    "Delta",
    (
        pl.Boolean, pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Float32, pl.Float64, pl.Decimal,
        pl.String, pl.Binary, pl.Date,
    ),
    {
        pl.UInt8: pl.Int16(),
        pl.UInt16: pl.Int32(),
        pl.UInt32: pl.Int64(),
        pl.UInt64: pl.Decimal(20, 0),
        pl.Float16: pl.Float32(),
    },
)  # fmt: skip


@dataclass(frozen=True)
class DeltaTables:
    """The tables of a folder, each at the version that it had when they were first asked for."""

    _folder: Address

    @property
    def place(self) -> str:
        """The folder."""
        return f"delta:{self._folder}"

    @cached_property
    def _loaded(self) -> Mapping[str, Any]:
        from deltalake import DeltaTable  # noqa: PLC0415 (an extra)

        found = {}
        for name in (each for each in entries(self._folder) if not each.startswith((".", "_"))):
            where, table = f"{self.place}: {name!r}", below(self._folder, name)
            if _LOG not in entries(table):
                raise FileError(f"{where} is no Delta table: keep what is none in another folder")
            if isinstance(table, Path) and (odd := _ODD.search(str(table.absolute()))):
                raise FileError(
                    f"{where} has {odd[0]!r} in its path, which Polars misreads: move it"
                )
            with plainly(where, "reading the log"):
                found[name] = DeltaTable(table, storage_options=options_for(table))
                _require_readable(found[name], where)
        return found

    def tables(self) -> dict[str, Table]:
        """Its tables by name. Delta declares no keys."""
        return {
            name: Table(
                name,
                self.scan(name).collect_schema(),
                declared={each.name: str(each.type) for each in loaded.schema().fields},
                not_null=frozenset(e.name for e in loaded.schema().fields if not e.nullable),
            )
            for name, loaded in self._loaded.items()
        }

    def scan(self, table: str) -> pl.LazyFrame:
        """The live rows of a table; see `Store.scan`."""
        if table not in self._loaded:
            raise FileError(f"{self.place}: there is no table {table!r}")
        return self._scan(self._loaded[table])

    def _scan(self, loaded: Any) -> pl.LazyFrame:
        return pl.scan_delta(loaded, storage_options=options_for(self._folder))

    def version(self, table: str) -> str | None:
        """The version that is read, of this table and this history; see `Versioned.version`."""
        return self._version(table, self._loaded[table].version())

    def _version(self, table: str, number: int) -> str | None:
        """Restored from a copy, a table may come to a number again with other rows."""
        commit = _commit(below(self._folder, table), number)
        digest = hashlib.sha256(commit or b"").hexdigest()[:32]
        return f"{self._loaded[table].metadata().id} {number} {digest}" if commit else None

    def rows_since(self, table: str, version: str) -> pl.LazyFrame | None:
        """The live rows of files that came since a version; see `Versioned.rows_since`."""
        from deltalake import DeltaTable  # noqa: PLC0415 (an extra)
        from deltalake.exceptions import DeltaError  # noqa: PLC0415 (an extra)

        loaded, place = self._loaded[table], below(self._folder, table)
        number, now = int(version.split()[1]), loaded.version()
        if number > now or version != self._version(table, number):
            return None
        commits = [c for n in range(number, now) if (c := _commit(place, n + 1))]
        try:
            then = DeltaTable(place, number, storage_options=options_for(place))
        except DeltaError:  # no checkpoint leads there any more
            return None
        if len(commits) < now - number:
            return None
        part = _without(loaded, _still_old({*_paths(then)}, commits))
        return self._scan(part) if part.file_uris() else self._scan(loaded).clear()

    def row_and_null_counts(self, table: str) -> tuple[int, dict[str, int]]:
        """Rows of a table, and nulls per column."""
        return counted(self.scan(table))

    @contextmanager
    def writing(self, tables: Mapping[str, pl.Schema]) -> Iterator[Write]:
        """What writes new tables, without partitions; see `Store.writing`."""
        for name in sorted({*tables} & {*entries(self._folder)}):
            where = f"{self.place}: {name!r} is there"
            raise FileError(f"{where}, and its history may hold raw rows: name a new folder")
        _TYPES.require_hold(tables, self.place)
        with at_once():
            yield partial(_written, self._folder)


@contextmanager
def delta(path: str) -> Iterator[DeltaTables]:
    """The folder in which each folder is a Delta table, until the block ends.

    Raises:
        FileError: the address is none of a folder, or of a table itself.
        MissingExtraError: the library is not installed.
    """
    try:
        import deltalake  # noqa: F401, PLC0415 (an extra)
    except ImportError:
        raise MissingExtraError("Delta Lake", "delta") from None
    folder = address_of(path)
    if not path or (isinstance(folder, Path) and folder.is_file()):
        raise FileError(f"delta:{path}: name a folder of tables")
    if _LOG in entries(folder):
        raise FileError(f"delta:{path}: is a table: name the folder that holds it")
    yield DeltaTables(folder)


# --- reading -------------------------------------------------------------------------------------


def _require_readable(table: Any, where: str) -> None:
    """Refuse tables of which Polars would give other rows than stand there, or none at all.

    Raises:
        FileError: the table has a feature that Polars does not read, its partitions are not in the
            paths of its files (2.1.0 takes their values for null), or a file is gone.
    """
    protocol = table.protocol()
    lacking = {*(protocol.reader_features or ())} - {"deletionVectors", "timestampNtz"}
    if protocol.min_reader_version == 2:
        lacking = {"columnMapping"}
    if lacking:
        what = f"needs {', '.join(sorted(lacking))} of its readers"
        raise FileError(f"{where} {what}: copy its rows into a table without")
    there = {str(file) for file in files_at(table.table_uri.removeprefix("file://"))}
    uris = {str(each).removeprefix("file://") for each in table.file_uris()}
    if gone := sum(not exists(each) for each in uris - there):
        raise FileError(f"{where}: {gone:,} of its files are gone: restore them")
    partitions = table.metadata().partition_columns
    types = {field.name: getattr(field.type, "type", "") for field in table.schema().fields}
    if any(types[each] == "binary" for each in partitions):
        raise FileError(f"{where} is partitioned by bytes: copy its rows into a table that is not")
    if partitions and "=" in where:
        raise FileError(
            f"{where} lies in a folder with = in its name: move it, as it has partitions"
        )
    paths = pl.DataFrame(table.get_add_actions())["path"].to_list() if partitions else []
    if not all("=" not in c and f"/{c}=" in f"/{path}" for path in paths for c in partitions):
        what = "has partitions that are not in the paths of its files"
        raise FileError(f"{where} {what}: copy its rows into a table whose folders have them")


# --- versions ------------------------------------------------------------------------------------


def _commit(table: Address, number: int) -> bytes | None:
    """What a commit says, a line for each action; None where the log has been cleaned of it."""
    with suppress(OSError, FileError), opened(below(below(table, _LOG), f"{number:020}.json")) as f:
        return bytes(f.read())
    return None


def _paths(loaded: Any) -> list[str]:
    """Its files in the order of `file_uris`, as they are called: writers escape them variously."""
    return [unquote(path) for path in pl.DataFrame(loaded.get_add_actions())["path"]]


def _still_old(known: set[str], commits: list[bytes]) -> set[str]:
    """The files that hold no other rows than the known ones held when they were known.

    Files that are rewritten without a change, as by a compaction, are as old as those that they
    replace; a file that comes again, as with a deletion vector or when restored, is new.
    """
    old = set(known)
    for commit in commits:
        actions = [json.loads(line) for line in commit.splitlines() if line.strip()]
        added = [each["add"] for each in actions if each.get("add")]
        gone = {unquote(each["remove"]["path"]) for each in actions if each.get("remove")}
        paths = {unquote(each["path"]) for each in added}
        if any(each.get("dataChange", True) for each in added) or not gone <= old:
            old -= paths
        elif gone:
            old |= paths
    return old


def _without(loaded: Any, old: set[str]) -> Any:
    """The table as if it had other files alone, as Polars asks it for them."""
    actions, uris = pl.DataFrame(loaded.get_add_actions()), loaded.file_uris()
    new = [path not in old for path in _paths(loaded)]
    part = copy(loaded)
    part.get_add_actions = lambda: actions.filter(new)
    part.file_uris = lambda: [uri for uri, is_new in zip(uris, new, strict=True) if is_new]
    return part


# --- writing -------------------------------------------------------------------------------------


def _written(folder: Address, name: str, rows: pl.LazyFrame) -> int:
    """The rows as a new table, which appears with the others."""
    from deltalake import DeltaTable, write_deltalake  # noqa: PLC0415 (an extra)

    where = f"delta:{folder}: {name!r}"
    cast = _TYPES.cast(rows, where)
    with staged(below(folder, name)) as temporary, plainly(where, "writing"):
        write_deltalake(temporary, as_stream(cast))
        return int(DeltaTable(temporary).count())
