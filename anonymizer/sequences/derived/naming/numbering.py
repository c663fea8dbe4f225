"""Which number an identifier has: it follows from its history, so that no history needs another."""

from typing import Final

import numpy as np

from anonymizer.arrays import IntArray
from anonymizer.sequences.histories.draws import FURTHER

ROOMY: Final = 2**53  # numbers, that no sample comes near to, whatever is left free between them
_GROWTH: Final = 4  # each block of a history is as many times as large as the one before


def numbered(entity: IntArray, usual: int) -> IntArray:
    """(M,) numbers of things of these histories, no two alike, whoever else is sampled.

    A history has a block of `usual` numbers, and more blocks for what it has beyond, each
    `_GROWTH` times as large. Those of level i end on i digits `_GROWTH` − 1 in base `_GROWTH`: so
    three in four numbers are of first blocks, and all numbers are of some.

    Args:
        entity: (M,) numbers of their histories, or of further tries of these, in runs.
        usual: how many things few histories exceed.
    """
    history, place = entity % FURTHER, _places(entity)
    number, start, unit = np.empty_like(place), 0, 1
    while (place >= start).any():
        size = usual * unit
        here = (place >= start) & (place < start + size)
        turn, rest = np.divmod(history[here] * size + place[here] - start, _GROWTH - 1)
        number[here] = (turn * _GROWTH + rest) * unit + unit - 1
        start, unit = start + size, unit * _GROWTH
    return number


def _places(entity: IntArray) -> IntArray:
    """(M,) 0 for the first of each run, 1 for the next, and so on."""
    at = np.arange(len(entity))
    begins = np.diff(entity, prepend=-1) != 0
    places: IntArray = at - np.maximum.accumulate(np.where(begins, at, 0))
    return places
