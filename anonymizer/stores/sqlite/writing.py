"""Tables filled in a new SQLite file, which takes its place when all of them are full."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import Connection, connect
from typing import Final

import polars as pl

from anonymizer.errors import DataError, FileError
from anonymizer.frames import batches
from anonymizer.staging import staged
from anonymizer.stores.sql import quoted
from anonymizer.stores.sqlite.connecting import connected, plainly
from anonymizer.stores.sqlite.reading import Relation, names_of, relations
from anonymizer.stores.sqlite.types import Column
from anonymizer.stores.table import Write

_DDL: Final = "SELECT name, sql FROM sqlite_master WHERE type = ? AND sql IS NOT NULL"
_COLUMN_OF: Final[dict[type[pl.DataType], str]] = {
    pl.Boolean: "BOOLEAN", pl.Int8: "INTEGER", pl.Int16: "INTEGER", pl.Int32: "INTEGER",
    pl.Int64: "INTEGER", pl.UInt8: "INTEGER", pl.UInt16: "INTEGER", pl.UInt32: "INTEGER",
    pl.UInt64: "INTEGER", pl.Float32: "REAL", pl.Float64: "REAL", pl.String: "TEXT",
    pl.Categorical: "TEXT", pl.Enum: "TEXT", pl.Null: "TEXT", pl.Binary: "BLOB", pl.Date: "DATE",
    pl.Datetime: "DATETIME",
}  # fmt: skip
_TAKEN: Final = {  # what is given → the affinities that keep it, and what it is then
    "INTEGER": ({"INTEGER", "NUMERIC", "REAL", "BLOB", "TEXT"}, ("integer", "real", "text")),
    "BOOLEAN": ({"INTEGER", "NUMERIC", "BLOB"}, ("integer",)),
    "REAL": ({"REAL", "NUMERIC", "BLOB"}, ("real", "integer")),
    "TEXT": ({"TEXT", "NUMERIC", "BLOB"}, ("text",)),
    "DATE": ({"TEXT", "NUMERIC", "BLOB"}, ("text",)),
    "DATETIME": ({"TEXT", "NUMERIC", "BLOB"}, ("text",)),
    "BLOB": ({"BLOB", "TEXT", "NUMERIC", "INTEGER", "REAL"}, ("blob",)),
}


@contextmanager
def writing(
    file: Path, like: Path | None, place: str, tables: Mapping[str, pl.Schema]
) -> Iterator[Write]:
    """As `Store.writing`. Free pages and the log of a file stay behind: the new one has none.

    Args:
        file: to be; where it is there, its tables are empty.
        like: what declares the tables where it is not; else they follow from those that are given.
        place: as messages tell it.
        tables: what will be written.

    Raises:
        DataError: rows do not fit the tables.
        FileError: tables are absent or hold rows, or the file cannot be written.
    """
    pattern = file if file.exists() else like
    with staged(file) as new, closing(connect(new, isolation_level=None)) as connection:
        later = []
        with plainly(place, "preparing the tables"):
            connection.execute("BEGIN")
            _refuse_unknown_types(tables, place)
            later = _declared(connection, pattern, file, place) if pattern else []
            if pattern is None:
                _create(connection, tables)
            there = relations(connection)
            require_fit(there, tables, place)
        yield lambda name, rows: filled(connection, there[name], rows, place)
        with plainly(place, "adding indexes and views"):
            for statement in later:
                connection.execute(statement)
            connection.execute("COMMIT")


def _declared(connection: Connection, pattern: Path, file: Path, place: str) -> list[str]:
    """Create the tables of another file; gives the statements for when they are full.

    Raises:
        FileError: the file itself holds rows.
    """
    with closing(connected(pattern)) as other:
        names = names_of(other)
        for name in names if pattern == file else ():
            if other.execute(f"SELECT 1 FROM {quoted(name)} LIMIT 1").fetchone():
                what = f"table {name!r} is not empty; nothing was written"
                raise FileError(f"{place}: {what}: write into a new file")
        for name, sql in other.execute(_DDL, ("table",)):
            if name in names:
                connection.execute(sql)
        for said in ("user_version", "application_id"):
            connection.execute(f"PRAGMA {said} = {other.execute(f'PRAGMA {said}').fetchone()[0]}")
        views = [sql for _, sql in other.execute(_DDL, ("view",))]
        return [*(sql for _, sql in other.execute(_DDL, ("index",))), *views]


def _create(connection: Connection, tables: Mapping[str, pl.Schema]) -> None:
    for name, schema in tables.items():
        columns = (f"{quoted(each)} {_COLUMN_OF[type(dtype)]}" for each, dtype in schema.items())
        connection.execute(f"CREATE TABLE {quoted(name)} ({', '.join(columns)})")


# --- what fits -----------------------------------------------------------------------------------


def _refuse_unknown_types(tables: Mapping[str, pl.Schema], place: str) -> None:
    faults = [
        f"{name}.{column} is {dtype}, which SQLite lacks: make it text or a number, or drop it"
        for name, schema in tables.items()
        for column, dtype in schema.items()
        if type(dtype) not in _COLUMN_OF or getattr(dtype, "time_zone", None)
    ]
    if faults:
        raise DataError(f"{place}: nothing was written: {'; '.join(faults)}")


def require_fit(there: Mapping[str, Relation], tables: Mapping[str, pl.Schema], place: str) -> None:
    """Notice what does not fit into tables.

    Raises:
        DataError: rows do not.
        FileError: tables are absent.
    """
    if absent := [name for name in tables if name not in there]:
        way = "remove the file: a new one gets what is declared in the source"
        raise FileError(f"{place}: table {absent[0]!r} is missing; nothing was written: {way}")
    faults = [f"{n}.{fault}" for n in tables for fault in _faults(there[n], tables[n])]
    if faults:
        raise DataError(f"{place}: nothing was written: {'; '.join(faults)}")


def _faults(relation: Relation, schema: pl.Schema) -> Iterator[str]:
    table = relation.table
    for name, dtype in schema.items():
        declared = table.declared.get(name)
        if declared is None:
            yield f"{name} is no column there"
        elif name not in table.generated and not (
            isinstance(dtype, pl.Null)
            or Column(name, declared).affinity in _TAKEN[_COLUMN_OF[type(dtype)]][0]
        ):
            yield f"{name} is {dtype}, and its column {declared}: choose a mask that keeps the type"
    missing = table.not_null - {*schema, *relation.defaults}
    yield from (f"{name} needs a value (NOT NULL), and has none" for name in sorted(missing))


# --- rows ----------------------------------------------------------------------------------------


def filled(connection: Connection, relation: Relation, rows: pl.LazyFrame, place: str) -> int:
    """All rows, each value as it is.

    Raises:
        DataError: a value would be another there.
    """
    table = relation.table
    where = f"{place}: table {table.name!r}"
    schema = rows.collect_schema()
    names = [name for name in schema.names() if name not in table.generated]
    marks = ", ".join("?" * len(names))
    listed = ", ".join(map(quoted, names))
    insert = f"INSERT INTO {quoted(table.name)} ({listed}) VALUES ({marks})"
    number, given = 0, dict.fromkeys(names, 0)
    for frame in batches(rows.select(names)):
        _refuse_lossy(frame, where)
        with plainly(where, "writing"):
            connection.executemany(insert, _stored(frame).iter_rows())
        number += len(frame)
        for name in names:
            given[name] += len(frame) - frame[name].null_count()
    for name in names:
        kinds = _TAKEN[_COLUMN_OF[type(schema[name])]][1]
        if _count(connection, table.name, name, kinds) != given[name]:
            what = "SQLite makes other values of some, as numbers of text"
            way = "declare the column TEXT, or choose another mask"
            raise DataError(f"{where}, column {name!r}: {what}; nothing was written: {way}")
    return number


def _refuse_lossy(frame: pl.DataFrame, where: str) -> None:
    for column in frame.iter_columns():
        lost = ""
        if column.dtype.is_float() and column.is_nan().any():
            lost = "NaN, which SQLite takes for null: replace it"
        if column.dtype == pl.UInt64 and (column > 2**63 - 1).any():
            lost = "whole numbers beyond 64 bits with a sign: make them text"
        if lost:
            what = f"holds {lost}; nothing was written"
            raise DataError(f"{where}, column {column.name!r} {what}")


def _stored(frame: pl.DataFrame) -> pl.DataFrame:
    """Dates and times as text, as SQLite itself writes them."""
    return frame.with_columns(
        pl.col(pl.Date).dt.to_string("%Y-%m-%d"),
        pl.col(pl.Datetime).dt.to_string("%Y-%m-%d %H:%M:%S%.f"),
        pl.col(pl.Enum, pl.Categorical).cast(pl.String),
    )


def _count(connection: Connection, table: str, column: str, kinds: tuple[str, ...]) -> int:
    """How many values of a column are of these types."""
    listed = ", ".join(f"'{each}'" for each in kinds)
    query = f"SELECT count(*) FROM {quoted(table)} WHERE typeof({quoted(column)}) IN ({listed})"
    return int(connection.execute(query).fetchone()[0])
