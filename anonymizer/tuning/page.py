"""The page of a tuning: what can be had for what, drawn, and the changes that were chosen."""

import html
from typing import Final

import polars as pl

from anonymizer.checks.figures.formats import interval, percent
from anonymizer.checks.pages import page
from anonymizer.checks.pages.drawings.charts import (
    CURVES,
    GREEN,
    MUTED,
    SHAPES,
    WIDTH,
    Drawing,
    altair,
    svg,
)
from anonymizer.tuning.result import Tuning

_TITLE: Final = "Changes of a rule file"
# By the keys that the style sheet has for three kinds of points.
_KEYS: Final = {"raw": "rules as they are", "masked": "changed rules", "found": "other changes"}


def html_of(tuning: Tuning) -> str:
    """The page as HTML, without script or network; it holds no value of the data."""
    people = f"singled out by {tuning.points} known events"
    facts = [
        f"<b>{percent(tuning.before.risk.value)}</b> {people} by the rules as they are",
        f"<b>{percent(tuning.after.risk.value)}</b> by the changed ones",
        f"<b>{percent(tuning.target)}</b> at most was the target",
    ]
    return page.document(_TITLE, facts, [_summary(tuning), _steps(tuning), _answers(tuning)])


def _summary(tuning: Tuning) -> page.Section:
    """Whether the target is reached, and the trade-off."""
    sentence = "The target is reached" if tuning.reached else "The target is not reached"
    caption = "What else can be had: each point is a set of changes on the way that was searched"
    drawn = page.picture(caption, _trade_off(tuning, caption))
    keys = page.legend("points", _KEYS)
    events = ", ".join(f"<code>{html.escape(name)}</code>" for name in tuning.known)
    notes = "".join(f"<p>{html.escape(note)}</p>" for note in tuning.notes)
    return page.Section(
        "verdict", sentence, f"<p>Events are known by {events}.</p>{keys}{drawn}{notes}"
    )


def _trade_off(tuning: Tuning, title: str) -> Drawing:
    """Risk over utility, and where the target is."""
    alt = altair()
    ends = {"raw": [tuning.before], "masked": [tuning.after]}
    frame = pl.DataFrame([
        {"rules": _KEYS[key], "answers kept": each.utility, "singled out": each.risk.value}
        for key, trials in {"found": tuning.curve, **ends}.items()
        for each in trials
    ])  # fmt: skip
    both, names = alt.Scale(domain=[0, 1]), list(_KEYS.values())
    base = alt.Chart(frame).encode(
        x=alt.X("answers kept:Q", scale=both, axis=alt.Axis(format="%")),
        y=alt.Y("singled out:Q", scale=both, axis=alt.Axis(format="%")),
    )
    hues = alt.Scale(domain=names, range=[CURVES[key] for key in _KEYS])
    shapes = alt.Scale(domain=names, range=SHAPES)
    points = base.mark_point(size=80, filled=True, opacity=1).encode(
        color=alt.Color("rules:N", scale=hues, legend=None),
        shape=alt.Shape("rules:N", scale=shapes, legend=None),
    )
    target = alt.Chart(pl.DataFrame({"singled out": [tuning.target]})).encode(y="singled out:Q")
    limit = target.mark_rule(strokeDash=[4, 4], color=GREEN)
    layers = alt.layer(base.mark_line(color=MUTED), limit, points)
    return Drawing(svg(layers.properties(width=WIDTH, height=240), title), frame)


def _steps(tuning: Tuning) -> page.Section:
    """One change after another, and the patch."""
    heads = ("Singled out", "95 % interval", "Answers kept")
    rows = []
    for new, trial in tuning.one_by_one():
        shown = percent(trial.risk.value), interval(trial.risk, "share"), percent(trial.utility)
        rows.append(page.row(new or "The rules as they are", "", shown, None, heads))
    table = page.table("Changes, each with those before it", ("Change", *heads, ""), rows)
    patch = f"<pre>{html.escape(tuning.patch)}</pre>" if tuning.patch else ""
    return page.Section("changes", "One change after another", table + patch)


def _answers(tuning: Tuning) -> page.Section:
    """How much of each answer is kept, before and after."""
    heads = ("As they are", "Changed")
    rows = [
        page.row(name, query, (percent(tuning.before.answers[name]), percent(kept)), None, heads)
        for (name, query), kept in zip(
            tuning.queries.items(), tuning.after.answers.values(), strict=True
        )
    ]
    table = page.table("Answers", ("Query", *heads, ""), rows)
    return page.Section("answers", "What is still answered", table)
