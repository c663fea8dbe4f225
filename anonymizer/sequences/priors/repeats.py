"""Echoes: what an entity had before and may well have again, the same rent every month say.

A category that mostly stays as it was echoes the event before. A number may echo what the entity
had when a category was the same: what it paid last time for this article. Letters as in `network`.
"""

from typing import NamedTuple

import numpy as np

from anonymizer.sequences.histories.arrays import BoolArray, FloatArray, IntArray
from anonymizer.sequences.histories.protection import capped_lengths, protected_counts
from anonymizer.sequences.histories.roles import owners
from anonymizer.sequences.tokens.values import NULL

STAYS = 0.2  # of what it might beyond chance, from which a category echoes
REPEATS = 0.01  # of events, that do so beyond chance, from which a number does
ECHOES = 2  # events that one may echo
ANY = -1  # in place of a head: the event before, whatever it is


class Echo(NamedTuple):
    """Which earlier events a head echoes: the one before, and the latest that was alike.

    Attributes:
        key: head whose token was the same then; `ANY` where the event before is all.
        exactly: of a number, per token of the key how often it is the very same where it falls into
            the same bin again.
    """

    key: int
    exactly: tuple[float, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether of a number, which may come again after nulls; of a category a null may stay."""
        return len(self.exactly) > 0

    @property
    def keys(self) -> list[int]:
        """Of both events."""
        return [ANY] if self.key == ANY else [ANY, self.key]


def best_key(
    values: IntArray,
    there: BoolArray,
    tokens: IntArray,
    offsets: IntArray,
    keys: list[int],
    *,
    k: int,
) -> int | None:
    """The key under which the very same number comes again most; None if it hardly does.

    Where no category tells more than the event before does, that is all there is.

    Args:
        values: (N,) of the number.
        there: (N,) whether there is one.
        tokens: (N, J).
        offsets: (E + 1,) where each entity's events begin.
        keys: heads without order that are drawn before it.
        k: entities that must have it so; none counts for more than the k-th.
    """
    values = np.unique(values, return_inverse=True)[1]
    least = REPEATS * int(capped_lengths(np.diff(offsets), k).sum())
    last = earlier(group(tokens, ANY), offsets, there)
    gains: dict[int, float] = {}
    for key in keys:
        own = group(tokens, key)
        before = earlier(own, offsets, there)
        other = np.where(there & (before != last), before, -1)
        gains[key] = _gain(values, other, own, offsets, k)[0]
    best = max(gains, key=gains.__getitem__, default=ANY)
    if gains.get(best, 0.0) > least:
        return best
    last = np.where(there, last, -1)
    return ANY if _gain(values, last, group(tokens, ANY), offsets, k)[0] > least else None


def stays(tokens: IntArray, offsets: IntArray, head: int, k: int) -> bool:
    """Whether a category mostly stays as it was, by Cohen's kappa (1960); k as in `best_key`."""
    last = earlier(group(tokens, ANY), offsets)
    gain, possible = _gain(tokens[:, head], last, group(tokens, ANY), offsets, k)
    return gain > STAYS * possible


def _gain(
    own: IntArray, before: IntArray, alike: IntArray, offsets: IntArray, k: int
) -> tuple[float, float]:
    """How many events echo an earlier one, and how many might, both beyond chance.

    Args:
        own: (N,) what comes again.
        before: (N,) the earlier event, −1 where there is none.
        alike: (N,) what events have in common that may share it by chance.
        offsets: (E + 1,).
        k: entities.
    """
    has = before >= 0
    chance = np.zeros(len(own))
    chance[has] = _chance(own[has], alike[has])
    more = np.where(has, (own[before] == own) - chance, 0.0)
    each, possible = (
        np.bincount(owners(offsets), x, len(offsets) - 1) for x in (more, has - chance)
    )
    if np.count_nonzero(each > 0) < k:
        return 0.0, 0.0
    most = np.sort(each)[-k]
    at_most = np.minimum(possible, np.sort(possible)[-k])
    return float(np.clip(each, -most, most).sum()), float(at_most.sum())


def group(tokens: IntArray, key: int) -> IntArray:
    """(N, J) tokens → (N,) what echoes go by."""
    return np.zeros(len(tokens), np.int64) if key == ANY else tokens[:, key]


def earlier(own: IntArray, offsets: IntArray, there: BoolArray | None = None) -> IntArray:
    """(N,) the number of the event that each may echo; −1 where there is none.

    Args:
        own: (N,) what echoes go by, see `group`.
        offsets: (E + 1,).
        there: (N,) which events may be echoed; all by default.
    """
    code = owners(offsets) * (int(own.max(initial=0)) + 1) + own
    order, places = np.argsort(code, kind="stable"), np.arange(len(own))
    begins = np.flatnonzero(np.diff(code[order], prepend=-1))
    begin = np.repeat(begins, np.diff(begins, append=len(own)))
    seen = places if there is None else np.where(there[order], places, -1)
    last = np.concatenate([[-1], np.maximum.accumulate(seen)[:-1]])[: len(own)]
    found = np.full(len(own), -1)
    found[order] = np.where(last >= begin, order[last], -1)
    return found


def matches(tokens: IntArray, offsets: IntArray, head: int, key: int) -> IntArray:
    """(N,) as `earlier`, where the number of a head is in the bin where it was; −1 elsewhere."""
    before = earlier(group(tokens, key), offsets, tokens[:, head] != NULL)
    return np.where((before >= 0) & (tokens[before, head] == tokens[:, head]), before, -1)


def echoed(
    tokens: IntArray, offsets: IntArray, echoes: dict[int, Echo], nothing: IntArray
) -> IntArray:
    """(N, J, 2) the tokens that may come again; `nothing`, (J,), where there are none."""
    found = untold(nothing, len(tokens))
    for j, echo in echoes.items():
        for i, key in enumerate(echo.keys):
            there = tokens[:, j] != NULL if echo.is_number else None
            before = earlier(group(tokens, key), offsets, there)
            found[:, j, i] = np.where(before >= 0, tokens[before, j], nothing[j])
    return found


def untold(nothing: IntArray, events: int) -> IntArray:
    """(N, J, 2) where nothing may come again."""
    return np.tile(nothing[:, None], (events, 1, ECHOES))


def how_exactly(
    own: IntArray, values: IntArray, match: IntArray, owner: IntArray, *, size: int, k: int
) -> tuple[float, ...]:
    """See `Echo.exactly`; what fewer than k entities do counts as never.

    Args:
        own: (N,) what echoes go by, see `group`.
        values: (N,) of a number.
        match: (N,) the number of the earlier event of the same bin, −1 where there is none.
        owner: (N,) whose event each is.
        size: tokens of the key.
        k: entities.
    """
    here = match >= 0
    same = here & (values[match] == values)
    again, at_all = (protected_counts(own[x], owner[x], size, k) for x in (same, here))
    return tuple(np.round(again / np.maximum(at_all, 1), 2).tolist())


def repeated(
    tokens: IntArray,
    offsets: IntArray,
    echoes: dict[int, Echo],
    uniform: FloatArray,
    past: IntArray | None = None,
) -> tuple[FloatArray, dict[int, IntArray]]:
    """(N, J) numbers in [0, 1) that place values in their bins: the same where one comes again.

    And of each head (N,) the event in which its number first came.

    Args:
        tokens: (N, J).
        offsets: (E + 1,) where each entity's events begin.
        echoes: of the heads.
        uniform: (N, J) in [0, 1), of which the new ones are made.
        past: events that have happened: what comes again is as the latest of them was.
    """
    placed, origins = uniform.copy(), {}
    for j, echo in echoes.items():
        if not echo.exactly:
            continue
        match = matches(tokens, offsets, j, echo.key)
        rate = np.where(match >= 0, np.array(echo.exactly)[group(tokens, echo.key)], 0.0)
        if past is not None:
            rate[past] = 0
        again = uniform[:, j] < rate
        placed[:, j] = (uniform[:, j] - rate) / np.maximum(1 - rate, 1e-9)
        origins[j] = _origin(np.where(again, match, np.arange(len(match))))
        placed[:, j] = placed[origins[j], j]
    return placed, origins


def _origin(before: IntArray) -> IntArray:
    """(N,) event before → (N,) the first of the chain, where an event that begins one is its own.

    Each pass doubles the steps.
    """
    while not np.array_equal(further := before[before], before):
        before = further
    return before


def _chance(own: IntArray, group: IntArray) -> FloatArray:
    """(N,) how likely each is the same as another of its group, whoever had it."""
    size = int(own.max(initial=0)) + 1
    cells, counts = np.unique(group * size + own, return_counts=True)
    of_group = np.bincount(group)
    same = np.bincount(cells // size, counts.astype(np.float64) ** 2, len(of_group))
    found: FloatArray = (same / np.maximum(of_group, 1.0) ** 2)[group]
    return found
