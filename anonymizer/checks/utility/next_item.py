"""Can a next-item recommender be trained on synthetic histories instead of real ones?

One that counts which item comes after which. It learns from synthetic, from real and from shuffled
events, and is asked for the last event of holdout histories: how often is it among ten
recommended (the hit rate, HR@10)?
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.checks.figures.figure import Figure
from anonymizer.checks.figures.statistics import RESAMPLES, Estimate, share
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.sets.entities import categories
from anonymizer.checks.sets.frequencies import by_frequency

MIN_ITEMS = 20  # values that many entities hold, for a column to be one of items
MIN_HOLDERS_OF_ITEM = 10  # real entities, for a value to count as one of them
MAX_ITEMS = 2_000  # that are recommended, the most frequent ones: V × V numbers are kept
EVENTS_BACK = 5  # events that tell the next one; the n-th back weighs 1 / n
PRIOR_OBSERVATIONS = 10.0  # of an item, that weigh as much as popularity does
RECOMMENDED_ITEMS = 10  # the usual hit rate, HR@10
MAX_ENTITIES_ASKED = 5_000  # of the holdout, whose last event is asked for


@dataclass(frozen=True)
class Recommended:
    """Whether the last item of E holdout entities was among those that were recommended.

    Attributes:
        column: of the items.
        entities: (E,) who was asked for, in order.
        shuffled, real, synthetic: (E,) hits after learning from each.
    """

    column: str
    entities: pl.Series
    shuffled: BoolArray
    real: BoolArray
    synthetic: BoolArray


def recommended(sets: ComparedSets, seed: int) -> Recommended | None:
    """Train three times and ask; None without a column of items, or where nothing can be asked.

    Args:
        sets: the histories.
        seed: of who is asked for and of shuffling.
    """
    column = item_column(sets)
    several = sets.sorted(sets.holdout.filter(pl.len().over(sets.entity) > 1))
    if column is None or several.is_empty():
        return None
    ids = several[sets.entity].unique().sort().sample(fraction=1, shuffle=True, seed=seed)
    asked = several.filter(pl.col(sets.entity).is_in(ids.head(MAX_ENTITIES_ASKED).implode()))
    hits = (
        _hits(sets, column, sets.sorted(train), asked)
        for train in (sets.shuffled(seed), sets.real, sets.synthetic)
    )
    return Recommended(column, asked[sets.entity].unique(maintain_order=True), *hits)


def next_item_figures(found: Recommended | None, seed: int) -> dict[str, Figure]:
    """How often the next item is among ten recommended ones; none where nothing was asked.

    Judged is what synthetic histories teach beyond shuffled ones over what real ones do.

    Args:
        found: what `recommended` finds.
        seed: of the resampling behind the interval.
    """
    if found is None:
        return {}
    kept = _kept(found.shuffled, found.real, found.synthetic, seed)
    figure = Figure(
        f"Next {found.column}: among {RECOMMENDED_ITEMS} recommended ones "
        f"(TSTR, HR@{RECOMMENDED_ITEMS})",
        share(int(found.synthetic.sum()), len(found.synthetic)),
        float(found.shuffled.mean()),
        float(found.real.mean()),
        f"A recommender learns from synthetic histories and is asked for the last event of "
        f"{len(found.real):,} of the holdout. "
        + (
            f"It learns {100 * kept.value:.0f} % of what real ones teach beyond popularity."
            if kept
            else "Real ones teach nothing beyond popularity."
        ),
    )
    if kept is None:
        return {"next_item": replace(figure, judgeable=False)}
    why = "the upper end of the interval of what is learned beyond popularity"
    return {"next_item": replace(figure, judged=kept.high, judged_as=why)}


def item_column(sets: ComparedSets) -> str | None:
    """The category with the most values that many entities hold; None if it has too few."""
    counts = {}
    for column in categories(sets):
        held = sets.real.drop_nulls(column).group_by(column).agg(pl.col(sets.entity).n_unique())
        counts[column] = int((held[sets.entity] >= MIN_HOLDERS_OF_ITEM).sum())
    most = max(counts, key=lambda c: counts[c], default=None)
    return most if most and counts[most] >= MIN_ITEMS else None


def _hits(sets: ComparedSets, column: str, train: pl.DataFrame, asked: pl.DataFrame) -> BoolArray:
    """(E,) whether the item of each entity's last event was recommended."""
    items = by_frequency(train[column])["v"].head(MAX_ITEMS).to_list()
    follows, popular = learn(*_coded(sets, column, train, items), len(items))
    codes, owner = _coded(sets, column, asked, items)
    last = np.flatnonzero(np.append(np.diff(owner), 1))
    found = np.zeros(len(last), bool)
    for rows in np.array_split(np.arange(len(last)), max(1, len(last) // 500)):
        best = recommend(follows, popular, _before(codes, owner, last[rows]))
        found[rows] = (best == codes[last[rows], None]).any(axis=1)
    return found


def _coded(
    sets: ComparedSets, column: str, events: pl.DataFrame, items: list[str]
) -> tuple[IntArray, IntArray]:
    """(N,) items as numbers, −1 for others and nulls; (N,) whose they are, as an index."""
    codes = (
        events[column]
        .cast(pl.String)
        .replace_strict(items, np.arange(len(items)), default=-1, return_dtype=pl.Int64)
    )
    return codes.to_numpy(), events[sets.entity].rle_id().to_numpy().astype(np.int64)


def _before(codes: IntArray, owner: IntArray, rows: IntArray) -> IntArray:
    """(M, EVENTS_BACK) items one, two, … events before some rows; −1 where there was nothing."""
    places = rows[:, None] - np.arange(1, EVENTS_BACK + 1)
    inside = (places >= 0) & (owner[places] == owner[rows, None])
    return np.where(inside, codes[places], -1)


def learn(codes: IntArray, owner: IntArray, size: int) -> tuple[FloatArray, FloatArray]:
    """How likely each item follows each, and how popular it is.

    Args:
        codes: (N,) items in the order of events, −1 for none of the items.
        owner: (N,) whose events they are, ascending.
        size: V, the number of items.

    Returns:
        (V, V) the chance of the second item after the first, shrunk towards popularity as by
        `PRIOR_OBSERVATIONS` more observations; (V,) shares of the items.
    """
    popular = np.bincount(codes[codes >= 0], minlength=size) / max((codes >= 0).sum(), 1)
    before, pairs = _before(codes, owner, np.arange(len(codes))), np.zeros(size * size)
    for back in range(EVENTS_BACK):
        known = (before[:, back] >= 0) & (codes >= 0)
        keys = before[known, back] * size + codes[known]
        pairs += np.bincount(keys, minlength=size * size) / (back + 1)
    follows = pairs.reshape(size, size)
    follows += PRIOR_OBSERVATIONS * popular
    return follows / follows.sum(axis=1, keepdims=True), popular


def recommend(follows: FloatArray, popular: FloatArray, before: IntArray) -> IntArray:
    """The best items for M histories.

    Args:
        follows: (V, V) the chance of the second item after the first.
        popular: (V,) the share of each item among all.
        before: (M, EVENTS_BACK) the last items of each history, the latest first; −1 for none.

    Returns:
        (M, RECOMMENDED_ITEMS) numbers of items, the best first.
    """
    scores = np.tile(popular, (len(before), 1))
    for back in range(EVENTS_BACK):
        known = before[:, back] >= 0
        scores[known] += follows[before[known, back]] / (back + 1)
    return np.argsort(-scores, axis=1, kind="stable")[:, :RECOMMENDED_ITEMS]


def _kept(base: BoolArray, real: BoolArray, synthetic: BoolArray, seed: int) -> Estimate | None:
    """Of what real histories teach above popularity, how much synthetic ones do.

    Args:
        base: (E,) hits after learning from shuffled histories.
        real: (E,) from real ones.
        synthetic: (E,) from synthetic ones.
        seed: of the bootstrap over entities.

    Returns:
        A ratio with its 95 % interval; None where real histories may teach nothing.
    """
    rng, size = np.random.default_rng(seed), len(base)
    hits: FloatArray = np.stack([synthetic, real], axis=1) - base[:, None].astype(np.float64)
    gains = np.array([hits[rng.integers(size, size=size)].mean(axis=0) for _ in range(RESAMPLES)])
    if not np.quantile(gains[:, 1], 0.025) > 0:
        return None
    value = hits[:, 0].sum() / hits[:, 1].sum()
    drawn = gains[gains[:, 1] > 0]
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.025, 0.975])
    return Estimate(float(value), float(low), float(high))
