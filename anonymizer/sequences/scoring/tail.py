"""How strange a token is under a distribution."""

import torch
from torch import Tensor


def tail_nll(logits: Tensor, tokens: Tensor, order: Tensor | None) -> Tensor:
    """(..., V) and (...,) tokens → (...,) −log of the chance of something as strange or stranger.

    Args:
        logits: of one head.
        tokens: that came true.
        order: (V,) tokens from the smallest value to the largest: then strange is far out, on
            either side. Without it strange is what is no likelier than what came.
    """
    p = torch.softmax(logits.double(), -1)  # (..., V)
    own = p.gather(-1, tokens[..., None])  # (..., 1)
    if order is None:
        return -torch.log((p * (p <= own * (1 + 1e-9))).sum(-1).clamp(1e-12, 1))
    rank = torch.argsort(order)[tokens][..., None]  # (..., 1)
    below = p[..., order].cumsum(-1).gather(-1, rank)  # (..., 1) this one included
    either = 2 * torch.minimum(below, 1 - below + own)
    return -torch.log(either.squeeze(-1).clamp(1e-12, 1))
