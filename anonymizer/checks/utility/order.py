"""What synthetic histories kept of the order of their events.

Order is what is lost when the events of each entity are shuffled among its times. Boosted trees
learn on real histories to tell an event in its place from one that was shuffled there; how well
they can do it in other histories says how much of that order these have. It is a classifier
two-sample test (Lopez-Paz and Oquab 2017) of histories against their own shuffled selves, so that
lengths, times, single columns and what an entity is like cancel out.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import permutations

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.checks.figures.figure import NOT_JUDGED, Figure, covers_all, exact, not_judged
from anonymizer.checks.figures.statistics import Estimate, detection, quotient
from anonymizer.checks.sets.compared_sets import LENGTH_COLUMN, ComparedSets
from anonymizer.checks.sets.entities import OF_NO_COLUMN, categories, is_number
from anonymizer.checks.sets.trees import Trees
from anonymizer.checks.utility.accuracy import (
    BINS_PER_COLUMN,
    NEXT_PREFIX,
    Edges,
    Names,
    binned,
    joint,
    learn_bins,
    mean,
    pairs,
)

MAX_EVENTS_PER_SET = 20_000  # that the trees look at, in whole histories
SHUFFLES_PER_HISTORY = 4  # so that the luck of one shuffle counts less
MAX_KNOWN_VALUES = 200  # of a category that the trees tell apart
VALUES_IN_GRAMS = 50  # of a category that n-grams tell apart; all others are one
GRAMS_COUNTED = 300  # of each length; all others are one
LAGS = (1, 2, 3)  # events back, that an event is compared to
MIN_AUC_OF_ORDER = 0.505  # the holdout's lower end, from which on there is order to be kept


def order_figures(sets: ComparedSets, seed: int) -> dict[str, Figure]:
    """How much order is left, which is judged, and four figures that tell where it may be missing.

    The baseline is that of real histories whose events were shuffled within each entity.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    shuffled = out_of_order(sets, sets.sorted(sets.real), seed)
    frames = [*map(sets.sorted, (sets.holdout, sets.synthetic)), shuffled, sets.sorted(sets.real)]
    found = {
        "2_grams": _n_grams(sets, frames, 2),
        "3_grams": _n_grams(sets, frames, 3),
        "previous": _previous(sets, frames, seed),
        "lags": _lags(sets, frames),
    }
    return {"order": _order(sets, seed)} | {
        f"order_{name}": Figure(f"Order: {title}", exact(values[0]), values[1], values[2], meaning)
        for (name, values), (title, meaning) in zip(found.items(), INFORMING, strict=True)
        if np.isfinite(values).all()
    }


GRAMS_SAY = "One minus the distance of the counts of values of categories that follow one another."
INFORMING = [
    ("two values in a row", GRAMS_SAY),
    ("three values in a row", GRAMS_SAY),
    ("columns after columns", "Accuracy of each column with every other column one event before."),
    ("difference of correlations", "Of numbers and gaps from event to event; zero is best."),
]


def out_of_order(sets: ComparedSets, events: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Sorted events whose times stay, while what happens at them is permuted within each entity."""
    owner = events[sets.entity].rle_id().to_numpy()
    order = np.lexsort((np.random.default_rng(seed).random(len(events)), owner))
    return events.with_columns(events[order].select(sets.fields).get_columns())


def _order(sets: ComparedSets, seed: int) -> Figure:
    """All order together: ROC AUC of events in their places against shuffled ones, by trees.

    Judged is the order above one half over that in the holdout; nothing where the holdout has
    hardly any, or where the interval leaves everything possible.
    """
    synthetic, holdout = order_found(sets, [sets.synthetic, sets.holdout], seed)
    figure = Figure(
        "Order of events that trees know from real ones (ROC AUC)",
        synthetic,
        0.5,
        holdout.value,
        "The chance that an event looks more in place than one shuffled within its history; half "
        "is no order.",
    )
    if not holdout.low > MIN_AUC_OF_ORDER:
        none = "As far as trees can find it, the holdout has hardly any order that could be lost."
        return not_judged(figure, none)
    above = [Estimate(*(x - 0.5 for x in found)) for found in (synthetic, holdout)]
    kept = quotient(above[0], above[1])
    figure = replace(
        figure,
        meaning=f"{figure.meaning} Kept is {100 * kept.value:.0f} % of the order in the holdout.",
    )
    if covers_all(kept):
        return not_judged(figure, NOT_JUDGED)
    return replace(
        figure,
        # What the interval leaves possible; too much order is as wrong as too little.
        judged=1 / kept.low if kept.low > 1 else kept.high,
        judged_as="the inverse of the share, which is too large"
        if kept.low > 1
        else "what the interval leaves possible of that share",
    )


def order_found(sets: ComparedSets, frames: list[pl.DataFrame], seed: int) -> list[Estimate]:
    """ROC AUC of events in their places against shuffled ones, for each frame.

    Args:
        sets: the real set is what is learned from.
        frames: events of any other entities.
        seed: of samples and shuffling.

    Returns:
        Estimates with 95 % intervals over entities; NaN where no entity has two events.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    known = {c: learn_bins(sets.real[c], MAX_KNOWN_VALUES) for c in categories(sets)}
    x, truth, _ = _places(sets, sets.real, known, seed)
    found = [Estimate(float("nan"), 0.0, 1.0) for _ in frames]
    if not len(x):
        return found
    weight = np.where(truth, SHUFFLES_PER_HISTORY, 1).astype(np.float64)
    trees = Trees(x, truth, seed, weight, gentle=True)
    for i, frame in enumerate(frames):
        x, truth, owner = _places(sets, frame, known, seed + i + 1)
        if len(x):
            found[i] = detection(truth, trees.chance(x), owner, seed).roc_auc
    return found


def _places(
    sets: ComparedSets, frame: pl.DataFrame, known: dict[str, Edges | Names], seed: int
) -> tuple[FloatArray, BoolArray, IntArray]:
    """(N, D) what is said of events in their places and shuffled; (N,) which are; (N,) whose."""
    several = frame.filter(pl.len().over(sets.entity) > 1)
    events = sets.sample(several, MAX_EVENTS_PER_SET, seed)
    mixed = (out_of_order(sets, events, seed + i) for i in range(SHUFFLES_PER_HISTORY))
    tables = [_surroundings(sets, each, known).to_numpy() for each in (events, *mixed)]
    owner = events[sets.entity].rle_id().to_numpy().astype(np.int64)
    truth = np.repeat([True] + SHUFFLES_PER_HISTORY * [False], len(events))
    return np.vstack(tables), truth, np.tile(owner, len(tables))


def _surroundings(
    sets: ComparedSets, events: pl.DataFrame, known: dict[str, Edges | Names]
) -> pl.DataFrame:
    """A row per event: where it stands in its history, what it is and what came before it.

    Nothing of the calendar: what depends on hour or season is no matter of order.
    """
    when, place = _seconds(sets), pl.int_range(pl.len())
    events = events.with_columns(pl.Series(c, bins.encode(events[c])) for c, bins in known.items())
    parts = [place, pl.len() - place, when - when.shift(1), when.shift(-1) - when]
    for name in sets.fields:
        x = pl.col(name).to_physical().cast(pl.Float64)
        parts += [x, *(x.shift(k) for k in LAGS)]
        if name in known:
            parts += [*(x == x.shift(k) for k in LAGS), x.is_first_distinct()]
        else:
            parts += [x - x.shift(1), x.mean()]
    return events.select(
        part.over(sets.entity).cast(pl.Float64).fill_nan(None).alias(str(i))
        for i, part in enumerate(parts)
    )


def _seconds(sets: ComparedSets) -> pl.Expr:
    """The time in seconds since 1970."""
    return pl.col(sets.time).cast(pl.Datetime("us")).dt.epoch("us").cast(pl.Float64) / 1e6


# The rest looks at one thing at a time: how like the holdout's are those of synthetic, shuffled
# and real histories?


def _n_grams(sets: ComparedSets, frames: list[pl.DataFrame], n: int) -> list[float]:
    """Mean likeness of the n-grams of categories to those in the first frame; NaN without any."""
    owners = [frame[sets.entity].rle_id().to_numpy().astype(np.int64) for frame in frames]
    found = [[float("nan")] * (len(frames) - 1)]
    for name in categories(sets):
        codes = binned([frame[name] for frame in frames], VALUES_IN_GRAMS)
        shares = [_grams(code, owner, n) for code, owner in zip(codes, owners, strict=True)]
        often = np.argsort(-shares[0], kind="stable")[:GRAMS_COUNTED]
        tables = [np.append(x[often], x.sum() - x[often].sum()) for x in shares]
        found.append([1 - float(np.abs(x - tables[0]).sum()) / 2 for x in tables[1:]])
    return [_mean_of_known(values) for values in zip(*found, strict=True)]


def _grams(codes: IntArray, owner: IntArray, n: int) -> FloatArray:
    """The share of each n-gram of codes, entities counting alike.

    Returns:
        (C,) by the number of the n-gram, C being `(VALUES_IN_GRAMS + 2) ** n`; NaN where nobody has
        n events.
    """
    size, count = VALUES_IN_GRAMS + 2, max(len(codes) - n + 1, 0)
    keys = np.zeros(count, np.int64)
    for i in range(n):
        keys = keys * size + codes[i : i + count]
    inside = owner[:count] == owner[n - 1 :]
    keys, whose = keys[inside], owner[:count][inside]
    found = np.bincount(keys, 1 / np.bincount(whose)[whose], size**n).astype(np.float64)
    return found / (found.sum() or np.nan)


def _previous(sets: ComparedSets, frames: list[pl.DataFrame], seed: int) -> list[float]:
    """Mean likeness of what a value goes with in the event after it; NaN of a single column.

    Of each entity two consecutive events count, as in the accuracies.
    """
    tables = [
        pairs(sets, f, seed + i).filter(pl.col(LENGTH_COLUMN) > 1) for i, f in enumerate(frames)
    ]
    codes = {c: binned([table[c] for table in tables], BINS_PER_COLUMN) for c in tables[0].columns}
    both = [(a, f"{NEXT_PREFIX}{b}") for a, b in permutations([sets.time, *sets.fields], 2)]
    return [
        mean(joint([(codes[c][0], codes[c][i]) for c in pair]) for pair in both).value
        for i in range(1, len(frames))
    ]


def _lags(sets: ComparedSets, frames: list[pl.DataFrame]) -> list[float]:
    """Mean difference of correlations to those in the first frame, 0 is best; NaN without any."""
    first, *others = (_correlations(sets, frame) for frame in frames)
    return [_mean_of_known(np.abs(other - first)) for other in others]


def _correlations(sets: ComparedSets, events: pl.DataFrame) -> FloatArray:
    """(K,) each number with its last three values, and with the gaps before and after its event.

    Gaps are a number too. Correlated are ranks, less the entity's mean rank.
    """
    gap = _seconds(sets).diff().over(sets.entity)
    columns = [gap, *(pl.col(c).to_physical() for c in sets.fields if is_number(sets.real[c]))]
    names = [f"{OF_NO_COLUMN}{i}" for i in range(len(columns))]
    ranks = events.select(
        sets.entity,
        *(
            x.cast(pl.Float64).fill_nan(None).rank().alias(c)
            for c, x in zip(names, columns, strict=True)
        ),
    )
    own = ranks.with_columns(pl.col(names) - pl.col(names).mean().over(sets.entity))

    def earlier(name: str, k: int) -> pl.Expr:
        return pl.col(name).shift(k).over(sets.entity)

    wanted = [(x, earlier(x, k)) for x in names for k in LAGS]
    wanted += [(x, earlier(names[0], k)) for x in names[1:] for k in (0, -1)]
    found = own.select(pl.corr(x, y).alias(str(i)) for i, (x, y) in enumerate(wanted))
    return np.array(found.row(0), np.float64)


def _mean_of_known(values: Iterable[float]) -> float:
    """The mean of what is finite; NaN of none."""
    known = [x for x in values if np.isfinite(x)]
    return float(np.mean(known)) if known else float("nan")
