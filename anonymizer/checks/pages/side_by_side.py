"""The parts of a check's page that draw real beside synthetic data: columns, times, histories."""

from collections.abc import Iterator
from typing import Final

import polars as pl

from anonymizer.checks.figures import formats
from anonymizer.checks.figures.figure import Figure, worst
from anonymizer.checks.pages import page
from anonymizer.checks.pages.drawings import distributions, timelines
from anonymizer.checks.pages.drawings.distributions import MIN_HOLDERS
from anonymizer.checks.reports.check_report import Report
from anonymizer.checks.sets.compared_sets import ComparedSets

EXAMPLES_SEED: Final = 0  # of which synthetic histories are drawn


def columns(report: Report) -> page.Section:
    """A drawing per column, real and synthetic in one."""
    pictures = list(_pictured(report))
    return page.Section(
        "columns",
        "Real beside synthetic, column by column",
        "<p>Bars are shares of events; of the length of histories, shares of entities. First "
        "come the columns that fall shortest of what real data reaches.</p>"
        + page.legend("areas", {"real": "real", "synthetic": "synthetic"})
        + page.grid(pictures, "columns, less different"),
    )


def _pictured(report: Report) -> Iterator[str]:
    """A drawing per column and number of a history, the least similar first."""
    values = _values(report.sets)
    names = sorted(values, key=lambda name: _alike(report.utility.get(values[name][0])))
    for name in names:
        figure, real, synthetic = values[name]
        drawn = distributions.distribution_chart(name, real, synthetic)
        if drawn:
            found = report.utility.get(figure)
            note = f"similarity {formats.number(found.estimate.value)}" if found else ""
            yield page.picture(name, drawn, note, page.badge(found.colour if found else None))


def _alike(figure: Figure | None) -> float:
    """The similarity that is judged; what was not measured comes last."""
    if figure is None:
        return float("inf")
    return float("-inf") if formats.is_nan(figure.compared) else figure.compared


def _values(sets: ComparedSets) -> dict[str, tuple[str, pl.DataFrame, pl.DataFrame]]:
    """By what is drawn: the name of its figure, and who has which value, real and synthetic."""
    time = pl.col(sets.time).cast(pl.Datetime("us"))
    gap = time.diff().over(sets.entity).dt.total_seconds() / 86_400
    drawn = {
        "events of a history": ("similarity_history_length", None),
        "days between events": ("similarity_gap", gap),
        sets.time: ("", pl.col(sets.time)),
        **{name: (f"similarity_{name}", pl.col(name)) for name in sets.fields},
    }

    def read(frame: pl.DataFrame, value: pl.Expr | None) -> pl.DataFrame:
        who = pl.col(sets.entity).alias("who")
        if value is None:
            return frame.group_by(who, maintain_order=True).agg(value=pl.len())
        return sets.sorted(frame).select(who, value=value).drop_nulls()

    return {
        name: (figure, read(sets.real, value), read(sets.synthetic, value))
        for name, (figure, value) in drawn.items()
    }


def times(report: Report) -> page.Section:
    """Two pairs of heat maps: when in the week events happen, and at which pace they follow."""
    sets = report.sets
    across = "month" if sets.real.schema[sets.time] == pl.Date else "hour"
    pairs = (
        (
            f"by weekday and {across}",
            "stronger: more of all events",
            distributions.week_charts(sets),
        ),
        (
            "time since the event before, along the history",
            "down: the gap, across: the number of the event; stronger: more of those events",
            distributions.pace_charts(sets),
        ),
    )
    body = "".join(
        page.pair([page.picture(f"{of}, {what}", drawn, note) for of, drawn in pair.items()])
        for what, note, pair in pairs
        if pair
    )
    return page.Section(
        "times",
        "When events happen",
        "<p>Real and synthetic are drawn on one scale: as strong is as frequent.</p>" + body,
    )


def histories(report: Report) -> page.Section:
    """Real histories in groups beside single synthetic ones, where none may be a person's."""
    sets = report.sets
    leaks = worst(report.privacy.values()) == "red"
    examples = None if leaks else timelines.examples_chart(sets, EXAMPLES_SEED)
    crowd = timelines.crowd_chart(sets)
    pictures = []
    if crowd:
        note = "a row: equally many entities, by when they began; stronger: more events"
        pictures.append(page.picture("real, in groups", crowd, note))
    if examples:
        note = "a row: one synthetic entity of the same place in the order; a mark: an event"
        pictures.append(page.picture("synthetic, one by one", examples, note))
    why = (
        "<p>A real history is a person's, whatever it is called, so none is drawn: real ones "
        f"appear in groups, a cell only where {MIN_HOLDERS} entities or more have events. "
        "Synthetic ones were drawn at random from those that are no copies.</p>"
    )
    if leaks:
        why += (
            "<p><b>No synthetic history is drawn, since this set may hold somebody's own.</b></p>"
        )
    elif examples is None:
        why += "<p>No synthetic history is drawn: there are too few entities, or none is long.</p>"
    return page.Section("histories", "Histories side by side", why + page.pair(pictures))
