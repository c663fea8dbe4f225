"""What synthetic histories kept: columns, times, and whether a detector can be trained on them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isnan

import numpy as np
import numpy.typing as npt
import polars as pl

from anonymizer.checks.figures import NOT_JUDGED, Figure, Limits, covers_all, exact
from anonymizer.checks.injection import KIND, KINDS, TRUTH, inject
from anonymizer.checks.statistics import (
    Detection,
    Estimate,
    detection,
    ks_similarity,
    quotient,
    roc_auc,
    tv_similarity,
)

# Trained on the first frame, one score per row of the second, higher is stranger.
Detector = Callable[[pl.DataFrame, pl.DataFrame], npt.NDArray[np.float64]]

OWNER, LENGTH = "\0owner", "\0length"  # names that no column has
FEWEST = 20  # entities of a sample, however long their histories are
# Events of each set for detectors, in whole histories: what they learn anomalies from, and a label,
# which is rare, and what they are tested on.
ANOMALIES, LABELLED, TESTED = 30_000, 100_000, 100_000
RATIO = Limits(green=0.90, amber=0.75)  # of what training on real data reaches above chance
SIMILARITY = Limits(green=0.95, amber=0.85)  # of the ceiling's similarity


@dataclass(frozen=True)
class Histories:
    """The three sets and the roles of their columns."""

    real: pl.DataFrame
    synthetic: pl.DataFrame
    holdout: pl.DataFrame
    entity: str
    time: str

    @property
    def fields(self) -> list[str]:
        """Columns besides entity and time."""
        return [c for c in self.real.columns if c not in (self.entity, self.time)]

    def sorted(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Events by entity and time, ties in input order."""
        return frame.sort(self.entity, self.time, maintain_order=True)

    def some(self, frame: pl.DataFrame, events: int, seed: int) -> pl.DataFrame:
        """Whole histories, sorted, drawn at random until there are so many events.

        `FEWEST` histories at least.
        """
        lengths = frame.group_by(self.entity).len(LENGTH).sort(self.entity)
        mixed = lengths.sample(fraction=1, shuffle=True, seed=seed)
        before = pl.col(LENGTH).cum_sum().shift(1, fill_value=0)
        chosen = mixed.filter((before < events) | (pl.int_range(pl.len()) < FEWEST))
        return self.sorted(frame.join(chosen, on=self.entity, how="semi"))

    def for_detectors(self, label: str | None, seed: int) -> "Histories":
        """Sets of a size that detectors learn from, and are tested on, within minutes.

        Args:
            label: column of what is to be found. Where the sample would have none, all is taken.
            seed: of the samples.
        """

        def some(frame: pl.DataFrame, events: int) -> pl.DataFrame:
            found = self.some(frame, events, seed)
            few = label is not None and found[label].drop_nulls().n_unique() < 2
            return self.sorted(frame) if few else found

        learned = ANOMALIES if label is None else LABELLED
        return replace(
            self,
            real=some(self.real, learned),
            synthetic=some(self.synthetic, learned),
            holdout=some(self.holdout, TESTED),
        )

    def shuffled(self, seed: int) -> pl.DataFrame:
        """The baseline: every column of the real events but the entity, permuted on its own.

        Columns keep their values; what they had to do with each other, with the entity and with
        the order is gone.
        """
        columns = [
            self.real[name].shuffle(seed + i) if name != self.entity else self.real[name]
            for i, name in enumerate(self.real.columns)
        ]
        return self.sorted(pl.DataFrame(columns))


@dataclass(frozen=True)
class DetectorResult:
    """The same detector trained on real, synthetic and shuffled events, tested on the holdout.

    Attributes:
        real, synthetic, baseline: ROC AUC and average precision (TRTR, TSTR and shuffled).
        prevalence: share of events that are to be found.
        by_kind: ROC AUC per injected kind: real, synthetic, shuffled.
    """

    real: Detection
    synthetic: Detection
    baseline: Detection
    prevalence: float
    by_kind: dict[str, tuple[float, float, float]]


@dataclass(frozen=True)
class Trial:
    """What a detector said of N held-out events after each training.

    Attributes:
        entities: (E,) whose events were scored.
        owner: (N,) whose each event is, as an index into them.
        truth: (N,) what is to be found.
        kinds: (N,) of injected anomalies; empty where a label is to be found.
        real, synthetic, shuffled: (N,) scores after learning from each.
    """

    entities: pl.Series
    owner: npt.NDArray[np.int64]
    truth: npt.NDArray[np.bool_]
    kinds: pl.Series
    real: npt.NDArray[np.float64]
    synthetic: npt.NDArray[np.float64]
    shuffled: npt.NDArray[np.float64]

    def result(self, seed: int) -> DetectorResult:
        """How well each training did, with intervals by resampling."""
        scores = (self.real, self.synthetic, self.shuffled)
        real, synthetic, shuffled = (
            detection(self.truth, score, self.owner, seed) for score in scores
        )
        kinds = [kind for kind in KINDS if (self.kinds == kind).any()]
        by_kind = {kind: self._by_training(kind) for kind in kinds}
        return DetectorResult(real, synthetic, shuffled, float(self.truth.mean()), by_kind)

    def _by_training(self, kind: str) -> tuple[float, float, float]:
        """ROC AUC of one kind of anomaly against real events, for the three trainings."""
        chosen = (self.kinds.is_null() | (self.kinds == kind)).to_numpy()
        truth = (self.kinds == kind).fill_null(value=False).to_numpy()[chosen]
        scores = (self.real, self.synthetic, self.shuffled)
        real, synthetic, shuffled = (roc_auc(truth, score[chosen]) for score in scores)
        return real, synthetic, shuffled


def detect(
    sets: Histories,
    detector: Detector,
    label: str | None,
    seed: int,
    progress: Callable[[str], None] = lambda _line: None,
) -> Trial:
    """Train three times, test each on the same held-out events.

    Args:
        sets: the histories.
        detector: any.
        label: column that tells what is to be found; injected anomalies without it.
        seed: of injection and shuffling.
        progress: told what is being trained.
    """
    if label is None:
        test = inject(sets.holdout, entity=sets.entity, time=sets.time, seed=seed)
        truth, kinds = test[TRUTH].to_numpy(), test[KIND]
        seen = test.drop(TRUTH, KIND)
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
    *,
    lenient: bool = False,
) -> dict[str, Figure]:
    """TRTR, TSTR, their ratio and the baseline.

    Args:
        result: what `detect` found.
        name: begins the names of the figures.
        title: begins their titles.
        lenient: judge what chance leaves possible in both trainings, not the ratio itself.
    """
    real, synthetic, baseline = result.real, result.synthetic, result.baseline
    auc = _above(synthetic.roc_auc, real.roc_auc.value, chance=0.5)
    ap = _above(synthetic.average_precision, real.average_precision.value, chance=result.prevalence)
    floor = _above(baseline.roc_auc, real.roc_auc.value, chance=0.5).value
    ap_floor = _above(
        baseline.average_precision, real.average_precision.value, chance=result.prevalence
    ).value
    above = (
        Estimate(*(x - 0.5 for x in real.roc_auc)),
        Estimate(*(x - result.prevalence for x in real.average_precision)),
    )
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
        f"{name}_auc_ratio": _judged(
            Figure(
                f"{title}: what survives, ROC AUC above chance (TSTR ÷ TRTR)",
                auc,
                floor,
                1.0,
                "Of what a detector learns from real histories, so much it learns from synthetic "
                "ones.",
            ),
            above[0],
            lenient=lenient,
        ),
        f"{name}_ap_ratio": _judged(
            Figure(
                f"{title}: what survives, average precision (TSTR ÷ TRTR)",
                ap,
                ap_floor,
                1.0,
                "The same for average precision, which looks at the strangest events only.",
            ),
            above[1],
            lenient=lenient,
        ),
    }


def _judged(figure: Figure, real: Estimate, *, lenient: bool) -> Figure:
    """The ratio with limits; nothing where shuffled columns do as well.

    The ratio's interval knows chance in the test set alone. What chance makes of the trainings is
    allowed for as if the two were tested on different sets.
    """
    ratio, floor = figure.estimate, figure.baseline
    if isnan(real.value):
        return replace(figure, meaning=f"{figure.meaning} There was nothing to be found.")
    if not real.value > 0 or floor is None:
        why = "real histories teach it nothing either"
        return replace(figure, judged=float("nan"), limits=RATIO, judged_as=why)
    possible = quotient(Estimate(*(x * real.value for x in ratio)), real)
    if lenient and covers_all(possible):
        return replace(figure, meaning=f"{figure.meaning} {NOT_JUDGED}")
    judged, why = possible.high if lenient else ratio.value, "what the interval leaves possible"
    if not judged > floor:
        judged, why = float("nan"), f"shuffled columns do as well ({floor:.3f})"
    return replace(figure, judged=judged, limits=RATIO, judged_as=why)


def _above(synthetic: Estimate, real: float, *, chance: float) -> Estimate:
    """The share of what real data reaches above chance; NaN where real data reaches nothing."""
    span = real - chance
    if not span > 0:
        return exact(float("nan"))
    return Estimate(*((x - chance) / span for x in synthetic))


def fidelity_figures(sets: Histories, seed: int) -> dict[str, Figure]:
    """Similarity of each distribution to the holdout's: synthetic, shuffled, and real."""
    shuffled = sets.shuffled(seed)
    parts = [_distributions(sets, f) for f in (sets.holdout, sets.synthetic, shuffled, sets.real)]
    return {
        f"similarity_{name}": _similarity_figure(name, *(part[name] for part in parts))
        for name in parts[0]
    }


def _similarity_figure(
    name: str, reference: pl.Series, synthetic: pl.Series, shuffled: pl.Series, real: pl.Series
) -> Figure:
    value, floor, top = (similarity(reference, x) for x in (synthetic, shuffled, real))
    title = name.replace("_", " ") if name in TIMES else f"values of {name}"
    return Figure(
        f"Similarity: {title}",
        exact(value),
        floor,
        top,
        TIMES.get(name, "One minus the distance between the column's two distributions."),
        value / max(top, 1e-9),
        SIMILARITY,
        judged_as="similarity over the one that real data reaches",
    )


TIMES = {
    "history_length": "How many events an entity has.",
    "gap": "Time between an entity's events.",
    "first_event": "When histories begin.",
    "last_event": "When histories end.",
    "weekday_and_hour": "When in the week events happen.",
}


def _distributions(sets: Histories, frame: pl.DataFrame) -> dict[str, pl.Series]:
    """One series per distribution: columns as they are, then what is of the history."""
    events = sets.sorted(frame)
    time = pl.col(sets.time).cast(pl.Datetime("us"))
    owner = pl.col(sets.entity).alias(OWNER)
    per = events.group_by(owner, maintain_order=True).agg(
        pl.len(), first=time.min().dt.epoch("s"), last=time.max().dt.epoch("s")
    )
    clock = events.select(
        gap=time.diff().over(sets.entity).dt.total_seconds(),
        slot=time.dt.weekday().cast(pl.String) + ":" + time.dt.hour().cast(pl.String),
    )
    times = [per["len"], clock["gap"].drop_nulls(), per["first"], per["last"], clock["slot"]]
    columns = {name: events[name] for name in sets.fields}
    return columns | dict(zip(TIMES, times, strict=True))


def similarity(a: pl.Series, b: pl.Series) -> float:
    """Kolmogorov and Smirnov's for numbers and times, total variation for the rest; in [0, 1]."""
    if a.dtype.is_numeric() or a.dtype.is_temporal():
        missing = 1 - abs(a.null_count() / max(len(a), 1) - b.null_count() / max(len(b), 1))
        return min(missing, ks_similarity(_numbers(a), _numbers(b)))
    return tv_similarity(_counts(a), _counts(b))


def _numbers(column: pl.Series) -> npt.NDArray[np.float64]:
    values = column.to_physical().cast(pl.Float64).drop_nulls().to_numpy()
    finite: npt.NDArray[np.float64] = values[np.isfinite(values)]
    return finite


def _counts(column: pl.Series) -> dict[str | None, int]:
    table = column.cast(pl.String).alias("value").value_counts(name="n")
    return dict(zip(table["value"].to_list(), table["n"].to_list(), strict=True))
