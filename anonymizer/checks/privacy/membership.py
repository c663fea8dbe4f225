"""Membership inference: can an attacker tell whether somebody was in the training data?

Members are the training entities. The holdout is halved: one half are people who were not there,
the other, the *reference*, is what the attacker knows of the population.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.checks.figures.figure import OPEN, Figure
from anonymizer.checks.figures.statistics import (
    DOUBT,
    auc_interval,
    normal_point,
    roc_auc,
    true_positives,
)
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.sets.neighbours import Space, affordable_rows, nearest
from anonymizer.errors import DataError

# A frame of whole histories → a row per entity: the entity, and `loss`, its negative log-likelihood
# per event.
Likelihood = Callable[[pl.DataFrame], pl.DataFrame]
Calibration = Callable[[pl.DataFrame], Likelihood]  # of a model that has learned from the frame

RANK_TOLERANCE = 0.005  # differences of ranks that say nothing, on average over the dimensions
FALSE_ALARM_RATE = 0.01  # false positives that an attacker allows himself
OUTLIER_SHARE = 0.1  # share of the targets, farthest from the reference, that are outliers
MIN_REFERENCE_ENTITIES = 100  # entities of the reference that a calibration needs
# What judges leaks is what an attacker gains for sure, so that honest data is rarely flagged.
FOR_SURE = "the lower end of the 99 % interval: at least so much is found"


@dataclass(frozen=True)
class Targets:
    """Entities of whom an attacker asks whether they are members: were they in the training data?

    Attributes:
        members: (M,) rows of training entities in the space.
        others: (O,) rows of holdout entities.
        reference: (R,) rows of the holdout that the attacker knows.
        distance: (M + O,) of members, then others, to the nearest of the reference.
    """

    members: IntArray
    others: IntArray
    reference: IntArray
    distance: FloatArray

    @classmethod
    def draw(cls, space: Space, seed: int) -> "Targets":
        """Members and others, as many as may be compared with all synthetic entities."""
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(space.holdout))
        others, reference = np.array_split(order, 2)
        size = max(len(space.synthetic), len(reference))
        members = affordable_rows(space.real, size, rng)
        others = others[: len(affordable_rows(space.holdout, size, rng))]
        points = np.vstack([space.real[members], space.holdout[others]])
        distance = nearest(points, space.holdout[reference]).first
        return cls(members, others, reference, distance)

    @property
    def truth(self) -> BoolArray:
        """(M + O,) who is a member."""
        return np.arange(len(self.distance)) < len(self.members)

    @property
    def outliers(self) -> BoolArray:
        """(M + O,) who is in the tenth of the targets that is farthest from the reference."""
        return self.distance >= np.quantile(self.distance, 1 - OUTLIER_SHARE)


def membership_figures(
    sets: ComparedSets,
    space: Space,
    seed: int,
    likelihood: Likelihood | None = None,
    calibration: Calibration | None = None,
) -> dict[str, Figure]:
    """How well members are told by the synthetic data, and by the model where it is at hand.

    Args:
        sets: the histories.
        space: the same as points.
        seed: of who is whom.
        likelihood: of the model that made the synthetic data.
        calibration: learns from a frame and gives the likelihood of another model: what it finds
            unlikely too is no sign of somebody's absence.

    Returns:
        Per attack (`membership`, `likelihood`) the ROC AUC and the members found at one percent of
        false alarms, of all targets and of outliers.
    """
    if len(space.holdout) < 2:
        return {}
    targets = Targets.draw(space, seed)
    found = attack_figures(
        "membership",
        "by density",
        density_ratio(space, targets),
        targets,
        "More synthetic histories lie near it than its surroundings lead to expect.",
    )
    if likelihood is None:
        return found
    score = likelihood_ratio(sets, targets, likelihood, calibration)
    return found | attack_figures(
        "likelihood",
        "by the model",
        score,
        targets,
        "The model finds its history likelier than that of others.",
    )


def density_ratio(space: Space, targets: Targets) -> FloatArray:
    """How much denser synthetic data is at each target than the reference, as a logarithm.

    DOMIAS (van Breugel et al. 2023), the densities estimated by the distance to the nearest of each
    kind: it sees copies and disturbed copies best, and no artefact of a generator misleads it.

    Returns:
        (M + O,) scores, higher is more suspicious.
    """
    points = np.vstack([space.real[targets.members], space.holdout[targets.others]])
    least = RANK_TOLERANCE * np.sqrt(points.shape[1])
    near = nearest(points, space.synthetic).first
    ratio: FloatArray = np.log((targets.distance + least) / (near + least))
    return ratio


def likelihood_ratio(
    sets: ComparedSets,
    targets: Targets,
    likelihood: Likelihood,
    calibration: Calibration | None,
) -> FloatArray:
    """How much likelier each target is to the model than to one that learned from the reference.

    Watson et al. 2022, Carlini et al. 2022. Without a calibration, how likely it is.

    Returns:
        (M + O,) differences of log-likelihoods, in nats per event.
    """
    members, others, reference = (
        some(sets, frame, rows)
        for frame, rows in (
            (sets.real, targets.members),
            (sets.holdout, targets.others),
            (sets.holdout, targets.reference),
        )
    )
    score = -losses(sets.entity, likelihood, members, others)
    if calibration is not None and len(targets.reference) >= MIN_REFERENCE_ENTITIES:
        score += losses(sets.entity, calibration(reference), members, others)
    return score


def losses(entity: str, likelihood: Likelihood, *frames: pl.DataFrame) -> FloatArray:
    """The loss of every entity of each frame, in the order in which they first appear.

    Args:
        entity: column that says whose event it is.
        likelihood: gives a row per entity with its `loss`.
        frames: events.

    Returns:
        (E,) negative log-likelihoods in nats per event, frame after frame.

    Raises:
        DataError: the likelihood does not tell the loss of each.
    """
    found = []
    for frame in frames:
        who = frame.select(pl.col(entity).unique(maintain_order=True))
        loss = who.join(likelihood(frame), on=entity, how="left", maintain_order="left")["loss"]
        if len(loss) != len(who) or loss.null_count():
            raise DataError("the likelihood must give one loss of each entity")
        found.append(loss.cast(pl.Float64).to_numpy())
    return np.concatenate(found)


def some(sets: ComparedSets, frame: pl.DataFrame, rows: IntArray) -> pl.DataFrame:
    """The histories of some entities, by their number in sorted order and in the order given."""
    ids = frame[sets.entity].unique().sort()
    chosen = pl.DataFrame({sets.entity: ids.gather(rows)})
    return chosen.join(sets.sorted(frame), on=sets.entity, maintain_order="left_right")


def attack_figures(
    name: str, how: str, score: FloatArray, targets: Targets, sign: str
) -> dict[str, Figure]:
    """The figures of one attack, of all targets and of outliers.

    Args:
        name: begins the names of the figures.
        how: the attack works, for their titles.
        score: (M + O,) of members, then others; higher is more suspicious.
        targets: who is a member.
        sign: a sentence on what a high score is.
    """
    found = {}
    for end, whom, chosen in (
        ("", "", np.ones(len(score), bool)),
        ("_outliers", ", outliers", targets.outliers),
    ):
        truth, scores = targets.truth[chosen], score[chosen]
        members, others = scores[truth], scores[~truth]
        if not len(members) or not len(others):
            continue
        said = f"{len(members):,} members, {len(others):,} others" + (
            f", the tenth farthest from {len(targets.reference):,} known people." if end else "."
        )
        auc = auc_interval(roc_auc(truth, scores), len(members), len(others))
        tpr = true_positives(members, others, FALSE_ALARM_RATE)
        found[f"{name}_auc{end}"] = Figure(
            f"Membership inference {how}{whom} (ROC AUC)",
            auc,
            0.5,
            None,
            f"The chance that a member looks more like one than another person. {sign} {said}",
            auc_interval(auc.value, len(members), len(others), normal_point(DOUBT)).low,
            judged_as=FOR_SURE,
            open_length=OPEN,
        )
        found[f"{name}_found{end}"] = Figure(
            f"Membership inference {how}{whom}: members found at {tpr.rate:.1%} false alarms",
            tpr.found,
            tpr.rate,
            None,
            f"Members whom an attacker is nearly sure of. {said}",
            tpr.found.low - tpr.rate,
            judged_as="the lower end of the interval, less the false alarms",
            open_length=OPEN,
        )
    return found
