"""Days that many people share: who knows the day could read a person's shift off it.

Sentinels, such as 9999-12-31, are known by heart. Days of a migration, or birthdays that nobody
knew, are learned: days that far more people have than usual.
"""

from collections.abc import Collection
from datetime import date
from functools import cache
from typing import Final

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray, IntArray

# The first day that a program or format knows, its last one, or the eve in another time zone.
_OF_PROGRAMS: Final = (
    (1, 1, 2), (1582, 10, 14), (1582, 10, 15), (1677, 9, 21), (1858, 11, 17), (1899, 12, 30),
    (1904, 1, 1), (1969, 12, 31), (1970, 1, 1), (2038, 1, 19), (2262, 4, 11), (9999, 12, 30),
)  # fmt: skip
# 1 January and 31 December stand for "unknown" and "never" in years in which nothing happens yet
# or any more.
_EDGES: Final = tuple(
    (year, *edge) for year in (*range(1, 1901), *range(2099, 10_000)) for edge in ((1, 1), (12, 31))
)
_SENTINELS: Final = (
    pl.Series([date(*each) for each in (*_OF_PROGRAMS, *_EDGES)])
    .to_physical()
    .cast(pl.Int64)
    .implode()
)

_EPOCH: Final = date(1970, 1, 1).toordinal()

LEAST_SHARING: Final = 5  # entities more than usual
_ODDS: Final = 3  # times as usual, of having a row on a day
_DEVIATIONS: Final = 5  # of a Poisson count, by which chance does not explain a day
LARGEST_SHARE: Final = 0.02  # of the entities, whose shift all such days together may tell
# Of the entities, who may be there on one day beyond what they usually do: the days on which a
# shop is fullest have up to 4 % more than usual.
_LARGEST_CROWD: Final = 0.05
# Usual is what days near have, and the same day of other weeks; an attack gets within two days.
_NEAR: Final = np.array([*range(-15, -2), *range(3, 16)])
_SAME_WEEKDAY: Final = np.array([-21, -14, -7, 7, 14, 21])
SHARED: Final = ("day", "month_day", "day_of_month")  # what `about` may be
# The rows of entities are counted by a hash of so many values, in a table that stays small. Two
# entities that share one count as one with the days of both, and days stand out as much as before.
_BUCKETS: Final = 2**22
_SCHEMA: Final = {"about": pl.String(), "number": pl.Int64()}


def is_sentinel(days: pl.Expr) -> pl.Expr:
    """Whether a day stands for no day at all.

    Args:
        days: since 1970.
    """
    return days.is_in(_SENTINELS)


def tells_shift(day: date, shared: Collection[tuple[str, int]]) -> bool:
    """Whether a day stands for no day at all, or is one of those that `shared_days` found.

    Args:
        day: as it is written in a text.
        shared: `about` and `number`.
    """
    number = day.toordinal() - _EPOCH
    keys = ("day", number), ("month_day", day.month * 100 + day.day), ("day_of_month", day.day)
    return number in _sentinels() or any(key in shared for key in keys)


@cache
def _sentinels() -> frozenset[int]:
    return frozenset(_SENTINELS.explode())


def shared_days(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The days that far more entities share than usual.

    They stand out by weight, where an entity counts once, over its rows, so that a day weighs what
    it is for an entity; or by the crowd: what everybody has once among much else weighs little.

    Args:
        rows: as `days_of` makes them, each of them `rows` times.

    Returns:
        `about` and `number`: a `day` since 1970, a `month_day` such as 101 for 1 January, or a
        `day_of_month`. If there are any, how many `values` there are and are on them, `cut`.
    """
    return rows.map_batches(_shared, schema=_SCHEMA, streamable=False)


def days_of(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Rows as small as they can be told apart: a number for `who`, and a `day`.

    Args:
        rows: `entity` and `day`, since 1970, without nulls and sentinels.
    """
    who = pl.col("entity").hash().cast(pl.Int32, wrap_numerical=True)
    return rows.select(who.alias("who"), pl.col("day").cast(pl.Int32))


def _daily(rows: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Day → its `rows` and their `weight`; and how many entities there are at least.

    Args:
        rows: `who` as a number, `day`, and how many `rows` they are.
    """
    buckets, number = rows["who"].to_numpy() % _BUCKETS, rows["rows"].to_numpy()
    counts = np.bincount(buckets, weights=number, minlength=1)
    share = 1 / np.maximum(counts, 1)  # of an entity, that a row is
    weighted = rows.with_columns(weight=pl.lit(pl.Series(share[buckets] * number)))
    daily = weighted.group_by("day").agg(pl.col("weight", "rows").sum())
    return daily.with_columns(pl.col("day").cast(pl.Int64)).sort("day"), int((counts > 0).sum())


def is_shared(days: pl.Expr, shared: pl.DataFrame) -> pl.Expr:
    """Whether a day is one of those that `shared_days` found."""
    day = days.cast(pl.Int32).cast(pl.Date).dt
    keys = {
        "day": days,
        "month_day": day.month().cast(pl.Int64) * 100 + day.day(),
        "day_of_month": day.day().cast(pl.Int64),
    }
    found = [
        keys[about].is_in(numbers)
        for about, numbers in shared.group_by("about").agg("number").sort("about").iter_rows()
        if about in keys
    ]
    return pl.any_horizontal(pl.lit(value=False), *found)


def shared_among(days: pl.LazyFrame, shared: pl.DataFrame) -> pl.LazyFrame:
    """How many `values` there are, and how many are `cut` as they are on shared days.

    Args:
        days: `day`, since 1970, without nulls, and of how many `rows`.
        shared: as `shared_days` found them.
    """
    rows = pl.col("rows").cast(pl.Int64)
    cut = rows.filter(is_shared(pl.col("day"), shared)).sum()
    counted = days.select(values=rows.sum(), cut=cut)
    return counted.unpivot(variable_name="about", value_name="number")


def _shared(rows: pl.DataFrame) -> pl.DataFrame:
    """The days that stand out among all; rhythms of a calendar first.

    Args:
        rows: `who` as a number, `day`, and how many `rows` they are.
    """
    day = pl.col("day").cast(pl.Int32).cast(pl.Date).dt
    daily, least = _daily(rows)
    daily = daily.with_columns(month=day.month(), day_of_month=day.day())
    every, total = daily, float(daily["weight"].sum())
    found = list[tuple[str, int]]()
    for about, key, place, size, span in _CYCLES:
        keyed = daily.with_columns(key=key.cast(pl.Int64), place=place.cast(pl.Int64))
        if not daily.height or daily["day"][-1] - daily["day"][0] < span:
            continue
        groups = keyed.group_by("key").agg(
            pl.col("place").first(), weight=pl.col("weight").sum() - pl.col("weight").max()
        )
        numbers = _outstanding(groups, total, size)
        found += [(about, number) for number in numbers]
        daily = keyed.filter(~pl.col("key").is_in(numbers))
    heavy = _outstanding(daily.select("weight", key="day", place="day"), total)
    heavy += _crowded(rows, daily, least)
    found += [("day", number) for number in sorted(set(heavy))]
    shared = pl.DataFrame(found, schema=_SCHEMA, orient="row")
    return pl.concat([shared, shared_among(every.lazy(), shared).collect()]) if found else shared


def _crowded(rows: pl.DataFrame, daily: pl.DataFrame, least: int) -> list[int]:
    """The days on which far more entities are there than usual.

    Args:
        rows: `who` as a number, and `day`.
        daily: the days that may be found.
        least: how many entities there are at least.
    """
    # A day has no more entities than rows: of most tables none needs to be counted.
    if not (daily["rows"] >= _LARGEST_CROWD * least).any():
        return []
    there = rows.group_by("day").agg(weight=pl.col("who").n_unique().cast(pl.Float64))
    number = pl.col("day").cast(pl.Int64)
    crowds = there.select("weight", key=number, place=number).sort("key")
    crowds = crowds.join(daily, left_on="key", right_on="day", how="semi", maintain_order="left")
    return _outstanding(crowds, rows["who"].n_unique(), crowd=_LARGEST_CROWD)


# What repeats in a calendar: name, key of a day, its place in the cycle, length of the cycle, and
# the least span of days that goes twice through it.
_CYCLES: Final = (
    (
        "month_day",
        pl.col("month").cast(pl.Int64) * 100 + pl.col("day_of_month"),
        pl.date(2000, pl.col("month"), pl.col("day_of_month")).dt.ordinal_day() - 1,
        366,
        731,
    ),
    ("day_of_month", pl.col("day_of_month"), pl.col("day_of_month") - 1, 31, 62),
)


def _outstanding(
    groups: pl.DataFrame, total: float, cycle: int | None = None, crowd: float = 0
) -> list[int]:
    """The keys with far more weight than usual, if all of them together matter.

    Args:
        groups: `key`, its `place` on the line or in the cycle, and its `weight`.
        total: number of entities.
        cycle: its length; None for a line.
        crowd: the least share of the entities by which each of them must stand out.
    """
    if groups.is_empty():
        return []
    places = groups["place"].to_numpy() - (0 if cycle else groups["place"].min())
    line = np.zeros(cycle or places.max() + 1)
    line[places] = groups["weight"].to_numpy()
    heavy = places[line[places] >= LEAST_SHARING]
    usual = np.maximum(
        _median(line, heavy[:, None] + _NEAR, cycle),
        0 if cycle else _median(line, heavy[:, None] + _SAME_WEEKDAY, cycle),
    )
    excess = line[heavy] - usual
    least = np.maximum(LEAST_SHARING, _DEVIATIONS * np.sqrt(usual + 1))
    odds = line[heavy] * (total - usual) >= _ODDS * usual * (total - line[heavy])
    rare = (excess >= np.maximum(least, crowd * total)) & odds
    if excess[rare].sum() <= LARGEST_SHARE * total:
        return []
    return groups.filter(np.isin(places, heavy[rare]))["key"].sort().to_list()


def _median(line: FloatArray, places: IntArray, cycle: int | None) -> FloatArray:
    """The median of some places in each row, without those beyond the ends of a line."""
    inside = (places >= 0) & (places < len(line)) | bool(cycle)
    values = np.where(inside, line[places % len(line)], np.nan)
    known = inside.any(axis=1)
    medians = np.zeros(len(places))
    medians[known] = np.nanmedian(values[known], axis=1) if known.any() else 0
    return medians
