"""Look at tables that belong together, and propose a dataset file to start from."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import polars as pl

from anonymizer.datasets.description.dataset import Dataset
from anonymizer.datasets.description.ruled import Ruled, ruled
from anonymizer.datasets.inspection.proposals import KEPT_WHOLE, taken
from anonymizer.datasets.keys.find import find_keys
from anonymizer.datasets.keys.found import Keys, Person
from anonymizer.datasets.keys.ways import root_of, ways_to
from anonymizer.datasets.opening.persons import Known, with_person
from anonymizer.datasets.opening.places import is_store, place_from, tables_at
from anonymizer.files.folders import tables_in
from anonymizer.files.reading import CsvSource, reading_of
from anonymizer.files.sources import Source, is_text, likely_reading, open_table
from anonymizer.masking.inspection.inspect import InspectedColumn, Inspection, inspected
from anonymizer.masking.inspection.starter_file import key as yaml_key
from anonymizer.masking.inspection.starter_file import scalar, sections
from anonymizer.masking.rules.rules import Rules
from anonymizer.storage import Address, address_of, is_folder
from anonymizer.stores.table import ForeignKey, named
from anonymizer.stores.table import Table as Declared
from anonymizer.tables import Table, Tabular

_NAMES: Final = frozenset({"person_name", "first_name", "last_name"})
_OPENING: Final = (
    "# A starting point, not a verdict: who knows the tables must read and change it. Kinds, keys",
    "# and reasons are guesses from names and values. Masked data stays personal data.",
    "# A foreign key is masked as the key that it refers to, and has no rule of its own.",
)


@dataclass(frozen=True, repr=False)
class DatasetInspection(Tabular):
    """What `inspect_dataset` thinks of tables: a starting point to read, not a verdict.

    Attributes:
        tables: name → what its columns seem to hold; those of foreign keys are left out.
        keys: the keys that were found, with their evidence, and the person.
        entities: table → the column that says whose its rows are, where that had to be chosen, or
            is of others than the person, as of employees.
        source: where the tables are; None where they were given one by one.
    """

    tables: dict[str, Inspection]
    keys: Keys
    entities: dict[str, str]
    source: Address | None = None

    def dataset(self) -> dict[str, Any]:
        """The proposed dataset file as a dict, without source and target, for frames."""
        person = self.keys.person
        tables = {name: self._rules(name) for name in self.tables}
        entity = {"entity": named(person.table, (person.column,))} if person else {}
        keys = {each.key.of_child: each.key.of_parent for each in self.keys.foreign}
        return {"version": 1, **entity, "foreign_keys": keys, "tables": tables}

    def _rules(self, table: str) -> dict[str, Any]:
        rules = self.tables[table].rules() | {"entity": self.entities.get(table)}
        return {field: said for field, said in rules.items() if field != "version" and said}

    def to_yaml(self, folder: Path = Path()) -> str:
        """The proposed dataset file as the text of a commented YAML file.

        Args:
            folder: where the file will be; addresses in it begin there.
        """
        person = self.keys.person
        text = [*_OPENING, "version: 1", *self._places(folder)]
        if person:
            reasons = ", ".join(person.reasons)
            text.append(f"entity: {_scalar(named(person.table, (person.column,)))}  # {reasons}")
        text += ["", "foreign_keys:"] if self.keys.foreign else []
        for found in self.keys.foreign:
            child, parent = found.key.of_child, found.key.of_parent
            evidence = "; ".join([str(found.overlap), found.names, *found.notes])
            text.append(f"  {_scalar(child)}: {_scalar(parent)}  # {evidence}")
        text += [f"# {note}" for note in self.keys.notes]
        text += ["", "tables:"]
        for name, table in self.tables.items():
            lines = sections(
                table.rule_lines(),
                self.entities.get(name),
                table.quasi_identifiers,
                table.files,
            )
            text += [f"  {yaml_key(name)}".rstrip(), *(f"    {line}".rstrip() for line in lines)]
        text += ["", "# drop: [a_table]  # tables that are left out", ""]
        return "\n".join(text)

    def _places(self, folder: Path) -> Iterator[str]:
        """Where the tables are, and a place beside for the masked ones."""
        if self.source is None:
            return
        if is_store(self.source):
            yield f"source: {scalar(place_from(folder, str(self.source)))}"
            yield "target: null  # the address of a new database, or a folder"
            return
        place = str(self.source).rstrip("/")
        if isinstance(address := address_of(place), Path) and not address.is_absolute():
            place = os.path.relpath(address, folder)
        yield f"source: {scalar(place)}"
        yield f"target: {scalar(f'{place}_masked')}"

    def lines(self) -> list[str]:
        """The lines for a terminal: the tables with their columns, then the keys."""
        columns = [
            line for name, table in self.tables.items() for line in ("", f"{name}:", *table.lines())
        ]
        return [*columns[1:], "", *str(self.keys).splitlines()]

    def _table(self) -> Table:
        rows = [
            (name, each.column, each.kind, each.role, each.mask["mask"], each.reason)
            for name, table in self.tables.items()
            for each in table.columns
        ]
        head = ("table", "column", "kind", "role", "mask", "reason")
        return Table(head, rows, below=str(self.keys).splitlines())


def inspect_dataset(
    source: Address | Mapping[str, Source], *, csv: CsvSource | None = None
) -> DatasetInspection:
    """Say how tables hang together and what their columns seem to hold; propose a dataset file.

    Args:
        source: a folder or an s3:// prefix in which each file, or each folder, is a table; a
            store, as `postgresql://user@host/database` or `duckdb:FILE`; or tables by their names,
            each wherever it is.
        csv: how CSV files are written, as `csv:` in a rule file says it; of a table that it cannot
            be meant for, another separator, quote or encoding is proposed.

    Returns:
        The keys between the tables with their evidence, the person, and for every column a kind
        and a mask. Guesses, to be read before they are used. No value is in it.

    Raises:
        FileError: nothing is there, or it cannot be read.
        DataError: a table is no frame, or has no columns.

    Example:
        >>> import polars as pl
        >>> people = pl.DataFrame({"person_id": range(1, 41), "born": range(1950, 1990)})
        >>> visits = pl.DataFrame({"person_id": [1 + n % 40 for n in range(90)]})
        >>> found = inspect_dataset({"people": people, "visits": visits}).dataset()
        >>> found["entity"], found["foreign_keys"]
        ('people.person_id', {'visits.person_id': 'people.person_id'})
    """
    reading = reading_of(csv)
    known: Known = {}
    with _opened(source) as (places, declared):
        readings = {name: likely_reading(place, reading) for name, place in places.items()}
        rows = {name: open_table(place, readings[name]) for name, place in places.items()}
        known_keys = [key for table in declared.values() for key in table.foreign_keys]
        keys = find_keys(rows, [e for e in known_keys if {e.child, e.parent} <= {*rows}])
        person = keys.person
        if person and not _is_key(person, keys):
            keys = replace(keys, person=None)
        entities, led = _led(rows, keys)
        seen = {
            name: inspected(
                place,
                readings[name],
                next(iter(led[name].rules.entity_columns), None),
                partial(with_person, ruled=led[name], tables=rows, known=known),
            )
            for name, place in places.items()
        }
        own = {name: each.entity for name, each in seen.items() if not led[name].of_person}
        entities |= {name: entity for name, entity in own.items() if entity}
        texts = [name for name, place in places.items() if is_text(place)]
    masks = _masks_of_keys(keys, seen, texts)
    tables = {name: _without_keys(name, table, led[name], masks) for name, table in seen.items()}
    if person and (names := _names(tables[person.table], rows[person.table])):
        beside = [f"{person.table}.{name}" for name in names]
        others = [name for name in tables if led[name].of_person and name != person.table]
        id_ = f"{person.table}.{person.column}"
        tables |= {name: _knowing(tables[name], {led[name].person: id_}, beside) for name in others}
    tables |= {name: _taken(tables[name], declared[name]) for name in declared}
    at = None if isinstance(source, Mapping) else source
    return DatasetInspection(tables, keys, entities, at)


def _is_key(person: Person, keys: Keys) -> bool:
    """Whether each person has one row in the table that was found."""
    place = person.table, (person.column,)
    primary = place[0], keys.primary[person.table].columns
    return place in {primary, *((each.key.parent, each.key.keys) for each in keys.foreign)}


@contextmanager
def _opened(
    source: Address | Mapping[str, Source],
) -> Iterator[tuple[Mapping[str, Source], Mapping[str, Declared]]]:
    """Tables by their names, and what is declared of them, until the block ends."""
    if isinstance(source, Mapping):
        yield source, {}
    elif not is_store(source):
        yield tables_in(source), {}
    else:
        with tables_at(source) as tables:
            yield {name: tables.table(name).scan() for name in tables.names}, tables.declared


def _scalar(name: str) -> str:
    """`table.column` as a YAML scalar, quoted where it must be."""
    plain = all(part.isidentifier() and scalar(part) == part for part in name.split("."))
    return name if plain else scalar(name)


def is_dataset(place: Address, csv: CsvSource | None = None) -> bool:
    """Whether a folder holds several tables, and not the parts of one.

    Tables have few columns in common, if any; parts may differ in some.
    """
    if is_store(place):
        return True
    if not is_folder(place) or len(places := tables_in(place)) < 2:
        return False
    reading = reading_of(csv)
    tables = [open_table(each, likely_reading(each, reading)) for each in places.values()]
    columns = [set(table.collect_schema()) for table in tables]
    pairs = combinations(columns, 2)
    return any(len(one & other) * 2 < min(len(one), len(other)) for one, other in pairs)


def _chosen(person: str, tables: list[str], keys: list[ForeignKey]) -> dict[str, str]:
    """Tables with several ways to the person → the first column that leads there.

    Nearer tables come first, as what is chosen there goes for all that lead through them.
    """
    chosen: dict[str, str] = {}
    found = {table: ways for table in tables if (ways := ways_to(person, table, keys))}
    for table in sorted(found, key=lambda each: len(found[each][0])):
        left = [key for key in keys if key.columns[0] == chosen.get(key.child, key.columns[0])]
        ways = ways_to(person, table, left)
        if len(ways) > 1 and len(ways[0][0].columns) == 1:
            chosen[table] = ways[0][0].columns[0]
    return chosen


def _led(rows: Mapping[str, pl.LazyFrame], keys: Keys) -> tuple[dict[str, str], dict[str, Ruled]]:
    """The entities that must be chosen, and how the rows of each table find their person."""
    foreign = [each.key for each in keys.foreign]
    entities = _chosen(keys.person.table, list(rows), foreign) if keys.person else {}
    kept = {
        name: Rules(MappingProxyType({}), entities.get(name), "keep", f"tables.{name}")
        for name in rows
    }
    person = (keys.person.table, keys.person.column) if keys.person else None
    dataset = Dataset(kept, person=person, foreign_keys=tuple(foreign))
    return entities, ruled(dataset, {name: each.collect_schema() for name, each in rows.items()})


def _masks_of_keys(
    keys: Keys, tables: Mapping[str, Inspection], texts: Iterable[str]
) -> dict[tuple[str, str], dict[str, Any] | None]:
    """Columns of keys → the mask that all of them get, at their root; None for the others.

    Args:
        keys: that were found.
        tables: what their columns seem to hold.
        texts: tables of CSV, whose cells are text when they are masked.
    """
    foreign = [each.key for each in keys.foreign]
    groups: dict[tuple[str, str], list[InspectedColumn]] = {}
    masks: dict[tuple[str, str], dict[str, Any] | None] = {}
    for key in foreign:
        for table, columns in ((key.child, key.columns), (key.parent, key.keys)):
            for column in columns:
                root = root_of(table, column, foreign)
                seen = next(each for each in tables[table].columns if each.column == column)
                groups.setdefault(root, []).append(seen)
                masks[table, column] = None
                if table in texts:
                    groups[root].append(replace(seen, dtype="String"))
    return masks | {root: _mask_of(group) for root, group in groups.items()}


def _mask_of(group: list[InspectedColumn]) -> dict[str, Any]:
    """What becomes of a key that stands in several columns: kept where it names no person."""
    masks = {each.mask["mask"] for each in group}
    if "token" not in masks and "keep" in masks:
        return {"mask": "keep"}
    same = {"as": "same"} if all(each.dtype in set(map(str, KEPT_WHOLE)) for each in group) else {}
    return {"mask": "token", **same}


def _taken(table: Inspection, declared: Declared) -> Inspection:
    """The table with masks whose values its columns take."""
    return replace(table, columns=tuple(taken(each, declared) for each in table.columns))


def _names(table: Inspection, rows: pl.LazyFrame) -> list[str]:
    """The columns with the names of persons; none inside others, which no join reaches."""
    there = rows.collect_schema()
    return [each.column for each in table.columns if each.kind in _NAMES and each.column in there]


def _knowing(table: Inspection, joined: Mapping[str, str], names: list[str]) -> Inspection:
    """The table whose free text is searched for the names of its person, in the person's table.

    Args:
        table: as its columns seem to be.
        joined: what was joined on under a name of its own → where it stands.
        names: where the names stand.
    """
    columns = (
        replace(
            each,
            mask=each.mask
            | {"known": [*(joined.get(n, n) for n in each.mask.get("known", ())), *names]},
        )
        if each.mask["mask"] == "scrub"
        else each
        for each in table.columns
    )
    return replace(table, columns=tuple(columns))


def _without_keys(
    name: str,
    table: Inspection,
    led: Ruled,
    masks: Mapping[tuple[str, str], dict[str, Any] | None],
) -> Inspection:
    """The table without the person that was joined on and its foreign keys; keys as masked."""
    return replace(table, columns=tuple(_columns(name, table, led, masks)), entity=None)


def _columns(
    name: str,
    table: Inspection,
    led: Ruled,
    masks: Mapping[tuple[str, str], dict[str, Any] | None],
) -> Iterator[InspectedColumn]:
    for column in table.columns:
        mask = masks.get((name, column.column), column.mask)
        if mask is not None and column.column != led.person:
            is_key = (name, column.column) in masks
            reason = "a key to which others refer" if is_key else column.reason
            yield replace(column, mask=mask, reason=reason)
