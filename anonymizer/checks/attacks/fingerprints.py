"""Interval fingerprints: how many entities the time between a few of their events singles out.

Moving all dates of a person by one number of days hides when things happened, but not how far
apart: somebody who saw three visits, nine days and then thirty apart, finds the history with those
gaps wherever it was moved to. What is measured here does not change under such a shift, so that the
figure is the same before and after it: it is what the shift leaves.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray, IntArray
from anonymizer.checks.attacks.holdings import codes, require
from anonymizer.checks.attacks.unicity import Unicity
from anonymizer.checks.figures.figure import exact
from anonymizer.checks.figures.statistics import share
from anonymizer.errors import DataError, UsageError

GAP_COLUMN = "gap"  # begins the names of the gaps: gap1, gap2 …


def fingerprints(
    frame: pl.DataFrame, entity: str, time: str, points: Sequence[int] = (2, 3, 4, 5)
) -> list[Unicity]:
    """The share of entities that the p − 1 gaps between p consecutive events single out.

    The p events are any run of consecutive ones in an entity's history, all equally likely; they
    give the entity away if nobody else's history has the same gaps in the same order, whenever it
    was. All runs of all entities are counted, so that the figures are exact: both ends of each
    interval equal them.

    - Events of an entity at the same time are one: the lines of a basket are no interval. The
      caller cuts times to what the attacker sees of them (whole days, hours).
    - An entity with fewer than p distinct times is known by all gaps that it has, and stays in
      the denominator; `full` is the share among the entities that have p times, and `short`
      counts the others. Whoever has one time only has no gap and is not told apart.
    - A row without an entity is nobody's; a row without a time is left out, and the events before
      and after it count as consecutive.
    - Times with a zone count by the clock on the wall, so that a day is a day when clocks change.

    Args:
        frame: one row per event, in any order.
        entity: the column that says whose.
        time: Date, Datetime or an integer such as a day's number, as coarse as it is seen.
        points: the numbers p of known consecutive events.

    Returns:
        One result per p; NaN where there is no entity.

    Raises:
        DataError: a column is absent or no time.
        UsageError: `points` are out of range.
    """
    require(frame, entity, [time])
    if not points or min(points) < 2:
        raise UsageError(
            "`points` must be numbers of known events, each at least 2: one has no gap"
        )
    events = _gaps(frame, entity, time, max(points))
    people = int(codes(frame, [entity]).max(initial=0))
    sizes = np.bincount(events["entity"].to_numpy(), minlength=people + 1)[1:]
    scores = _scores(events, sizes, max(points))
    return [_result(scores[p], sizes, p) for p in points]


def _result(scores: FloatArray, sizes: IntArray, p: int) -> Unicity:
    """The shares by p events, of all entities and of those that have as many."""
    full = sizes >= p
    everybody, those = (
        exact(float(each.mean())) if len(each) else share(0, 0) for each in (scores, scores[full])
    )
    return Unicity(p, everybody, those, len(sizes), int(np.sum(~full)))


def _gaps(frame: pl.DataFrame, entity: str, time: str, most: int) -> pl.DataFrame:
    """One row per entity (from 1) and distinct time, with the gaps that follow: gap1, gap2 ..."""
    whose = pl.Series("entity", codes(frame, [entity]))
    events = pl.DataFrame([whose, _ticks(frame[time]).alias("time")]).unique()
    events = events.filter(pl.col("entity") > 0).drop_nulls().sort("entity", "time")
    following = pl.col("time").diff().shift(-1)
    last = pl.col("entity") != pl.col("entity").shift(-1)
    events = events.with_columns(pl.when(~last).then(following).alias(f"{GAP_COLUMN}1"))
    shifted = [
        pl.col(f"{GAP_COLUMN}1").shift(-n).over("entity").alias(f"{GAP_COLUMN}{n + 1}")
        for n in range(1, most - 1)
    ]
    return events.with_columns(shifted)


def _ticks(time: pl.Series) -> pl.Series:
    """Times as integers of their unit, by the clock on the wall."""
    if isinstance(time.dtype, pl.Datetime):
        return time.dt.replace_time_zone(None).to_physical()
    if time.dtype == pl.Date or time.dtype.is_integer():
        return time.to_physical().cast(pl.Int64, strict=False)
    raise DataError(f"{time.name} must be Date, Datetime or an integer, not {time.dtype}")


def _scores(events: pl.DataFrame, sizes: IntArray, most: int) -> dict[int, FloatArray]:
    """P → (E,) the share of an entity's runs that nobody else has.

    Shorter histories keep the score of the longest run that they have: the whole history.
    """
    scores = {1: np.full(len(sizes), float(len(sizes) == 1))}
    for p in range(2, most + 1):
        own = _own_runs(events, p, len(sizes))
        scores[p] = np.where(sizes >= p, own, scores[p - 1])
    return scores


def _own_runs(events: pl.DataFrame, p: int, entities: int) -> FloatArray:
    """(E,) the share of runs of p events whose gaps nobody else has; 0 without runs."""
    gaps = [f"{GAP_COLUMN}{n}" for n in range(1, p)]
    runs = events.filter(pl.col(gaps[-1]).is_not_null()).group_by("entity", *gaps).len()
    holders = runs.with_columns(holders=pl.len().over(gaps))
    own = holders.group_by("entity").agg(
        share=pl.col("len").filter(pl.col("holders") == 1).sum() / pl.col("len").sum()
    )
    result = np.zeros(entities)
    result[own["entity"].to_numpy() - 1] = own["share"].to_numpy()
    return result
