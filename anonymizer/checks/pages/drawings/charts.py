"""Pictures of figures, drawn with Altair and turned into SVG that needs no script.

Colours are placeholders that become CSS variables, so that one drawing serves light and dark, and
no colour speaks alone: shapes, dashes or fillings differ too. All are drawn as wide as a phone, so
that their letters have one size everywhere. `distributions.py` and `timelines.py` draw the
data itself.
"""

import html
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import polars as pl

from anonymizer.checks.figures.figure import WORDS, Figure
from anonymizer.checks.figures.statistics import Estimate
from anonymizer.checks.utility.detector import DetectorResult
from anonymizer.errors import MissingExtraError

if TYPE_CHECKING:
    import altair as alt

INK, MUTED, GRID = "#010101", "#020202", "#030303"
REAL, SYNTHETIC, BASELINE = "#040404", "#050505", "#060606"
GREEN, AMBER, RED = "#070707", "#080808", "#090909"
VARIABLES: Final = {
    INK: "--ink", MUTED: "--muted", GRID: "--line",
    REAL: "--real", SYNTHETIC: "--synthetic", BASELINE: "--base",
    GREEN: "--green", AMBER: "--amber", RED: "--red",
}  # fmt: skip
CURVES: Final = {"raw": REAL, "masked": SYNTHETIC, "found": BASELINE}
SOURCES: Final = {"real": REAL, "synthetic": SYNTHETIC, "shuffled": BASELINE}
SHAPES: Final = ["circle", "diamond", "triangle-up"]  # in the order of the sources
WIDTH: Final = 320  # of a chart with its labels, in pixels
FIGURES_PER_PICTURE: Final = 5  # figures of one picture
LABEL_LINE_LENGTH: Final = 46  # characters of a label; it may have two
MAX_VALUE_DRAWN: Final = 2.0  # a figure beyond has no place on the axis


class Drawing(NamedTuple):
    """A chart as an SVG element, and what it shows as a table."""

    svg: str
    data: pl.DataFrame


def svg(chart: "alt.Chart | alt.LayerChart", title: str) -> str:
    """A chart as an SVG element with an accessible name."""
    try:
        import vl_convert  # noqa: PLC0415 (an extra)
    except ModuleNotFoundError as error:
        raise MissingExtraError("the report", "report") from error
    drawn: str = vl_convert.vegalite_to_svg(chart.configure(**_style()).to_json())
    for colour, variable in VARIABLES.items():
        drawn = drawn.replace(f'"{colour}"', f'"var({variable})"')
    box = re.search(r'viewBox="([\d. -]*)"', drawn)
    size = box.group(1) if box else f"0 0 {WIDTH} {WIDTH}"
    head = f'<svg viewBox="{size}" role="img" aria-label="{html.escape(title)}">'
    return head + drawn.partition(">")[2]


def _style() -> dict[str, Any]:
    """The look of all charts, as Vega's configuration."""
    return {
        "background": "transparent",
        "autosize": {"type": "fit-x", "contains": "padding"},
        "aria": False,  # the drawing has one name; its marks need none
        # Browsers choose wider letters than the renderer measured; leave them room.
        "padding": {"left": 16, "right": 12, "top": 4, "bottom": 4},
        "font": "system-ui, sans-serif",
        "view": {"stroke": None},
        "axis": {
            "labelColor": MUTED, "titleColor": MUTED, "gridColor": GRID, "domainColor": GRID,
            "tickColor": GRID, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": 400,
        },
        "legend": {"labelColor": MUTED, "titleColor": MUTED, "labelFontSize": 12},
    }  # fmt: skip


def altair() -> Any:
    """The charting library.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import altair as alt  # noqa: PLC0415 (an extra)
    except ModuleNotFoundError as error:
        raise MissingExtraError("the report", "report") from error
    return alt


def intervals_charts(figures: Iterable[Figure], title: str) -> list[Drawing]:
    """A dot for each value on a line for its interval, and a tick where the baseline is.

    Args:
        figures: those whose values are numbers up to two are drawn, a few in each picture.
        title: what the pictures show.
    """
    drawn = [figure for figure in figures if abs(figure.estimate.value) <= MAX_VALUE_DRAWN]
    rows = [{"place": place, **_interval_row(figure)} for place, figure in enumerate(drawn)]
    pictures = -(-len(rows) // FIGURES_PER_PICTURE)
    top = max([1.0, *(min(row["high"], MAX_VALUE_DRAWN) for row in rows)])
    each = -(-len(rows) // max(pictures, 1))
    return [_intervals_chart(rows[i * each : (i + 1) * each], top, title) for i in range(pictures)]


def _intervals_chart(rows: list[dict[str, Any]], top: float, title: str) -> Drawing:
    """One picture of a few figures, on an axis from 0 to `top`."""
    alt, frame = altair(), pl.DataFrame(rows, schema_overrides={"baseline": pl.Float64})
    scale, axis = (
        alt.Scale(domain=[0, top], nice=False, clamp=True),
        alt.Axis(tickCount=5, format=".1f"),
    )
    base = alt.Chart(frame).encode(y=alt.Y("place:O", axis=None))
    palette = {"green": GREEN, "amber": AMBER, "red": RED, "none": MUTED}
    hues = alt.Scale(domain=list(palette), range=list(palette.values()))
    colour = alt.Color("colour:N", scale=hues, legend=None)

    def x(field: str) -> Any:
        return alt.X(f"{field}:Q", scale=scale, axis=axis, title=None)

    label = base.mark_text(align="left", baseline="top", fontSize=12, lineBreak="\n", color=INK)
    line = base.mark_rule(strokeWidth=4, opacity=0.5, clip=True, yOffset=10)
    tick = base.mark_tick(thickness=2, size=18, color=INK, yOffset=10, clip=True)
    dot = base.mark_point(size=90, filled=True, opacity=1, yOffset=10)
    layers = alt.layer(
        label.encode(
            x=alt.value(0),
            y=alt.Y("place:O", axis=None, bandPosition=0),
            text="label:N",
        ),
        line.encode(x("low"), x2="high:Q", color=colour),
        tick.encode(x("baseline")),
        dot.encode(x("value"), color=colour),
    )
    wide = layers.properties(width=WIDTH, height=alt.Step(66))
    shown = frame.select("title", "value", "low", "high", "baseline", "verdict")
    return Drawing(svg(wide, title), shown)


def _interval_row(figure: Figure) -> dict[str, Any]:
    """What is drawn of a figure, and what stands in the table of numbers."""
    word = WORDS[figure.colour] if figure.colour else "not judged"
    title = textwrap.shorten(figure.title, 2 * LABEL_LINE_LENGTH - 4 - len(word), placeholder=" …")
    return {
        "title": figure.title,
        "label": "\n".join(textwrap.wrap(f"{title}: {word}", LABEL_LINE_LENGTH)[:2]),
        "verdict": word,
        **figure.estimate._asdict(),
        "baseline": figure.baseline,
        "colour": figure.colour or "none",
    }


def detector_chart(result: DetectorResult) -> Drawing:
    """ROC AUC with intervals of the detector trained three times."""
    alt = altair()
    trained = (result.real, result.synthetic, result.baseline)
    rows = [{"trained on": n, **d.roc_auc._asdict()} for n, d in zip(SOURCES, trained, strict=True)]
    frame = pl.DataFrame(rows)
    base = alt.Chart(frame).encode(
        y=alt.Y("trained on:N", sort=list(SOURCES), title=None),
        color=source_colours(alt, "trained on"),
    )
    scale, axis = alt.Scale(domain=[0.4, 1]), alt.Axis(values=[0.4, 0.6, 0.8, 1], format=".1f")
    x = alt.X("value:Q", title="ROC AUC, 0.5 is guessing", scale=scale, axis=axis)
    low = alt.X("low:Q", title="", scale=scale, axis=axis)
    layers = alt.layer(
        base.mark_rule(strokeWidth=4, opacity=0.5, clip=True).encode(x=low, x2="high:Q"),
        base.mark_point(size=110, filled=True, opacity=1, clip=True).encode(
            x=x, shape=_shapes(alt, "trained on")
        ),
    )
    title = "ROC AUC by what the detector learned from"
    return Drawing(svg(layers.properties(width=WIDTH, height=110), title), frame)


def kinds_chart(result: DetectorResult) -> Drawing:
    """ROC AUC per injected kind of anomaly."""
    alt = altair()
    rows = [
        {"kind": kind, "trained on": name, "auc": value}
        for kind, values in result.by_kind.items()
        for name, value in zip(SOURCES, values, strict=True)
    ]
    frame = pl.DataFrame(rows)
    scale, axis = alt.Scale(domain=[0.3, 1]), alt.Axis(values=[0.4, 0.6, 0.8, 1], format=".1f")
    chart = (
        alt.Chart(frame)
        .mark_point(size=90, filled=True, opacity=0.9, clip=True)
        .encode(
            x=alt.X("auc:Q", title="ROC AUC per kind of anomaly", scale=scale, axis=axis),
            y=alt.Y("kind:N", title=None, sort=None),
            color=source_colours(alt, "trained on"),
            shape=_shapes(alt, "trained on"),
        )
    )
    drawn = svg(chart.properties(width=WIDTH, height=30 * len(result.by_kind)), "ROC AUC by kind")
    return Drawing(drawn, frame.pivot("trained on", index="kind", values="auc"))


def source_colours(alt: Any, field: str) -> Any:
    """The colours of real, synthetic and shuffled, without a legend."""
    scale = alt.Scale(domain=list(SOURCES), range=list(SOURCES.values()))
    return alt.Color(f"{field}:N", scale=scale, legend=None)


def _shapes(alt: Any, field: str, names: Sequence[str] = tuple(SOURCES)) -> Any:
    """A shape per name, in the order of the names."""
    scale = alt.Scale(domain=list(names), range=SHAPES[: len(names)])
    return alt.Shape(f"{field}:N", scale=scale, legend=None)


def curves_chart(curves: Mapping[str, Sequence[tuple[int, Estimate]]], title: str) -> Drawing:
    """The share that is singled out by so many known events, with bands of 95 %.

    Args:
        curves: up to three, `raw`, `masked` and `found`, as pairs of known events and share.
        title: what the picture shows.
    """
    alt = altair()
    rows = [
        {"of": of, "points": points, **estimate._asdict()}
        for of, curve in curves.items()
        for points, estimate in curve
    ]
    frame = pl.DataFrame(rows)
    scale = alt.Scale(domain=list(CURVES), range=list(CURVES.values()))
    y = alt.Y(
        "value:Q",
        title="entities singled out",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="%", tickCount=5),
    )
    base = alt.Chart(frame).encode(
        x=alt.X("points:O", title="known events", axis=alt.Axis(labelAngle=0)),
        color=alt.Color("of:N", scale=scale, legend=None),
    )
    layers = alt.layer(
        base.mark_area(opacity=0.2).encode(y=alt.Y("low:Q", title=""), y2="high:Q"),
        base.mark_line(strokeWidth=2.5).encode(y=y),
        base.mark_point(size=80, filled=True, opacity=1).encode(
            y=y, shape=_shapes(alt, "of", list(CURVES))
        ),
    )
    drawn = svg(layers.properties(width=WIDTH, height=190), title)
    return Drawing(drawn, frame.pivot("of", index="points", values="value"))
