"""The equivalence classes of an audit as figures: k-anonymity, l-diversity and t-closeness."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import polars as pl

from anonymizer.checks.attacks.equivalence import Classes, diversity
from anonymizer.checks.attacks.equivalence import classes as classes_of
from anonymizer.checks.audit.attack_figures import found_by
from anonymizer.checks.audit.case import Case, Findings
from anonymizer.checks.figures.figure import Risk, Unit, exact
from anonymizer.checks.figures.formats import percent
from anonymizer.checks.figures.statistics import Estimate


def count_groups(case: Case, found: Findings) -> None:
    """Add k, who is alone, and l and t of the sensitive columns."""
    if not case.basis.quasi_identifiers:
        found.notes.append("no quasi-identifiers were named: groups were not counted")
        return
    before, after = (
        classes_of(frame, case.entity, _present(frame, case.basis.quasi_identifiers))
        for frame in (case.raw, case.masked)
    )
    found.classes |= {"raw": before, "masked": after}
    found.figures["k"] = Risk(
        title="Smallest group (k)",
        estimate=_size(after),
        baseline=None,
        ceiling=_size(before).value,
        meaning=_group_sentence(after),
        judged=after.smallest if after.classes else float("inf"),
        judgeable=bool(after.entities),
        before=_size(before),
        unit="count",
    )
    found.figures["unique"] = found_by(
        "Alone with their quasi-identifiers",
        (exact(before.unique), exact(after.unique)),
        None,
        f"{after.sizes['1']:,} of {after.entities:,} entities share their quasi-identifiers with "
        f"nobody; {before.sizes['1']:,} before masking. Whoever knows that somebody is in there "
        f"and guesses within the group is right in {percent(after.average_risk)} of all cases.",
    )
    for column in case.basis.sensitive:
        _tell(case, column, found)


def _present(frame: pl.DataFrame, columns: Sequence[str]) -> list[str]:
    """The named columns that a table has."""
    return [c for c in columns if c in frame.columns]


def _size(found: Classes) -> Estimate:
    """The size k of the smallest class as an estimate; NaN where there is no class."""
    return exact(float(found.smallest) if found.classes else float("nan"))


def _group_sentence(found: Classes) -> str:
    """What k says, in words, and how many entities are not counted."""
    if not found.classes:
        return "There is no group: no entity has quasi-identifiers left."
    suppressed = (
        f" {found.suppressed:,} entities have none left and are not counted."
        if found.suppressed
        else ""
    )
    return (
        f"The rarest combination of quasi-identifiers is held by {found.smallest:,} of "
        f"{found.entities:,} entities, counted once however many rows they have.{suppressed}"
    )


def _tell(case: Case, column: str, found: Findings) -> None:
    """Add l and t of one sensitive column."""
    if column not in case.masked.columns:
        return
    after = diversity(
        case.masked, case.entity, _present(case.masked, case.basis.quasi_identifiers), column
    )
    before = (
        diversity(case.raw, case.entity, _present(case.raw, case.basis.quasi_identifiers), column)
        if column in case.raw.columns
        else None
    )
    judged = bool(found.classes["masked"].classes) and after.distinct > 0
    for each in _DIVERSITY:
        value = float(getattr(after, each.name))
        earlier = exact(float(getattr(before, each.name))) if before else None
        found.figures[f"{each.name}_{column}"] = Risk(
            title=each.title.replace("{column}", column),
            estimate=exact(value if judged else float("nan")),
            baseline=None,
            ceiling=earlier.value if earlier else None,
            meaning=each.meaning,
            judged=round(value, 9),
            judgeable=judged,
            before=earlier,
            unit=each.unit,
        )
    if after.entities_without_value:
        found.notes.append(
            f"{after.entities_without_value:,} entities have no value of '{column}' in the masked "
            f"table, {after.classes_without_value:,} groups none at all: null makes no group "
            "diverse"
        )


class _DiversityFigure(NamedTuple):
    """How a number of `Diversity` is told: its name there, title, unit and meaning."""

    name: str
    title: str
    unit: Unit
    meaning: str


_DIVERSITY: Final = (
    _DiversityFigure(
        "distinct",
        "Values of {column} in a group (distinct l)",
        "count",
        "The fewest different values among those who share their quasi-identifiers: with one, "
        "whoever finds the group knows it.",
    ),
    _DiversityFigure(
        "entropy",
        "Even values of {column} in a group (entropy l)",
        "count",
        "So many equally frequent values would leave an attacker as uncertain as the worst group.",
    ),
    _DiversityFigure(
        "closeness",
        "Distance of {column} in a group to the table (t)",
        "distance",
        "How much the worst group tells beyond what the whole table tells: 0 is nothing, 1 is all.",
    ),
)
