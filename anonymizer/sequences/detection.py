"""Anomaly scores: how surprised the generative model is."""

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from anonymizer.sequences.batches import BUDGET, Encoded, buckets, windows
from anonymizer.sequences.codec import HistoryCodec
from anonymizer.sequences.encoding import FloatArray
from anonymizer.sequences.network import State, tail

if TYPE_CHECKING:
    from anonymizer.sequences.network import EventNetwork


@torch.inference_mode()
def surprise(network: "EventNetwork", data: Encoded, codec: HistoryCodec) -> FloatArray:
    """(N, J) surprise at each part of each event, in nats: −log P(as strange or stranger).

    Unlike the plain negative log-likelihood, it does not call every value of a many-valued field
    strange: under the model each part is distributed alike, about 1 on average. The traits are
    hidden, since they would tell of events that are still to come.
    """
    network.eval()
    orders = [_ranked(order) for order in codec.orders]
    scores = np.zeros(data.tokens.shape)
    entities = np.arange(len(data.span.length))
    for batch in buckets(data.span.length, entities, 4 * BUDGET):
        state: State | None = None
        hidden = np.zeros(len(batch), bool)
        for window in windows(data, batch, hidden, codec.assembly, bounded=False):
            logits, _, state = network(window.inputs, window.targets, state)
            parts = [
                tail(x, t, order)
                for x, t, order in zip(logits, window.targets.unbind(-1), orders, strict=True)
            ]
            # A head with nothing to say counts as average: silence is neither strange nor usual.
            surprises = torch.where(window.inputs.applies > 0, torch.stack(parts, -1), 1)
            scores[window.event[window.real]] = surprises.double().numpy()[window.real]
    return scores


def _ranked(order: FloatArray) -> Tensor | None:
    """(V,) numbers that rise with a token's value → tokens in that order; None without one."""
    if np.isnan(order).all():
        return None
    return torch.from_numpy(np.argsort(np.nan_to_num(order, nan=-np.inf), kind="stable"))
