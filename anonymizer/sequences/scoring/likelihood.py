"""How likely whole histories are to a model: what an attacker who holds the model can compute."""

import numpy as np
import torch

from anonymizer.arrays import FloatArray
from anonymizer.sequences.network.batches import BUDGET, buckets, windows
from anonymizer.sequences.network.state import NetworkState
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.tokens.encoded import Encoded
from anonymizer.sequences.training.fit import Networks


@torch.inference_mode()
def history_losses(priors: Priors, networks: Networks, data: Encoded) -> FloatArray:
    """(E,) negative log-likelihood of each history in nats: of its profile, and of events given it.

    Counts are given and not counted.
    """
    events, profiles = networks.events.eval(), networks.profiles.eval()
    found: FloatArray = profiles(torch.from_numpy(data.profile))[1].sum(1).double().numpy()
    lengths, owner = data.span.length, data.owner
    for batch in buckets(lengths, np.arange(len(lengths)), BUDGET):
        state: NetworkState | None = None
        told = np.ones(len(batch), bool)
        for window in windows(data, batch, told, priors, bounded=False):
            state = state and state.first(len(window.event))
            losses, state = events.losses(window.inputs, window.targets, state)
            for loss, said in zip(losses, window.inputs.applies.unbind(-1), strict=True):
                who = owner[window.event[said.numpy()]]
                found += np.bincount(who, loss.double().numpy(), len(found))
    return found
