"""`judge`: measure what was kept and what leaks, and put the figures into a report."""

from collections.abc import Callable

import polars as pl

from anonymizer.checks.check.privacy_figures import privacy_figures
from anonymizer.checks.figures.thresholds import Thresholds
from anonymizer.checks.privacy.membership import Calibration, Likelihood
from anonymizer.checks.reports.check_report import Report
from anonymizer.checks.sets.validation import validated
from anonymizer.checks.utility.accuracy import accuracy_figures
from anonymizer.checks.utility.detector import Detector, detect, detector_figures
from anonymizer.checks.utility.discriminator import told_apart
from anonymizer.checks.utility.next_item import next_item_figures, recommended
from anonymizer.checks.utility.order import order_figures
from anonymizer.checks.utility.similarity import fidelity_figures
from anonymizer.checks.utility.subgroup_transfer import transfer_figures
from anonymizer.checks.utility.subgroups import find_groups, group_figures
from anonymizer.checks.utility.tree_detector import tree_figures, tree_trial
from anonymizer.errors import UsageError


def judge(
    real: pl.DataFrame,
    synthetic: pl.DataFrame,
    holdout: pl.DataFrame,
    *,
    entity: str,
    time: str,
    detector: Detector,
    label: str | None = None,
    thresholds: Thresholds | None = None,
    seed: int = 0,
    progress: Callable[[str], None] = lambda _line: None,
    likelihood: Likelihood | None = None,
    calibration: Calibration | None = None,
    canaries: tuple[pl.DataFrame, pl.DataFrame] | None = None,
) -> Report:
    """Judge synthetic histories against the real ones they were made from and a holdout.

    Args:
        real: events that the synthetic ones were made from.
        synthetic: events to judge, with the same columns.
        holdout: events of real entities that the generator never saw.
        entity: column that says whose event it is.
        time: column that says when.
        detector: trained on a frame, scores another.
        label: column of what the detector is to find; injected anomalies without it.
        thresholds: limits in place of the project's own.
        seed: fixes every random choice.
        progress: told a line as the work goes on.
        likelihood: of the model that made the synthetic histories, where it is at hand: a frame →
            a row per entity with its `loss`, the negative log-likelihood per event.
        calibration: a frame → the likelihood of a model that has learned from it.
        canaries: those that were planted in what the model learned from, and those kept aside.

    Raises:
        DataError: the sets do not fit each other or the measures, or an entity is in real and in
            holdout; before anything is trained.
        UsageError: there are canaries and no likelihood.
        RuleError: thresholds name what no figure is called, or are the wrong way round.
    """
    if canaries and not likelihood:
        raise UsageError("canaries are looked for in a model: give the one that was fitted on them")
    frames = {"real": real, "synthetic": synthetic, "holdout": holdout}
    sets = validated(frames, entity, time, label)
    limits = thresholds or Thresholds({})
    limits.require_names(sets.real.columns)
    few = sets.for_detectors(label, seed)
    trial = detect(few, detector, label, seed, progress)
    result = trial.result(seed)
    progress("distributions are compared")
    trees, items = tree_trial(few, label, seed), recommended(sets, seed)
    groups = find_groups(sets, sets.synthetic, seed)
    utility = {
        **detector_figures(result),
        **tree_figures(trees.result(seed)),
        **next_item_figures(items, seed),
        **transfer_figures(sets, {"detector": trial, "trees": trees}, items),
        "told_apart": told_apart(sets, seed),
        **order_figures(sets, seed),
        **group_figures(sets, groups, seed),
        **accuracy_figures(sets, seed),
        **fidelity_figures(sets, seed),
    }
    progress("copies are looked for and attacks tried")
    privacy = privacy_figures(sets, seed, likelihood, calibration, canaries)
    return Report(
        limits.applied(utility),
        limits.applied(privacy),
        sets,
        result,
        label,
        groups,
        limits.notes(utility, privacy),
    )
