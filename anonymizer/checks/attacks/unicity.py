"""Unicity: how many entities a few known events single out.

An attacker who knows that somebody bought an umbrella on Monday and tea on Thursday looks for the
histories that contain both. If there is only one, all the rest of it is about that person
(de Montjoye et al., Scientific Reports 3:1376, 2013, and Science 347:536, 2015). What is known of
an event is a tuple of columns, as coarse as the attacker sees them; the caller cuts times to days
and amounts to ranges beforehand.

`unicity` is intrinsic: the points are drawn from the table that is judged, and looked for in it.
It says how alike histories are, not what somebody with true dates achieves. A shift of all dates of
a person, or a token for an order number, leaves it as high as it was, because points that move
together with the history they stand in still tell it from all others: whoever learns one shifted
date learns the shift. Only what makes histories alike brings it down. `matched_unicity` is the
other question: points of the raw table looked for in the masked one. There a shift does help,
against an attacker who does not know it. The one must not be shown without the other.

The table is the population: nobody outside it is counted as a person one could be mistaken for,
so that for a sample of customers the figure is an upper bound.
"""

from collections.abc import Sequence
from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.checks.attacks.holdings import (
    NO_EVENT,
    Holdings,
    coded,
    codes,
    require,
)
from anonymizer.checks.figures.figure import exact
from anonymizer.checks.figures.statistics import Estimate, design_interval, share
from anonymizer.errors import DataError, UsageError

STRANGER = -2  # in place of the owner of a token whom the raw table does not have
DRAWS_PER_ENTITY = 4  # sets of points per entity, where there are as many entities as are sampled


class Unicity(NamedTuple):
    """The share of entities that so many known points (events) single out.

    Attributes:
        points: p, how many points are known.
        share: of all entities; those with fewer points are known by all of theirs.
        full: of the entities that have so many points.
        entities: how many there are.
        short: how many have fewer points.
    """

    points: int
    share: Estimate
    full: Estimate
    entities: int
    short: int


class MatchedUnicity(NamedTuple):
    """The share of known entities that so many of their points find in another table.

    Attributes:
        points: how many points are known.
        right: found: one candidate is left, and it is the right one.
        wrong: one candidate is left, and it is somebody else.
        entities: how many there are in the known table.
    """

    points: int
    right: Estimate
    wrong: Estimate
    entities: int


def unicity(
    frame: pl.DataFrame,
    entity: str,
    known: Sequence[str],
    points: Sequence[int] = (1, 2, 3, 4, 5),
    *,
    sample: int = 10_000,
    seed: int = 0,
) -> list[Unicity]:
    """The share of entities whose history alone contains p of its events, drawn at random.

    Where the literature leaves a choice, this is the one that does not flatter the table:

    - An event counts once per entity, however often it is repeated.
    - An entity with fewer than p distinct events is known by all that it has, and stays in the
      denominator, so that every p speaks of the same people. Where most histories are short this
      hides how exposed the long ones are; `full` is the share among the entities that have p
      events, as the literature reports it, and `short` counts the others.
    - A row without an entity is nobody: it is no target, and nobody hides behind it.
    - A null or NaN is a value of its own: the gap it leaves shows in the table. Were it taken for
      any value, histories would look more alike than they are. An event of nulls only is none.

    For p = 1, and wherever every choice of points can be looked at, the figure is exact and both
    ends of its interval equal it. Else points are drawn without replacement, several times per
    entity, from at most `sample` entities; the interval is of the figure for this table, and comes
    from the variance of the two stages (Cochran 1977, equation 11.24) put into Wilson's formula
    as an effective number of trials (Dean and Pagano 2015).

    Args:
        frame: one row per event, in any order.
        entity: the column that says whose.
        known: the columns that the attacker sees, as coarse as they are seen.
        points: the numbers p of known events.
        sample: most entities that points are drawn of.
        seed: of the draws. The same seed gives the same figures in whatever order the rows come.

    Returns:
        One result per p; NaN where there is no entity.

    Raises:
        DataError: a column is absent, or the entity is among the known ones.
        UsageError: a number is out of range.
    """
    require(frame, entity, known)
    _require_numbers(points, sample, seed)
    holdings = Holdings.of(*coded(frame, entity, known))
    return [_unicity(holdings, p, sample, seed) for p in points]


def _unicity(holdings: "Holdings", p: int, sample: int, seed: int) -> Unicity:
    """Unicity by p points: exact for one, drawn for more."""
    if p == 1:
        asked, fraction = np.arange(holdings.entities), 1.0
        scores = _Scores(_alone(holdings), np.zeros(len(asked)), np.zeros(len(asked), np.int64))
    else:
        rng = np.random.default_rng([seed, p])
        asked = _sampled(holdings.entities, sample, rng)
        fraction = len(asked) / max(1, holdings.entities)
        drawn = draw(holdings, asked, p, _draws(sample, len(asked)), rng)
        scores = _scores(drawn, holdings.count(drawn.points) == 1, len(asked))
    full = holdings.sizes[asked] >= p
    return Unicity(
        points=p,
        share=_estimate(scores, fraction),
        full=_estimate(scores.of(full), fraction),
        entities=holdings.entities,
        short=int(np.sum(holdings.sizes < p)),
    )


def _alone(holdings: "Holdings") -> FloatArray:
    """(E,) the share of an entity's events that nobody else has; p = 1 without draws."""
    alone = holdings.frequency[holdings.events] == 1
    owner = np.repeat(np.arange(holdings.entities), holdings.sizes)
    counted = np.bincount(owner, alone, holdings.entities)
    nothing_known = float(holdings.entities == 1)
    return np.where(holdings.sizes > 0, counted / np.maximum(1, holdings.sizes), nothing_known)


def matched_unicity(
    raw: pl.DataFrame,
    masked: pl.DataFrame,
    entity: str,
    known: Sequence[str],
    points: Sequence[int] = (1, 2, 3, 4, 5),
    *,
    token: str | None = None,
    sample: int = 10_000,
    seed: int = 0,
) -> list[MatchedUnicity]:
    """The share of raw entities that p of their raw events find in the masked table.

    Points are drawn as in `unicity`, but from the raw table. A candidate is a token of the masked
    table whose history contains them all; an entity is found if there is one candidate and it is
    a token of that entity. Values that were masked beyond recognition match nothing, so that a
    shift of dates protects here as far as the attacker does not know it. Null matches null.

    Args:
        raw: one row per event that might be known.
        masked: one row per published event, with the true entity beside its token.
        entity: the column that says whose, in both; of the masked table only to judge guesses.
        known: the columns that the attacker sees, of comparable types in both.
        points: the numbers p of known events.
        token: the column by which published rows belong together; the entity where left out.
        sample: most entities that points are drawn of.
        seed: of the draws.

    Raises:
        DataError: a column is absent, or of types that do not compare.
        UsageError: a number is out of range.
    """
    require(raw, entity, known)
    require(masked, entity, [*known, token] if token else known)
    _require_numbers(points, sample, seed)
    sides = _sides(raw, masked, entity, known, token or entity)
    return [_matched(sides, p, sample, seed) for p in points]


class _Sides(NamedTuple):
    """The raw and the masked table over the same events, and whose each token is (C,)."""

    raw: "Holdings"
    masked: "Holdings"
    owner: IntArray


def _sides(
    raw: pl.DataFrame, masked: pl.DataFrame, entity: str, known: Sequence[str], token: str
) -> _Sides:
    """Both tables as holdings over the same events; tokens and entities are numbered apart."""
    height = [raw.height]
    people, true = np.split(codes(_stacked(raw, masked, [entity]), [entity]), height)
    seen, published = np.split(codes(_stacked(raw, masked, known), known), height)
    tokens = codes(masked, [token])
    persons = np.unique(people[people > 0])
    width = max(int(seen.max(initial=0)), int(published.max(initial=0)))
    owner = np.full(int(tokens.max(initial=0)) + 1, STRANGER)
    owner[tokens - 1] = np.where(np.isin(true, persons), np.searchsorted(persons, true), STRANGER)
    mine = np.where(people > 0, np.searchsorted(persons, people) + 1, 0)
    return _Sides(
        Holdings.of(mine, seen, events=width), Holdings.of(tokens, published, events=width), owner
    )


def _stacked(raw: pl.DataFrame, masked: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The columns of both tables, one table below the other."""
    kinds = ({_kind(each.schema[name]) for each in (raw, masked)} for name in columns)
    try:
        # Polars would turn anything into text to stand beside text, and days beside numbers into
        # how many there are since 1970, which match nothing: what is as it was would seem hidden.
        if all(len(both - {"null"}) <= 1 for both in kinds):
            return pl.concat([raw.select(columns), masked.select(columns)], how="vertical_relaxed")
    except pl.exceptions.PolarsError:
        pass
    raise DataError(
        f"the two tables differ in the type of {' or '.join(columns)}: coarsen and cast alike first"
    )


def _kind(dtype: pl.DataType) -> str:
    """What values of a type can be compared with."""
    if dtype in {pl.String, pl.Categorical, pl.Enum}:
        return "text"
    if dtype.is_numeric() or dtype == pl.Boolean:
        return "number"
    return "day" if dtype in {pl.Date, pl.Datetime} else str(dtype.base_type()).lower()


def _matched(sides: _Sides, p: int, sample: int, seed: int) -> MatchedUnicity:
    """How many raw entities p of their events find in the masked table, and how many mislead."""
    rng = np.random.default_rng([seed, p])
    people = sides.raw.entities
    asked = _sampled(people, sample, rng)
    drawn = draw(sides.raw, asked, p, _draws(sample, len(asked)), rng)
    single = sides.masked.only(drawn.points)
    right = (single != NO_EVENT) & (sides.owner[single] == asked[drawn.asked])
    fraction = len(asked) / max(1, people)
    found, mistaken = (
        _estimate(_scores(drawn, each, len(asked)), fraction)
        for each in (right, (single != NO_EVENT) & ~right)
    )
    return MatchedUnicity(p, found, mistaken, people)


class Drawn(NamedTuple):
    """Sets of points.

    Attributes:
        asked: (T,) whose they are, as a position among the entities that were asked for.
        points: (T, p) events; `NO_EVENT` in place of those that an entity does not have.
        random: (E,) how many random sets there are of an entity; 0 if all its sets are here.
    """

    asked: IntArray
    points: IntArray
    random: IntArray


def draw(
    holdings: Holdings, asked: IntArray, p: int, draws: int, rng: np.random.Generator
) -> Drawn:
    """Sets of p distinct events of each entity: all there are, if not more than `draws`.

    Args:
        holdings: who holds what.
        asked: (E,) entities.
        p: points per set.
        draws: random sets per entity, where there are more.
        rng: the source of chance.
    """
    sizes = holdings.sizes[asked]
    most = _exhaustible(p, draws)
    random = np.where(sizes > most, draws, 0)
    owners, places = [], []
    for size in np.unique(sizes[sizes <= most]):
        every = _every_set(int(size), p)
        members = np.flatnonzero(sizes == size)
        owners.append(np.repeat(members, len(every)))
        places.append(np.tile(every, (len(members), 1)))
    owners.append(np.repeat(np.arange(len(asked)), random))
    places.append(_random_sets(sizes[owners[-1]], p, rng))
    owner, place = np.concatenate(owners), np.concatenate(places)
    first = holdings.first[asked[owner]][:, None]
    events = np.append(holdings.events, NO_EVENT)  # the last stands for no event
    points = np.where(place == NO_EVENT, NO_EVENT, events[np.where(place < 0, -1, first + place)])
    return Drawn(owner, points, random)


def _exhaustible(p: int, draws: int) -> int:
    """The longest history of which all sets of p can be looked at."""
    size = p
    while comb(size + 1, p) <= draws:
        size += 1
    return size


def _every_set(size: int, p: int) -> IntArray:
    """(C, p) all sets of p of so many things; the one set of all, if there are fewer."""
    sets = np.array(list(combinations(range(size), min(size, p))), np.int64)
    padding = np.full((len(sets), p - sets.shape[1]), NO_EVENT)
    return np.hstack([sets, padding])


def _random_sets(sizes: IntArray, p: int, rng: np.random.Generator) -> IntArray:
    """(T, p) distinct positions below each size; all sets are equally likely (Floyd 1987)."""
    chosen = np.full((len(sizes), p), NO_EVENT)
    for step in range(p):
        last = sizes - p + step
        tried = rng.integers(0, last + 1)
        taken = (chosen == tried[:, None]).any(axis=1)
        chosen[:, step] = np.where(taken, last, tried)
    return chosen


def _sampled(entities: int, sample: int, rng: np.random.Generator) -> IntArray:
    """Entities to draw points of: all, or so many at random."""
    if entities <= sample:
        return np.arange(entities)
    return np.sort(rng.choice(entities, sample, replace=False))


def _draws(sample: int, asked: int) -> int:
    """Sets of points per entity; few entities are asked more often."""
    return DRAWS_PER_ENTITY * max(1, sample // max(1, asked))


class _Scores(NamedTuple):
    """(E,) for each entity the share of its sets, its variance, and how many sets were random."""

    value: FloatArray
    variance: FloatArray
    random: IntArray

    def of(self, entities: BoolArray) -> "_Scores":
        """The scores of some entities alone."""
        return _Scores(self.value[entities], self.variance[entities], self.random[entities])


def _scores(drawn: Drawn, success: BoolArray, entities: int) -> _Scores:
    """The scores of entities by the sets of each that singled it out."""
    sets = np.bincount(drawn.asked, minlength=entities)
    value = np.bincount(drawn.asked, success, entities) / np.maximum(1, sets)
    spread = value * (1 - value) / np.maximum(1, drawn.random - 1)
    return _Scores(value, np.where(drawn.random > 0, spread, 0.0), drawn.random)


def _estimate(scores: _Scores, fraction: float) -> Estimate:
    """The mean over entities; sampled ones add the variance between them, draws that within."""
    entities = len(scores.value)
    if entities == 0:
        return share(0, 0)
    mean, everybody = float(scores.value.mean()), fraction == 1
    if everybody and not scores.random.any():
        return exact(mean)
    between = float(scores.value.var(ddof=1)) / entities if entities > 1 else 0.0
    within = float(scores.variance.sum()) / entities**2
    variance = (1 - fraction) * between + fraction * within
    return design_interval(mean, variance, int(scores.random.sum()) if everybody else entities)


def _require_numbers(points: Sequence[int], sample: int, seed: int) -> None:
    """Refuse numbers that are out of range."""
    if not points or min(points) < 1:
        raise UsageError("`points` must be one or more numbers of known events, each at least 1")
    if sample < 1 or seed < 0:
        raise UsageError("`sample` must be at least 1 and `seed` at least 0")
