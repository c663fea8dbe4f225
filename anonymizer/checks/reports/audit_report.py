"""What an audit found: figures before and after masking, as one HTML page and as JSON."""

import html
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple

from anonymizer.checks.attacks.equivalence import BANDS, Classes
from anonymizer.checks.figures import formats, outcome
from anonymizer.checks.figures.figure import Colour, Figure, worst
from anonymizer.checks.figures.statistics import Estimate
from anonymizer.checks.pages import charts, page

SCHEMA: Final = 1
TITLE: Final = "What an attacker could still do"

Curve = Sequence[tuple[int, Estimate]]


@dataclass(frozen=True, kw_only=True)
class Risk(Figure):
    """A figure of the masked table beside the raw one's.

    The baseline is what guessing reaches, the ceiling is the raw table's value.

    Attributes:
        before: of the raw table, with its interval; None where it has none.
    """

    before: Estimate | None

    def to_dict(self) -> dict[str, Any]:
        """As JSON: `before` and `after` masking, and what `chance` reaches."""
        return {
            "title": self.title,
            "unit": self.unit,
            "before": self.before._asdict() if self.before else None,
            "after": self.estimate._asdict(),
            "chance": self.baseline,
            "meaning": self.meaning,
            **self.judgement(),
        }


class Tables(NamedTuple):
    """What was compared, in numbers: rows and entities of the raw and of the masked table."""

    raw_rows: int
    raw_entities: int
    masked_rows: int
    masked_entities: int


@dataclass(frozen=True)
class Assumptions:
    """What the attacker is taken to know.

    Attributes:
        entity: column that says whose row it is.
        time: column that says when, or None.
        quasi_identifiers: columns that are known of a person.
        sensitive: columns that must not be told.
        known: columns that are known of an event.
    """

    entity: str
    time: str | None
    quasi_identifiers: list[str]
    sensitive: list[str]
    known: list[str]

    @property
    def columns(self) -> list[str]:
        """All columns that are named, the entity aside; each once."""
        time = [self.time] if self.time is not None else []
        return list(dict.fromkeys(time + self.quasi_identifiers + self.sensitive + self.known))


@dataclass(frozen=True)
class AuditReport:
    """The outcome of an audit.

    Attributes:
        tables: how large both tables are.
        assumptions: what the attacker is taken to know.
        figures: by name, in the order of the page.
        curves: singling out by the number of known events: `raw`, `masked`, `found`, and
            `raw_intervals`, `masked_intervals`; those that could be measured.
        classes: equivalence classes of `raw` and `masked`; empty without quasi-identifiers.
        notes: what was not measured and why, and what else a reader must know.
    """

    tables: Tables
    assumptions: Assumptions
    figures: dict[str, Risk]
    curves: dict[str, Curve]
    classes: dict[str, Classes]
    notes: list[str]

    @property
    def verdict(self) -> Colour | None:
        """The worst colour of all figures; None if nothing could be judged."""
        return worst(self.figures.values())

    def to_dict(self) -> dict[str, Any]:
        """Every figure, as JSON takes it; NaN becomes null."""
        found = {
            "schema": SCHEMA,
            "version": version("seqanon"),
            "verdict": self.verdict,
            "tables": self.tables._asdict(),
            "assumptions": asdict(self.assumptions),
            "figures": {name: figure.to_dict() for name, figure in self.figures.items()},
            "curves": {name: _curve(curve) for name, curve in self.curves.items()},
            "classes": {name: _classes(each) for name, each in self.classes.items()},
            "notes": self.notes,
        }
        cleaned: dict[str, Any] = outcome.without_nan(found)
        return cleaned

    def write_json(self, path: str | Path) -> None:
        """Write the figures as JSON.

        Raises:
            FileError: the file cannot be written.
        """
        outcome.write(Path(path), json.dumps(self.to_dict(), indent=1, allow_nan=False))

    def write_html(self, path: str | Path) -> None:
        """Write one self-contained page.

        Raises:
            MissingExtraError: the charting library is not installed.
            FileError: the file cannot be written.
        """
        outcome.write(Path(path), self.html())

    def html(self) -> str:
        """The page."""
        tables = self.tables
        facts = [
            f"<b>{tables.raw_entities:,}</b> entities in {tables.raw_rows:,} raw rows",
            f"<b>{tables.masked_entities:,}</b> in {tables.masked_rows:,} masked rows",
        ]
        parts = (self._summary(), self._figures(), self._events(), self._groups(), self._basis())
        return page.document(TITLE, facts, [part for part in parts if part.body])

    def _summary(self) -> page.Section:
        cards = [
            page.Card(title, figure.colour, formats.shown(figure.estimate.value, figure.unit), text)
            for name, title, text in CARDS
            if (figure := self.figures.get(name)) is not None
        ]
        return page.summary(SENTENCES[self.verdict], cards, self.figures)

    def _figures(self) -> page.Section:
        title = "Shares of entities that an attack finds, with 95 % intervals"
        attacks = [figure for figure in self.figures.values() if figure.unit == "share"]
        heads = ("Masked", "95 % interval", "Raw", "Chance")
        return page.Section(
            "figures",
            "Figure by figure",
            "<p>These are attacks that were tried and groups that were counted. They do not prove "
            "that nothing else can be done, and masked data stays personal data.</p>"
            + page.attacks(attacks, title)
            + page.figure_table("Figures", heads, self.figures, _cells),
        )

    def _events(self) -> page.Section:
        if not self.curves:
            return page.Section("events", "", "")
        curves = {name: self.curves[name] for name in charts.CURVES if name in self.curves}
        title = "Entities singled out by so many known events, with 95 % intervals"
        drawn = page.picture(title, charts.curves_chart(curves, title)) if curves else ""
        most = [points for points, _ in next(iter(self.curves.values()))]
        heads = [f"{points} known" for points in most]
        rows = [
            page.row(*CURVE_NAMES[name], _along(curve, most), None, heads)
            for name, curve in self.curves.items()
        ]
        return page.Section(
            "events",
            "By the number of known events",
            page.legend("points", {name: CURVE_KEYS[name] for name in curves})
            + drawn
            + page.table("Share singled out", ("Share singled out", *heads, ""), rows),
        )

    def _groups(self) -> page.Section:
        heads = (*(f"{band} alike" for band in BANDS), "suppressed", "several")
        rows = [
            page.row(f"{name} table", "", _groups_of(each), None, heads)
            for name, each in self.classes.items()
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

    def _basis(self) -> page.Section:
        known = self.assumptions
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
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        said = f'<h3>Notes</h3><ul class="notes">{notes}</ul>' if notes else ""
        return page.Section(
            "basis",
            "What the attacker is taken to know",
            f'<ul class="notes">{items}</ul>{said}<p>Green, amber and red follow the limits below; '
            "docs/checks.md of the project says what each figure is.</p>"
            + page.limits_table(self.figures),
        )


CARDS: Final = (
    ("unicity", "Singled out", "of the entities, by four known events"),
    ("linkage", "Recognised", "of the entities, by whoever holds the raw rows"),
    ("windows", "Windows linked", "of the changing tokens, by behaviour"),
    ("k", "Smallest group", "entities share the rarest quasi-identifiers (k)"),
)

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


SENTENCES: Final[dict[Colour | None, str]] = {
    "red": "At least one attack succeeds too often: do not share this table as it is",
    "amber": "No attack succeeds broadly, but some figure is too high or too uncertain",
    "green": "None of the attacks that were tried succeeds",
    None: "Nothing could be judged: the notes below say why",
}


def _cells(figure: Figure) -> list[str]:
    unit, before = figure.unit, getattr(figure, "before", None)
    return [
        formats.shown(figure.estimate.value, unit),
        formats.interval(figure.estimate, unit),
        formats.shown(before and before.value, unit),
        formats.shown(figure.baseline, unit),
    ]


def _along(curve: Curve, points: list[int]) -> list[str]:
    found = {p: formats.percent(estimate.value) for p, estimate in curve}
    return [found.get(p, "–") for p in points]


def _groups_of(each: Classes) -> list[str]:
    counts = [*each.sizes.values(), each.suppressed, each.several]
    return [f"{count:,}" for count in counts]


def _curve(curve: Curve) -> list[dict[str, float]]:
    return [{"points": points, **estimate._asdict()} for points, estimate in curve]


def _classes(each: Classes) -> dict[str, Any]:
    return {**each._asdict(), "highest_risk": each.highest_risk, "unique": each.unique}
