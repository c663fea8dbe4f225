"""`judge`: validate the three sets, measure, and put the figures into a report."""

from collections.abc import Callable

import polars as pl

from anonymizer.checks.accuracy import accuracy_figures
from anonymizer.checks.discriminator import told_apart
from anonymizer.checks.membership import Calibration, Likelihood
from anonymizer.checks.next_item import next_item_figures, recommended
from anonymizer.checks.order import order_figures
from anonymizer.checks.privacy import privacy_figures
from anonymizer.checks.report import Report
from anonymizer.checks.subgroup_transfer import transfer_figures
from anonymizer.checks.subgroups import find_groups, group_figures
from anonymizer.checks.thresholds import Thresholds
from anonymizer.checks.tree_detector import tree_figures, tree_trial
from anonymizer.checks.utility import (
    Detector,
    Histories,
    detect,
    detector_figures,
    fidelity_figures,
)
from anonymizer.errors import DataError, UsageError


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
        DataError: a set is empty, columns differ, or an entity is in real and in holdout.
        UsageError: there are canaries and no likelihood.
        RuleError: thresholds name what no figure is called, or are the wrong way round.
    """
    if canaries and not likelihood:
        raise UsageError("canaries are looked for in a model: give the one that was fitted on them")
    sets = _validated(real, synthetic, holdout, entity, time, label)
    limits = thresholds or Thresholds({})
    limits.require_names(sets.real.columns)
    few = sets.for_detectors(seed)
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


def _validated(  # noqa: PLR0917 (the call's own arguments)
    real: pl.DataFrame,
    synthetic: pl.DataFrame,
    holdout: pl.DataFrame,
    entity: str,
    time: str,
    label: str | None,
) -> Histories:
    frames = {"real": real, "synthetic": synthetic, "holdout": holdout}
    for name, frame in frames.items():
        absent = [c for c in (entity, time, label) if c is not None and c not in frame.columns]
        if absent:
            raise DataError(f"the {name} set has no column '{absent[0]}'")
        if frame.is_empty():
            raise DataError(f"the {name} set is empty")
        if missing := set(real.columns) ^ set(frame.columns):
            raise DataError(
                f"real and {name} sets differ in columns: {', '.join(sorted(missing))}; "
                "drop what is not to be compared"
            )
        if frame[time].dtype.base_type() not in (pl.Date, pl.Datetime):
            raise DataError(f"column '{time}' of the {name} set must be Date or Datetime")
    sets = [frames[n].select(real.columns).drop_nulls([entity, time]) for n in frames]
    shared = sets[0].select(entity).unique().join(sets[2].select(entity).unique(), on=entity)
    if len(shared):
        raise DataError(
            f"{len(shared)} entities are in real and in holdout: a holdout must be other persons"
        )
    synthetic = _aligned(sets[1], real, entity, "synthetic")
    holdout = _aligned(sets[2], real, entity, "holdout")
    return Histories(sets[0], synthetic, holdout, entity, time)


def _aligned(frame: pl.DataFrame, real: pl.DataFrame, entity: str, name: str) -> pl.DataFrame:
    """Columns in the real ones' types, the entity aside; other makers drop units."""
    try:
        return frame.with_columns(pl.col(c).cast(t) for c, t in real.schema.items() if c != entity)
    except pl.exceptions.PolarsError:  # its text lists values
        raise DataError(
            f"the {name} set's types do not fit the real ones: cast its columns"
        ) from None
