"""Chance that is the same for an entity, whoever else is sampled."""

from typing import Final

import numpy as np
import numpy.typing as npt

from anonymizer.arrays import FloatArray, IntArray

FURTHER: Final = 1 << 40  # from the number of a history to that of the next one tried in its place
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)


def uniforms(seed: int, entity: IntArray, step: int | IntArray, count: int) -> FloatArray:
    """(B, count) numbers in [0, 1), each a hash of its coordinates.

    The finaliser of SplitMix64 (Steele, Lea and Flood 2014), applied once per coordinate.

    Args:
        seed: of all.
        entity: (B,) numbers of entities.
        step: of the history, one for all or (B,).
        count: numbers of each.
    """
    x = np.full((len(entity), count), np.uint64(seed & (2**64 - 1)))
    for coordinate in (
        entity[:, None].astype(np.uint64),
        np.reshape(step, (-1, 1)).astype(np.uint64),
        np.arange(count, dtype=np.uint64)[None],
    ):
        x = mix(x + _GOLDEN * (coordinate + np.uint64(1)))
    return (x >> np.uint64(11)).astype(np.float64) * 2.0**-53


def mix(x: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Scatter integers over all 64 bits, one for one."""
    x = (x ^ (x >> np.uint64(30))) * _MIX1
    x = (x ^ (x >> np.uint64(27))) * _MIX2
    return x ^ (x >> np.uint64(31))
