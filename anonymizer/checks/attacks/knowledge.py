"""What an attacker may know of an event, where the user does not say it."""

from collections.abc import Sequence
from typing import Final

import polars as pl

# Of a column's values: with so many that belong to one entity each, the column numbers events.
MIN_SHARE_OF_ONE_HOLDER: Final = 0.95
_MAX_SHARE_CHANGING: Final = 0.01  # share of entities that may change an attribute


def event_columns(frame: pl.DataFrame, entity: str, columns: Sequence[str]) -> list[str]:
    """The columns that describe events, as somebody who saw one could.

    Left out are columns with one value; attributes, which (almost) no entity changes; and
    numbering: text or whole numbers of which almost every value belongs to one entity, like the
    number of an order, which the witness of an event does not see.

    Args:
        frame: one row per event.
        entity: the column that says whose.
        columns: those to choose from.
    """
    rows = frame.filter(pl.col(entity).is_not_null())
    people = rows.group_by(pl.col(entity)).agg(pl.col(c).n_unique() for c in columns)
    changing = [
        c for c in columns if float((people[c] > 1).sum()) > _MAX_SHARE_CHANGING * len(people)
    ]
    return [c for c in changing if not _numbers(rows, entity, c)]


def _numbers(rows: pl.DataFrame, entity: str, column: str) -> bool:
    """Whether a column numbers events: nearly every value of it belongs to one entity."""
    dtype = rows.schema[column]
    if not (dtype.is_integer() or dtype == pl.String):
        return False
    held = rows.select(pl.col(column).alias("value"), pl.col(entity).alias("who")).drop_nulls()
    holders = held.unique().group_by("value").len()["len"]
    return len(holders) > 0 and float((holders == 1).sum()) >= MIN_SHARE_OF_ONE_HOLDER * len(
        holders
    )


def as_seen(frame: pl.DataFrame, columns: Sequence[str], *more: str) -> pl.DataFrame:
    """Columns as an attacker sees them: moments cut to days.

    Args:
        frame: one row per event.
        columns: those that are seen.
        more: columns that come first, as they are.
    """
    cut = [
        pl.col(c).dt.date() if isinstance(frame.schema[c], pl.Datetime) else pl.col(c)
        for c in columns
    ]
    return frame.select(*more, *cut)
