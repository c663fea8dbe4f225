"""What the reports of a check and of an audit have in common: the verdict, the JSON, the files."""

import json
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from anonymizer.checks.figures.figure import WORDS, Colour, Figure, worst, worst_first
from anonymizer.checks.figures.formats import count, interval, shown
from anonymizer.errors import FileError
from anonymizer.provenance import Provenance
from anonymizer.staging import staged
from anonymizer.tables import Table, Tabular

SCHEMA: Final = 1  # of the JSON; it changes when a key is renamed or goes


@dataclass(frozen=True, kw_only=True, repr=False)
class BaseReport(Tabular):
    """A report: judged figures by name, and notes. It shows itself as a table.

    Attributes:
        draw: makes the HTML page of this report. It is handed in by whoever makes the report, so
            that reports need not know the pages, which are drawn from them.
        notes: sentences on what was not measured and why, and what else a reader must know.
        provenance: which files it is of and how it came about.
    """

    draw: Callable[[Any], str] = field(repr=False, compare=False)
    notes: Sequence[str] = ()
    provenance: Provenance = field(
        default_factory=partial(Provenance.now, "anonymizer"), compare=False
    )

    @abstractmethod
    def _all_figures(self) -> Mapping[str, Figure]:
        """The judged figures by name."""

    @abstractmethod
    def _contents(self) -> dict[str, Any]:
        """What stands in the JSON between the verdict and the notes; NaN is allowed."""

    @property
    def verdict(self) -> Colour | None:
        """The worst colour of all figures; None if nothing could be judged."""
        return worst(self._all_figures().values())

    @property
    def verdicts(self) -> dict[str, Colour | None]:
        """In words what is judged, and its verdict; what else may be handed out is judged apart."""
        return {"verdict": self.verdict}

    def _table(self) -> Table:
        """The verdict, and a row for each figure, the worst first; no value of the data."""
        figures = worst_first(self._all_figures())
        rows = [
            (
                name,
                shown(each.estimate.value, each.unit),
                interval(each.estimate, each.unit),
                shown(each.baseline, each.unit),
                WORDS[each.colour] if each.colour else "–",
                each.title,
            )
            for name, each in figures.items()
        ]
        above = [
            f"{of}: {WORDS[colour] if colour else 'nothing was judged'}"
            for of, colour in self.verdicts.items()
        ]
        above[-1] += f" ({count(figures.values())})"
        head = ("figure", "value", "95 % interval", "baseline", "verdict", "measured")
        notes = [f"note: {note}" for note in self.notes]
        return Table(head, rows, above=above, below=notes, last_keeps=0)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON takes it; NaN and infinity become None.

        Returns:
            A dict as the schemas in `docs/` describe it, `check.schema.json` or
            `audit.schema.json`.
        """
        found: dict[str, Any] = _without_nan(
            {
                "schema": SCHEMA,
                "version": version("seqanon"),
                "verdict": self.verdict,
                "provenance": self.provenance.to_dict(),
                **self._contents(),
                "notes": list(self.notes),
            }
        )
        return found

    def write_json(self, path: str | Path) -> None:
        """Write `to_dict()` as a JSON file; a file that is there is replaced.

        Raises:
            FileError: the file cannot be written.
        """
        write_text(Path(path), json.dumps(self.to_dict(), indent=1, allow_nan=False))

    def html(self) -> str:
        """The report as one HTML page that needs no network and no script.

        Raises:
            MissingExtraError: the charting library is not installed.
        """
        return self.draw(self)

    def write_html(self, path: str | Path) -> None:
        """Write `html()` as a file; a file that is there is replaced.

        Raises:
            MissingExtraError: the charting library is not installed.
            FileError: the file cannot be written.
        """
        write_text(Path(path), self.html())


def _without_nan(value: Any) -> Any:
    """The same nested value with None for NaN and infinity, which JSON does not have."""
    if isinstance(value, dict):
        return {k: _without_nan(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_nan(v) for v in value]
    return None if isinstance(value, float) and not abs(value) < float("inf") else value


def write_text(path: Path, text: str) -> None:
    """Write a file, so that nobody ever reads half a report.

    Raises:
        FileError: it cannot be written.
    """
    if not path.parent.is_dir():
        raise FileError(f"cannot write {path}: no such folder")
    try:
        with staged(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FileError(f"cannot write {path}: {error.strerror}") from error
