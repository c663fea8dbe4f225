"""Histories as flat arrays of tokens, cut along time, and what is known just before each event."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from anonymizer.arrays import BoolArray, IntArray
from anonymizer.sequences.histories.roles import Histories, flat_index, pick
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.tokens.profile import Span
from anonymizer.sequences.tokens.times import Places

WINDOW = 128  # events per backward pass; the state is carried over


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
        instant: (N,) 1 at an entity's first instant, 2 at its second, ...
        profile: (E, P).
        span: (E,) first and last day, visits and events of each entity.
        counts: (E, S) events of each class, see `Counts`.
        counted: (E,) whether they are told; not of short histories.
        read: by the name of a prior, (N, ...) what it needs to know of each event.
    """

    tokens: IntArray
    places: Places
    offsets: IntArray
    instant: IntArray
    profile: IntArray
    span: Span
    counts: IntArray
    counted: BoolArray
    read: dict[str, IntArray] = field(default_factory=dict)

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
            counted=self.counted[entities],
        )

    def events(self, index: IntArray) -> "Encoded":
        """Pick some events; what is told per entity stays as it is."""
        return replace(
            self,
            tokens=self.tokens[index],
            places=pick(self.places, index),
            instant=self.instant[index],
            read=pick(self.read, index),
        )


def encode(codec: HistoryCodec, histories: Histories, *, bounded: bool = True) -> Encoded:
    """Turn histories into arrays; what priors know is not in them.

    Args:
        codec: of their columns.
        histories: N events of E entities.
        bounded: whether times outside the window move to its edge, or stay where they are.
    """
    tokens, places = codec.tokens(histories, bounded=bounded)
    span, offsets = Span.of(histories, places), histories.offsets
    instants = np.cumsum(places.new_instants(offsets))
    before = np.repeat(instants[offsets[:-1]] - 1, histories.lengths)
    return Encoded(
        tokens=tokens,
        places=places,
        offsets=offsets,
        instant=instants - before,
        profile=codec.profile.encode(histories, span, codec.timeline),
        span=span,
        counts=np.zeros((len(span.length), 0), np.int64),
        counted=np.zeros(len(span.length), bool),
    )


class Stretch(NamedTuple):
    """`WINDOW` events at most of each history of a batch.

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


def indices(data: Encoded, entities: IntArray) -> Iterator[tuple[IntArray, BoolArray]]:
    """(B, T) numbers of a batch's events, cut along time, and whether they are real.

    Histories come the longest first; those that have ended leave. Padding repeats the last event.
    """
    lengths, longest = data.span.length[entities][:, None], int(data.span.length[entities[0]])
    for start in range(0, longest, WINDOW):
        live = int((lengths > start).sum())
        t = np.arange(start, min(start + WINDOW, longest))[None]  # (1, T)
        places = np.minimum(t, lengths[:live] - 1)
        yield data.offsets[entities[:live]][:, None] + places, t < lengths[:live]


def stretches(
    data: Encoded, entities: IntArray, known: BoolArray, nothing: IntArray
) -> Iterator[Stretch]:
    """Cut a batch of histories along time.

    Args:
        data: the histories.
        entities: (B,) which of them, the longest first.
        known: (B,) whether their profiles are.
        nothing: (J,) tokens that stand for "no event before".
    """
    span = pick(data.span, entities)
    for event, real in indices(data, entities):
        live = len(event)
        length, visits, last = (each[:live, None] for each in (span.length, span.visits, span.last))
        t = event - data.offsets[entities[:live]][:, None]  # (B, T)
        first, before = t == 0, np.maximum(event - 1, 0)
        day = np.where(first, data.places.day[event], data.places.day[before])
        moment = Moment.of(
            day=day,
            unit=np.where(first, 0, data.places.unit[before]),
            position=t,
            remaining=length - t,
            visits=visits - np.where(first, 0, data.instant[before]),
            left=last - day,
            known=np.broadcast_to(known[:live, None], t.shape).copy(),
        )
        previous = np.where(first[..., None], nothing, data.tokens[before])
        yield Stretch(moment, event, previous, real)
