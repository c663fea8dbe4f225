"""Pictures of what is frequent: values of columns, hours of the week, paces of histories.

A page is passed on, so nothing on it may be one person's. Values, bins and cells appear only where
at least `MIN_HOLDERS` entities hold them, and axes end at the 1 % and 99 % quantiles.
`timelines.py` draws histories.
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray
from anonymizer.checks.pages.drawings.charts import (
    SOURCES,
    WIDTH,
    Drawing,
    altair,
    source_colours,
    svg,
)
from anonymizer.checks.sets.compared_sets import ComparedSets

Pair = dict[str, Drawing]  # by `real` and `synthetic`

MIN_HOLDERS: Final = 10  # entities, before a value, bin or cell may be drawn
MAX_CATEGORIES_DRAWN: Final = 12  # of a column that are drawn
MAX_BINS_DRAWN: Final = 24  # of a number or a time
WEEKDAYS: Final = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
# Round gaps in seconds and positions in a history, from which on a row or column begins.
GAPS: Final = {
    "at once": 0, "1 s +": 1, "10 s +": 10, "1 min +": 60, "10 min +": 600, "1 hour +": 3_600,
    "6 hours +": 21_600, "1 day +": 86_400, "3 days +": 259_200, "1 week +": 604_800,
    "2 weeks +": 1_209_600, "30 days +": 2_592_000, "90 days +": 7_776_000, "1 year +": 31_536_000,
}  # fmt: skip
POSITIONS: Final = {"2": 2, "3": 3, "4": 4, "5": 5, "6 +": 6, "10 +": 10, "20 +": 20, "50 +": 50}
MIN_ENTITIES_DRAWN: Final = (
    5 * MIN_HOLDERS
)  # entities of a group, so that its cells can have holders


def distribution_chart(name: str, real: pl.DataFrame, synthetic: pl.DataFrame) -> Drawing | None:
    """Real filled, synthetic outlined: bars for categories, steps for numbers and times.

    Args:
        name: what the picture shows.
        real: the columns `who` and `value`.
        synthetic: the same.

    Returns:
        None where nothing may be shown.
    """
    dtype = real.schema["value"]
    if dtype.is_nested() or dtype == pl.Null:
        return None
    if dtype.is_numeric() or dtype.is_temporal():
        return _steps_chart(name, real, synthetic)
    return _bars_chart(name, real, synthetic)


def _bars_chart(name: str, *frames: pl.DataFrame) -> Drawing | None:
    """Shares of the most frequent categories; None where too few entities hold any."""
    texts = [frame.with_columns(pl.col("value").cast(pl.String)) for frame in frames]
    top = held(texts[0].drop_nulls("value"), "value").sort("n", "value", descending=[True, False])
    shares = top.select("value").head(MAX_CATEGORIES_DRAWN)
    if shares.is_empty():
        return None
    for of, frame in zip(("real", "synthetic"), texts, strict=True):
        counted = frame.group_by("value").agg((pl.len() / len(frame)).alias(of))
        shares = shares.join(counted, on="value", how="left", maintain_order="left")
    labels = [_short(value) for value in shares["value"]]
    # Two long values may begin alike.
    twins = {label for label in labels if labels.count(label) > 1}
    labels = [f"{x[:18]} ({i + 1})" if x in twins else x for i, x in enumerate(labels)]
    wide = shares.fill_null(0).with_columns(value=pl.Series(labels))
    alt = altair()
    base = alt.Chart(_long(wide, "value")).encode(
        x=alt.X("share:Q", title=None, axis=alt.Axis(format="%", tickCount=4)),
        y=alt.Y("value:N", title=None, sort=None),
        yOffset=alt.YOffset("of:N", sort=["real", "synthetic"]),
        color=source_colours(alt, "of"),
    )
    bars = alt.layer(
        base.mark_bar().transform_filter("datum.of == 'real'"),
        base.mark_bar(filled=False, strokeWidth=1.5).transform_filter("datum.of != 'real'"),
    )
    drawn = bars.properties(width=WIDTH, height=22 * len(wide) + 8)
    return Drawing(svg(drawn, f"Shares of {name}"), wide)


def _short(text: str) -> str:
    """A text of at most 22 characters."""
    return text if len(text) <= 22 else text[:21] + "…"


def _steps_chart(name: str, real: pl.DataFrame, synthetic: pl.DataFrame) -> Drawing | None:
    """Shares of events per bin of a number or a time; None where there are too few entities."""
    numbers = [_numbers(frame) for frame in (real, synthetic)]
    values = numbers[0]["value"].to_numpy()
    holders = numbers[0]["who"].n_unique()
    if holders < MIN_ENTITIES_DRAWN or len(np.unique(values)) < 2:
        return None
    edges = _edges(_inner(numbers[0]), max(6, min(MAX_BINS_DRAWN, holders // (2 * MIN_HOLDERS))))
    middles = pl.DataFrame({"bin": range(len(edges) - 1), "at": (edges[:-1] + edges[1:]) / 2})
    wide = middles
    for of, frame in zip(("real", "synthetic"), numbers, strict=True):
        place = np.searchsorted(edges, frame["value"].to_numpy(), "right") - 1
        counted = held(frame.with_columns(bin=pl.Series(place, dtype=pl.Int64)), "bin", keep=True)
        shares = counted.select("bin", (pl.col("n") / max(len(frame), 1)).alias(of))
        wide = wide.join(shares, on="bin", how="left", maintain_order="left")
    if wide["real"].null_count() == len(wide):
        return None
    moment = isinstance(real.schema["value"], pl.Date | pl.Datetime)
    if moment:
        wide = wide.with_columns(pl.from_epoch(pl.col("at").cast(pl.Int64), time_unit="s"))
    wide = wide.drop("bin")
    alt = altair()
    # Names of months are long, and browsers' letters wider than those that were measured.
    ticks = alt.Axis(tickCount=2 if moment else 4, labelOverlap=True)
    base = alt.Chart(_long(wide, "at")).encode(
        x=alt.X("at:T" if moment else "at:Q", title=None, axis=ticks),
        y=alt.Y("share:Q", title=None, axis=alt.Axis(format="%", tickCount=4)),
        color=source_colours(alt, "of"),
    )  # fmt: skip
    steps = alt.layer(
        base.mark_area(interpolate="step", opacity=0.35).transform_filter("datum.of == 'real'"),
        base.mark_line(interpolate="step", strokeWidth=2).transform_filter("datum.of != 'real'"),
    )
    drawn = steps.properties(width=WIDTH, height=150)
    return Drawing(svg(drawn, f"Distribution of {name}"), wide)


def _numbers(frame: pl.DataFrame) -> pl.DataFrame:
    """Numbers as they are; moments in seconds since 1970, times of day in hours, spans in days."""
    value, dtype = pl.col("value"), frame.schema["value"]
    if isinstance(dtype, pl.Date | pl.Datetime):
        value = value.cast(pl.Datetime("us")).dt.epoch("s")
    elif dtype == pl.Time:
        value = value.cast(pl.Int64) / 3.6e12
    elif dtype == pl.Duration:
        value = value.dt.total_microseconds() / 8.64e10
    return frame.with_columns(value.cast(pl.Float64)).filter(pl.col("value").is_finite())


def _inner(numbers: pl.DataFrame) -> FloatArray:
    """Values within what `MIN_HOLDERS` entities reach on either side, so that none sets an end."""
    reach = numbers.group_by("who").agg(low=pl.col("value").min(), high=pl.col("value").max())
    low, high = reach["low"].sort()[MIN_HOLDERS - 1], reach["high"].sort()[-MIN_HOLDERS]
    values: FloatArray = numbers["value"].to_numpy()
    return np.clip(values, min(low, high), max(low, high))


def _edges(values: FloatArray, bins: int) -> FloatArray:
    """Bins between the outer hundredths; of whole numbers each holds equally many."""
    low, high = round_out(*np.quantile(values, [0.01, 0.99]))
    if np.all(values == np.round(values)) and high - low < 1e6:
        step = np.ceil((high - low + 1) / bins)
        return np.arange(np.floor(low), high + step + 1, step) - 0.5
    return np.linspace(low, high, bins + 1)


def round_out(low: float, high: float) -> tuple[float, float]:
    """The range widened to two significant digits of its length, so that it is nobody's value."""
    if high <= low:
        high = low + 1
    step = 10 ** np.floor(np.log10(high - low) - 1)
    return float(np.floor(low / step) * step), float(np.ceil(high / step) * step)


def held(frame: pl.DataFrame, *cells: str, keep: bool = False) -> pl.DataFrame:
    """Events per cell as `n`, of the cells that enough entities hold.

    Args:
        frame: events with their entity as `who`.
        cells: columns that make the cells.
        keep: keep the other cells too, with null for their `n`.
    """
    counted = frame.group_by(cells).agg(holders=pl.col("who").n_unique(), n=pl.len()).sort(cells)
    enough = pl.col("holders") >= MIN_HOLDERS
    if keep:
        return counted.with_columns(pl.when(enough).then("n"))
    return counted.filter(enough)


def _long(wide: pl.DataFrame, index: str) -> pl.DataFrame:
    """A row per cell and set, as charts take them."""
    return wide.unpivot(["real", "synthetic"], index=index, variable_name="of", value_name="share")


# --- when: weeks, paces --------------------------------------------------------------------------


def week_charts(sets: ComparedSets) -> Pair:
    """Share of events per weekday and hour; per weekday and month where times have no hours."""
    time = pl.col(sets.time)
    dated = sets.real.schema[sets.time] == pl.Date
    across = time.dt.month() if dated else time.dt.hour()
    frames = {
        of: frame.select(who=sets.entity, x=across, y=time.dt.weekday())
        for of, frame in _both(sets)
    }
    columns = {f"{x}": x for x in (range(1, 13) if dated else range(24))}
    rows = {day: i + 1 for i, day in enumerate(WEEKDAYS)}
    return _heats(frames, columns, rows, f"weekday and {'month' if dated else 'hour'}")


def pace_charts(sets: ComparedSets) -> Pair:
    """Share of the gaps before the second, third ... event of a history, per round length."""
    frames = {of: _gaps_by_position(sets, frame) for of, frame in _both(sets)}
    gaps = frames["real"]["y"]
    if gaps.is_empty():
        return {}
    low, high = gaps.quantile(0.01), gaps.quantile(0.99)
    rows = {name: s for name, s in GAPS.items() if _next_gap(s) > (low or 0) and s <= (high or 0)}
    begin = _floored("x", POSITIONS), _floored("y", rows)
    binned = {of: frame.with_columns(begin) for of, frame in frames.items()}
    return _heats(binned, POSITIONS, rows, "number of the event and days before it", within="x")


def _next_gap(seconds: int) -> float:
    """The next round length of a gap, in seconds."""
    return min((s for s in GAPS.values() if s > seconds), default=float("inf"))


def _gaps_by_position(sets: ComparedSets, frame: pl.DataFrame) -> pl.DataFrame:
    """Per event but the first: who, the number `x` of the event, and the gap `y` in seconds."""
    time = pl.col(sets.time).cast(pl.Datetime("us"))
    return (
        sets.sorted(frame)
        .select(
            who=sets.entity,
            x=pl.int_range(1, pl.len() + 1).over(sets.entity),
            y=time.diff().over(sets.entity).dt.total_seconds(),
        )
        .drop_nulls("y")
    )


def _floored(column: str, named: dict[str, int]) -> pl.Expr:
    """The beginning that a number lies behind; the first one for what is below all."""
    x, (first, *others) = pl.col(column), named.values()
    found = pl.lit(first)
    for beginning in others:
        found = pl.when(x >= beginning).then(beginning).otherwise(found)
    return found.cast(pl.Int64).alias(column)


def _both(sets: ComparedSets) -> Iterator[tuple[str, pl.DataFrame]]:
    """The two sets that are drawn, by name."""
    yield "real", sets.real
    yield "synthetic", sets.synthetic


def _heats(
    frames: dict[str, pl.DataFrame],
    columns: dict[str, int],
    rows: dict[str, int],
    by: str,
    within: str | None = None,
) -> Pair:
    """Two heat maps of one scale.

    Args:
        frames: the columns `who`, `x` and `y`.
        columns: names of the values of x.
        rows: names of the values of y.
        by: what x and y are.
        within: shares of the events with this column in common, instead of all.
    """
    grid = pl.DataFrame({"y": list(rows.values()), "row": list(rows)}).join(
        pl.DataFrame({"x": list(columns.values()), "column": list(columns)}), how="cross"
    )
    filled = {}
    for of, frame in frames.items():
        whole = pl.len().over(within) if within else pl.len()
        shares = frame.with_columns(part=1 / whole).group_by("x", "y").agg(
            share=pl.col("part").sum(), holders=pl.col("who").n_unique()
        )  # fmt: skip
        held = shares.filter(pl.col("holders") >= MIN_HOLDERS).drop("holders")
        filled[of] = grid.join(
            held.cast({"x": pl.Int64, "y": pl.Int64}),
            on=["x", "y"],
            how="left",
            maintain_order="left",
        ).fill_null(0)
    top = max(float(frame["share"].max() or 0) for frame in filled.values()) or 1.0  # type: ignore[arg-type]
    return {of: _heat(frame, of, by, top) for of, frame in filled.items()}


def _heat(filled: pl.DataFrame, of: str, by: str, top: float) -> Drawing:
    """One heat map; a cell is strongest at `top`."""
    alt = altair()
    across = list(dict.fromkeys(filled["column"]))
    ticks = alt.Axis(
        labelAngle=0, values=across[::6] if len(across) > 12 else across, labelFontSize=11
    )
    chart = (
        alt.Chart(filled)
        .mark_rect(color=SOURCES[of])
        .encode(
            x=alt.X("column:O", title=None, sort=None, axis=ticks),
            y=alt.Y("row:O", sort=None, title=None),
            opacity=strength(alt, top),
        )
    )
    height = 20 * filled["row"].n_unique()
    drawn = svg(chart.properties(width=WIDTH, height=height), f"{of} events by {by}")
    return Drawing(drawn, filled.pivot("column", index="row", values="share"))


def strength(alt: Any, top: float) -> Any:
    """The opacity of a cell, strongest at `top`."""
    scale = alt.Scale(domain=[0, top], range=[0.05, 1])
    return alt.Opacity("share:Q", scale=scale, legend=None)
