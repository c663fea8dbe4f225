"""Told apart (C2ST): can synthetic entities be told from real ones, and by what?

A classifier two-sample test (Lopez-Paz and Oquab 2017): boosted trees learn to tell entities of two
sets apart by what `entities.describe` says of them. Where they cannot, whatever else is computed
from single entities will agree as well.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray
from anonymizer.checks.figures.figure import Figure
from anonymizer.checks.figures.statistics import Estimate, detection, roc_auc
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.sets.entities import OF_NO_COLUMN, describe
from anonymizer.checks.sets.trees import Trees

MAX_ENTITIES_PER_SET = 8_000  # that are looked at, which bounds the time
FOLDS = 4  # of the cross-validation
FEATURES_NAMED = 3  # in the figure's sentence


class Discrimination(NamedTuple):
    """How well two sets of entities are told apart.

    Attributes:
        auc: ROC AUC, the chance that a synthetic entity looks more synthetic than a real one.
        features: by how much the ROC AUC falls when a feature is shuffled, the largest first.
    """

    auc: Estimate
    features: dict[str, float]


def discriminate(
    real: pl.DataFrame,
    other: pl.DataFrame,
    seed: int,
    *,
    entities: int = MAX_ENTITIES_PER_SET,
    explain: bool = True,
) -> Discrimination:
    """ROC AUC of boosted trees that tell two sets apart, cross-validated over entities.

    Args:
        real: (E, D) an entity per row and a number per column.
        other: the same of the other set; of both equally many are looked at.
        seed: of which entities are looked at, and of the folds.
        entities: of each set that are looked at, at most.
        explain: whether it is asked which features were used.

    Returns:
        NaN where a set has fewer entities than there are folds.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    rng = np.random.default_rng(seed)
    size = min(len(real), len(other), entities)
    if size < FOLDS:
        return Discrimination(Estimate(float("nan"), 0.0, 1.0), {})
    x = np.vstack([table.to_numpy()[rng.permutation(len(table))[:size]] for table in (real, other)])
    truth = np.repeat([False, True], size)
    chance, falls = np.zeros(2 * size), np.zeros(0)
    fold = np.tile(np.arange(size) % FOLDS, 2)
    for k in range(FOLDS):
        learn, test = fold != k, fold == k
        trees = Trees(x[learn], truth[learn], seed)
        chance[test] = trees.chance(x[test])
        if explain and k == 0:  # one fold says enough of what was used
            falls = _falls(trees, x[test], truth[test], rng)
    auc = detection(truth, chance, np.arange(2 * size), seed).roc_auc
    order = np.argsort(-falls, kind="stable")
    return Discrimination(
        auc, {real.columns[i].lstrip(OF_NO_COLUMN): float(falls[i]) for i in order}
    )


def _falls(trees: Trees, x: FloatArray, truth: BoolArray, rng: np.random.Generator) -> FloatArray:
    """(D,) how far the ROC AUC falls where a column is permuted (Breiman 2001)."""
    whole, falls = roc_auc(truth, trees.chance(x)), np.zeros(x.shape[1])
    for d in range(len(falls)):
        changed = x.copy()
        changed[:, d] = rng.permutation(x[:, d])
        falls[d] = whole - roc_auc(truth, trees.chance(changed))
    return falls


def told_apart(sets: ComparedSets, seed: int) -> Figure:
    """The test on synthetic entities against the holdout's, a figure in ROC AUC; 0.5 is best.

    The baseline are entities of shuffled columns, the ceiling those of the training set.
    """
    tables = describe(sets, sets.holdout, sets.synthetic, sets.shuffled(seed), sets.real)
    holdout, synthetic, shuffled, real = tables
    size = min(MAX_ENTITIES_PER_SET, *map(len, tables))
    found = discriminate(holdout, synthetic, seed, entities=size)
    floor, best = (
        discriminate(holdout, x, seed, entities=size, explain=False) for x in (shuffled, real)
    )
    used = [name for name, fall in found.features.items() if fall > 0.005][:FEATURES_NAMED]
    return Figure(
        "Told apart from real entities (C2ST, ROC AUC)",
        found.auc,
        floor.auc.value,
        best.auc.value,
        "Half is best: boosted trees cannot tell a synthetic entity from one of the holdout."
        + (f" Used most: {', '.join(used)}." if used else ""),
    )
