"""Find the keys of several tables: samples show candidates, all rows are counted for the chosen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from anonymizer.datasets.keys.composite import composite_keys, led_keys, polymorphic
from anonymizer.datasets.keys.found import FoundKey, Keys, PrimaryKey
from anonymizer.datasets.keys.person import find_person
from anonymizer.datasets.keys.proposal import STRONG, Candidate, candidates, chosen
from anonymizer.datasets.keys.reading.columns import Column, Table, comparable, read_table, written
from anonymizer.datasets.keys.reading.names import Names
from anonymizer.datasets.keys.uniqueness import Unique, find_unique
from anonymizer.datasets.keys.values import overlap
from anonymizer.errors import SchemaError
from anonymizer.frames import quiet
from anonymizer.stores.table import ForeignKey

_LEAST_ROWS = 0.9  # of a child's rows that point somewhere, where the names say so
_LEAST_ROWS_UNNAMED = 0.93
_SURE = 0.85  # names that say a key so clearly that other values are worth a word


def find_keys(tables: Mapping[str, pl.LazyFrame], declared: Sequence[ForeignKey] = ()) -> Keys:
    """Find primary keys, foreign keys and the person of tables of one database.

    What is told was counted on all rows; memory holds the distinct values of one pair of columns.

    Args:
        tables: name → frame, which is read several times, streaming.
        declared: foreign keys that are known. They are counted, and their columns not searched.

    Raises:
        SchemaError: a declared key names a table or columns that are not there.
        AnonymizerError: a frame cannot be read.
    """
    with quiet("looking for keys"):
        columns = {name: frame.collect_schema().names() for name, frame in tables.items()}
        _check(columns, declared)
        read = {name: read_table(name, frame) for name, frame in tables.items()}
        return _Search(read, columns, tuple(declared)).keys()


def _check(columns: Mapping[str, Sequence[str]], declared: Sequence[ForeignKey]) -> None:
    faults = [
        f"{key}: {table!r} has no column {name!r}"
        if table in columns
        else f"{key}: no table {table!r}"
        for key in declared
        for table, sides in ((key.child, key.columns), (key.parent, key.keys))
        for name in sides
        if name not in columns.get(table, ())
    ]
    faults += [
        f"{key}: {len(key.columns)} columns for {len(key.keys)}"
        for key in declared
        if len(key.columns) != len(key.keys)
    ]
    if faults:
        raise SchemaError("a declared foreign key", faults)


@dataclass
class _Search:
    """One search, and what it has found so far."""

    tables: dict[str, Table]
    columns: dict[str, list[str]]
    declared: tuple[ForeignKey, ...]
    notes: list[str] = field(default_factory=list)
    settled: set[tuple[str, str]] = field(default_factory=set)  # columns of which something is said

    def keys(self) -> Keys:
        """All that is found."""
        names = Names(self.columns)
        unique = {name: find_unique(table, names) for name, table in self.tables.items()}
        primary = {name: each.primary for name, each in unique.items() if each.primary}
        self.notes += [f"{name} is empty: nothing speaks for a key" for name, table in
                       self.tables.items() if not table.rows]  # fmt: skip
        known = [self._counted(key, "declared", declared=True) for key in self.declared]
        found = [*self._single(unique, names), *self._several(primary, names)]
        found += self._led(primary, [*known, *found], names)
        self.notes += self._unmet(unique, names)
        foreign = (*known, *self._in_order(self._one_way(found)))
        person = find_person(self.columns, primary, [each.key for each in foreign], names)
        return Keys(tuple(self.tables), primary, foreign, person, tuple(self.notes))

    def _single(self, unique: Mapping[str, Unique], names: Names) -> Iterator[FoundKey]:
        keys = [each.singles[0] for each in unique.values() if each.has_single]
        every = candidates(self.tables, unique, names)
        done = {(key.child, key.columns) for key in self.declared}
        self.settled |= {(table, name) for table, columns in done for name in columns}
        several = {n: polymorphic(table, names, self.tables) for n, table in self.tables.items()}
        for (table, column), found in every.items():
            score, _ = names.strongest(found[0].child, keys)
            if parents := several[table].get(column):
                listed = ", ".join(parents)
                self.notes.append(
                    f"{table}.{column} points to {listed} by a type beside it: not claimed"
                )
            elif (table, (column,)) not in done:
                yield from self._chosen(found, score)

    def _chosen(self, found: Sequence[Candidate], named: float) -> Iterator[FoundKey]:
        fit, why = chosen(found, named)
        self.notes += [why] if why else []
        self.settled |= {(each.child.table, each.child.name) for each in fit}
        for each in fit:
            least = _LEAST_ROWS if each.match.score >= STRONG else _LEAST_ROWS_UNNAMED
            counted = self._counted(_key(each), each.match.said)
            if counted.overlap.share_of_rows >= least:
                yield counted
                return
            if each.match.score >= STRONG:
                self.notes.append(f"not claimed: {counted}")

    def _several(self, primary: Mapping[str, PrimaryKey], names: Names) -> Iterator[FoundKey]:
        for key in composite_keys(self.tables, primary, names):
            if key in self.declared:
                continue
            counted = self._counted(key, "named after the key")
            if counted.overlap.share_of_rows >= _LEAST_ROWS:
                self.settled |= {(key.child, name) for name in key.columns}
                yield counted

    def _led(
        self, primary: Mapping[str, PrimaryKey], found: Sequence[FoundKey], names: Names
    ) -> Iterator[FoundKey]:
        keys = [each.key for each in found]
        pairs = {(key.child, key.parent) for key in keys if len(key.columns) > 1}
        single = [key for key in keys if len(key.columns) == 1]
        for key in led_keys(self.tables, primary, single, names):
            if (key.child, key.parent) not in pairs:
                counted = self._counted(
                    key, "stand together in the key, as by chance they would not"
                )
                if counted.overlap.share_of_rows >= _LEAST_ROWS:
                    self.settled |= {(key.child, name) for name in key.columns}
                    yield counted

    def _counted(self, key: ForeignKey, said: str, *, declared: bool = False) -> FoundKey:
        child, parent = self.tables[key.child], self.tables[key.parent]
        pairs = [
            comparable(child.any_column(one), parent.any_column(other))
            for one, other in zip(key.columns, key.keys, strict=True)
        ]
        ones, others = zip(*pairs, strict=True)
        counted = overlap(child, ones, parent, others)
        notes = [note for pair in pairs for note in _odd(*pair)]
        if any(each.altered for each in ones + others) and not notes:
            bare = [tuple(written(each) for each in side) for side in (ones, others)]
            alike = overlap(child, bare[0], parent, bare[1])
            notes += _respelled(counted.held - alike.held)
        return FoundKey(key, counted, said, tuple(notes), declared)

    def _unmet(self, unique: Mapping[str, Unique], names: Names) -> Iterator[str]:
        """Columns that are named after a key and hold other values."""
        keys = [each.singles[0] for each in unique.values() if each.has_single]
        for each in (column for table in self.tables.values() for column in table.columns):
            score, key = names.strongest(each, keys)
            settled = (each.table, each.name) in self.settled or unique[each.table].is_primary(each)
            open_ = not settled and len(each.values) and names.rank(each) < names.RANK_OF_TEXT
            if key is not None and score >= _SURE and open_:
                yield (
                    f"{each.table}.{each.name} is named after {key.table}.{key.name} and most of "
                    "its values are not there: not claimed"
                )

    def _one_way(self, found: Sequence[FoundKey]) -> list[FoundKey]:
        """Of two tables that point to each other, the larger is the parent, or the first."""
        tables = list(self.tables)

        def size(table: str) -> tuple[int, int]:
            return self.tables[table].rows, -tables.index(table)

        keys = {each.key for each in found}
        return [
            each
            for each in found
            if _turned(each.key) not in keys or size(each.key.parent) >= size(each.key.child)
        ]

    def _in_order(self, found: Sequence[FoundKey]) -> list[FoundKey]:
        tables = list(self.tables)
        return sorted(
            found,
            key=lambda each: (
                tables.index(each.key.child),
                self.columns[each.key.child].index(each.key.columns[0]),
            ),
        )


def _key(found: Candidate) -> ForeignKey:
    child, key = found.child, found.key
    return ForeignKey(child.table, (child.name,), key.table, (key.name,))


def _turned(key: ForeignKey) -> ForeignKey:
    return ForeignKey(key.parent, key.keys, key.child, key.columns)


def _odd(child: Column, key: Column) -> Iterator[str]:
    """What differs between a column and the key it points to."""
    ones, others = (_kind(each) for each in (child, key))
    if ones != others:
        yield f"type differs: {child.name} is {child.dtype}, {key.name} {key.dtype}: cast"


def _respelled(values: int) -> list[str]:
    told = f"spelling differs in {values:,} values: bring both columns to one form"
    return [told] if values > 0 else []


def _kind(column: Column) -> str:
    if column.dtype.is_integer():
        return "integer"
    return "text" if column.dtype in (pl.String, pl.Categorical, pl.Enum) else str(column.dtype)
