"""Several tables become one: an event for each row of the lowest tables, with what is above it."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import polars as pl

from anonymizer.datasets.opening.persons import keyed
from anonymizer.datasets.synthesis.layout import KIND, TIME, Layout, Node, flat
from anonymizer.errors import DataError

Tables = Mapping[str, pl.DataFrame]
_ROW: Final = "\0row "  # of a table, beside each event that tells of it


def flatten(tables: Tables, layout: Layout) -> pl.DataFrame:
    """The events of all persons.

    An event is a row of a table to which no other table of persons refers, with the columns of the
    rows above it. A row without any below is an event as well, with nulls for what is below. Rows
    that lead to no person are left out.

    Args:
        tables: by name, with the columns that are kept.
        layout: how they hang together.

    Raises:
        DataError: nothing ever happened.
    """
    events = all_columns(tables, layout).with_columns(pl.col(layout.numbers).cast(pl.String))
    gone = [flat(n.table, n.clock) for n in layout.nodes if n.clock and not n.keeps_clock]
    gone += [flat(n.table, column) for n in layout.nodes for column in (*n.made, *n.copies)]
    gone += [flat(n.table, n.counted) for n in layout.nodes if n.counted]
    return events.drop([*gone, *[KIND] * bool(layout.kind)], strict=False)


def all_columns(tables: Tables, layout: Layout) -> pl.DataFrame:
    """The same with the columns of which the model need know nothing, as others tell of them."""
    events = _numbered(_timed(_events(layout.root, tables, layout), layout), layout)
    return events.drop(column for column in events.columns if column.startswith(_ROW))


def _events(node: Node, tables: Tables, layout: Layout) -> pl.DataFrame:
    rows = _rows(node, tables, layout).with_row_index(f"{_ROW}{node.table}")
    parts, bare = list[pl.DataFrame](), rows
    for each in layout.below(node):
        on = [flat(each.table, c) for c in each.columns], [flat(node.table, c) for c in each.keys]
        below = _events(each, tables, layout)
        parts.append(joined(below, on[0], rows, on[1], how="inner").drop(on[0], strict=False))
        bare = joined(bare, on[1], below, on[0], how="anti")
    bare = bare.with_columns(pl.lit(node.table).alias(KIND))
    return pl.concat([*parts, bare], how="diagonal") if parts else bare


def _rows(node: Node, tables: Tables, layout: Layout) -> pl.DataFrame:
    """The rows of a table under the names of the joined one, with what stands beside them."""
    rows = _named(node.table, tables)
    rows = _with_links(rows, node.table, tables, layout)
    for each in layout.below(node, beside=True):
        on = [flat(node.table, c) for c in each.keys], [flat(each.table, c) for c in each.columns]
        beside = _with_links(_named(each.table, tables), each.table, tables, layout)
        beside = beside.with_columns(pl.lit(value=True).alias(each.known))
        rows = joined(rows, on[0], beside, on[1], how="left").drop(on[1], strict=False)
        known = pl.col(each.known).fill_null(value=False)
        rows = rows.with_columns(known) if each.sometimes else rows.drop(each.known)
    return rows


def _named(table: str, tables: Tables, name: str = "") -> pl.DataFrame:
    """A table with the names that its columns have in the joined one."""
    return tables[table].rename(lambda column: flat(name or table, column))


def _with_links(rows: pl.DataFrame, table: str, tables: Tables, layout: Layout) -> pl.DataFrame:
    """Rows with the columns of the catalogues to which they, and these in turn, refer."""
    for link in (each for each in layout.links if each.child == table):
        parent = _named(link.parent, tables, link.name)
        keys = [flat(link.name, key) for key in link.keys]
        rows = joined(rows, link.columns, parent, keys, how="left").drop(keys, strict=False)
        rows = _with_links(rows, link.name, tables, layout)
        if link.sometimes:
            known = pl.all_horizontal(pl.col(link.columns).is_not_null())
            rows = rows.with_columns(known.alias(link.known))
        rows = rows.drop(link.columns) if link.own else rows
    return rows


def joined(
    rows: pl.DataFrame, on: Sequence[str], other: pl.DataFrame, keys: Sequence[str], *, how: str
) -> pl.DataFrame:
    """Rows with those of another table whose key reads the same, whatever its type.

    The columns of its key are not in it where these are kept, but for an inner join.
    """
    texts = [keyed(frame.lazy(), tuple(each)) for frame, each in ((rows, on), (other, keys))]
    names = [each.meta.output_name() for each in texts[0]]
    sides = [rows.with_columns(texts[0]), other.with_columns(texts[1])]
    found = sides[0].join(sides[1].drop_nulls(names), on=names, how=how, maintain_order="left")  # type: ignore[arg-type]  # (one of Polars' words)
    return found.drop(names)


def _timed(events: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Events with their time: of the clock above, else of the person's first, else of others'.

    Persons of whom nothing happened stand where the first events of others do, so that they move
    no share of days.
    """
    clocks = {kind: layout.clock_of(kind) for kind in events[KIND].unique().sort()}
    said = {kind: flat(node.table, node.clock) for kind, node in clocks.items() if node}
    if not said:
        what = "no row of a table with a time leads to a person: look at `foreign_keys`"
        raise DataError(f"nothing ever happened: {what}")
    types = [events.schema[column] for column in said.values()]
    dtype = next((each for each in types if isinstance(each, pl.Datetime)), types[0])
    times = [pl.when(pl.col(KIND) == k).then(pl.col(c).cast(dtype)) for k, c in said.items()]
    rows = events.with_columns(pl.coalesce(times).alias(TIME))
    first = pl.col(TIME).min().over(layout.entity)
    idle = ~pl.col(KIND).is_in(list(said))
    rows = rows.with_columns(pl.when(idle).then(first).otherwise(TIME).alias(TIME))
    return _spread(rows, rows.select(idle & pl.col(TIME).is_null()).to_series(), layout)


def _spread(rows: pl.DataFrame, idle: pl.Series, layout: Layout) -> pl.DataFrame:
    """Rows with a time of idle persons: at even ranks among the first times of the others."""
    if not idle.any():
        return rows
    firsts = rows.group_by(layout.entity).agg(pl.col(TIME).min())[TIME].drop_nulls().sort()
    who = rows.filter(idle).select(layout.entity).unique(maintain_order=True)
    order = np.random.default_rng(0).permutation(len(who))  # ranks tell nothing of persons
    spread = who.with_columns(firsts.gather(order * len(firsts) // len(who)).alias("\0spread"))
    rows = rows.join(spread, on=layout.entity, how="left", maintain_order="left")
    then = pl.when(idle).then("\0spread").otherwise(TIME).alias(TIME)
    return rows.with_columns(then).drop("\0spread")


def _numbered(events: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Events with numbers from 0 that tell rows of a table apart in what they hang below."""
    for node in (each for each in layout.nodes if each.numbered):
        group = [column for column in layout.group(node) if column != node.number]
        number = pl.col(f"{_ROW}{node.table}").rank("dense").over(group) - 1
        events = events.with_columns(number.cast(pl.Int32).alias(node.number))
    return events
