"""One table of events becomes several, whose keys hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from anonymizer.datasets.synthesis.layout import KIND, TIME, Layout, Link, Node, flat
from anonymizer.errors import DataError
from anonymizer.sequences.tokens.plain import told_dtype

Tables = dict[str, pl.DataFrame]


def unflatten(events: pl.DataFrame, layout: Layout) -> Tables:
    """The tables of which events tell, with the columns and types that the layout has.

    Where events of one row disagree, the first counts. Keys that are no identifiers of the model
    are numbered, and what refers to them follows.

    Args:
        events: as `flatten` makes them, of real persons or of others.
        layout: how the tables hang together.
    """
    events = events.with_columns(_numbers(events[column]) for column in layout.numbers)
    kind = pl.lit(layout.kind).alias(KIND)
    taken = _Taken(layout, events if KIND in events.columns else events.with_columns(kind))
    taken.take(layout.root)
    return {table: taken.finished(table) for table in layout.tables}


@dataclass
class _Taken:
    """What was taken from the events so far.

    Attributes:
        layout: how the tables hang together.
        events: with the number of the row of each table of which an event tells.
        parts: table → frames of its rows; of a catalogue one for each key that refers to it.
    """

    layout: Layout
    events: pl.DataFrame
    parts: dict[str, list[pl.DataFrame]] = field(default_factory=dict)

    def take(self, node: Node) -> None:
        """The rows of a table, of those beside it, and of those below."""
        rows = self._first(node)
        rows = self._with_own(rows, node.table)
        self._put(node, rows)
        for each in self.layout.below(node, beside=True):
            known = rows.filter(each.known) if each.sometimes else rows
            self._put(each, self._with_own(known, each.table))
        for each in self.layout.below(node):
            self.take(each)

    def _first(self, node: Node) -> pl.DataFrame:
        """The first event of each row of a table; the number of the row is noted beside all."""
        tells = self._tells(node)
        told = self.events.filter(tells)
        if not self.layout.below(node) and node.above:
            first, number = told, pl.int_range(len(told), eager=True)
        else:
            group = self.layout.group(node)
            first = told.unique(group, keep="first", maintain_order=True)
            numbered = first.select(*group, pl.int_range(pl.len()).alias(_row(node.table)))
            found = told.select(group).join(
                numbered, on=group, how="left", nulls_equal=True, maintain_order="left"
            )
            number = found[_row(node.table)]
        every = pl.Series(_row(node.table), [None], pl.Int64).new_from_index(0, len(tells))
        self.events = self.events.with_columns(every.scatter(tells.arg_true(), number))
        return first.with_columns(pl.int_range(pl.len()).alias(_row(node.table)))

    def _tells(self, node: Node) -> pl.Series:
        """Which events tell of a row of a table, and not again of what a row above has already."""
        kind = pl.col(KIND).is_in(self.layout.kinds(node))
        known = (pl.col(column).is_not_null() for column in self.layout.required(node))
        tells = self.events.select(pl.all_horizontal(kind, *known)).to_series()
        for column in node.apart:
            name = TIME if column == node.clock else flat(node.table, column)
            first = pl.struct(_row(node.above), name).is_first_distinct() | pl.col(name).is_null()
            tells = tells.scatter(
                tells.arg_true(), self.events.filter(tells).select(first).to_series()
            )
        return tells

    def _with_own(self, rows: pl.DataFrame, child: str) -> pl.DataFrame:
        """Rows with the keys to what they refer to; that is put among the parts."""
        for link in (each for each in self.layout.links if each.child == child):
            if link.own:
                known = pl.col(link.known) if link.sometimes else pl.repeat(value=True, n=pl.len())
                (column,), (key,) = link.columns, link.keys
                start = sum(map(len, self.parts.get(link.parent, [])))
                number = pl.when(known).then(known.cum_sum() + start)
                dtype = self.layout.tables[link.parent][key]
                rows = rows.with_columns(_named(number, link.parent, dtype).alias(column))
            self._put_linked(link, rows)
        return rows

    def _put_linked(self, link: Link, rows: pl.DataFrame) -> None:
        of = dict(zip(link.keys, link.columns, strict=True))
        told = {c: of.get(c, flat(link.name, c)) for c in self.layout.tables[link.parent]}
        nulls = pl.sum_horizontal(pl.col(c).is_null() for c in told.values() if c in rows.columns)
        known = rows.drop_nulls(list(link.columns)).sort(nulls, maintain_order=True)
        known = known.unique(link.columns, keep="first", maintain_order=True)
        known = self._with_own(known, link.name)
        self._add(link.parent, known, {c: pl.col(name) for c, name in told.items()})

    def _put(self, node: Node, rows: pl.DataFrame) -> None:
        """Rows of a table of persons, each of its columns from where it is told."""
        above = dict(zip(node.columns, node.keys, strict=True))
        told = dict[str, pl.Expr | pl.Series]()
        for column, dtype in self.layout.tables[node.table].items():
            if column in above:
                told[column] = self._of(node.above, above[column], rows=rows)
            elif column in node.copies:
                told[column] = self._of(*node.copies[column], rows=rows)
            elif column in node.made:
                number = pl.int_range(1, pl.len() + 1)
                within = number.over(_row(node.above)) if node.within else number
                told[column] = _named(within, node.table, dtype)
            elif column == node.counted:
                told[column] = pl.int_range(1, pl.len() + 1).over(_row(node.above))
            elif column == node.clock:
                told[column] = self._time(node)
            elif not node.above and column == self.layout.person:
                told[column] = self._person()
            else:
                told[column] = pl.col(flat(node.table, column))
        self._add(node.table, rows, told)

    def _of(self, table: str, column: str, *, rows: pl.DataFrame) -> pl.Series:
        """What rows above hold."""
        return self.parts[table][0][column].gather(rows[_row(table)])

    def _time(self, node: Node) -> pl.Expr:
        if not node.keeps_clock:
            return pl.col(TIME)
        kinds = [k for k in self.layout.kinds(node) if self.layout.clock_of(k) == node]
        own = pl.col(KIND).is_in(kinds)
        return pl.when(own).then(TIME).otherwise(flat(node.table, node.clock))

    def _person(self) -> pl.Expr:
        """Persons by number, as text of digits where other tables hold them as numbers."""
        tables, root = self.layout.tables, self.layout.root
        refer = [
            tables[each.table][column]
            for each in self.layout.nodes
            for column, key in zip(each.columns, each.keys, strict=True)
            if each.above == root.table and key == self.layout.person
        ]
        text = tables[root.table][self.layout.person] == pl.String
        if text and any(each.is_numeric() for each in refer):
            return pl.int_range(1, pl.len() + 1)
        return pl.col(self.layout.entity)

    def _add(self, table: str, rows: pl.DataFrame, told: Mapping[str, pl.Expr | pl.Series]) -> None:
        """Put rows in the types of the table."""
        types = self.layout.tables[table]
        named = [
            (pl.lit(each) if isinstance(each, pl.Series) else each).alias(column)
            for column, each in told.items()
        ]
        try:
            typed = rows.select(named).cast({c: told_dtype(d) for c, d in types.items()})
        except pl.exceptions.InvalidOperationError:
            what = "numbers of rows do not fit the types of its keys"
            raise DataError(f"{table}: {what}: make them wider, or sample fewer persons") from None
        full = [_filled(typed[column]) for column in self.layout.full[table]]
        self.parts.setdefault(table, []).append(typed.with_columns(full))

    def finished(self, table: str) -> pl.DataFrame:
        """All rows of a table; of a catalogue each key once."""
        schema = {c: told_dtype(d) for c, d in self.layout.tables[table].items()}
        parts = self.parts.get(table, [pl.DataFrame(schema=schema)])
        keys = next((list(each.keys) for each in self.layout.links if each.parent == table), None)
        rows = pl.concat(parts)
        return rows.unique(keys, keep="first", maintain_order=True) if keys else rows


def _numbers(codes: pl.Series) -> pl.Series:
    """Codes as numbers; those that stand for rare ones follow the largest."""
    known = codes.cast(pl.Int128, strict=False)
    rare = codes.filter(known.is_null()).drop_nulls().unique().sort()
    above = int(known.max() or 0)  # type: ignore[arg-type]  # (a whole number)
    made = {code: above + place for place, code in enumerate(rare, 1)}
    return codes.replace_strict(made, default=known, return_dtype=pl.Int128)


def _filled(column: pl.Series) -> pl.Series:
    """A column in which no real row has a null, with values of other rows in place of nulls."""
    known, absent = column.drop_nulls(), column.is_null().arg_true()
    if known.is_empty() or absent.is_empty():
        return column
    drawn = np.random.default_rng(0).integers(len(known), size=len(absent))
    return column.scatter(absent, known.gather(drawn))


def _row(table: str) -> str:
    return f"\0row {table}"


def _named(number: pl.Expr, table: str, dtype: pl.DataType) -> pl.Expr:
    """Numbers as the values of a key: as they are, or after the name of the table."""
    if dtype.is_numeric():
        return number
    return pl.format("{}-{}", pl.lit(table), number.cast(pl.String).str.zfill(6))
