"""How likely whole histories are to a model: what an attacker who holds the model can compute."""

import numpy as np
import torch

from anonymizer.sequences.histories.arrays import FloatArray
from anonymizer.sequences.network.batches import BUDGET, buckets, windows
from anonymizer.sequences.network.heads import MarkNetwork
from anonymizer.sequences.network.lstm import EventNetwork
from anonymizer.sequences.network.state import Memory
from anonymizer.sequences.priors.codec import HistoryCodec
from anonymizer.sequences.priors.encoded import Encoded


@torch.inference_mode()
def history_losses(
    codec: HistoryCodec, events: EventNetwork, marks: MarkNetwork, data: Encoded
) -> FloatArray:
    """(E,) negative log-likelihood of each history in nats: of its marks, and of events given them.

    Quotas are given and not counted.
    """
    events.eval()
    marks.eval()
    found: FloatArray = marks(torch.from_numpy(data.marks))[1].sum(1).double().numpy()
    lengths = data.span.length
    owner = np.repeat(np.arange(len(lengths)), lengths)
    for batch in buckets(lengths, np.arange(len(lengths)), BUDGET):
        memory: Memory | None = None
        told = np.ones(len(batch), bool)
        for window in windows(data, batch, told, codec.assembly, bounded=False):
            memory = memory and memory.first(len(window.event))
            losses, memory = events.losses(window.inputs, window.targets, memory)
            for loss, said in zip(losses, window.inputs.applies.unbind(-1), strict=True):
                who = owner[window.event[said.numpy()]]
                found += np.bincount(who, loss.double().numpy(), len(found))
    return found
