"""Which values go together within one event: an article has its price."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from anonymizer.arrays import Array, FloatArray, IntArray
from anonymizer.sequences.histories.protection import protected_counts
from anonymizer.sequences.histories.roles import flat_index
from anonymizer.sequences.priors.frequencies import Frequencies
from anonymizer.sequences.priors.prior import (
    Before,
    Event,
    Making,
    Prior,
    Seen,
    Size,
    Step,
    majority,
)
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.tokens.heads import FIELDS
from anonymizer.sequences.tokens.plain import Plain

PRIOR = 0.5  # events of a value that everyone's frequencies count for
FOLLOWS = 0.5  # share of a head's entropy that a large one explains, from which it follows


@dataclass(frozen=True)
class Lift(Plain):
    """How much likelier each token of a head is after each token of a large one before it.

    Rows in the manner of compressed sparse matrices; U tokens before, V after, P pairs that are
    told of.

    Attributes:
        start: (U + 1,) where the pairs of each token before begin and end.
        token: (P,) the tokens after.
        lift: (P,) log P(after | before) / P(after), less what `rest` says.
        rest: (U,) the same for all tokens after of which no pair is told.
    """

    start: IntArray
    token: IntArray
    lift: FloatArray
    rest: FloatArray

    @classmethod
    def learn(
        cls, before: IntArray, after: IntArray, frequencies: tuple[FloatArray, FloatArray],
        owner: IntArray, k: int,
    ) -> "Lift":  # fmt: skip
        """Learn from pairs that at least k entities hold.

        Args:
            before: (N,) tokens of the large head.
            after: (N,) tokens of the other, of the same events.
            frequencies: (U,) and (V,) log-frequencies of the heads.
            owner: (N,) entity of each event.
            k: entities that must hold a pair before it may be told of.
        """
        sizes = len(frequencies[0]), len(frequencies[1])
        cells, index = np.unique(before * sizes[1] + after, return_inverse=True)
        counts = protected_counts(index, owner, len(cells), k)
        secret = counts[index] == 0  # events of pairs that are not told of
        untold = PRIOR + protected_counts(before[secret], owner[secret], sizes[0], k)  # (U,)
        return cls._of(cells[counts > 0], counts[counts > 0], untold, frequencies)

    @classmethod
    def pooled(
        cls,
        parts: Sequence[tuple["Lift", tuple[FloatArray, FloatArray], float]],
        frequencies: tuple[FloatArray, FloatArray],
    ) -> "Lift":
        """Counted at all sites.

        Args:
            parts: of each site its own, its log-frequencies of the heads, and how many events.
            frequencies: of all sites.
        """
        every: list[IntArray] = []
        seen: list[FloatArray] = []
        untold = np.full(len(frequencies[0]), PRIOR)
        for lift, known, events in parts:
            cells, counts, rest = lift._counts(known, events)  # noqa: SLF001 (its own)
            every.append(cells)
            seen.append(counts)
            untold += rest - PRIOR
        cells, index = np.unique(np.concatenate(every), return_inverse=True)
        counts = np.bincount(index, np.concatenate(seen), len(cells)).astype(np.float64)
        return cls._of(cells, counts, np.maximum(untold, PRIOR), frequencies)

    def _counts(
        self, frequencies: tuple[FloatArray, FloatArray], events: float
    ) -> tuple[IntArray, FloatArray, FloatArray]:
        """What it was made of: pairs that are told, how often each came, (U,) how often others."""
        row = np.repeat(np.arange(len(self.rest)), np.diff(self.start))
        total = PRIOR + events * np.exp(frequencies[0])
        untold = total * np.exp(self.rest)
        share = np.exp(frequencies[1][self.token] + self.rest[row])
        counts = total[row] * share * np.expm1(self.lift)
        return row * len(frequencies[1]) + self.token, np.maximum(counts, 1e-3), untold

    @classmethod
    def _of(
        cls,
        cells: IntArray,
        counts: FloatArray,
        untold: FloatArray,
        frequencies: tuple[FloatArray, FloatArray],
    ) -> "Lift":
        """Of pairs, how often each came, and (U,) how often those before came without one."""
        sizes = len(frequencies[0]), len(frequencies[1])
        row, token = cells // sizes[1], cells % sizes[1]
        total = untold + np.bincount(row, counts, sizes[0])
        # What is not told of is spread like everyone's.
        rest: FloatArray = np.log(untold / total)
        share = (counts + untold[row] * np.exp(frequencies[1][token])) / total[row]
        lift = np.log(share) - frequencies[1][token] - rest[row]
        start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=sizes[0]))])
        return cls(start, token, np.round(lift, 3), np.round(rest, 3))

    def explained(self, frequencies: tuple[FloatArray, FloatArray]) -> float:
        """Mutual information over the entropy of what comes after: 1 where it follows, 0 by chance.

        Args:
            frequencies: (U,) and (V,) log-frequencies of the heads.
        """
        row = np.repeat(np.arange(len(self.rest)), np.diff(self.start))
        gain = self.lift + self.rest[row]  # (P,)
        share = np.exp(frequencies[1][self.token] + gain)
        untold = np.clip(1 - np.bincount(row, share, len(self.rest)), 0, 1)
        weight = np.exp(frequencies[0])
        information = (weight[row] * share * gain).sum() + (weight * untold * self.rest).sum()
        entropy = -(np.exp(frequencies[1]) * frequencies[1]).sum()
        return float(information / max(entropy, 1e-9))

    def add(self, base: Tensor, before: Tensor) -> Tensor:
        """(M, V) or (V,) log-probabilities and (M,) tokens before → (M, V)."""
        start, token, lift, rest = self._tensors
        found = base + rest[before, None].to(base.dtype)  # (M, V)
        begin, count = start[before], start[before + 1] - start[before]
        row = torch.repeat_interleave(torch.arange(len(before)), count)
        inside = torch.arange(len(row)) - torch.repeat_interleave(count.cumsum(0) - count, count)
        pair = begin[row] + inside
        return found.index_put((row, token[pair]), lift[pair].to(base.dtype), accumulate=True)

    def added(self, base: Array, before: IntArray) -> Array:
        """The same of arrays."""
        found: Array = base + self.rest[before, None].astype(base.dtype)  # (M, V)
        begin, count = self.start[before], self.start[before + 1] - self.start[before]
        row, pair = np.repeat(np.arange(len(before)), count), flat_index(begin, count)
        found[row, self.token[pair]] += self.lift[pair].astype(base.dtype)
        return found

    @cached_property
    def _tensors(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        start, token = torch.from_numpy(self.start), torch.from_numpy(self.token)
        return start, token, torch.from_numpy(self.lift), torch.from_numpy(self.rest)

    def is_sound(self, before: int, after: int) -> bool:
        """Whether it can have been learned of heads with so many tokens."""
        count = len(self.token)
        return (
            self.start.shape == (before + 1,)
            and self.rest.shape == (before,)
            and self.token.shape == self.lift.shape == (count,)
            and self.start[0] == 0
            and self.start[-1] == count
            and bool((np.diff(self.start) >= 0).all())
            and bool((self.token >= 0).all() and (self.token < after).all())
            and bool(np.isfinite(self.lift).all() and np.isfinite(self.rest).all())
        )


@dataclass(frozen=True)
class Conditionals(Prior):
    """What a value of a large head says of later ones. Under differential privacy: nothing.

    Attributes:
        frequencies: of all heads.
        lifts: by head, the large one before it and how much likelier it makes each token.
    """

    name = "conditionals"
    unpaid: ClassVar[Any] = []

    frequencies: Frequencies
    lifts: dict[int, tuple[int, Lift]]

    @classmethod
    def learn(cls, seen: Seen, making: Making) -> "Conditionals":
        """Of the large heads before each head, the one that explains most of it."""
        found, known = cls(making.need(Frequencies), {}), making.need(Frequencies).heads
        tokens, owner = seen.data.tokens.T, seen.data.owner
        for j in range(FIELDS, len(known)):
            if j in making.large:
                continue
            each = {
                i: Lift.learn(tokens[i], tokens[j], (known[i], known[j]), owner, seen.k)
                for i in making.large
                if i < j
            }
            # One of them: what several articles' names say of a price is the same thing said twice.
            if each:
                explained = {i: lift.explained((known[i], known[j])) for i, lift in each.items()}
                best = max(explained, key=explained.__getitem__)
                found.lifts[j] = best, each[best]
        return found

    @classmethod
    def pooled(cls, parts: Sequence[tuple["Conditionals", Size]], making: Making) -> "Conditionals":
        """Of the large head that tells most at most sites, by their events."""
        found, known = cls(making.need(Frequencies), {}), making.need(Frequencies).heads
        for j in range(FIELDS, len(known)):
            said = [(each, size.events) for each, size in parts if j in each.lifts]
            if said:
                i = majority([(each.lifts[j][0], events) for each, events in said])
                lifts = [
                    (each.lifts[j][1], each._of_heads(i, j), events)  # noqa: SLF001 (its own)
                    for each, events in said
                    if each.lifts[j][0] == i
                ]
                found.lifts[j] = i, Lift.pooled(lifts, (known[i], known[j]))
        return found

    def _of_heads(self, i: int, j: int) -> tuple[FloatArray, FloatArray]:
        """Log-frequencies of two heads."""
        return self.frequencies.heads[i], self.frequencies.heads[j]

    def follows(self, head: int) -> bool:
        """Whether a head's value mostly follows from that of a large one."""
        if head not in self.lifts:
            return False
        (i, lift), known = self.lifts[head], self.frequencies.heads
        return lift.explained((known[i], known[head])) > FOLLOWS

    def logits(
        self, head: int, base: Tensor, before: Before, tokens: Tensor, day: Tensor
    ) -> Tensor:  # fmt: skip
        """What goes with the token of the large head, added to the priors before."""
        if head not in self.lifts:
            return base
        i, lift = self.lifts[head]
        return lift.add(base, tokens[:, i])

    def said(self, head: int, base: Array, step: Step, event: Event) -> Array:
        """The same of a step."""
        if head not in self.lifts:
            return base
        i, lift = self.lifts[head]
        return lift.added(base, event.tokens[:, i])

    def to_dict(self) -> Any:
        """Write it as plain values that JSON can hold."""
        return [[i, j, lift.to_dict()] for j, (i, lift) in self.lifts.items()]

    @classmethod
    def from_dict(cls, data: Any, making: Making) -> "Conditionals":
        """Read what `to_dict` wrote."""
        lifts = {int(j): (int(i), Lift.from_dict(each)) for i, j, each in data}
        return cls(making.need(Frequencies), lifts)

    def faults(self, codec: HistoryCodec, large: list[int]) -> Iterator[str]:
        """Heads come in order, and each lift is of their tokens."""
        sizes = codec.head_sizes
        for j, (i, lift) in self.lifts.items():
            small = i < j < len(sizes) and j not in large
            if not (i in large and small and lift.is_sound(sizes[i], sizes[j])):
                yield f"conditionals: those of heads {i} and {j} do not fit"
