"""All priors of a model, in the order in which they speak."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from anonymizer.arrays import Array, BoolArray, FloatArray, IntArray
from anonymizer.sequences.histories.roles import Histories
from anonymizer.sequences.priors.apart import Apart
from anonymizer.sequences.priors.arrivals import Arrivals
from anonymizer.sequences.priors.conditionals import Conditionals
from anonymizer.sequences.priors.counts import Counts
from anonymizer.sequences.priors.features import Features
from anonymizer.sequences.priors.frequencies import Frequencies
from anonymizer.sequences.priors.once import Once
from anonymizer.sequences.priors.prior import (
    AnyPrior,
    Before,
    Event,
    Making,
    Outline,
    Prior,
    Seen,
    Size,
    Step,
)
from anonymizer.sequences.priors.repeats import Repeats
from anonymizer.sequences.tokens.ahead import Now
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.tokens.encoded import Encoded, Moment, Stretch
from anonymizer.sequences.tokens.heads import is_large
from anonymizer.sequences.tokens.values import Categories, Numbers

# What a prior reads of those before it is there already; what it keeps is brought up to date first.
KINDS: tuple[type[Prior], ...] = (
    Features, Frequencies, Repeats, Apart, Once, Counts, Conditionals, Arrivals,
)  # fmt: skip

States = dict[str, Any]  # by the name of a prior


@dataclass(frozen=True)
class Priors:
    """What counting knows, and of which columns.

    Attributes:
        codec: histories to tokens and back.
        large: heads of many tokens without order.
        each: the priors, as `KINDS` has them.
    """

    codec: HistoryCodec
    large: list[int]
    each: tuple[Prior, ...]

    @classmethod
    def learn(cls, codec: HistoryCodec, seen: Seen) -> "Priors":
        """Learn from histories; nothing that fewer than k entities hold enters them."""
        large = [j for j, order in enumerate(codec.orders) if is_large(order)]
        return cls._of(Making(codec, large, lambda kind, making: kind.learn(seen, making)))

    @classmethod
    def pooled(
        cls,
        codec: HistoryCodec,
        parts: "Sequence[tuple[Priors, Size]]",
        untold: Mapping[int, tuple[Categories | Numbers, FloatArray]],
        counted: Mapping[int, FloatArray],
    ) -> "Priors":
        """One for several sites, which have learned each of their own, of the same codec.

        Args:
            codec: of all sites.
            parts: of each site, and how much it has.
            untold: see `Making`.
            counted: likewise.
        """

        def make(kind: type[Prior], making: Making) -> Prior:
            return kind.pooled([(each.of(kind), size) for each, size in parts], making)

        return cls._of(Making(codec, parts[0][0].large, make, untold, counted))

    @classmethod
    def private(cls, codec: HistoryCodec, frequencies: list[FloatArray]) -> "Priors":
        """Of noisy log-frequencies alone; no head is large, as those train on several entities."""
        return cls._of(Making(codec, [], lambda kind, making: kind.private(frequencies, making)))

    @classmethod
    def from_dict(cls, data: dict[str, Any], codec: HistoryCodec) -> "Priors":
        """Read what `to_dict` wrote; each is checked before another looks at it.

        Raises:
            ValueError: a prior cannot have been learned of this codec's tokens.
        """
        large = [int(j) for j in data["large"]]
        if large != sorted(set(large) & set(codec.categories)):
            raise ValueError("a head of a large vocabulary is no category, or is named twice")

        def make(kind: type[Prior], making: Making) -> Prior:
            found = kind.from_dict(data[kind.name], making)
            for fault in found.faults(codec, large):
                raise ValueError(fault)
            return found

        return cls._of(Making(codec, large, make))

    @classmethod
    def _of(cls, making: Making) -> "Priors":
        return cls(making.codec, making.large, tuple(making.need(kind) for kind in KINDS))

    def to_dict(self) -> dict[str, Any]:
        """Write it as plain values that JSON can hold."""
        return {"large": self.large, **{each.name: each.to_dict() for each in self.each}}

    def of(self, kind: type[AnyPrior]) -> AnyPrior:
        """Find the prior of a kind."""
        return next(each for each in self.each if isinstance(each, kind))

    @cached_property
    def features(self) -> int:
        """C, how many numbers are told of an event."""
        return sum(each.features for each in self.each)

    def encode(self, histories: Histories) -> Encoded:
        """Histories → arrays, with what the priors need to know of their events."""
        return self.read(self.codec.encode(histories))

    def read(self, data: Encoded) -> Encoded:
        """The same with what the priors need to know of its events."""
        read: dict[str, IntArray] = {}
        for each in self.each:
            found = each.read(data, read)
            if found is not None:
                read[each.name] = found
        counts = self.of(Counts)
        return replace(data, counts=counts.count(read[counts.name], data.offsets), read=read)

    # What is told of events.

    def tell(self, before: Before) -> Tensor:
        """Put together the features of events, (..., C)."""
        return torch.cat([part for each in self.each for part in each.tell(before)], -1)

    def logits(self, head: int, before: Before, tokens: Tensor, day: Tensor) -> Tensor:
        """(M, V) or (V,) log-probabilities of a head that follow from counting; see `Prior`."""
        base = torch.empty(0)
        for each in self.each:
            base = each.logits(head, base, before, tokens, day)
        return base

    def veto(self, head: int, logits: Tensor, before: Before, tokens: Tensor) -> Tensor:
        """(B, V) logits with what sampling must not draw out of reach."""
        for each in self.each:
            logits = each.veto(head, logits, before, tokens)
        return logits

    # A window of events that are given.

    def begin(self, data: Encoded, entities: IntArray, known: BoolArray) -> States:
        """What the priors carry from window to window of a batch, see `Prior.begin`."""
        return {each.name: each.begin(data, entities, known) for each in self.each}

    def scan(
        self, carried: States, data: Encoded, stretch: Stretch, *, bounded: bool
    ) -> tuple[Before, States]:
        """What is known before each (B, T) event, and what is carried on."""
        states, after = States(), States()
        for each in self.each:
            own = each.scan(carried[each.name], data, stretch, states)
            states[each.name], after[each.name] = own
        return Before(stretch.moment, states, bounded), after

    # Event by event.

    def start(self, outline: Outline) -> States:
        """What the priors keep of histories before their first event."""
        return {each.name: each.start(outline) for each in self.each}

    def look(self, kept: States, now: Now) -> Step:
        """What is known before the next event of the first histories."""
        states = States()
        for each in self.each:
            states[each.name] = each.look(kept[each.name], now, states)
        return Step(now, states)

    def told(self, step: Step) -> Array:
        """`tell` of a step: (B, C)."""
        return np.concatenate([part for each in self.each for part in each.told(step)], 1)

    def said(self, head: int, step: Step, event: Event) -> Array:
        """`logits` of a step: (B, V) or (V,)."""
        base = np.empty(0)
        for each in self.each:
            base = each.said(head, base, step, event)
        return base

    def vetoed(self, head: int, logits: FloatArray, step: Step, event: Event) -> FloatArray:
        """`veto` of a step: (B, V)."""
        for each in self.each:
            if each.vetoes(head):
                found, tokens = torch.from_numpy(logits), torch.from_numpy(event.tokens)
                logits = each.veto(head, found, step.before, tokens).numpy()
        return logits

    def update(self, kept: States, event: Event, step: Step) -> None:
        """Bring up to date what is kept; the last prior first, as it may look at those before."""
        for each in reversed(self.each):
            each.update(kept[each.name], event, step)

    def blank(self, moment: Moment) -> Before:
        """What is known where nobody knows what a history shall be."""
        states = States()
        for each in self.each:
            states[each.name] = each.blank(moment, states)
        return Before(moment, states, bounded=False)
