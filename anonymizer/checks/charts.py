"""Pictures of the comparison, drawn with Altair and turned into SVG that needs no script.

Colours are placeholders that become CSS variables, so that one drawing serves light and dark.
Real values appear only where at least `HOLDERS` entities hold them, and axes end at the 1 % and
99 % quantiles, so that no drawing shows a person's value.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from anonymizer.checks.statistics import Detection, Estimate
from anonymizer.checks.utility import DetectorResult, Histories
from anonymizer.errors import MissingExtraError

if TYPE_CHECKING:
    import altair as alt

HOLDERS = 10
CATEGORIES = 12
BINS = 24
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

INK, MUTED, GRID = "#010101", "#020202", "#030303"
REAL, SYNTHETIC, BASE = "#040404", "#050505", "#060606"
VARIABLES: Final = {
    INK: "--ink", MUTED: "--muted", GRID: "--line",
    REAL: "--real", SYNTHETIC: "--synthetic", BASE: "--base",
}  # fmt: skip
CURVES: Final = {"raw": REAL, "masked": SYNTHETIC, "found": BASE}
SOURCES: Final = {"real": REAL, "synthetic": SYNTHETIC, "shuffled": BASE}


def svg(chart: "alt.Chart | alt.LayerChart", title: str) -> str:
    """A chart as an SVG element with an accessible name."""
    try:
        import vl_convert  # noqa: PLC0415 (an extra)
    except ModuleNotFoundError as error:
        raise MissingExtraError("the report", "report") from error
    spec = chart.configure(**_style()).to_json()
    drawn: str = vl_convert.vegalite_to_svg(spec)
    for colour, variable in VARIABLES.items():
        drawn = drawn.replace(f'"{colour}"', f'"var({variable})"')
    return re.sub(
        r'<svg [^>]*viewBox="([^"]*)"[^>]*>',
        rf'<svg viewBox="\1" role="img" aria-label="{title}">',
        drawn,
        count=1,
    )


def _style() -> dict[str, Any]:
    font = "system-ui, sans-serif"
    return {
        "background": "transparent",
        # Browsers choose wider letters than the renderer measured; leave them room.
        "padding": {"left": 28, "right": 12, "top": 4, "bottom": 4},
        "font": font,
        "view": {"stroke": None},
        "axis": {
            "labelColor": MUTED, "titleColor": MUTED, "gridColor": GRID, "domainColor": GRID,
            "tickColor": GRID, "labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": 400,
        },
        "legend": {"labelColor": MUTED, "titleColor": MUTED, "labelFontSize": 11},
    }  # fmt: skip


def _altair() -> Any:
    try:
        import altair as alt  # noqa: PLC0415 (an extra)
    except ModuleNotFoundError as error:
        raise MissingExtraError("the report", "report") from error
    return alt


def detector_chart(result: DetectorResult) -> str:
    """ROC AUC with intervals of the detector trained three times."""
    alt = _altair()
    trained: dict[str, Detection] = {
        "real": result.real, "synthetic": result.synthetic, "shuffled": result.baseline
    }  # fmt: skip
    rows = [{"trained on": n, **d.roc_auc._asdict()} for n, d in trained.items()]
    base = alt.Chart(pl.DataFrame(rows)).encode(
        y=alt.Y("trained on:N", sort=list(trained), title=None),
        color=_colours(alt, list(trained), legend=False),
    )
    scale, axis = alt.Scale(domain=[0.4, 1]), alt.Axis(values=[0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
    x = alt.X("value:Q", title="ROC AUC, 0.5 is guessing", scale=scale, axis=axis)
    low = alt.X("low:Q", title="", scale=scale, axis=axis)
    layers = alt.layer(
        base.mark_rule(strokeWidth=3, opacity=0.45, clip=True).encode(x=low, x2="high:Q"),
        base.mark_point(size=110, filled=True, opacity=1, clip=True).encode(x=x),
    )
    return svg(
        layers.properties(width=520, height=110), "ROC AUC by what the detector learned from"
    )


def kinds_chart(result: DetectorResult) -> str:
    """ROC AUC per injected kind of anomaly."""
    alt = _altair()
    names = ["real", "synthetic", "shuffled"]
    rows = [
        {"kind": kind, "trained on": name, "auc": value}
        for kind, values in result.by_kind.items()
        for name, value in zip(names, values, strict=True)
    ]
    chart = (
        alt.Chart(pl.DataFrame(rows))
        .mark_point(size=80, filled=True, opacity=0.9)
        .encode(
            x=alt.X(
                "auc:Q",
                title="ROC AUC per kind of anomaly",
                scale=alt.Scale(domain=[0.3, 1]),
                axis=alt.Axis(values=[0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]),
            ),
            y=alt.Y("kind:N", title=None, sort=None),
            color=_colours(alt, names, legend=False),
        )
    )
    return svg(chart.properties(width=520, height=30 * len(result.by_kind)), "ROC AUC by kind")


def _colours(alt: Any, names: list[str], *, legend: bool = True) -> Any:
    scale = alt.Scale(domain=names, range=[SOURCES[n] for n in names])
    return alt.Color(
        "trained on:N" if "shuffled" in names else "of:N",
        scale=scale,
        legend=alt.Legend(title=None, orient="top") if legend else None,
    )


def distribution_chart(sets: Histories, name: str, real: pl.Series, synthetic: pl.Series) -> str:
    """Real beside synthetic: bars for categories, steps for numbers; empty if nothing may show."""
    if real.dtype.is_numeric() or real.dtype.is_temporal():
        return _steps_chart(name, real, synthetic)
    return _bars_chart(sets, name, real, synthetic)


def _bars_chart(sets: Histories, name: str, real: pl.Series, synthetic: pl.Series) -> str:
    alt = _altair()
    held = (
        sets.real.group_by(pl.col(name).cast(pl.String).alias("value"))
        .agg(holders=pl.col(sets.entity).n_unique(), n=pl.len())
        .filter(pl.col("holders") >= HOLDERS)
        .drop_nulls("value")
        .sort("n", "value", descending=[True, False])
        .head(CATEGORIES)
    )
    values = held["value"].to_list()
    if not values:
        return ""
    rows = [
        {"value": _short(v), "of": of, "share": float((text == v).fill_null(value=False).mean())}
        for of, text in (("real", real.cast(pl.String)), ("synthetic", synthetic.cast(pl.String)))
        for v in values
    ]
    chart = (
        alt.Chart(pl.DataFrame(rows))
        .mark_bar()
        .encode(
            x=alt.X("share:Q", title="share of events", axis=alt.Axis(format="%", tickCount=4)),
            y=alt.Y("value:N", title=None, sort=None),
            yOffset=alt.YOffset("of:N", sort=["real", "synthetic"]),
            color=_colours(alt, ["real", "synthetic"], legend=False),
        )
    )
    return svg(chart.properties(width=260, height=20 * len(values) + 8), f"Shares of {name}")


def _short(text: str) -> str:
    return text if len(text) <= 22 else text[:21] + "…"


def _steps_chart(name: str, real: pl.Series, synthetic: pl.Series) -> str:
    alt = _altair()
    a, b = _floats(real), _floats(synthetic)
    if len(a) < 50 or len(np.unique(a)) < 2:
        return ""
    low, high = _round_out(*np.quantile(a, [0.01, 0.99]))
    edges = np.linspace(low, high, BINS + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    rows = [
        {"at": float(m), "of": of, "share": float(n) / max(len(v), 1)}
        for of, v in (("real", a), ("synthetic", b))
        for m, n in zip(middles, np.histogram(v, edges)[0], strict=True)
    ]
    frame = pl.DataFrame(rows)
    temporal = real.dtype.is_temporal() and real.dtype != pl.Duration
    kind = "T" if temporal else "Q"
    if temporal:
        frame = frame.with_columns((pl.col("at") * 1e6).cast(pl.Int64).cast(pl.Datetime("us")))
    chart = (
        alt.Chart(frame)
        .mark_line(interpolate="step", strokeWidth=2)
        .encode(
            x=alt.X(f"at:{kind}", title=None, axis=alt.Axis(tickCount=4, labelOverlap=True)),
            y=alt.Y("share:Q", title="share", axis=alt.Axis(format="%", tickCount=4)),
            color=_colours(alt, ["real", "synthetic"], legend=False),
        )
    )
    return svg(chart.properties(width=280, height=150), f"Distribution of {name}")


def _floats(column: pl.Series) -> Any:
    """Numbers as they are, times in seconds since 1970."""
    if isinstance(column.dtype, pl.Date | pl.Datetime):
        column = column.cast(pl.Datetime("us")).dt.epoch("s")
    values = column.to_physical().cast(pl.Float64).drop_nulls().to_numpy()
    return values[np.isfinite(values)]


def _round_out(low: float, high: float) -> tuple[float, float]:
    """The range widened to two significant digits of its length, so that it is nobody's value."""
    if high <= low:
        high = low + 1
    step = 10 ** np.floor(np.log10(high - low) - 1)
    return float(np.floor(low / step) * step), float(np.ceil(high / step) * step)


def week_chart(sets: Histories, frame: pl.DataFrame, source: str) -> str:
    """Share of events per weekday and hour."""
    alt = _altair()
    time = pl.col(sets.time)
    hour = pl.lit(0) if frame.schema[sets.time] == pl.Date else time.dt.hour()
    counted = frame.group_by(day=time.dt.weekday().cast(pl.Int64), hour=hour.cast(pl.Int64)).agg(
        n=pl.len(), holders=pl.col(sets.entity).n_unique()
    )
    week = pl.DataFrame({"day": range(1, 8)}).join(pl.DataFrame({"hour": range(24)}), how="cross")
    filled = week.join(counted, on=["day", "hour"], how="left").with_columns(
        share=pl.when(pl.col("holders") >= HOLDERS).then("n").otherwise(0) / len(frame),
        weekday=pl.col("day").replace_strict(dict(zip(range(1, 8), DAYS, strict=True))),
    )
    top = float(filled["share"].max() or 1)  # type: ignore[arg-type]  # (a maximum of floats)
    chart = (
        alt.Chart(filled)
        .mark_rect(color=SOURCES[source])
        .encode(
            x=alt.X("hour:O", title="hour", axis=alt.Axis(values=[0, 6, 12, 18, 23], labelAngle=0)),
            y=alt.Y("weekday:O", sort=DAYS, title=None),
            opacity=alt.Opacity(
                "share:Q", scale=alt.Scale(domain=[0, top], range=[0.04, 1]), legend=None
            ),
        )
    )
    return svg(chart.properties(width=280, height=120), f"{source} events by weekday and hour")


def curves_chart(curves: dict[str, Sequence[tuple[int, Estimate]]], title: str) -> str:
    """The share that is singled out by so many known events, with bands of 95 %.

    Args:
        curves: up to three, `raw`, `masked` and `found`, as pairs of known events and share.
        title: what the picture shows.
    """
    alt = _altair()
    rows = [
        {"of": of, "points": points, **estimate._asdict()}
        for of, curve in curves.items()
        for points, estimate in curve
    ]
    scale = alt.Scale(domain=list(CURVES), range=list(CURVES.values()))
    y = alt.Y(
        "value:Q",
        title="entities singled out",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="%", tickCount=5),
    )
    base = alt.Chart(pl.DataFrame(rows)).encode(
        x=alt.X("points:O", title="known events", axis=alt.Axis(labelAngle=0)),
        color=alt.Color("of:N", scale=scale, legend=None),
    )
    layers = alt.layer(
        base.mark_area(opacity=0.2).encode(y=alt.Y("low:Q", title=""), y2="high:Q"),
        base.mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=60, filled=True)).encode(y=y),
    )
    return svg(layers.properties(width=520, height=190), title)
