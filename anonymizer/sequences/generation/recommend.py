"""What an entity does next: the distribution of one field of its next event."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from anonymizer.arrays import FloatArray, IntArray
from anonymizer.sequences.generation.draw import Drawer
from anonymizer.sequences.histories.draws import uniforms
from anonymizer.sequences.histories.roles import flat_index, pick
from anonymizer.sequences.network.batches import BUDGET, buckets, pasts
from anonymizer.sequences.network.lstm import EventNetwork, Past
from anonymizer.sequences.priors.prior import Before
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.tokens.encoded import Encoded, Moment

DRAWS = 16  # of what comes before the field: the time of the event, and earlier fields
PROBABILITIES_AT_ONCE = 4_000_000  # probabilities held at once


@dataclass(frozen=True)
class Ranking:
    """The likeliest values of each entity, E entities and A ranks.

    Attributes:
        values: (E, A) places in those that are ranked.
        probability: (E, A), falling along A; 0 where there is nothing more to rank.
    """

    values: IntArray
    probability: FloatArray


@dataclass(frozen=True)
class Asked:
    """What is ranked: what the tokens of a head say of some column.

    Attributes:
        head: of the event network.
        value: (V,) which of the values each token stands for; −1 for null and what is rare.
    """

    head: int
    value: IntArray

    def of(self, chance: Tensor) -> Tensor:
        """(B, V) probabilities of tokens → (B, values)."""
        told = np.flatnonzero(self.value >= 0)
        whole = torch.zeros(len(chance), int(self.value.max(initial=-1)) + 1)
        return whole.index_add(1, torch.from_numpy(self.value[told]), chance[:, told])


@torch.inference_mode()
def rank(
    network: EventNetwork,
    priors: Priors,
    data: Encoded,
    asked: Asked,
    *,
    top: int,
    leave_out_seen: bool,
) -> Ranking:
    """Rank the values of a head for the event after each history, `top` of them at most.

    The field is told by what comes before it in the event, which is drawn `DRAWS` times and
    averaged over. Profiles stay hidden: nobody knows how long a history will be.
    """
    network.eval()
    drawer, entities = Drawer(priors, network), len(data.span.length)
    head, size = asked.head, priors.codec.head_sizes[asked.head]
    ranks = min(top, int(asked.value.max(initial=-1)) + 1)
    values, chance = np.zeros((entities, ranks), np.int64), np.zeros((entities, ranks))
    extended = data.with_next()
    for batch in _batches(extended, max(1, PROBABILITIES_AT_ONCE // size)):
        for some, past in _pasts(drawer, extended, batch):
            known, total = _next(priors, data, some), torch.zeros(len(some), size)
            for i in range(DRAWS):
                u = uniforms(i, some, 0, 2 * len(priors.codec.head_sizes))
                total += torch.softmax(drawer.until(head, past, known, u), -1) / DRAWS
            of_values = asked.of(total)
            if leave_out_seen:
                row, token = _seen(data, some, head)
                seen = asked.value[token]
                of_values[row[seen >= 0], seen[seen >= 0]] = 0
            best = of_values.topk(ranks, -1)
            values[some], chance[some] = best.indices.numpy(), best.values.double().numpy()
    return Ranking(values, chance)


def _batches(data: Encoded, rows: int) -> Iterator[IntArray]:
    """(B,) entities of similar length, at most `rows` at a time."""
    for batch in buckets(data.span.length, np.arange(len(data.span.length)), 4 * BUDGET):
        for start in range(0, len(batch), rows):
            yield batch[start : start + rows]


def _pasts(drawer: Drawer, data: Encoded, batch: IntArray) -> Iterator[tuple[IntArray, Past]]:
    """Entities, and what is known of them before the last event of each history."""
    position = data.span.length[batch] - 1
    for part, past in pasts(drawer.network, drawer.priors, data, batch):
        column = position[: len(part.event)] - int(part.moment.position[0, 0])
        here = np.flatnonzero((column >= 0) & (column < part.event.shape[1]))
        yield batch[here], pick(past, (torch.from_numpy(here), torch.from_numpy(column[here])))


def _next(priors: Priors, data: Encoded, batch: IntArray) -> Before:
    """What the priors know of the event after each history."""
    last, places = data.offsets[1:][batch] - 1, data.places
    position = data.span.length[batch]
    return priors.blank(Moment.unknown(places.day[last], places.unit[last], position))


def _seen(data: Encoded, batch: IntArray, head: int) -> tuple[IntArray, IntArray]:
    """Rows of the batch and the tokens that each has had."""
    lengths = data.span.length[batch]
    events = flat_index(data.offsets[batch], lengths)
    return np.repeat(np.arange(len(batch)), lengths), data.tokens[events, head]
