"""Embeddings to begin with: tokens that come near each other in histories, by counting."""

from typing import Final

import numpy as np
import torch
from torch import Tensor

from anonymizer.arrays import IntArray

_NEAR: Final = 8  # events apart, at most
_EVENTS: Final = 1_000_000  # that are counted
_POWER: Final = 4  # steps of the iteration that finds the factors
_SURE: Final = 1.5  # of the factors: what training finds is surer than counting


def nearness(tokens: IntArray, owner: IntArray, size: int, width: int) -> Tensor:
    """(V, W) embeddings whose products say how much nearer than by chance two tokens come.

    The factors of positive pointwise mutual information (Levy and Goldberg 2014): what steps of
    training find slowly, as they see each token seldom.

    Args:
        tokens: (N,) of events in their order; V or more where there is none.
        owner: (N,) whose.
        size: V.
        width: W.
    """
    pairs, counts = np.unique(_pairs(tokens[:_EVENTS], owner, size), return_counts=True)
    one, other = np.divmod(pairs, size)
    often = np.bincount(one, counts, size) + np.bincount(other, counts, size)
    chance = often[one] * often[other] / max(1, often.sum())
    more = np.log((counts + 1) / (chance + 1))  # of few counts little is believed
    one, other, more = (each[more > 0] for each in (one, other, more))
    index = np.stack([np.concatenate([one, other]), np.concatenate([other, one])])
    values = torch.from_numpy(np.concatenate([more, more])).float()
    matrix = torch.sparse_coo_tensor(
        torch.from_numpy(index), values, (size, size), check_invariants=False
    )
    rank = min(width, size)
    u, s, v = torch.svd_lowrank(matrix.coalesce(), rank, niter=_POWER)
    found = _SURE * u * s.sqrt() * ((u * v).sum(0) > 0)  # what repels is no nearness
    return torch.nn.functional.pad(found, (0, width - rank))


def _pairs(tokens: IntArray, owner: IntArray, size: int) -> IntArray:
    """Every two different tokens of a history that are near, as one number: the lesser first."""
    found = []
    for lag in range(1, _NEAR + 1):
        a, b = tokens[lag:], tokens[:-lag]
        told = (owner[lag : len(tokens)] == owner[: len(b)]) & (a < size) & (b < size) & (a != b)
        found.append(np.minimum(a, b)[told] * size + np.maximum(a, b)[told])
    return np.concatenate(found)
