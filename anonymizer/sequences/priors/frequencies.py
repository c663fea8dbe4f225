"""How often each token occurs: where every head and every part of a profile starts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from anonymizer.arrays import Array, FloatArray, IntArray, SmallFloatArray
from anonymizer.sequences.histories.protection import protected_counts
from anonymizer.sequences.priors.prior import Before, Event, Making, Prior, Seen, Size, Step
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.tokens.heads import FIELDS
from anonymizer.sequences.tokens.values import NULL, RARE, Categories, Numbers


@dataclass(frozen=True)
class Frequencies(Prior):
    """Log-frequencies of all tokens. Under differential privacy: of noisy counts.

    Attributes:
        codec: whose tokens they are.
        heads: per head (V,).
        profile: per part of a profile (V,).
    """

    name = "frequencies"

    codec: HistoryCodec
    heads: list[FloatArray]
    profile: list[FloatArray]

    @classmethod
    def learn(cls, seen: Seen, making: Making) -> "Frequencies":
        """Counted in rows for events and once per entity for profiles, each protected by k."""
        data, codec = seen.data, making.codec
        return cls(
            codec,
            _of(data.tokens, data.owner, codec.head_sizes, seen.k),
            _of(data.profile, np.arange(len(data.profile)), codec.profile.sizes, seen.k),
        )

    @classmethod
    def pooled(cls, parts: Sequence[tuple["Frequencies", Size]], making: Making) -> "Frequencies":
        """Counted at all sites, as each of them tells, and as often as was counted together."""
        counts = [np.sum(each, 0) for each in zip(*(size.counts for _, size in parts), strict=True)]
        for place, (codec, held) in making.untold.items():
            counts[place] = codec.with_more(counts[place], held)
        for place, every in making.counted.items():
            counts[place] = every
        return cls.private([log_frequencies(each) for each in counts], making)

    @classmethod
    def private(cls, frequencies: list[FloatArray], making: Making) -> "Frequencies":
        """Take the noisy log-frequencies as they are."""
        heads = len(making.codec.head_sizes)
        return cls(making.codec, frequencies[:heads], frequencies[heads:])

    @cached_property
    def tensors(self) -> list[Tensor]:
        """Per head (V,), as tensors of 32 bits."""
        return [torch.from_numpy(each).float() for each in self.heads]

    def logits(
        self, head: int, base: Tensor, before: Before, tokens: Tensor, day: Tensor
    ) -> Tensor:  # fmt: skip
        """Say how often each token occurs, (V,), whatever is known of the event."""
        return self.tensors[head]

    def said(self, head: int, base: Array, step: Step, event: Event) -> Array:
        """The same of a step."""
        return self.small[head]

    @cached_property
    def small(self) -> list[SmallFloatArray]:
        """`tensors` as arrays."""
        return [each.numpy() for each in self.tensors]

    @cached_property
    def forbidden(self) -> list[IntArray]:
        """Per head, tokens that must not be sampled."""
        own = self.codec.forbidden
        for j, column in enumerate(self.codec.fields.values(), FIELDS):
            own[j] = np.union1d(own[j], _absent(self.heads[j], column))
        return own

    @cached_property
    def forbidden_profile(self) -> list[IntArray]:
        """Per part of a profile, tokens that must not be sampled."""
        own = self.codec.profile.forbidden
        for p, column in enumerate(self.codec.profile.context.values()):
            own[p] = np.union1d(own[p], _absent(self.profile[p], column))
        return own

    def to_dict(self) -> Any:
        """Write it as plain values that JSON can hold."""
        return [each.tolist() for each in (*self.heads, *self.profile)]

    @classmethod
    def from_dict(cls, data: Any, making: Making) -> "Frequencies":
        """Read what `to_dict` wrote."""
        return cls.private([np.array(each, np.float64) for each in data], making)

    def faults(self, codec: HistoryCodec, large: list[int]) -> Iterator[str]:
        """Check that each token has a finite number."""
        sizes = [*codec.head_sizes, *codec.profile.sizes]
        every = [*self.heads, *self.profile]
        if [each.shape for each in every] != [(size,) for size in sizes]:
            yield "frequencies: they are not those of the tokens"
        if not all(bool(np.isfinite(each).all()) for each in every):
            yield "frequencies: one is not finite"


def log_frequencies(counts: FloatArray) -> FloatArray:
    """(V,) protected counts → (V,) log-frequencies, none of them quite zero."""
    logs: FloatArray = np.round(np.log((counts + 0.1) / (counts + 0.1).sum()), 3)
    return logs


def _of(tokens: IntArray, owner: IntArray, sizes: list[int], k: int) -> list[FloatArray]:
    """(N, any) tokens → the log-frequencies of each column."""
    counts = (protected_counts(tokens[:, j], owner, size, k) for j, size in enumerate(sizes))
    return [log_frequencies(each) for each in counts]


def _absent(frequencies: FloatArray, codec: Categories | Numbers) -> IntArray:
    """Null and rare, where fewer than k entities have them: a sample shall not hold them."""
    special = np.array([NULL, RARE] if isinstance(codec, Categories) else [NULL])
    seen = frequencies > frequencies.min() + 1e-9
    return special[~seen[special]] if seen.any() else np.empty(0, np.int64)
