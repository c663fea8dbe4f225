"""One event, drawn head by head: what sampling and recommending have in common."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.sequences.network.lstm import EventNetwork, Past
from anonymizer.sequences.priors.arrivals import Arrivals
from anonymizer.sequences.priors.frequencies import Frequencies
from anonymizer.sequences.priors.prior import Before, Event
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.priors.repeats import Repeats
from anonymizer.sequences.tokens.encoded import Moment
from anonymizer.sequences.tokens.heads import CLOCK, CLOSED, GAP, WEEKDAY, applies
from anonymizer.sequences.tokens.times import FAR, FIRST, INSTANT, Timeline


def draw(logits: Tensor, uniform: FloatArray) -> IntArray:
    """(B, V) logits and (B,) numbers in [0, 1) → (B,) tokens, by the inverse of the CDF."""
    weights = torch.softmax(logits.double(), -1).cumsum(-1).numpy()  # (B, V)
    target = uniform * weights[:, -1]
    tokens: IntArray = (weights <= target[:, None]).sum(1)
    return tokens


def chosen(logits: FloatArray, uniform: FloatArray) -> IntArray:
    """The same of arrays."""
    weights = _cumulated(logits)
    total = weights[:, -1]
    if not ((total > LEAST) & (total < 1 / LEAST)).all():
        weights = _cumulated(logits - logits.max(1, keepdims=True))
    target = uniform * weights[:, -1]
    tokens: IntArray = (weights <= target[:, None]).sum(1)
    return tokens


def _cumulated(logits: FloatArray) -> FloatArray:
    """(B, V) sums of odds."""
    weights = torch.from_numpy(np.exp(logits))
    found: FloatArray = torch.cumsum(weights, -1, out=weights).numpy()  # four times as fast
    return found


def forbid(logits: Tensor, tokens: IntArray) -> Tensor:
    """Give tokens a logit so low that they are never drawn."""
    if len(tokens):
        logits = logits.clone()
        logits[..., torch.from_numpy(tokens)] = CLOSED
    return logits


LEAST = 1e-100  # of the sum of what might be drawn, below which ...


class Happened(NamedTuple):
    """The next event of histories where it has happened already.

    Attributes:
        event: (B,) anything where it has not.
        where: (B,) where it has.
    """

    event: Event
    where: BoolArray


@dataclass(frozen=True)
class Drawer:
    """Draws the heads of an event one after another, each given those before it."""

    priors: Priors
    network: EventNetwork

    @cached_property
    def tables(self) -> list[Tensor]:
        """Embedding tables of the tokens, one per head."""
        return [table() for table in self.network.tables]

    @property
    def timeline(self) -> Timeline:
        """The days, hours and gaps that the model knows."""
        return self.priors.codec.timeline

    def event(
        self, past: Past, before: Before, u: FloatArray, happened: Happened | None = None
    ) -> Event:
        """Draw the next event of each history.

        Args:
            past: (B,) what the network knows before it; its candidates are written down in it.
            before: (B,) what the priors know.
            u: (B, 2 J) numbers in [0, 1): the first half draws tokens, the second places them.
            happened: the event itself, of histories where it has happened already.
        """
        return self.until(len(self.tables), past, before, u, happened)[0]

    def until(
        self,
        stop: int,
        past: Past,
        before: Before,
        u: FloatArray,
        happened: Happened | None = None,
    ) -> tuple[Event, Tensor]:
        """The heads before `stop` drawn, and (B, V) logits of head `stop` (of the last, if all)."""
        m, heads, chain = before.moment, len(self.tables), self.network.heads
        forbidden = self.priors.of(Frequencies).forbidden
        first, earlier, live = chain.first(past.x), None, len(past.x)
        day, unit = m.day.numpy().copy(), m.unit.numpy().copy()
        event = Event(np.zeros((live, heads), np.int64), day, unit)
        logits = torch.empty(0)
        for j, table in enumerate(self.tables[: stop + 1]):
            if j in self.network.repeating:
                drawn = torch.from_numpy(event.tokens)
                past.candidates[:, j] = before.of(Repeats).of(j, drawn)
            said = self._said(j, event)
            base = self._base(j, event, before, said)
            # Not all are meant by heads of time, which look at no past.
            some = slice(None) if said.all() else torch.from_numpy(said)
            query = chain.query(j, first[some], earlier if earlier is None else earlier[some])
            logits = forbid(self.network.logits(j, query, past, table, base), forbidden[j])
            logits = self.priors.veto(j, logits, before, torch.from_numpy(event.tokens))
            if j == GAP:
                # No time is left for the visits to come: they happen now.
                logits[(base <= CLOSED).all(-1), INSTANT] = 0
            if j < stop:
                tokens = np.zeros(live, np.int64)
                tokens[said] = draw(logits, u[said, j])
                self._settle(j, tokens, event, m, u[:, heads:])
                if happened is not None:
                    event.put(happened.where, happened.event)
                own = torch.from_numpy(event.tokens[:, j].copy())
                earlier = chain.after(j, own, table, earlier)
        return event, logits

    def _said(self, j: int, event: Event) -> BoolArray:
        """(B,) whether a head has something to say; the gap's own token is not there before it."""
        gap = event.tokens[:, GAP]
        return np.full(len(gap), True) if j == GAP else applies(gap, self.timeline, j)

    def _base(self, j: int, event: Event, before: Before, said: BoolArray) -> Tensor:
        """(M, V) or (V,) what a head starts from at the events that (B,) flags name."""
        tokens, day = torch.from_numpy(event.tokens), torch.from_numpy(event.day)
        if said.all():
            return self.priors.logits(j, before, tokens, day)
        where = torch.from_numpy(said)
        return self.priors.logits(j, before.only(where), tokens[where], day[where])

    def _settle(self, j: int, token: IntArray, event: Event, m: Moment, u: FloatArray) -> None:
        """Write down what came to be; the first three heads move the clock."""
        gap = event.tokens[:, GAP]
        if j == GAP:
            event.tokens[:, GAP] = np.where(m.position.numpy() == 0, FIRST, token)
        elif j == WEEKDAY:
            event.day = self._day(gap, token, m, u[:, GAP])
            event.tokens[:, WEEKDAY] = self.timeline.weekday(event.day)
        elif j == CLOCK:
            event.unit = self._unit(gap, token, m, u)
            event.tokens[:, CLOCK] = self.timeline.clock(event.unit)
        else:
            event.tokens[:, j] = token

    def _day(self, gap: IntArray, weekday: IntArray, m: Moment, u: FloatArray) -> IntArray:
        line, day = self.timeline, m.day.numpy()
        left, room = m.left.numpy(), self.priors.of(Arrivals).bridge.room(m).numpy()
        room = np.where(m.known.numpy(), room, FAR)
        moves = line.is_new_day[gap]
        low = np.where(moves, line.low_days[gap], 0)
        high = np.minimum(np.where(moves, line.high_days[gap], 0), room)
        picked = np.where(moves, line.pick_day(day + low, day + high, weekday, u), day)
        last = m.known.numpy() & (m.visits.numpy() == 1)
        last &= (gap != INSTANT) & (m.position.numpy() > 0)
        return np.where(last, day + left, picked)

    def _unit(self, gap: IntArray, clock: IntArray, m: Moment, u: FloatArray) -> IntArray:
        line, unit = self.timeline, m.unit.numpy()
        floor = np.where(gap == line.later, unit + line.reach + 1, 0)
        fresh = line.pick_clock(clock, floor, u[:, CLOCK])
        near = unit + line.pick_short(gap, line.units_per_day - 1 - unit, u[:, WEEKDAY])
        return np.where(line.has_clock[gap], fresh, near)
