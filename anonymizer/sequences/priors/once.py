"""What nobody has twice: a film is rated once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from anonymizer.arrays import BoolArray, IntArray
from anonymizer.sequences.histories.roles import pick
from anonymizer.sequences.priors.prior import (
    Before,
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
from anonymizer.sequences.tokens.heads import CLOSED, close
from anonymizer.sequences.tokens.values import RARE

TWICE = 0.01  # share of entities that have a value twice, below which nobody has

Had = dict[int, BoolArray]  # per head (B, V), which values a history has had


@dataclass(frozen=True)
class Once(Prior):
    """Heads of which hardly any entity has a value twice. Under differential privacy: none.

    It closes values in sampling alone: training sees none that comes twice, and need not be told.

    Attributes:
        sizes: (J,) tokens of all heads.
        heads: of those, without order.
        large: heads of large vocabularies; of them `Counts` asks what a history has had.
    """

    name = "once"
    unpaid: ClassVar[Any] = []

    sizes: list[int]
    heads: list[int]
    large: list[int]

    @classmethod
    def learn(cls, seen: Seen, making: Making) -> "Once":
        """Heads whose values k entities or more could have twice, and hardly any has."""
        tokens, owner, codec = seen.data.tokens, seen.data.owner, making.codec
        heads = [j for j in codec.categories if _never_twice(tokens[:, j], owner, seen.k)]
        return cls(codec.head_sizes, heads, making.large)

    @classmethod
    def pooled(cls, parts: Sequence[tuple["Once", Size]], making: Making) -> "Once":
        """Heads that are so at most sites, by their entities."""
        said = {
            j: majority([(j in each.heads, size.entities) for each, size in parts])
            for j in making.codec.categories
        }
        return cls(making.codec.head_sizes, [j for j, once in said.items() if once], making.large)

    def start(self, outline: Outline) -> Had:
        """Start with nothing that was had."""
        count, kept = len(outline.profile), {*self.heads, *self.large}
        return {j: np.zeros((count, self.sizes[j]), bool) for j in kept}

    def look(self, kept: Had, now: Now, states: dict[str, Any]) -> Had:
        """Say what the histories that go on have had."""
        return pick(kept, slice(len(now.day)))

    def update(self, kept: Had, event: Event, step: Step) -> None:
        """Mark what the event holds as had."""
        rows = np.arange(len(event.tokens))
        for j, had in kept.items():
            had[rows, event.tokens[:, j]] = True

    def vetoes(self, head: int) -> bool:
        """Where hardly anybody has a value twice."""
        return head in self.heads

    def veto(self, head: int, logits: Tensor, before: Before, tokens: Tensor) -> Tensor:
        """Close the values that a history has had, unless no other is left."""
        if head not in self.heads or not before.of(Once):
            return logits
        is_open = torch.from_numpy(~before.of(Once)[head])
        is_open[:, : RARE + 1] = True  # these are not one value
        left = (is_open & (logits > CLOSED / 2)).any(-1, keepdim=True)
        return close(logits, is_open | ~left)

    def to_dict(self) -> Any:
        """Write it as plain values that JSON can hold."""
        return self.heads

    @classmethod
    def from_dict(cls, data: Any, making: Making) -> "Once":
        """Read what `to_dict` wrote."""
        return cls(making.codec.head_sizes, [int(j) for j in data], making.large)

    def faults(self, codec: HistoryCodec, large: list[int]) -> Iterator[str]:
        """Check that they are categories, each named once."""
        if self.heads != sorted(set(self.heads) & set(codec.categories)):
            yield "once: a head is no category, or is named twice"


def _never_twice(tokens: IntArray, owner: IntArray, k: int) -> bool:
    """Whether hardly any of k entities with several events has one value of a category twice."""
    told = tokens > RARE
    size = int(tokens.max(initial=0)) + 1
    values, counts = np.unique(owner[told] * size + tokens[told], return_counts=True)
    twice = np.unique(values[counts > 1] // size)
    several = int(np.count_nonzero(np.bincount(owner[told]) > 1))
    few = len(twice) < k and several >= 20 * k
    return several >= k and (few or len(twice) < TWICE * several)
