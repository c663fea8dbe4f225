"""Encoded histories as flat arrays, cut into padded batches of similar length."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from anonymizer.sequences.events import IntArray, flat_index
from anonymizer.sequences.network import CLOCK, GAP, WEEKDAY, Inputs
from anonymizer.sequences.timeline import DAY, FAR, Places, Timeline
from anonymizer.sequences.traits import Span

TOLD = 7  # features that tell the traits
PLAIN = 10  # features that do not
FEATURES = TOLD + PLAIN
BUDGET = 1_500  # events per training step at most
STEPS = 16  # training steps per epoch at least, while they have 64 events
WINDOW = 128  # events per backward pass; the state is carried over

FloatArray = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Encoded:
    """Histories as arrays: N events of E entities, J heads, R traits.

    Attributes:
        tokens: (N, J).
        places: when the events happened.
        offsets: (E + 1,).
        traits: (E, R).
        span: length, first and last day of each entity.
    """

    tokens: IntArray
    places: Places
    offsets: IntArray
    traits: IntArray
    span: Span

    def select(self, entities: IntArray) -> "Encoded":
        """Some entities, in the order given."""
        lengths = np.diff(self.offsets)[entities]
        index = flat_index(self.offsets[entities], lengths)
        s = self.span
        return Encoded(
            self.tokens[index],
            Places(self.places.day[index], self.places.unit[index]),
            np.concatenate([[0], np.cumsum(lengths)]),
            self.traits[entities],
            Span(s.length[entities], s.first[entities], s.last[entities]),
        )


@dataclass(frozen=True)
class Moment:
    """What is known just before an event, (B,) or (B, T) each.

    Attributes:
        day, unit: of the previous event; of the first day for the first event.
        position: events so far.
        remaining: events still to come, this one included; 1 or more.
        left: days from the previous event to the history's last day.
        window_left: days from the previous event to the window's last day.
    """

    day: IntArray
    unit: IntArray
    position: IntArray
    remaining: IntArray
    left: IntArray
    window_left: IntArray


def features(m: Moment, known: BoolArray, timeline: Timeline) -> FloatArray:
    """(..., C) numbers about a moment; those that tell the traits are 0 where they are hidden."""

    def log(x: IntArray | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.log1p(np.maximum(x, 0))

    date = (timeline.epoch // DAY + m.day).astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    of_month = (date - month.astype("datetime64[D]")).astype(np.int64)
    to_month_end = ((month + 1).astype("datetime64[D]") - date).astype(np.int64)
    season = 2 * np.pi * ((date - date.astype("datetime64[Y]")).astype(np.int64)) / 365.25
    turn = 2 * np.pi * m.unit / timeline.units_per_day
    told = [
        log(m.remaining) / 3,
        log(m.left) / 3,
        log(m.left / m.remaining) / 2,
        m.position / (m.position + m.remaining),
        (m.remaining == 1) * 1.0,
        (m.left == 0) * 1.0,
        np.ones(m.day.shape),
    ]
    plain = [
        log(m.window_left) / 3,
        m.day / timeline.days,
        np.sin(season),
        np.cos(season),
        np.sin(turn),
        np.cos(turn),
        of_month / 15 - 1,
        (to_month_end <= 2) * 1.0,
        (m.position == 0) * 1.0,
        log(m.position) / 3,
    ]
    told = [np.where(known, x, 0.0) for x in told]
    return np.stack([*told, *plain], -1).astype(np.float32)


def masks(
    m: Moment, known: BoolArray, gap: IntArray, timeline: Timeline, *, bounded: bool
) -> tuple[BoolArray, BoolArray]:
    """Which gap tokens (..., V) and, given the gap tokens taken, which weekdays (..., 7) are open.

    Args:
        m: just before the events.
        known: whether length and last day are given.
        gap: (...,) gap tokens taken.
        timeline: of the model.
        bounded: whether events must stay within the window.
    """
    limit = np.where(known, m.left, m.window_left if bounded else FAR)
    remaining = np.where(known, m.remaining, FAR)
    gaps = timeline.open_gaps(limit, timeline.units_per_day - 1 - m.unit, remaining)
    return gaps, timeline.open_weekdays(m.day, gap, limit)


def applies(gap: IntArray, first: BoolArray, timeline: Timeline, heads: int) -> BoolArray:
    """(..., J) which heads have something to say about events with these gap tokens."""
    new_day = timeline.is_new_day[gap]
    parts = np.ones((*gap.shape, heads), bool)
    parts[..., GAP] = ~first
    parts[..., WEEKDAY] = ~first & new_day
    parts[..., CLOCK] = (first | new_day) & (timeline.clocks is not None)
    return parts


def step_budget(events: int) -> int:
    """Events per training step: small data gets small steps, so that an epoch has several."""
    return max(64, min(BUDGET, events // STEPS))


def buckets(lengths: IntArray, order: IntArray, budget: int) -> list[IntArray]:
    """Batches of similar length whose windows hold at most `budget` padded events each.

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
        found.append(order[start : start + count])
        start += count
    return found


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


def windows(
    data: Encoded,
    entities: IntArray,
    known: BoolArray,
    timeline: Timeline,
    nothing: IntArray,
    *,
    bounded: bool = True,
) -> Iterator[Window]:
    """One batch, cut along time into windows of `WINDOW` events at most.

    Args:
        data: the histories.
        entities: (B,) which of them.
        known: (B,) whether the network sees the traits.
        timeline: of the model.
        nothing: (J,) the token that stands for "no event before".
        bounded: whether events are held to the model's window; not so for new data.
    """
    lengths = data.span.length[entities][:, None]
    for start in range(0, int(lengths.max()), WINDOW):
        t = np.arange(start, min(start + WINDOW, int(lengths.max())))[None]  # (1, T)
        real = t < lengths  # (B, T)
        t = np.minimum(t, lengths - 1)
        index = data.offsets[entities][:, None] + t  # (B, T)
        first, before = t == 0, np.maximum(index - 1, 0)
        day = np.where(first, data.places.day[index], data.places.day[before])
        moment = Moment(
            day=day,
            unit=np.where(first, 0, data.places.unit[before]),
            position=t,
            remaining=lengths - t,
            left=data.span.last[entities][:, None] - day,
            window_left=timeline.days - 1 - day,
        )
        told = np.broadcast_to(known[:, None], t.shape)
        tokens = data.tokens[index]  # (B, T, J)
        previous = np.where(first[..., None], nothing, data.tokens[before])
        said = applies(tokens[..., GAP], first, timeline, len(nothing)) & real[..., None]
        inputs = assemble(
            moment,
            timeline,
            known=told,
            previous=previous,
            traits=data.traits[entities],
            gap=tokens[..., GAP],
            said=said,
            bounded=bounded,
        )
        yield Window(inputs, torch.from_numpy(tokens), index, real)


def assemble(
    moment: Moment,
    timeline: Timeline,
    *,
    known: BoolArray,
    previous: IntArray,
    traits: IntArray,
    gap: IntArray,
    said: BoolArray,
    bounded: bool,
) -> Inputs:
    """Arrays → tensors of one batch; shapes as in `Inputs`, `known` (B, T)."""
    gaps, weekdays = masks(moment, known, gap, timeline, bounded=bounded)
    pull = known[..., None] * timeline.bridge(np.maximum(moment.left, 0), moment.remaining)
    return Inputs(
        previous=torch.from_numpy(previous),
        features=torch.from_numpy(features(moment, known, timeline)),
        traits=torch.from_numpy(traits),
        known=torch.from_numpy(known[:, 0].astype(np.float32)),
        open_gaps=torch.from_numpy(gaps),
        bridge=torch.from_numpy(pull.astype(np.float32)),
        open_weekdays=torch.from_numpy(weekdays),
        applies=torch.from_numpy(said.astype(np.float32)),
    )
