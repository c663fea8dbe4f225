"""The tables of a SQLite file, with the types that all their values bear out, and their rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from sqlite3 import Connection
from typing import Any, Final

import polars as pl

from anonymizer.errors import DataError
from anonymizer.stores.local import streamed
from anonymizer.stores.sql import quoted
from anonymizer.stores.sqlite.connecting import plainly
from anonymizer.stores.sqlite.types import ASKED, FOUND, Column
from anonymizer.stores.table import NIGHT, ForeignKey, Table

_COLUMNS_AT_ONCE: Final = 300
_ROWS: Final = 20_000  # of a block
_TABLES: Final = f"""
SELECT name FROM pragma_table_list
WHERE schema = 'main' AND type = 'table' AND name <> '{NIGHT}'
    AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"""
_COLUMNS: Final = """
SELECT name, type, "notnull", dflt_value IS NOT NULL, pk, hidden FROM pragma_table_xinfo(?)"""
_UNIQUE: Final = """
SELECT name FROM pragma_index_list(?) WHERE "unique" AND NOT partial AND origin <> 'pk'"""
_KEYS: Final = """
SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?) ORDER BY id, seq"""
_PARSED: Final = (pl.Date, pl.Datetime)


@dataclass(frozen=True)
class Relation:
    """A table, and what is wrong with columns that no frame can hold.

    Attributes:
        table: as it is declared, with types that its values have.
        mixed: column → how many values it has of which type.
        defaults: columns that need not be given.
    """

    table: Table
    mixed: dict[str, str]
    defaults: frozenset[str]


def names_of(connection: Connection, schema: str = "main") -> list[str]:
    """The tables of a file, without virtual ones and what these are made of."""
    asked = _TABLES.replace("'main'", "?")
    return [name for (name,) in connection.execute(asked, (schema,))]


def relations(connection: Connection) -> dict[str, Relation]:
    """All tables by name; all their values are looked at."""
    return {name: _relation(connection, name) for name in names_of(connection)}


def _relation(connection: Connection, table: str) -> Relation:
    rows = [row for row in connection.execute(_COLUMNS, (table,)) if row[5] != 1]
    columns = [Column(name, declared) for name, declared, *_ in rows]
    dtypes, mixed = _types(connection, table, columns)
    key = _primary_key(rows)
    row_id = {c.name for c in columns if key == (c.name,) and c.declared.upper() == "INTEGER"}
    unique = (
        tuple(name for (name,) in connection.execute("SELECT name FROM pragma_index_info(?)", each))
        for each in connection.execute(_UNIQUE, (table,)).fetchall()
    )
    return Relation(
        Table(
            table,
            pl.Schema(dtypes),
            declared={column.name: column.declared for column in columns},
            primary_key=key,
            unique=tuple(each for each in unique if None not in each),
            foreign_keys=tuple(_foreign_keys(connection, table)),
            not_null=frozenset(name for name, _, refuses, *_ in rows if refuses) | row_id,
            generated=frozenset(name for name, *_, hidden in rows if hidden),
            identities=frozenset(row_id),
        ),
        mixed,
        frozenset(name for name, _, _, default, *_ in rows if default) | row_id,
    )


def _types(
    connection: Connection, table: str, columns: list[Column]
) -> tuple[dict[str, pl.DataType], dict[str, str]]:
    """The type of each column, and how many values of which type those have that have none."""
    dtypes: dict[str, pl.DataType] = {}
    mixed = {}
    for some in _batched(columns):
        query = f"SELECT {', '.join(each.counts for each in some)} FROM {quoted(table)}"
        numbers = iter(connection.execute(query).fetchone())
        for column in some:
            counts = tuple(islice(numbers, ASKED))
            dtype = column.dtype(counts)
            dtypes[column.name] = dtype or pl.String()
            if dtype is None:
                kinds = zip(counts, FOUND, strict=False)
                mixed[column.name] = ", ".join(f"{n:,} {kind}" for n, kind in kinds if n)
    return dtypes, mixed


def _batched(columns: list[Column]) -> Iterator[list[Column]]:
    """As many as one query may ask about: SQLite allows 2,000 values."""
    rest = iter(columns)
    while some := list(islice(rest, _COLUMNS_AT_ONCE)):
        yield some


def _primary_key(rows: list[Any]) -> tuple[str, ...]:
    return tuple(row[0] for row in sorted(rows, key=lambda row: row[4]) if row[4])


def _foreign_keys(connection: Connection, table: str) -> Iterator[ForeignKey]:
    keys: dict[int, list[tuple[Any, ...]]] = {}
    for number, *key in connection.execute(_KEYS, (table,)).fetchall():
        keys.setdefault(number, []).append(tuple(key))
    for pairs in keys.values():
        parent = pairs[0][0]
        primary = _primary_key(connection.execute(_COLUMNS, (parent,)).fetchall())
        to = tuple(name for _, _, name in pairs if name is not None) or primary
        yield ForeignKey(table, tuple(name for _, name, _ in pairs), parent, to)


# --- rows ----------------------------------------------------------------------------------------


def scan(connection: Connection, relation: Relation, place: str) -> pl.LazyFrame:
    """The rows of a table, in the order in which it keeps them.

    Raises:
        DataError: when computed, a column holds values of several types.
    """
    where = f"{place}: table {relation.table.name!r}"

    def blocks(names: list[str]) -> Iterator[pl.DataFrame]:
        for name in names:
            if name in relation.mixed:
                what = f"holds values of several types ({relation.mixed[name]})"
                raise DataError(
                    f"{where}, column {name!r}: {what}: drop the column, or mend such rows"
                )
        schema = {name: relation.table.schema[name] for name in names}
        query = f"SELECT {', '.join(map(quoted, names))} FROM {quoted(relation.table.name)}"
        with plainly(where, "reading"):
            cursor = connection.execute(f"{query} NOT INDEXED")
            while rows := cursor.fetchmany(_ROWS):
                yield _frame(rows, schema)

    return streamed(relation.table.schema, blocks)


def _frame(rows: list[tuple[Any, ...]], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    stored = {
        name: pl.String() if isinstance(dtype, _PARSED)
        else pl.Int64() if isinstance(dtype, pl.Boolean)
        else dtype
        for name, dtype in schema.items()
    }  # fmt: skip
    frame = pl.DataFrame(rows, pl.Schema(stored), orient="row")
    return frame.with_columns(
        _parsed(name, dtype) for name, dtype in schema.items() if stored[name] != dtype
    )


def _parsed(name: str, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Date):
        return pl.col(name).str.to_date("%Y-%m-%d")
    if isinstance(dtype, pl.Datetime):
        return pl.col(name).str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us")
    return pl.col(name).cast(dtype)
