"""Rules meet the tables of a dataset: keys are masked alike, and every row knows its person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

import polars as pl

from anonymizer.datasets.description.dataset import Dataset
from anonymizer.datasets.description.faults import (
    is_gone,
    key_faults,
    mask_faults,
    masks_of_key,
    table_faults,
)
from anonymizer.datasets.keys.ways import Way, root_of, ways_to
from anonymizer.documents import nearest
from anonymizer.errors import SchemaError
from anonymizer.files.reading import matches
from anonymizer.masking.masks import Mask
from anonymizer.masking.masks.date_shift import DateShift
from anonymizer.masking.masks.identifiers import Drop, Token
from anonymizer.masking.masks.pseudonyms import Pseudonym, Unshown
from anonymizer.masking.masks.reversible import Reversible
from anonymizer.masking.masks.scrub import Scrub
from anonymizer.masking.plan.json_text import patterns_inside
from anonymizer.masking.rules.rules import Rules
from anonymizer.stores.table import ForeignKey


@dataclass(frozen=True)
class Ruled:
    """What becomes of one table of a dataset.

    Attributes:
        rules: for all its columns, and for the column with the person where that is joined on.
        way: the keys through which a row finds its person; none where the row names it, or nobody.
        person: the column in which the person is joined on, where there is a way.
        column: where the person stands in the table at the end of the way.
        of_person: whether its rows are of the persons of the dataset.
        beside: what else is joined on: names that `scrub` looks for, as `customers.name`, each with
            the keys that lead to its table, and its column there.
    """

    rules: Rules
    way: Way = ()
    person: str = ""
    column: str = ""
    of_person: bool = False
    beside: tuple[tuple[str, Way, str], ...] = ()

    @property
    def joined(self) -> list[tuple[str, Way, str]]:
        """All that is joined on: as what, through which keys, and from which column."""
        person = [(self.person, self.way, self.column)] if self.way else []
        return [*person, *self.beside]


def ruled(dataset: Dataset, schemas: Mapping[str, pl.Schema]) -> dict[str, Ruled]:
    """The rules of every table, complete.

    Args:
        dataset: with its keys.
        schemas: of the tables, by name.

    Raises:
        SchemaError: tables, keys or columns do not fit; carries every fault.
    """
    for faults in (table_faults(dataset, schemas), key_faults(dataset, schemas)):
        _refuse(dataset, faults)
    own = {table: _named(table, dataset.tables[table], schemas[table]) for table in schemas}
    _refuse(dataset, mask_faults(dataset, own))
    meeting = _Meeting(dataset, own, schemas)
    _refuse(dataset, meeting.faults())
    _refuse(dataset, meeting.faults_beside())
    return {table: meeting.ruled(table) for table in schemas}


def ruled_again(dataset: Dataset, schemas: Mapping[str, pl.Schema]) -> dict[str, Rules]:
    """The rules that masked tables were made by, spelt out for the columns that are left.

    Args:
        dataset: with its keys.
        schemas: of the masked tables, by name.

    Raises:
        SchemaError: nothing says how a column was masked.
    """
    rules = with_keys(dataset, schemas)
    way = "nothing says how it was masked: name its key under `foreign_keys:`"
    _refuse(
        dataset,
        (
            f"{table}.{column}: {way}"
            for table, each in rules.items()
            for column, dtype in schemas[table].items()
            if not (each.masks_for(column)[0] or each.unlisted == "keep" or dtype.is_nested())
            and not patterns_inside(each, column, schemas[table])
        ),
    )
    return rules


def with_keys(dataset: Dataset, schemas: Mapping[str, pl.Schema]) -> dict[str, Rules]:
    """The rules of tables with those of their keys, spelt out as far as columns are known."""
    own = {table: _named(table, dataset.tables[table], schemas[table]) for table in schemas}
    meeting = _Meeting(dataset, own, schemas)
    return {table: meeting.with_keys(table) for table in schemas}


def _refuse(dataset: Dataset, faults: Iterator[str]) -> None:
    if found := list(faults):
        raise SchemaError(dataset.name, found)


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


@dataclass(frozen=True)
class _Meeting:
    """The rules of all tables, and the keys through which they meet.

    Attributes:
        dataset: with its keys and the person.
        own: the rules of each table, without those of its foreign keys.
        schemas: of the tables.
    """

    dataset: Dataset
    own: Mapping[str, Rules]
    schemas: Mapping[str, pl.Schema]

    def faults(self) -> Iterator[str]:
        """Persons whom rows do not find, or find twice, and shifts that differ between tables."""
        shifts: dict[tuple[int, bool], str] = {}
        for table, rules in self.own.items():
            ways = self._ways(table)
            if len(ways) > 1:
                several = ", ".join("+".join(way[0].columns) for way in ways)
                yield f"tables.{table}: {several} lead to one person each: say whose by `entity:`"
            for column, mask in _of_persons(rules):
                if ways and (shift := _shift(mask)):
                    shifts.setdefault(shift, f"{table}.{column}")
                if not ways and rules.entity is None:
                    where = f"tables.{table}.columns.{column}"
                    yield f"{where}: {mask.name} follows a person, to whom no foreign key leads"
        if len(shifts) > 1:
            each = " and ".join(shifts.values())
            yield f"{each}: one person needs one shift: give them equal `days`"

    def _ways(self, table: str) -> list[Way]:
        """The shortest ways from a table to the person; none where it is of others, or nobody's."""
        return ways_to(self.dataset.person[0], table, self._leading) if self.dataset.person else []

    @cached_property
    def _leading(self) -> list[ForeignKey]:
        """The keys that lead to persons: in a table that names its entity, that one alone."""
        named = {table: rules.entity_columns for table, rules in self.own.items()}
        keys = self.dataset.foreign_keys
        return [key for key in keys if named[key.child] in {(), key.columns}]

    def faults_beside(self) -> Iterator[str]:
        """Names in other tables that no column holds, or to which no one way leads."""
        for table in self.own:
            for column, name, other in self._known_elsewhere(table):
                where = f"tables.{table}.columns.{column}: known: {name}"
                held, ways = name.removeprefix(f"{other}."), self._ways_beside(table, other)
                if held not in self.schemas[other]:
                    hint = nearest(held, self.schemas[other])
                    yield f"{where}: no column {held!r} in {other}{hint}"
                elif len(ways) != 1 or not ways[0]:
                    told = "several foreign keys lead" if ways else "no foreign key leads"
                    told = (
                        "is of this table: leave its name out" if ways == [()] else f"{told} there"
                    )
                    yield f"{where}: {told}"

    def _known_elsewhere(self, table: str) -> Iterator[tuple[str, str, str]]:
        """The names in other tables that masks look for: column, `table.column`, and the table."""
        for column, masks in self.own[table].columns.items():
            for name in dict.fromkeys(n for mask in masks for n in getattr(mask, "known", ())):
                other = next((o for o in self.own if name.startswith(f"{o}.")), None)
                if other is not None and name.partition(".")[0] not in self.schemas[table]:
                    yield column, name, other

    def _ways_beside(self, table: str, other: str) -> list[Way]:
        if self.dataset.person and other == self.dataset.person[0]:
            return self._ways(table)
        return ways_to(other, table, self.dataset.foreign_keys)

    def _with_names(self, table: str, found: Ruled) -> Ruled:
        """With the names in other tables that its masks look for, which are not in the output."""
        known = {name: other for _, name, other in self._known_elsewhere(table)}
        masks = {name: (self._beside(name, other, found),) for name, other in known.items()}
        columns = {**masks, **found.rules.columns}
        beside = tuple(
            (name, self._ways_beside(table, other)[0], name.removeprefix(f"{other}."))
            for name, other in known.items()
        )
        rules = replace(found.rules, columns=MappingProxyType(columns))
        return replace(found, rules=rules, beside=beside) if known else found

    def _beside(self, name: str, other: str, found: Ruled) -> Mask:
        """What texts show of a name in another table: its pseudonym, where these rows have that."""
        column = name.removeprefix(f"{other}.")
        mask = next(iter(self.own[other].masks_for(column)[0]), None)
        if not isinstance(mask, Pseudonym) or mask.when or mask.reads:
            return Drop()
        if mask.by == "value":
            mask = mask.model_copy(update={"domain": mask.domain or column})
        elif not (found.of_person and self.dataset.person and self.dataset.person[0] == other):
            return Drop()
        return Unshown(**mask.model_dump())

    def ruled(self, table: str) -> Ruled:
        """The rules of a table with those of its keys, of its person, and of names beside."""
        return self._with_names(table, self._with_person(table))

    def _with_person(self, table: str) -> Ruled:
        rules = self.with_keys(table)
        ways = self._ways(table)
        if not ways or self.dataset.person is None:
            return Ruled(rules)
        way, (person, column) = ways[0], self.dataset.person
        if way and way[-1].keys == (column,):  # which the child has as well
            way, column = way[:-1], way[-1].columns[0]
        if not way:
            return Ruled(self._of_person(rules, column), of_person=True)
        joined = column
        while joined in rules.columns:
            joined = f"{person}_{joined}"
        columns = {joined: (Drop(),), **rules.columns}
        rules = self._of_person(replace(rules, columns=MappingProxyType(columns)), joined)
        return Ruled(rules, way, joined, column, of_person=True)

    def with_keys(self, table: str) -> Rules:
        """The rules of a table with those of its keys."""
        columns = dict(self.own[table].columns)
        for key in self.dataset.foreign_keys:
            for column in key.columns if key.child == table else ():
                root = root_of(table, column, self.dataset.foreign_keys)
                if root != (table, column) and not is_gone(columns.get(column, ())):
                    columns[column] = masks_of_key(self.own[root[0]], root[1])
        return replace(self.own[table], columns=MappingProxyType(columns))

    def _of_person(self, rules: Rules, column: str) -> Rules:
        """The rules of rows that are of a person, whose domain is one in all tables."""
        says = any(getattr(mask, "domain", None) for mask in rules.masks_for(column)[0])
        return replace(rules, entity=column, entity_domain=None if says else self._domain)

    @cached_property
    def _domain(self) -> str:
        """That of the mask on the column of the person, or the name of that column."""
        table, column = root_of(*self.dataset.person or ("", ""), self.dataset.foreign_keys)
        masks = self.own[table].masks_for(column)[0]
        said = (getattr(mask, "domain", None) for mask in masks)
        return next((domain for domain in said if domain), f"{table}.{column}")


def _shift(mask: Mask) -> tuple[int, bool] | None:
    """By how many days at most a mask moves times, and whether by whole weeks."""
    if isinstance(mask, DateShift):
        return mask.days, mask.weeks
    return mask.shift if isinstance(mask, Scrub) else None


def _of_persons(rules: Rules) -> Iterator[tuple[str, Mask]]:
    """The masks that follow whose the rows are, with their columns."""
    for column, masks in rules.columns.items():
        yield from ((column, mask) for mask in masks if mask.needs_entity)
