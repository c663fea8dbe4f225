"""Tables of a SQLite file that change night by night: one transaction, with the id of the night."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from sqlite3 import Connection, connect

import polars as pl

from anonymizer.errors import FileError
from anonymizer.stores.sql import quoted
from anonymizer.stores.sqlite.connecting import plainly
from anonymizer.stores.sqlite.reading import Relation, relations
from anonymizer.stores.sqlite.writing import filled, require_fit, writing
from anonymizer.stores.table import NIGHT, Change

_GIVEN = "rows that anonymizer gives"  # no table is called so


def night(file: Path, place: str) -> str | None:
    """The id of the last night; what a killed run left in the file is rolled back first."""
    if not file.exists():
        return None
    with plainly(place, "reading the night"), closing(connect(file)) as connection:
        return _night(connection)


def _night(connection: Connection) -> str | None:
    known = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
    if not connection.execute(known, (NIGHT,)).fetchone()[0]:
        return None
    found = connection.execute(f"SELECT id FROM {quoted(NIGHT)}").fetchone()
    return found and str(found[0])


def change(
    file: Path,
    like: Path | None,
    place: str,
    changes: Mapping[str, Change],
    *,
    before: str | None,
    after: str,
) -> None:
    """As `Nightly.change`. A file that is not there is made first, with empty tables."""
    schemas = {name: each.rows.scan().collect_schema() for name, each in changes.items()}
    if not file.exists():
        with writing(file, like, place, schemas) as write:
            for name, schema in schemas.items():
                write(name, pl.LazyFrame(schema=schema))
    with closing(connect(file, isolation_level=None)) as connection:
        with plainly(place, "preparing the tables"):
            connection.execute("BEGIN IMMEDIATE")
            if _night(connection) != before:
                raise FileError(f"{place}: another run came between: run again")
            there = relations(connection)
            require_fit(there, schemas, place)
        for name, each in changes.items():
            _changed(connection, there[name], each, place, empty=before is None)
        with plainly(place, "writing the night"):
            connection.execute(f"CREATE TABLE IF NOT EXISTS {quoted(NIGHT)} (id TEXT NOT NULL)")
            connection.execute(f"DELETE FROM {quoted(NIGHT)}")
            connection.execute(f"INSERT INTO {quoted(NIGHT)} VALUES (?)", (after,))
            connection.execute("COMMIT")


def _changed(
    connection: Connection, relation: Relation, change: Change, place: str, *, empty: bool
) -> None:
    """Rows go, and others come by way of a table that is empty, as these are counted there.

    Raises:
        FileError: there are rows though there must be none.
    """
    table, given = quoted(relation.table.name), f"temp.{quoted(_GIVEN)}"
    run = connection.execute
    where = f"{place}: table {relation.table.name!r}"
    if empty and run(f"SELECT 1 FROM {table} LIMIT 1").fetchone():
        raise FileError(f"{where} is not empty; nothing was written: write into a new file")
    with plainly(where, "laying rows beside it"):
        run(f"CREATE TEMPORARY TABLE {quoted(_GIVEN)} AS SELECT * FROM {table} LIMIT 0")
    rows = change.rows.scan()
    beside = replace(relation, table=replace(relation.table, name=_GIVEN))
    if change.gone is None:
        run(f"DELETE FROM {table}")
    elif change.key:
        key = ", ".join(map(quoted, change.key))
        for keys in (change.gone.lazy(), rows.select(change.key)):
            filled(connection, beside, keys, where)
            run(f"DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {given})")
            run(f"DELETE FROM {given}")
    filled(connection, beside, rows, where)
    names = [n for n in rows.collect_schema() if n not in relation.table.generated]
    listed = ", ".join(map(quoted, names))
    with plainly(where, "writing"):
        run(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM {given}")
        run(f"DROP TABLE {given}")
