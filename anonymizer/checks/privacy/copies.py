"""Copies and neighbours: do synthetic histories repeat those of training people, or cling to them?

The holdout is the control: how often people who were not there are copied by chance alone.
"""

from dataclasses import dataclass
from math import inf
from typing import NamedTuple

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray, IntArray
from anonymizer.checks.figures.figure import OPEN, Figure
from anonymizer.checks.figures.statistics import difference, fisher_test, mean, share
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.sets.neighbours import (
    Nearest,
    Space,
    affordable_rows,
    nearest,
)

LONGEST_NOT_COUNTED = 2  # events; so short a history agrees with another by chance
LEAST_DISTANCE = 1e-12  # keeps divisions by it finite
NEAR_COPY_RATIO = 0.25  # of the distance to the second nearest: four times nearer is suspicious
MAY_GO_UNSEEN = 0.2  # length of an interval; of twelve histories without a copy it is longer
SHARE_OF_OTHERS = {
    "training": "Baseline: the holdout's share.",
    "holdout": "Baseline: the training set's share. Whoever made these has seen the holdout, which "
    "then is no control: no other figure of what leaks can be relied on.",
}
BY_CHANCE = "the chance that so many more come about by accident"


def copies(sets: ComparedSets, *, moved: bool) -> Figure:
    """The share of synthetic histories that are a training history, to the last value.

    The baseline is how many holdout histories are one. Judged is the chance of so many more among
    the synthetic ones (Fisher's exact test). A generator that has seen the holdout copies that as
    well: where this is the less likely, the figure is of copies of the holdout.

    Args:
        sets: the histories.
        moved: compare times from the first event on, so that shifted copies count.
    """
    real, made, held = (
        history_prints(sets, frame, moved=moved)
        for frame in (sets.real, sets.synthetic, sets.holdout)
    )
    found, base, whose = _hits(set(real), made), _hits(set(real), held), "training"
    seen, other = _hits(set(held), made), _hits(set(held), real)
    if _by_accident(seen, other) < _by_accident(found, base):
        found, base, whose = seen, other, "holdout"
    what = "copies moved in time" if moved else "exact copies"
    return Figure(
        f"Histories that are {what} of {whose} ones",
        share(*found),
        share(*base).value,
        None,
        f"Histories of more than {LONGEST_NOT_COUNTED} events, all values equal. "
        + SHARE_OF_OTHERS[whose]
        + ("" if found.of and base.of else " There are none, so nothing is said."),
        _by_accident(found, base),
        judged_as=BY_CHANCE,
        judgeable=bool(found.of and base.of),
        open_length=MAY_GO_UNSEEN,
    )


class _Hits(NamedTuple):
    """How many of so many histories were found."""

    found: int
    of: int


def _by_accident(found: _Hits, base: _Hits) -> float:
    """The chance that so many more come about by accident; infinite where there are no more."""
    if found.found * base.of <= base.found * found.of:
        return inf
    return fisher_test(*found, *base)


def _hits(known: set[int], prints: list[int]) -> _Hits:
    """How many fingerprints are among the known ones."""
    return _Hits(sum(print_ in known for print_ in prints), len(prints))


def history_prints(sets: ComparedSets, frame: pl.DataFrame, *, moved: bool) -> list[int]:
    """A hash of each history of more than `LONGEST_NOT_COUNTED` events, alike for equal histories.

    Args:
        sets: which columns are entity and time.
        frame: events.
        moved: whether times count from the first event of the history on.
    """
    time = pl.col(sets.time).cast(pl.Datetime("us"))
    when = time - time.min().over(sets.entity) if moved else time
    events = sets.sorted(frame).with_columns(when.alias(sets.time))
    contents = pl.struct([sets.time, *sets.fields]).hash(seed=1)
    prints = (
        events.select(owner=sets.entity, print=contents)
        .group_by("owner", maintain_order=True)
        .agg("print")
        .filter(pl.col("print").list.len() > LONGEST_NOT_COUNTED)
    )
    return [hash(tuple(each)) for each in prints["print"].to_list()]


@dataclass(frozen=True)
class Neighbours:
    """The nearest real entities of M synthetic ones.

    Training and holdout are cut into blocks of as many entities as the smaller has, and what is
    left over.

    Attributes:
        training, holdout: of each full block, in it.
        persons: (M,) the nearest of all, training entities numbered before those of the holdout.
        first, second: (M,) distances to it and to the next.
        sizes: entities of training, of the holdout, and of a block.
    """

    training: list[Nearest]
    holdout: list[Nearest]
    persons: IntArray
    first: FloatArray
    second: FloatArray
    sizes: tuple[int, int, int]


def neighbours(space: Space, seed: int) -> Neighbours:
    """The nearest real entities of synthetic ones; `seed` draws the blocks, and who is asked."""
    rng = np.random.default_rng(seed)
    both = [x[rng.permutation(len(x))] for x in (space.real, space.holdout)]
    sizes = [len(x) for x in both]
    size = min(sizes)
    points = space.synthetic[affordable_rows(space.synthetic, sum(sizes), rng)]
    starts = [range(0, each, size) for each in sizes]
    training, holdout = (
        [nearest(points, x[i : i + size]) for i in of] for x, of in zip(both, starts, strict=True)
    )
    found = [*training, *holdout]
    offsets = np.array([*starts[0], *(sizes[0] + i for i in starts[1])])
    block = np.argmin([each.first for each in found], axis=0)
    which = np.array([each.which for each in found])[block, np.arange(len(points))]
    distances = np.array([distance for each in found for distance in each[1:]])
    first, second = np.partition(distances, 1, axis=0)[:2]
    return Neighbours(
        training[: sizes[0] // size],
        holdout[: sizes[1] // size],
        which + offsets[block],
        first,
        second,
        (sizes[0], sizes[1], size),
    )


def dcr_share(found: Neighbours) -> Figure:
    """The share of synthetic histories whose nearest real one is a training and not a holdout one.

    DCR (distance to closest record) between sets of one size: the mean over pairs of blocks, ties
    counting half. 0.5 is what histories that know nothing of the training set would show. Judged is
    the lower end of the interval.
    """
    closer = np.mean(
        [
            (a.first < b.first) + (a.first == b.first) / 2
            for a in found.training
            for b in found.holdout
        ],
        axis=0,
    )
    part = share(float(closer.sum()), len(closer))
    return Figure(
        "Histories closer to a training than to a holdout person (DCR share)",
        part,
        0.5,
        None,
        f"Half is chance. Nearest neighbours of {len(closer):,} synthetic histories among "
        f"{found.sizes[2]:,} training and as many holdout ones, for all such parts of the larger "
        "set. Passing it does not rule out other attacks.",
        part.low,
        judged_as="the lower end of the interval",
        open_length=OPEN,
    )


def neighbour_ratio(found: Neighbours) -> Figure:
    """How far the nearest training history is, by the distance of the second nearest, on average.

    NNDR, the nearest-neighbour distance ratio, is in [0, 1] and low near one training person alone.
    It informs only.
    """
    ratios = [
        np.mean(
            [
                np.where(x.second > 0, x.first / np.maximum(x.second, LEAST_DISTANCE), 1)
                for x in side
            ],
            0,
        )
        for side in (found.training, found.holdout)
    ]
    return Figure(
        "Nearest training history, by the distance of the second nearest (NNDR)",
        mean(ratios[0]),
        float(np.mean(ratios[1])),
        None,
        "Low where histories are near to one training person alone. Baseline: the same among as "
        "many of the holdout. It sees no copies of people who resemble each other, and no few "
        "copies among many.",
    )


def near_copies(found: Neighbours) -> Figure:
    """The share of training persons to whom a history is far nearer than to anybody else.

    A history is suspect if its nearest real one, of training and holdout together, is at less than
    a quarter of the distance of the second nearest. If it knows nothing of the training data, whose
    history it is near to is a training person as often as there are training persons, so Fisher's
    exact test compares the shares of persons. The value is the training share less the holdout's.
    """
    persons = np.unique(found.persons[found.first < NEAR_COPY_RATIO * found.second])
    training, holdout, _ = found.sizes
    near = _Hits(int(np.sum(persons < training)), training)
    chance = _Hits(len(persons) - near.found, holdout)
    return Figure(
        "Near copies of training histories",
        difference(share(*near), share(*chance)),
        0.0,
        None,
        f"To {near.found:,} of {training:,} training persons a synthetic history is four times "
        f"nearer than to anybody else, and to {chance.found:,} of {holdout:,} of the holdout, "
        f"which is chance. {len(found.first):,} histories were looked at.",
        _by_accident(near, chance),
        judged_as=BY_CHANCE,
        open_length=MAY_GO_UNSEEN,
    )
