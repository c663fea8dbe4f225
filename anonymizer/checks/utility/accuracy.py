"""Accuracy of synthetic histories, defined as mostlyai-qa does, so that figures can be compared.

Both tables are binned, the bins learned on the real one; accuracy is one minus the total variation
distance of their counts, its ceiling what two samples of these sizes and of one distribution may be
expected to reach. Of each entity two consecutive events are looked at, drawn at random, so that
long histories count no more than short ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray, IntArray, distinct
from anonymizer.checks.figures.figure import Figure, exact
from anonymizer.checks.sets.compared_sets import LENGTH_COLUMN, ComparedSets
from anonymizer.checks.sets.frequencies import by_frequency

BINS_PER_COLUMN = 10  # as mostlyai-qa has them, so that figures can be compared
FINE_BINS_PER_COLUMN = 30  # where an entity has several values of a column
WIDESPREAD_BINS = 9  # counted one by one; all others are one more
MAX_EVENTS_PER_ENTITY = 100  # that count in whole histories, so that long ones do not take over
MIN_EVENTS_OF_CATEGORY = 5  # a rarer one shares its bin with the others
MAX_TRIPLES = 10_000  # of columns; of wide tables so many are drawn
MAX_QUANTILES = 1_000  # among which edges are looked for
NEXT_PREFIX = "\0next "  # begins names that no column has


class Agreement(NamedTuple):
    """How alike two tables of counts are, and how alike two samples of one distribution would be.

    Attributes:
        value: one minus the total variation distance, in [0, 1]; NaN where there was nothing.
        ceiling: its expectation if both were drawn from one distribution.
    """

    value: float
    ceiling: float


class Accuracy(NamedTuple):
    """The accuracies of two sets of events, as mostlyai-qa names them.

    Attributes:
        overall: the mean of the four others.
        univariate: over single columns.
        bivariate: over pairs of columns of one event.
        trivariate: over triples of columns of one event.
        coherence: over columns with their next value, and over whole histories.
    """

    overall: Agreement
    univariate: Agreement
    bivariate: Agreement
    trivariate: Agreement
    coherence: Agreement


def agreement(real: IntArray, other: IntArray) -> Agreement:
    """One minus the total variation distance of two tables of counts, and what chance makes of it.

    The difference of two binomial shares is about normal, and the mean of |x| is √(2 σ² / π).

    Args:
        real: (C,) counts per cell.
        other: (C,) the same of the other table.

    Example:
        >>> agreement(np.array([2, 2]), np.array([1, 3])).value
        0.75
    """
    a, b = real.sum(), other.sum()
    p, q = real / max(a, 1), other / max(b, 1)
    spread = np.sqrt(p * (1 - p) * (1 / max(a, 1) + 1 / max(b, 1)) * 2 / np.pi)
    return Agreement(float(1 - np.abs(p - q).sum() / 2), float(1 - spread.sum() / 2))


def accuracy(sets: ComparedSets, seed: int) -> Accuracy:
    """Accuracy of the synthetic set against training and holdout together; `seed` draws events."""
    return _between(sets, everyone(sets), [sets.synthetic], seed)[0]


def everyone(sets: ComparedSets) -> pl.DataFrame:
    """The events of training and holdout together."""
    return pl.concat([sets.real, sets.holdout], how="vertical_relaxed")


def _between(
    sets: ComparedSets, real: pl.DataFrame, others: list[pl.DataFrame], seed: int
) -> list[Accuracy]:
    """Accuracy of each other frame against the first one, on which the bins are learned."""
    tables = [pairs(sets, frame, seed + (i > 0)) for i, frame in enumerate((real, *others))]
    events = [c for c in tables[0].columns if not c.startswith(NEXT_PREFIX)]
    # A column and what comes next in it share no bins: each has its own, as the original does.
    codes = {c: binned([table[c] for table in tables], BINS_PER_COLUMN) for c in tables[0].columns}
    follows = [(c, f"{NEXT_PREFIX}{c}") for c in events if c != LENGTH_COLUMN]
    triples = list(combinations(events, 3))
    if len(triples) > MAX_TRIPLES:
        picked = np.random.default_rng(seed).choice(len(triples), MAX_TRIPLES, replace=False)
        triples = [triples[i] for i in picked]
    whole = _over_histories(sets, [real, *others], seed)

    def of(names: Iterable[tuple[str, ...]], other: int) -> Agreement:
        """The mean agreement of tuples of columns between the first frame and another."""
        return mean(joint([(codes[c][0], codes[c][other]) for c in each]) for each in names)

    found = []
    for i, histories in enumerate(whole, 1):
        columns, two = of(((c,) for c in events), i), of(combinations(events, 2), i)
        parts = [columns, two, of(triples, i), mean([of(follows, i), *histories])]
        found.append(Accuracy(mean(parts), *parts))
    return found


def mean(parts: Iterable[Agreement]) -> Agreement:
    """The mean over those that are numbers; NaN of none."""
    known = [part for part in parts if not np.isnan(part.value)]
    if not known:
        return Agreement(float("nan"), float("nan"))
    return Agreement(*(float(np.mean(x)) for x in zip(*known, strict=True)))


def pairs(sets: ComparedSets, frame: pl.DataFrame, seed: int) -> pl.DataFrame:
    """A row per entity: the length of its history, an event at random and the one after it.

    Args:
        sets: which columns are entity and time.
        frame: events.
        seed: of which event is drawn.

    Returns:
        The columns of the event, `LENGTH_COLUMN`, and the columns of the next event, null where
        there is none, under names that begin with `NEXT_PREFIX`.
    """
    events = sets.sorted(frame)
    lengths = events.select(pl.col(sets.entity).rle().struct.field("len")).to_series().to_numpy()
    lengths = lengths.astype(np.int64)
    draw = np.random.default_rng(seed).random(len(lengths))
    first = np.cumsum(lengths) - lengths + ((lengths - 1) * draw).astype(np.int64)
    columns = events.drop(sets.entity)
    later = columns[np.minimum(first + 1, len(events) - 1)].select(
        pl.when(pl.Series(lengths > 1)).then(pl.all()).name.prefix(NEXT_PREFIX)
    )
    table: pl.DataFrame = (
        columns[first].with_columns(pl.Series(LENGTH_COLUMN, lengths)).hstack(later)
    )
    return table


def binned(columns: list[pl.Series], bins: int) -> list[IntArray]:
    """(N,) per column the numbers of bins that are learned on the first of the columns."""
    found = learn_bins(columns[0], bins)
    return [found.encode(column) for column in columns]


def joint(columns: list[tuple[IntArray, IntArray]]) -> Agreement:
    """The agreement of the combinations that columns of bins take together, in two tables."""
    keys = [np.zeros(len(side), np.int64) for side in columns[0]]
    for both in columns:
        size = 1 + max(int(side.max(initial=0)) for side in both)
        keys = [key * size + side for key, side in zip(keys, both, strict=True)]
    cells = 1 + max(int(key.max(initial=0)) for key in keys)
    return agreement(*(np.bincount(key, minlength=cells) for key in keys))


def _over_histories(
    sets: ComparedSets, frames: list[pl.DataFrame], seed: int
) -> list[list[Agreement]]:
    """Per frame but the first, the agreement of two properties of histories, means over columns.

    How many different values an entity has, and how many entities have each value.
    """
    rng = np.random.default_rng(seed)
    sampled = [_some(sets, frame, rng) for frame in frames]
    owners = [frame[sets.entity].rank("dense").to_numpy().astype(np.int64) - 1 for frame in sampled]
    found: list[list[list[Agreement]]] = [[[], []] for _ in frames[1:]]
    for column in [sets.time, *sets.fields]:
        codes = binned([frame[column] for frame in sampled], FINE_BINS_PER_COLUMN)
        counts = binned(
            [pl.Series(_varieties(*each)) for each in zip(codes, owners, strict=True)],
            BINS_PER_COLUMN,
        )
        for i, (varieties, holders) in enumerate(found, 1):
            varieties.append(joint([(counts[0], counts[i])]))
            holders.append(_holders((codes[0], codes[i]), (owners[0], owners[i])))
    return [[mean(varieties), mean(holders)] for varieties, holders in found]


def _some(sets: ComparedSets, frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """At most `MAX_EVENTS_PER_ENTITY` events of each entity, at random."""
    mixed = frame[rng.permutation(len(frame))]
    return mixed.filter(pl.int_range(pl.len()).over(sets.entity) < MAX_EVENTS_PER_ENTITY)


def _holders(codes: tuple[IntArray, IntArray], owners: tuple[IntArray, IntArray]) -> Agreement:
    """The agreement of how many entities hold the most widespread values, the others together."""
    size = 1 + max(int(code.max(initial=0)) for code in codes)
    held = _entities(codes[0], owners[0], size)
    top = np.argsort(-held, kind="stable")[:WIDESPREAD_BINS]
    place = np.full(size, WIDESPREAD_BINS)
    place[top] = np.arange(len(top))
    counts = [
        _entities(place[code], owner, WIDESPREAD_BINS + 1)
        for code, owner in zip(codes, owners, strict=True)
    ]
    return agreement(*counts)


def _entities(codes: IntArray, owner: IntArray, size: int) -> IntArray:
    """(size,) how many entities have each code."""
    held: IntArray = np.bincount(distinct(owner * size + codes) % size, minlength=size)
    return held


def _varieties(codes: IntArray, owner: IntArray) -> IntArray:
    """(E,) how many different codes each entity has."""
    size = int(codes.max(initial=0)) + 1
    found: IntArray = np.bincount(distinct(owner * size + codes) // size)
    return found


@dataclass(frozen=True)
class Edges:
    """Bins of numbers and times, `edges[i] ≤ x < edges[i + 1]`; what lies outside is moved in."""

    edges: FloatArray

    def encode(self, column: pl.Series) -> IntArray:
        """(N,) values → (N,) numbers of bins from 1; 0 is null."""
        values = _as_numbers(column)
        inside = np.clip(values, self.edges[0], self.edges[-1])
        codes = np.searchsorted(self.edges[:-1], inside, "right")
        return np.where(np.isnan(values), 0, np.maximum(codes, 1)).astype(np.int64)


@dataclass(frozen=True)
class Names:
    """A bin per frequent category, in the order of `values`, and one for all others."""

    values: list[str]

    def encode(self, column: pl.Series) -> IntArray:
        """(N,) values → (N,) numbers of bins from 2; 0 is null, 1 is any other value."""
        text = column.cast(pl.String)
        codes = text.replace_strict(
            self.values, np.arange(2, len(self.values) + 2), default=1, return_dtype=pl.Int64
        )
        return codes.zip_with(text.is_not_null(), pl.Series([0])).to_numpy().astype(np.int64)


def learn_bins(column: pl.Series, bins: int) -> Edges | Names:
    """About as many bins as asked for.

    Numbers and times are cut at quantiles, as many as it takes to find that many different ones;
    categories have one bin each, the most frequent first.
    """
    if not (column.dtype.is_numeric() or column.dtype.is_temporal() or column.dtype == pl.Boolean):
        frequent = by_frequency(column).head(bins)
        return Names(frequent.filter(pl.col("n") >= MIN_EVENTS_OF_CATEGORY)["v"].to_list())
    values = _as_numbers(column)
    values = np.sort(values[~np.isnan(values)])
    if not len(values):
        return Edges(np.array([0.0, 1.0]))
    different = np.unique(values)
    if len(different) <= bins:
        edges = np.append(different, different[-1] + 1)
    else:
        edges = _quantiles(values, bins)
    return Edges(edges if column.dtype.is_temporal() else _floored(edges))


def _quantiles(values: FloatArray, bins: int) -> FloatArray:
    """Edges at the fewest equally spaced quantiles that give `bins + 1` different ones."""
    edges = values[[0, -1]]
    for count in range(bins, max(bins + 1, min(MAX_QUANTILES, len(values) + 1))):
        edges = np.unique(values[np.linspace(0, len(values) - 1, count).astype(np.int64)])
        if len(edges) > bins:
            break
    return edges


def _floored(edges: FloatArray) -> FloatArray:
    """Edges but the last, rounded down to as few digits as keep them apart: nobody's value."""
    for digits in range(20):
        floors = np.floor(edges * 10.0**digits) / 10.0**digits
        if len(np.unique(floors)) == len(edges):
            return np.append(floors[:-1], edges[-1])
    return edges


def _as_numbers(column: pl.Series) -> FloatArray:
    """(N,) numbers and times as float64; NaN for null and for what is not finite."""
    physical = column.to_physical() if column.dtype.is_temporal() else column
    values: FloatArray = physical.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return np.where(np.isfinite(values), values, np.nan)


MEANINGS = {
    "overall": "The mean of the four below, each a mean over columns or their combinations.",
    "univariate": "Single columns and history lengths, in bins of about equal weight.",
    "bivariate": "Pairs of columns of one event, and each with the length of its history.",
    "trivariate": "Triples of columns of one event.",
    "coherence": "Each column and what comes next in it; how many values a history has, and which.",
}


def accuracy_figures(sets: ComparedSets, seed: int) -> dict[str, Figure]:
    """A figure per accuracy; the baseline is that of shuffled columns.

    The colour looks at the holdout alone, where training events stand for the best there is: in
    small sets the expected ceiling promises too much of triples.
    """
    found, floor = _between(sets, everyone(sets), [sets.synthetic, sets.shuffled(seed)], seed)
    ours, best = _between(sets, sets.holdout, [sets.synthetic, sets.real], seed)
    of_best = ours.overall.value / max(best.overall.value, 1e-9)
    return {
        f"accuracy_{name}": Figure(
            f"Accuracy: {name}",
            exact(part.value),
            worthless.value,
            part.ceiling,
            meaning,
            of_best,
            judged_as="accuracy against the holdout, over that of training events",
        )
        for (name, meaning), part, worthless in zip(MEANINGS.items(), found, floor, strict=True)
    }
