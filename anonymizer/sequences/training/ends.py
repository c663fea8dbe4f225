"""How the network of ends is trained, on what the event network makes of histories."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import torch

from anonymizer.arrays import IntArray
from anonymizer.sequences.histories.roles import pick
from anonymizer.sequences.network.ends import RATES, EndNetwork, PauseReader, Pauses
from anonymizer.sequences.tokens.encoded import Encoded
from anonymizer.sequences.tokens.times import Places
from anonymizer.sequences.training.fit import Fitting, Networks
from anonymizer.sequences.training.loop import Loss, Report, Task, TrainingConfig, train
from anonymizer.sequences.training.threads import one_thread

PAUSES = 64_000  # within histories that are looked at, about; they weigh as much as all there are
BATCH = (64, 1_024)  # pauses per step, for few and for many
STEPS = 32  # per epoch, unless pauses are few
CONFIG = TrainingConfig(epochs=12, learning_rate=1e-2)


def learn_ends(fitting: Fitting, networks: Networks, k: int) -> Report:
    """Learn after which events histories end, and which silence is usual."""
    task, silences = ends_task(fitting, networks, k)
    with one_thread():
        report = train(task, progress=partial(fitting.progress, "ends"))
    calibrate(networks.ends, silences, k)
    return report


def ends_task(fitting: Fitting, networks: Networks, k: int) -> tuple[Task, Pauses]:
    """After which events histories end, and the silences that `calibrate` goes by."""
    data, parts = fitting.data, fitting.split
    share = min(1.0, PAUSES / int(data.span.length[parts.inside].sum()))
    until, reader = _observed(data, k), PauseReader(networks.events, fitting.priors)
    learned, held = (
        _joined(reader.read(data, until, entities, share))
        for entities in (parts.inside, parts.held)
    )
    size = min(max(len(learned.last) // STEPS, BATCH[0]), BATCH[1])

    def steps(pauses: Pauses, order: IntArray) -> Iterator[Loss]:
        for start in range(0, len(order), size):
            batch = pick(pauses, torch.from_numpy(order[start : start + size]))
            weight = torch.where(batch.last, 1, 1 / share)
            yield (weight * networks.ends.surprise(batch)).sum(), round(float(weight.sum()))

    task = Task(
        networks.ends,
        lambda epoch: steps(learned, parts.rng(epoch).permutation(len(learned.last))),
        lambda: steps(held, np.arange(len(held.last))),
        CONFIG,
        per_step=size / share,
        steps_per_epoch=-(-len(learned.last) // size),
    )
    return task, pick(held, held.last)


def _joined(parts: Iterator[Pauses]) -> Pauses:
    return Pauses(*(torch.cat(each) for each in zip(*parts, strict=True)))


def _observed(data: Encoded, k: int) -> Places:
    """The last event of the history that is k-th from the end: until then there were observers."""
    ends, size = pick(data.places, data.offsets[1:] - 1), 1 + int(data.places.unit.max())
    last = np.sort(ends.day * size + ends.unit)[-min(k, len(ends.day)) :][:1]
    return Places(last // size, last % size)


@torch.no_grad()
def calibrate(network: EndNetwork, silences: Pauses, k: int) -> None:
    """Learn which surprise usual histories have at `RATES`, each a mean over 4k of them.

    Rarer ones lie as far above as their chance is less. What has a chance of a half is not strange
    though few histories have as little, such as those that the end of observation has cut.
    """
    surprise = network.surprise(silences).sort(descending=True).values
    ranks = np.round(RATES * len(surprise)).astype(int)
    seen = int((ranks >= 2 * k).sum())
    if seen:
        means = [float(surprise[rank - 2 * k : rank + 2 * k].mean()) for rank in ranks[:seen]]
        beyond = means[-1] - np.log(RATES[seen:] / RATES[seen - 1])
        network.reference.copy_(torch.from_numpy(np.maximum([*means, *beyond], -np.log(RATES))))
