"""The heads of an event, which of them have something to say, and what is closed."""

import numpy as np
from torch import Tensor

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.sequences.tokens.times import FIRST, Timeline

GAP, WEEKDAY, CLOCK = 0, 1, 2
FIELDS = 3  # index of the first field's head
CLOSED = -1e9  # logit of what is impossible; finite, so that padding gives no NaN
LARGE = 41  # tokens without order from which a head's vocabulary is large


def close(logits: Tensor, is_open: Tensor) -> Tensor:
    """(..., V) logits with closed tokens out of reach."""
    return logits.masked_fill(~is_open, CLOSED)


def applies(gap: IntArray, line: Timeline, head: int) -> BoolArray:
    """(...) whether a head has something to say about events with these gap tokens."""
    said: BoolArray = np.full(gap.shape, True)
    if head == GAP:
        said = gap != FIRST
    elif head == WEEKDAY:
        said = line.is_new_day[gap]
    elif head == CLOCK:
        said = line.has_clock[gap]
    return said


def all_applies(gap: IntArray, line: Timeline, heads: int) -> BoolArray:
    """Say so of every head: (..., J)."""
    return np.stack([applies(gap, line, j) for j in range(heads)], -1)


def is_large(order: FloatArray) -> bool:
    """Whether a head's vocabulary is, by (V,) numbers that rise with its tokens' values."""
    return len(order) >= LARGE and bool(np.isnan(order).all())
