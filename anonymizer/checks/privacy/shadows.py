"""Membership inference by shadow models: whom does the model find likelier than its like does?

How likely a history is says little of whether it was learned: it may be like everybody's. So the
attacker trains models of his own, *shadows*, on random halves of the people in question, so that
half of the shadows have learned each person. Scored is how far the model's own likelihood of a
person lies above those, in their standard deviations: calibrated per person, as LiRA is (Carlini et
al. 2022), against the mean of models with and without the person, as RMIA is (Zarifzadeh et al.
2024). That takes a few shadows; a Gaussian for those with and one for those without, as LiRA has
them, takes more than anybody trains for a check.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray
from anonymizer.checks.figures.figure import Figure
from anonymizer.checks.privacy.membership import (
    MIN_REFERENCE_ENTITIES,
    Calibration,
    Likelihood,
    Targets,
    attack_figures,
    losses,
    some,
)
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.sets.neighbours import Space
from anonymizer.errors import DataError, UsageError

FEWEST_SHADOWS = 4  # of whom two know each person; a spread of fewer is none
LEAST_VARIANCE = 1e-12  # nats², of shadows that are all alike


def require_shadows(count: int) -> None:
    """Refuse a number of shadow models that cannot be split into pairs.

    Raises:
        UsageError: it is odd, or too small.
    """
    if count % 2 or count < FEWEST_SHADOWS:
        raise UsageError(
            f"shadows come in pairs, {FEWEST_SHADOWS} at least: take 8, or leave them out"
        )


def require_people(sets: ComparedSets) -> None:
    """Refuse sets of which half is too few to train a shadow model on.

    Raises:
        DataError: it is.
    """
    real, holdout = (frame[sets.entity].n_unique() for frame in (sets.real, sets.holdout))
    half = (real + min(real, (holdout + 1) // 2)) // 2
    if half < MIN_REFERENCE_ENTITIES:
        raise DataError(
            f"a shadow model would learn from {half} entities, half of those asked about, which "
            f"is below {MIN_REFERENCE_ENTITIES}: give more of real and holdout, or no shadows"
        )


def shadow_figures(
    sets: ComparedSets,
    space: Space,
    likelihood: Likelihood,
    shadows: Sequence[Calibration],
    seed: int,
) -> dict[str, Figure]:
    """How well members are told by the model and by others that were trained alike.

    Args:
        sets: the histories.
        space: the same as points; they say who is an outlier.
        likelihood: of the model that made the synthetic data.
        shadows: each learns from a frame, as the model has learned, and gives the likelihood of
            what it has learned. An even number: `require_shadows`.
        seed: of who is whom, and of the halves.
    """
    targets = alike(Targets.draw(space, seed))
    return attack_figures(
        "shadows",
        f"by {len(shadows)} shadow models",
        shadow_score(sets, targets, likelihood, shadows, seed),
        targets,
        "The model finds its history likelier than models do of which half have learned it.",
    )


def shadow_score(
    sets: ComparedSets,
    targets: Targets,
    likelihood: Likelihood,
    shadows: Sequence[Calibration],
    seed: int,
) -> FloatArray:
    """How far the log-likelihood of each target lies above those under the shadows.

    A few shadows tell the spread of one target roughly, so half of its square is the mean of all.
    A model may be better than others at short histories or at long ones as such, which is no
    memory: what follows from the number of events is taken off (least squares).

    Returns:
        (M + O,) in standard deviations of the whole history's log-likelihood under the shadows.
    """
    frames = (some(sets, sets.real, targets.members), some(sets, sets.holdout, targets.others))
    people = pl.concat(frames, how="diagonal_relaxed")
    counted = people.group_by(sets.entity, maintain_order=True).len()
    events = counted["len"].to_numpy().astype(np.float64)

    def likely(model: Likelihood) -> FloatArray:
        of_all: FloatArray = -losses(sets.entity, model, people) * events
        return of_all

    def trained(shadow: Calibration, half: BoolArray) -> Likelihood:
        chosen = counted.filter(pl.Series(half))
        return shadow(people.join(chosen, on=sets.entity, how="semi", maintain_order="left"))

    halves = _halves(len(counted), len(shadows), np.random.default_rng(seed))
    under = np.stack([likely(trained(*each)) for each in zip(shadows, halves, strict=True)])
    variance = under.var(axis=0, ddof=1)  # (M + O,)
    spread = np.sqrt(variance + variance.mean() + LEAST_VARIANCE)
    score: FloatArray = (likely(likelihood) - under.mean(axis=0)) / spread
    lengths = np.stack([np.ones_like(events), events, np.log(events)], axis=1) / spread[:, None]
    score -= lengths @ np.linalg.lstsq(lengths, score)[0]
    return score


def alike(targets: Targets) -> Targets:
    """The same with no more others than members: a half is then no larger than what was learned."""
    most = len(targets.members)
    others = targets.others[:most]
    return replace(targets, others=others, distance=targets.distance[: most + len(others)])


def _halves(people: int, count: int, rng: np.random.Generator) -> Iterator[BoolArray]:
    """(people,) who is in each half; every second one is the rest of the one before."""
    for _ in range(count // 2):
        half = rng.permutation(people) < people // 2
        yield half
        yield ~half
