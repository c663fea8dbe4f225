"""What the event network expected of events that came true."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.sequences.histories.roles import pick
from anonymizer.sequences.network.batches import Window
from anonymizer.sequences.network.lstm import EventNetwork
from anonymizer.sequences.network.state import NetworkState
from anonymizer.sequences.scoring.tail import tail_nll
from anonymizer.sequences.tokens.heads import FIELDS


class Forecast(NamedTuple):
    """Of N events, each after those before it.

    Attributes:
        events: (N,) their numbers.
        tokens: (N, J) what came true.
        said: (N, J) whether a head had something to say.
        logits: J tensors (M, V) of each head, at the M events that it had something to say about.
    """

    events: IntArray
    tokens: Tensor
    said: BoolArray
    logits: list[Tensor]

    @classmethod
    def of(
        cls,
        network: EventNetwork,
        window: Window,
        state: NetworkState | None,
        tables: list[Tensor],
    ) -> tuple["Forecast", NetworkState]:
        """Ask a network about the events of a window; with its state after the last one.

        Args:
            network: of events.
            window: in which nobody's profile is known.
            state: after the window before.
            tables: of the network, computed once for many windows.
        """
        inputs, real = window.inputs, torch.from_numpy(window.real)
        past, after = network.history(inputs, state, tables)
        past, said, tokens = pick(past, real), inputs.applies[real], window.targets[real]
        queries = network.heads(past.x, tokens, tables)
        logits = []
        for j, (query, base) in enumerate(zip(queries, inputs.bases, strict=True)):
            if j == FIELDS:  # heads of time do not look at it, all fields apply at the same events
                past = pick(past, said[:, j])
            logits.append(network.logits(j, query[said[:, j]], past, tables[j], base))
        return cls(window.event[window.real], tokens, said.numpy(), logits), after

    def tail_nlls(self, orders: list[Tensor | None]) -> FloatArray:
        """(N, J) how strange each token is, see `tail_nll`; 0 where a head has nothing to say."""
        parts = np.zeros(self.said.shape)
        for j, (logits, order) in enumerate(zip(self.logits, orders, strict=True)):
            said = self.said[:, j]
            parts[said, j] = tail_nll(logits, self.tokens[torch.from_numpy(said), j], order).numpy()
        return parts

    def chances(self, row: int, head: int) -> FloatArray:
        """(V,) of a head that had something to say about the event of a row."""
        logits = self.logits[head][int(self.said[:row, head].sum())]
        found: FloatArray = torch.softmax(logits.double(), -1).numpy()
        return found
