"""Tables of PostgreSQL that change night by night, in one transaction with the id of the night."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

import polars as pl

from anonymizer.errors import FileError
from anonymizer.stores.postgresql import reading
from anonymizer.stores.postgresql.address import PostgreSQLAddress
from anonymizer.stores.postgresql.catalog import Catalogue, Relation
from anonymizer.stores.postgresql.failures import connected, plainly
from anonymizer.stores.postgresql.writing import (
    WRITING,
    copied,
    move_sequences,
    require_fit,
    set_aside,
)
from anonymizer.stores.sql import quoted
from anonymizer.stores.table import NIGHT, Change

_LEAVING: Final = 'pg_temp."anonymizer_leaving"'


def night(connection: Any, address: PostgreSQLAddress) -> str | None:
    """The id of the last night; None where there was none."""
    mark = _mark(address)
    if connection.execute("SELECT to_regclass(%s)", [mark]).fetchone()[0] is None:
        return None
    found = connection.execute(f"SELECT id FROM {mark}").fetchone()
    return found and str(found[0])


def since(
    snapshot: reading.Snapshot, relation: Relation, column: str, least: int | date
) -> pl.LazyFrame:
    """The rows of a table whose value in a column is none, or `least` or more."""
    name, kind = quoted(column), relation.columns[column].declared
    found = f"{name} IS NULL OR {name} >= '{least}'::{kind}"
    rows = f"(SELECT * FROM {relation.read_from} WHERE {found}) found"
    return reading.scan(snapshot, replace(relation, qualified=rows, alone=False, is_table=False))


def change(
    address: PostgreSQLAddress, changes: Mapping[str, Change], before: str | None, after: str
) -> None:
    """As `Nightly.change`. The id stands in a table of its own, in the first schema."""
    place, mark = address.place, _mark(address)
    schemas = {name: each.rows.scan().collect_schema() for name, each in changes.items()}
    with connected(address.url, place) as connection:
        run = connection.execute
        with plainly(place, "preparing the tables"):
            run(WRITING)
            run(f"CREATE TABLE IF NOT EXISTS {mark} (id text NOT NULL)")
            run(f"LOCK TABLE {mark} IN EXCLUSIVE MODE")  # which our own snapshot does not hinder
            if night(connection, address) != before:
                raise FileError(f"{place}: another run came between: run again")
            catalogue = Catalogue.of(connection, replace(address, views=()))
            require_fit(catalogue, schemas, place, empty=before is None)
            # Where a row gives way to a newer one, `ON DELETE CASCADE` would take along others.
            restore = set_aside(catalogue, changes, indexes=False)
        for name, each in changes.items():
            _changed(connection, catalogue.relations[name], each, place)
        with plainly(place, "checking the foreign keys"):
            run("SET CONSTRAINTS ALL IMMEDIATE")
            for statement in restore:
                run(statement)
            move_sequences(catalogue, changes)
            run(f"DELETE FROM {mark}")
            run(f"INSERT INTO {mark} VALUES (%s)", [after])
            connection.commit()


def _mark(address: PostgreSQLAddress) -> str:
    return f"{quoted(address.schemas[0])}.{quoted(NIGHT)}"


def _changed(connection: Any, relation: Relation, change: Change, place: str) -> None:
    """Rows go, and others come."""
    rows = change.rows.scan()
    where = f"{place}: table {relation.table.name!r}"
    with plainly(where, "removing rows"):
        if change.gone is None:
            connection.execute(f"DELETE FROM {relation.read_from}")
        elif change.key:
            _remove(connection, relation, change, place)
    copied(connection, relation, rows, place)


def _remove(connection: Any, relation: Relation, change: Change, place: str) -> None:
    """The rows of some keys, which are laid beside the table."""
    key, run = change.key, connection.execute
    listed = ", ".join(map(quoted, key))
    run(
        f"CREATE TEMPORARY TABLE {_LEAVING} ON COMMIT DROP AS "
        f"SELECT {listed} FROM {relation.qualified} WITH NO DATA"
    )
    leaving = replace(relation, qualified=_LEAVING)
    assert change.gone is not None
    for keys in (change.gone.lazy(), change.rows.scan()):
        copied(connection, leaving, keys.select(key), place)
    run(f"ANALYZE {_LEAVING}")
    same = " AND ".join(f"t.{name} = l.{name}" for name in map(quoted, key))
    run(f"DELETE FROM {relation.read_from} t USING {_LEAVING} l WHERE {same}")
    run(f"DROP TABLE {_LEAVING}")
