"""Encoded histories as flat arrays, cut into padded batches of similar length."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from anonymizer.sequences.histories.arrays import BoolArray, IntArray
from anonymizer.sequences.priors.arrivals import Moment
from anonymizer.sequences.priors.encoded import Encoded
from anonymizer.sequences.priors.inputs import Inputs
from anonymizer.sequences.priors.prior import Assembly
from anonymizer.sequences.tokens.heads import GAP, all_applies

BUDGET = 1_500  # events per training step at most
STEPS = 16  # training steps per epoch at least, while they have 64 events
WINDOW = 128  # events per backward pass; the state is carried over


def step_budget(events: int) -> int:
    """Events per training step: small data gets small steps, so that an epoch has several."""
    return max(64, min(BUDGET, events // STEPS))


def buckets(lengths: IntArray, order: IntArray, budget: int) -> list[IntArray]:
    """Batches of similar length, longest first, whose windows hold at most `budget` events each.

    Args:
        lengths: (E,) of all histories.
        order: which of them; among equal lengths this order is kept.
        budget: events per window of a batch; a batch has one history at least.
    """
    order = order[np.argsort(lengths[order], kind="stable")]
    found: list[IntArray] = []
    start = 0
    while start < len(order):
        width = np.minimum(lengths[order[start:]], WINDOW)
        padded = width * np.arange(1, len(width) + 1)  # ascending, as width is
        count = max(1, int(np.searchsorted(padded, budget, "right")))
        found.append(order[start : start + count][::-1])
        start += count
    return found


def window_count(lengths: IntArray, batches: list[IntArray]) -> int:
    """How many windows the batches make."""
    return sum(-(-int(lengths[batch].max()) // WINDOW) for batch in batches)


class Window(NamedTuple):
    """A stretch of a batch of histories.

    Attributes:
        inputs: what the network sees.
        targets: (B, T, J) the tokens that come true.
        event: (B, T) the number of each event among all events.
        real: (B, T) whether it is one, or padding.
    """

    inputs: Inputs
    targets: Tensor
    event: IntArray
    real: BoolArray

    def to(self, device: torch.device) -> "Window":
        """The same on a device."""
        return self._replace(inputs=self.inputs.to(device), targets=self.targets.to(device))


def windows(
    data: Encoded,
    entities: IntArray,
    known: BoolArray,
    assembly: Assembly,
    *,
    bounded: bool = True,
) -> Iterator[Window]:
    """One batch, cut along time into windows of `WINDOW` events at most.

    Histories that have ended leave the later windows.

    Args:
        data: the histories.
        entities: (B,) which of them, the longest first.
        known: (B,) whether the network sees the marks.
        assembly: of the model.
        bounded: whether events are held to the model's window; not so for new data.
    """
    left = torch.from_numpy(data.quotas[entities])[:, None].float()  # (B, 1, S)
    told = torch.from_numpy(known & data.has_quotas[entities])[:, None]  # (B, 1)
    for stretch in stretches(data, entities, known, assembly.nothing):
        event, real = stretch.event, stretch.real
        live = len(event)
        left, told = left[:live], told[:live]
        tokens = data.tokens[event]  # (B, T, J)
        again, echoed = data.again[event], data.echoed[event]
        used = assembly.used(tokens, data.places.unit[event], again, echoed, real)  # (B, T, S)
        spent = used.cumsum(1)
        inputs = assembly.inputs(
            stretch.moment,
            torch.from_numpy(tokens),
            torch.from_numpy(data.places.day[event]),
            quotas=left - spent + used,
            told=told.expand(event.shape),
            previous=stretch.previous,
            echoed=echoed,
            marks=data.marks[entities[:live]],
            applies=all_applies(tokens[..., GAP], assembly.timeline, tokens.shape[-1])
            & real[..., None],
            bounded=bounded,
        )
        left = left - spent[:, -1:]
        yield Window(inputs, torch.from_numpy(tokens), event, real)


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


def stretches(
    data: Encoded, entities: IntArray, known: BoolArray, nothing: IntArray
) -> Iterator[Stretch]:
    """One batch, cut along time.

    Args:
        data: the histories.
        entities: (B,) which of them, the longest first.
        known: (B,) whether the marks are.
        nothing: (J,) tokens that stand for "no event before".
    """
    everyone, told = entities, known
    for event, real in indices(data, everyone):
        entities, known = everyone[: len(event)], told[: len(event)]
        span, starts = data.span, data.offsets[entities][:, None]
        t = event - starts  # (B, T)
        first, before = t == 0, np.maximum(event - 1, 0)
        day = np.where(first, data.places.day[event], data.places.day[before])
        moment = Moment.of(
            day=day,
            unit=np.where(first, 0, data.places.unit[before]),
            position=t,
            remaining=span.length[entities][:, None] - t,
            visits=span.visits[entities][:, None] - np.where(first, 0, data.instant[before]),
            left=span.last[entities][:, None] - day,
            known=np.broadcast_to(known[:, None], t.shape).copy(),
        )
        previous = np.where(first[..., None], nothing, data.tokens[before])
        yield Stretch(moment, event, previous, real)
