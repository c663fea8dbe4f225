"""The primary key of a table: the fewest columns that are unique together, on all rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import prod
from typing import Final

import polars as pl

from anonymizer.datasets.keys.found import PrimaryKey
from anonymizer.datasets.keys.reading.columns import Column, Table, collected, exactly
from anonymizer.datasets.keys.reading.names import Names

TOGETHER: Final = pl.struct(pl.all()).hash()  # the columns of a row in 64 bits
_MOST_TOGETHER: Final = 4  # columns of a composite key
_MOST_TRIED: Final = 6  # composite keys of one size that are counted on all rows
_REPEATS: Final = 3  # expected of rows drawn; where there are none by chance, none tells nothing
_MOST_MEMBERS: Final = 9  # columns that composite keys are made of


@dataclass(frozen=True)
class Unique:
    """What is unique in a table.

    Attributes:
        primary: the primary key, or None.
        singles: columns that are unique by themselves, the primary key first.
    """

    primary: PrimaryKey | None
    singles: tuple[Column, ...]

    @property
    def has_single(self) -> bool:
        """Whether the primary key is one column."""
        return self.primary is not None and len(self.primary.columns) == 1

    def is_primary(self, column: Column) -> bool:
        """Whether a column is the primary key by itself."""
        return self.primary is not None and self.primary.columns == (column.name,)


def find_unique(table: Table, names: Names) -> Unique:
    """The columns that are unique; of several, names decide, then the order."""
    place = table.place
    singles = sorted(_unique_columns(table), key=lambda each: (names.rank(each), place[each.name]))
    best = singles[0] if singles else None
    columns: tuple[str, ...] | None = None if best is None else (best.name,)
    if best is None or (names.rank(best) >= names.RANK_OF_TIMES and table.rows > 1):
        columns = _together(table, names) or columns
    primary = columns and PrimaryKey(table.name, columns, table.rows, table.rows)
    return Unique(primary or None, tuple(singles))


def _unique_columns(table: Table) -> list[Column]:
    """Those that no row of the sample speaks against, counted on all rows."""
    fit = [each for each in table.columns if each.may_be_unique and table.rows]
    return [each for each in fit if _is_unique(table.frame.select(each.key), table.rows)]


def _is_unique(keys: pl.LazyFrame, rows: int) -> bool:
    """Whether one column of keys has as many values as there are rows."""
    return bool(collected(keys.select(pl.first().drop_nulls().n_unique())).item() == rows)


def _together(table: Table, names: Names) -> tuple[str, ...] | None:
    """The best of the composite keys, the fewest columns first."""
    for size in range(2, _MOST_TOGETHER + 1):
        for columns in _fit_together(table, names, size)[:_MOST_TRIED]:
            found = sorted((each.name for each in columns), key=table.place.__getitem__)
            keys = table.frame.select(each.key.alias(each.name) for each in columns)
            if _is_unique(keys.drop_nulls().select(TOGETHER), table.rows):
                return tuple(found)
    return None


def _fit_together(table: Table, names: Names, size: int) -> list[tuple[Column, ...]]:
    """Groups of columns that no row in the head of the table speaks against, the best first."""
    place = table.place
    ranked = sorted(
        (each for each in table.columns if _may_be_member(each, names)),
        key=lambda each: (names.weight(each), place[each.name]),
    )
    groups: Iterator[tuple[Column, ...]] = combinations(ranked[:_MOST_MEMBERS], size)
    fit = [g for g in groups if _is_no_accident(g, table, names) and _no_repeats(g, table)]
    return sorted(fit, key=lambda group: sum(names.weight(each) for each in group))


def _may_be_member(column: Column, names: Names) -> bool:
    filled = column.sample.null_count() == 0
    return filled and len(column.values) > 1 and names.rank(column) < names.RANK_OF_MEASURES


def _is_no_accident(group: tuple[Column, ...], table: Table, names: Names) -> bool:
    """Whether the columns are named for keys, or rows would repeat if they were drawn."""
    combined = prod(_at_most(each, table) for each in group)
    named = all(names.weight(each) < names.RANK_OF_IDS + 1 for each in group)
    return combined >= table.rows and (named or table.rows**2 / 2 / combined > _REPEATS)


def _at_most(column: Column, table: Table) -> int:
    """How many values a column has, at most, as far as a sample can tell."""
    seen, looked_at = len(column.values), len(column.sample)
    if looked_at == table.rows:
        return seen
    return table.rows if seen > looked_at / 2 else seen * 2


def _no_repeats(group: tuple[Column, ...], table: Table) -> bool:
    head = table.head.select(exactly(*(each.name for each in group)))
    return not head.is_duplicated().any()
