"""Rotating tokens: how many of them behaviour joins again.

A token that changes every month cannot be joined over months by itself, but people go on buying
what they bought: among 85,000 customers of a grocer, 65 % were found again in the next window by
what was in their baskets (Tournier 2022). This is such an attack, with the truth at hand only to
count how often it is right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray, distinct
from anonymizer.checks.attacks.holdings import (
    chunks,
    codes,
    ragged,
    require,
)
from anonymizer.checks.figures.statistics import Estimate, design_interval, ratio_variance, share
from anonymizer.errors import DataError, UsageError

MAX_TOKENS_ASKED = 2_000  # tokens per pair of windows whose successor is looked for
MAX_COMMON_WORD = (0.2, 100)  # share and number of the tokens, beyond which a word tells nothing
HABITS_WEIGHT = 0.1  # weight of the habits beside the cosine of the words, which is at most 1
SCORE_DECIMALS = 9  # decimals from which on two scores are equal


class WindowPair(NamedTuple):
    """How well one window's tokens are found in the next.

    Attributes:
        share: of the tokens that were looked for, found at once.
        chance: what guessing reaches.
        tokens: how many were looked for; all of them have a successor.
        candidates: tokens of the next window, of people who were not there before included.
        returning: share of the window's tokens that have a successor.
    """

    share: Estimate
    chance: float
    tokens: int
    candidates: int
    returning: float


class WindowLinkage(NamedTuple):
    """How well tokens are found again in the next window.

    Attributes:
        share: of all tokens that were looked for, found at once.
        chance: what guessing reaches.
        windows: how many there are.
        tokens: how many were looked for.
        pairs: the same for each window and the next, in the order of time.
    """

    share: Estimate
    chance: float
    windows: int
    tokens: int
    pairs: list[WindowPair]


def link_windows(
    frame: pl.DataFrame, truth: str, token: str, time: str, known: Sequence[str], *, seed: int = 0
) -> WindowLinkage:
    """The share of tokens whose next token has the most similar behaviour of all.

    What a token does is a set of words: each value of the known columns, hours of the day and
    weekdays. Two tokens are as similar as the cosine of their sets, rare words counting more
    (inverse document frequency), and a tenth of how near their habits are: number of events, mean
    and spread of amounts. Whole numbers are taken for codes, other numbers for amounts as well.
    Among several equally similar tokens the attacker guesses.

    The rate is of a closed world: only tokens of people who come again in the next window are
    looked for, while newcomers stay among the candidates. An attacker who does not know who comes
    again is right at most as often as `share` × `returning`. People who skip a window are not
    looked for in later ones. A better attack may exist; the rate is a lower bound of what
    behaviour gives away.

    Windows are found in the data: stretches of time in which tokens overlap. The times must be
    those that the tokens were made with. Rows without an entity, a token or a time are left out.

    Args:
        frame: one row per event.
        truth: the column of true entities; it only judges the guesses.
        token: the rotating token.
        time: Date or Datetime.
        known: columns of behaviour that are published beside the token.
        seed: of the choice of tokens, where there are more than are looked for, and of nothing
            else.

    Returns:
        NaN as the share where no token has a successor.

    Raises:
        DataError: a column is absent or of a wrong type, a token stands for two entities, or an
            entity has two tokens in one window.
        UsageError: the seed is below zero.
    """
    require(frame, truth, [token, time, *known])
    if seed < 0:
        raise UsageError("`seed` must be at least 0")
    if not frame.schema[time].is_temporal() or frame.schema[time] in {pl.Duration, pl.Time}:
        raise DataError(f"{time} must be Date or Datetime, not {frame.schema[time]}")
    events = frame.filter(*(pl.col(each).is_not_null() for each in (truth, token, time)))
    tokens = _tokens(events, truth, token, time)
    behaviour = _behaviour(events, tokens.of_event, time, known)
    matches = [
        _match(tokens, behaviour, window, np.random.default_rng([seed, window]))
        for window in range(len(tokens.bounds) - 2)
    ]
    return _linkage(matches, len(tokens.bounds) - 1)


class _Tokens(NamedTuple):
    """Tokens numbered by window.

    Attributes:
        of_event: (N,) token of each event, from 0.
        person: (T,) whose each token is.
        bounds: (W + 1,) where the tokens of each window begin, and T.
    """

    of_event: IntArray
    person: IntArray
    bounds: IntArray


def _tokens(events: pl.DataFrame, truth: str, token: str, time: str) -> _Tokens:
    """The tokens of all events, in the order of their windows."""
    rows = pl.DataFrame(
        {"token": codes(events, [token]), "person": codes(events, [truth]), "time": events[time]}
    )
    when = pl.col("time")
    table = rows.group_by("token").agg(
        first=when.min(), last=when.max(), person=pl.col("person").first(), whole=_one("person")
    )
    if not table["whole"].all():
        raise DataError(f"a value of {token} stands for several values of {truth}")
    table = _windows(table).sort("window", "token")
    if table.select("person", "window").is_duplicated().any():
        raise DataError(
            f"one value of {truth} has several of {token} at a time: "
            f"{time} must hold the times that the tokens were made with"
        )
    number = np.zeros(table.height + 1, np.int64)
    number[table["token"].to_numpy()] = np.arange(table.height)
    windows = table["window"].to_numpy()
    return _Tokens(
        of_event=number[rows["token"].to_numpy()],
        person=table["person"].to_numpy(),
        bounds=np.searchsorted(windows, np.arange(int(windows.max(initial=-1)) + 2)),
    )


def _one(column: str) -> pl.Expr:
    """Whether a column has one value in each group."""
    return pl.col(column).n_unique() == 1


def _windows(tokens: pl.DataFrame) -> pl.DataFrame:
    """Each token's window, from 0.

    Tokens that overlap in time are of one stretch. Where few people are active, a window may fall
    apart into several; stretches are joined as long as nobody has a token in two of them.
    """
    apart = pl.col("first") > pl.col("last").cum_max().shift(1)
    table = tokens.sort("first", "last", "token").with_columns(
        stretch=apart.fill_null(value=False).cum_sum().cast(pl.Int64)
    )
    before = pl.col("stretch").shift(1).over("person").fill_null(-1)
    latest = table.with_columns(before=before).group_by("stretch").agg(pl.col("before").max())
    begins = _beginnings(latest.sort("stretch")["before"].to_numpy())
    window = np.searchsorted(begins, table["stretch"].to_numpy(), "right") - 1
    return table.with_columns(pl.Series("window", window, dtype=pl.Int64))


def _beginnings(before: IntArray) -> IntArray:
    """The stretches that begin a window.

    Args:
        before: (S,) the last earlier stretch in which somebody of this one had a token; −1: none.
    """
    begins = [0]
    while (again := before[begins[-1] + 1 :] >= begins[-1]).any():
        begins.append(begins[-1] + 1 + int(np.argmax(again)))
    return np.array(begins)


@dataclass(frozen=True)
class _Behaviour:
    """What tokens do.

    Attributes:
        token: (K,) ascending, the token that each word is of.
        word: (K,) each word of a token once.
        habits: (T, H) numbers; NaN where there is none.
    """

    token: IntArray
    word: IntArray
    habits: FloatArray

    def between(self, low: int, high: int) -> "_Behaviour":
        """Of the tokens from `low` to before `high`, numbered from 0."""
        start, stop = np.searchsorted(self.token, [low, high])
        return _Behaviour(
            self.token[start:stop] - low, self.word[start:stop], self.habits[low:high]
        )


def _behaviour(
    events: pl.DataFrame, token: IntArray, time: str, known: Sequence[str]
) -> _Behaviour:
    """What each token does, as words, and its habits as numbers."""
    columns = [events.select(name) for name in known]
    columns.append(events.select(pl.col(time).dt.weekday()))
    if events.schema[time] != pl.Date:
        columns.append(events.select(pl.col(time).dt.hour()))
    words = [codes(column, column.columns) for column in columns]
    size = 1 + sum(int(each.max(initial=0)) for each in words)
    held, offset = [], 0
    for word in words:
        held.append(distinct((token * size + word + offset)[word > 0]))
        offset += int(word.max(initial=0))
    every = np.sort(np.concatenate(held))
    return _Behaviour(every // size, every % size, _habits(events, token, known))


def _habits(events: pl.DataFrame, token: IntArray, known: Sequence[str]) -> FloatArray:
    """(T, H) logarithm of the number of events; mean and spread of amounts on a log scale."""
    dtypes = [(name, events.schema[name]) for name in known]
    amounts = [name for name, dtype in dtypes if dtype.is_float() or dtype.is_decimal()]
    columns = [
        events.select(_log_scale(name)).to_series().alias(f"amount {number}")
        for number, name in enumerate(amounts)
    ]
    figures = [pl.len().log().alias("events")]
    for each in columns:
        figures.append(pl.col(each.name).mean().alias(f"mean {each.name}"))
        figures.append(pl.col(each.name).std(ddof=0).alias(f"spread {each.name}"))
    table = pl.DataFrame([pl.Series("token", token), *columns]).group_by("token").agg(figures)
    habits = table.sort("token").drop("token").cast(pl.Float64).fill_null(float("nan"))
    return habits.to_numpy()


def _log_scale(name: str) -> pl.Expr:
    """Amounts by order of magnitude, the sign kept; null for what is no number."""
    value = pl.col(name).cast(pl.Float64)
    finite = pl.when(value.is_finite()).then(value)
    return finite.sign() * finite.abs().log1p()


class _Match(NamedTuple):
    """What came of one pair of windows: (Q,) people and how right the guess about each was."""

    person: IntArray
    hit: FloatArray
    candidates: int
    returning: float


def _match(tokens: _Tokens, behaviour: _Behaviour, window: int, rng: np.random.Generator) -> _Match:
    """Who comes again in the next window, and how right the guess about each is."""
    low, middle, high = (int(bound) for bound in tokens.bounds[window : window + 3])
    now, after = tokens.person[low:middle], tokens.person[middle:high]
    returning = np.flatnonzero(np.isin(now, after))
    asked = np.sort(rng.permutation(returning)[:MAX_TOKENS_ASKED])
    order = np.argsort(after)
    target = order[np.searchsorted(after, now[asked], sorter=order)] if len(asked) else asked
    pair = _Pair.of(behaviour.between(low, high), middle - low)
    hit = np.zeros(len(asked))
    for rows in chunks(np.arange(len(asked)), pair.costs(asked)):
        hit[rows] = _hits(pair.scores(asked[rows]), target[rows])
    return _Match(now[asked], hit, len(after), len(returning) / len(now))


def _hits(scores: FloatArray, target: IntArray) -> FloatArray:
    """(Q,) the chance that one of the highest scores, taken blindly, is the right one."""
    rounded = scores.round(SCORE_DECIMALS)
    best = rounded == rounded.max(axis=1, keepdims=True)
    right: BoolArray = best[np.arange(len(target)), target]
    share_of_best: FloatArray = right / best.sum(axis=1)
    return share_of_best


@dataclass(frozen=True)
class _Pair:
    """The tokens of two windows, ready to be compared: Q are asked for, C are candidates.

    Attributes:
        first: (Q + 1,) where the words of each token of the first window begin.
        weight: (K,) of each word of the first window, by token.
        start, stop: (K,) where the holders of each of these words begin and end.
        holder, value: tokens of the second window, by word, and the weight of the word.
        habits: (Q + C, H) standardised numbers.
    """

    first: IntArray
    weight: FloatArray
    start: IntArray
    stop: IntArray
    holder: IntArray
    value: FloatArray
    habits: FloatArray

    @classmethod
    def of(cls, both: _Behaviour, middle: int) -> "_Pair":
        """From the behaviour of the tokens of two windows; the second begins at `middle`."""
        weight = _weights(both)
        split = int(np.searchsorted(both.token, middle))
        order = np.argsort(both.word[split:], kind="stable") + split
        word = both.word[order]
        return cls(
            first=np.searchsorted(both.token[:split], np.arange(middle + 1)),
            weight=weight[:split],
            start=np.searchsorted(word, both.word[:split], "left"),
            stop=np.searchsorted(word, both.word[:split], "right"),
            holder=both.token[order] - middle,
            value=weight[order],
            habits=_standardised(both.habits),
        )

    @property
    def candidates(self) -> int:
        """C, how many tokens the second window has."""
        return len(self.habits) - len(self.first) + 1

    def costs(self, asked: IntArray) -> IntArray:
        """(Q,) how many numbers each row of the scores takes to compute."""
        postings = np.append(0, np.cumsum(self.stop - self.start))
        own = postings[self.first[asked + 1]] - postings[self.first[asked]]
        costs: IntArray = np.maximum(own, self.candidates)
        return costs

    def scores(self, asked: IntArray) -> FloatArray:
        """(Q, C) the similarity of tokens of the first window to all of the second."""
        near = np.exp(-self._distances(asked))
        return self._cosines(asked) + HABITS_WEIGHT * near

    def _cosines(self, asked: IntArray) -> FloatArray:
        """(Q, C) the cosine of the words of tokens of both windows."""
        row, own = ragged(self.first[asked], np.diff(self.first)[asked])
        which, place = ragged(self.start[own], (self.stop - self.start)[own])
        cell = row[which] * self.candidates + self.holder[place]
        product = self.weight[own][which] * self.value[place]
        shape = (len(asked), self.candidates)
        cosines: FloatArray = np.reshape(np.bincount(cell, product, shape[0] * shape[1]), shape)
        return cosines

    def _distances(self, asked: IntArray) -> FloatArray:
        """(Q, C) mean squared difference of the habits."""
        after = self.habits[len(self.first) - 1 :]
        mine = self.habits[asked]
        total: FloatArray = np.zeros((len(asked), len(after)))
        for habit in range(self.habits.shape[1]):
            total += np.square(mine[:, habit, None] - after[:, habit])
        distances: FloatArray = total / self.habits.shape[1]
        return distances


def _weights(both: _Behaviour) -> FloatArray:
    """(K,) the inverse document frequency of each word, tokens having length 1."""
    tokens = len(both.habits)
    held = np.bincount(both.word)[both.word]
    most = max(MAX_COMMON_WORD[0] * tokens, MAX_COMMON_WORD[1])
    weight = np.where(held <= most, np.log(tokens / held), 0.0)
    length = np.sqrt(np.bincount(both.token, weight**2, tokens))
    lengths = length[both.token]
    return np.divide(weight, lengths, out=np.zeros(len(weight)), where=lengths > 0)


def _standardised(habits: FloatArray) -> FloatArray:
    """Mean 0 and spread 1 in each column; what is not there is the mean."""
    there = np.isfinite(habits)
    count = np.maximum(1, there.sum(axis=0))
    filled = np.where(there, habits, 0.0)
    centred = np.where(there, habits - filled.sum(axis=0) / count, 0.0)
    spread = np.sqrt((centred**2).sum(axis=0) / count)
    result: FloatArray = centred / np.where(spread > 10.0**-SCORE_DECIMALS, spread, 1.0)
    return result


def _linkage(matches: list[_Match], windows: int) -> WindowLinkage:
    """The matches of all pairs of windows together."""
    pairs = [
        WindowPair(
            share=_rate(each.person, each.hit),
            chance=1 / each.candidates,
            tokens=len(each.hit),
            candidates=each.candidates,
            returning=each.returning,
        )
        for each in matches
    ]
    person = np.concatenate([np.empty(0, np.int64), *(each.person for each in matches)])
    hit = np.concatenate([np.empty(0), *(each.hit for each in matches)])
    expected = sum(pair.chance * pair.tokens for pair in pairs)
    chance = expected / len(hit) if len(hit) else float("nan")
    return WindowLinkage(_rate(person, hit), chance, windows, len(hit), pairs)


def _rate(person: IntArray, hit: FloatArray) -> Estimate:
    """The share of hits; people who are asked in several windows are one each in the interval.

    It is a ratio of totals over people.
    """
    if not len(hit):
        return share(0, 0)
    mean = min(1.0, float(hit.mean()))
    _, whose = np.unique(person, return_inverse=True)
    sizes = np.bincount(whose)
    return design_interval(mean, ratio_variance(np.bincount(whose, hit), sizes), len(sizes))
