"""How a row of one table leads to the person whose it is: through foreign keys."""

from collections.abc import Iterator, Sequence

from anonymizer.stores.table import ForeignKey

Way = tuple[ForeignKey, ...]  # from a table to that of the person; none where it is that table


def ways_to(person: str, table: str, keys: Sequence[ForeignKey]) -> list[Way]:
    """The shortest ways from a table to that of the person; none where no key leads there.

    Args:
        person: the table in which each person has one row.
        table: where the way begins.
        keys: of all tables. Those of a table to itself, such as a manager's, lead to other persons.
    """
    ways: list[Way] = [()]
    seen = {table}
    while ways:
        if there := [way for way in ways if _end(way, table) == person]:
            return there
        ways = [longer for way in ways for longer in _longer(way, table, keys, seen)]
        seen |= {_end(way, table) for way in ways}
    return []


def _end(way: Way, table: str) -> str:
    return way[-1].parent if way else table


def _longer(way: Way, table: str, keys: Sequence[ForeignKey], seen: set[str]) -> Iterator[Way]:
    at = _end(way, table)
    for key in keys:
        if key.child == at and key.parent not in seen:
            yield (*way, key)


def circles(keys: Sequence[ForeignKey]) -> Iterator[tuple[tuple[str, str], ...]]:
    """Columns whose keys lead back to themselves, so that no table says what they are."""
    follows = dict(_pairs(keys))
    for start in follows:
        path = [start]
        while (following := follows.get(path[-1])) is not None and following not in path:
            path.append(following)
        if following == start:
            yield tuple(path)


def root_of(table: str, column: str, keys: Sequence[ForeignKey]) -> tuple[str, str]:
    """The table and column whose mask a column of a foreign key gets: the end of its keys."""
    follows = dict(_pairs(keys))
    at = (table, column)
    while at in follows:
        at = follows[at]
    return at


def _pairs(keys: Sequence[ForeignKey]) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Each column of a foreign key, and the one that it refers to."""
    for key in keys:
        for column, parent in zip(key.columns, key.keys, strict=True):
            if (key.child, column) != (key.parent, parent):
                yield (key.child, column), (key.parent, parent)
