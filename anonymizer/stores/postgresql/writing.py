"""Tables of PostgreSQL filled in one transaction: what fails leaves the database as it was."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import polars as pl

from anonymizer.errors import DataError, FileError
from anonymizer.frames import batches
from anonymizer.stores.postgresql.address import PostgreSQLAddress
from anonymizer.stores.postgresql.catalog import Catalogue, Relation
from anonymizer.stores.postgresql.cells import csv
from anonymizer.stores.postgresql.failures import connected, plainly
from anonymizer.stores.postgresql.reading import SETTINGS
from anonymizer.stores.sql import quoted
from anonymizer.stores.table import Write

# Money is read with the point that `C` has. Nobody uses tables that are being filled.
WRITING: Final = f"{SETTINGS}; SET lc_monetary = 'C'; SET lock_timeout = '10s'"
_ENABLED: Final = {"O": "ENABLE", "A": "ENABLE ALWAYS"}


@contextmanager
def writing(address: PostgreSQLAddress, tables: Mapping[str, pl.Schema]) -> Iterator[Write]:
    """As `Store.writing`. Triggers do not fire; indexes are made and keys checked at the end.

    Raises:
        DataError: rows do not fit the tables.
        FileError: tables are absent or hold rows, or the server cannot do it.
    """
    place = address.place
    with connected(address.url, place) as connection:
        with plainly(place, "preparing the tables"):
            catalogue = Catalogue.of(connection, replace(address, views=()))
            connection.execute(WRITING)
            require_fit(catalogue, tables, place)
            restore = set_aside(catalogue, tables, indexes=True)
        yield lambda name, rows: copied(connection, catalogue.relations[name], rows, place)
        with plainly(place, "checking the keys"):
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for statement in restore:
                connection.execute(statement)
            move_sequences(catalogue, tables)
            connection.commit()


def require_fit(
    catalogue: Catalogue, tables: Mapping[str, pl.Schema], place: str, *, empty: bool = True
) -> None:
    """Lock tables for what is written into them, if it fits.

    Raises:
        DataError: it does not.
        FileError: tables are absent, or hold rows though they must be empty.
    """
    absent = [name for name in tables if name not in catalogue.relations]
    if absent:
        raise FileError(
            f"{place}: {_named(absent)} missing; nothing was written: create what is there with "
            "`pg_dump --schema-only SOURCE | psql TARGET`"
        )
    where = {name: catalogue.relations[name] for name in tables}
    faults = [f"{n}.{fault}" for n in tables for fault in _faults(where[n], tables[n])]
    if faults:
        raise DataError(f"{place}: nothing was written: {'; '.join(faults)}")
    if not tables:
        return
    run = catalogue.connection.execute
    run(f"LOCK TABLE {', '.join(r.qualified for r in where.values())} IN ACCESS EXCLUSIVE MODE")
    full = [
        name
        for name, relation in where.items()
        if empty and run(f"SELECT EXISTS (SELECT FROM {relation.qualified})").fetchone()[0]
    ]
    if full:
        raise FileError(  # no command that empties them: they may be the raw tables
            f"{place}: {_named(full)} not empty; nothing was written: write into a new database, "
            "made by `pg_dump --schema-only SOURCE | psql TARGET`"
        )


def _named(tables: list[str]) -> str:
    names = ", ".join(map(repr, tables))
    return f"table {names} is" if len(tables) == 1 else f"tables {names} are"


def _faults(relation: Relation, schema: pl.Schema) -> Iterator[str]:
    for name, dtype in schema.items():
        column = relation.columns.get(name)
        if column is None:
            yield f"{name} is no column there"
        elif not column.generated and (why := column.why_not(dtype)):
            yield f"{name} {why}: cast it, choose another mask, or ALTER the column"
    for column in relation.columns.values():
        if column.needed and column.name not in schema:
            yield f"{column.name} needs a value (NOT NULL), and the rows have none"


def set_aside(catalogue: Catalogue, tables: Iterable[str], *, indexes: bool) -> list[str]:
    """Take away what would run for each row; gives the statements that bring it back.

    An index of a full table is made by one sort. A foreign key that is added to one is checked by
    one join, whatever the order in which tables were filled, and however they refer to each other.

    Args:
        catalogue: of the connection.
        tables: that will be written.
        indexes: whether these are made anew too, which pays where tables are filled from empty.
    """
    run = catalogue.connection.execute
    triggers, keys = list[str](), list[str]()
    for trigger in catalogue.triggers(tables):
        table, name = f"ALTER TABLE {trigger['table']}", trigger["name"]
        run(f"{table} DISABLE TRIGGER {name}")
        triggers.append(f"{table} {_ENABLED[trigger['enabled']]} TRIGGER {name}")
    for key in catalogue.foreign_keys(tables):
        keys += _without_constraint(catalogue, key)
    made = list[str]()
    for index in catalogue.indexes(tables) if indexes else ():  # on which keys hung before
        if index["name"]:
            made += _without_constraint(catalogue, index)
            continue
        run(f"DROP INDEX {index['index']}")
        made.append(index["statement"])
        if index["comment"]:
            made.append(f"COMMENT ON INDEX {index['index']} IS {index['comment']}")
    return [*made, *keys, *triggers]


def _without_constraint(catalogue: Catalogue, constraint: Mapping[str, Any]) -> Iterator[str]:
    table, name = constraint["table"], constraint["name"]
    catalogue.connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield f"ALTER TABLE {table} ADD CONSTRAINT {name} {constraint['definition']}"
    if constraint["comment"]:
        yield f"COMMENT ON CONSTRAINT {name} ON {table} IS {constraint['comment']}"


def copied(connection: Any, relation: Relation, rows: pl.LazyFrame, place: str) -> int:
    """The rows, written."""
    names = rows.collect_schema().names()
    columns = [relation.columns[name] for name in names if not relation.columns[name].generated]
    listed = ", ".join(quoted(column.name) for column in columns)
    where = f"{place}: table {relation.table.name!r}"
    sent = 0
    with (
        plainly(place, "writing", repr(relation.table.name), columns=names),
        connection.cursor() as cursor,
    ):
        with cursor.copy(f"COPY {relation.qualified} ({listed}) FROM STDIN (FORMAT csv)") as copy:
            for frame in batches(rows):
                copy.write(csv(frame, columns, where))
                sent += len(frame)
        took = cursor.rowcount
    if took != sent:
        raise FileError(f"{where}: took {took:,} rows of {sent:,}; nothing was written")
    return sent


def move_sequences(catalogue: Catalogue, tables: Iterable[str]) -> None:
    """Let each go on after the last number of its column; as far as it goes."""
    for found in catalogue.sequences(tables):
        farthest, last = ("greatest", "max") if found["ascending"] else ("least", "min")
        column, oid = f"{last}({found['column']})", found["sequence"]
        reached = f"{farthest}({column}::numeric, pg_sequence_last_value({oid}))"
        within = f"least(greatest({reached}, {found['least']}), {found['most']})::bigint"
        catalogue.connection.execute(
            f"SELECT setval({oid}::regclass, {within}) FROM {found['table']} "
            f"HAVING {column} IS NOT NULL"
        )
