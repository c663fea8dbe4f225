"""Whether a history is over: how likely it is that nothing has followed its last event.

A mixture cure model, as survival analysis calls it (Boag 1949, Farewell 1982). After each event a
history is over with a chance e, which a small network reads off what the event network makes of the
history; if it is not, the next event comes when the gap's head says. That nothing has followed when
observation ends has the chance e + (1 − e) P(gap is longer). A history that was cut (censored)
teaches no end, one that has long been silent does, and there is no limit in between.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.sequences.histories.roles import pick
from anonymizer.sequences.network.batches import BUDGET, buckets, pasts
from anonymizer.sequences.network.lstm import EventNetwork, Past
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.tokens.encoded import Encoded, Moment
from anonymizer.sequences.tokens.heads import GAP
from anonymizer.sequences.tokens.times import Places, Timeline

HIDDEN = 32  # units
RATES = np.geomspace(0.5, 0.001, 32)  # shares of usual histories, by which silence is calibrated
RARELY = -3.0  # log-odds of an end before anything is learned
LEAST = 1e-12  # probability of a gap that cannot be


class Pauses(NamedTuple):
    """What is known after M events.

    Attributes:
        entity: (M,) whose.
        x: (M, X) what the event network makes of the history so far.
        last: (M,) whether nothing has followed.
        later: (M,) log P(gap is longer than the silence), where nothing has followed.
    """

    entity: Tensor
    x: Tensor
    last: Tensor
    later: Tensor


class EndNetwork(nn.Module):
    """The chance that a history is over after an event, and which silence is usual.

    Attributes:
        reference: (R,) ascending, surprise of silence that shares `RATES` of usual histories have.
    """

    reference: Tensor

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(inputs, HIDDEN), nn.Linear(HIDDEN, 1)
        nn.init.zeros_(self.second.weight)
        nn.init.constant_(self.second.bias, RARELY)
        self.register_buffer("reference", torch.from_numpy(-np.log(RATES)).float())
        self.register_load_state_dict_post_hook(_require_ascending)  # type: ignore[no-untyped-call]

    def forward(self, x: Tensor) -> Tensor:
        """(M, X) → (M,) log-odds that the history is over."""
        odds: Tensor = self.second(torch.relu(self.first(x))).squeeze(-1)
        return odds

    def surprise(self, pauses: Pauses) -> Tensor:
        """(M,) −log of the chance of what came of it: that more followed, or nothing has yet."""
        odds = self(pauses.x)
        more, over = logsigmoid(-odds), logsigmoid(odds)
        return -torch.where(pauses.last, torch.logaddexp(over, more + pauses.later), more)

    def scores(self, surprise: FloatArray) -> FloatArray:
        """(M,) surprise of silence → (M,) −log of the share of usual histories with as much.

        Beyond what was seen it rises with the surprise: a chance that is e times less comes e times
        less often at least.
        """
        steps = 1e-6 * np.arange(1, len(RATES) + 1)  # where many have as much, all of them count
        known = np.concatenate([[0], self.reference.double().numpy() + steps])
        found: FloatArray = np.interp(surprise, known, np.concatenate([[0], -np.log(RATES)]))
        found += np.maximum(surprise - known[-1], 0)
        return found


def _require_ascending(network: nn.Module, _keys: Any) -> None:
    """Raise a ValueError where weights that were read hold a reference that is none."""
    reference = network.get_buffer("reference")
    if not (reference[0] >= 0 and (reference.diff() >= 0).all()):
        raise ValueError


@dataclass(frozen=True)
class PauseReader:
    """Reads histories, their profiles hidden, as scoring does."""

    events: EventNetwork
    priors: Priors

    @torch.no_grad()
    def read(
        self, data: Encoded, until: Places, entities: IntArray, share: float = 0
    ) -> Iterator[Pauses]:
        """The pauses after the last events of entities, and after a share of the others.

        Observation ends at (1,) `until`.
        """
        self.events.eval()
        rng = np.random.default_rng(0)
        extended = data.with_next()
        for batch in buckets(extended.span.length, entities, 4 * BUDGET):
            for part, past in pasts(self.events, self.priors, extended, batch):
                own = np.broadcast_to(batch[: len(part.event), None], part.event.shape)
                last = part.event == extended.offsets[own + 1] - 1
                inner = (part.event > extended.offsets[own]) & (rng.random(own.shape) < share)
                asked = part.real & (last | inner)
                if asked.any():
                    known = pick(past, torch.from_numpy(asked))
                    yield self._pauses(data, until, own[asked], known, last[asked])

    def _pauses(
        self, data: Encoded, until: Places, entity: IntArray, past: Past, last: BoolArray
    ) -> Pauses:
        where, later = torch.from_numpy(last), torch.zeros(len(last))
        later[where] = self._later(data, until, entity[last], pick(past, where))
        return Pauses(torch.from_numpy(entity), past.x, where, later)

    def _later(self, data: Encoded, until: Places, entity: IntArray, past: Past) -> Tensor:
        """(M,) log P(gap is longer than the silence) after the histories of entities."""
        at = pick(data.places, data.offsets[entity + 1] - 1)
        before = self.priors.blank(Moment.unknown(at.day, at.unit, data.span.length[entity]))
        nothing = torch.zeros(len(entity), len(self.events.tables), dtype=torch.int64)
        base = self.priors.logits(GAP, before, nothing, nothing[:, GAP])
        query = self.events.heads.query(GAP, self.events.heads.first(past.x), None)
        logits = self.events.logits(GAP, query, past, self.events.tables[GAP](), base)
        beyond = torch.from_numpy(share_beyond(self.priors.codec.timeline, at, until))
        chance = (torch.softmax(logits.double(), -1) * beyond).sum(-1)
        return torch.log(chance.clamp(LEAST, 1)).float()


def share_beyond(line: Timeline, at: Places, until: Places) -> FloatArray:
    """(M, V) how much of each gap token, taken from (M,) places, lies beyond a place in time.

    A token's time is taken to be spread evenly, in days since the midnight before.
    """
    size = line.units_per_day
    now, silence = at.unit / size, until.day - at.day + (until.unit + 1) / size
    same = [now[:, None] + units / size for units in (line.low_units, line.high_units + 1)]
    start = np.where(line.is_new_day, line.low_days, same[0])
    stop = np.where(line.is_new_day, line.high_days + 1, np.minimum(same[1], 1))
    beyond: FloatArray = (stop - silence[:, None]) / np.maximum(stop - start, 1e-9)
    return np.clip(beyond, 0, 1)
