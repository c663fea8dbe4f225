"""Foreign keys of several columns, and ids that point to one table or another by a type beside."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from anonymizer.datasets.keys.found import PrimaryKey
from anonymizer.datasets.keys.proposal import STRONG
from anonymizer.datasets.keys.reading.columns import Column, Table, exactly
from anonymizer.datasets.keys.reading.names import Names, split
from anonymizer.datasets.keys.values import together
from anonymizer.stores.table import ForeignKey

_TOGETHER: Final = 0.98  # of the rows of a child, those whose pairs are in the parent
_BY_CHANCE: Final = 0.9  # likewise, of pairs whose one half is of another row
_TYPES = ("type", "kind", "class", "model", "entity", "table", "typ", "art", "tipo", "类型")


def composite_keys(
    tables: Mapping[str, Table], primary: Mapping[str, PrimaryKey], names: Names
) -> Iterator[ForeignKey]:
    """Columns of other tables that are named as all columns of a composite primary key."""
    for parent, key in primary.items():
        if len(key.columns) < 2:
            continue
        for child, table in tables.items():
            columns = tuple(_named(table, tables[parent], each, names) for each in key.columns)
            if child == parent or None in columns or len(set(columns)) < len(columns):
                continue
            found = tuple(each for each in columns if each is not None)
            if not _is_wider(child, found, parent, tables, primary):
                yield ForeignKey(child, found, parent, key.columns)


def led_keys(
    tables: Mapping[str, Table],
    primary: Mapping[str, PrimaryKey],
    single: Sequence[ForeignKey],
    names: Names,
) -> Iterator[ForeignKey]:
    """Two columns whose values stand together in a primary key, as they would not by chance.

    One column of the key, and one of the child, refer to the same table; how the other is named
    tells nothing: `courses.[subject, number]` of `marks.[topic, group]`.
    """
    for parent, key in primary.items():
        for of_parent in single if len(key.columns) == 2 else ():
            if of_parent.child != parent or of_parent.columns[0] not in key.columns:
                continue
            first = of_parent.columns[0]
            second = next(each for each in key.columns if each != first)
            for one in single:
                if one.parent == of_parent.parent and one.keys == of_parent.keys:
                    yield from _led(
                        tables, ForeignKey(one.child, one.columns, parent, (first, second)), names
                    )


def _led(tables: Mapping[str, Table], key: ForeignKey, names: Names) -> Iterator[ForeignKey]:
    """The key with the second column of the child that goes best with the first, if one does."""
    child, parent = tables[key.child], tables[key.parent]
    second = parent.column(key.keys[1])
    if child is parent or second is None:
        return
    fit = [
        each
        for each in child.columns
        if each.form == second.form and names.rank(each) < names.RANK_OF_TEXT
        and each.name not in key.columns and len(each.values) > 1
    ]  # fmt: skip
    keys = (parent.any_column(key.keys[0]), second)
    shares = [together((child.any_column(key.columns[0]), e), parent, keys) for e in fit]
    best = max(zip(shares, (each.name for each in fit), strict=True), default=((0.0, 1.0), ""))
    (share, by_chance), name = best
    if share >= _TOGETHER and by_chance <= _BY_CHANCE:
        yield ForeignKey(key.child, (*key.columns, name), key.parent, key.keys)


def _is_wider(
    child: str, columns: tuple[str, ...], parent: str, tables: Mapping[str, Table],
    primary: Mapping[str, PrimaryKey],
) -> bool:  # fmt: skip
    """Whether the columns are the child's own key and it has more rows: then it is the parent."""
    own = primary.get(child)
    if own is None or set(own.columns) != set(columns):
        return False
    order = list(tables)
    rows = tables[child].rows - tables[parent].rows
    return rows > 0 or (rows == 0 and order.index(child) < order.index(parent))


def _named(child: Table, parent: Table, key: str, names: Names) -> str | None:
    """The column of a child that is named as a part of a key, and compared as it is."""
    part = parent.column(key)
    if part is None:
        return None
    fit = [
        (names.likeness(each.name, key), each.name)
        for each in child.columns
        if each.form == part.form
    ]
    best = max(fit, default=(0.0, ""))
    return best[1] if best[0] >= STRONG else None


def polymorphic(table: Table, names: Names, tables: Mapping[str, Table]) -> dict[str, list[str]]:
    """Ids beside a type that names tables, `owner_id` and `owner_type`: id → tables."""
    found = {}
    for each in table.columns:
        stem, is_id = names.words(each.name)
        beside = _type_of(stem, table) if is_id and stem else None
        words = [] if beside is None else _told(table, beside)
        named = {names.table_named(word, tables) for word in words} - {None}
        if len(named) > 1:
            found[each.name] = sorted(str(name) for name in named)
    return found


def _type_of(stem: tuple[str, ...], table: Table) -> Column | None:
    wanted = {(*stem, word) for word in _TYPES}
    return next((c for c in table.columns if split(c.name) in wanted), None)


def _told(table: Table, column: Column) -> list[str]:
    """The words of a column that has few; they are compared with names and never told."""
    if column.form != "text" or len(column.values) > 50:
        return []
    head = (
        table.frame.select(exactly(column.name)).head(20_000).unique().collect(engine="streaming")
    )
    return [str(word) for word in head[column.name].drop_nulls().to_list()]
