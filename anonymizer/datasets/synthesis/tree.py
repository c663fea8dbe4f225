"""Which table hangs below which, and which are nobody's: what follows from the keys alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import polars as pl

from anonymizer.datasets.description.dataset import Dataset
from anonymizer.datasets.synthesis.layout import Link, Node, flat
from anonymizer.frames import is_pattern
from anonymizer.sequences.histories.roles import FIELD_TYPES
from anonymizer.stores.table import ForeignKey

_CLOCKS: Final = (pl.Date, pl.Datetime)
_NAME_IT: Final = "say which by `synthesis: {time: {table: column}}`"


@dataclass(frozen=True)
class Tree:
    """The tables of a dataset by their keys.

    Attributes:
        dataset: with its keys and the person.
        tables: its tables, without columns that are dropped.
    """

    dataset: Dataset
    tables: Mapping[str, pl.DataFrame]

    @cached_property
    def root(self) -> str:
        """The table of the persons."""
        return self.dataset.person[0] if self.dataset.person else ""

    @cached_property
    def keys(self) -> list[ForeignKey]:
        """The foreign keys whose columns are kept."""
        return [
            key
            for key in self.dataset.foreign_keys
            if set(key.columns) <= set(self.tables[key.child].columns)
            and set(key.keys) <= set(self.tables[key.parent].columns)
        ]

    @cached_property
    def depths(self) -> dict[str, int]:
        """The tables from which keys lead to persons, and by how many steps at most."""
        depths = {self.root: 0}
        for _ in self.tables:  # no way is longer, but for a circle
            for key in self.keys:
                if key.parent in depths and key.child not in (key.parent, self.root):
                    depths[key.child] = max(depths.get(key.child, 0), depths[key.parent] + 1)
        return dict(sorted(depths.items(), key=lambda item: item[1]))

    @cached_property
    def nobodys(self) -> set[str]:
        """The tables to which those of persons refer, themselves or through others."""
        found = set(self.depths)
        for _ in self.tables:
            found |= {key.parent for key in self.keys if key.child in found}
        return found - set(self.depths)

    @cached_property
    def above(self) -> dict[str, ForeignKey]:
        """Table of persons → the key to the one right above it, on the longest way to persons."""
        found = dict[str, ForeignKey]()
        for table, depth in self.depths.items():
            keys = [k for k in self.keys if k.child == table and k.parent in self.depths]
            keys = [k for k in keys if self.depths[k.parent] == depth - 1]
            said = self.dataset.tables[table].entity_columns
            if keys:
                found[table] = next((k for k in keys if k.columns == said), keys[0])
        return found

    @cached_property
    def beside(self) -> set[str]:
        """Tables of which a row above has one row at most, and that say nothing of when."""
        leaves = set(self.above) - {key.parent for key in self.above.values()}
        single = {t for t in leaves if t not in self.dataset.times and self._is_single(t)}
        events = set(self.above) - single
        return {t for t in single if events or self.above[t].parent != self.root}

    def _is_single(self, table: str) -> bool:
        known = self.tables[table].select(self.above[table].columns).drop_nulls()
        return bool(known.n_unique() == len(known))

    @cached_property
    def ends(self) -> list[str]:
        """The tables whose rows are events."""
        parents = {key.parent for table, key in self.above.items() if table not in self.beside}
        return [t for t in self.above if t not in parents and t not in self.beside]

    @cached_property
    def clocks(self) -> dict[str, str]:
        """Table → its column that says when: what the file says, or the only one on a way."""
        found = dict(self.dataset.times)
        for table in self.ends if not found else ():
            times = self._times_of_way(table)
            found |= dict(times) if len(times) == 1 else {}
        return found

    def way(self, table: str) -> Iterator[str]:
        """A table and those above it, without that of the persons."""
        while table in self.above:
            yield table
            table = self.above[table].parent

    def _times_of_way(self, table: str) -> list[tuple[str, str]]:
        return [(each, column) for each in self.way(table) for column in self.times(each)]

    def times(self, table: str) -> list[str]:
        """The columns of days and moments."""
        schema = self.tables[table].schema
        return [column for column, dtype in schema.items() if dtype.base_type() in _CLOCKS]

    def nodes(self) -> Iterator[Node]:
        """The tables of persons, from above to below."""
        yield Node(self.root)
        for table, key in self.above.items():
            clock = self.clocks.get(table, "")
            timed_below = any(table in [*self.way(each)][1:] for each in self.clocks)
            copies: dict[str, tuple[str, ...]] = {
                column: (other.parent, there)
                for other in self.keys
                if other.child == table and other.parent in self.depths and other != key
                for column, there in zip(other.columns, other.keys, strict=True)
                if column not in key.columns
            }
            yield Node(
                table, key.parent, key.columns, key.keys, clock, bool(clock) and timed_below,
                table in self.beside, copies=copies,
            )  # fmt: skip

    def links(self) -> Iterator[Link]:
        """The keys to tables that are nobody's, each after those that lead to its child."""
        for table in self.depths:
            yield from self._links(table, table, {table})

    def _links(self, table: str, name: str, seen: set[str]) -> Iterator[Link]:
        above = self.above[table].columns if table in self.above else ()
        for key in (k for k in self.keys if k.child == table and k.parent in self.nobodys):
            if set(key.columns) <= set(above) or key.parent in seen:
                continue  # the table above refers to it as well, or it is a fault
            columns = tuple(flat(name, column) for column in key.columns)
            several = sum(each.parent == key.parent for each in self.keys) > 1
            called = f"{'+'.join(columns)}.{key.parent}" if several else key.parent
            yield Link(name, columns, key.parent, key.keys, called)
            yield from self._links(key.parent, called, seen | {key.parent})

    def faults(self) -> Iterator[str]:
        """Why the tables tell no histories of persons."""
        if not self.root:
            yield "entity: say whose data it all is: `entity: table.column`"
            return
        for table in self.tables:
            if table not in self.depths and table not in self.nobodys:
                yield f"{table}: no foreign key ties it to persons: add one, or the table to `drop`"
        if max(self.depths.values()) >= len(self.tables):
            yield "foreign_keys: tables refer to each other in a circle: drop a column by a rule"
            return
        yield from self._faults_of_keys()
        yield from self._faults_of_times()
        yield from self._faults_of_types()
        names = [
            flat(table, column) for table, each in self.tables.items() for column in each.columns
        ]
        yield from (
            f"{each}: Polars reads the name as a pattern: rename it"
            for each in names
            if is_pattern(each)
        )

    def _faults_of_types(self) -> Iterator[str]:
        for table, each in self.tables.items():
            keys = {c for key in self.keys if key.child == table for c in key.columns}
            keys |= {c for key in self.keys if key.parent == table for c in key.keys}
            for column, dtype in each.schema.items():
                if column not in keys and dtype.base_type() not in (*FIELD_TYPES, pl.Null):
                    what = f"{dtype.base_type()} cannot be learned"
                    yield f"{flat(table, column)}: {what}: drop it by a rule, `{column}: drop`"

    def _faults_of_keys(self) -> Iterator[str]:
        for key in self.keys:
            above = [self.above[each].parent for each in self.way(key.child)]
            way = f"drop its column by a rule, `{key.columns[-1]}: drop`"
            if key.child == key.parent:
                yield f"foreign_keys.{key.of_child}: leads to rows of its own table: {way}"
            elif key.parent in self.depths and key.parent not in above:
                yield f"foreign_keys.{key.of_child}: leads to other rows of persons: {way}"

    def _faults_of_times(self) -> Iterator[str]:
        for table, column in self.dataset.times.items():
            if table not in self.above or column not in self.times(table):
                yield f"synthesis.time.{table}: no days or moments of rows below the persons"
        for table in self.ends:
            if not any(each in self.clocks for each in self.way(table)):
                times = [flat(*each) for each in self._times_of_way(table)]
                told = (
                    f"several columns say when ({', '.join(times)})"
                    if times
                    else "nothing says when"
                )
                yield f"{table}: {told}: {_NAME_IT}"
        if not self.ends:
            way = "learn it as one table, with --entity and --time"
            yield f"no table hangs below that of the persons, {self.root}: {way}"
