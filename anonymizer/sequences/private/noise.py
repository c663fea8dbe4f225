"""Counts of a table with Gaussian noise, in which no entity moves more than 1.

Every statistic costs the same share of the budget. One that takes several questions in a row gets
more noise in each, so that together they cost no more than one.
"""

import math
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import polars as pl

from anonymizer.arrays import FloatArray, IntArray

HELD = 32  # values of an entity that may enter a vocabulary
SURE = 4.0  # standard deviations of the noise that a count must exceed to be believed
LIKELY = 2.5  # the same where a mistake does little harm
SEEN = 2.0  # below this nobody can tell whether there is anything
DEPTH = 10  # times that a range of numbers may be halved
OCTAVES = 62  # of numbers that are told apart, above and below zero
DAYS = 1 << 16  # among which the ends of the window are looked for
COARSE = 512  # days of a cell in the first look at them
LOOKS = 1 + int(math.log2(COARSE))
FEW = 0.01  # share of entities that may need a finer unit than the one that is taken


@dataclass
class Noise:
    """Answers questions about entities, and keeps count of what that costs.

    Attributes:
        scale: standard deviation on a statistic that takes one question.
        rng: of the noise.
        statistics: that may be bought.
        delta: the chance that a vocabulary names what one entity alone holds.
        bought: statistics so far; a question that is one of n counts as 1 / n.
    """

    scale: float
    rng: np.random.Generator
    statistics: int
    delta: float
    bought: float = field(default=0.0, init=False)

    def normal(self, size: int, parts: int = 1) -> FloatArray:
        """Noise for one of so many questions that make a statistic.

        Raises:
            RuntimeError: more is asked than was planned; that would break the promise.
        """
        self.bought += 1 / parts
        if self.bought > self.statistics + 1e-6:
            raise RuntimeError("more statistics were asked for than the budget was planned for")
        return self.rng.normal(0, self.scale * math.sqrt(parts), size)

    def count(self, entities: int, parts: int = 1) -> float:
        """Count the entities, with noise."""
        return entities + float(self.normal(1, parts)[0])

    def histogram(self, cells: IntArray, owner: IntArray, size: int, parts: int = 1) -> FloatArray:
        """(N,) cells 0 ... size - 1 of entities → (size,) how full each is.

        The counts of each entity are scaled to length one, so that it moves the whole histogram
        by one, however many events it has.
        """
        pairs = pl.DataFrame({"c": cells, "e": owner}).group_by("c", "e").len()
        count = pl.col("len").cast(pl.Float64)
        weights = pairs.select(count / (count**2).sum().over("e").sqrt()).to_series().to_numpy()
        return np.bincount(pairs["c"].to_numpy(), weights, size) + self.normal(size, parts)

    def vocabulary(self, text: pl.Series, owner: IntArray) -> list[str]:
        """Values that stand out of the noise, the fullest first.

        The policy and threshold of Gopi et al. (2020): an entity gives 1 / √t to each of its t
        values, of which the `HELD` that it has most count, and only sums above a threshold are
        told. A value that one entity alone holds passes with a chance of `delta` at most, whatever
        else it holds.

        Args:
            text: (N,) values, null where there is none.
            owner: (N,) entity of each.
        """
        pairs = (
            pl.DataFrame({"v": text, "e": owner})
            .drop_nulls("v")
            .group_by("v", "e")
            .len()
            .sort("len", "v", descending=[True, False])
            .group_by("e", maintain_order=True)
            .head(HELD)
        )
        weight = 1 / pl.len().over("e").cast(pl.Float64).sqrt()
        sums = pairs.with_columns(w=weight).group_by("v").agg(pl.col("w").sum()).sort("v")
        noisy = sums.with_columns(w=sums["w"] + pl.Series(self.normal(len(sums)), dtype=pl.Float64))
        told = noisy.filter(pl.col("w") > self.threshold)
        return told.sort("w", "v", descending=[True, False])["v"].to_list()

    @property
    def threshold(self) -> float:
        """Of a vocabulary: what t values of one entity alone all stay below, but for `delta`."""
        each = (-math.expm1(math.log1p(-self.delta) / t) for t in range(1, HELD + 1))
        return max(
            1 / math.sqrt(t) - self.scale * NormalDist().inv_cdf(chance)
            for t, chance in enumerate(each, 1)
        )

    def coarsest(self, needed: IntArray, levels: int) -> int:
        """(E,) the level that each entity needs → the lowest that nearly all can live with."""
        counts = self.histogram(needed, np.arange(len(needed)), levels)
        more = counts[::-1].cumsum()[::-1][1:]  # entities that need more than each level
        few = max(FEW * counts.sum(), SEEN * self.scale * math.sqrt(levels))
        return int(np.argmax(np.append(more, 0) <= few))

    def window(self, first: IntArray, last: IntArray) -> tuple[int, int] | None:
        """(E,) first and last days, of `DAYS`, → those of nearly all; None if none can be told."""
        end, start = self._top(last), self._top(DAYS - 1 - first)
        if start is None or end is None or DAYS - 1 - start > end:
            return None
        return DAYS - 1 - start, end

    def _top(self, days: IntArray) -> int | None:
        """The day from which on there are still more entities than noise can feign."""
        parts = 2 * LOOKS
        noise = self.scale * math.sqrt(parts)
        cells = self.histogram(days // COARSE, np.arange(len(days)), DAYS // COARSE, parts)
        full = np.flatnonzero(cells > SURE * noise)
        day = int(full[-1]) * COARSE if len(full) else None
        step = COARSE // 2
        while step:
            later = 0 if day is None else int((days >= day + step).sum())
            if self.count(later, parts) > LIKELY * noise and day is not None:
                day += step
            step //= 2
        return day

    def edges(self, values: IntArray, owner: IntArray) -> IntArray:
        """(N,) numbers → (Q + 1,) edges of bins that no entity determines.

        The whole numbers are cut at the powers of two; what is full is halved again and again
        until its halves can hardly be told from noise.
        """
        parts, limit = 1 + DEPTH, SURE * self.scale * math.sqrt(1 + DEPTH)
        powers = 2 ** np.arange(OCTAVES + 1)
        edges = np.concatenate([1 - powers[:0:-1], [0], powers])
        values = np.clip(values, edges[0], edges[-1] - 1)
        counts = self.histogram(_cell(edges, values), owner, len(edges) - 1, parts)
        split = counts > limit
        full = np.flatnonzero(split)
        begin, end = (full[0], full[-1] + 1) if len(full) else (0, 0)
        edges, counts, split = edges[begin : end + 1], counts[begin:end], split[begin:end]
        for _ in range(DEPTH):
            width = np.diff(edges)
            split = split & (width > 1)
            middle = (edges[:-1] + width // 2)[split]
            halves, edges = np.repeat(split, 1 + split), np.sort(np.append(edges, middle))
            counts = np.repeat(counts, 1 + split)
            cell = np.searchsorted(edges, values, "right") - 1
            inside = (cell >= 0) & (cell < len(counts))
            inside[inside] = halves[cell[inside]]
            found = self.histogram(cell[inside], owner[inside], len(counts), parts)
            counts = np.where(halves, found, counts)
            split = halves & (counts > limit)
        seen = np.flatnonzero(counts > limit * SEEN / SURE)
        return edges[seen[0] : seen[-1] + 2] if len(seen) else np.array([0, 1])


def smoothed(counts: FloatArray, noise: float) -> FloatArray:
    """Noisy counts → counts, of which those that noise hides share what they have together."""
    hidden = counts < SEEN * noise
    if not hidden.any():
        return counts
    return np.where(hidden, max(float(counts[hidden].mean()), 0.0), counts)


def _cell(edges: IntArray, values: IntArray) -> npt.NDArray[np.int64]:
    return np.searchsorted(edges, values, "right") - 1
