"""The outcome of a tuning as data: changed rules, and what they come to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from anonymizer.checks.figures.formats import interval, percent
from anonymizer.checks.reports.base import write_text
from anonymizer.masking.rules.rules import Rules
from anonymizer.staging import no_wider_than
from anonymizer.tables import Table as ShownTable
from anonymizer.tables import Tabular
from anonymizer.tuning.trial import Trial


@dataclass(frozen=True, repr=False)
class Tuning(Tabular):
    """The changes of a rule file that were found, and what they come to. It shows itself.

    Attributes:
        rules: with the changes.
        text: of the rule file with the changes; comments and all else stay.
        patch: the same as a unified diff, empty where nothing is changed.
        before: what the rules come to as they are.
        after: what they come to with all changes.
        steps: one change after another, each with those before it; the last is `after`.
        curve: what other sets of changes come to, from the safest to the rules as they are.
        reached: whether target and least utility are reached.
        target: the share of people that may be singled out.
        points: by how many known events.
        known: the columns by which events are known.
        queries: what is asked → SQL.
        notes: what else a reader must know.
        draw: makes the page of this result, which is drawn from it and so is not known here.
        mode: of the rule file; whoever may not read it may not read what is written.

    Example:
        >>> found = tune_rules("orders.parquet", "rules.yaml", target=0.05)  # doctest: +SKIP
        >>> print(found.patch)  # doctest: +SKIP
        >>> found.write("tuned.yaml")  # doctest: +SKIP
    """

    rules: Rules
    text: str
    patch: str
    before: Trial
    after: Trial
    steps: Sequence[Trial]
    curve: Sequence[Trial]
    reached: bool
    target: float
    points: int
    known: Sequence[str]
    queries: Mapping[str, str]
    notes: Sequence[str]
    draw: Callable[["Tuning"], str] = field(repr=False, compare=False)
    mode: int = field(default=0o777, compare=False)

    def _table(self) -> ShownTable:
        """A row for the rules as they are, and for each change; then each query."""
        rows = list[tuple[str, ...]]()
        for new, trial in self.one_by_one():
            shown = percent(trial.risk.value), interval(trial.risk, "share")
            rows.append((new or "as they are", *shown, f"{trial.utility:.2f}"))
        rows += [("", "", "", "")] if self.steps else []
        rows += [
            (name, "", "", f"{self.before.answers[name]:.2f} → {kept:.2f}")
            for name, kept in self.after.answers.items()
        ]
        head = ("change, query", f"singled out by {self.points}", "95 % interval", "answers kept")
        return ShownTable(head, rows, below=[f"note: {note}" for note in self.notes])

    def one_by_one(self) -> Iterator[tuple[str, Trial]]:
        """The rules as they are, and each step by the change that it adds to those before it."""
        told = set[str]()
        for trial in (self.before, *self.steps):
            new = [change for change in trial.changes if change not in told]
            told |= {*new}
            yield "; ".join(new), trial

    @property
    def verdict(self) -> str:
        """Whether the target is reached, in words."""
        shares = percent(self.after.risk.high), percent(self.target)
        if self.after.risk.high > self.target:
            return f"target not reached: singled out {shares[0]} > {shares[1]}"
        told = f"singled out {shares[0]} ≤ {shares[1]}"
        if self.reached:
            return f"target reached: {told}"
        return f"target not reached: {told}, but less of an answer is kept than must be"

    def html(self) -> str:
        """One HTML page that draws what can be had for what.

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
        with no_wider_than(mode=self.mode):
            write_text(Path(path), self.html())

    def write(self, path: str | Path) -> None:
        """Write the rule file; a file that is there is replaced.

        Raises:
            FileError: the file cannot be written.
        """
        with no_wider_than(mode=self.mode):
            write_text(Path(path), self.text)
