"""Figures → one HTML page that needs no network and no script, and the same as JSON."""

import html
import json
import os
import uuid
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from anonymizer.checks import charts
from anonymizer.checks.figures import Colour, Figure, worst
from anonymizer.checks.utility import DetectorResult, Histories
from anonymizer.errors import FileError

SCHEMA = 1
STYLE = (Path(__file__).parent / "report.css").read_text()

WORDS: dict[Colour, str] = {"green": "good", "amber": "look closer", "red": "not good enough"}


@dataclass(frozen=True)
class Report:
    """The outcome of a check.

    Attributes:
        utility: what was kept, by name.
        privacy: what leaks, by name.
        sets: the histories that were compared.
        detector: the detector's results behind the utility figures.
        label: the column the detector was to find, or None for injected anomalies.
    """

    utility: dict[str, Figure]
    privacy: dict[str, Figure]
    sets: Histories
    detector: DetectorResult
    label: str | None

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
        }
        cleaned: dict[str, Any] = _without_nan(found)
        return cleaned

    def write_json(self, path: str | Path) -> None:
        """Write the figures as JSON."""
        _write(Path(path), json.dumps(self.to_dict(), indent=1))

    def write_html(self, path: str | Path) -> None:
        """Write one self-contained page.

        Raises:
            MissingExtraError: the charting library is not installed.
            FileError: the file cannot be written.
        """
        _write(Path(path), self.html())

    def _frames(self) -> dict[str, pl.DataFrame]:
        sets = self.sets
        return {"real": sets.real, "synthetic": sets.synthetic, "holdout": sets.holdout}

    def html(self) -> str:
        """The page."""
        parts = (self._summary, self._privacy, self._detector, self._columns, self._all)
        body = "\n".join(part() for part in parts)
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            "<title>Synthetic histories: what was kept and what leaks</title>"
            f"<style>{STYLE}</style></head>\n<body><main>{body}</main></body></html>\n"
        )

    def _summary(self) -> str:
        kept, leaks = worst(list(self.utility.values())), worst(list(self.privacy.values()))
        sets = "".join(
            f"<li><b>{f[self.sets.entity].n_unique():,}</b> {name}, {len(f):,} events</li>"
            for name, f in self._frames().items()
        )
        ratio = self.utility["detector_ap_ratio"]
        copies, dcr = self.privacy["copies"], self.privacy["dcr_share"]
        return (
            "<header><h1>What was kept, what leaks</h1>"
            f"<ul class=sets>{sets}</ul></header>"
            "<section class=cards>"
            + _card(
                "Kept",
                kept,
                _percent(ratio),
                "of what a detector can learn (average precision above chance)",
            )
            + _card(
                "Copied", copies.colour or leaks, _percent(copies), "of the histories are copies"
            )
            + _card(
                "Too close",
                dcr.colour or leaks,
                _percent(dcr),
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
        figures = [f for name, f in self.utility.items() if name.startswith("detector")]
        kinds = charts.kinds_chart(self.detector) if self.detector.by_kind else ""
        return (
            f"<section><h2>Can a detector be trained on it?</h2><p>One detector, trained three "
            f"times, looks for {finds} in histories of people nobody trained on. "
            "<i>Shuffled</i> keeps each column and destroys what connects them: the least that "
            "synthetic data must beat.</p>"
            + _legend(("real", "synthetic", "shuffled"))
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
            + _legend(("real", "synthetic"))
            + f"<div class=grid>{drawn}{weeks}</div></section>"
        )

    def _all(self) -> str:
        rest = [f for name, f in self.utility.items() if not name.startswith("detector")]
        return (
            "<section><h2>Distribution by distribution</h2><p>One is identical. "
            "<i>Real vs. real</i> is what two halves of the real data reach against each other.</p>"
            + _table(rest)
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


def _card(title: str, colour: Colour, value: str, text: str) -> str:
    return (
        f'<div class="card {colour}"><h3>{title}</h3><p class=value>{value}</p>'
        f"<p>{text}</p><p class=word>{WORDS[colour]}</p></div>"
    )


def _percent(figure: Figure) -> str:
    value = figure.estimate.value
    return "–" if value != value else f"{100 * value:.0f} %"  # noqa: PLR0124 (NaN differs from itself)


def _legend(names: tuple[str, ...]) -> str:
    marks = "".join(f'<span class="key {n}">{n}</span>' for n in names)
    return f"<p class=legend>{marks}</p>"


def _number(value: float | None) -> str:
    if value is None or value != value:  # noqa: PLR0124 (NaN differs from itself)
        return "–"
    return f"{value:.3f}"


def _table(figures: Any) -> str:
    rows = "".join(_row(figure) for figure in figures)
    heads = ("Figure", "Value", "95 % interval", "Baseline", "Real vs. real", "")
    head = "".join(f'<th scope="col">{h}</th>' for h in heads)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f"<div class=scroll>{table}</div>"


def _row(figure: Figure) -> str:
    value, low, high = figure.estimate
    interval = "–" if low == high else f"{_number(low)} to {_number(high)}"
    mark = (
        f'<span class="mark {figure.colour}">{WORDS[figure.colour]}</span>' if figure.colour else ""
    )
    return (
        f'<tr><th scope="row">{html.escape(figure.title)}'
        f"<small>{html.escape(figure.meaning)}</small></th>"
        f"<td>{_number(value)}</td><td>{interval}</td><td>{_number(figure.baseline)}</td>"
        f"<td>{_number(figure.ceiling)}</td><td>{mark}</td></tr>"
    )


def _plain(detection: Any) -> dict[str, Any]:
    return {name: estimate._asdict() for name, estimate in detection._asdict().items()}


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_nan(v) for k, v in value.items()}
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124


def _write(path: Path, text: str) -> None:
    """Write beside the target, then rename."""
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, path)  # noqa: PTH105 (Path.replace is the same)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise FileError(f"cannot write {path}: {error.strerror}") from error
