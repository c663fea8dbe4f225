"""What an audit found: figures before and after masking, as one HTML page and as JSON."""

import html
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from anonymizer.checks import charts, page
from anonymizer.checks.equivalence import BANDS, Classes
from anonymizer.checks.figures import Colour, Figure, worst
from anonymizer.checks.statistics import Estimate

SCHEMA: Final = 1
TITLE: Final = "What an attacker could still do"

Unit = Literal["share", "count", "distance"]
Curve = Sequence[tuple[int, Estimate]]


@dataclass(frozen=True, kw_only=True)
class Risk(Figure):
    """A figure of the masked table beside the raw one's.

    The baseline is what guessing reaches, the ceiling is the raw table's value.

    Attributes:
        before: of the raw table, with its interval; None where it has none.
        unit: how to read the value.
    """

    before: Estimate | None
    unit: Unit

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
        cleaned: dict[str, Any] = page.without_nan(found)
        return cleaned

    def write_json(self, path: str | Path) -> None:
        """Write the figures as JSON.

        Raises:
            FileError: the file cannot be written.
        """
        page.write(Path(path), json.dumps(self.to_dict(), indent=1, allow_nan=False))

    def write_html(self, path: str | Path) -> None:
        """Write one self-contained page.

        Raises:
            MissingExtraError: the charting library is not installed.
            FileError: the file cannot be written.
        """
        page.write(Path(path), self.html())

    def html(self) -> str:
        """The page."""
        parts = (self._summary, self._figures, self._events, self._groups, self._basis)
        return page.document(TITLE, "\n".join(part() for part in parts))

    def _summary(self) -> str:
        tables = self.tables
        sets = (
            f"<li><b>{tables.raw_entities:,}</b> entities in {tables.raw_rows:,} raw rows</li>"
            f"<li><b>{tables.masked_entities:,}</b> in {tables.masked_rows:,} masked rows</li>"
        )
        cards = "".join(
            page.card(title, figure.colour, shown(figure.estimate.value, figure.unit), text)
            for name, title, text in CARDS
            if (figure := self.figures.get(name)) is not None
        )
        return (
            f"<header><h1>{TITLE}</h1><ul class=sets>{sets}</ul></header>"
            f"<p class=verdict>{html.escape(_sentence(self.verdict))}</p>"
            f"<section class=cards>{cards}</section>{self._picture()}"
        )

    def _picture(self) -> str:
        curves = {name: self.curves[name] for name in charts.CURVES if name in self.curves}
        if not curves:
            return ""
        title = "Entities singled out by so many known events, with 95 % intervals"
        keys = page.legend(list(curves), CURVE_KEYS)
        drawn = charts.curves_chart(curves, title)
        return f"<figure class=wide><figcaption>{title}</figcaption>{keys}{drawn}</figure>"

    def _figures(self) -> str:
        heads = ("Figure", "Masked", "95 % interval", "Raw", "Chance", "")
        rows = [
            page.row(figure.title, figure.meaning, _cells(figure), figure.colour)
            for figure in self.figures.values()
        ]
        return (
            "<section><h2>Figure by figure</h2><p>These are attacks that were tried and groups "
            "that were counted. They do not prove that nothing else can be done, and masked data "
            "stays personal data.</p>" + page.table(heads, rows) + "</section>"
        )

    def _events(self) -> str:
        if not self.curves:
            return ""
        most = [points for points, _ in next(iter(self.curves.values()))]
        heads = ("Share singled out", *(f"{points} known" for points in most), "")
        rows = [
            page.row(*CURVE_NAMES[name], _along(curve, most), None)
            for name, curve in self.curves.items()
        ]
        return (
            "<section><h2>By the number of known events</h2>" + page.table(heads, rows)
            + "</section>"
        )  # fmt: skip

    def _groups(self) -> str:
        if not self.classes:
            return ""
        heads = ("Table", *(f"{band} alike" for band in BANDS), "suppressed", "several", "")
        rows = [
            page.row(f"{name} table", "", _groups_of(each), None)
            for name, each in self.classes.items()
        ]
        return (
            "<section><h2>Groups of entities that look alike</h2><p>Entities by how many share "
            "their quasi-identifiers, themselves included. <i>Suppressed</i> ones have none left. "
            "<i>Several</i> counts those with more than one combination: they are judged by the "
            "rarest.</p>" + page.table(heads, rows) + "</section>"
        )

    def _basis(self) -> str:
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
        said = f"<h2>Notes</h2><ul class=notes>{notes}</ul>" if notes else ""
        return (
            f"<section><h2>What the attacker is taken to know</h2><ul class=notes>{items}</ul>"
            f"{said}<p class=fine>anonymizer {version('seqanon')}. Green, amber and red follow "
            "the thresholds in docs/checks.md of the project.</p></section>"
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


def shown(value: float, unit: Unit) -> str:
    """A value as its unit is read."""
    if unit == "share":
        return page.percent(value)
    if unit == "distance" or page.is_nan(value):
        return page.number(value)
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def _sentence(verdict: Colour | None) -> str:
    return {
        "red": "At least one attack succeeds too often: do not share this table as it is.",
        "amber": "No attack succeeds broadly, but some figure is too high or too uncertain.",
        "green": "None of the attacks that were tried succeeds.",
        None: "Nothing could be judged: the notes below say why.",
    }[verdict]


def _cells(figure: Risk) -> list[str]:
    def show(value: float) -> str:
        return shown(value, figure.unit)

    return [
        show(figure.estimate.value),
        page.interval(figure.estimate, show),
        show(figure.before.value) if figure.before else "–",
        "–" if figure.baseline is None else show(figure.baseline),
    ]


def _along(curve: Curve, points: list[int]) -> list[str]:
    found = {p: page.percent(estimate.value) for p, estimate in curve}
    return [found.get(p, "–") for p in points]


def _groups_of(each: Classes) -> list[str]:
    counts = [*each.sizes.values(), each.suppressed, each.several]
    return [f"{count:,}" for count in counts]


def _curve(curve: Curve) -> list[dict[str, float]]:
    return [{"points": points, **estimate._asdict()} for points, estimate in curve]


def _classes(each: Classes) -> dict[str, Any]:
    return {**each._asdict(), "highest_risk": each.highest_risk, "unique": each.unique}
