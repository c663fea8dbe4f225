"""What nights of a feed tell together: a column whose values come with a night and go with it.

In one night such a column is constant, or nearly, and nothing shows that it goes with the day.
Beside rows that came in other nights it tells when each came, however long they waited.
"""

from typing import Final

import polars as pl
import polars.selectors as cs

from anonymizer.frames import collect

_LEAST_ROWS: Final = 20  # of fewer, values are new by accident
_LEAST_ENTITIES: Final = 10  # fewer are a trial
_TELLING: Final = 0.99  # of the rows, whose values are of this night alone


def told_by_night(tonight: pl.LazyFrame, others: pl.LazyFrame, who: str) -> list[str]:
    """The columns whose values are new tonight, and of several entities each.

    Times that move are not: rows of nights before have moved to the same days.

    Args:
        tonight: masked rows, with a column that says whose they are.
        others: masked rows of nights before, with the same columns but for that one.
        who: the name of that column.
    """
    few = collect(tonight.select(pl.len() < _LEAST_ROWS, pl.col(who).n_unique() < _LEAST_ENTITIES))
    if True in few.row(0):
        return []
    plain = others.select(~cs.nested() & ~cs.binary()).collect_schema().names()
    return [name for name in plain if _is_of_tonight(name, tonight, others, who)]


def _is_of_tonight(name: str, tonight: pl.LazyFrame, others: pl.LazyFrame, who: str) -> bool:
    values = tonight.select(value=name, who=who).drop_nulls("value").group_by("value")
    counted = collect(values.agg(rows=pl.len(), who=pl.col("who").n_unique()))
    least, shared = int(counted["rows"].sum()) * _TELLING, counted.filter(pl.col("who") > 1)
    if not least or int(shared["rows"].sum()) < least:
        return False
    seen = collect(others.select(value=name).join(shared.lazy(), on="value", how="semi").unique())
    return int(shared.join(seen, on="value", how="anti")["rows"].sum()) >= least
