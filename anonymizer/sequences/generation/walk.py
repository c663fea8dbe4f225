"""Histories that are being sampled, one event of each per step."""

from dataclasses import dataclass, field

import numpy as np
import torch

from anonymizer.sequences.generation.draw import Drawer, Event, Known
from anonymizer.sequences.histories.arrays import BoolArray, FloatArray, IntArray
from anonymizer.sequences.network.lstm import Past
from anonymizer.sequences.network.state import Memory
from anonymizer.sequences.priors.arrivals import Moment
from anonymizer.sequences.priors.encoded import Encoded
from anonymizer.sequences.priors.prior import at
from anonymizer.sequences.priors.repeats import ANY
from anonymizer.sequences.tokens.heads import GAP
from anonymizer.sequences.tokens.profile import Span
from anonymizer.sequences.tokens.times import INSTANT
from anonymizer.sequences.tokens.values import NULL


@dataclass(frozen=True)
class Planned:
    """What is settled of B histories before their first event.

    Attributes:
        entity: (B,) numbers that seed them.
        marks: (B, R).
        span: (B,) each.
        quotas: (B, S) events of each class.
        told: (B,) whether they have quotas.
    """

    entity: IntArray
    marks: IntArray
    span: Span
    quotas: IntArray
    told: BoolArray

    def select(self, who: IntArray) -> "Planned":
        """Some of them, in the order given."""
        return Planned(
            self.entity[who],
            self.marks[who],
            self.span.select(who),
            self.quotas[who],
            self.told[who],
        )


@dataclass
class Walk:
    """Histories that are being sampled, the longest first; one event of each per step.

    Attributes:
        drawer: of the model.
        planned: what the histories shall be.
        past: events that have happened; None where there are none.
        quotas: (B, S) what is left of each class.
        had: (B, V) per head that it matters for, which values there were.
        latest: per echoing head and key (B, V), the token that may come again.
        last: the event before.
        instants: (B,) how many there were.
        memory: of the network.
    """

    drawer: Drawer
    planned: Planned
    past: Encoded | None = None
    quotas: IntArray = field(init=False)
    had: dict[int, BoolArray] = field(init=False)
    latest: dict[int, list[IntArray]] = field(init=False)
    last: Event = field(init=False)
    instants: IntArray = field(init=False)
    memory: Memory | None = None

    def __post_init__(self) -> None:
        """Nothing has happened yet."""
        count, first = len(self.planned.marks), self.planned.span.first
        self.quotas = self.planned.quotas.copy()
        codec = self.drawer.codec
        sizes = codec.head_sizes
        matters = {*codec.quotas.wide, *codec.once}
        self.had = {j: np.zeros((count, sizes[j]), bool) for j in matters}
        self.latest = {
            j: [np.full((count, 1 if key == ANY else sizes[key]), sizes[j]) for key in echo.keys]
            for j, echo in codec.echoes.items()
        }
        nothing = np.tile(codec.assembly.nothing, (count, 1))
        self.last = Event(nothing, first.copy(), np.zeros(count, np.int64))
        self.instants = np.zeros(count, np.int64)

    def live(self, step: int) -> int:
        """How many histories have an event at this step; they are the first ones."""
        return int((self.planned.span.length > step).sum())

    def step(self, step: int, u: FloatArray) -> Event:
        """Add an event to each history that has one, and say which."""
        live = self.live(step)
        told = torch.from_numpy(self.planned.told[:live])
        quotas = torch.from_numpy(self.quotas[:live]).float()
        latest = {j: [table[:live] for table in each] for j, each in self.latest.items()}
        had = {j: self.had[j][:live] for j in self.drawer.codec.once}
        known = Known(self._moment(step, live), quotas, told, latest, had, *self._given(step, live))
        past = self._history(known)
        event = self.drawer.event(past, known, u)
        self.instants[:live] += event.tokens[:, GAP] != INSTANT
        self._echo(event)
        came = self._again(event), past.echoed.numpy()
        used = self.drawer.codec.quotas.used(event.tokens, event.unit, *came)
        np.subtract.at(self.quotas, used, 1)
        np.maximum(self.quotas, 0, out=self.quotas)
        self.last = Event(event.tokens.copy(), event.day.copy(), event.unit.copy())
        return event

    def _again(self, event: Event) -> BoolArray:
        """(B, R) whether the values of wide heads came before; from now on they did."""
        wide, rows = self.drawer.codec.quotas.wide, np.arange(len(event.tokens))
        found = [self.had[j][rows, event.tokens[:, j]] for j in wide]
        for j, had in self.had.items():
            had[rows, event.tokens[:, j]] = True
        return np.stack(found, 1) if found else np.zeros((len(rows), 0), bool)

    def _echo(self, event: Event) -> None:
        """From now on the event's tokens may come again."""
        for j, echo in self.drawer.codec.echoes.items():
            own = event.tokens[:, j]
            for _, place, latest in self.drawer.echoes(j, event.tokens, self.latest):
                kept = echo.is_number & (own == NULL)
                latest[place] = np.where(kept, latest[place], own)

    def _moment(self, step: int, live: int) -> Moment:
        """(B,) what is known before the next event."""
        span, day = self.planned.span, self.last.day[:live]
        return Moment.of(
            day=day,
            unit=self.last.unit[:live],
            position=np.full(live, step),
            remaining=span.length[:live] - step,
            visits=span.visits[:live] - self.instants[:live],
            left=span.last[:live] - day,
            known=np.ones(live, bool),
        )

    def _given(self, step: int, live: int) -> tuple[Event | None, BoolArray | None]:
        """The event of this step, for histories that have it in their past."""
        if self.past is None or step >= self.past.span.length.max():
            return None, None
        has = self.past.span.length[:live] > step
        index = np.where(has, self.past.offsets[:-1][:live] + step, 0)
        places = self.past.places
        return Event(self.past.tokens[index], places.day[index], places.unit[index]), has

    def _history(self, known: Known) -> Past:
        """(B,) what the network knows of the past; its memory moves on."""
        live = len(known.told)
        inputs = self.drawer.codec.assembly.seen(
            at(known.moment),
            known.quotas[:, None],
            known.told[:, None],
            self.last.tokens[:live, None],
            self.planned.marks[:live],
        )
        network = self.drawer.network
        memory = self.memory and self.memory.first(live)
        past, self.memory = network.history(inputs, memory, self.drawer.tables)
        return past.of((torch.arange(live), torch.zeros(live, dtype=torch.long)))
