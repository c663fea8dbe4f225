"""Histories that are being sampled, the longest first; one event of each per step."""

from dataclasses import dataclass, field

import numpy as np
import torch

from anonymizer.arrays import FloatArray, IntArray
from anonymizer.sequences.generation.draw import Drawer, Happened
from anonymizer.sequences.histories.roles import pick
from anonymizer.sequences.network.inputs import Inputs
from anonymizer.sequences.network.lstm import Past
from anonymizer.sequences.network.state import NetworkState
from anonymizer.sequences.priors.prior import Before, Event, Outline
from anonymizer.sequences.priors.registry import Priors, States
from anonymizer.sequences.tokens.encoded import Encoded, Moment
from anonymizer.sequences.tokens.heads import GAP
from anonymizer.sequences.tokens.times import INSTANT


@dataclass
class Walk:
    """B histories that are being sampled, and how far each has come.

    Attributes:
        drawer: of the model.
        outline: what the histories shall be.
        past: events that have happened; None where there are none.
        kept: what the priors keep of them.
        last: the event before.
        instants: (B,) how many there were.
        state: of the network.
    """

    drawer: Drawer
    outline: Outline
    past: Encoded | None = None
    kept: States = field(init=False)
    last: Event = field(init=False)
    instants: IntArray = field(init=False)
    state: NetworkState | None = None

    def __post_init__(self) -> None:
        """Start before the first event of each history."""
        count, first = len(self.outline.profile), self.outline.span.first
        self.kept = self.priors.start(self.outline)
        nothing = np.tile(self.priors.codec.nothing, (count, 1))
        self.last = Event(nothing, first.copy(), np.zeros(count, np.int64))
        self.instants = np.zeros(count, np.int64)

    @property
    def priors(self) -> Priors:
        """What counting knows."""
        return self.drawer.priors

    def live(self, step: int) -> int:
        """How many histories have an event at this step; they are the first ones."""
        return int((self.outline.span.length > step).sum())

    def step(self, step: int, u: FloatArray) -> Event:
        """Add an event to each history that has one, and say which."""
        live = self.live(step)
        before = self.priors.look(self.kept, self._moment(step, live))
        past = self._history(before, live)
        event = self.drawer.event(past, before, u, self._happened(step, live))
        self.instants[:live] += event.tokens[:, GAP] != INSTANT
        self.priors.update(self.kept, event, before)
        self.last = event
        return event

    def _moment(self, step: int, live: int) -> Moment:
        """Say of each of (B,) histories what is known before its next event."""
        span, day = self.outline.span, self.last.day[:live]
        return Moment.of(
            day=day,
            unit=self.last.unit[:live],
            position=np.full(live, step),
            remaining=span.length[:live] - step,
            visits=span.visits[:live] - self.instants[:live],
            left=span.last[:live] - day,
            known=np.ones(live, bool),
        )

    def _happened(self, step: int, live: int) -> Happened | None:
        """The event of this step, for histories that have it in their past."""
        if self.past is None or step >= self.past.span.length.max():
            return None
        has = self.past.span.length[:live] > step
        index = np.where(has, self.past.offsets[:-1][:live] + step, 0)
        places = self.past.places
        event = Event(self.past.tokens[index], places.day[index], places.unit[index])
        return Happened(event, has)

    def _history(self, before: Before, live: int) -> Past:
        """(B,) what the network knows of the past; its state moves on."""
        previous, profile = self.last.tokens[:live, None], self.outline.profile[:live]
        inputs = Inputs.seen(self.priors, before, previous, profile)
        state = self.state and self.state.first(live)
        past, self.state = self.drawer.network.history(inputs, state, self.drawer.tables)
        return pick(past, (torch.arange(live), 0))  # a copy, into which candidates are written
