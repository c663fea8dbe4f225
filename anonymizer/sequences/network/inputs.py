"""What the event network sees of a window of events, put together from what the priors tell."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from anonymizer.arrays import BoolArray, IntArray
from anonymizer.sequences.priors.prior import Before
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.priors.repeats import CANDIDATES, Repeats


@dataclass(frozen=True)
class Inputs:
    """One batch of histories, or one window of them.

    Attributes:
        previous: (B, T, J) tokens of the event before; `V` of each head where there is none.
        candidates: (B, T, J, 2) tokens that may come again, see `Repeat`; likewise.
        features: (B, T, C) numbers known before the event.
        profile: (B, P) tokens of what holds once per history.
        known: (B,) 1 where the profile is given, 0 where it is hidden.
        applies: (B, T, J) whether a head has something to say about an event.
        bases: J tensors (M, V) or (V,), log-probabilities to start from at those M events.
    """

    previous: Tensor
    candidates: Tensor
    features: Tensor
    profile: Tensor
    known: Tensor
    applies: Tensor
    bases: list[Tensor]

    @classmethod
    def of(
        cls,
        priors: Priors,
        before: Before,
        *,
        previous: IntArray,
        profile: IntArray,
        tokens: IntArray,
        day: IntArray,
        applies: BoolArray,
    ) -> "Inputs":
        """Put together what is known of (B, T) events, with their (B, T, J) tokens and days."""
        seen = cls.seen(priors, before, previous, profile)
        drawn, days, says = (torch.from_numpy(each) for each in (tokens, day, applies))
        bases, last = [], torch.empty(0)
        for j, where in enumerate(says.unbind(-1)):
            if not torch.equal(where, last):  # all fields apply at the same events
                last, events = where, where.nonzero(as_tuple=True)
                some = before.only(events), drawn[events], days[events]
            bases.append(priors.logits(j, *some))
        candidates = before.of(Repeats).tokens
        return replace(seen, candidates=candidates, applies=says, bases=bases)

    @classmethod
    def seen(
        cls, priors: Priors, before: Before, previous: IntArray, profile: IntArray
    ) -> "Inputs":
        """What the LSTM sees, without what only the heads need; `before` may be (B,) for T = 1."""
        nothing = torch.from_numpy(priors.codec.nothing)[:, None]
        window = previous.shape[:2]
        return cls(
            previous=torch.from_numpy(previous),
            candidates=nothing.expand(*previous.shape, CANDIDATES),
            features=priors.tell(before).reshape(*window, -1),
            profile=torch.from_numpy(profile),
            known=before.moment.known.reshape(window)[:, 0].float(),
            applies=torch.empty(0),
            bases=[],
        )

    def to(self, device: torch.device) -> "Inputs":
        """Move it to a device."""
        if device.type == "cpu":
            return self
        moved = {k: v.to(device) for k, v in vars(self).items() if isinstance(v, Tensor)}
        return Inputs(**moved, bases=[base.to(device) for base in self.bases])
