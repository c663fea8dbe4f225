"""A partition of the integers into tokens, learned so that no single entity can be read from it.

Every edge of a bin is a mean over values of several entities, and where values lie inside a bin is
told only if k entities lie in either half of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray, IntArray
from anonymizer.sequences.histories.protection import capped, protected_range, typical
from anonymizer.sequences.tokens.plain import Plain

REACH = [d for d in range(-10, 11) if d]
NEAR = 20  # values per entity among which the nearest of others are looked for
STAND_FOR = 200_000  # values of a site that are stood for, about
ATOMS = 1024  # values with a token of their own, at most
TOLD = 8 * ATOMS  # of one of several sites


@dataclass(frozen=True)
class Grid(Plain):
    """A partition of the integers into tokens: 0 is null, then common values, then bins.

    Attributes:
        atoms: (A,) values with a token of their own, ascending.
        edges: (Q + 1,) ascending, or none; bin q holds `edges[q] ... edges[q + 1] - 1`. Values
            outside fall into the outermost bins.
        lows, highs: (Q,) where the values of a bin lie, if they lie close together; its edges if
            not.
        tilts: (Q,) how the density inside a bin rises (above 0) or falls, see `decode`.
    """

    atoms: IntArray
    edges: IntArray
    lows: IntArray
    highs: IntArray
    tilts: FloatArray

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return 1 + len(self.atoms) + max(len(self.edges) - 1, 0)

    @property
    def low(self) -> IntArray:
        """(V,) the smallest value of each token; 0 for null."""
        return np.concatenate([[0], self.atoms, self.lows])

    @property
    def high(self) -> IntArray:
        """(V,) the largest value of each token; 0 for null."""
        return np.concatenate([[0], self.atoms, self.highs])

    @classmethod
    def learn(
        cls,
        values: IntArray,
        owner: IntArray,
        k: int,
        *,
        bins: int = 64,
        cuts: IntArray | None = None,
        span: tuple[int, int] | None = None,
        told: bool = False,
    ) -> "Grid":
        """Common values become atoms, the rest bins of at least k entities each.

        Common is what fills a bin alone and what stands out of its neighbours, such as a price
        point. Anything finer would repeat the chances of this sample.

        Args:
            values: (N,) without nulls.
            owner: (N,) the entity that each value belongs to.
            k: entities that must hold a value before it may be told.
            bins: quantile bins at most; the upper and lower tail get a few more.
            cuts: edges to choose from in place of quantiles.
            span: first value and last value + 1 of what must have a token; bins then tile it.
            told: all values that k entities hold become atoms: what is common is settled where
                several sites tell theirs.
        """
        pairs = pl.DataFrame({"v": values, "e": owner}).group_by("v", "e").len()
        support = pairs.group_by("v").agg(n=pl.col("len").sum(), held=pl.len()).sort("v")
        common = (pl.col("n") >= len(values) / bins) | _stands_out(support)
        known = support.filter((pl.col("held") >= k) & (told | common))
        most = TOLD if told else ATOMS
        # Sorted by value too: ties must not depend on the order in which groups come.
        chosen = np.sort(known.sort("n", "v", descending=[True, False])["v"][:most].to_numpy())
        rest = pairs.filter(~pl.col("v").is_in(chosen.tolist())).sort("v", "e")
        edges = _edges(rest, k, bins, cuts)
        if span is not None:
            inner = edges[(edges > span[0]) & (edges < span[1])]
            edges = np.array([span[0], *inner, max(span[1], span[0] + 1)], np.int64)
        if not len(edges) and not len(chosen):
            edges = np.array([0, 1])  # nothing may be told: a single bin that holds zero
        lows, highs, tilts = _insides(rest, edges, k)
        if span is not None:
            lows, highs = edges[:-1], edges[1:] - 1
        return cls(chosen, edges, lows, highs, tilts)

    @classmethod
    def of(cls, edges: IntArray) -> "Grid":
        """Bins whose values may lie anywhere between their edges."""
        none = np.empty(0, np.int64)
        return cls(none, edges, edges[:-1], edges[1:] - 1, np.zeros(len(edges) - 1))

    @classmethod
    def even(cls, start: int, stop: int, bins: int) -> "Grid":
        """A range in equal bins."""
        edges = np.linspace(start, stop, min(bins, stop - start) + 1).astype(np.int64)
        return cls.of(edges)

    @classmethod
    def widening(cls, start: int, stop: int) -> "Grid":
        """A range in bins that are a fifth as wide as they are far from the start, or 1."""
        edges = [start]
        while edges[-1] < stop:
            edges.append(edges[-1] + max(1, (edges[-1] - start) // 4))
        return cls.of(np.array([*edges[:-1], stop]))

    @classmethod
    def pooled(
        cls,
        parts: Sequence[IntArray],
        k: int,
        *,
        bins: int = 64,
        cuts: IntArray | None = None,
        span: tuple[int, int] | None = None,
    ) -> "Grid":
        """One grid for several sites, of values that stand for those of each: see `stands_for`.

        What is learned of a site is protected by k of its entities already, so that each value may
        count for itself here. The rest is as in `learn`.
        """
        values = np.concatenate([np.empty(0, np.int64), *parts])
        return cls.learn(values, np.arange(len(values)), k, bins=bins, cuts=cuts, span=span)

    def stands_for(self, counts: FloatArray) -> IntArray:
        """(V,) how often each token came → about as many values, where `decode` would place them.

        Nulls are left out.
        """
        tokens, uniform, _ = self.stand_ins(counts)
        return self.decode(tokens, uniform)

    def stand_ins(self, counts: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
        """(V,) how often each token came → (N,) tokens, where in it values are, and for how many.

        Nulls are left out.
        """
        scale = min(1.0, STAND_FOR / max(float(counts[1:].sum()), 1.0))
        many = np.ceil(counts * scale).astype(np.int64)
        many[0] = 0
        tokens = np.repeat(np.arange(self.size), many)
        rank = np.arange(len(tokens)) - np.repeat(np.cumsum(many) - many, many)
        return tokens, (rank + 0.5) / many[tokens], counts[tokens] / many[tokens]

    @property
    def order(self) -> FloatArray:
        """(V,) a number per token that rises with its values; NaN for null."""
        middle: FloatArray = (self.low + self.high) / 2
        return np.concatenate([[np.nan], middle[1:]])

    def encode(self, values: IntArray) -> IntArray:
        """(N,) values → (N,) tokens; nulls are the caller's."""
        if len(self.edges) < 2:
            return self._nearest(values)
        tokens: IntArray = 1 + len(self.atoms) + _bin(self.edges, values)
        if len(self.atoms):
            at = np.minimum(np.searchsorted(self.atoms, values), len(self.atoms) - 1)
            common = self.atoms[at] == values
            tokens[common] = 1 + at[common]
        return tokens

    def around(self, tokens: IntArray) -> IntArray:
        """(N,) tokens → those of the bins that their values lie in, if there are bins."""
        if len(self.edges) < 2:
            return tokens
        return np.where(tokens == 0, 0, 1 + len(self.atoms) + _bin(self.edges, self.low[tokens]))

    def _nearest(self, values: IntArray) -> IntArray:
        """(N,) values → (N,) tokens of the nearest atom, where there are no bins."""
        right = np.clip(np.searchsorted(self.atoms, values), 0, len(self.atoms) - 1)
        left = np.maximum(right - 1, 0)
        closer = values - self.atoms[left] < self.atoms[right] - values
        return np.where(closer, 1 + left, 1 + right)

    def decode(self, tokens: IntArray, uniform: FloatArray) -> IntArray:
        """(N,) tokens and (N,) numbers in [0, 1) → (N,) values.

        Inside a bin the density is proportional to `exp(tilt · x)`, x from 0 to 1 across the bin:
        the one that is nearest to uniform and has the mean of the values that were learned.
        """
        low, high = self.low[tokens], self.high[tokens]
        tilt = np.concatenate([np.zeros(1 + len(self.atoms)), self.tilts])[tokens]
        steep = np.abs(tilt) > 1e-3
        safe = np.where(steep, tilt, 1.0)
        x = np.where(steep, np.log1p(uniform * np.expm1(safe)) / safe, uniform)
        values: IntArray = low + np.minimum((x * (high - low + 1)).astype(np.int64), high - low)
        return values


def in_order(order: FloatArray) -> IntArray:
    """(V,) numbers that rise with a token's value → the tokens from the smallest on.

    Tokens without an order (NaN) are left out.
    """
    ranked = np.argsort(order, kind="stable")
    return ranked[~np.isnan(order[ranked])]


def _stands_out(support: pl.DataFrame) -> pl.Series:
    """Which of the distinct values (v, n) are far more frequent than the 20 around them."""
    v, n = support["v"].to_numpy(), support["n"].to_numpy().astype(np.float64)
    at = np.arange(len(v))
    left, right = np.maximum(at - 10, 0), np.minimum(at + 10, len(v) - 1)
    total = np.concatenate([[0], np.cumsum(n)])
    around = total[right + 1] - total[left] - n
    shifted = [np.where((at + d >= 0) & (at + d < len(v)), np.roll(n, -d), 0) for d in REACH]
    largest = np.sort(np.stack(shifted), 0)[-2:].sum(0)  # other spikes do not count
    usual = (around - largest) / np.maximum(v[right] - v[left], 1)
    return pl.Series(n > usual + 5 * np.sqrt(usual + 1))


def _edges(pairs: pl.DataFrame, k: int, bins: int, cuts: IntArray | None) -> IntArray:
    """Edges of bins over (v, e, len) sorted by v, each a mean of its neighbours; may be empty."""
    if pairs["e"].n_unique() < k:
        return np.empty(0, np.int64)
    v, e = pairs["v"].to_numpy(), pairs["e"].to_numpy()
    low, high = protected_range(v, e, k)
    if high < low:
        low = high = round(typical(v, e))
    tails = [0.0002, 0.0005, 0.001, 0.0025, 0.005, 0.0075]
    levels = np.unique([*np.linspace(0, 1, bins + 1), *tails, *(1 - t for t in tails)])[1:-1]
    inner = _cuts(v, e, capped(pairs, k, []).to_numpy(), levels, k) if cuts is None else cuts
    edges = np.unique(np.clip([low, *inner, high + 1], low, high + 1)).astype(np.int64)
    return _merge(edges, pairs, k)


def _cuts(v: IntArray, e: IntArray, weight: FloatArray, levels: FloatArray, k: int) -> list[int]:
    """Near each quantile, the place where neighbours lie farthest apart.

    Told as the mean of one value each of k entities below and k above; left out where there are
    fewer.

    Args:
        v: (P,) values, ascending.
        e: (P,) their entities.
        weight: (P,) their weights.
        levels: (L,) between 0 and 1.
        k: entities.
    """
    place = np.cumsum(weight) - weight / 2
    found = []
    for rank in np.searchsorted(place, levels * weight.sum()):
        near = np.arange(max(1, rank - k), min(len(v), rank + k + 1))
        if not len(near):
            continue
        at = near[np.argmax(np.diff(v)[near - 1])]
        start = max(0, at - NEAR * k)
        below = _of_entities(v[start:at][::-1], e[start:at][::-1], k)
        above = _of_entities(v[at : at + NEAR * k], e[at : at + NEAR * k], k)
        if len(below) == len(above) == k:
            found.append(int(np.ceil(np.concatenate([below, above]).mean())))
    return found


def _of_entities(v: IntArray, e: IntArray, k: int) -> IntArray:
    """The first value of each of the first k entities; fewer where there are fewer."""
    first = np.sort(np.unique(e, return_index=True)[1])[:k]
    return v[first]


def _bin(edges: IntArray, values: IntArray) -> IntArray:
    bins: IntArray = np.clip(np.searchsorted(edges, values, "right") - 1, 0, len(edges) - 2)
    return bins


def _merge(edges: IntArray, pairs: pl.DataFrame, k: int) -> IntArray:
    """Drop edges until every bin holds values of at least k entities."""
    held = pairs.select(b=pl.Series(_bin(edges, pairs["v"].to_numpy())), e="e").unique()
    holders = dict(held.group_by("b").agg("e").iter_rows())
    kept, current = [int(edges[0])], set[int]()
    for b, upper in enumerate(edges[1:].tolist()):
        current.update(holders.get(b, ()))
        if len(current) >= k:
            kept.append(upper)
            current = set()
    if len(kept) == 1:
        kept.append(int(edges[-1]))
    kept[-1] = int(edges[-1])
    return np.array(kept, np.int64)


def _insides(pairs: pl.DataFrame, edges: IntArray, k: int) -> tuple[IntArray, IntArray, FloatArray]:
    """(Q,) lowest value, highest value and tilt of each bin, as at least k entities tell them."""
    if len(edges) < 2:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    low, width = edges[:-1], np.diff(edges)
    values = np.clip(pairs["v"].to_numpy(), edges[0], edges[-1] - 1)
    bins = _bin(edges, values)
    inside = pairs.select("e", "len", b=pl.Series(bins), x=(values - low[bins] + 0.5) / width[bins])
    inside = inside.with_columns(w=capped(inside, k, ["b"]))
    weight = pl.col("w").cum_sum().over("b") - pl.col("w") / 2
    halves = (
        inside.filter(pl.col("w") > 0)
        .sort("b", "x", "e")
        .with_columns(half=pl.when(weight <= pl.col("w").sum().over("b") / 2).then(0).otherwise(1))
        .group_by("b", "half", maintain_order=True)
        .agg(
            x=(pl.col("x") * pl.col("w")).sum() / pl.col("w").sum(),
            w=pl.col("w").sum(),
            held=pl.col("e").n_unique(),
        )
        .filter((pl.col("held").min().over("b") >= k) & (pl.len().over("b") == 2))
    )
    means, weights = np.full((2, len(low)), 0.5), np.full((2, len(low)), 0.5)
    means[0], means[1] = 0.25, 0.75
    means[halves["half"].to_numpy(), halves["b"].to_numpy()] = halves["x"].to_numpy()
    weights[halves["half"].to_numpy(), halves["b"].to_numpy()] = halves["w"].to_numpy()
    # Uniform values have half-means a quarter from the ends.
    quarter = (means[1] - means[0]) / 2
    tight = quarter < 0.125
    left = np.where(tight, np.maximum(means[0] - quarter, 0), 0)
    right = np.where(tight, np.minimum(means[1] + quarter, 1), 1)
    lows = low + np.minimum((left * width).astype(np.int64), width - 1)
    highs = np.maximum(low + np.ceil(right * width).astype(np.int64) - 1, lows)
    middle = (means * weights).sum(0) / weights.sum(0)
    return lows, highs, _tilt(np.where(tight, 0.5, np.round(middle, 2)))


def _tilt(mean: FloatArray) -> FloatArray:
    """Where the density `exp(t x)` on [0, 1] has this mean: t, by bisection."""
    low, high = np.full(len(mean), -50.0), np.full(len(mean), 50.0)
    for _ in range(60):
        t = (low + high) / 2
        t = np.where(np.abs(t) < 1e-6, 1e-6, t)
        below = 1 / -np.expm1(-t) - 1 / t < mean
        low, high = np.where(below, t, low), np.where(below, high, t)
    found: FloatArray = np.where(np.abs(mean - 0.5) < 0.01, 0.0, np.round((low + high) / 2, 3))
    return found
