"""Linkage: whose raw history does each masked history resemble most?

The attacker holds the raw rows of all entities, in the columns that masking left comparable, and
gives each masked entity the raw one whose profile fits best. The attacker is strong on purpose: how
well each aspect survives masking is learned from other entities whose masked rows are known, as
somebody could who knows the rules or recognises a few persons. Aspects are scored as in Fellegi and
Sunter (1969), by how much likelier they are if two profiles belong together: moments by a Gaussian
regression of raw on masked, bags by a linear discriminant of their cosine. Entities are learned on
one half and attacked in the other.
"""

from typing import Final, NamedTuple

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.checks.attacks.alignment import MASKED_ENTITY, RAW_ENTITY, Alignment, ValueKind
from anonymizer.checks.attacks.profiles import Bag, Owned, Profiles, profiles
from anonymizer.checks.figures.statistics import Estimate, share

MIN_ENTITIES_LINKED: Final = 20  # how well aspects survive cannot be learned from fewer
NEAREST_COUNTED: Final = 5  # matches among which the right one counts as near

_MAX_MULTIPLICATIONS: Final = 6e10  # of one attack: some seconds
_TARGET_RANGE: Final = (200, 2_000)  # masked entities that are attacked, fewest and most
_PAIRS_LEARNED: Final = 3_000  # of a masked and its raw entity, from which aspects are weighed
_MAX_RAW_ENTITIES: Final = 100_000  # compared; fewer rivals only help the attacker
_ENTITIES_AT_ONCE: Final = 4_096  # raw ones whose vectors are in memory
_MAX_SQUARED_CORRELATION: Final = 0.9999  # that is believed; of 1 no variance would be left
_LEAST_COSINE_VARIANCE: Final = 1e-4  # that a weight is divided by


class Linkage(NamedTuple):
    """How often the nearest raw entity is the right one.

    Attributes:
        first: share of masked entities whose best match is the right one.
        near: share whose right one is among the best five.
        chance: what guessing reaches for `first`: 1 ÷ raw entities.
        near_chance: what guessing reaches for `near`.
        targets: masked entities that were attacked.
        entities: raw entities that they were compared with.
        helped: aspects that told persons apart, the most telling first.
    """

    first: Estimate
    near: Estimate
    chance: float
    near_chance: float
    targets: int
    entities: int
    helped: list[str]


def link(
    raw: pl.DataFrame,
    masked: pl.DataFrame,
    alignment: Alignment,
    columns: dict[str, ValueKind],
    time: str | None,
    *,
    seed: int = 0,
) -> Linkage | None:
    """Attack every masked entity, or a sample of them.

    Args:
        raw: the table before masking.
        masked: the table after it, row by row; the raw one itself says what masking changed.
        alignment: whose row each is.
        columns: what both tables have, as `comparable_columns` gives it.
        time: the column of both that orders rows, if there is one.
        seed: of the sample, the halves, and of the order of equally good matches.

    Returns:
        The result, or None for fewer than `MIN_ENTITIES_LINKED` raw or masked entities.
    """
    rng = np.random.default_rng(seed)
    rows = _drawn(alignment.rows, rng)
    truth = (
        rows.group_by(MASKED_ENTITY)
        .agg(pl.col(RAW_ENTITY).first())
        .sort(MASKED_ENTITY)[RAW_ENTITY]
        .to_numpy()
    )
    entities = int(rows[RAW_ENTITY].n_unique())
    if min(entities, len(truth)) < MIN_ENTITIES_LINKED:
        return None
    before = Owned(raw[rows["row"]], rows[RAW_ENTITY])
    after = before if masked is raw else Owned(masked[rows["row"]], rows[MASKED_ENTITY])
    return link_owned(before, after, truth, columns, time, rng=rng)


def link_owned(
    before: Owned,
    after: Owned,
    truth: IntArray,
    columns: dict[str, ValueKind],
    time: str | None,
    *,
    rng: np.random.Generator,
) -> Linkage:
    """Attack the entities of one table with those of another, of other rows perhaps.

    Args:
        before: a table and whose its rows are, E entities among whom is looked.
        after: another, T entities who are looked for.
        truth: (T,) who each of these is; −1 for nobody, of whom nothing is asked or learned.
        columns: what both have, as `comparable_columns` gives it.
        time: the column of both that orders rows, if there is one.
        rng: of the sample, the halves, and of the order of equally good matches.
    """
    there, here = profiles(before, after, columns, time)
    sides, entities = _Sides(here, there, truth), len(there.moments)
    half = rng.integers(2, size=entities)[truth]
    size = there.moments.shape[1] + sum(bag.width for bag in there.bags.values())
    most = int(np.clip(_MAX_MULTIPLICATIONS / entities / size, *_TARGET_RANGE))
    targets = rng.permutation(np.flatnonzero(truth >= 0))[:most]
    found, told = [], []
    for attacked in (0, 1):
        known = np.flatnonzero((half != attacked) & (truth >= 0))
        asked = targets[half[targets] == attacked]
        judge = _Judge.learned(sides, rng.permutation(known)[:_PAIRS_LEARNED], rng)
        found.append(_places(judge, sides, asked, rng))
        told.append(judge.told)
    return _result(np.concatenate(found), entities, told)


def _result(places: IntArray, entities: int, told: list[dict[str, float]]) -> Linkage:
    """What came of an attack: the place of each right match, and what helped to find it."""
    both = {name: sum(each[name] for each in told) for name in told[0]}
    return Linkage(
        first=_share(places < 1),
        near=_share(places < NEAREST_COUNTED),
        chance=1 / entities,
        near_chance=min(1.0, NEAREST_COUNTED / entities),
        targets=len(places),
        entities=entities,
        helped=[n for n in sorted(both, key=both.__getitem__, reverse=True) if both[n] > 1],
    )


def _share(hits: BoolArray) -> Estimate:
    """Wilson's interval, which rounding must not part from the share."""
    found = share(int(hits.sum()), len(hits))
    return Estimate(found.value, min(found.low, found.value), max(found.high, found.value))


def _drawn(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """The rows of at most `_MAX_RAW_ENTITIES` raw entities, entities numbered without a gap."""
    entities = int(rows[RAW_ENTITY].n_unique())
    if entities > _MAX_RAW_ENTITIES:
        chosen = pl.DataFrame({RAW_ENTITY: np.sort(rng.permutation(entities)[:_MAX_RAW_ENTITIES])})
        rows = rows.join(chosen, on=RAW_ENTITY, how="semi", maintain_order="left")
    return rows.with_columns(pl.col(RAW_ENTITY, MASKED_ENTITY).rank("dense").cast(pl.Int64) - 1)


class _Sides(NamedTuple):
    """Profiles of (T,) masked and of (E,) raw entities, and (T,) whose each masked one is."""

    here: Profiles
    there: Profiles
    truth: IntArray


class _Judge(NamedTuple):
    """What each aspect is worth.

    The score of masked profile x and raw profile y is Σ y·(a + b·x) − y²·c over moments, plus
    Σ weight × cosine over bags.

    Attributes:
        a, b, c: (M,) of each moment.
        weights: column → what its cosine is worth.
        told: aspect → how much higher it scores right pairs than others, on average.
    """

    a: FloatArray
    b: FloatArray
    c: FloatArray
    weights: dict[str, float]
    told: dict[str, float]

    @classmethod
    def learned(cls, sides: _Sides, known: IntArray, rng: np.random.Generator) -> "_Judge":
        """What each aspect is worth, learned from masked entities whose raw ones are known."""
        here, there, truth = sides
        right, wrong = truth[known], truth[rng.permutation(known)]
        told: dict[str, float] = {}
        a, b, c = _regressed(here.moments[known], there.moments[right])
        slope = a + b * here.moments[known]
        gained = slope * there.moments[right] - c * there.moments[right] ** 2
        gained -= slope * there.moments[wrong] - c * there.moments[wrong] ** 2
        for name, value in zip(here.aspects, gained.mean(axis=0), strict=True):
            told[name] = told.get(name, 0) + float(value)
        weights = {}
        for name, bag in here.bags.items():
            together = _cosines(bag, there.bags[name], known, right)
            apart = _cosines(bag, there.bags[name], known, wrong)
            weights[name] = _discriminant(together, apart)
            lift = weights[name] * float(together.mean() - apart.mean())
            told[name] = told.get(name, 0) + lift
        return cls(a, b, c, weights, told)

    def of_masked(self, profiles: Profiles, entities: IntArray) -> FloatArray:
        """(len(entities), D) vectors of masked entities."""
        parts = [self.a + self.b * profiles.moments[entities]]
        parts += [w * profiles.bags[n].dense(entities) for n, w in self.weights.items() if w > 0]
        return np.hstack(parts)

    def of_raw(self, profiles: Profiles, entities: IntArray) -> tuple[FloatArray, FloatArray]:
        """(len(entities), D) vectors of raw entities, and (len(entities),) what to take off."""
        moments = profiles.moments[entities]
        parts = [moments]
        parts += [profiles.bags[n].dense(entities) for n, w in self.weights.items() if w > 0]
        return np.hstack(parts), moments**2 @ self.c


def _regressed(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(M,) a, b and c of log N(y; regression on x) − log N(y; mean), where y enters.

    With residual variance s², variance v and mean m of y: a + b·x is prediction ÷ s² − m ÷ v, and
    c is (1 ÷ s² − 1 ÷ v) ÷ 2. An aspect without correlation gets zeros.
    """
    mean, variance = y.mean(axis=0), y.var(axis=0)
    together = np.mean((x - x.mean(axis=0)) * (y - mean), axis=0)
    spread = x.var(axis=0)
    usable = (spread > 0) & (variance > 0)
    spread, variance = np.where(usable, spread, 1), np.where(usable, variance, 1)
    slope = np.where(usable, together, 0) / spread
    squared = np.minimum(slope**2 * spread / variance, _MAX_SQUARED_CORRELATION)
    believed = squared * len(x) > 16  # four standard errors of a correlation
    slope, squared = np.where(believed, slope, 0), np.where(believed, squared, 0)
    residual = variance * (1 - squared)
    a = (mean - slope * x.mean(axis=0)) / residual - mean / variance
    return a, slope / residual, (1 / residual - 1 / variance) / 2


def _cosines(a: Bag, b: Bag, of_a: IntArray, of_b: IntArray) -> FloatArray:
    """(N,) the cosine of each entity of a with the one of b beside it."""
    found: FloatArray = np.einsum("ed,ed->e", a.dense(of_a), b.dense(of_b))
    return found


def _discriminant(together: FloatArray, apart: FloatArray) -> float:
    """What a cosine is worth: difference of means ÷ mean variance (Fisher 1936), or nothing."""
    difference = float(together.mean() - apart.mean())
    variance = float(together.var() + apart.var()) / 2
    if difference <= 4 * np.sqrt(2 * variance / len(together)):
        return 0.0
    return difference / max(variance, _LEAST_COSINE_VARIANCE)


def _places(judge: _Judge, sides: _Sides, asked: IntArray, rng: np.random.Generator) -> IntArray:
    """(len(asked),) place of the right raw entity among all, from 0; ties in a random order."""
    here, there, truth = sides
    vectors = judge.of_masked(here, asked)
    own, taken = judge.of_raw(there, truth[asked])
    right = np.einsum("td,td->t", vectors, own) - taken
    slack = 1e-9 * (1 + np.abs(right))
    better, equal = np.zeros(len(asked), np.int64), np.zeros(len(asked), np.int64)
    entities = len(there.moments)
    for start in range(0, entities, _ENTITIES_AT_ONCE):
        raw, taken = judge.of_raw(there, np.arange(start, min(start + _ENTITIES_AT_ONCE, entities)))
        ahead = vectors @ raw.T - taken - right[:, None]
        better += np.sum(ahead > slack[:, None], axis=1)
        equal += np.sum(np.abs(ahead) <= slack[:, None], axis=1)
    return better + rng.integers(0, np.maximum(equal, 1))
