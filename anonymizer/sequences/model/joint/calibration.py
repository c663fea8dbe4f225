"""What is learned of held-out histories once the weights are final, at each site and of all."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from anonymizer.sequences.model.joint.rounds import Training
from anonymizer.sequences.model.joint.turns import Weights
from anonymizer.sequences.scoring.judge import Calibration, Judge
from anonymizer.sequences.training.ends import calibrate, ends_task
from anonymizer.sequences.training.fit import Networks


def told(training: Training, weights: Weights) -> dict[str, Any]:
    """How sure large heads may be, which scores are rare, and which silence is usual, at a site."""
    networks, fitting, k = training.networks(weights), training.fitting, training.agreed.k
    fitting.sharpen(networks.events)
    _, silences = ends_task(fitting, networks, k)
    calibrate(networks.ends, silences, k)
    held_out = training.histories.select(fitting.split.held)
    judge = Judge(networks.events, training.agreed.priors)
    scores = Calibration.of_held_out(judge, held_out, k)
    return {
        "sharpness": networks.events.heads.sharpness.tolist(),
        "silence": networks.ends.reference.tolist(),
        "scores": scores.to_dict(),
    }


def settle(
    networks: Networks, each: Sequence[dict[str, Any]], sizes: Sequence[float]
) -> Calibration:
    """Bring networks up to the mean of what sites told, by how many entities they have."""
    for buffer, name in (
        (networks.events.heads.sharpness, "sharpness"),
        (networks.ends.reference, "silence"),
    ):
        mean = np.average([site[name] for site in each], axis=0, weights=sizes)
        buffer.copy_(torch.from_numpy(mean))
    known = [Calibration.from_dict(site["scores"]) for site in each]
    return Calibration.pooled(list(zip(known, sizes, strict=True)))
