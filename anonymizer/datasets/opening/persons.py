"""The person joined on to rows that find them through other tables."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from anonymizer.datasets.description.ruled import Ruled
from anonymizer.datasets.keys.ways import Way
from anonymizer.errors import DataError
from anonymizer.frames import collect, quiet
from anonymizer.masking.primitives.digest import RESERVED_PREFIX, canonical

_PERSON: Final = f"{RESERVED_PREFIX}person"
_SEVERAL: Final = f"{RESERVED_PREFIX}several"
_KEY: Final = f"{RESERVED_PREFIX}key_"


Known = dict[tuple[Way, str], pl.DataFrame]  # the persons behind the keys of a way's first parent


def with_person(
    table: pl.LazyFrame, ruled: Ruled, tables: Mapping[str, pl.LazyFrame], known: Known
) -> pl.LazyFrame:
    """The table with a first column that says whose its rows are, where they do not say it.

    Then come the names that masks look for in other tables. Rows and their order stay. What leads
    from keys to persons is read at once and kept in memory.

    Args:
        table: whose rows they are.
        ruled: the ways to the person, and to other tables.
        tables: all tables of the dataset, by name.
        known: what was read of these tables for others, to which this adds.

    Raises:
        DataError: one key stands for several persons.
    """
    if not ruled.joined:
        return table
    names = table.collect_schema().names()
    for name, way, column in ruled.joined:
        table = _led(table, way, column, tables, known).rename({_PERSON: name})
    return table.select(*(name for name, _, _ in ruled.joined), *names)


def _led(
    table: pl.LazyFrame, way: Way, column: str, tables: Mapping[str, pl.LazyFrame], known: Known
) -> pl.LazyFrame:
    """The table with the person behind each row's key; null where the key leads nowhere."""
    if (way, column) not in known:
        known[way, column] = _persons(way, column, tables, known)
    keys = keyed(table, way[0].columns)
    joined = table.with_columns(keys).join(
        known[way, column].lazy(),
        on=[each.meta.output_name() for each in keys],
        how="left",
        maintain_order="left",
    )
    return joined.drop(each.meta.output_name() for each in keys)


def _persons(
    way: Way, column: str, tables: Mapping[str, pl.LazyFrame], known: Known
) -> pl.DataFrame:
    """Each key of the first table on the way, and its person."""
    first, rest = way[0], way[1:]
    parent = tables[first.parent]
    if rest:
        parent = _led(parent, rest, column, tables, known)
    person = pl.col(_PERSON if rest else column)
    keys = keyed(parent, first.keys)
    names = [each.meta.output_name() for each in keys]
    one = person.first(ignore_nulls=True).alias(_PERSON)
    several = (person.drop_nulls().n_unique() > 1).alias(_SEVERAL)
    keyed_rows = parent.with_columns(keys).drop_nulls(names)
    with quiet(f"reading {first.parent}"):
        found = collect(keyed_rows.group_by(names).agg(one, several))
    if found[_SEVERAL].any():
        where = f"{first.parent}.{'+'.join(first.keys)}"
        count = found[_SEVERAL].sum()
        raise DataError(f"{where}: {count:,} keys stand for several persons: it is no key")
    return found.drop(_SEVERAL)


def keyed(table: pl.LazyFrame, columns: tuple[str, ...]) -> list[pl.Expr]:
    """The columns of a key as the texts that their tokens are made of, alike in all types."""
    schema = table.collect_schema()
    return [
        canonical(pl.col(column), schema[column]).alias(f"{_KEY}{place}")
        for place, column in enumerate(columns)
    ]
