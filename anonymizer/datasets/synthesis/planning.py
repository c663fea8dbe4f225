"""How the tables of a dataset become one, by its keys and by what the tables hold."""

from dataclasses import replace
from typing import Final

import polars as pl

from anonymizer.datasets.description.dataset import Dataset
from anonymizer.datasets.synthesis.flattening import Tables, all_columns, flatten, joined
from anonymizer.datasets.synthesis.layout import KIND, TIME, Layout, Link, Node, flat
from anonymizer.datasets.synthesis.reading import of_persons
from anonymizer.datasets.synthesis.tree import Tree
from anonymizer.errors import DataError, SchemaError
from anonymizer.masking.primitives.digest import canonical
from anonymizer.relations.base.relation import EXACT, kept_share
from anonymizer.relations.kinds.identifiers import Names, Unique
from anonymizer.sequences.derived.base.step import Table
from anonymizer.sequences.derived.naming.identifiers import Identifier
from anonymizer.stores.table import named

_ALONE: Final = 0.5  # of the rows refer to what nobody else does, such as an address: no catalogue
_KNOWN: Final = 0.7  # of the rows refer to what enough persons do, so that codes can be learned
_LEAST_ROWS: Final = 20  # of which a column without a value twice is a key, and not so by chance


def layout_of(dataset: Dataset, tables: Tables, k: int) -> Layout:
    """How the tables become one, and come back.

    Args:
        dataset: with its keys and the person.
        tables: its tables, without columns that are dropped.
        k: persons who must share something before it may be known.

    Raises:
        SchemaError: they do not hang below a person, or nothing says when; carries every fault.
        DataError: a key is none.
    """
    tree = Tree(dataset, tables)
    if faults := list(tree.faults()):
        raise SchemaError(dataset.name, faults)
    person = (tree.root, (dataset.person or ("", ""))[1:])
    for parent, keys in {person, *((key.parent, key.keys) for key in tree.keys)}:
        known = tables[parent].select(keys).drop_nulls()
        if twice := len(known) - known.n_unique():
            what = f"{twice:,} rows have a value that another has: it is no key"
            raise DataError(f"{named(parent, keys)}: {what}")
    schemas = {table: dict(each.schema) for table, each in tables.items()}
    nodes = tuple(_sometimes(node, tables) for node in tree.nodes())
    layout = Layout(schemas, person[1][0], nodes, tuple(tree.links()), {})
    tables = of_persons(tables, layout)
    full = {
        table: tuple(column.name for column in each if not column.null_count())
        for table, each in tables.items()
    }
    layout = replace(layout, full=full)
    return _with_names(_with_catalogues(layout, tables, k), tables, k)


def _sometimes(node: Node, tables: Tables) -> Node:
    """The table with whether rows above lack one, where they have one at most."""
    if not node.beside:
        return node
    above = tables[node.above].select(node.keys)
    bare = joined(
        above, node.keys, tables[node.table].select(node.columns), node.columns, how="anti"
    )
    return replace(node, sometimes=len(bare) > 0)


def _with_catalogues(layout: Layout, tables: Tables, k: int) -> Layout:
    """The layout in which what a person has alone is no catalogue."""
    events = all_columns(tables, layout)
    _require_copies(events, layout)
    links, codes, rare = list[Link](), list[str](), set[str]()
    for link in layout.links:
        columns = list(link.columns)
        known = events.select(*columns, layout.entity).drop_nulls(columns)
        persons = known.select(pl.col(layout.entity).n_unique().over(columns)).to_series()
        alone = len(columns) == 1 and kept_share(persons == 1) > _ALONE
        some = alone and len(known) < len(events)
        links.append(replace(link, own=alone, sometimes=some))
        if not alone and kept_share(persons >= k) >= _KNOWN:
            codes += [column for column in columns if _can_name(events[column])]
            rare |= set(columns) if (persons < k).any() else set()
    kinds = events[KIND].unique().to_list()
    kind = kinds[0] if len(kinds) == 1 else ""
    codes = list(dict.fromkeys(codes))
    numbers = tuple(c for c in codes if c in rare and events[c].dtype.is_integer())
    return replace(layout, links=tuple(links), codes=tuple(codes), numbers=numbers, kind=kind)


def _require_copies(events: pl.DataFrame, layout: Layout) -> None:
    """Keys to tables further above lead where the way of the row does.

    Raises:
        DataError: one leads elsewhere.
    """
    for node in layout.nodes:
        for column, above in node.copies.items():
            one, other = (
                canonical(pl.col(c), events.schema[c])
                for c in (flat(node.table, column), flat(*above))
            )
            if elsewhere := events.select((one != other).sum()).item():
                what = f"in {elsewhere:,} rows it leads to another row than the longer way does"
                way = f"drop it by a rule, `{column}: drop`"
                raise DataError(f"{flat(node.table, column)}: {what}: {way}")


def _can_name(column: pl.Series) -> bool:
    return column.dtype.is_integer() or column.dtype == pl.String


def _with_names(layout: Layout, tables: Tables, k: int) -> Layout:
    """The layout in which keys are identifiers of the model, or numbered."""
    for node in layout.nodes:
        events = flatten(tables, layout)
        column = _naming(node, tables[node.table], layout)
        name, referred = flat(node.table, column), layout.keys_of(node)
        if column and _is_identifier(events, name, layout, k):
            layout = replace(layout, identifiers=(*layout.identifiers, name))
        elif column:
            within = not set(referred).isdisjoint(node.columns)
            node = replace(node, made=(column,), within=within)  # noqa: PLW2901 (the same table)
        if node.above and not node.beside and not layout.below(node):
            node = _with_order(node, tables[node.table], column)  # noqa: PLW2901
        if node.above and layout.below(node) and name not in layout.identifiers:
            node = replace(node, numbered=_several(events, node, layout))  # noqa: PLW2901
        nodes = tuple(node if each.table == node.table else each for each in layout.nodes)
        layout = replace(layout, nodes=nodes)
    return layout


def _naming(node: Node, rows: pl.DataFrame, layout: Layout) -> str:
    """The column that names the rows of a table: to which others refer, or that has no value twice.

    None where it is that of the person, or is what the row above is named by.
    """
    linked = {column for link in layout.links for column in link.columns}
    taken = {*node.columns, *node.copies, node.clock, "" if node.above else layout.person}
    free = [c for c in rows.columns if c not in taken and flat(node.table, c) not in linked]
    if referred := layout.keys_of(node):
        return next((c for c in reversed(referred) if c in free), "")
    return next((c for c in free if node.above and _is_key(rows[c])), "")


def _with_order(node: Node, rows: pl.DataFrame, name: str) -> Node:
    """The table with what counts its rows within a row above, and what tells them apart there."""
    above = rows.select(node.columns)
    if len(above) - above.n_unique() < _LEAST_ROWS:
        return node
    free = [c for c in rows.columns if c not in {*node.columns, *node.copies, name}]
    able = [c for c in free if c == node.clock or _can_name(rows[c])]
    apart = [c for c in able if rows.select(*node.columns, c).drop_nulls(c).is_unique().all()]
    counted = next((c for c in apart if _counts(node, rows, c)), "")
    return replace(node, counted=counted, apart=tuple(c for c in apart if c != counted))


def _counts(node: Node, rows: pl.DataFrame, column: str) -> bool:
    """Whether a column that tells rows apart counts them from 1 within a row above."""
    if not rows[column].dtype.is_integer():
        return False
    ends = pl.col(column).min() == 1, pl.col(column).max() == pl.len()
    return bool(
        rows.group_by(node.columns).agg(pl.all_horizontal(ends).alias("counts"))["counts"].all()
    )


def _is_key(column: pl.Series) -> bool:
    return _can_name(column) and len(column) >= _LEAST_ROWS and column.n_unique() == len(column)


def _is_identifier(events: pl.DataFrame, column: str, layout: Layout, k: int) -> bool:
    """Whether the model can make values of a column anew, one for each row, visit or person."""
    rows = events.drop_nulls([layout.entity, TIME]).sort(layout.entity, TIME, maintain_order=True)
    table = Table(rows, layout.entity, TIME, k)
    owners = (layout.entity, TIME), (layout.entity,)
    if not _can_name(rows[column]):
        return False
    ways: list[Unique | Names] = [Unique(column), *(Names(column, owner) for owner in owners)]
    for each in ways:
        if kept_share(each.kept(rows)) >= EXACT:
            return Identifier.learn(each, table) is not None
    return False


def _several(events: pl.DataFrame, node: Node, layout: Layout) -> bool:
    """Whether what a row hangs below, and its time, leave open which row it is."""
    group = layout.group(replace(node, numbered=False))
    keys = [flat(node.table, key) for key in layout.keys_of(node)]
    known = events.filter(pl.col(KIND).is_in(layout.kinds(node))) if KIND in events else events
    return known.n_unique([*group, *(key for key in keys if key in known)]) > known.n_unique(group)
