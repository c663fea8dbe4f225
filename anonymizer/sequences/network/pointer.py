"""What a history has had lately, as reasons for it to come again, or not to.

A third of what a shop's customers buy they have bought before, and nothing twice in one basket. No
state of an LSTM holds so many names, so a large head adds to the logit of each value of the last
events a weighted sum of reasons; the weights are the network's.
"""

from typing import NamedTuple

import torch
from torch import Tensor

RECALLED = 128  # events after which a value is forgotten
REASONS = 6  # see `recall`


class Recalled(NamedTuple):
    """Values that may come again at (...) events, and the reasons for each.

    Attributes:
        tokens: (..., Q), the same for all events of a history; 0 where there is none.
        reasons: (..., Q, F), all 0 where a value is not to be recalled.
    """

    tokens: Tensor
    reasons: Tensor

    def bonus(self, weights: Tensor) -> Tensor:
        """(..., F) → (..., Q) what is added to the logits of the candidates."""
        return (self.reasons @ weights[..., None])[..., 0]

    def add(self, logits: Tensor, weights: Tensor) -> Tensor:
        """(..., V) logits and (..., F) weights → (..., V)."""
        return logits.scatter_add(-1, self.tokens, self.bonus(weights).to(logits.dtype))


def recall(
    previous: Tensor, new: Tensor, before: Tensor | None, frequencies: Tensor
) -> tuple[Recalled, Tensor]:
    """Collect the values that may come again at each event of a window.

    The reasons: it is of the instant of the event before; it is older; if older, how often it came
    (log) and how long ago (log of events); how unusual it is; it is the event before itself.

    Args:
        previous: (B, T) token of the event before each, V where there is none; T is `RECALLED` at
            most.
        new: (B, T) whether that event began an instant.
        before: (3, B, `RECALLED`) what an earlier window left: of each of the last events its
            token plus one, 0 where the same came later, its instant, and how often it had come.
        frequencies: (V,) log-frequencies.

    Returns:
        what is recalled, (B, T, Q); what is left for a later window.
    """
    size, (count, length) = len(frequencies), previous.shape
    if before is None:
        before = previous.new_zeros(3, count, 0)
    known = before.shape[2]
    fresh = torch.where(previous < size, previous + 1, 0)  # (B, T)
    tokens = torch.cat([before[0], fresh], 1)  # (B, Q)
    last = before[1][:, -1:] if known else previous.new_zeros(count, 1)
    instants = torch.cat([before[1], last + new.long().cumsum(1)], 1)  # (B, Q)
    index = torch.arange(known + length, device=tokens.device)  # (Q,)
    now = index[known:, None]  # (T, 1) the event before each
    same = (fresh[:, :, None] == tokens[:, None]) & (fresh > 0)[..., None]  # (B, T, Q)
    following = torch.where(same & (index < now), now, len(index)).amin(1)[:, None]  # (B, 1, Q)
    # A value that was forgotten before it came again begins anew. Within a window none is.
    again = same[..., known:]  # (B, T, T)
    begun = torch.where(again, now[:, 0], len(index)).amin(2)[..., None]  # (B, T, 1)
    carried = same[..., :known] & (begun - index[:known] <= RECALLED)
    so_far = (again & (now[:, 0] <= now)).sum(2) + (carried * before[2][:, None]).sum(2)
    times = torch.cat([before[2], so_far], 1)  # (B, Q) that each came, this time included
    lag = now - index  # (T, Q)
    valid = (lag >= 0) & (lag < RECALLED) & (following > now) & (tokens > 0)[:, None]  # (B, T, Q)
    older = (instants[:, None] != instants[:, known:, None]).to(frequencies.dtype)
    value = (tokens - 1).clamp(min=0)  # (B, Q)
    reasons = [
        1 - older,
        older,
        older * torch.log(times.clamp(min=1).to(frequencies.dtype))[:, None],
        older * torch.log1p(lag.clamp(min=0).to(frequencies.dtype)) / 3,
        (-frequencies[value] / 5)[:, None].expand_as(older),
        (lag == 0).to(frequencies.dtype).expand_as(older),
    ]
    kept = torch.where(following[:, 0] > index[-1], tokens, 0)
    after = torch.stack([kept, instants, times])[..., -RECALLED:]
    padded = after.new_zeros(3, count, RECALLED)
    padded[..., RECALLED - after.shape[2] :] = after
    found = torch.stack(reasons, -1) * valid[..., None]  # (B, T, Q, F)
    return Recalled(value[:, None].expand_as(valid), found), padded
