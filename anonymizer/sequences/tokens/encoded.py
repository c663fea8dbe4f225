"""Histories as flat arrays of tokens, cut along time, and what is known just before each event."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from anonymizer.arrays import BoolArray, IntArray
from anonymizer.sequences.histories.roles import flat_index, owners, pick
from anonymizer.sequences.tokens.profile import Span
from anonymizer.sequences.tokens.times import Places

WINDOW = 128  # events of a history that are looked at at once; the state is carried over


class Moment(NamedTuple):
    """What is known just before an event, (...) each.

    Attributes:
        day, unit: of the previous event; of the first day for the first event.
        position: events so far.
        remaining: events still to come, this one included; 1 or more.
        visits: instants still to come, this one's included if it is new.
        left: days from the previous event to the history's last day.
        known: whether length and last day are given.
    """

    day: Tensor
    unit: Tensor
    position: Tensor
    remaining: Tensor
    visits: Tensor
    left: Tensor
    known: Tensor

    @classmethod
    def of(cls, **arrays: npt.NDArray[Any]) -> "Moment":
        """Make it of NumPy arrays."""
        return cls(**{name: torch.from_numpy(array) for name, array in arrays.items()})

    @classmethod
    def unknown(cls, day: IntArray, unit: IntArray, position: IntArray) -> "Moment":
        """The moment after events of histories whose profile nobody knows, (...) each."""
        one = np.ones(day.shape, np.int64)
        return cls.of(
            day=day,
            unit=unit,
            position=position,
            remaining=one,
            visits=one,
            left=0 * one,
            known=np.zeros(day.shape, bool),
        )


@dataclass(frozen=True)
class Encoded:
    """Histories as arrays: N events of E entities, J heads, P parts of a profile, S classes.

    Attributes:
        tokens: (N, J).
        places: (N,) when the events happened.
        offsets: (E + 1,) where each entity's events begin.
        profile: (E, P).
        span: (E,) first and last day, visits and events of each entity.
        counts: (E, S) events of each class, see `Counts`.
        read: by the name of a prior, (N, ...) what it needs to know of each event.
    """

    tokens: IntArray
    places: Places
    offsets: IntArray
    profile: IntArray
    span: Span
    counts: IntArray
    read: dict[str, IntArray] = field(default_factory=dict)

    @property
    def owner(self) -> IntArray:
        """(N,) the entity of each event."""
        return owners(self.offsets)

    @cached_property
    def instant(self) -> IntArray:
        """(N,) 1 at an entity's first instant, 2 at its second, ..."""
        found = np.cumsum(self.places.new_instants(self.offsets))
        return found - np.repeat(found[self.offsets[:-1]] - 1, np.diff(self.offsets))

    def select(self, entities: IntArray) -> "Encoded":
        """Pick some entities, in the order given."""
        lengths = np.diff(self.offsets)[entities]
        some = self.events(flat_index(self.offsets[entities], lengths))
        return replace(
            some,
            offsets=np.concatenate([[0], np.cumsum(lengths)]),
            profile=self.profile[entities],
            span=pick(self.span, entities),
            counts=self.counts[entities],
        )

    def events(self, index: IntArray) -> "Encoded":
        """Pick some events; what is told per entity stays as it is."""
        return replace(
            self,
            tokens=self.tokens[index],
            places=pick(self.places, index),
            read=pick(self.read, index),
        )

    def with_next(self) -> "Encoded":
        """Each history with one more event, a copy of its last: the place of the next one."""
        ends, span = self.offsets[1:], self.span
        index = np.insert(np.arange(len(self.tokens)), ends, ends - 1)
        return replace(
            self.events(index),
            offsets=self.offsets + np.arange(len(self.offsets)),
            span=span._replace(length=span.length + 1),
        )

    def moment(self, event: IntArray, entity: IntArray, known: BoolArray) -> Moment:
        """What is known just before (...) events of (...) entities, by whether profiles are."""
        position = event - self.offsets[entity]
        before, span = event - (position > 0), pick(self.span, entity)
        day, unit = pick(self.places, before)
        return Moment.of(
            day=day,
            unit=np.where(position > 0, unit, 0),
            position=position,
            remaining=span.length - position,
            visits=span.visits - np.where(position > 0, self.instant[before], 0),
            left=span.last - day,
            known=known,
        )


class Stretch(NamedTuple):
    """Some events in a row of each history of a batch.

    Attributes:
        moment: (B, T) what is known just before each event.
        event: (B, T) the number of each event among all events.
        previous: (B, T, J) tokens of the event before.
        real: (B, T) whether it is an event, or padding that repeats the last one.
    """

    moment: Moment
    event: IntArray
    previous: IntArray
    real: BoolArray


def indices(
    data: Encoded, entities: IntArray, width: int = WINDOW
) -> Iterator[tuple[IntArray, BoolArray]]:
    """(B, T) numbers of a batch's events, cut along time, and whether they are real.

    Histories come the longest first; those that have ended leave. Padding repeats the last event.
    """
    lengths, longest = data.span.length[entities][:, None], int(data.span.length[entities[0]])
    for start in range(0, longest, width):
        live = int((lengths > start).sum())
        t = np.arange(start, min(start + width, longest))[None]  # (1, T)
        places = np.minimum(t, lengths[:live] - 1)
        yield data.offsets[entities[:live]][:, None] + places, t < lengths[:live]


def stretches(
    data: Encoded,
    entities: IntArray,
    known: BoolArray,
    nothing: IntArray,
    width: int = WINDOW,
) -> Iterator[Stretch]:
    """Cut a batch of histories along time.

    Args:
        data: the histories.
        entities: (B,) which of them, the longest first.
        known: (B,) whether their profiles are.
        nothing: (J,) tokens that stand for "no event before".
        width: events of each history in a stretch, at most.
    """
    for event, real in indices(data, entities, width):
        own = entities[: len(event), None].repeat(event.shape[1], 1)
        told = known[: len(event), None].repeat(event.shape[1], 1)
        first = event == data.offsets[own]  # (B, T)
        previous = np.where(first[..., None], nothing, data.tokens[event - ~first])
        yield Stretch(data.moment(event, own, told), event, previous, real)
