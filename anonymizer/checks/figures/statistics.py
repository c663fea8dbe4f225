"""Formulas and intervals. Pure: arrays in, numbers out, nothing of ours imported.

Letters of shapes: N rows, E entities, P positives, G groups of equal scores.
"""

import math
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from anonymizer.arrays import Array, FloatArray

Z_95 = 1.959963984540054  # the 97.5 % point of the normal distribution
RESAMPLES = 300  # of a bootstrap over entities
LEAST_VARIANCE = 1e-14  # a variance below it is a rounding error
DOUBT = 0.005  # the chance that what an attacker gains for sure is not there


class Estimate(NamedTuple):
    """A value and its interval, of 95 % unless something else is said."""

    value: float
    low: float
    high: float


def roc_auc(truth: Array, score: Array, weight: Array | None = None) -> float:
    """ROC AUC: the chance that a positive scores above a negative, ties counting half.

    Args:
        truth: (N,) true for positives.
        score: (N,) higher is stranger.
        weight: (N,) how often each row counts; once by default.

    Returns:
        In [0, 1]; NaN where one of the two kinds is absent. (Mann and Whitney 1947.)

    Example:
        >>> roc_auc(np.array([True, False, False]), np.array([2.0, 1.0, 3.0]))
        0.5
    """
    return _Ranked(truth, score).both(np.ones(len(truth)) if weight is None else weight)[0]


def average_precision(truth: Array, score: Array, weight: Array | None = None) -> float:
    """Mean precision at each positive, Σ (R_n − R_{n−1}) P_n over distinct scores.

    Args:
        truth: (N,) true for positives.
        score: (N,) higher is stranger.
        weight: (N,) how often each row counts; once by default.

    Returns:
        In [0, 1]; guessing reaches the share of positives. NaN where there is no positive.
    """
    return _Ranked(truth, score).both(np.ones(len(truth)) if weight is None else weight)[1]


class _Ranked:
    """Rows in descending order of score, ties marked, so that weights can vary cheaply."""

    def __init__(self, truth: Array, score: Array) -> None:
        self.order = np.argsort(-np.asarray(score, np.float64), kind="stable")
        self.truth = np.asarray(truth, bool)[self.order]
        ordered = np.asarray(score, np.float64)[self.order]
        self.ends = np.flatnonzero(np.append(np.diff(ordered) != 0, True))

    def _cumulated(self, weight: Array) -> tuple[FloatArray, FloatArray]:
        """(G,) positives and negatives up to the end of each group of equal scores."""
        w = np.asarray(weight, np.float64)[self.order]
        return np.cumsum(w * self.truth)[self.ends], np.cumsum(w * ~self.truth)[self.ends]

    def both(self, weight: Array) -> tuple[float, float]:
        """ROC AUC and average precision, each row counting `weight` (N,) times."""
        hits, false = self._cumulated(weight)
        return _area(hits, false), _mean_precision(hits, false)


def _area(hits: FloatArray, false: FloatArray) -> float:
    """The area under the ROC curve, from positives and negatives counted along it."""
    if not hits[-1] or not false[-1]:
        return float("nan")
    steps = np.diff(false, prepend=0)
    area = np.sum(steps * (hits + np.concatenate([[0], hits[:-1]])) / 2)
    return float(area / hits[-1] / false[-1])


def _mean_precision(hits: FloatArray, false: FloatArray) -> float:
    """Average precision, from positives and negatives counted along the curve."""
    if not hits[-1]:
        return float("nan")
    taken = hits + false
    precision = np.divide(hits, taken, out=np.zeros_like(hits), where=taken > 0)
    return float(np.sum(np.diff(hits, prepend=0) * precision) / hits[-1])


class Detection(NamedTuple):
    """How well scores find what is true: ROC AUC and average precision with their intervals."""

    roc_auc: Estimate
    average_precision: Estimate


def detection(truth: Array, score: Array, entity: Array, seed: int) -> Detection:
    """ROC AUC and average precision with bootstrap intervals over entities.

    Events of one entity are not independent, so entities are drawn with replacement and all of
    their events with them (the cluster bootstrap; Davison and Hinkley 1997, section 3.8).

    Args:
        truth: (N,) true for positives.
        score: (N,) higher is stranger.
        entity: (N,) indices 0 ... E − 1.
        seed: of the resampling.
    """
    ranked, rng = _Ranked(truth, score), np.random.default_rng(seed)
    entities = int(entity.max()) + 1
    drawn = []
    for _ in range(RESAMPLES):
        weight = np.bincount(rng.integers(entities, size=entities), minlength=entities)[entity]
        drawn.append(ranked.both(weight))
    values = ranked.both(np.ones(len(truth)))
    low, high = np.nanquantile(np.array(drawn), [0.025, 0.975], axis=0)
    both = [Estimate(v, float(a), float(b)) for v, a, b in zip(values, low, high, strict=True)]
    return Detection(*both)


def clustered_auc(truth: Array, score: Array, entity: Array) -> tuple[float, float]:
    """ROC AUC and its standard error, where the events of one entity are not independent.

    Each positive has a placement, the share of negatives below it, and each negative one among
    positives; entities are as different as the sums of theirs (Obuchowski 1997).

    Args:
        truth: (N,) true for positives, of which there are some, as of negatives.
        score: (N,) higher is stranger.
        entity: (N,) indices 0 ... E − 1, of which there are two at least.
    """
    truth, score = np.asarray(truth, bool), np.asarray(score, np.float64)
    placed = np.empty(len(truth))
    for side in (truth, ~truth):
        others = np.sort(score[~side])
        below = np.searchsorted(others, score[side], "left")
        placed[side] = (below + np.searchsorted(others, score[side], "right")) / 2 / len(others)
    placed[~truth] = 1 - placed[~truth]
    auc = float(placed[truth].mean())
    _, entity = np.unique(entity, return_inverse=True)
    size = int(entity.max()) + 1
    above, below = (
        np.bincount(entity[side], placed[side] - auc, size) / side.sum() for side in (truth, ~truth)
    )
    variance = sum(
        x @ y * n / max(n - 1, 1)
        for x, y, n in (
            (above, above, len(np.unique(entity[truth]))),
            (below, below, len(np.unique(entity[~truth]))),
            (2 * above, below, size),
        )
    )
    return auc, float(np.sqrt(max(variance, 0)))


def share(successes: float, of: int, z: float = Z_95) -> Estimate:
    """A share with its score interval (Wilson 1927); the interval is [0, 1] of nothing.

    Trials are taken to be independent.

    Args:
        successes: how many, or a sum of parts between 0 and 1.
        of: how many trials there are.
        z: the point of the normal distribution; 95 % by default.

    Example:
        >>> share(5, 10).value, round(share(5, 10).low, 3)
        (0.5, 0.237)
    """
    if of == 0:
        return Estimate(float("nan"), 0.0, 1.0)
    p, w = successes / of, z * z / of
    middle = (p + w / 2) / (1 + w)
    half = z * math.sqrt(p * (1 - p) / of + w / of / 4) / (1 + w)
    return Estimate(p, max(0.0, middle - half), min(1.0, middle + half))


def mean(values: FloatArray) -> Estimate:
    """A mean with its normal 95 % interval; the values are taken to be independent."""
    value = float(np.mean(values))
    half = Z_95 * float(np.std(values)) / math.sqrt(len(values))
    return Estimate(value, value - half, value + half)


def normal_point(tail: float) -> float:
    """The point of the normal distribution above which a share of it lies."""
    return NormalDist().inv_cdf(1 - tail)


def design_interval(mean: float, variance: float, trials: int) -> Estimate:
    """A share of a survey with Wilson's interval for as many trials as would have its variance.

    The effective number of trials of Dean and Pagano (2015).

    Args:
        mean: the figure.
        variance: of its estimate.
        trials: in place of them, where no variance was seen.
    """
    effective = round(mean * (1 - mean) / variance) if variance > LEAST_VARIANCE else trials
    around = share(round(mean * effective), effective)
    return Estimate(mean, min(mean, around.low), max(mean, around.high))


def ratio_variance(parts: Array, sizes: Array) -> float:
    """The variance of Σ parts ÷ Σ sizes over entities, linearised (Cochran 1977, 6.13).

    Args:
        parts: (E,) of what each entity has.
        sizes: (E,) what each has; their sum is above 0.

    Example:
        >>> ratio_variance(np.array([0, 2]), np.array([2, 2]))
        0.25
    """
    count, total = len(sizes), sizes.sum()
    if count < 2:
        return 0.0
    off = parts - sizes * (parts.sum() / total)
    return float(off @ off * count / (count - 1) / total**2)


def difference(a: Estimate, b: Estimate) -> Estimate:
    """A − b of two independent shares with their intervals (Newcombe 1998, method 10)."""
    value = a.value - b.value
    low = math.hypot(a.value - a.low, b.high - b.value)
    high = math.hypot(a.high - a.value, b.value - b.low)
    return Estimate(value, value - low, value + high)


def excess_risk(attack: Estimate, control: Estimate) -> Estimate:
    """The risk (attack − control) ÷ (1 − control) of two success rates (Giomi et al. 2023).

    It is one minus the ratio of the failure rates, whose interval follows from theirs (Donner and
    Zou 2012, equation 9). The two rates are taken to be independent, both in [0, 1].

    Returns:
        At most 1, and 0 where the attack succeeds no more often than on the controls. NaN where it
        never fails on them.
    """
    p, l1, u1 = 1 - attack.value, 1 - attack.high, 1 - attack.low
    q, l2, u2 = 1 - control.value, 1 - control.high, 1 - control.low
    if not q > 0:
        return Estimate(math.nan, math.nan, math.nan)

    def ratio(end: float, other: float, sign: int) -> float:
        """One end of the interval of the ratio of failure rates."""
        product, square = p * q, other * (2 * q - other)
        if square <= 0:  # of controls that hardly ever fail nothing more is known
            return 0.0
        root = math.sqrt(max(0.0, product**2 - end * (2 * p - end) * square))
        return (product + sign * root) / square

    return Estimate(1 - p / q, 1 - ratio(u1, l2, 1), 1 - max(0.0, ratio(l1, u2, -1)))


def auc_interval(auc: float, positives: int, negatives: int, z: float = Z_95) -> Estimate:
    """A ROC AUC with its score interval (Newcombe 2006, part 2, method 5).

    The ends are those whose own standard error, after Hanley and McNeil (1982), just reaches the
    value; so the interval has a length even where the value is 1.

    Args:
        auc: the value, in [0, 1].
        positives: how many, taken to be independent.
        negatives: how many, likewise.
        z: the point of the normal distribution; 95 % by default.
    """
    if not positives or not negatives:
        return Estimate(math.nan, 0.0, 1.0)
    more = (positives + negatives) / 2 - 1

    def reaches(end: float) -> bool:
        """Whether an end is within z of its own standard errors of the value."""
        spread = 1 + more * ((1 - end) / (2 - end) + end / (1 + end))
        return abs(auc - end) <= z * math.sqrt(end * (1 - end) * spread / positives / negatives)

    def last_reached(outer: float) -> float:
        """The end in the direction of `outer`, by bisection."""
        inside = auc
        for _ in range(50):
            middle = (inside + outer) / 2
            inside, outer = (middle, outer) if reaches(middle) else (inside, middle)
        return inside

    return Estimate(auc, last_reached(0.0), last_reached(1.0))


class AtRate(NamedTuple):
    """True positives at a rate of false ones.

    Attributes:
        found: the share of positives found.
        rate: of false positives; more than was asked for where the negatives are too few for it.
    """

    found: Estimate
    rate: float


def true_positives(positive: Array, negative: Array, rate: float) -> AtRate:
    """The share of positives that a threshold finds, which so few negatives exceed.

    The threshold is not known and is taken from the negatives: for the low end it is the lowest
    order statistic that, with 98.75 % confidence, no more than `rate` of all negatives exceed, for
    the high end the highest that no fewer do; each with Wilson's end of that confidence. Both
    together hold whatever the distributions are.

    Args:
        positive: (P,) scores, higher is more suspicious.
        negative: (N,) the same of negatives, one at least.
        rate: of false positives.
    """
    tail, count = 0.0125, len(negative)
    rate = max(rate, 1 - tail ** (1 / count))
    below = np.cumsum([_binomial(count, k, rate) for k in range(count + 1)])  # (N + 1,) P(X ≤ k)
    lowest = int(np.sum(below <= tail * (1 + 1e-9)))
    highest = int(np.sum(below < 1 - tail)) + 1
    ordered = np.append(np.sort(negative)[::-1], -np.inf)

    def found(k: int) -> Estimate:
        """With the k-th highest negative as the threshold."""
        hits = int(np.sum(positive > ordered[k - 1])) if k <= count else len(positive)
        return share(hits, len(positive), normal_point(tail))

    value = found(min(int(rate * count), count - 1) + 1).value
    return AtRate(Estimate(value, found(lowest).low, found(highest).high), rate)


def _binomial(n: int, k: int, p: float) -> float:
    """The chance of k successes in n trials, each with chance p."""
    return math.exp(_log_ways(n, k) + k * math.log(p) + (n - k) * math.log1p(-p))


def relative_rate(hits: int, of: int, base_hits: int, base_of: int, points: float) -> Estimate:
    """How many times as frequent hits are here as there, for hits that are rare in both.

    Of all hits, those here are a share of ρ of / (ρ of + base_of), ρ being the ratio; the ends of
    the share's interval give those of the ratio (Przyborowski and Wilenski 1940).

    Args:
        hits: of the first group.
        of: size of the first group.
        base_hits: of the second group.
        base_of: size of the second group.
        points: of the normal distribution on either side.

    Returns:
        NaN for what has no bound, where there are no hits there.
    """
    found = share(hits, hits + base_hits, points)
    return Estimate(*(x / (1 - x) * base_of / of if x < 1 else math.nan for x in found))


def quotient(a: Estimate, b: Estimate) -> Estimate:
    """One estimate over another, b > 0; the interval by the delta method.

    The two are taken to be independent and about normal.
    """
    value = a.value / b.value
    half = math.hypot((a.high - a.low) / 2, value * (b.high - b.low) / 2) / b.value
    return Estimate(value, value - half, value + half)


def surely_above(a: Estimate, b: Estimate) -> bool:
    """Whether one estimate is above another by more than chance explains.

    The two are taken to be independent and about normal; where both are of the same rows, they
    rise and fall together, and less would be enough.

    Example:
        >>> surely_above(Estimate(0.8, 0.7, 0.9), Estimate(0.6, 0.5, 0.75))
        True
    """
    return a.value - b.value > math.hypot(a.value - a.low, b.high - b.value)


def fisher_test(hits: int, of: int, base_hits: int, base_of: int) -> float:
    """The chance of at least `hits` here, were hits as frequent here as there (Fisher 1922).

    Args:
        hits: of the first group.
        of: size of the first group.
        base_hits: of the second group.
        base_of: size of the second group.
    """
    total, every = hits + base_hits, of + base_of
    logs = [
        _log_ways(of, k) + _log_ways(base_of, total - k) - _log_ways(every, total)
        for k in range(hits, min(of, total) + 1)
        if total - k <= base_of
    ]
    return float(min(1.0, np.exp(logs).sum()))


def _log_ways(n: int, k: int) -> float:
    """The logarithm of the number of ways to choose k of n."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def ks_similarity(a: Array, b: Array) -> float:
    """Similarity of two samples: 1 − the largest distance between their distribution functions.

    One minus the statistic of Kolmogorov and Smirnov, in [0, 1]; one is identical.

    Args:
        a: (N,) numbers.
        b: (M,) numbers.

    Example:
        >>> ks_similarity(np.array([1, 2]), np.array([2, 3]))
        0.5
    """
    if not len(a) or not len(b):
        return 1.0 if len(a) == len(b) else 0.0
    a, b = np.sort(np.asarray(a, np.float64)), np.sort(np.asarray(b, np.float64))
    points = np.concatenate([a, b])
    below_a = np.searchsorted(a, points, "right") / len(a)
    below_b = np.searchsorted(b, points, "right") / len(b)
    return float(1 - np.max(np.abs(below_a - below_b)))


def tv_similarity(a: dict[Any, int], b: dict[Any, int]) -> float:
    """Similarity of two tables of counts: 1 − the total variation distance of shares, in [0, 1].

    Example:
        >>> tv_similarity({"a": 1, "b": 1}, {"a": 1})
        0.5
    """
    total_a, total_b = sum(a.values()), sum(b.values())
    if not total_a or not total_b:
        return 1.0 if total_a == total_b else 0.0
    keys = a.keys() | b.keys()
    # Exactly rounded, as the order of a set of texts is another in every process.
    return 1 - math.fsum(abs(a.get(k, 0) / total_a - b.get(k, 0) / total_b) for k in keys) / 2
