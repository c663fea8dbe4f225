"""The tables of a namespace in an Iceberg catalogue as a store."""

import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import polars as pl

from anonymizer.errors import FileError, MissingExtraError
from anonymizer.files.footers import counted
from anonymizer.staging import hidden_folder, narrow
from anonymizer.stores.lakes import Types, plainly
from anonymizer.stores.table import Table, Write

_TYPES: Final = Types(
    "Iceberg",
    (
        pl.Boolean, pl.Int32, pl.Int64, pl.Float32, pl.Float64, pl.Decimal, pl.String, pl.Binary,
        pl.Date, pl.Time,
    ),
    {
        pl.Int8: pl.Int32(),
        pl.Int16: pl.Int32(),
        pl.UInt8: pl.Int32(),
        pl.UInt16: pl.Int32(),
        pl.UInt32: pl.Int64(),
        pl.UInt64: pl.Decimal(20, 0),
        pl.Float16: pl.Float32(),
    },
)  # fmt: skip
_CHUNK: Final = 2**23  # bytes of an upload at a time
_FILE_BYTES: Final = 2**29  # of a file's rows in memory, as Iceberg's own writers aim at


@dataclass(frozen=True)
class IcebergTables:
    """The tables of a namespace, each at the snapshot of the first look."""

    _catalogue: Any
    _namespace: tuple[str, ...]

    @property
    def place(self) -> str:
        """The name of the catalogue and the namespace."""
        return f"iceberg:{self._catalogue.name}/{'.'.join(self._namespace)}"

    @cached_property
    def _loaded(self) -> Mapping[str, Any]:
        with plainly(self.place, "asking the catalogue"):
            there = self._catalogue.namespace_exists(self._namespace)
            found = self._catalogue.list_tables(self._namespace) if there else []
        tables = {}
        for *_, name in sorted(found):
            where = f"{self.place}: {name!r}"
            with plainly(where, "reading the metadata"):
                tables[name] = self._catalogue.load_table((*self._namespace, name))
                _require_readable(tables[name], where)
        return tables

    def tables(self) -> dict[str, Table]:
        """Its tables by name. Iceberg declares no keys that it holds."""
        return {
            name: Table(
                name,
                self.scan(name).collect_schema(),
                declared={each.name: str(each.field_type) for each in loaded.schema().fields},
                not_null=frozenset(each.name for each in loaded.schema().fields if each.required),
            )
            for name, loaded in self._loaded.items()
        }

    def scan(self, table: str) -> pl.LazyFrame:
        """The live rows of a table; see `Store.scan`. A uuid is text."""
        if table not in self._loaded:
            raise FileError(f"{self.place}: there is no table {table!r}")
        return self._scan(self._loaded[table])

    def _scan(self, loaded: Any, since: int | None = None) -> pl.LazyFrame:
        fields = loaded.schema().fields
        ids = [each.name for each in fields if str(each.field_type) == "uuid"]
        rows = pl.scan_iceberg(loaded, from_snapshot_id_exclusive=since)
        return rows.with_columns(_as_text(name) for name in ids)

    def version(self, table: str) -> str | None:
        """The snapshot that is read, of this table and schema; see `Versioned.version`."""
        loaded = self._loaded[table]
        snapshot = loaded.current_snapshot()
        return _version(loaded, snapshot.snapshot_id) if snapshot else None

    def rows_since(self, table: str, version: str) -> pl.LazyFrame | None:
        """The rows that were appended, if nothing else was done; see `Versioned.rows_since`."""
        loaded, then = self._loaded[table], int(version.split()[1])
        if version != _version(loaded, then) or not _only_grew(loaded, then):
            return None
        is_same = loaded.current_snapshot().snapshot_id == then
        return self._scan(loaded).clear() if is_same else self._scan(loaded, then)

    def row_and_null_counts(self, table: str) -> tuple[int, dict[str, int]]:
        """Rows of a table, and nulls per column."""
        return counted(self.scan(table))

    @contextmanager
    def writing(self, tables: Mapping[str, pl.Schema]) -> Iterator[Write]:
        """What writes new tables, without partitions; see `Store.writing`."""
        with plainly(self.place, "asking the catalogue"):
            for name in tables:
                if self._catalogue.table_exists((*self._namespace, name)):
                    where = f"{self.place}: {name!r} is there"
                    way = "name a new namespace"
                    raise FileError(f"{where}, and its history may hold raw rows: {way}")
        _TYPES.require_hold(tables, self.place)
        new = _New(self._catalogue, self._namespace, self.place)
        try:
            yield new.write
            new.commit()
        except BaseException:
            new.remove()
            raise


@contextmanager
def iceberg(path: str) -> Iterator[IcebergTables]:
    """The namespace in which tables stand, until the block ends.

    Args:
        path: `CATALOGUE/NAMESPACE`; the catalogue is one that PyIceberg's configuration names.

    Raises:
        FileError: there is no such catalogue, or it cannot be reached.
        MissingExtraError: the library is not installed.
    """
    try:
        from pyiceberg.catalog import load_catalog  # noqa: PLC0415 (an extra)
    except ImportError:
        raise MissingExtraError("Iceberg", "iceberg") from None
    name, _, namespace = path.partition("/")
    if not name or not namespace.replace(".", "") or "/" in namespace:
        raise FileError(f"iceberg:{path}: name a catalogue and a namespace: iceberg:prod/shop")
    with plainly(f"iceberg:{path}", "opening the catalogue (see .pyiceberg.yaml)"):
        catalogue = load_catalog(name)
    try:
        yield IcebergTables(catalogue, tuple(namespace.split(".")))
    finally:
        catalogue.close()


# --- reading -------------------------------------------------------------------------------------


def _require_readable(table: Any, where: str) -> None:
    """Refuse tables of which nobody here gives the live rows.

    Raises:
        FileError: rows are deleted by their values, or a type is not known to frames.
    """
    snapshot = table.current_snapshot()
    summary = snapshot.summary.additional_properties if snapshot and snapshot.summary else {}
    if int(summary.get("total-equality-deletes", 0)):
        way = "compact it with Spark's rewrite_data_files, delete-file-threshold 1"
        raise FileError(f"{where} has rows that are deleted by their values: {way}")
    for each in table.schema().fields:
        if str(each.field_type).startswith(("geo", "unknown", "variant")):
            raise FileError(f"{where}: column {each.name!r} is {each.field_type}: drop it there")


def _as_text(name: str) -> pl.Expr:
    """Sixteen bytes as a uuid is written."""
    digits = pl.col(name).bin.encode("hex")
    ends = ((0, 8), (8, 4), (12, 4), (16, 4), (20, 12))
    return pl.concat_str([digits.str.slice(*each) for each in ends], separator="-").alias(name)


# --- versions ------------------------------------------------------------------------------------


def _version(table: Any, snapshot: int) -> str:
    """With the schema: a column that takes the name of another has other values in old rows."""
    return f"{table.metadata.table_uuid} {snapshot} {table.metadata.current_schema_id}"


def _only_grew(table: Any, then: int) -> bool:
    """Whether all snapshots after one are appends, back to it."""
    snapshot = table.current_snapshot()
    while snapshot and snapshot.snapshot_id != then:
        if not snapshot.summary or snapshot.summary.operation.value != "append":
            return False
        parent = snapshot.parent_snapshot_id
        snapshot = None if parent is None else table.snapshot_by_id(parent)
    return snapshot is not None


# --- writing -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _New:
    """Tables whose files are written, and of which the catalogue learns when all are."""

    catalogue: Any
    namespace: tuple[str, ...]
    place: str
    made: dict[str, "_Made"] = field(default_factory=dict)

    def write(self, name: str, rows: pl.LazyFrame) -> int:
        """The rows as the files of a new table."""
        where = f"{self.place}: {name!r}"
        cast = _TYPES.cast(rows, where)
        with plainly(where, "writing"):
            self.catalogue.create_namespace_if_not_exists(self.namespace)
            schema = _as_arrow(cast.collect_schema())
            created = self.catalogue.create_table_transaction((*self.namespace, name), schema)
            self.made[name] = made = _Made.of(created, where)
            return made.write(cast)

    def commit(self) -> None:
        """The catalogue takes one table after the other, each in one step."""
        for name, each in self.made.items():
            with plainly(f"{self.place}: {name!r}", "committing"):
                each.commit()

    def remove(self) -> None:
        """What was written, whether the catalogue knows of it or not."""
        for name, each in self.made.items():
            with suppress(Exception):
                self._remove((*self.namespace, name), each)

    def _remove(self, name: tuple[str, ...], made: "_Made") -> None:
        if self.catalogue.table_exists(name):
            there = self.catalogue.load_table(name).metadata.table_uuid
            if there != made.transaction.table_metadata.table_uuid:
                return  # somebody else came before, with the same folder
            self.catalogue.drop_table(name)
        made.files.delete_dir(made.path)


@dataclass(frozen=True)
class _Made:
    """A table that is made: where its files are, and what the catalogue will be told.

    Attributes:
        transaction: that creates it.
        files: the file system in which it stands.
        path: of its folder there.
        is_local: whether that is a folder of this machine.
        names: the addresses of its files of rows.
    """

    transaction: Any
    files: Any
    path: str
    is_local: bool
    names: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, transaction: Any, where: str) -> "_Made":
        """A table whose folder is empty; what stood there may be rows of one that was dropped."""
        from pyarrow.fs import FileSelector  # noqa: PLC0415 (slow to import)
        from pyiceberg.io.pyarrow import PyArrowFileIO  # noqa: PLC0415 (an extra)

        io = transaction._table.io  # noqa: SLF001 (its credentials may be of the catalogue)
        if not isinstance(io, PyArrowFileIO):
            raise FileError(f"{where}: say py-io-impl: pyiceberg.io.pyarrow.PyArrowFileIO")
        location = transaction.table_metadata.location
        scheme, host, path = io.parse_location(location, io.properties)
        files = io.fs_by_scheme(scheme, host)
        if files.get_file_info(FileSelector(path, allow_not_found=True)):
            raise FileError(f"{where}: {location} holds files, maybe raw ones: remove them")
        return cls(transaction, files, path, scheme == "file")

    def write(self, rows: pl.LazyFrame) -> int:
        """The rows in files with the ids of their columns; how many there are."""
        from pyiceberg.io.pyarrow import schema_to_pyarrow  # noqa: PLC0415 (an extra)

        schema = schema_to_pyarrow(self.transaction.table_metadata.schema())
        count = 0
        with hidden_folder(Path(self.path) if self.is_local else "rows") as folder:
            parts = pl.PartitionBy(folder, approximate_bytes_per_file=_FILE_BYTES)
            rows.sink_parquet(parts, arrow_schema=schema, engine="streaming")
            narrow(folder)
            for part in sorted(folder.iterdir()):
                count += pl.scan_parquet(part).select(pl.len()).collect().item()
                self._put(part, f"data/{part.stem}-{uuid.uuid4()}.parquet")
        return count

    def _put(self, file: Path, name: str) -> None:
        """A file at its place, where nobody looks before the table is there."""
        if self.is_local:
            self.files.create_dir(f"{self.path}/data")
            file.rename(f"{self.path}/{name}")
        else:
            with (
                file.open("rb") as rows,
                self.files.open_output_stream(f"{self.path}/{name}") as to,
            ):
                shutil.copyfileobj(rows, to, _CHUNK)
        self.names.append(f"{self.transaction.table_metadata.location}/{name}")

    def commit(self) -> None:
        """The table is there, with all its rows."""
        if self.names:
            self.transaction.add_files(self.names, check_duplicate_files=False)
        self.transaction.commit_transaction()
        if self.is_local:
            narrow(Path(self.path))


def _as_arrow(schema: pl.Schema) -> Any:
    """The schema with times in microseconds, beyond which Iceberg has none."""
    import pyarrow as pa  # noqa: PLC0415 (slow to import)

    fields = pl.DataFrame(schema=schema).to_arrow().schema
    coarse = pa.time64("us")
    return pa.schema([f.with_type(coarse) if pa.types.is_time(f.type) else f for f in fields])
