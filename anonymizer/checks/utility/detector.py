"""Can an anomaly detector be trained on synthetic histories instead of real ones?

Train on synthetic, test on real (TSTR), beside train on real, test on real (TRTR): one detector
learns from each set and from shuffled columns, and all are tested on the same held-out events.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isnan
from typing import Final

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.checks.figures.figure import NOT_JUDGED, Figure, covers_all, exact, not_judged
from anonymizer.checks.figures.statistics import (
    Detection,
    Estimate,
    detection,
    quotient,
    roc_auc,
    surely_above,
)
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.sets.injection import ANOMALY_COLUMN, ANOMALY_KINDS, INJECTED_COLUMN, inject

TEACHES_NOTHING: Final = (
    "Not judged: real histories teach no more than shuffled columns do, by more than chance."
)
# Learns from the events of the first frame and scores those of the second: (N,) floats, one per
# row, higher where the event is stranger.
DetectorFunction = Callable[[pl.DataFrame, pl.DataFrame], FloatArray]


@dataclass(frozen=True)
class DetectorResult:
    """The same detector trained on real, synthetic and shuffled events, tested on the holdout.

    Attributes:
        real, synthetic, baseline: ROC AUC and average precision of the three (TRTR, TSTR, and
            shuffled), with 95 % intervals over entities.
        prevalence: the share of events that are to be found, in [0, 1].
        by_kind: ROC AUC per kind of injected anomaly: real, synthetic, shuffled.
    """

    real: Detection
    synthetic: Detection
    baseline: Detection
    prevalence: float
    by_kind: dict[str, tuple[float, float, float]]


@dataclass(frozen=True)
class Trial:
    """What a detector said of N held-out events after each of three trainings.

    Attributes:
        entities: (E,) whose events were scored, in sorted order.
        owner: (N,) whose each event is, as an index into them.
        truth: (N,) what is to be found.
        kinds: (N,) kind of each injected anomaly, null for real events; empty where a label is to
            be found.
        real, synthetic, shuffled: (N,) scores after learning from each, higher is stranger.
    """

    entities: pl.Series
    owner: IntArray
    truth: BoolArray
    kinds: pl.Series
    real: FloatArray
    synthetic: FloatArray
    shuffled: FloatArray

    def result(self, seed: int) -> DetectorResult:
        """How well each training did; `seed` is of the resampling behind the intervals."""
        scores = (self.real, self.synthetic, self.shuffled)
        real, synthetic, shuffled = (
            detection(self.truth, score, self.owner, seed) for score in scores
        )
        kinds = [kind for kind in ANOMALY_KINDS if (self.kinds == kind).any()]
        by_kind = {kind: self._by_training(kind) for kind in kinds}
        return DetectorResult(real, synthetic, shuffled, float(self.truth.mean()), by_kind)

    def _by_training(self, kind: str) -> tuple[float, float, float]:
        """ROC AUC of one kind of anomaly against real events: real, synthetic, shuffled."""
        chosen = (self.kinds.is_null() | (self.kinds == kind)).to_numpy()
        truth = (self.kinds == kind).fill_null(value=False).to_numpy()[chosen]
        scores = (self.real, self.synthetic, self.shuffled)
        real, synthetic, shuffled = (roc_auc(truth, score[chosen]) for score in scores)
        return real, synthetic, shuffled


def detect(
    sets: ComparedSets,
    detector: DetectorFunction,
    label: str | None,
    seed: int,
    progress: Callable[[str], None] = lambda _line: None,
) -> Trial:
    """Train a detector three times and let each score the same held-out events.

    Args:
        sets: the histories.
        detector: any function that learns from one frame and scores another.
        label: column that tells what is to be found; injected anomalies without it.
        seed: of injection and shuffling.
        progress: told what is being trained.
    """
    if label is None:
        test = inject(sets.holdout, entity=sets.entity, time=sets.time, seed=seed)
        truth, kinds = test[INJECTED_COLUMN].to_numpy(), test[ANOMALY_COLUMN]
        seen = test.drop(INJECTED_COLUMN, ANOMALY_COLUMN)
    else:
        test = seen = sets.sorted(sets.holdout)
        truth, kinds = test[label].cast(pl.Boolean).to_numpy(), pl.Series([], dtype=pl.String)
    scores = {}
    for name, train in (
        ("real", sets.real),
        ("synthetic", sets.synthetic),
        ("shuffled", sets.shuffled(seed)),
    ):
        progress(f"a detector learns from {name} histories")
        scores[name] = detector(sets.sorted(train), seen)
    entities, owner = test[sets.entity].unique(maintain_order=True), test[sets.entity].rle_id()
    return Trial(entities, owner.to_numpy().astype(np.int64), truth, kinds, **scores)


def detector_figures(
    result: DetectorResult,
    name: str = "detector",
    title: str = "Detector",
) -> dict[str, Figure]:
    """What training on synthetic histories reaches, and how much of what real ones teach survives.

    The share is (TSTR − chance) ÷ (TRTR − chance); chance is 0.5 for ROC AUC and the share of
    anomalies for average precision. It exceeds one where synthetic histories teach more.

    Args:
        result: what `Trial.result` found.
        name: begins the names of the figures.
        title: begins their titles.

    Returns:
        Four figures: `{name}_auc`, `{name}_ap`, `{name}_auc_ratio`, `{name}_ap_ratio`.
    """
    real, synthetic, baseline = trained = (result.real, result.synthetic, result.baseline)
    return {
        f"{name}_auc": Figure(
            f"{title}, ROC AUC (TSTR)",
            synthetic.roc_auc,
            baseline.roc_auc.value,
            real.roc_auc.value,
            "Trained on synthetic, tested on real: the chance that it ranks an anomaly first.",
        ),
        f"{name}_ap": Figure(
            f"{title}, average precision (TSTR)",
            synthetic.average_precision,
            baseline.average_precision.value,
            real.average_precision.value,
            f"The same as mean precision; guessing reaches {result.prevalence:.3f}.",
        ),
        f"{name}_auc_ratio": _ratio(
            f"{title}: what survives, ROC AUC above chance (TSTR ÷ TRTR)",
            "Of what a detector learns from real histories, so much it learns from synthetic ones.",
            [each.roc_auc for each in trained],
            0.5,
        ),
        f"{name}_ap_ratio": _ratio(
            f"{title}: what survives, average precision (TSTR ÷ TRTR)",
            "The same for average precision, which looks at the strangest events only.",
            [each.average_precision for each in trained],
            result.prevalence,
        ),
    }


def _ratio(title: str, meaning: str, trained: list[Estimate], chance: float) -> Figure:
    """What survives of what real histories teach above chance.

    Args:
        title: of the figure.
        meaning: of the figure.
        trained: what is reached after training on real, synthetic and shuffled events.
        chance: what guessing reaches.

    The ratio's interval knows chance in the test set alone. What chance makes of the trainings is
    allowed for as if the two were tested on different sets.
    """
    real, synthetic, shuffled = (Estimate(*(x - chance for x in each)) for each in trained)
    kept, floor = (_over(each, real.value) for each in (synthetic, shuffled))
    figure = Figure(title, kept, floor.value, 1.0, meaning)
    if isnan(real.value):
        return not_judged(figure, "There was nothing to be found.")
    if not surely_above(real, max(shuffled, exact(0.0))):
        return not_judged(figure, TEACHES_NOTHING)
    possible = quotient(synthetic, real)
    if covers_all(possible):
        return not_judged(figure, NOT_JUDGED)
    judged, why = possible.high, "what the interval leaves possible"
    if not judged > floor.value:
        judged, why = float("nan"), f"shuffled columns do as well ({floor.value:.3f})"
    return replace(figure, judged=judged, judged_as=why)


def _over(gain: Estimate, real: float) -> Estimate:
    """The share of what real data reaches; NaN where it reaches nothing."""
    return Estimate(*(x / real for x in gain)) if real > 0 else exact(float("nan"))
