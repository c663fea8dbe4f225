"""What never comes together in one event: who is still in hospital has no day of discharge."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from anonymizer.arrays import BoolArray, FloatArray, IntArray, distinct
from anonymizer.sequences.histories.roles import owners
from anonymizer.sequences.priors.frequencies import Frequencies
from anonymizer.sequences.priors.prior import Before, Making, Outline, Prior, Seen, Size
from anonymizer.sequences.tokens.ahead import Now
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.tokens.heads import CLOSED, FIELDS, close
from anonymizer.sequences.tokens.values import NULL, Categories, Numbers

CATEGORY = 500  # tokens of one whose every token is a state
COMMON = 40  # values with a token of their own, of a number of which each is a state
EXPECTED = 20  # entities to be expected by chance, from which on fewer than k are a rule
TIMES = 6  # k likewise
SIGNS = 5  # states of a number: null, below zero, zero, above, a bin of both


@dataclass(frozen=True)
class Apart(Prior):
    """States of two columns that never come together. Under differential privacy: none.

    Columns are numbered as they are drawn: context, then fields. The states of a category are its
    tokens; of a number its common values, if they are few, and the signs of all others; of large
    vocabularies null and any value.

    States are apart by how many entities have both in one event: fewer than k, where chance gave
    them to many more. That nobody has them and that fewer than k have looks the same; that k have
    is told, as of single values. A state that fewer than k entities hold is apart from nothing.

    It closes tokens in sampling alone: training sees hardly any, and need not be told.

    Attributes:
        frequencies: of all tokens.
        context: how many columns are context.
        states: of each column (V,) the state of each token.
        cells: by two columns (C,) which of the (S, S) pairs of their states are apart.
    """

    name = "apart"
    unpaid: ClassVar[Any] = []

    frequencies: Frequencies
    context: int
    states: list[IntArray]
    cells: dict[tuple[int, int], IntArray]

    @classmethod
    def learn(cls, seen: Seen, making: Making) -> "Apart":
        """Of each two columns, what hardly anybody has and many had by chance."""
        found, data = cls.from_dict([], making), seen.data
        events = _Events.of(data.offsets)
        tokens = [*data.profile[events.owner, : found.context].T, *data.tokens[:, FIELDS:].T]
        columns = [
            _Column.of(own[token], _count(own), events)
            for own, token in zip(found.states, tokens, strict=True)
        ]
        for j, later in enumerate(columns):
            for i, earlier in enumerate(columns[:j]):
                cells = np.flatnonzero(_apart(earlier, later, events, seen.k))
                if len(cells):
                    found.cells[i, j] = cells
        return found

    @classmethod
    def pooled(cls, parts: Sequence[tuple["Apart", Size]], making: Making) -> "Apart":
        """What is apart at most of the sites that hold both states, by their entities."""
        found = cls.from_dict([], making)
        for i, j in sorted({pair for each, _ in parts for pair in each.cells}):
            shape = _count(found.states[i]), _count(found.states[j])
            votes = np.zeros(shape)
            for each, size in parts:
                against = np.outer(each._held(i), each._held(j)).ravel()  # noqa: SLF001 (its own)
                against[each.cells.get((i, j), [])] = -1
                votes -= size.entities * against.reshape(shape)
            cells = np.flatnonzero(votes > 0)
            if len(cells):
                found.cells[i, j] = cells
        return found

    def _held(self, column: int) -> FloatArray:
        """(S,) 1 for each state of a column that enough entities hold, 0 for others."""
        known = [*self.frequencies.profile[: self.context], *self.frequencies.heads[FIELDS:]]
        logs, states = known[column], self.states[column]
        held = np.zeros(_count(states))
        held[states[logs > logs.min() + 1e-9]] = 1
        return held

    @cached_property
    def _closing(self) -> "dict[int, _Closing]":
        """By column what closes its tokens."""
        before: dict[int, list[int]] = {}
        for i, j in self.cells:
            before.setdefault(j, []).append(i)
        return {j: self._closed(columns, j) for j, columns in before.items()}

    def _closed(self, columns: list[int], j: int) -> "_Closing":
        later = self.states[j]
        tables, rows = [np.zeros((1, len(later)), bool)], []
        for i in columns:
            apart = np.zeros((_count(self.states[i]), _count(later)), bool)
            apart.flat[self.cells[i, j]] = True
            some, start = apart.any(1), sum(map(len, tables)) - 1
            row = np.where(some, start + np.cumsum(some), 0)
            rows.append(torch.from_numpy(row[self.states[i]]))
            tables.append(apart[some][:, later])
        return _Closing(columns, rows, torch.from_numpy(np.concatenate(tables)).float() * CLOSED)

    def start(self, outline: Outline) -> Tensor:
        """(B, C) tokens of the context, which stay."""
        return torch.from_numpy(outline.profile[:, : self.context])

    def look(self, kept: Tensor, now: Now, states: dict[str, Any]) -> Tensor:
        """Those of the histories that go on."""
        return kept[: len(now.day)]

    def vetoes(self, head: int) -> bool:
        """Where a column closes something of this one."""
        return head >= FIELDS and head - FIELDS + self.context in self._closing

    def veto(self, head: int, logits: Tensor, before: Before, tokens: Tensor) -> Tensor:
        """Close what never comes with the context and with earlier heads; counts give way to it."""
        column, profile = head - FIELDS + self.context, before.of(Apart)
        if not self.vetoes(head):
            return logits
        known = dict(enumerate(tokens.unbind(1)[FIELDS:], self.context))
        if profile is not None:
            known |= dict(enumerate(profile.unbind(1)))
        shut = self._closing[column].of(known)
        found = logits + shut
        none = found.amax(-1) <= CLOSED / 2
        if none.any():
            found[none] = self._else(head, logits[none], shut.expand_as(found)[none])
        return found

    def _else(self, head: int, logits: Tensor, shut: Tensor) -> Tensor:
        """(M, V) logits where all that counts leave open is shut: of what is not shut."""
        # What counts have closed still differs by what the network says.
        wish = logits - CLOSED + self.frequencies.tensors[head]
        barred = shut < 0
        barred[:, torch.from_numpy(self.frequencies.forbidden[head])] = True
        return torch.where(barred.all(-1, keepdim=True), logits, close(wish, ~barred))

    def veto_profile(self, part: int, logits: Tensor, tokens: list[IntArray]) -> Tensor:
        """(B, V) logits of a part of the profile, by (B,) tokens of each part before it."""
        if part >= self.context or part not in self._closing:
            return logits
        found = logits + self._closing[part].of(dict(enumerate(map(torch.from_numpy, tokens))))
        able = found.clone()
        able[:, torch.from_numpy(self.frequencies.forbidden_profile[part])] = CLOSED
        return torch.where(able.amax(-1, keepdim=True) > CLOSED / 2, found, logits)

    def to_dict(self) -> Any:
        """Write it as plain values that JSON can hold."""
        return [[i, j, cells.tolist()] for (i, j), cells in self.cells.items()]

    @classmethod
    def from_dict(cls, data: Any, making: Making) -> "Apart":
        """Read what `to_dict` wrote."""
        context, fields = making.codec.profile.context, making.codec.fields
        states = [_states(each) for each in (*context.values(), *fields.values())]
        cells = {(int(i), int(j)): np.array(each, np.int64) for i, j, each in data}
        return cls(making.need(Frequencies), len(context), states, cells)

    def faults(self, codec: HistoryCodec, large: list[int]) -> Iterator[str]:
        """Check that they are pairs of states of two columns, in order."""
        for (i, j), cells in self.cells.items():
            size = 0
            if 0 <= i < j < len(self.states):
                size = _count(self.states[i]) * _count(self.states[j])
            inside = bool(((cells >= 0) & (cells < size)).all())
            if not inside or not len(cells) or not (np.diff(cells) > 0).all():
                yield f"apart: those of columns {i} and {j} do not fit"


class _Closing(NamedTuple):
    """What is closed in a column of V tokens.

    Attributes:
        columns: that close something.
        rows: of each of them (V,) the row of its tokens.
        closed: (R, V) `CLOSED` or 0; the first row closes nothing.
    """

    columns: list[int]
    rows: list[Tensor]
    closed: Tensor

    def of(self, known: dict[int, Tensor]) -> Tensor:
        """(B,) tokens of the columns that are known → (B, V) or (1, V) to add to logits."""
        pairs = zip(self.columns, self.rows, strict=True)
        index = [row[known[i]] for i, row in pairs if i in known]
        if not index:
            return self.closed[:1]
        return functional.embedding_bag(torch.stack(index, 1), self.closed, mode="sum")


class _Events(NamedTuple):
    """Whose N events are.

    Attributes:
        owner, weight: (N,) the entity of each, and its share of the events of that entity.
        some: (3, E) the first, the last and one between of each entity.
    """

    owner: IntArray
    weight: FloatArray
    some: IntArray

    @classmethod
    def of(cls, offsets: IntArray) -> "_Events":
        """Those of E entities, by where the events of each begin."""
        first, last, owner = offsets[:-1], offsets[1:] - 1, owners(offsets)
        some = np.stack([first, last, (first + last) // 2])
        return cls(owner, 1 / np.diff(offsets)[owner], some)

    @property
    def entities(self) -> int:
        """E."""
        return int(self.some.shape[1])


class _Column(NamedTuple):
    """A column of N events, by its S states.

    Attributes:
        state: (N,).
        held: (S,) entities that hold each.
        share: (S,) of the events, each entity weighing the same.
    """

    state: IntArray
    held: IntArray
    share: FloatArray

    @classmethod
    def of(cls, state: IntArray, size: int, events: _Events) -> "_Column":
        """Count."""
        share = np.bincount(state, events.weight, size) / events.entities
        return cls(state, _holders(state, events.owner, size), share)


def _apart(a: _Column, b: _Column, events: _Events, k: int) -> BoolArray:
    """(S * S,) which states of two columns are apart.

    Of the pairs that fewer than k entities have, those that k do not have either all together, and
    many by chance: each pair by itself, all of one state, all of the other, all there are. By
    chance, who holds the one state has the other once, as often as it comes.
    """
    one, other = np.outer(a.held, b.share), np.outer(a.share, b.held)
    few, pair, owner = _few(a, b, events, k)
    every, width = np.arange(len(few)), len(b.held)
    ways = (
        (every, np.maximum(one, other)),
        (every // width, one),
        (every % width, other),
        (0 * every, np.outer(a.share, b.share) * events.entities),
    )
    null, apart = (every < width) | (every % width == NULL), np.zeros(len(few), bool)
    for part in (few & null, few & ~null):
        here, found = part[pair], np.zeros(len(few), bool)
        for group, chance in ways:
            expected = np.bincount(group, chance.ravel() * part)
            rule = expected >= max(EXPECTED, TIMES * k)
            if rule.any():
                rule &= _holders(group[pair[here]], owner[here], len(expected)) < k
                found |= part & rule[group]
        # A few here and a few there are many: such columns have no rule.
        if found.any() and len(distinct(owner[found[pair]])) < k:
            apart |= found
    return apart


def _few(a: _Column, b: _Column, events: _Events, k: int) -> tuple[BoolArray, IntArray, IntArray]:
    """(S * S,) which pairs of states fewer than k entities have; which, and who those are."""
    told = np.outer(a.held >= k, b.held >= k).ravel()
    pair = a.state * len(b.held) + b.state
    for some in events.some:  # most pairs are settled by these: none is of the same entity
        told &= np.bincount(pair[some], minlength=len(told)) < k
    where = np.flatnonzero(told[pair])
    entities = events.entities
    found = distinct(pair[where] * entities + events.owner[where])
    pair, owner = np.divmod(found, entities)
    few = told & (np.bincount(pair, minlength=len(told)) < k)
    return few, pair[few[pair]], owner[few[pair]]


def _holders(group: IntArray, owner: IntArray, size: int) -> IntArray:
    """(size,) how many entities each group of (N,) events has."""
    entities = int(owner.max(initial=0)) + 1
    held: IntArray = np.bincount(distinct(group * entities + owner) // entities, minlength=size)
    return held


def _states(codec: Categories | Numbers) -> IntArray:
    """(V,) the state of each token; 0 is null."""
    tokens = np.arange(codec.size)
    if isinstance(codec, Categories):
        return tokens if codec.size <= CATEGORY else np.minimum(tokens, 1)
    low, high = np.sign(codec.grid.low), np.sign(codec.grid.high)
    signs = np.where(tokens == NULL, NULL, np.where(low == high, 2 + low, SIGNS - 1))
    common = len(codec.grid.atoms)
    own = (tokens > 0) & (tokens <= common) & (common <= COMMON)
    return np.where(own, SIGNS - 1 + tokens, signs)


def _count(states: IntArray) -> int:
    """How many states there are, by those of all tokens."""
    return int(states.max()) + 1
