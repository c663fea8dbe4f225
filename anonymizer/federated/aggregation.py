"""One update out of those of the sites where the server sees each, and what it will not believe.

A site that errs or lies moves a mean as far as it likes, and a coordinate's median or trimmed mean
only within what the others send (Yin and others 2018, Byzantine-robust distributed learning). Under
masks the server sees the sum alone, and can only tell that it is absurd.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from anonymizer.arrays import FloatArray, SmallFloatArray
from anonymizer.federated.protocol import Weights
from anonymizer.federated.secure_sum import Layout, Mean, split

OVERSIZED: Final = 10.0  # times the median of the sites' changes
TRIMMED: Final = 0.2  # of the sites at either end, and at least one
JUMP: Final = 10.0  # times the root mean square of the weights before, or 1 if that is more


def leaps(before: Weights, after: Weights) -> list[str]:
    """The networks whose mean changed more than training does, as sums do with masks left over.

    What is left of a mask has a root mean square near 300.
    """
    return [
        name
        for name, new in after.items()
        for old in [before.get(name, np.zeros_like(new))]
        if not _size(new - old) <= JUMP * max(1.0, _size(old))  # also of NaN
    ]


def _size(values: SmallFloatArray) -> float:
    """The root mean square; 0 of nothing."""
    return float(np.sqrt(np.square(values, dtype=float).mean())) if values.size else 0.0


def absurd(updates: Mapping[str, Mean], before: Weights) -> dict[str, str]:
    """Why updates of single sites are left out, by site: not finite, or far larger than others."""
    reasons = {site: "not finite" for site, update in updates.items() if not _finite(update)}
    changes = {
        site: float(np.linalg.norm(_flat(update) - _flat_before(update, before)))
        for site, update in updates.items()
        if site not in reasons
    }
    usual = float(np.median(list(changes.values()))) if changes else 0.0
    far = {site: "oversized" for site, change in changes.items() if change > OVERSIZED * usual}
    return reasons | far


def _finite(update: Mean) -> bool:
    figures = [update.share, *(x for both in update.losses.values() for x in both)]
    return bool(np.isfinite(figures).all() and np.isfinite(_flat(update)).all())


def _flat(update: Mean) -> FloatArray:
    return np.concatenate([np.empty(0), *(update.weights[name] for name in sorted(update.weights))])


def _flat_before(update: Mean, before: Weights) -> FloatArray:
    parts = [
        before.get(name, np.zeros(update.weights[name].size)) for name in sorted(update.weights)
    ]
    return np.concatenate([np.empty(0), *parts])


def centre(updates: Mapping[str, Mean], layout: Layout, how: str) -> Mean:
    """The `median` or `trimmed` mean of each weight; every site counts alike. So do losses."""
    all_weights = np.sort([_flat(update) for update in updates.values()], axis=0)  # (sites, W)
    if how == "median":
        flat = np.median(all_weights, axis=0)
    else:
        cut = max(1, int(TRIMMED * len(updates)))
        flat = all_weights[cut:-cut].mean(axis=0)
    losses = {
        name: _middle(update.losses[name] for update in updates.values()) for name in layout.losses
    }
    return Mean(split(flat, layout), losses, sum(update.share for update in updates.values()))


def _middle(losses: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """The median of the sites' means, as a sum over the units of all."""
    known = [(nats / units, units) for nats, units in losses if units > 0]
    units = sum(units for _, units in known)
    return (float(np.median([mean for mean, _ in known])) * units if known else 0.0), units
