"""Why an event is strange: what would have been usual in its place, in words."""

from collections.abc import Sequence

import numpy as np

from anonymizer.arrays import FloatArray, IntArray
from anonymizer.sequences.tokens.bins import in_order
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.tokens.heads import CLOCK, FIELDS, GAP, WEEKDAY
from anonymizer.sequences.tokens.times import DAY, UNITS, Timeline
from anonymizer.sequences.tokens.values import NULL, Numbers

TAIL = 0.1  # what is less likely than this, on either side, is not called usual
NAMED = 3  # categories that are named, at most
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LENGTHS = tuple(zip(("d", "h", "min", "s", "ms", "µs"), UNITS, strict=True))


def usual(codec: HistoryCodec, head: int, chances: FloatArray) -> str:
    """(V,) probabilities of a head's tokens → what it expected, in words.

    The likeliest categories with their probabilities, or the range of numbers and times that
    leaves out a tenth on either side. Only what the model was allowed to learn is named.
    """
    line = codec.timeline
    if head == WEEKDAY:
        return _likeliest(WEEKDAYS, chances)
    if head == GAP:
        low, high = _range(line.gap_order, chances)
        shortest = _duration(line, line.low_days[low], line.low_units[low])
        longest = _duration(line, line.high_days[high], line.high_units[high])
        return f"{_between(shortest, longest)} after the last usual event"
    if head == CLOCK and line.clocks is not None:
        low, high = _range(line.clocks.order, chances)
        return _between(_clock(line, line.clocks.low[low]), _clock(line, line.clocks.high[high]))
    field = list(codec.fields.values())[head - FIELDS]
    if not isinstance(field, Numbers):
        return _likeliest(["nothing", "something rare", *field.values], chances)
    if chances[NULL] > 1 - TAIL:
        return "nothing"
    ends = field.decode(np.array(_range(field.order, chances)), np.array([0, 1 - 1e-9]))
    return _between(str(ends[0]), str(ends[1]))


def _between(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"


def _likeliest(names: Sequence[str], chances: FloatArray) -> str:
    order = np.argsort(-chances, kind="stable")[:NAMED]
    return ", ".join(f"{names[i]} {chances[i]:.0%}" for i in order if chances[i] >= 0.01)


def _range(order: FloatArray, chances: FloatArray) -> IntArray:
    """(2,) tokens between which all but the tails lies."""
    ranked = in_order(order)
    share = chances[ranked].cumsum() / max(chances[ranked].sum(), 1e-12)
    ends = np.searchsorted(share, [TAIL, 1 - TAIL])
    found: IntArray = ranked[np.minimum(ends, len(ranked) - 1)]
    return found


def _duration(line: Timeline, days: int, units: int) -> str:
    micros = int(days) * DAY + int(units) * line.unit
    name, size = next((each for each in LENGTHS if micros >= each[1]), LENGTHS[-1])
    return f"{micros / size:.3g} {name}" if micros else "0"


def _clock(line: Timeline, unit: int) -> str:
    minutes = int(unit) * line.unit // LENGTHS[2][1]
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
