"""The outcome of a check, as figures with a verdict, as JSON, and as one HTML page."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from anonymizer.checks.figures import outcome
from anonymizer.checks.figures.figure import Colour, Figure, worst
from anonymizer.checks.pages import check_page
from anonymizer.checks.sets.histories import Histories
from anonymizer.checks.utility.detector import DetectorResult
from anonymizer.checks.utility.subgroups import Group

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
        notes: what else a reader must know.
    """

    utility: dict[str, Figure]
    privacy: dict[str, Figure]
    sets: Histories
    detector: DetectorResult
    label: str | None
    groups: Sequence[Group] = ()
    notes: Sequence[str] = ()

    @property
    def figures(self) -> dict[str, Figure]:
        """What leaks and what was kept, by name."""
        return {**self.privacy, **self.utility}

    @property
    def verdict(self) -> Colour | None:
        """The worst colour of all figures; None if nothing could be judged."""
        return worst(self.figures.values())

    def to_dict(self) -> dict[str, Any]:
        """Every figure, as JSON takes it; NaN becomes null."""
        counted = {
            name: {"entities": f[self.sets.entity].n_unique(), "events": len(f)}
            for name, f in self.frames().items()
        }
        kinds = {
            kind: dict(zip(("real", "synthetic", "shuffled"), values, strict=True))
            for kind, values in self.detector.by_kind.items()
        }
        found = {
            "schema": SCHEMA,
            "version": version("seqanon"),
            "verdict": self.verdict,
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
            "notes": list(self.notes),
        }
        cleaned: dict[str, Any] = outcome.without_nan(found)
        return cleaned

    def write_json(self, path: str | Path) -> None:
        """Write the figures as JSON, which `docs/check.schema.json` describes.

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
        return check_page.html_of(self)

    def frames(self) -> dict[str, pl.DataFrame]:
        """The three sets by name."""
        sets = self.sets
        return {"real": sets.real, "synthetic": sets.synthetic, "holdout": sets.holdout}


def _plain(detection: Any) -> dict[str, Any]:
    return {name: estimate._asdict() for name, estimate in detection._asdict().items()}
