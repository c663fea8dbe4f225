"""Parts of a date, such as its month, that stand in columns of their own."""

from typing import Final

import polars as pl

MOST_PARTS: Final = 600  # values of such a column: fifty years have so many months
_LEAST_ROWS: Final = 20  # fewer agree by accident
_PAIRED: Final = 0.9  # of the rows, one for one
_DAY: Final = pl.col("day")
PARTS: Final = {  # of a column `day`
    "day of the year": _DAY.dt.ordinal_day(),
    "day of the month": _DAY.dt.day(),
    "day of the week": _DAY.dt.weekday(),
    "week": _DAY.dt.week(),
    "month": _DAY.dt.month(),
    "quarter": _DAY.dt.quarter(),
    "year and week": _DAY.dt.iso_year() * 100 + _DAY.dt.week(),
    "year and month": _DAY.dt.year() * 100 + _DAY.dt.month(),
    "year and quarter": _DAY.dt.year() * 100 + _DAY.dt.quarter(),
}


def one_for_one(values: pl.Series, part: pl.Series) -> bool:
    """Whether in nearly all rows a value stands for one part, and a part for one value."""
    rows = pl.DataFrame({"value": values, "part": part}).drop_nulls()
    pairs = rows.group_by("value", "part").len()
    held = [pairs.group_by(side).agg(pl.col("len").max())["len"] for side in rows.columns]
    several = min(map(len, held)) > 1 and len(rows) >= _LEAST_ROWS
    return several and min(each.sum() for each in held) >= _PAIRED * len(rows)
