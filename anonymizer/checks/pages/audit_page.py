"""The page of an audit: the verdict, the figures before and after, and what was assumed."""

import html
from typing import Final

from anonymizer.checks.attacks.equivalence import SIZE_BANDS, Classes
from anonymizer.checks.figures import formats
from anonymizer.checks.figures.figure import Colour, Figure, Risk
from anonymizer.checks.pages import page
from anonymizer.checks.pages.drawings import charts
from anonymizer.checks.pages.origin import identity, what_this_is_of
from anonymizer.checks.pages.words import glossary
from anonymizer.checks.reports.audit_report import AuditReport, Curve

TITLE: Final = "What an attacker could still do"

# The figures in large letters: name, title, and what the value is.
CARDS: Final = (
    ("unicity", "Singled out", "of the entities, by four known events"),
    ("linkage", "Recognised", "of the entities, by whoever holds the raw rows"),
    ("relinked", "Found again", "of the entities in both releases, by whoever holds both"),
    ("windows", "Windows linked", "of the changing tokens, by behaviour"),
    ("k", "Smallest group", "entities share the rarest quasi-identifiers (k)"),
)
MAX_CARDS: Final = 4  # on the page: the first of those that were measured

CURVE_KEYS: Final = {
    "raw": "raw table",
    "masked": "masked table",
    "found": "true events, looked up in the masked table",
}

CURVE_NAMES: Final = {
    "raw": ("raw", "events of the raw table, looked for in it"),
    "masked": ("masked", "events of the masked table, looked for in it"),
    "found": ("found", "events of the raw table, looked for in the masked one"),
    "raw_intervals": ("raw, days between", "consecutive events, only the days between them"),
    "masked_intervals": ("masked, days between", "the same after masking"),
}


AT_WORST: Final = {
    "found": "four events that are true find {} of the persons",
    "unicity": "four as they stand in the masked table single out {}",
    "linkage": "all raw rows of a person recognise {}",
}

SENTENCES: Final[dict[Colour | None, str]] = {
    "red": "At least one attack succeeds too often: do not share this table as it is",
    "amber": "No attack succeeds broadly, but some figure is too high or too uncertain",
    "green": "None of the attacks that were tried succeeds",
    None: "Nothing could be judged: the notes below say why",
}


def html_of(report: AuditReport) -> str:
    """The page of an audit as HTML."""
    tables = report.tables
    facts = [
        f"<b>{tables.raw_entities:,}</b> entities in {tables.raw_rows:,} raw rows",
        f"<b>{tables.masked_entities:,}</b> in {tables.masked_rows:,} masked rows",
        *page.share(report.share),
    ]
    parts = (_summary(report), _figures(report), _events(report), _groups(report), _basis(report))
    return page.document(TITLE, facts, [part for part in parts if part.body])


def _summary(report: AuditReport) -> page.Section:
    """The verdict and the figures in large letters."""
    cards = [
        page.Card(title, figure.colour, formats.shown(figure.estimate.value, figure.unit), text)
        for name, title, text in CARDS
        if (figure := report.figures.get(name)) is not None
    ]
    said = page.told(report.purpose, SENTENCES[report.verdict])
    told = identity(report.provenance, "masked", _covered(report))
    return page.summary(said, cards[:MAX_CARDS], report.figures, told)


def _covered(report: AuditReport) -> dict[str, str]:
    """Against whom it was judged, and the worst that somebody who knows some events can do."""
    known = report.assumptions
    names = [*known.known, *known.quasi_identifiers]
    covers = f"attacks by whoever may know {', '.join(names)}" if names else "what is left in clear"
    found = [
        text.format(formats.shown(report.figures[name].estimate.value, "share"))
        for name, text in AT_WORST.items()
        if name in report.figures
    ]
    return {"Covers": covers, **({"At worst": "; ".join(found)} if found else {})}


def _figures(report: AuditReport) -> page.Section:
    """All attacks, drawn with their intervals, and a row per figure."""
    title = "Shares that an attack finds, with 95 % intervals"
    attacks = [figure for figure in report.figures.values() if figure.unit == "share"]
    heads = ("Masked", "95 % interval", "Raw", "Chance")
    return page.Section(
        "figures",
        "Figure by figure",
        "<p>These are attacks that were tried and groups that were counted. They do not prove "
        "that nothing else can be done, and masked data stays personal data.</p>"
        + page.attacks(attacks, title)
        + page.figure_table("Figures", heads, report.figures, _cells),
    )


def _events(report: AuditReport) -> page.Section:
    """What so many known events single out, drawn and as a table; empty without curves."""
    if not report.curves:
        return page.Section("events", "", "")
    curves = {name: report.curves[name] for name in charts.CURVES if name in report.curves}
    title = "Entities singled out by so many known events, with 95 % intervals"
    drawn = page.picture(title, charts.curves_chart(curves, title)) if curves else ""
    most = [points for points, _ in next(iter(report.curves.values()))]
    heads = [f"{points} known" for points in most]
    rows = [
        page.row(*CURVE_NAMES[name], _along(curve, most), None, heads)
        for name, curve in report.curves.items()
    ]
    return page.Section(
        "events",
        "By the number of known events",
        page.legend("points", {name: CURVE_KEYS[name] for name in curves})
        + drawn
        + page.table("Share singled out", ("Share singled out", *heads, ""), rows),
    )


def _groups(report: AuditReport) -> page.Section:
    """Entities by the size of their equivalence class; empty without classes."""
    heads = (*(f"{band} alike" for band in SIZE_BANDS), "suppressed", "several")
    rows = [
        page.row(f"{name} table", "", _groups_of(each), None, heads)
        for name, each in report.classes.items()
    ]
    return page.Section(
        "groups",
        "Groups of entities that look alike",
        "<p>Entities by how many share their quasi-identifiers, themselves included. "
        "<i>Suppressed</i> ones have none left. <i>Several</i> counts those with more than one "
        "combination: they are judged by the rarest.</p>"
        + page.table("Groups by size", ("Table", *heads, ""), rows)
        if rows
        else "",
    )


def _basis(report: AuditReport) -> page.Section:
    """What the attacker is taken to know, the notes, and the limits."""
    known = report.assumptions
    named = {
        "Entity": [known.entity],
        "Time": [known.time] if known.time else [],
        "Known of a person": known.quasi_identifiers,
        "Known of an event": known.known,
        "Must not be told": known.sensitive,
    }
    items = "".join(
        f"<li>{what}: {', '.join(f'<code>{html.escape(n)}</code>' for n in names)}</li>"
        for what, names in named.items()
        if names
    )
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in report.notes)
    said = f'<h3>Notes</h3><ul class="notes">{notes}</ul>' if notes else ""
    return page.Section(
        "basis",
        "What the attacker is taken to know",
        f'<ul class="notes">{items}</ul>{said}<p>Green, amber and red follow the limits below; '
        "docs/checks.md of the project says what each figure is.</p>"
        + page.limits_table(report.figures)
        + glossary()
        + what_this_is_of(report.provenance),
    )


def _cells(figure: Figure) -> list[str]:
    """A figure's row: after, interval, before, by chance."""
    unit, before = figure.unit, figure.before if isinstance(figure, Risk) else None
    return [
        formats.shown(figure.estimate.value, unit),
        formats.interval(figure.estimate, unit),
        formats.shown(before and before.value, unit),
        formats.shown(figure.baseline, unit),
    ]


def _along(curve: Curve, points: list[int]) -> list[str]:
    """The values of a curve as texts, a dash where it has none."""
    found = {p: formats.percent(estimate.value) for p, estimate in curve}
    return [found.get(p, "–") for p in points]


def _groups_of(each: Classes) -> list[str]:
    """A table's classes as texts."""
    counts = [*each.sizes.values(), each.suppressed, each.several]
    return [f"{count:,}" for count in counts]
