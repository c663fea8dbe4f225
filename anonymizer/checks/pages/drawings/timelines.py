"""Pictures of histories side by side, without anybody's own.

Single histories are drawn of synthetic entities alone, and only of those that are no (near) copies;
beside them stand the real ones in groups, a cell only where `MIN_HOLDERS` entities have events.
"""

from typing import Any, Final

import numpy as np
import polars as pl

from anonymizer.checks.pages.drawings.charts import SOURCES, WIDTH, Drawing, altair, svg
from anonymizer.checks.pages.drawings.distributions import (
    MIN_ENTITIES_DRAWN,
    held,
    round_out,
    strength,
)
from anonymizer.checks.privacy.copies import LONGEST_NOT_COUNTED, history_prints
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.sets.neighbours import Space, nearest

MAX_ROWS_DRAWN: Final = 12  # groups of real histories, and synthetic examples
SPANS_PER_ROW: Final = 24  # of the time, in which events are counted
MARKS_PER_ROW: Final = 120  # of the time, to which the events of examples are moved
# A synthetic history is too near to a training one below this part of the way to a holdout one.
MIN_DISTANCE_RATIO: Final = 0.6
CANDIDATES_PER_ROW: Final = 5  # synthetic entities of a row, of which one is drawn


def crowd_chart(sets: ComparedSets) -> Drawing | None:
    """When real entities have their events: a row per group of them, by when they began."""
    grouped = _grouped(sets, sets.real)
    if grouped is None:
        return None
    low, high = _window(sets)
    span = ((pl.col("at") - low) * SPANS_PER_ROW / (high - low)).floor().cast(pl.Int64)
    cells = grouped.with_columns(span=span).filter(pl.col("span").is_between(0, SPANS_PER_ROW - 1))
    shares = held(cells, "row", "span").with_columns(
        share=pl.col("n") / pl.col("n").max().over("row"),
        at=pl.from_epoch(
            pl.lit(low) + pl.col("span") * (high - low) / SPANS_PER_ROW, time_unit="s"
        ),
        until=pl.from_epoch(
            pl.lit(low) + (pl.col("span") + 1) * (high - low) / SPANS_PER_ROW, time_unit="s"
        ),
    )
    if shares.is_empty():
        return None
    alt = altair()
    chart = (
        alt.Chart(shares)
        .mark_rect(color=SOURCES["real"])
        .encode(
            x=_time_axis(alt, low, high),
            x2="until:T",
            y=_row_axis(alt, grouped["row"].n_unique()),
            opacity=strength(alt, 1),
        )
    )
    title = "Real histories in groups: when events happen"
    data = shares.select("row", "at", "n").sort("row", "at").pivot("row", index="at", values="n")
    return Drawing(_timeline(chart, grouped, title), data.sort("at"))


def examples_chart(sets: ComparedSets, seed: int) -> Drawing | None:
    """One synthetic history of each group, drawn at random among those that are nobody's copy."""
    grouped = _grouped(sets, sets.synthetic)
    if grouped is None:
        return None
    low, high = _window(sets)
    known = _original(sets, _candidates(grouped, seed))
    chosen = grouped.join(known, on="who", how="semi").filter(
        pl.col("who") == pl.col("who").first().over("row")
    )
    if chosen.is_empty():
        return None
    step = (high - low) / MARKS_PER_ROW
    marks = chosen.filter(pl.col("at").is_between(low, high)).select(
        "row", at=pl.from_epoch(low + ((pl.col("at") - low) / step).floor() * step, time_unit="s")
    )
    alt = altair()
    chart = (
        alt.Chart(marks)
        .mark_tick(thickness=2, size=13, color=SOURCES["synthetic"], opacity=0.8)
        .encode(x=_time_axis(alt, low, high), y=_row_axis(alt, grouped["row"].n_unique()))
    )
    title = "Examples of synthetic histories: when events happen"
    data = marks.group_by("row").agg(
        events=pl.len(), first=pl.col("at").min(), last=pl.col("at").max()
    )
    return Drawing(_timeline(chart, grouped, title), data.sort("row"))


def _timeline(chart: Any, grouped: pl.DataFrame, title: str) -> str:
    """A chart of histories, a row for each, as SVG."""
    return svg(chart.properties(width=WIDTH, height=20 * grouped["row"].n_unique()), title)


def _time_axis(alt: Any, low: float, high: float) -> Any:
    """The axis of time from `low` to `high`, in seconds since 1970."""
    ends = [alt.DateTime(**_calendar(x)) for x in (low, high)]
    scale = alt.Scale(domain=ends, nice=False)
    return alt.X("at:T", title=None, scale=scale, axis=alt.Axis(tickCount=4, labelOverlap=True))


def _calendar(seconds: float) -> dict[str, int]:
    """A moment in the words that the charting library takes."""
    moment = pl.from_epoch(pl.Series([int(seconds)]), time_unit="s").item()
    return {
        "year": moment.year, "month": moment.month, "date": moment.day,
        "hours": moment.hour, "minutes": moment.minute,
    }  # fmt: skip


def _row_axis(alt: Any, rows: int) -> Any:
    """The axis of rows, numbered from 1."""
    return alt.Y("row:O", title=None, scale=alt.Scale(domain=list(range(1, rows + 1))))


def _window(sets: ComparedSets) -> tuple[float, float]:
    """Where the axis of time begins and ends, in seconds since 1970."""
    seconds = sets.real[sets.time].cast(pl.Datetime("us")).dt.epoch("s").to_numpy()
    return round_out(*np.quantile(seconds, [0.01, 0.99]))


def _grouped(sets: ComparedSets, frame: pl.DataFrame) -> pl.DataFrame | None:
    """Events as `who`, `at` in seconds and the `row` of the entity; None for too few entities.

    Rows are groups of equally many entities, in the order of their first events.
    """
    rows = min(MAX_ROWS_DRAWN, sets.real[sets.entity].n_unique() // MIN_ENTITIES_DRAWN)
    entities = frame[sets.entity].n_unique()
    if rows < 1 or entities < rows:
        return None
    seconds = pl.col(sets.time).cast(pl.Datetime("us")).dt.epoch("s")
    events = sets.sorted(frame).select(who=sets.entity, at=seconds.cast(pl.Float64))
    first = events.group_by("who").agg(first=pl.col("at").min()).sort("first", "who")
    place = (pl.int_range(pl.len()) * rows // len(first) + 1).alias("row")
    return events.join(first.select("who", place), on="who", maintain_order="left")


def _candidates(grouped: pl.DataFrame, seed: int) -> pl.DataFrame:
    """A few entities of each row, drawn at random: `who` and `row`."""
    lengths = (
        grouped.group_by("who", "row", maintain_order=True)
        .len()
        .filter(pl.col("len") > LONGEST_NOT_COUNTED)
    )
    drawn = lengths.sample(fraction=1, shuffle=True, seed=seed)
    return drawn.group_by("row", maintain_order=True).head(CANDIDATES_PER_ROW).select("who", "row")


def _original(sets: ComparedSets, candidates: pl.DataFrame) -> pl.DataFrame:
    """Those whose history is nobody's: no copy, moved or not, and no near copy of a real one."""
    who = pl.col(sets.entity)
    named = candidates.select(pl.col("who").alias(sets.entity)).sort(sets.entity)
    some = sets.synthetic.join(named, on=sets.entity, how="semi")
    few = ComparedSets(sets.real, some, sets.holdout, sets.entity, sets.time)
    space = Space.of(few)
    if not len(space.synthetic):
        return candidates.clear()
    near, far = (nearest(space.synthetic, x).first for x in (space.real, space.holdout))
    alone = (np.minimum(near, far) > 0) & (near >= MIN_DISTANCE_RATIO * far)
    for moved in (False, True):
        known = {x for f in (sets.real, sets.holdout) for x in history_prints(few, f, moved=moved)}
        alone &= np.array([x not in known for x in history_prints(few, some, moved=moved)])
    return named.filter(pl.Series(alone)).select(who=who)
