"""Every figure of privacy of a check, one after another."""

from collections.abc import Sequence

import polars as pl

from anonymizer.checks.figures.figure import Figure
from anonymizer.checks.privacy.canaries import exposure
from anonymizer.checks.privacy.copies import (
    copies,
    dcr_share,
    near_copies,
    neighbour_ratio,
    neighbours,
)
from anonymizer.checks.privacy.inference import inference_figures
from anonymizer.checks.privacy.membership import Calibration, Likelihood, membership_figures
from anonymizer.checks.privacy.shadows import shadow_figures
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.sets.neighbours import Space


def privacy_figures(
    sets: ComparedSets,
    seed: int,
    likelihood: Likelihood | None = None,
    calibration: Calibration | None = None,
    canaries: tuple[pl.DataFrame, pl.DataFrame] | None = None,
    *,
    shadows: Sequence[Calibration] = (),
) -> dict[str, Figure]:
    """Copies and neighbours, and what attackers gain.

    Args:
        sets: the histories.
        seed: fixes every random choice.
        likelihood: of the model that made the synthetic histories, see `membership`.
        calibration: learns the likelihood of another model from a frame.
        canaries: planted and kept aside, see `canaries`; they need a likelihood.
        shadows: models that are trained alike, see `shadows`; they need a likelihood.
    """
    space = Space.of(sets)
    found = neighbours(space, seed)
    return {
        "copies": copies(sets, moved=False),
        "moved_copies": copies(sets, moved=True),
        "near_copies": near_copies(found),
        "dcr_share": dcr_share(found),
        "neighbour_ratio": neighbour_ratio(found),
        **membership_figures(sets, space, seed, likelihood, calibration),
        **(
            shadow_figures(sets, space, likelihood, shadows, seed) if shadows and likelihood else {}
        ),
        **inference_figures(sets, space, seed),
        **(
            {"canaries": exposure(canaries, sets.entity, likelihood)}
            if canaries and likelihood
            else {}
        ),
    }
