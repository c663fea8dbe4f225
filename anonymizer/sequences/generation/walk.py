"""Histories that are being sampled, the longest first; one event of each per step."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.sequences.generation.draw import chosen
from anonymizer.sequences.generation.settle import Settler
from anonymizer.sequences.network.stepping import Course, Stepper
from anonymizer.sequences.priors.arrivals import Arrivals
from anonymizer.sequences.priors.frequencies import Frequencies
from anonymizer.sequences.priors.prior import Event, Outline, Step
from anonymizer.sequences.priors.registry import Priors, States
from anonymizer.sequences.priors.repeats import Repeats
from anonymizer.sequences.tokens.ahead import Now
from anonymizer.sequences.tokens.encoded import Encoded
from anonymizer.sequences.tokens.heads import CLOSED, GAP, applies
from anonymizer.sequences.tokens.times import INSTANT

MOST = 0.75  # of the events, from which on a head is asked of all: picking some costs as much


class Happened(NamedTuple):
    """The next event of histories where it has happened already.

    Attributes:
        event: (B,) anything where it has not.
        where: (B,) where it has.
    """

    event: Event
    where: BoolArray


class Part(NamedTuple):
    """Some histories of a step, and their next event as far as it is written.

    Attributes:
        rows: (M,) which of the (B,) histories.
        step: (M,) what the priors know of them.
        event: (M,).
        earlier: (M, D) what heads see of its tokens; None before the first.
    """

    rows: IntArray | slice
    step: Step
    event: Event
    earlier: FloatArray | None

    def only(self, rows: IntArray) -> "Part":
        """Pick some, where all are meant."""
        event = Event(self.event.tokens[rows], self.event.day[rows], self.event.unit[rows])
        earlier = None if self.earlier is None else self.earlier[rows]
        return Part(rows, self.step.only(rows), event, earlier)


@dataclass(frozen=True)
class Pen:
    """Writes events, head by head, each given those before it.

    Attributes:
        priors: of the model.
        network: in float64.
    """

    priors: Priors
    network: Stepper

    @cached_property
    def settler(self) -> Settler:
        """Makes times of tokens."""
        return Settler(self.priors.of(Arrivals).ahead)

    @cached_property
    def forbidden(self) -> list[IntArray]:
        """Per head, tokens that are never drawn."""
        return self.priors.of(Frequencies).forbidden

    def event(
        self, course: Course, step: Step, u: FloatArray, happened: Happened | None = None
    ) -> Event:
        """Draw the next event of each history.

        Args:
            course: what the network carries.
            step: (B,) what the priors know.
            u: (B, 2 J) numbers in [0, 1): the first half draws tokens, the second places them.
            happened: the event itself, of histories where it has happened already.
        """
        now, sizes, live = step.now, self.network.sizes, len(step.now.day)
        event = Event(np.zeros((live, len(sizes)), np.int64), now.day.copy(), now.unit.copy())
        part = Part(slice(live), step, event, None)
        for j, size in enumerate(sizes):
            rows, tokens = self._rows(j, event, step), np.zeros(live, np.int64)
            if rows is None:
                tokens = chosen(self._logits(j, course, part), u[:, j])
            elif len(rows) and size > 1:
                tokens[rows] = chosen(self._logits(j, course, part.only(rows)), u[rows, j])
            self.settler.settle(j, tokens, event, now, u[:, len(sizes) :])
            if happened is not None:
                event.put(happened.where, happened.event)
            part = part._replace(earlier=self.network.after(j, event.tokens[:, j], part.earlier))
        return event

    def _rows(self, j: int, event: Event, step: Step) -> IntArray | None:
        """Which events a head has something to say about; None for all."""
        if j == GAP:  # there is none before the first event, and all are at the same
            return None if step.now.position[0] else np.empty(0, np.int64)
        said = applies(event.tokens[:, GAP], self.priors.codec.timeline, j)
        rows = np.flatnonzero(said)
        # What is said where nothing is to say does no harm.
        return None if len(rows) > MOST * len(said) else rows

    def _logits(self, j: int, course: Course, part: Part) -> FloatArray:
        """(M, V) of a head."""
        rows, step, event, earlier = part
        again = step.of(Repeats).next(j, event.tokens) if j in self.network.repeating else None
        base = self.priors.said(j, step, event)
        logits = self.network.logits(j, course, rows, earlier, again=again, base=base)
        if len(self.forbidden[j]):
            logits[:, self.forbidden[j]] = CLOSED
        return self.priors.vetoed(j, logits, step, event)


@dataclass
class Walk:
    """B histories that are being sampled, and how far each has come.

    Attributes:
        pen: of the model.
        outline: what the histories shall be.
        past: events that have happened; None where there are none.
        kept: what the priors keep of them.
        last: the event before.
        instants: (B,) how many there were.
        course: of the network.
    """

    pen: Pen
    outline: Outline
    past: Encoded | None = None
    kept: States = field(init=False)
    last: Event = field(init=False)
    instants: IntArray = field(init=False)
    course: Course = field(init=False)

    def __post_init__(self) -> None:
        """Start before the first event of each history."""
        count, first = len(self.outline.profile), self.outline.span.first
        self.kept = self.priors.start(self.outline)
        nothing = np.tile(self.priors.codec.nothing, (count, 1))
        self.last = Event(nothing, first.copy(), np.zeros(count, np.int64))
        self.instants = np.zeros(count, np.int64)
        self.course = self.pen.network.start(self.outline.profile)

    @property
    def priors(self) -> Priors:
        """What counting knows."""
        return self.pen.priors

    @property
    def steps(self) -> int:
        """Events of the longest history."""
        return int(self.outline.span.length[0])

    def live(self, step: int) -> int:
        """How many histories have an event at this step; they are the first ones."""
        return int((self.outline.span.length > step).sum())

    def step(self, step: int, u: FloatArray) -> Event:
        """Add an event to each history that has one, and say which."""
        live = self.live(step)
        known, previous = (
            self.priors.look(self.kept, self._now(step, live)),
            self.last.tokens[:live],
        )
        self.pen.network.history(self.course, self.priors.told(known), previous)
        event = self.pen.event(self.course, known, u, self._happened(step, live))
        self.instants[:live] += event.tokens[:, GAP] != INSTANT
        self.priors.update(self.kept, event, known)
        self.last = event
        return event

    def _now(self, step: int, live: int) -> Now:
        """Say of each of (B,) histories what is known before its next event."""
        span, day = self.outline.span, self.last.day[:live]
        return Now(
            day=day,
            unit=self.last.unit[:live],
            position=np.full(live, step),
            remaining=span.length[:live] - step,
            visits=span.visits[:live] - self.instants[:live],
            left=span.last[:live] - day,
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
