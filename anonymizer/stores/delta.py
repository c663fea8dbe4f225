"""A folder of Delta tables as a store."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

import polars as pl

from anonymizer.errors import DataError, FileError, MissingExtraError
from anonymizer.files.footers import counted
from anonymizer.staging import at_once, staged
from anonymizer.stores.table import Table, Write

_LOG: Final = "_delta_log"
_TEXT: Final = (pl.Enum, pl.Categorical, pl.Null)
_WIDER: Final[Mapping[Any, pl.DataType]] = {
    pl.UInt8: pl.Int16(),
    pl.UInt16: pl.Int32(),
    pl.UInt32: pl.Int64(),
    pl.UInt64: pl.Decimal(20, 0),
    pl.Float16: pl.Float32(),
}
_AS_THEY_ARE: Final = (
    pl.Boolean, pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Float32, pl.Float64, pl.Decimal,
    pl.String, pl.Binary, pl.Date,
)  # fmt: skip


@dataclass(frozen=True)
class DeltaTables:
    """The tables of a folder, each at the version that it had when they were first asked for."""

    _folder: Path

    @property
    def place(self) -> str:
        """The folder."""
        return f"delta:{self._folder}"

    @cached_property
    def _loaded(self) -> Mapping[str, Any]:
        from deltalake import DeltaTable  # noqa: PLC0415 (an extra)

        folders = sorted(self._folder.iterdir()) if self._folder.is_dir() else []
        found = {}
        for folder in (each for each in folders if not each.name.startswith((".", "_"))):
            where = f"{self.place}: {folder.name!r}"
            if not (folder / _LOG).is_dir():
                raise FileError(f"{where} is no Delta table: keep what is none in another folder")
            with _plainly(where, "reading the log"):
                found[folder.name] = DeltaTable(folder)
                _require_readable(found[folder.name], where)
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
        return pl.scan_delta(self._loaded[table])

    def sampled(self, table: str, rows: int) -> None:
        """None: all rows would be read; see `Store.sampled`."""

    def row_and_null_counts(self, table: str) -> tuple[int, dict[str, int]]:
        """Rows of a table, and nulls per column."""
        return counted(self.scan(table))

    @contextmanager
    def writing(self, tables: Mapping[str, pl.Schema]) -> Iterator[Write]:
        """What writes new tables, without partitions; see `Store.writing`."""
        for name in tables:
            if (self._folder / name).exists():
                where = f"{self.place}: {name!r} is there"
                raise FileError(f"{where}, and its history may hold raw rows: name a new folder")
        faults = [f"{n}.{fault}" for n, schema in tables.items() for fault in _faults(schema)]
        if faults:
            raise DataError(f"{self.place}: nothing was written: {'; '.join(faults)}")
        with at_once():
            yield partial(_written, self._folder)


@contextmanager
def delta(path: str) -> Iterator[DeltaTables]:
    """The folder in which each folder is a Delta table, until the block ends.

    Raises:
        FileError: the path is none of a local folder, or a table itself.
        MissingExtraError: the library is not installed.
    """
    try:
        import deltalake  # noqa: F401, PLC0415 (an extra)
    except ImportError:
        raise MissingExtraError("Delta Lake", "delta") from None
    folder = Path(path)
    if "://" in path or not path or folder.is_file():
        raise FileError(f"delta:{path}: name a local folder of tables")
    if (folder / _LOG).is_dir():
        raise FileError(f"delta:{path}: is a table: name the folder that holds it")
    yield DeltaTables(folder)


@contextmanager
def _plainly(where: str, doing: str) -> Iterator[None]:
    """Errors of the library as one line: its own preview the data."""
    try:
        yield
    except (DataError, FileError):
        raise
    except Exception as error:  # noqa: BLE001 (the library raises bare ones as well)
        raise FileError(f"{where}: {doing} failed ({type(error).__name__})") from None


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
    if gone := sum(not Path(file).exists() for file in _files(table)):
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


def _files(table: Any) -> list[str]:
    return [str(each).removeprefix("file://") for each in table.file_uris()]


# --- writing -------------------------------------------------------------------------------------


def _written(folder: Path, name: str, rows: pl.LazyFrame) -> int:
    """The rows as a new table, which appears with the others."""
    from deltalake import DeltaTable, write_deltalake  # noqa: PLC0415 (an extra)

    where = f"delta:{folder}: {name!r}"
    schema = rows.collect_schema()
    _require_microseconds(rows, schema, where)
    cast = rows.cast({each: _storable(dtype) or dtype for each, dtype in schema.items()})
    with staged(folder / name) as temporary, _plainly(where, "writing"):
        write_deltalake(temporary, cast.collect_batches(lazy=True))
        return int(DeltaTable(temporary).count())


def _require_microseconds(rows: pl.LazyFrame, schema: pl.Schema, where: str) -> None:
    finer = [
        name
        for name, dtype in schema.items()
        if isinstance(dtype, pl.Datetime) and dtype.time_unit == "ns"
    ]
    lost = rows.select((pl.col(name).dt.nanosecond() % 1000 != 0).any() for name in finer).collect()
    if losing := [name for name in finer if lost[name].item()]:
        what = "has times finer than Delta's microseconds: truncate them"
        raise DataError(f"{where}, column {losing[0]!r} {what}; nothing was written")


def _faults(schema: pl.Schema) -> Iterator[str]:
    seen: set[str] = set()
    for name, dtype in schema.items():
        if _storable(dtype) is None:
            yield f"{name} is {dtype}, which Delta lacks: make it text or a number, or drop it"
        if name.lower() in seen:
            yield f"{name} differs from another column by case alone: rename one"
        seen.add(name.lower())


def _storable(dtype: pl.DataType) -> pl.DataType | None:
    """The type of Delta that holds all values of a type; None where there is none."""
    if isinstance(dtype, _TEXT):
        return pl.String()
    if isinstance(dtype, pl.Datetime):
        return pl.Datetime("us", dtype.time_zone and "UTC")
    if isinstance(dtype, pl.List | pl.Array):
        inner = _storable(dtype.inner)  # type: ignore[arg-type]  # (a type, no class)
        return inner and pl.List(inner)
    if isinstance(dtype, pl.Struct):
        fields = {field.name: _storable(field.dtype) for field in dtype.fields}  # type: ignore[arg-type]  # (a type, no class)
        return pl.Struct(fields) if fields and all(fields.values()) else None  # type: ignore[arg-type]  # (a type, no class)
    return dtype if isinstance(dtype, _AS_THEY_ARE) else _WIDER.get(type(dtype))
