"""Repeats: what an entity had before and may well have again, the same rent every month say.

A category that mostly stays as it was repeats the event before. A number may repeat what the entity
had when a category was the same: what it paid last time for this article.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.sequences.histories.protection import capped_lengths, protected_counts
from anonymizer.sequences.histories.roles import owners, pick
from anonymizer.sequences.priors.prior import (
    Event,
    Making,
    Outline,
    Prior,
    Seen,
    Size,
    Step,
    majority,
)
from anonymizer.sequences.tokens.ahead import Now
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.tokens.encoded import Encoded, Moment, Stretch
from anonymizer.sequences.tokens.heads import FIELDS
from anonymizer.sequences.tokens.values import NULL, Numbers

STAYS = 0.2  # of what it might beyond chance, from which a category repeats the event before
REPEATS = 0.01  # of events, that do so beyond chance, from which a number does
CANDIDATES = 2  # events that one may repeat
ANY = -1  # in place of a head: the event before, whatever it is


class Repeat(NamedTuple):
    """Which earlier events a head repeats: the one before, and the latest that was alike.

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
        """The keys of both events: any, and the head whose token was the same."""
        return [ANY] if self.key == ANY else [ANY, self.key]


class Candidates(NamedTuple):
    """Tokens that may come again at (...) events that are given.

    Attributes:
        tokens: (..., J, 2); `V` of a head where there are none.
    """

    tokens: Tensor

    def of(self, head: int, tokens: Tensor) -> Tensor:
        """Look up the (..., 2) tokens of a head."""
        return self.tokens[..., head, :]


class Latest(NamedTuple):
    """Tokens that may come again in the next event of B histories, whatever that will be.

    Attributes:
        tables: per head and key (B, V), by the token of the key.
        heads: which they are.
        nothing: (J,) tokens that stand for none.
    """

    tables: dict[int, list[IntArray]]
    heads: dict[int, Repeat]
    nothing: IntArray

    def places(self, head: int, tokens: IntArray) -> Iterator[tuple[IntArray, tuple[Any, Any]]]:
        """Of each key of a head its table, and where (B, J) tokens of an event stand in it."""
        for key, table in zip(self.heads[head].keys, self.tables[head], strict=True):
            yield table, (np.arange(len(tokens)), group(tokens, key))

    def of(self, head: int, tokens: Tensor) -> Tensor:
        """(B, 2) of a head, by (B, J) tokens of those before it."""
        return torch.from_numpy(self.next(head, tokens.numpy()))

    def next(self, head: int, tokens: IntArray) -> IntArray:
        """The same as an array."""
        found = np.full((len(tokens), CANDIDATES), self.nothing[head])
        if head in self.heads:
            for i, (table, at) in enumerate(self.places(head, tokens)):
                found[:, i] = table[at]
        return found


@dataclass(frozen=True)
class Repeats(Prior):
    """What each head repeats. Under differential privacy: every category may repeat the last.

    It has no logits of its own: the network weighs the tokens that may come again, and `Counts`
    says how many of them are still to come.

    Attributes:
        nothing: (J,) tokens that stand for none.
        heads: those that repeat.
    """

    name = "repeats"

    nothing: IntArray
    heads: dict[int, Repeat]

    @classmethod
    def learn(cls, seen: Seen, making: Making) -> "Repeats":
        """Find what each field repeats, if it does."""
        codec, tokens, offsets = making.codec, seen.data.tokens, seen.data.offsets
        found: dict[int, Repeat] = {}
        for j, (name, column) in enumerate(codec.fields.items(), FIELDS):
            if j in making.large:
                continue
            if not isinstance(column, Numbers):
                if stays(tokens, offsets, j, seen.k):
                    found[j] = Repeat(ANY)
                continue
            keys = [i for i in codec.categories if i < j]
            values, several = column.fine(seen.histories.frame[name])
            there = tokens[:, j] != NULL
            key = best_key(values, there, tokens, offsets, keys, k=seen.k)
            if key is not None:
                match = np.where(several, matches(tokens, offsets, j, key), -1)
                size = 1 if key == ANY else codec.head_sizes[key]
                own = group(tokens, key)
                exactly = how_exactly(own, values, match, seen.data.owner, size=size, k=seen.k)
                found[j] = Repeat(key, exactly)
        return cls(codec.nothing, found)

    @classmethod
    def pooled(cls, parts: Sequence[tuple["Repeats", Size]], making: Making) -> "Repeats":
        """What repeats at most sites, by their events, and by the key that most go by."""
        found: dict[int, Repeat] = {}
        for j in range(FIELDS, len(making.codec.head_sizes)):
            said = [(each.heads.get(j), size.events) for each, size in parts]
            if majority([(own is not None, events) for own, events in said]):
                repeats = [(own, events) for own, events in said if own is not None]
                key = majority([(own.key, events) for own, events in repeats])
                alike = [(own.exactly, events) for own, events in repeats if own.key == key]
                rates, weights = zip(*alike, strict=True)
                exactly = np.round(np.average(rates, 0, weights), 2)
                found[j] = Repeat(key, tuple(exactly.tolist()))
        return cls(making.codec.nothing, found)

    @classmethod
    def private(cls, frequencies: list[FloatArray], making: Making) -> "Repeats":
        """Let every category repeat; that follows from the types."""
        return cls(making.codec.nothing, {j: Repeat(ANY) for j in making.codec.categories})

    def read(self, data: Encoded, states: dict[str, IntArray]) -> IntArray:
        """Look up the (N, J, 2) tokens that may come again."""
        return repeated_tokens(data.tokens, data.offsets, self.heads, self.nothing)

    def scan(
        self, carried: None, data: Encoded, stretch: Stretch, states: dict[str, Any]
    ) -> tuple[Candidates, None]:  # fmt: skip
        """Look up the tokens that may come again in a window, where the profile is known."""
        found = torch.from_numpy(data.read[self.name][stretch.event])
        none = self.blank(stretch.moment, states).tokens
        return Candidates(torch.where(stretch.moment.known[..., None, None], found, none)), None

    def start(self, outline: Outline) -> Latest:
        """Start with nothing to repeat."""
        count, sizes = len(outline.profile), self.nothing
        tables = {
            j: [np.full((count, 1 if key == ANY else sizes[key]), sizes[j]) for key in own.keys]
            for j, own in self.heads.items()
        }
        return Latest(tables, self.heads, self.nothing)

    def look(self, kept: Latest, now: Now, states: dict[str, Any]) -> Latest:
        """Say what may come again in the histories that go on."""
        return kept._replace(tables=pick(kept.tables, slice(len(now.day))))

    def update(self, kept: Latest, event: Event, step: Step) -> None:
        """From now on the event's tokens may come again; a number stays where there is none."""
        for j, repeat in self.heads.items():
            own = event.tokens[:, j]
            for table, at in kept.places(j, event.tokens):
                stays_so = repeat.is_number & (own == NULL)
                table[at] = np.where(stays_so, table[at], own)

    def blank(self, moment: Moment, states: dict[str, Any]) -> Candidates:
        """Nothing: there the LSTM alone must say what changes.

        A bonus for staying would make every change of habit so strange that scoring does not
        believe it, and the new habit after it neither.
        """
        shape = (*moment.day.shape, len(self.nothing), CANDIDATES)
        return Candidates(torch.from_numpy(self.nothing)[:, None].expand(shape))

    def to_dict(self) -> Any:
        """Write it as plain values that JSON can hold."""
        return [[j, own.key, list(own.exactly)] for j, own in self.heads.items()]

    @classmethod
    def from_dict(cls, data: Any, making: Making) -> "Repeats":
        """Read what `to_dict` wrote."""
        heads = {
            int(j): Repeat(int(key), tuple(float(rate) for rate in exactly))
            for j, key, exactly in data
        }
        return cls(making.codec.nothing, heads)

    def faults(self, codec: HistoryCodec, large: list[int]) -> Iterator[str]:
        """Check that they are fields, with keys before them and a rate for every token of a key."""
        if not set(self.heads) <= set(range(FIELDS, len(self.nothing))) - set(large):
            yield "repeats: a head is no field, or is large"
        for j, own in self.heads.items():
            is_number = j not in codec.categories
            known = own.key == ANY or (is_number and own.key < j and own.key in codec.categories)
            if not known:
                yield f"repeats: head {j} has no such key"
            rates = 0 if not is_number else 1 if own.key == ANY else self.nothing[own.key]
            if len(own.exactly) != rates or not all(0 <= rate <= 1 for rate in own.exactly):
                yield f"repeats: the rates of head {j} do not fit"


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
    """How many events repeat an earlier one, and how many might, both beyond chance.

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
    """Take from (N, J) tokens the (N,) that repeats go by."""
    return np.zeros(len(tokens), np.int64) if key == ANY else tokens[:, key]


def earlier(own: IntArray, offsets: IntArray, there: BoolArray | None = None) -> IntArray:
    """(N,) the number of the event that each may repeat; −1 where there is none.

    Args:
        own: (N,) what repeats go by, see `group`.
        offsets: (E + 1,).
        there: (N,) which events may be repeated; all by default.
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


def repeated_tokens(
    tokens: IntArray, offsets: IntArray, heads: dict[int, Repeat], nothing: IntArray
) -> IntArray:
    """(N, J, 2) the tokens that may come again; `nothing`, (J,), where there are none."""
    found = np.tile(nothing[:, None], (len(tokens), 1, CANDIDATES))
    for j, repeat in heads.items():
        for i, key in enumerate(repeat.keys):
            there = tokens[:, j] != NULL if repeat.is_number else None
            before = earlier(group(tokens, key), offsets, there)
            found[:, j, i] = np.where(before >= 0, tokens[before, j], nothing[j])
    return found


def how_exactly(
    own: IntArray, values: IntArray, match: IntArray, owner: IntArray, *, size: int, k: int
) -> tuple[float, ...]:
    """See `Repeat.exactly`; what fewer than k entities do counts as never.

    Args:
        own: (N,) what repeats go by, see `group`.
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


def repeated_places(
    tokens: IntArray,
    offsets: IntArray,
    heads: dict[int, Repeat],
    uniform: FloatArray,
    past: IntArray | None = None,
) -> tuple[FloatArray, dict[int, IntArray]]:
    """(N, J) numbers in [0, 1) that place values in their bins: the same where one comes again.

    And of each head (N,) the event in which its number first came.

    Args:
        tokens: (N, J).
        offsets: (E + 1,) where each entity's events begin.
        heads: those that repeat.
        uniform: (N, J) in [0, 1), of which the new ones are made.
        past: events that have happened: what comes again is as the latest of them was.
    """
    placed, origins = uniform.copy(), {}
    for j, repeat in heads.items():
        if not repeat.exactly:
            continue
        match = matches(tokens, offsets, j, repeat.key)
        rate = np.where(match >= 0, np.array(repeat.exactly)[group(tokens, repeat.key)], 0.0)
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
