"""Whole histories as points, and the nearest of them.

A point is what `entities.describe` says of an entity, each number as its rank, so that units and
outliers do not matter and every number counts alike.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from anonymizer.arrays import FloatArray, IntArray
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.sets.entities import columns_described, describe

DISTANCES_PER_SEARCH = 500_000_000  # of larger sets fewer points are asked
DISTANCES_IN_MEMORY = 2_000_000  # at once: 16 MB


@dataclass(frozen=True)
class Space:
    """The histories of three sets as points in the unit cube.

    Each coordinate is the rank of a number among those of training and holdout together, in
    [0, 1]; what is not there ranks lowest. Rows are in the sorted order of the entities.

    Attributes:
        real, synthetic, holdout: (E, D) each.
        columns: (D,) the column that each number is about, the time column for those of none.
    """

    real: FloatArray
    synthetic: FloatArray
    holdout: FloatArray
    columns: npt.NDArray[np.str_]

    @classmethod
    def of(cls, sets: ComparedSets) -> "Space":
        """The points of all entities of the three sets."""
        tables = [
            table.fill_null(-np.inf).to_numpy()
            for table in describe(sets, sets.real, sets.synthetic, sets.holdout)
        ]
        ordered = np.sort(np.vstack([tables[0], tables[2]]), axis=0)
        real, synthetic, holdout = (
            np.column_stack([ranks(table[:, d], ordered[:, d]) for d in range(table.shape[1])])
            for table in tables
        )
        return cls(real, synthetic, holdout, np.array(columns_described(sets)))


def ranks(values: FloatArray, ordered: FloatArray) -> FloatArray:
    """The middle of the places that values would take among others.

    Args:
        values: (N,) to be ranked.
        ordered: (M,) ascending.

    Returns:
        (N,) in [0, 1].

    Example:
        >>> ranks(np.array([1.0, 2.0]), np.array([1.0, 2.0, 3.0, 4.0])).tolist()
        [0.125, 0.375]
    """
    left, right = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
    middle: FloatArray = (left + right) / 2 / len(ordered)
    return middle


class Nearest(NamedTuple):
    """The nearest of N points to each of M others.

    Attributes:
        which: (M,) row of the nearest among the N, the first one of several as near.
        first: (M,) Euclidean distance to it.
        second: (M,) distance to the next one; infinite where N is 1.
    """

    which: IntArray
    first: FloatArray
    second: FloatArray


def nearest(a: FloatArray, b: FloatArray) -> Nearest:
    """Find the nearest point to each of others, by comparing all of them.

    Args:
        a: (M, D) whose neighbours are looked for.
        b: (N, D) among which they are looked for, one at least.
    """
    weights = np.vstack([-2 * b.T, np.sum(b * b, axis=1)])
    which = np.zeros(len(a), np.int64)
    squares = np.full((2, len(a)), np.inf)
    step = max(1, DISTANCES_IN_MEMORY // len(b))
    for start in range(0, len(a), step):
        part = a[start : start + step]
        rows, here = np.arange(len(part)), slice(start, start + step)
        found = np.column_stack([part, np.ones(len(part))]) @ weights  # less the square of a
        which[here] = found.argmin(1)
        own = np.sum(part * part, axis=1)
        squares[0, here] = found[rows, which[here]] + own
        if len(b) > 1:
            found[rows, which[here]] = np.inf
            squares[1, here] = found.min(1) + own
    first, second = np.sqrt(np.maximum(np.round(squares, 12), 0))
    return Nearest(which, first, second)


def affordable_rows(points: FloatArray, among: int, rng: np.random.Generator) -> IntArray:
    """Rows of points in random order, as many as may be compared with so many others.

    Args:
        points: (N, D).
        among: how many others each of them will be compared with.
        rng: of the order.

    Returns:
        (≤ N,) rows; all of them unless that exceeds `DISTANCES_PER_SEARCH`, one at least.
    """
    return rng.permutation(len(points))[: max(1, DISTANCES_PER_SEARCH // max(1, among))]
