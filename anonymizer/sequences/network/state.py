"""What the event network keeps of a history: the LSTM's state and traces of recent tokens."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class NetworkState:
    """What the network carries from one event of B histories to the next.

    Attributes:
        hidden, cell: (L, B, H) of the LSTM.
        traces: per large head (1, B, W + 1), the decayed sum of embeddings and, last, of ones.
        recent: per large head (3, B, Q), of the last events, see `recall`.
    """

    hidden: Tensor
    cell: Tensor
    traces: list[Tensor]
    recent: list[Tensor]

    @property
    def lstm(self) -> tuple[Tensor, Tensor]:
        """The pair of tensors that `nn.LSTM` takes."""
        return self.hidden, self.cell

    def map(self, change: Callable[[Tensor], Tensor]) -> "NetworkState":
        """The same with each part changed; histories are dimension 1 of each."""
        lists = ([change(part) for part in parts] for parts in (self.traces, self.recent))
        return NetworkState(change(self.hidden), change(self.cell), *lists)

    def first(self, count: int) -> "NetworkState":
        """Of the first histories, where the others have ended."""
        return self.map(lambda part: part[:, :count].contiguous())

    def detach(self) -> "NetworkState":
        """Cut it off from the gradient of what came before."""
        return self.map(Tensor.detach)

    def kept(self, where: Tensor, before: "NetworkState | None") -> "NetworkState":
        """This state where (B,) says so, and the one before elsewhere."""
        old = before or self.map(torch.zeros_like)
        pick = where[None, :, None]

        def chosen(own: list[Tensor], others: list[Tensor]) -> list[Tensor]:
            return [torch.where(pick, a, b) for a, b in zip(own, others, strict=True)]

        hidden, cell = chosen([*self.lstm], [*old.lstm])
        recent = chosen(self.recent, old.recent)
        return NetworkState(hidden, cell, chosen(self.traces, old.traces), recent)
