"""What the network sees of a window of events."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Inputs:
    """One batch of histories, or one window of them.

    Attributes:
        previous: (B, T, J) tokens of the event before; `V` of each head where there is none.
        echoed: (B, T, J, 2) tokens that may come again, see `Echo`; likewise.
        features: (B, T, C) numbers known before the event.
        marks: (B, R) tokens of the marks.
        known: (B,) 1 where the marks are given, 0 where they are hidden.
        applies: (B, T, J) whether a head has something to say about an event.
        bases: J tensors (M, V) or (V,), log-probabilities to start from at those M events.
    """

    previous: Tensor
    echoed: Tensor
    features: Tensor
    marks: Tensor
    known: Tensor
    applies: Tensor
    bases: list[Tensor]

    def to(self, device: torch.device) -> "Inputs":
        """The same on a device."""
        if device.type == "cpu":
            return self
        moved = {k: v.to(device) for k, v in vars(self).items() if isinstance(v, Tensor)}
        return Inputs(**moved, bases=[base.to(device) for base in self.bases])
