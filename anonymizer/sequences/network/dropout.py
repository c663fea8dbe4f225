"""Dropout whose masks cost less than the layers around them."""

import torch
from torch import Tensor, nn

LEVELS = 256  # of a byte, which decides about a number


class Dropout(nn.Module):
    """As torch's (Srivastava et al. 2014), by one random byte per number and not one draw."""

    def __init__(self, share: float) -> None:
        """Make it.

        Args:
            share: of the numbers, about, that are 0 in training; a multiple of 1 / 256.
        """
        super().__init__()
        self.dropped = round(share * LEVELS)

    def forward(self, x: Tensor) -> Tensor:
        """Keep the mean of what is dropped: the others grow."""
        if not self.training or not self.dropped:
            return x
        words = torch.empty(x.numel() // 8 + 1, dtype=torch.int64, device=x.device)
        drawn = words.random_(-(2**63), None).view(torch.uint8)[: x.numel()].view(x.shape)
        return x * (drawn >= self.dropped).to(x.dtype).mul_(LEVELS / (LEVELS - self.dropped))
