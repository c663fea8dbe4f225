"""When histories begin and end and how long they are, counted over all sites in fine cells.

Each entity is in one cell of a grid, so that cells add up; whoever has the sum joins cells to runs
that k entities of all sites are in, and tells those.
"""

from collections.abc import Iterable, Mapping

import numpy as np

from anonymizer.arrays import FloatArray, IntArray
from anonymizer.sequences.tokens.bins import STAND_FOR, Grid
from anonymizer.sequences.tokens.profile import Span, spans_of, values_of
from anonymizer.sequences.tokens.times import Timeline

EXACT = 512  # of numbers below it each is a cell; of those above a cell holds 1/256 of what it is
MOST = 2**30  # events of an entity that are told apart
_BINS = 128  # that runs come from, at most: the grids of all sites have fewer


def cells_of(span: Span, timeline: Timeline) -> list[IntArray]:
    """Of each grid of a profile (C,) how many entities are in each cell.

    A cell is a day, or a number of events; there are as many for all spans of a timeline.
    """
    days = spans_of(timeline)
    counts = []
    for name, values in values_of(span, timeline).items():
        cells, many = (values, days[name][1]) if name in days else (_cell(values), _MANY)
        counts.append(np.bincount(cells, minlength=many))
    return counts


def runs(counts: IntArray, k: int) -> tuple[Grid, FloatArray]:
    """(C,) how many entities are in each cell → runs of cells, and (V,) how many are in each.

    None is told that fewer than k are in, and no edge that is not a mean over k on either side.
    """
    fewer = max(1, -(-int(counts.sum()) // STAND_FOR))  # of very many every so many-th is enough
    each = np.diff(np.cumsum(counts) // fewer, prepend=0)
    cells = np.repeat(np.arange(len(each)), each)
    grid = Grid.learn(cells, np.arange(len(cells)), k, bins=_BINS, told=True)
    found = np.bincount(grid.encode(cells), minlength=grid.size)
    return grid, np.where(found >= k, found, 0).astype(np.float64)


def values_in(
    told: Iterable[tuple[Grid, FloatArray]], timeline: Timeline
) -> Mapping[str, IntArray]:
    """By the name of a grid of a profile, (N,) values that stand for those in runs of its cells."""
    days, names = spans_of(timeline), values_of(_NONE, timeline)
    found = {}
    for name, (run, counts) in zip(names, told, strict=True):
        cells = np.sort(run.stands_for(counts))
        found[name] = (
            np.clip(cells, *(days[name][0], days[name][1] - 1)) if name in days else _within(cells)
        )
    return found


def _cell(values: IntArray) -> IntArray:
    """(N,) numbers from 0 on → the cell of each."""
    octave = np.maximum(np.frexp(np.minimum(values, MOST))[1] - _OCTAVE, 0)
    cells: IntArray = (np.minimum(values, MOST) >> octave) + octave * EXACT // 2
    return cells


def _within(cells: IntArray) -> IntArray:
    """(N,) cells, ascending → a number in each; where several are in one, evenly."""
    cells = np.clip(cells, 0, _MANY - 1)
    octave = np.maximum(2 * cells // EXACT - 1, 0)
    _, inverse, counts = np.unique(cells, return_inverse=True, return_counts=True)
    rank = np.arange(len(cells)) - (np.cumsum(counts) - counts)[inverse]
    low = (cells - octave * EXACT // 2) << octave
    values: IntArray = low + ((rank + 0.5) / counts[inverse] * (1 << octave)).astype(np.int64)
    return values


_OCTAVE = int(np.frexp(EXACT - 1)[1])
_MANY = int(_cell(np.array([MOST]))[0]) + 1
_NONE = Span(*(np.empty(0, np.int64) for _ in Span._fields))
