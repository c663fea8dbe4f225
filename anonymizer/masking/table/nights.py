"""What nights of a feed tell together: a column whose values come with a night and go with it.

In one night such a column is constant, or nearly, and nothing shows that it goes with the day.
Beside rows that came in other nights it tells when each came, however long they waited. So do
serial numbers, by their order.
"""

from typing import Final

import polars as pl
import polars.selectors as cs

from anonymizer.frames import collect

_LEAST_ROWS: Final = 20  # of fewer, values are new by accident
_LEAST_ENTITIES: Final = 10  # fewer are a trial
_TELLING: Final = 0.99  # of the rows, whose values are of this night alone


def told_by_night(tonight: pl.LazyFrame, others: pl.LazyFrame, who: str) -> list[str]:
    """The columns whose values are new tonight and of several entities each, or beyond all others.

    Args:
        tonight: masked rows.
        others: masked rows of nights before, with the columns that may tell.
        who: the column of `tonight` that says whose its rows are.
    """
    rows, entities = collect(tonight.select(pl.len(), pl.col(who).n_unique().alias("\0"))).row(0)
    before = collect(others.select(pl.len())).item()
    if min(rows, before) < _LEAST_ROWS or entities < _LEAST_ENTITIES:
        return []
    plain = others.select(~cs.nested() & ~cs.binary()).collect_schema().names()
    return [
        name
        for name in plain
        if _is_new(tonight.select(value=name, who=who), others.select(value=name))
        or _is_beyond(tonight.select(value=name), others.select(value=name))
    ]


def _is_new(tonight: pl.LazyFrame, others: pl.LazyFrame) -> bool:
    """Whether nearly all rows have values that several entities have, and no row before had."""
    values = tonight.drop_nulls("value").group_by("value")
    counted = collect(values.agg(rows=pl.len(), who=pl.col("who").n_unique()))
    least, shared = int(counted["rows"].sum()) * _TELLING, counted.filter(pl.col("who") > 1)
    if not least or int(shared["rows"].sum()) < least:
        return False
    seen = collect(others.join(shared.lazy(), on="value", how="semi").unique())
    return int(shared.join(seen, on="value", how="anti")["rows"].sum()) >= least


def _is_beyond(tonight: pl.LazyFrame, others: pl.LazyFrame) -> bool:
    """Whether nearly all values are greater, or less, than all before, as serial numbers are."""
    value = pl.col("value")
    ends = others.select(low=value.min(), high=value.max())
    beyond = tonight.join(ends, how="cross").select(
        up=(value > pl.col("high")).mean(), down=(value < pl.col("low")).mean()
    )
    return max(share or 0 for share in collect(beyond).row(0)) >= _TELLING
