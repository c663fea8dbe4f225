"""Where the tables of a dataset stand and go: a folder, or a store."""

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Final, Protocol

import polars as pl

from anonymizer.datasets.opening.loading import loading, refuse_nulls
from anonymizer.errors import FileError
from anonymizer.files.folders import below, names_in, tables_in
from anonymizer.files.footers import Counts
from anonymizer.files.raw_table import RawTable
from anonymizer.files.reading import NOTHING_SAID, Reading
from anonymizer.files.table_files import TableFiles
from anonymizer.provenance import FileRecord
from anonymizer.staging import at_once, hidden_folder, no_wider_than, staged
from anonymizer.storage import Address, address_of, files_at, name_of
from anonymizer.stores.folder import NightlyFolder
from anonymizer.stores.table import ForeignKey, Nightly, Sampling, Store, Table

_SERVERS: Final = ("postgresql://", "postgres://", "iceberg:")
_NOWHERE: Final = Path("/dev/null/nowhere")  # no target lies in it
_LOCAL: Final = ("delta", "duckdb", "sqlite")  # stores that are files: `delta:ADDRESS`


Take = Callable[[str, TableFiles], None]


class Tables(Protocol):
    """The raw tables at a place."""

    @property
    def names(self) -> list[str]:
        """Of the tables."""

    @property
    def foreign_keys(self) -> list[ForeignKey]:
        """That are declared there."""

    @property
    def declared(self) -> Mapping[str, Table]:
        """What is declared of the tables; nothing where files are."""

    def table(self, name: str, reading: Reading = NOTHING_SAID) -> RawTable:
        """One of them, read as its rules say."""


class Target(Protocol):
    """The place for the masked tables."""

    @property
    def declared(self) -> Mapping[str, Table]:
        """What is declared of tables that are there."""

    def refuse(self, schemas: Mapping[str, pl.Schema], raw: Mapping[str, RawTable]) -> None:
        """Notice before anything is masked that the tables do not fit there."""

    def table(self, name: str, raw: RawTable, *, overwrite: bool) -> TableFiles:
        """Where a masked table is written first."""

    def at_once(self) -> AbstractContextManager[object]:
        """What is written inside appears together when the block ends well, else nothing of it."""

    def taking(self, schemas: Mapping[str, pl.Schema]) -> AbstractContextManager[Take]:
        """What brings tables to their place as they were written; all are there, or none."""


def tables_at(place: Address) -> AbstractContextManager[Tables]:
    """The raw tables at a place, until the block ends."""
    return _stored(str(place)) if is_store(place) else nullcontext(_Folder(place))


def target_at(place: Address, source: Address) -> AbstractContextManager[Target]:
    """The place for masked tables, until the block ends; a new database declares what one had."""
    if is_store(place):
        return _store_target(str(place), str(source))
    return nullcontext(_FolderTarget(address_of(place)))


@contextmanager
def nightly_at(place: Address, source: Address) -> Iterator[Nightly]:
    """The place whose tables change night by night, until the block ends.

    Raises:
        FileError: they cannot there.
    """
    way = "name a local folder, or a database"
    if not is_store(place):
        folder = address_of(place)
        if isinstance(folder, str) or folder.is_mount():
            raise FileError(f"{place}: cannot be exchanged at once, as every night needs: {way}")
        yield NightlyFolder(folder)
        return
    with _opened(str(place), str(source)) as store:
        if not isinstance(store, Nightly):
            raise FileError(f"{store.place}: its tables cannot change night by night: {way}")
        yield store


def is_store(place: Address) -> bool:
    """Whether a place is a database, and no folder."""
    return str(place).startswith((*_SERVERS, *(f"{kind}:" for kind in _LOCAL)))


def address_at(place: Address) -> Address | None:
    """Where the files of a place are; None for a server."""
    kind, _, path = str(place).partition(":")
    if is_store(place):
        return address_of(path) if kind in _LOCAL else None
    return place


def local_files(place: Address) -> list[Address]:
    """The file of a database that is one: an input over which nothing may be written."""
    address = address_at(place) if is_store(place) else None
    return [address] if isinstance(address, Path) and address.is_file() else []


def place_below(folder: Path, place: str) -> Address:
    """A place as a dataset file has it: relative ones begin in the folder of the file."""
    kind, _, path = place.partition(":")
    if is_store(place):
        return f"{kind}:{folder / path}" if kind in _LOCAL and path and "://" not in path else place
    address = address_of(place)
    return folder / address if isinstance(address, Path) else address


def place_from(folder: Path, place: str) -> str:
    """A place as a file in a folder may name it, that others read; see `place_below`."""
    kind, _, path = place.partition(":")
    if kind not in _LOCAL:
        return without_password(place)
    away = Path(path).is_absolute() or "://" in path
    return place if away else f"{kind}:{os.path.relpath(path, folder)}"


def without_password(url: str) -> str:
    """The address of a database as a file may hold it, that others read."""
    bare = re.sub(r"//([^/@:]*):[^/@]*@", r"//\1@", url)
    return re.sub(r"(?<=[?&])password=[^&]*(?:&|$)", "", bare).rstrip("?&")


# --- folders -------------------------------------------------------------------------------------


class _Folder:
    """A folder in which each file, or each folder, is a table."""

    def __init__(self, place: Address) -> None:
        self._places = tables_in(place)
        self.names = list(self._places)
        self.foreign_keys: list[ForeignKey] = []
        self.declared: dict[str, Table] = {}

    def table(self, name: str, reading: Reading = NOTHING_SAID) -> RawTable:
        return TableFiles.at(self._places[name], reading)


@dataclass(frozen=True)
class _FolderTarget:
    """A folder that may be absent and holds nothing else."""

    place: Address
    new: list[Path] = field(default_factory=list)  # the folder that will take its place
    declared: Mapping[str, Table] = field(default_factory=dict)

    def refuse(self, schemas: Mapping[str, pl.Schema], raw: Mapping[str, RawTable]) -> None:  # noqa: ARG002 (files take all)
        """Notice tables that would stay there beside those that are written.

        Raises:
            FileError: there is one; names it.
        """
        names = {_name_of(name, table) for name, table in raw.items()}
        there = names_in(self.place)
        if isinstance(self.place, Path) and self.place.is_dir():
            there |= {each.name for each in self.place.iterdir()}  # hidden ones as well
        if left := sorted(there - names):
            way = "name another folder, or remove it"
            raise FileError(f"{self.place}: holds {left[0]} as well: {way}")

    def table(self, name: str, raw: RawTable, *, overwrite: bool) -> TableFiles:
        """In the folder, called as it is where it comes from."""
        called = _name_of(name, raw)
        place = below(self.place, called)
        out = _files(raw).target(place, overwrite=overwrite, makes_folder=True)
        return replace(out, address=self.new[0] / called) if self.new else out

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """A local folder is exchanged as a whole: nobody ever sees tables of two runs in it."""
        if isinstance(self.place, str) or self.place.is_mount():
            with at_once():
                yield
            return
        with no_wider_than(*files_at(self.place)), staged(self.place) as folder:
            self.new.append(folder)
            yield  # the folder is not there yet, so that hidden ones of tables are beside it
            folder.mkdir()
            if self.place.is_dir():
                folder.chmod(stat.S_IMODE(self.place.stat().st_mode))

    def taking(self, schemas: Mapping[str, pl.Schema]) -> AbstractContextManager[Take]:  # noqa: ARG002 (files take all)
        """Nothing is left to do: they appear at once when all is done."""
        return nullcontext(lambda _name, _files: None)


def _name_of(name: str, raw: RawTable) -> str:
    return name_of(raw.address) if isinstance(raw, TableFiles) else f"{name}.parquet"


def _files(raw: RawTable) -> TableFiles:
    return raw if isinstance(raw, TableFiles) else TableFiles(_NOWHERE, _NOWHERE, "Parquet")


# --- stores --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StoredTable:
    """A table of a store, as a run reads it."""

    store: Store
    name: str
    format: str = "a store"
    files: tuple[Address, ...] = ()
    reading: Reading = NOTHING_SAID

    def scan(self) -> pl.LazyFrame:
        """Its rows, streamed."""
        return self.store.scan(self.name)

    def sampled(self, rows: int) -> pl.LazyFrame | None:
        """About so many rows from all over it; None where the store cannot choose them."""
        store = self.store
        return store.sampled(self.name, rows) if isinstance(store, Sampling) else None

    def row_and_null_counts(self) -> Counts:
        """Rows, and nulls per column, counted."""
        return self.store.row_and_null_counts(self.name)

    def recorded(self, role: str, rows: int | None = None, undigested: str = "") -> FileRecord:  # noqa: ARG002 (it never has one)
        """The name of the table; it is no file whose bytes could be told."""
        return FileRecord(role=role, name=self.name, undigested="store", rows=rows)

    @contextmanager
    def named(self, doing: str) -> Iterator[None]:
        """The store names what fails, but for files of tables that go while they are read."""
        try:
            yield
        except FileNotFoundError:
            where = f"{self.store.place}: {self.name!r}"
            raise FileError(f"{where}: {doing} failed: a file of it is gone: restore it") from None

    def refuse_no_header(self, patterns: Iterable[str]) -> None:
        """Columns of a store always have names."""


@dataclass(frozen=True)
class _Stored:
    """The tables of a store, with the keys that it declares."""

    store: Store

    @property
    def names(self) -> list[str]:
        return list(self.declared)

    @cached_property
    def declared(self) -> Mapping[str, Table]:
        return self.store.tables()

    @property
    def foreign_keys(self) -> list[ForeignKey]:
        return [key for table in self.declared.values() for key in table.foreign_keys]

    def table(self, name: str, reading: Reading = NOTHING_SAID) -> RawTable:  # noqa: ARG002 (types are declared)
        return StoredTable(self.store, name)


class _Enough(Exception):  # noqa: N818 (it is no error)
    """Ends a block that was only to show whether it could begin."""


@dataclass(frozen=True)
class _StoreTarget:
    """Tables that are empty or not yet there; rows wait in files until all tables are masked."""

    store: Store
    waiting: Path

    @property
    def declared(self) -> Mapping[str, Table]:
        """As the store says."""
        return self.store.tables()

    def refuse(self, schemas: Mapping[str, pl.Schema], raw: Mapping[str, RawTable]) -> None:  # noqa: ARG002 (of whatever kind)
        """Notice tables that are absent, hold rows or have columns of other types."""
        with suppress(_Enough), self.store.writing(schemas):
            raise _Enough

    def table(self, name: str, raw: RawTable, *, overwrite: bool) -> TableFiles:  # noqa: ARG002 (never overwritten)
        """A file in which rows wait."""
        address = self.waiting / f"{name}.parquet"
        return TableFiles(f"{self.store.place}: {name}", address, "Parquet")

    def at_once(self) -> AbstractContextManager[object]:
        """The store does it; files that wait stay hidden."""
        return at_once()

    @contextmanager
    def taking(self, schemas: Mapping[str, pl.Schema]) -> Iterator[Take]:
        """In one transaction, by a thread of its own: the next table is masked meanwhile."""
        there = self.declared
        with loading(self.store, schemas) as load:

            def take(name: str, files: TableFiles) -> None:
                if name in there:
                    refuse_nulls(self.store.place, there[name], files)
                load(name, files.scan())

            yield take


@contextmanager
def _stored(url: str) -> Iterator[Tables]:
    with _opened(url) as store:
        if not store.tables():
            raise FileError(f"{store.place}: there are no tables: name the place that holds them")
        with no_wider_than(*local_files(url)):
            yield _Stored(store)


@contextmanager
def _store_target(url: str, source: str) -> Iterator[Target]:
    with _opened(url, source) as store, hidden_folder("waiting") as folder:
        yield _StoreTarget(store, folder)


def _opened(url: str, source: str = "") -> AbstractContextManager[Store]:
    kind, _, path = url.partition(":")
    like = source.removeprefix(f"{kind}:") if source.startswith(f"{kind}:") else None
    if kind == "delta":
        from anonymizer.stores.delta import delta  # noqa: PLC0415 (an extra)

        return delta(path)
    if kind == "iceberg":
        from anonymizer.stores.iceberg import iceberg  # noqa: PLC0415 (an extra)

        return iceberg(path)
    if kind == "duckdb":
        from anonymizer.stores.duckdb.store import duckdb  # noqa: PLC0415 (an extra)

        return duckdb(path, like)
    if kind == "sqlite":
        from anonymizer.stores.sqlite.store import sqlite  # noqa: PLC0415 (loaded when it is used)

        return sqlite(path, like)
    from anonymizer.stores.postgresql.store import postgresql  # noqa: PLC0415 (an extra)

    return postgresql(url)
