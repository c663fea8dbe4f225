"""How likely whole histories are to a model: what an attacker who holds the model can compute."""

import numpy as np
import torch
from torch.nn import functional

from anonymizer.sequences.batches import BUDGET, Encoded, Window, buckets, windows
from anonymizer.sequences.codec import HistoryCodec
from anonymizer.sequences.memory import Memory
from anonymizer.sequences.network import EventNetwork, MarkNetwork
from anonymizer.sequences.protection import FloatArray


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
        for window in windows(
            data, batch, np.ones(len(batch), bool), codec.assembly, bounded=False
        ):
            memory = memory and memory.first(len(window.event))
            losses, memory = _event_losses(events, window, memory)
            found += np.bincount(owner[window.event[window.real]], losses, len(found))
    return found


def _event_losses(
    network: EventNetwork, window: Window, memory: Memory | None
) -> tuple[FloatArray, Memory]:
    """(N,) nats of the events of a window that are real, all heads together."""
    inputs, tables = window.inputs, [table() for table in network.tables]
    past, memory = network.history(inputs, memory, tables)
    real = torch.from_numpy(window.real)
    past, tokens, applies = past.of(real), window.targets[real], inputs.applies[real]
    total = np.zeros(len(tokens))
    for j, query in enumerate(network.heads(past.x, tokens, tables)):
        said = applies[:, j]
        logits = network.logits(j, query[said], past.of(said), tables[j], inputs.bases[j])
        loss = functional.cross_entropy(logits, tokens[said, j], reduction="none")
        total[said.numpy()] += loss.double().numpy()
    return total, memory
