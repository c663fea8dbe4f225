"""The page of a check: the verdict, what leaks, what was kept, and real beside synthetic data."""

import html
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from anonymizer.checks.figures import formats
from anonymizer.checks.figures.figure import Colour, Figure, worst, worst_first
from anonymizer.checks.figures.statistics import Estimate
from anonymizer.checks.pages import page
from anonymizer.checks.pages.drawings import charts
from anonymizer.checks.pages.drawings.distributions import MIN_HOLDERS
from anonymizer.checks.pages.origin import identity, what_this_is_of
from anonymizer.checks.pages.side_by_side import columns, histories, times
from anonymizer.checks.pages.words import glossary
from anonymizer.checks.reports.check_report import Report
from anonymizer.checks.utility.rules import RuleKept

TITLE: Final = "What was kept, what leaks"
FIGURE_HEADS: Final = ("Value", "95 % interval", "Baseline", "Real vs. real")
MORE_THAN_ALL_FROM: Final = 1.005  # from which on a percentage is shown as more than 100 %
MORE_THAN_ALL: Final = (
    "Above 100 %: it learns more from them than from real ones, by chance or since they are more "
    "regular"
)


class Headline(NamedTuple):
    """A figure that has a card, where it was measured.

    Attributes:
        title: of the card.
        name: of the figure that is shown.
        also: others that its colour stands for as well.
        percent: whether it reads best as a percentage.
        text: what the value is; the figure's own title if empty.
    """

    title: str
    name: str
    also: str
    percent: bool
    text: str


# Up to four are shown, the first ones that were measured.
HEADLINES: Final = (
    Headline("Copied", "copies", "*copies", True, "of the histories are copies of real ones"),
    Headline("Found out", "membership_auc", "membership*", False, ""),
    Headline("Too close", "dcr_share", "", True, "nearer to a training person; 50 % is no leak"),
    Headline(
        "Kept",
        "detector_ap_ratio",
        "detector_a?_ratio",
        True,
        "of what a detector can learn; shuffled columns {baseline}",
    ),
    Headline("Told apart", "told_apart", "", False, "ROC AUC of a classifier; 0.5 is best"),
    Headline("Told by its like", "shadows_auc", "shadows*", False, ""),
    Headline("Remembered", "likelihood_auc", "likelihood*", False, ""),
    Headline("Canaries", "canaries", "", False, "that a planted one is likelier; 0.5 is best"),
)
ATTACKS: Final = ("singling_out", "linkability", "attribute_inference")
MODEL_SENTENCES: Final[dict[Colour | None, str]] = {
    "red": "The model folder remembers people: hand out samples, never the folder",
    "amber": "The model folder may remember people: hand out samples alone",
    "green": "No memory of people was shown in the model folder",
    None: "Of the model folder nothing could be judged",
}


class Part(NamedTuple):
    """Figures of one kind, by how their names begin."""

    title: str
    text: str
    beginnings: tuple[str, ...]


PARTS: Final = (
    Part(
        "Told apart",
        "Can a synthetic entity be told from a real one, and by what?",
        ("told_apart",),
    ),
    Part(
        "Tables and joins",
        "Are rows of each table alike, does every key lead to a row, and have parents as many?",
        ("children", "orphans", "columns_of"),
    ),
    Part("Order", "Does what follows what agree?", ("order",)),
    Part("Rules", "Does what holds in every real row hold in every synthetic one?", ("rules",)),
    Part("Groups", "Are small groups there, and are they what they are?", ("group",)),
    Part(
        "Columns together",
        "Do columns, their combinations and what follows what agree? Here real vs. real is what "
        "two samples of these sizes are expected to reach.",
        ("accuracy",),
    ),
    Part(
        "Column by column",
        "One is identical. Real vs. real is what two halves of the real data reach.",
        ("similarity",),
    ),
)
BROKEN: Final = {  # by kind of rule, what breaks it; nobody's row, by the names of its columns
    "follows": "{others} A in two rows, {last} B in one and C in the other",
    "together": "{others} A beside {last} B, which never go together",
    "arithmetic": "{first} 8 where the others give 7",
    "order": "{low} 9 beside {last} 5, or a mark that says otherwise",
    "elapsed": "{first} 8 where 7 lie between the two",
    "names": "{first} A in two rows of different owners",
    "unique": "{last} A in two rows",
    "counter": "a row counted as 5 that is the fourth",
    "total": "8 where the rows that are summed up give 7",
    "running": "8 where the row before leads to 7",
    "calendar": "a time at which no real row can be",
}
OTHER_FIGURES: Final = "Further figures"


def html_of(report: Report) -> str:
    """The page of a check as HTML."""
    sections = (
        _summary(report),
        columns(report),
        times(report),
        histories(report),
        _model(report),
        _leaks(report),
        _kept(report),
        _basis(report),
    )
    facts = [
        f"<b>{frame[report.sets.entity].n_unique():,}</b> {name}, {len(frame):,} events"
        for name, frame in report.frames().items()
    ]
    facts += page.share(report.share)
    return page.document(TITLE, facts, [section for section in sections if section.body])


def _summary(report: Report) -> page.Section:
    """The verdict and the figures in large letters."""
    figures = {**report.of_sample, **report.utility}
    told = identity(report.provenance, "synthetic", _covered(report))
    said = page.told(report.purpose, sentence(report))
    return page.summary(said, _cards(figures), figures, told)


def _covered(report: Report) -> dict[str, str]:
    """What is judged and what is not, and the most that an attack may gain."""
    folder = "has a verdict of its own" if report.of_model else "was not looked at"
    covers = f"these synthetic histories; the folder of the model {folder}"
    attacks = [report.privacy[name] for name in ATTACKS if name in report.privacy]
    if not attacks:
        return {"Covers": covers}
    worst_one = max(attacks, key=lambda each: each.estimate.high)
    gain = formats.percent(max(0.0, worst_one.estimate.high))
    worst = (
        f"whoever knows some of their events finds at most {gain} of the people who would not be "
        "found anyway"
    )
    return {"Covers": covers, "At worst": worst}


def _model(report: Report) -> page.Section:
    """What the folder of the model gives away; empty where nobody asked for it."""
    if not report.of_model:
        return page.Section("model", "", "")
    cards = _cards(report.of_model)
    said = page.told(report.purpose, MODEL_SENTENCES[report.model_verdict])
    drawn = page.summary(said, cards, report.of_model)
    who = (
        "<p>Whoever holds the folder of the model can ask it how likely it finds a history. "
        "Whoever has synthetic histories alone cannot.</p>"
    )
    return page.Section("model", drawn.title, who + drawn.body + _table("Model", report.of_model))


def sentence(report: Report) -> str:
    """The verdict in words; what leaks comes before what was lost."""
    leaks, kept = worst(report.of_sample.values()), worst(report.utility.values())
    if leaks == "red":
        return "No: it leaks, so do not hand this set out as it is"
    if kept == "red":
        return "No leak was shown, but too little was kept for it to be of use"
    if leaks is None and kept is None:
        return "Nothing could be judged"
    if "amber" in {leaks, kept}:
        return "Nothing fails, but look closer before it is handed out"
    return "No leak was shown, and what was looked for was kept"


def _cards(figures: Mapping[str, Figure]) -> list[page.Card]:
    """Up to four figures in large letters, those of `HEADLINES` that were measured first."""
    return [_card(head, figures) for head in HEADLINES if head.name in figures][:4]


def _card(head: Headline, figures: Mapping[str, Figure]) -> page.Card:
    """The worst figure of a family in large letters, and why it has the colour that it has."""
    first = figures[head.name]
    also = {name: f for name, f in figures.items() if fnmatchcase(name, head.also)}
    shown = next(iter(worst_first({head.name: first, **also}).values()))
    say = formats.percent if head.percent or shown.unit == "share" else formats.number
    text = head.text.replace("{baseline}", say(shown.baseline)) if shown is first else ""
    text = text or shown.title
    if head.percent and shown.estimate.value >= MORE_THAN_ALL_FROM:
        text += f". {MORE_THAN_ALL}"
    if shown.reason:
        text += f". {shown.reason}"
    return page.Card(head.title, shown.colour, say(shown.estimate.value), text)


def headlines(figures: Mapping[str, Figure]) -> list[str]:
    """The names of the figures that come first, those that were measured."""
    return [head.name for head in HEADLINES if head.name in figures]


def _leaks(report: Report) -> page.Section:
    """What leaks: attacks and distances, drawn and as a table."""
    title = "Attacks and distances, with 95 % intervals"
    return page.Section(
        "leaks",
        "What leaks",
        "<p>These are attacks and distances. They show what was looked for and found; they do not "
        "prove that nothing else can be found. The baseline is what chance or honest data "
        "reaches.</p>"
        + page.attacks(report.of_sample.values(), title)
        + _table("What leaks", report.of_sample),
    )


def _kept(report: Report) -> page.Section:
    """What was kept: detectors first, then part by part, as a table each."""
    rest = dict(report.utility)
    body = _detector(report, _taken(rest, ("detector", "trees", "next_item")))
    for title, text, beginnings in PARTS:
        body += _part(title, text, _taken(rest, beginnings))
        if title == "Rules":
            body += _rules(report)
        if title == "Groups":
            body += _groups(report)
    return page.Section("kept", "What was kept", body + _part(OTHER_FIGURES, "", rest))


def _rules(report: Report) -> str:
    """A row per rule, the least kept first; empty without rules."""
    heads = ("Real rows", "Kept in the holdout", "Synthetic rows", "Broken", "Kept")
    rows = [
        page.row(
            str(rule.relation),
            _broken(rule),
            [
                f"{rule.real.rows:,}",
                formats.percent(rule.holdout.kept),
                f"{rule.synthetic.rows:,}",
                f"{rule.synthetic.broken:,}",
                formats.percent(rule.synthetic.kept),
            ],
            colour,
            heads,
        )
        for rule, colour in zip(report.rules, report.rule_colours, strict=True)
    ]
    table = page.table("Rules, the least kept first", ("Rule", *heads, "Verdict"), rows)
    return page.folded("Rule by rule", table) if rows else ""


def _broken(rule: RuleKept) -> str:
    """What a row looks like that breaks a rule, made up; empty where none does."""
    if not rule.synthetic.broken:
        return ""
    first, *_, low, last = (rule.relation.columns[0], *rule.relation.columns)
    others = ", ".join(rule.relation.columns[:-1])
    told = BROKEN[rule.relation.kind].format(first=first, low=low, others=others, last=last)
    return f"Broken by, made up: {told}"


def _groups(report: Report) -> str:
    """A row per group of entities, the least kept first; empty without groups."""
    heads = ("Real", "Synthetic", "Share, over the real one", "Interval")
    rows = [
        page.row(
            group.value,
            group.column,
            [f"{group.real:,}", f"{group.synthetic:,}", *_estimated(group.kept)],
            colour,
            heads,
        )
        for group, colour in zip(report.groups, report.group_colours, strict=True)
    ]
    table = page.table("Groups, the least kept first", ("Group", *heads, "Verdict"), rows)
    return page.folded("Group by group", table) if rows else ""


def _estimated(estimate: Estimate) -> tuple[str, str]:
    """A value and its interval as texts."""
    return formats.number(estimate.value), formats.interval(estimate)


def _taken(figures: dict[str, Figure], beginnings: tuple[str, ...]) -> dict[str, Figure]:
    """The figures whose names begin so; they are removed from the others."""
    return {n: figures.pop(n) for n in list(figures) if n.startswith(beginnings)}


def _part(title: str, text: str, figures: Mapping[str, Figure]) -> str:
    """Figures of one kind under a heading; empty without any."""
    said = f"<p>{text}</p>" if text else ""
    return f"<h3>{title}</h3>{said}{_table(title, figures)}" if figures else ""


def _detector(report: Report, figures: Mapping[str, Figure]) -> str:
    """The three trainings of the detector, drawn, and its figures."""
    finds = (
        f"the column <code>{html.escape(report.label)}</code>"
        if report.label
        else "anomalies that were put into held-out histories"
    )
    result = report.detector
    pictures = [page.picture("Detector", charts.detector_chart(result))]
    if result.by_kind:
        pictures.append(page.picture("Kind by kind", charts.kinds_chart(result)))
    return (
        f"<h3>Can a detector be trained on it?</h3><p>One detector, trained three times, looks for "
        f"{finds} in histories of people nobody trained on. <i>Shuffled</i> keeps each column and "
        "destroys what connects them: the least that synthetic data must beat.</p>"
        + page.legend("points", {n: n for n in charts.SOURCES})
        + page.pair(pictures)
        + _table("Detector", figures)
    )


def _basis(report: Report) -> page.Section:
    """Notes, how to read the page, and the limits."""
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in report.notes)
    return page.Section(
        "basis",
        "How to read this",
        (f'<ul class="notes">{notes}</ul>' if notes else "")
        + "<p>Green, amber and red follow the limits below; docs/checks.md of the project says "
        f"what each figure is. Bars, bins and cells that fewer than {MIN_HOLDERS} entities "
        "hold are left out, and axes leave out the outer 1 %. Synthetic histories resemble the "
        "real ones; that is no guarantee for any person.</p>"
        + page.limits_table(report.figures)
        + glossary()
        + what_this_is_of(report.provenance),
    )


def _table(caption: str, figures: Mapping[str, Figure]) -> str:
    """A row per figure; empty without any."""
    return page.figure_table(caption, FIGURE_HEADS, figures, _cells) if figures else ""


def _cells(figure: Figure) -> list[str]:
    """A figure's row: value, interval, baseline, ceiling."""
    unit = figure.unit
    return [
        formats.shown(figure.estimate.value, unit),
        formats.interval(figure.estimate, unit),
        formats.shown(figure.baseline, unit),
        formats.shown(figure.ceiling, unit),
    ]
