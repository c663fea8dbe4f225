"""The check itself: measure what was kept and what leaks, judge it, and make the report."""

from collections.abc import Callable, Sequence

import polars as pl

from anonymizer.checks.check.privacy_figures import privacy_figures
from anonymizer.checks.check.utility_figures import utility_figures
from anonymizer.checks.figures.shares import Share, require_share
from anonymizer.checks.figures.thresholds import Thresholds, judged
from anonymizer.checks.pages.check_page import html_of
from anonymizer.checks.privacy.membership import Calibration, Likelihood
from anonymizer.checks.privacy.shadows import require_people, require_shadows
from anonymizer.checks.reports.check_report import Report
from anonymizer.checks.sets.validation import validated
from anonymizer.checks.utility.detector import DetectorFunction
from anonymizer.checks.utility.similarity import naming_rows
from anonymizer.errors import UsageError


def check_sets(
    real: pl.DataFrame,
    synthetic: pl.DataFrame,
    holdout: pl.DataFrame,
    *,
    entity: str,
    time: str,
    detector: DetectorFunction,
    label: str | None = None,
    thresholds: Thresholds | None = None,
    share: float = 1,
    seed: int = 0,
    progress: Callable[[str], None] = lambda _line: None,
    likelihood: Likelihood | None = None,
    calibration: Calibration | None = None,
    canaries: tuple[pl.DataFrame, pl.DataFrame] | None = None,
    shadows: Sequence[Calibration] = (),
) -> Report:
    """Judge synthetic histories against the real ones they were made from and a holdout.

    `anonymizer.check` is this with files, with frames of any kind and with the LSTM detectors.

    Args:
        real: events that the synthetic ones were made from, one row each.
        synthetic: events to judge, with the same columns.
        holdout: events of real entities that the generator never saw.
        entity: column that says whose event it is.
        time: column that says when.
        detector: trained on a frame, scores another.
        label: column of what the detector is to find; injected anomalies without it.
        thresholds: limits in place of the project's own.
        share: of all persons, that each of the three sets holds the events of.
        seed: fixes every random choice.
        progress: told a line as the work goes on.
        likelihood: of the model that made the synthetic histories, where it is at hand: a frame →
            a row per entity with its `loss`, the negative log-likelihood in nats per event.
        calibration: a frame → the likelihood of a model that has learned from it.
        canaries: those that were planted in what the model learned from, and those kept aside.
        shadows: each learns from a frame as the model behind the likelihood has learned.

    Returns:
        The report, every figure with its colour.

    Raises:
        DataError: the sets do not fit each other or the measures, or an entity is in real and in
            holdout; before anything is trained.
        UsageError: there are canaries or shadows and no likelihood, shadows do not come in pairs,
            or the share is none.
        RuleError: thresholds name what no figure is called, or are the wrong way round.
    """
    require_share(share)
    if canaries and not likelihood:
        raise UsageError("canaries are looked for in a model: give the one that was fitted on them")
    if shadows and not likelihood:
        raise UsageError("shadows are compared with a model: give the one that was fitted")
    if shadows:
        require_shadows(len(shadows))
    frames = {"real": real, "synthetic": synthetic, "holdout": holdout}
    sets = validated(frames, entity, time, label)
    if shadows:
        require_people(sets)
    limits = thresholds or Thresholds()
    limits.require_names(sets.real.columns)
    utility = utility_figures(sets, detector, label, seed, progress)
    progress("copies are looked for and attacks tried")
    privacy = privacy_figures(sets, seed, likelihood, calibration, canaries, shadows=shadows)
    some = Share(share, min(each[entity].n_unique() for each in (real, synthetic, holdout)))
    return Report(
        some.told(judged(utility.figures, limits)),
        some.told(judged(privacy, limits)),
        sets,
        utility.detector,
        label,
        utility.groups,
        utility.rules,
        share,
        limits.purpose,
        notes=[*some.notes, *limits.notes(utility.figures, privacy), *naming_rows(utility.figures)],
        draw=html_of,
    )
