"""Tables filled in a new DuckDB file, which takes its place when all of them are full."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import polars as pl

from anonymizer.errors import DataError, FileError
from anonymizer.frames import batches
from anonymizer.staging import staged
from anonymizer.stores.duckdb.changing import mark
from anonymizer.stores.duckdb.reading import Relation, called, connected, plainly, relations
from anonymizer.stores.sql import quoted
from anonymizer.stores.table import Write

_GIVEN: Final = "rows that anonymizer gives"  # no table is called so
_PATTERN: Final = "tables as anonymizer finds them"
_NESTED: Final = ("]", ")")  # how the names of their types end


@contextmanager
def writing(
    file: Path,
    like: Path | None,
    place: str,
    tables: Mapping[str, pl.Schema],
    *,
    night: str | None = None,
    after: str | None = None,
) -> Iterator[Write]:
    """As `Store.writing`. DuckDB looks for the parent of each row at once: parents come first.

    What free blocks of a file hold stays there: only what is declared goes into the new one.

    Args:
        file: to be; where it is there, its tables are empty.
        like: what declares the tables where it is not; else they follow from those that are given.
        place: as messages tell it.
        tables: what will be written, in one part or several.
        night: the id of the night that the new file is of, where tables change night by night.
        after: that of the night before, which the file may hold.

    Raises:
        DataError: rows do not fit the tables.
        FileError: tables are absent or hold rows, or the file cannot be written.
    """
    pattern = file if file.exists() else like
    waiting: dict[str, list[pl.LazyFrame]] = {name: [] for name in tables}

    def write(name: str, rows: pl.LazyFrame) -> int:
        waiting[name].append(rows)
        return int(rows.select(pl.len()).collect().item())

    with (
        staged(file) as new,
        connected(new, place, read_only=False) as connection,
    ):
        connection.execute("BEGIN").fetchall()
        with plainly(place, "preparing the tables"):
            if pattern is None:
                _create(connection, tables, place)
            else:
                _declare(connection, pattern, empty=pattern == file and after is None, place=place)
            there = relations(connection)
            _require_fit(there, tables, place)
            order = list(_parents_first(there, tables, place))
        yield write
        for name in order:
            for rows in waiting[name]:
                _insert(connection, there[name], rows, place)
        with plainly(place, "writing"):
            if night:
                mark(connection, night)
            connection.execute("COMMIT").fetchall()


def _create(connection: Any, tables: Mapping[str, pl.Schema], place: str) -> None:
    faults = []
    for name, schema in tables.items():
        kinds = {column: _type_of(connection, dtype) for column, dtype in schema.items()}
        lacking = [column for column, kind in kinds.items() if kind is None]
        faults += [f"{name}.{each} is {schema[each]}, which DuckDB lacks" for each in lacking]
        if not lacking:
            columns = ", ".join(f"{quoted(column)} {kind}" for column, kind in kinds.items())
            connection.execute(f"CREATE TABLE {quoted(name)} ({columns})").fetchall()
    if faults:
        raise DataError(f"{place}: nothing was written: {'; '.join(faults)}: make it text")


def _declare(connection: Any, pattern: Path, *, empty: bool, place: str) -> None:
    """The tables, views, types and sequences of another file, without its rows.

    Raises:
        FileError: it holds rows though it must not.
    """
    name = quoted(_PATTERN)
    path = str(pattern).replace("'", "''")
    run = connection.execute
    run(f"ATTACH '{path}' AS {name} (READ_ONLY)").fetchall()
    known = "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ?"
    for schema, table in run(known, [_PATTERN]).fetchall():
        place_of = f"{name}.{quoted(schema)}.{quoted(table)}"
        if empty and run(f"FROM {place_of} LIMIT 1").fetchall():
            what = f"table {called(schema, table)!r} is not empty; nothing was written"
            raise FileError(f"{place}: {what}: write into a new file")
    own = quoted(run("SELECT current_database()").fetchall()[0][0])
    run(f"COPY FROM DATABASE {name} TO {own} (SCHEMA)").fetchall()


def _type_of(connection: Any, dtype: pl.DataType) -> str | None:
    """The type in which DuckDB takes one of Polars; None where it has none."""
    try:
        connection.register(_GIVEN, pl.DataFrame(schema={"c": dtype}).to_arrow())
        kind = str(connection.sql(f"FROM {quoted(_GIVEN)}").types[0])
    except Exception:  # noqa: BLE001 (of Arrow, Polars and DuckDB)
        return None
    return "VARCHAR" if dtype == pl.Null else kind


# --- what fits -----------------------------------------------------------------------------------


def _require_fit(
    there: Mapping[str, Relation], tables: Mapping[str, pl.Schema], place: str
) -> None:
    if absent := [name for name in tables if name not in there]:
        way = (
            "create what is there with `duckdb SOURCE .schema | duckdb TARGET`, or remove the file"
        )
        raise FileError(f"{place}: table {absent[0]!r} is missing; nothing was written: {way}")
    faults = [f"{n}.{fault}" for n in tables for fault in _faults(there[n], tables[n])]
    if faults:
        raise DataError(f"{place}: nothing was written: {'; '.join(faults)}")


def _faults(relation: Relation, schema: pl.Schema) -> Iterator[str]:
    for name, dtype in schema.items():
        column = relation.table.schema.get(name)
        declared = relation.table.declared.get(name, "")
        if column is None:
            yield f"{name} is no column there"
        elif name not in relation.table.generated and (
            not _fits(dtype, column) or declared.startswith("UNION")
        ):
            yield f"{name} is {dtype}, and its column {declared}: choose another mask, or ALTER it"
    missing = relation.table.not_null - {*schema, *relation.defaults}
    yield from (f"{name} needs a value (NOT NULL), and has none" for name in sorted(missing))


def _fits(given: pl.DataType, column: pl.DataType) -> bool:
    """Whether values of one type may stand in a column that is read as another."""
    if given.is_integer():
        return column.is_integer() or isinstance(column, pl.Decimal | pl.String)
    if isinstance(given, pl.Enum | pl.Categorical):
        return isinstance(column, pl.String)
    if isinstance(given, pl.Datetime) and isinstance(column, pl.Datetime):
        return (given.time_zone is None) == (column.time_zone is None)
    alike = (given.is_float() and column.is_float()) or type(given) is type(column)
    return isinstance(given, pl.Null) or alike or _nested(given, column)


def _nested(given: pl.DataType, column: pl.DataType) -> bool:
    return isinstance(given, pl.Array) and isinstance(column, pl.List)


def _parents_first(
    there: Mapping[str, Relation], waiting: Iterable[str], place: str
) -> Iterator[str]:
    """The tables, each after those that it refers to.

    Raises:
        FileError: there is none.
    """
    left = dict.fromkeys(waiting)
    while left:
        free = [name for name in left if not left.keys() & _parents(there[name])]
        if not free:
            what = f"table {next(iter(left))!r} refers to itself, in one step or several"
            way = "declare its keys in the target without these"
            raise FileError(
                f"{place}: {what}, which DuckDB cannot fill; nothing was written: {way}"
            )
        for name in free:
            del left[name]
            yield name


def _parents(relation: Relation) -> set[str]:
    return {key.parent for key in relation.table.foreign_keys}


# --- rows ----------------------------------------------------------------------------------------


def _insert(connection: Any, relation: Relation, rows: pl.LazyFrame, place: str) -> None:
    """All rows, each value as it is in the type of its column.

    Raises:
        DataError: a value would be another there.
    """
    where = f"{place}: table {relation.table.name!r}"
    names = [n for n in rows.collect_schema().names() if n not in relation.table.generated]
    for frame in batches(rows.select(names)):
        with plainly(where, "writing"):
            connection.register(_GIVEN, frame.to_arrow())
            types = dict(
                zip(names, map(str, connection.sql(f"FROM {quoted(_GIVEN)}").types), strict=True)
            )
            lost = ", ".join(_lost(relation, name, types[name]) for name in names)
            (losing,) = connection.execute(f"SELECT {lost} FROM {quoted(_GIVEN)}").fetchall()
            for name, loses in zip(names, losing, strict=True):
                if loses:
                    what = f"a value is none of {relation.table.declared[name]}"
                    way = "choose another mask, or ALTER the column"
                    raise DataError(f"{where}, column {name!r}: {what}; nothing was written: {way}")
            listed = ", ".join(map(quoted, names))
            insert = f"INSERT INTO {relation.qualified} ({listed}) FROM {quoted(_GIVEN)}"
            connection.execute(insert).fetchall()


def _lost(relation: Relation, name: str, given: str) -> str:
    """Whether a value is another, or none, in the type of its column."""
    value, kind = quoted(name), relation.table.declared[name]
    cast = f"TRY_CAST({value} AS {kind})"
    free = given == "VARCHAR" and not kind.endswith(_NESTED)  # 1 DAY and 1 day are one interval
    back = "" if free else f" OR CAST({cast} AS {given}) IS DISTINCT FROM {value}"
    return f"bool_or(({cast} IS NULL AND {value} IS NOT NULL){back})"
