"""Which values go together within one event: an article has its price."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from anonymizer.sequences.histories.arrays import FloatArray, IntArray
from anonymizer.sequences.histories.protection import protected_counts

PRIOR = 0.5  # events of a value that everyone's frequencies count for


@dataclass(frozen=True)
class Pairs:
    """How much likelier each token of a head is after each token of a wide one before it.

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
        cls, before: IntArray, after: IntArray, usual: tuple[FloatArray, FloatArray],
        owner: IntArray, k: int,
    ) -> "Pairs":  # fmt: skip
        """Pairs that at least k entities hold.

        Args:
            before: (N,) tokens of the wide head.
            after: (N,) tokens of the other, of the same events.
            usual: (U,) and (V,) log-frequencies of the heads.
            owner: (N,) entity of each event.
            k: entities that must hold a pair before it may be told of.
        """
        sizes = len(usual[0]), len(usual[1])
        cells, index = np.unique(before * sizes[1] + after, return_inverse=True)
        counts = protected_counts(index, owner, len(cells), k)
        secret = counts[index] == 0  # events of pairs that are not told of
        untold = PRIOR + protected_counts(before[secret], owner[secret], sizes[0], k)  # (U,)
        cells, counts = cells[counts > 0], counts[counts > 0]
        row, token = cells // sizes[1], cells % sizes[1]
        total = untold + np.bincount(row, counts, sizes[0])
        # What is not told of is spread like everyone's.
        rest: FloatArray = np.log(untold / total)
        share = (counts + untold[row] * np.exp(usual[1][token])) / total[row]
        lift = np.log(share) - usual[1][token] - rest[row]
        start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=sizes[0]))])
        return cls(start, token, np.round(lift, 3), np.round(rest, 3))

    def explained(self, usual: tuple[FloatArray, FloatArray]) -> float:
        """Mutual information over the entropy of what comes after: 1 where it follows, 0 by chance.

        Args:
            usual: (U,) and (V,) log-frequencies of the heads.
        """
        row = np.repeat(np.arange(len(self.rest)), np.diff(self.start))
        gain = self.lift + self.rest[row]  # (P,)
        share = np.exp(usual[1][self.token] + gain)
        untold = np.clip(1 - np.bincount(row, share, len(self.rest)), 0, 1)
        weight = np.exp(usual[0])
        information = (weight[row] * share * gain).sum() + (weight * untold * self.rest).sum()
        entropy = -(np.exp(usual[1]) * usual[1]).sum()
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

    @cached_property
    def _tensors(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        start, token = torch.from_numpy(self.start), torch.from_numpy(self.token)
        return start, token, torch.from_numpy(self.lift), torch.from_numpy(self.rest)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {name: each.tolist() for name, each in vars(self).items() if name in _ARRAYS}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Pairs":
        """From JSON."""
        start, token = (np.array(data[name], np.int64) for name in _ARRAYS[:2])
        lift, rest = (np.array(data[name], np.float64) for name in _ARRAYS[2:])
        return cls(start, token, lift, rest)


_ARRAYS = ("start", "token", "lift", "rest")
