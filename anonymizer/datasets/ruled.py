"""Rules meet the tables of a dataset: keys are masked alike, and every row knows its person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import polars as pl

from anonymizer.datasets.description import Dataset
from anonymizer.datasets.ways import Way, circles, root_of, ways_to
from anonymizer.documents import nearest
from anonymizer.errors import SchemaError
from anonymizer.files.reading import matches
from anonymizer.masking.masks import Mask
from anonymizer.masking.masks.date_shift import DateShift
from anonymizer.masking.masks.identifiers import Drop, Keep, Redact, Token
from anonymizer.masking.masks.reversible import Reversible
from anonymizer.masking.rules.rules import Rules
from anonymizer.stores.table import ForeignKey

Schemas = Mapping[str, pl.Schema]
_ONE_EACH: Final = (Token, Reversible, Keep)  # give equal keys one value, and others another
_GONE: Final = (Drop, Redact)  # leave no key, and so no join


@dataclass(frozen=True)
class Ruled:
    """What becomes of one table of a dataset.

    Attributes:
        rules: for all its columns, and for the column with the person where that is joined on.
        way: the keys through which a row finds its person; none where the row names it, or nobody.
        person: the column in which the person is joined on, where there is a way.
        column: where the person stands in the table at the end of the way.
    """

    rules: Rules
    way: Way = ()
    person: str = ""
    column: str = ""


def ruled(dataset: Dataset, schemas: Schemas) -> dict[str, Ruled]:
    """The rules of every table, complete.

    Args:
        dataset: with its keys.
        schemas: of the tables, by name.

    Raises:
        SchemaError: tables, keys or columns do not fit; carries every fault.
    """
    if faults := [*_table_faults(dataset, schemas)]:
        raise SchemaError(dataset.name, faults)
    if faults := [*_key_faults(dataset, schemas)]:
        raise SchemaError(dataset.name, faults)
    own = {table: _named(table, dataset.tables[table], schemas[table]) for table in schemas}
    found = {table: _with_keys(dataset, table, own) for table in schemas}
    faults = [*_mask_faults(dataset, own), *_shift_faults(found)]
    faults += [fault for each in found.values() for fault in each.faults]
    if faults:
        raise SchemaError(dataset.name, faults)
    return {table: each.ruled for table, each in found.items()}


# --- what does not fit ---------------------------------------------------------------------------


def _table_faults(dataset: Dataset, schemas: Schemas) -> Iterator[str]:
    """Tables that nobody ruled on, and rules for tables that are not there."""
    for table in schemas:
        if table not in dataset.tables:
            yield f"{table}: no rules for this table: add it to `tables`, or to `drop`"
    for table in dataset.tables:
        if table not in schemas:
            yield f"tables.{table}: there is no such table{nearest(table, schemas)}"


def _key_faults(dataset: Dataset, schemas: Schemas) -> Iterator[str]:
    for key in dataset.foreign_keys:
        for table, columns in ((key.child, key.columns), (key.parent, key.keys)):
            for column in columns:
                if column not in schemas[table]:
                    hint = nearest(column, schemas[table])
                    yield f"foreign_keys.{key}: no column {column!r} in {table}{hint}"
        ruled_on = dataset.tables[key.child].columns
        for column in key.columns:
            root = ".".join(root_of(key.child, column, dataset.foreign_keys))
            if column in ruled_on and root != f"{key.child}.{column}":
                yield f"tables.{key.child}.columns.{column}: is masked as {root} is: leave it out"
    for path in circles(dataset.foreign_keys):
        told = " → ".join(".".join(each) for each in path)
        yield f"foreign_keys: {told} leads back to itself: leave one out"
    if dataset.person and dataset.person[1] not in schemas[dataset.person[0]]:
        table, column = dataset.person
        yield f"entity: no column {column!r} in {table}{nearest(column, schemas[table])}"


def _mask_faults(dataset: Dataset, own: Mapping[str, Rules]) -> Iterator[str]:
    """Masks that would give two keys one value, or one key two."""
    for key in dataset.foreign_keys:
        for column in key.columns:
            table, root = root_of(key.child, column, dataset.foreign_keys)
            masks = own[table].masks_for(root)[0]
            broken = [each for each in masks if not isinstance(each, (*_ONE_EACH, *_GONE))]
            if broken or len(masks) > 1 or any(getattr(each, "window", None) for each in masks):
                name = broken[0].name if broken else masks[0].name
                why = "breaks the joins through it: use token, encrypt, fpe or keep for a key"
                yield f"tables.{table}.columns.{root}: {name} {why}, without condition or window"


def _shift_faults(found: Mapping[str, "_Found"]) -> Iterator[str]:
    """Shifts that differ between tables of one person."""
    first: dict[tuple[int, bool], str] = {}
    for table, each in found.items():
        for column, masks in each.ruled.rules.columns.items() if each.of_person else ():
            for mask in masks:
                if isinstance(mask, DateShift) and mask.entity is None:
                    first.setdefault((mask.days, mask.weeks), f"{table}.{column}")
    if len(first) > 1:
        yield f"{' and '.join(first.values())}: one person needs one shift: give them equal `days`"


# --- rules of one table --------------------------------------------------------------------------


@dataclass(frozen=True)
class _Found:
    ruled: Ruled
    of_person: bool
    faults: tuple[str, ...] = ()


def _named(table: str, rules: Rules, schema: pl.Schema) -> Rules:
    """The rules with patterns spelt out, and domains that are of this table alone."""
    columns: dict[str, tuple[Mask, ...]] = {}
    for pattern, masks in rules.columns.items():
        for column in [name for name in schema if matches(name, pattern)] or [pattern]:
            before = columns.get(column, ())
            if not before or before[-1].when is not None:
                columns[column] = before + tuple(_of_table(mask, table, column) for mask in masks)
    return replace(rules, columns=MappingProxyType(columns), source=f"tables.{table}")


def _of_table(mask: Mask, table: str, column: str) -> Mask:
    """The mask with a domain of its own where it names none: another table's `id` is another."""
    if not isinstance(mask, (Token, Reversible)) or mask.domain is not None:
        return mask
    return mask.model_copy(update={"domain": f"{table}.{column}"})


def _with_keys(dataset: Dataset, table: str, own: Mapping[str, Rules]) -> _Found:
    """The rules with those of keys, and of the person."""
    keys = [key for key in dataset.foreign_keys if key.child == table]
    columns = dict(own[table].columns)
    for key in keys:
        for column in key.columns:
            root = root_of(table, column, dataset.foreign_keys)
            if root != (table, column):
                columns[column] = own[root[0]].masks_for(root[1])[0]
    rules = replace(own[table], columns=MappingProxyType(columns))
    domain = ""
    if dataset.person:
        root = root_of(*dataset.person, dataset.foreign_keys)
        masks = own[root[0]].masks_for(root[1])[0]
        domain = next((d for each in masks if (d := getattr(each, "domain", None))), ".".join(root))
    return _of_person(dataset, table, rules, keys, domain)


def _of_person(
    dataset: Dataset, table: str, rules: Rules, keys: list[ForeignKey], domain: str
) -> _Found:
    if dataset.person is None:
        return _Found(Ruled(rules), of_person=False)
    person, column = dataset.person
    first = [key for key in keys if key.columns == rules.entity_columns]
    if rules.entity is not None and not first:
        return _Found(Ruled(rules), of_person=False)  # other persons, such as employees
    others = [key for key in dataset.foreign_keys if key.child != table]
    ways = ways_to(person, table, [*(first or keys), *others])
    if not ways:
        return _Found(Ruled(rules), of_person=False, faults=tuple(_nobodys(table, rules, person)))
    if len(ways) > 1:
        several = ", ".join("+".join(way[0].columns) for way in ways)
        fault = f"tables.{table}: {several} lead to {person}: say whose the rows are by `entity:`"
        return _Found(Ruled(rules), of_person=False, faults=(fault,))
    return _Found(_led(ways[0], rules, person, column, domain), of_person=True)


def _nobodys(table: str, rules: Rules, person: str) -> Iterator[str]:
    """Masks that follow a person whom no key gives to the rows."""
    for column, masks in rules.columns.items():
        for mask in masks:
            if mask.needs_entity:
                way = f"no foreign key leads from {table} to {person}"
                yield f"tables.{table}.columns.{column}: {mask.name} follows the person, and {way}"


def _led(way: Way, rules: Rules, person: str, column: str, domain: str) -> Ruled:
    """The rules of a table whose rows name their person, or find it through other tables.

    Args:
        way: to the table of the person.
        rules: with those of keys.
        person: its table.
        column: its column there.
        domain: of persons.
    """
    if way and way[-1].keys == (column,):
        way, column = way[:-1], way[-1].columns[0]
    if not way:
        return Ruled(_of_domain(rules, column, domain))
    free = column
    while free in rules.columns:
        free = f"{person}_{free}"
    columns = {free: (Drop(),), **rules.columns}
    joined = replace(rules, columns=MappingProxyType(columns))
    return Ruled(_of_domain(joined, free, domain), way, free, column)


def _of_domain(rules: Rules, column: str, domain: str) -> Rules:
    own = any(getattr(mask, "domain", None) for mask in rules.masks_for(column)[0])
    return replace(rules, entity=column, entity_domain=None if own else domain)
