"""What SQL says alike in all stores that speak it: names, and how many rows and nulls there are."""

from collections.abc import Iterable


def quoted(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def counting(columns: Iterable[str], table: str) -> str:
    """A query for the rows of a table, and then the values of each column that are not null."""
    values = [f"count({quoted(name)}) AS c{place}" for place, name in enumerate(columns)]
    return f"SELECT {', '.join(['count(*) AS n', *values])} FROM {table}"


def row_and_null_counts(
    columns: Iterable[str], counts: tuple[int, ...]
) -> tuple[int, dict[str, int]]:
    """What the answer to `counting` says."""
    rows, *values = counts
    return rows, {name: rows - n for name, n in zip(columns, values, strict=True)}
