"""What synthetic histories give away about the persons behind the training data."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from anonymizer.checks.entities import describe
from anonymizer.checks.figures import Figure, Limits
from anonymizer.checks.statistics import Estimate, Z, fisher_test, share, sign_test
from anonymizer.checks.utility import Histories

FloatArray = npt.NDArray[np.float64]

SHORT = 2  # histories up to this length agree by chance and are not counted as copies
SAMPLE = 5_000  # synthetic entities whose nearest neighbours are looked for
AMONG = 20_000  # training entities, and as many of the holdout, among which
NEAR = 0.25  # of the other distance, from which a neighbour is suspiciously near
SURE = Limits(green=0.01, amber=0.001)  # the chance of as many by accident
DCR = Limits(green=0.53, amber=0.56)  # share closer to training, the lower end of its interval


def privacy_figures(sets: Histories, seed: int) -> dict[str, Figure]:
    """Exact copies, copies moved in time, near copies, and the DCR share."""
    found = neighbours(sets, seed)
    return {
        "copies": copies(sets, moved=False),
        "moved_copies": copies(sets, moved=True),
        "near_copies": near_copies(found),
        "dcr_share": dcr_share(found),
    }


def copies(sets: Histories, *, moved: bool) -> Figure:
    """The share of synthetic histories that are a training history, to the last value.

    The base rate is how many holdout histories are one: what chance alone brings about.

    Args:
        sets: the histories.
        moved: compare times from the first event on, so that shifted copies count.
    """
    known = set(history_prints(sets, sets.real, moved=moved))
    found, base = (
        _hits(known, history_prints(sets, frame, moved=moved))
        for frame in (sets.synthetic, sets.holdout)
    )
    what = "copies moved in time" if moved else "exact copies"
    return Figure(
        f"Histories that are {what} of training ones",
        share(*found),
        share(*base).value,
        None,
        f"Histories of more than {SHORT} events, all values equal. Baseline: the holdout's share.",
        fisher_test(*found, *base) if found.of and base.of else float("nan"),
        SURE,
    )


class _Hits(NamedTuple):
    found: int
    of: int


def _hits(known: set[int], prints: list[int]) -> _Hits:
    return _Hits(sum(print_ in known for print_ in prints), len(prints))


def history_prints(sets: Histories, frame: pl.DataFrame, *, moved: bool) -> list[int]:
    """A hash per history of more than `SHORT` events."""
    time = pl.col(sets.time).cast(pl.Datetime("us"))
    when = time - time.min().over(sets.entity) if moved else time
    events = sets.sorted(frame).with_columns(when.alias(sets.time))
    contents = pl.struct([sets.time, *sets.fields]).hash(seed=1)
    prints = (
        events.select(sets.entity, contents.alias("print"))
        .group_by(sets.entity, maintain_order=True)
        .agg("print")
        .filter(pl.col("print").list.len() > SHORT)
    )
    return [hash(tuple(each)) for each in prints["print"].to_list()]


class Neighbours(NamedTuple):
    """Of M synthetic histories, the distance to the nearest of N training and N holdout ones."""

    training: FloatArray
    holdout: FloatArray
    among: int


def neighbours(sets: Histories, seed: int) -> Neighbours:
    """Euclidean distances of the vectors that `ranks` gives; training and holdout of one size."""
    rng = np.random.default_rng(seed)
    real, synthetic, holdout = ranks(sets)
    size = min(len(real), len(holdout), AMONG)
    real, holdout = (x[rng.permutation(len(x))[:size]] for x in (real, holdout))
    synthetic = synthetic[rng.permutation(len(synthetic))[:SAMPLE]]
    return Neighbours(nearest(synthetic, real), nearest(synthetic, holdout), size)


def dcr_share(found: Neighbours) -> Figure:
    """How often a synthetic history's nearest real one is a training and not a holdout one.

    Ties count half. 0.5 is what histories that know nothing of the training set would show.
    """
    training, holdout = found.training, found.holdout
    closer = float(np.sum(training < holdout) + np.sum(training == holdout) / 2)
    part = share(round(closer), len(training))
    return Figure(
        "Histories closer to a training than to a holdout person (DCR share)",
        part,
        0.5,
        None,
        f"Half is chance. Nearest neighbours of {len(training):,} synthetic histories among "
        f"{found.among:,} training and as many holdout ones. Passing it does not rule out other "
        "attacks.",
        part.low,
        DCR,
    )


def near_copies(found: Neighbours) -> Figure:
    """How many histories are far nearer to a training person than to any other.

    A history is suspect if its nearest training one is at less than a quarter of the distance of
    its nearest holdout one. By chance as many are suspect with the two exchanged: a sign test says
    whether there are more.
    """
    training, holdout = found.training, found.holdout
    suspect = int(np.sum(training < NEAR * holdout))
    chance = int(np.sum(holdout < NEAR * training))
    size = len(training)
    difference = (suspect - chance) / size
    # Of paired shares (McNemar 1947).
    half = Z * np.sqrt(max(suspect + chance - (suspect - chance) ** 2 / size, 0)) / size
    return Figure(
        "Near copies of training histories",
        Estimate(difference, difference - half, difference + half),
        0.0,
        None,
        f"{suspect:,} of {size:,} are four times nearer to one of {found.among:,} training persons "
        f"than to any of as many of the holdout, {chance:,} the other way round, which is chance.",
        sign_test(suspect, chance),
        SURE,
    )


def ranks(sets: Histories) -> tuple[FloatArray, FloatArray, FloatArray]:
    """A vector per history for real, synthetic and holdout, (E, D) each.

    What `describe` says of each, as its rank among the real ones, in [0, 1]; nothing ranks lowest.
    """
    tables = [
        table.fill_null(-np.inf).to_numpy()
        for table in describe(sets, sets.real, sets.synthetic, sets.holdout)
    ]
    reference = np.vstack([tables[0], tables[2]])
    ranked = [np.zeros(table.shape) for table in tables]
    for d in range(reference.shape[1]):
        order = np.sort(reference[:, d])
        for table, found in zip(tables, ranked, strict=True):
            left, right = (np.searchsorted(order, table[:, d], side) for side in ("left", "right"))
            found[:, d] = (left + right) / 2 / len(order)
    return ranked[0], ranked[1], ranked[2]


def nearest(a: FloatArray, b: FloatArray, chunk: int = 256) -> FloatArray:
    """(M,) Euclidean distance of each row of a (M, D) to its nearest row of b (N, D)."""
    squares = np.sum(b * b, axis=1)
    found = [
        np.min(squares - 2 * part @ b.T, axis=1) + np.sum(part * part, axis=1)
        for part in (a[i : i + chunk] for i in range(0, len(a), chunk))
    ]
    return np.sqrt(np.maximum(np.round(np.concatenate(found), 12), 0))
