"""What synthetic histories teach about small groups: TSTR of each group of held-out entities.

A detector may be right on the whole and blind for the few whose histories were lost. So each is
tested again on the entities of every group, and the group counts in which most got lost.
"""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray
from anonymizer.checks.figures.figure import Figure
from anonymizer.checks.figures.statistics import Estimate, clustered_auc
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.utility.detector import Trial
from anonymizer.checks.utility.next_item import Recommended
from anonymizer.checks.utility.subgroups import (
    MIN_ENTITIES_OF_GROUP,
    bonferroni_z,
    constant_columns,
    frequent,
    members,
)


class Gain(NamedTuple):
    """What a training teaches above knowing nothing, in ROC AUC or hits, and its standard error."""

    value: float
    spread: float


class _Taught(NamedTuple):
    """What real, synthetic and shuffled histories teach about one group."""

    real: Gain
    synthetic: Gain
    shuffled: Gain


class _Found(NamedTuple):
    """A group, how many held-out entities it has, and what is taught about it."""

    column: str
    value: str
    entities: int
    taught: _Taught

    def kept(self, z: float) -> Estimate:
        """The share that synthetic histories teach, and z standard errors on either side.

        Chance in both trainings is allowed for as if they were tested on different entities.
        """
        real, synthetic, _ = self.taught
        ratio = synthetic.value / real.value
        spread = z * math.hypot(synthetic.spread, ratio * real.spread) / real.value
        return Estimate(ratio, ratio - spread, ratio + spread)


Lesson = Callable[[BoolArray], _Taught | None]  # about the (E,) entities that are looked at


def transfer_figures(
    sets: ComparedSets, trials: dict[str, Trial], items: Recommended | None
) -> dict[str, Figure]:
    """The group that is kept worst, for each way to learn; no figure where no group can be judged.

    Args:
        sets: the histories; those who were tested are in the holdout.
        trials: what detectors said, by the name that begins their figures.
        items: what the recommender did, if there was one.

    Returns:
        A figure `{name}_groups` for each that learned something of a group.
    """
    columns = constant_columns(sets)
    if not columns:
        return {}
    found = {
        f"{name}_groups": (LEARNER_TITLES[name], trial.entities, _of_detector(trial))
        for name, trial in trials.items()
    }
    if items is not None:
        found["next_item_groups"] = (LEARNER_TITLES["next_item"], items.entities, _of_items(items))
    figures = {
        name: _figure(title, _groups(_people(sets, entities, columns), lesson))
        for name, (title, entities, lesson) in found.items()
    }
    return {name: figure for name, figure in figures.items() if figure is not None}


LEARNER_TITLES = {
    "detector": "Detector",
    "trees": "Boosted trees",
    "next_item": "Next item",
}


def _people(sets: ComparedSets, entities: pl.Series, columns: list[str]) -> pl.DataFrame:
    """A row per entity of the holdout that was tested, in order, with its value of each column."""
    tested = pl.col(sets.entity).is_in(entities.implode())
    return members(sets, sets.sorted(sets.holdout.filter(tested)), columns)


def _groups(held: pl.DataFrame, lesson: Lesson) -> Iterator[_Found]:
    """Every group that is large enough and of which real histories surely teach something."""
    for column in held.columns:
        for value in frequent(held[column]):
            inside = (held[column] == value).to_numpy()
            taught = lesson(inside) if MIN_ENTITIES_OF_GROUP <= inside.sum() < len(inside) else None
            if taught and taught.real.value > 2 * taught.real.spread:
                yield _Found(column, value, int(inside.sum()), taught)


def _of_detector(trial: Trial) -> Lesson:
    """ROC AUC above chance, with standard errors over entities (Obuchowski 1997)."""

    def lesson(inside: BoolArray) -> _Taught | None:
        rows = inside[trial.owner]
        truth, owner = trial.truth[rows], trial.owner[rows]
        if (
            min(len(np.unique(owner[truth])), len(np.unique(owner[~truth])))
            < MIN_ENTITIES_OF_GROUP // 2
        ):
            return None
        scores = (trial.real, trial.synthetic, trial.shuffled)
        found = [clustered_auc(truth, score[rows], owner) for score in scores]
        return _Taught(*(Gain(auc - 0.5, spread) for auc, spread in found))

    return lesson


def _of_items(items: Recommended) -> Lesson:
    """The share of hits above that of shuffled histories, which know popularity alone."""

    def lesson(inside: BoolArray) -> _Taught:
        base = items.shuffled[inside].astype(float)
        hits = (items.real, items.synthetic, items.shuffled)
        return _Taught(*(_mean(each[inside] - base) for each in hits))

    return lesson


def _mean(values: FloatArray) -> Gain:
    """The mean over entities and its standard error."""
    return Gain(float(values.mean()), float(values.std() / math.sqrt(len(values))))


def _figure(title: str, groups: Iterator[_Found]) -> Figure | None:
    """The group that is kept worst; None where there is no group."""
    found = list(groups)
    if not found:
        return None
    z = bonferroni_z(len(found))
    worst = min(found, key=lambda group: group.kept(z).high)
    kept = worst.kept(z)
    return Figure(
        f"{title}: what survives in the least kept group (TSTR ÷ TRTR)",
        kept,
        worst.taught.shuffled.value / worst.taught.real.value,
        1.0,
        f"Of {len(found)} groups, {worst.value} in {worst.column}: {worst.entities:,} entities of "
        "the holdout. The interval allows for the number of groups.",
        kept.high,
        judged_as="the upper end of the interval",
    )
