"""The tables of a DuckDB file, and their rows as Arrow brings them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from anonymizer.errors import DataError, FileError
from anonymizer.stores.duckdb.types import Asked, asked
from anonymizer.stores.local import streamed
from anonymizer.stores.sql import quoted
from anonymizer.stores.table import NIGHT, ForeignKey, Table

_ROWS: Final = 2**15  # of a block
_COLUMNS: Final = f"""
SELECT schema_name, table_name, column_name, data_type, is_nullable, is_generated, column_default
FROM duckdb_columns() JOIN duckdb_tables() USING (database_name, schema_name, table_name)
WHERE database_name = current_database() AND NOT temporary AND table_name <> '{NIGHT}'
ORDER BY ALL"""
_CONSTRAINTS: Final = f"""
SELECT schema_name, table_name, constraint_type, constraint_name, constraint_column_names,
    referenced_table, referenced_column_names
FROM duckdb_constraints()
WHERE database_name = current_database() AND table_name <> '{NIGHT}' ORDER BY ALL"""


@dataclass(frozen=True)
class Relation:
    """A table, and how its columns are asked for.

    Attributes:
        table: as it is declared.
        qualified: its name in SQL.
        asked: column → how.
        defaults: columns that need not be given.
    """

    table: Table
    qualified: str
    asked: dict[str, Asked]
    defaults: frozenset[str]


def connected(file: Path, place: str, *, read_only: bool) -> Any:
    """A connection that spills no rows beside the file and shows instants in UTC.

    Raises:
        FileError: the file is none of DuckDB, or in use.
    """
    import duckdb  # noqa: PLC0415 (an extra)

    try:
        connection = duckdb.connect(str(file), read_only, {"temp_directory": ""})
    except duckdb.Error:
        what = "no file of DuckDB that this version opens, or another process writes to it"
        raise FileError(f"{place}: is {what}") from None
    connection.execute("SET TimeZone = 'UTC'").fetchall()
    return connection


@contextmanager
def plainly(place: str, doing: str) -> Iterator[None]:
    """Errors of DuckDB, which quote values, as one line without.

    Raises:
        DataError: a constraint refuses rows.
        FileError: all else.
    """
    import duckdb  # noqa: PLC0415 (an extra)

    try:
        yield
    except duckdb.ConstraintException as error:
        refused = (why for said, why in _CONSTRAINED.items() if said in str(error).lower())
        why = next(refused, "a constraint refuses some rows")
        raise DataError(f"{place}: {doing}: {why}; nothing was written") from None
    except duckdb.Error as error:
        raise FileError(f"{place}: {doing} failed ({type(error).__name__})") from None


_CONSTRAINED: Final = {
    "duplicate key": "keys come twice: choose a mask that keeps different values different",
    "not null": "there are nulls, which it refuses",
    "foreign key": "the parents of some rows are absent: write their table too",
    "check": "a check refuses some rows: choose masks that keep to it, or drop it",
}


# --- the catalogue -------------------------------------------------------------------------------


def relations(connection: Any) -> dict[str, Relation]:
    """All tables by name; `schema.table` outside of `main`."""
    columns: dict[tuple[str, str], list[Any]] = {}
    for schema, table, *column in connection.execute(_COLUMNS).fetchall():
        columns.setdefault((schema, table), []).append(column)
    said: dict[tuple[str, str], list[Any]] = {each: [] for each in columns}
    for schema, table, *constraint in connection.execute(_CONSTRAINTS).fetchall():
        said[schema, table].append(constraint)
    made = (_relation(connection, *each, columns[each], said[each]) for each in columns)
    return {relation.table.name: relation for relation in made}


def _relation(
    connection: Any, schema: str, table: str, columns: list[Any], constraints: list[Any]
) -> Relation:
    qualified = f"{quoted(schema)}.{quoted(table)}"
    described = connection.sql(f"FROM {qualified} LIMIT 0")
    how = {n: asked(t) for n, t in zip(described.columns, described.types, strict=True)}
    values = ", ".join(f"{each.value.format(quoted(n))} AS {quoted(n)}" for n, each in how.items())
    empty = _of_arrow(connection.sql(f"SELECT {values} FROM {qualified} LIMIT 0").to_arrow_table())
    name = called(schema, table)
    keys = {kind: [c for k, *c in constraints if k == kind] for kind in {c[0] for c in constraints}}
    return Relation(
        Table(
            name,
            empty.schema,
            declared={column: dtype for column, dtype, *_ in columns},
            primary_key=next((tuple(each[1]) for each in keys.get("PRIMARY KEY", ())), ()),
            unique=tuple(tuple(each[1]) for each in keys.get("UNIQUE", ())),
            foreign_keys=tuple(
                ForeignKey(name, tuple(of), called(schema, parent), tuple(to))
                for _, of, parent, to in keys.get("FOREIGN KEY", ())
            ),
            not_null=frozenset(column for column, _, nullable, *_ in columns if not nullable),
            generated=frozenset(column for column, _, _, made, _ in columns if made),
            checks={each[0]: tuple(each[1]) for each in keys.get("CHECK", ())},
        ),
        qualified,
        how,
        frozenset(column for column, *_, default in columns if default is not None),
    )


def called(schema: str, table: str) -> str:
    """The name of a table for the store."""
    return table if schema == "main" else f"{schema}.{table}"


# --- rows ----------------------------------------------------------------------------------------


def scan(connection: Any, relation: Relation, place: str) -> pl.LazyFrame:
    """The rows of a table, in their order; each pass has a cursor of its own.

    Raises:
        DataError: when computed, a column holds a value for which frames have no place.
    """

    def blocks(names: list[str]) -> Iterator[pl.DataFrame]:
        where = f"{place}: table {relation.table.name!r}"
        with connection.cursor() as cursor, plainly(where, "reading"):
            for batch in cursor.sql(_query(relation, names)).to_arrow_reader(_ROWS):
                frame = _of_arrow(batch)
                _refuse_homeless(frame, relation, names, where)
                yield frame.select(
                    pl.col(f"c{number}").cast(relation.table.schema[name]).alias(name)
                    for number, name in enumerate(names)
                )

    return streamed(relation.table.schema, blocks)


def _query(relation: Relation, names: list[str]) -> str:
    """Values under c0, c1 …, and last the number of a column whose value no frame holds."""
    columns = [(relation.asked[name], quoted(name)) for name in names]
    values = [f"{how.value.format(name)} AS c{i}" for i, (how, name) in enumerate(columns)]
    guards = [
        f"WHEN {how.guard.format(name)} THEN {number}"
        for number, (how, name) in enumerate(columns)
        if how.guard
    ]
    values += [f"CASE {' '.join(guards)} END AS guard"] if guards else []
    return f"SELECT {', '.join(values)} FROM {relation.qualified}"


def _refuse_homeless(frame: pl.DataFrame, relation: Relation, names: list[str], where: str) -> None:
    if frame.width > len(names) and len(found := frame[:, -1].drop_nulls()):
        name = names[found[0]]
        why = relation.asked[name].reason
        raise DataError(f"{where}, column {name!r}: {why}: drop the column, or mend such rows")


def _of_arrow(rows: Any) -> pl.DataFrame:
    frame = pl.from_arrow(rows)
    assert isinstance(frame, pl.DataFrame)
    return frame
