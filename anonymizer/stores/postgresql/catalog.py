"""What PostgreSQL's catalogue says of tables, their columns, keys and sequences."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import polars as pl

from anonymizer.errors import FileError
from anonymizer.stores.postgresql.address import PostgreSQLAddress
from anonymizer.stores.postgresql.types import Column, DeclaredType
from anonymizer.stores.sql import quoted
from anonymizer.stores.table import NIGHT, ForeignKey, Table

# Partitions are read as their parent. What an extension made is no table of the user's.
_RELATIONS: Final = f"""
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind = 'r' AS alone,
    c.relkind IN ('r', 'p') AS is_table
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%(schemas)s) AND c.relname <> '{NIGHT}' AND (
    c.relkind IN ('r', 'p') AND NOT c.relispartition
    OR c.relkind IN ('v', 'm', 'f') AND %(views)s && ARRAY[c.relname, n.nspname || '.' || c.relname]
) AND NOT EXISTS (
    SELECT FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
) ORDER BY n.nspname, c.relname"""
_DATABASE: Final = """
SELECT system_identifier || '.' || oid FROM pg_control_system(), pg_database
WHERE datname = current_database()"""
_COLUMNS: Final = """
SELECT attrelid AS relation, attname AS name, atttypid AS type, atttypmod AS modifier,
    format_type(atttypid, atttypmod) AS declared, attnotnull AS not_null,
    attgenerated <> '' AS generated, attidentity <> '' OR coalesce(
        pg_get_expr(adbin, adrelid) LIKE 'nextval(%%', false) AS identity, atthasdef AS has_default
FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attrelid = ANY(%(oids)s) AND attnum > 0 AND NOT attisdropped
ORDER BY attrelid, attnum"""
_TYPES: Final = """
SELECT t.oid, t.typname AS name, t.typbasetype AS base, t.typtypmod AS modifier,
    element.oid AS element, ARRAY(
        SELECT enumlabel::text FROM pg_enum WHERE enumtypid = t.oid ORDER BY enumsortorder
    ) AS labels
FROM pg_type t LEFT JOIN pg_type element ON element.typarray = t.oid"""
_NAMES: Final = """
(SELECT array_agg(a.attname::text ORDER BY k.place)
 FROM unnest({0}) WITH ORDINALITY k(number, place)
 JOIN pg_attribute a ON a.attrelid = {1} AND a.attnum = k.number)"""
_KEYS: Final = f"""
SELECT indrelid AS relation, indisprimary AS is_primary,
    {_NAMES.format("indkey[0:indnkeyatts - 1]", "indrelid")} AS columns
FROM pg_index
WHERE indrelid = ANY(%(oids)s) AND indisunique AND indpred IS NULL AND indexprs IS NULL
ORDER BY indexrelid"""
_CONSTRAINTS: Final = f"""
SELECT o.conrelid AS relation, o.conname AS name, o.contype = 'f' AS is_foreign,
    {_NAMES.format("o.conkey", "o.conrelid")} AS columns,
    {_NAMES.format("o.confkey", "o.confrelid")} AS keys,
    n.nspname AS schema, p.relname AS parent
FROM pg_constraint o
LEFT JOIN pg_class p ON p.oid = o.confrelid LEFT JOIN pg_namespace n ON n.oid = p.relnamespace
WHERE o.conrelid = ANY(%(oids)s) AND o.contype IN ('f', 'c', 'x') AND o.conparentid = 0
ORDER BY o.conname"""
# Partitions may have triggers and keys of their own.
_TREE: Final = """
WITH tree AS (
    SELECT unnest(%(oids)s::oid[]) AS oid
    UNION SELECT relid FROM unnest(%(oids)s::oid[]) root, pg_partition_tree(root)
)"""
_FOREIGN_KEYS: Final = f"""{_TREE}
SELECT conrelid::regclass::text AS table, quote_ident(conname) AS name,
    pg_get_constraintdef(o.oid) AS definition,
    quote_literal(obj_description(o.oid, 'pg_constraint')) AS comment
FROM pg_constraint o JOIN tree ON conrelid = tree.oid
WHERE contype = 'f' AND conparentid = 0 ORDER BY 1, 2"""
_TRIGGERS: Final = f"""{_TREE}
SELECT tgrelid::regclass::text AS table, quote_ident(tgname) AS name, tgenabled::text AS enabled
FROM pg_trigger JOIN tree ON tgrelid = tree.oid
WHERE NOT tgisinternal AND tgparentid = 0 AND tgenabled IN ('O', 'A') ORDER BY 1, 2"""
# What comes back as it was is taken away: not what views, other tables' keys or extensions hang on,
# nor what is said of an index outside of its definition.
_INDEXES: Final = """
SELECT t.oid::regclass::text AS table, i.indexrelid::regclass::text AS index,
    quote_ident(o.conname) AS name, pg_get_constraintdef(o.oid) AS definition,
    pg_get_indexdef(i.indexrelid) AS statement, quote_literal(coalesce(
        obj_description(o.oid, 'pg_constraint'), obj_description(c.oid, 'pg_class'))) AS comment
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
LEFT JOIN pg_constraint o ON o.conindid = c.oid AND o.contype IN ('p', 'u', 'x')
WHERE t.oid = ANY(%(oids)s) AND t.relkind = 'r' AND i.indisvalid AND c.reltablespace = 0
AND NOT i.indisclustered AND NOT i.indisreplident AND (o.oid IS NULL OR c.reloptions IS NULL)
AND NOT (o.oid IS NOT NULL AND obj_description(c.oid, 'pg_class') IS NOT NULL)
AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attstattarget >= 0)
AND NOT EXISTS (
    SELECT FROM pg_depend WHERE deptype = 'n' AND (refclassid, refobjid) IN (
        ('pg_class'::regclass, c.oid), ('pg_constraint'::regclass, o.oid))
    OR deptype IN ('e', 'x') AND classid = 'pg_class'::regclass AND objid = c.oid
) ORDER BY c.oid"""
_SEQUENCES: Final = """
SELECT a.attrelid::regclass::text AS table, quote_ident(a.attname) AS column,
    s.seqrelid AS sequence, s.seqincrement > 0 AS ascending, s.seqmin AS least, s.seqmax AS most
FROM pg_attribute a LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
JOIN pg_type t ON t.oid = a.atttypid AND t.typcategory = 'N'
JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
        AND d.refclassid = 'pg_class'::regclass
    OR d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
        AND d.refclassid = 'pg_class'::regclass
        AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
JOIN pg_sequence s ON s.seqrelid IN (d.objid, d.refobjid)
WHERE a.attrelid = ANY(%(oids)s) GROUP BY a.attrelid, a.attname, s.seqrelid"""


@dataclass(frozen=True)
class Relation:
    """A table with what only PostgreSQL says of it.

    Attributes:
        oid: its number in the catalogue.
        qualified: its name in SQL.
        alone: whether it may have children whose rows are not its own.
        is_table: whether it holds rows, as a view does not.
        columns: of the table, by name.
        table: what any store says.
    """

    oid: int
    qualified: str
    alone: bool
    is_table: bool
    columns: dict[str, Column]
    table: Table

    @property
    def read_from(self) -> str:
        """What stands after FROM for its own rows."""
        return f"ONLY {self.qualified}" if self.alone else self.qualified


@dataclass(frozen=True)
class Catalogue:
    """The tables of an address."""

    relations: dict[str, Relation]
    connection: Any

    @classmethod
    def of(cls, connection: Any, address: PostgreSQLAddress) -> "Catalogue":
        """What the database says now.

        Raises:
            FileError: a schema is absent.
        """
        schemas = list(address.schemas)
        there = "SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s)"
        found = {row[0] for row in connection.execute(there, [schemas])}
        if missing := sorted(set(schemas) - found):
            raise FileError(f"{address.place}: there is no schema {missing[0]!r}")
        asked = {"schemas": schemas, "views": list(address.views)}
        rows = _rows(connection, _RELATIONS, asked)
        return cls(_relations(connection, rows, several=len(schemas) > 1), connection)

    def foreign_keys(self, names: Iterable[str]) -> list[dict[str, Any]]:
        """Those that tables have: table, name and comment as SQL, and their definition."""
        return self._about(names, _FOREIGN_KEYS)

    def indexes(self, names: Iterable[str]) -> list[dict[str, Any]]:
        """Those that can be taken away: index, table and constraint as SQL, and what makes them."""
        return self._about(names, _INDEXES)

    def triggers(self, names: Iterable[str]) -> list[dict[str, Any]]:
        """Those of users that fire when rows are written: table and name as SQL, and when."""
        return self._about(names, _TRIGGERS)

    def sequences(self, names: Iterable[str]) -> list[dict[str, Any]]:
        """Those that number columns, with their bounds: table and column as SQL."""
        return self._about(names, _SEQUENCES)

    def _about(self, names: Iterable[str], query: str) -> list[dict[str, Any]]:
        oids = [self.relations[name].oid for name in names]
        return _rows(self.connection, query, {"oids": oids})


def _rows(connection: Any, query: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    cursor = connection.execute(query, asked)
    names = [column.name for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _relations(
    connection: Any, rows: list[dict[str, Any]], *, several: bool
) -> dict[str, Relation]:
    asked = {"oids": [row["oid"] for row in rows]}
    columns, keys, constraints = (
        _grouped(_rows(connection, query, asked)) for query in (_COLUMNS, _KEYS, _CONSTRAINTS)
    )
    column_of, (database,) = _columns_of(connection), connection.execute(_DATABASE).fetchone()
    names = {
        (row["schema"], row["name"]): f"{row['schema']}.{row['name']}" if several else row["name"]
        for row in rows
    }
    found = {}
    for row in rows:
        oid, name = row["oid"], names[row["schema"], row["name"]]
        qualified = f"{quoted(row['schema'])}.{quoted(row['name'])}"
        of = {column["name"]: column_of(column) for column in columns[oid]}
        table = _table(name, of, columns[oid], keys[oid])
        beyond = _constraints(name, constraints[oid], names)
        table = replace(table, identity=f"{database}.{oid}", **beyond)
        found[name] = Relation(oid, qualified, row["alone"], row["is_table"], of, table)
    return found


def _grouped(rows: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    grouped = defaultdict[int, list[dict[str, Any]]](list)
    for row in rows:
        grouped[row["relation"]].append(row)
    return grouped


def _columns_of(connection: Any) -> Callable[[dict[str, Any]], Column]:
    """What makes a column of its row in the catalogue."""
    types = {row["oid"]: row for row in _rows(connection, _TYPES, {})}
    money_digits = connection.execute("SELECT scale(1::money::numeric)").fetchone()[0]

    def column(row: dict[str, Any]) -> Column:
        type_ = _declared(types, row["type"], row["modifier"])
        given = row["generated"] or row["identity"] or row["has_default"]
        return Column(
            row["name"],
            type_,
            row["declared"],
            type_.asked(money_digits),
            needed=row["not_null"] and not given,
            generated=row["generated"],
        )

    return column


def _declared(types: dict[int, dict[str, Any]], oid: int, modifier: int) -> DeclaredType:
    """A type without domains, be they around it or around the elements of an array."""
    arrays = 0
    while (base := types[oid]["base"]) or types[oid]["element"]:
        if base:
            modifier = types[oid]["modifier"]
        arrays += not base
        oid = base or types[oid]["element"]
    # Arrays of a domain over arrays are written out, as everything without a place in frames.
    name = types[oid]["name"] if arrays < 2 else "array"
    return DeclaredType(name, modifier, arrays == 1, tuple(types[oid]["labels"]))


def _table(
    name: str,
    columns: dict[str, Column],
    rows: list[dict[str, Any]],
    keys: list[dict[str, Any]],
) -> Table:
    def named(what: str) -> frozenset[str]:
        return frozenset(row["name"] for row in rows if row[what])

    single = [each for each in columns.values() if not each.type.is_array]
    return Table(
        name,
        pl.Schema({column.name: column.asked.dtype for column in columns.values()}),
        declared={column.name: column.declared for column in columns.values()},
        primary_key=next((tuple(key["columns"]) for key in keys if key["is_primary"]), ()),
        unique=tuple(tuple(key["columns"]) for key in keys if not key["is_primary"]),
        not_null=named("not_null"),
        generated=named("generated"),
        identities=named("identity"),
        labels={each.name: each.type.labels for each in single if each.type.labels},
        lengths={each.name: n for each in single if (n := each.type.length) is not None},
        formed=frozenset(each.name for each in columns.values() if each.type.has_form),
    )


def _constraints(
    name: str, rows: list[dict[str, Any]], names: dict[tuple[str, str], str]
) -> dict[str, Any]:
    """The foreign keys, checks and exclusions of a table."""
    return {
        "foreign_keys": tuple(
            ForeignKey(
                name,
                tuple(row["columns"]),
                names.get((row["schema"], row["parent"]), f"{row['schema']}.{row['parent']}"),
                tuple(row["keys"]),
            )
            for row in rows
            if row["is_foreign"]
        ),
        "checks": {r["name"]: tuple(r["columns"] or ()) for r in rows if not r["is_foreign"]},
    }
