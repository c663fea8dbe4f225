"""Figures → one HTML page that needs no network and no script, and the same as JSON."""

import html
import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from anonymizer.checks import charts, page
from anonymizer.checks.figures import Figure, worst
from anonymizer.checks.subgroups import SHARE_KEPT, Group
from anonymizer.checks.utility import DetectorResult, Histories

SCHEMA = 1
SHOWN = 12  # groups on the page


@dataclass(frozen=True)
class Report:
    """The outcome of a check.

    Attributes:
        utility: what was kept, by name.
        privacy: what leaks, by name.
        sets: the histories that were compared.
        detector: the detector's results behind the utility figures.
        label: the column the detector was to find, or None for injected anomalies.
        groups: entities that share a value which never changes, the least kept first.
    """

    utility: dict[str, Figure]
    privacy: dict[str, Figure]
    sets: Histories
    detector: DetectorResult
    label: str | None
    groups: list[Group]

    def to_dict(self) -> dict[str, Any]:
        """Every figure, as JSON takes it; NaN becomes null."""
        counted = {
            name: {"entities": f[self.sets.entity].n_unique(), "events": len(f)}
            for name, f in self._frames().items()
        }
        kinds = {
            kind: dict(zip(("real", "synthetic", "shuffled"), values, strict=True))
            for kind, values in self.detector.by_kind.items()
        }
        found = {
            "schema": SCHEMA,
            "version": version("seqanon"),
            "sets": counted,
            "detector": {
                "finds": self.label or "injected anomalies",
                "prevalence": self.detector.prevalence,
                "trained_on_real": _plain(self.detector.real),
                "trained_on_synthetic": _plain(self.detector.synthetic),
                "trained_on_shuffled": _plain(self.detector.baseline),
                "roc_auc_by_kind": kinds,
            },
            "utility": {name: figure.to_dict() for name, figure in self.utility.items()},
            "privacy": {name: figure.to_dict() for name, figure in self.privacy.items()},
            "groups": [group.to_dict() for group in self.groups],
        }
        cleaned: dict[str, Any] = page.without_nan(found)
        return cleaned

    def write_json(self, path: str | Path) -> None:
        """Write the figures as JSON."""
        page.write(Path(path), json.dumps(self.to_dict(), indent=1))

    def write_html(self, path: str | Path) -> None:
        """Write one self-contained page.

        Raises:
            MissingExtraError: the charting library is not installed.
            FileError: the file cannot be written.
        """
        page.write(Path(path), self.html())

    def _frames(self) -> dict[str, pl.DataFrame]:
        sets = self.sets
        return {"real": sets.real, "synthetic": sets.synthetic, "holdout": sets.holdout}

    def html(self) -> str:
        """The page."""
        parts = (
            self._summary,
            self._privacy,
            self._detector,
            self._whole,
            self._columns,
            self._similarities,
        )
        body = "\n".join(part() for part in parts)
        return page.document("Synthetic histories: what was kept and what leaks", body)

    def _summary(self) -> str:
        kept = worst(list(self.utility.values()))
        sets = "".join(
            f"<li><b>{f[self.sets.entity].n_unique():,}</b> {name}, {len(f):,} events</li>"
            for name, f in self._frames().items()
        )
        ratio = self.utility["detector_ap_ratio"]
        copies, dcr = self.privacy["copies"], self.privacy["dcr_share"]
        alike = worst([copies, self.privacy["moved_copies"], self.privacy["near_copies"]])
        return (
            "<header><h1>What was kept, what leaks</h1>"
            f"<ul class=sets>{sets}</ul></header>"
            "<section class=cards>"
            + page.card(
                "Kept",
                kept,
                page.percent(ratio.estimate.value),
                "of what a detector can learn (average precision above chance)",
            )
            + page.card(
                "Copied",
                alike,
                page.percent(copies.estimate.value),
                "of the histories are copies",
            )
            + page.card(
                "Too close",
                worst([dcr]),
                page.percent(dcr.estimate.value),
                "nearer to a training person; 50 % is no leak",
            )
            + "</section>"
        )

    def _privacy(self) -> str:
        return (
            "<section><h2>What leaks</h2><p>The figures below are attacks and distances. They "
            "show what was looked for and found; they do not prove that nothing else can be.</p>"
            + _table(self.privacy.values())
            + "</section>"
        )

    def _detector(self) -> str:
        finds = (
            f"the column <code>{html.escape(self.label)}</code>"
            if self.label
            else "anomalies that were put into held-out histories"
        )
        figures = self._named("detector", "trees", "next_item")
        kinds = charts.kinds_chart(self.detector) if self.detector.by_kind else ""
        return (
            f"<section><h2>Can a detector be trained on it?</h2><p>One detector, trained three "
            f"times, looks for {finds} in histories of people nobody trained on. "
            "<i>Shuffled</i> keeps each column and destroys what connects them: the least that "
            "synthetic data must beat.</p>"
            + page.legend(("real", "synthetic", "shuffled"))
            + f"<figure class=wide>{charts.detector_chart(self.detector)}{kinds}</figure>"
            + _table(figures)
            + "</section>"
        )

    def _columns(self) -> str:
        sets = self.sets
        pairs = {name: (sets.real[name], sets.synthetic[name]) for name in sets.fields}
        lengths = [_lengths(sets, f) for f in (sets.real, sets.synthetic)]
        gaps = [_gaps(sets, f) for f in (sets.real, sets.synthetic)]
        pairs |= {
            "events per history": (lengths[0], lengths[1]),
            "days between": (gaps[0], gaps[1]),
        }
        pairs[sets.time] = (sets.real[sets.time], sets.synthetic[sets.time])
        drawn = "".join(
            f"<figure><figcaption>{html.escape(name)}</figcaption>{picture}</figure>"
            for name, (real, synthetic) in pairs.items()
            if (picture := charts.distribution_chart(sets, name, real, synthetic))
        )
        weeks = "".join(
            f"<figure><figcaption>{name}, by weekday and hour</figcaption>"
            f"{charts.week_chart(sets, frame, name)}</figure>"
            for name, frame in (("real", sets.real), ("synthetic", sets.synthetic))
        )
        return (
            "<section><h2>Real beside synthetic</h2>"
            + page.legend(("real", "synthetic"))
            + f"<div class=grid>{drawn}{weeks}</div></section>"
        )

    def _whole(self) -> str:
        return (
            "<section><h2>Whole histories</h2><p>Can a synthetic entity be told from a real one, "
            "and do columns, their combinations and their order agree? For accuracies "
            "<i>real vs. real</i> is what two samples of these sizes are expected to reach.</p>"
            + _table(self._named("told_apart", "order", "group", "accuracy"))
            + _groups(self.groups)
            + "</section>"
        )

    def _named(self, *beginnings: str) -> list[Figure]:
        """Utility figures whose names begin so."""
        return [f for name, f in self.utility.items() if name.startswith(beginnings)]

    def _similarities(self) -> str:
        return (
            "<section><h2>Distribution by distribution</h2><p>One is identical. "
            "<i>Real vs. real</i> is what two halves of the real data reach against each other.</p>"
            + _table(self._named("similarity"))
            + f"<p class=fine>anonymizer {version('seqanon')}. Green, amber and red follow the "
            "thresholds in docs/checks.md of the project. Bars and axes leave out values held "
            f"by fewer than {charts.HOLDERS} entities and the outer 1 %.</p></section>"
        )


def _lengths(sets: Histories, frame: pl.DataFrame) -> pl.Series:
    return frame.group_by(sets.entity).len()["len"]


def _gaps(sets: Histories, frame: pl.DataFrame) -> pl.Series:
    time = pl.col(sets.time).cast(pl.Datetime("us"))
    gap = time.diff().over(sets.entity).dt.total_seconds() / 86_400
    return sets.sorted(frame).select(gap).to_series().drop_nulls()


def _table(figures: Iterable[Figure]) -> str:
    heads = ("Figure", "Value", "95 % interval", "Baseline", "Real vs. real", "")
    return page.table(heads, [_row(figure) for figure in figures])


def _groups(groups: list[Group]) -> str:
    """A table of the groups that were kept worst; nothing without groups."""
    heads = ("Group", "Real", "Synthetic", "Share, over the real one", "Interval", "")
    rows = [
        page.row(
            group.value,
            group.column,
            (f"{group.real:,}", f"{group.synthetic:,}", page.number(group.kept.value),
             page.interval(group.kept)),
            SHARE_KEPT.colour(group.share_kept),
        )
        for group in groups[:SHOWN]
    ]  # fmt: skip
    return page.table(heads, rows) if rows else ""


def _row(figure: Figure) -> str:
    cells = (
        page.number(figure.estimate.value),
        page.interval(figure.estimate),
        page.number(figure.baseline),
        page.number(figure.ceiling),
    )
    return page.row(figure.title, figure.meaning, cells, figure.colour)


def _plain(detection: Any) -> dict[str, Any]:
    return {name: estimate._asdict() for name, estimate in detection._asdict().items()}
