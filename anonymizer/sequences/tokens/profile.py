"""What is said of each entity before its history: context, first and last day, how many events.

Profiles are learned and sampled first. First day, last day, visits and events are then kept exactly
by every history. All parts are tokens of grids over entities: each entity counts once, and no bin
holds fewer than k.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from anonymizer.arrays import FloatArray, IntArray
from anonymizer.sequences.histories.roles import Histories, Roles
from anonymizer.sequences.tokens.bins import Grid
from anonymizer.sequences.tokens.plain import Plain
from anonymizer.sequences.tokens.times import WEEK, Places, Timeline
from anonymizer.sequences.tokens.values import Categories, Numbers, learn_codec

_GRIDS = {"first": 32, "near": 16, "far": 32, "visits": 32, "extra": 32}  # bins at most
_OWN = 6  # parts beside the context: first, its weekday, last, its weekday, visits, extra


class Span(NamedTuple):
    """When each of E histories begins and ends, and how long it is.

    Attributes:
        visits: how many instants it has events at.
        length: how many events.
        first, last: day of the first and of the last event.
    """

    visits: IntArray
    length: IntArray
    first: IntArray
    last: IntArray

    @classmethod
    def of(cls, histories: Histories, places: Places) -> "Span":
        """Measure histories."""
        starts, ends = histories.offsets[:-1], histories.offsets[1:] - 1
        new = places.new_instants(histories.offsets)
        visits = np.add.reduceat(new, starts).astype(np.int64)
        return cls(visits, histories.lengths, places.day[starts], places.day[ends])


@dataclass(frozen=True)
class Profile(Plain):
    """What holds once per entity, as tokens: its context, first and last day, how many events.

    Attributes:
        context: codecs of the columns that hold once per entity.
        first: day within the window.
        near: days from the first to the last day, where they are few.
        far: the last day, where it is further from the first.
        visits: instants per entity.
        extra: events beyond one per instant.
    """

    context: dict[str, Categories | Numbers]
    first: Grid
    near: Grid
    far: Grid
    visits: Grid
    extra: Grid

    @classmethod
    def learn(
        cls, histories: Histories, roles: Roles, timeline: Timeline, k: int, *, told: bool = False
    ) -> "Profile":
        """Learn a grid for each part, over entities; see `Grid.learn`."""
        entities = np.arange(len(histories.lengths))
        span = Span.of(histories, timeline.places(histories.frame[roles.time]))
        heads = histories.frame[histories.offsets[:-1]]
        days = span.last - span.first
        close = days <= reach_of(timeline)
        every, spans = np.ones(len(days), bool), _spans(timeline)
        values = {
            "first": (span.first, every),
            "near": (days, close),
            "far": (span.last, ~close),
            "visits": (span.visits, every),
            "extra": (span.length - span.visits, every),
        }
        grids = {
            name: Grid.learn(
                own[which], entities[which], k, bins=bins, span=spans.get(name), told=told
            )
            for (name, (own, which)), bins in zip(values.items(), _GRIDS.values(), strict=True)
        }
        context = {c: learn_codec(heads[c], entities, k, roles.codes) for c in roles.context}
        return cls(context, **grids)

    @classmethod
    def pooled(
        cls,
        parts: "Sequence[tuple[Profile, Sequence[FloatArray]]]",
        context: dict[str, Categories | Numbers],
        timeline: Timeline,
        k: int,
    ) -> "Profile":
        """One grid for each part, for several sites that learned by the same timeline.

        Args:
            parts: of each site its own, and per part of it (V,) how often its tokens came.
            context: codecs for all sites.
            timeline: for all sites.
            k: as in `learn`.
        """
        values: dict[str, list[IntArray]] = {name: [] for name in _GRIDS}
        for own, counts in parts:
            first, _, last, _, visits, extra = counts[-_OWN:]
            far = np.concatenate([[0.0], last[own.near.size :]])
            each = (first, last[: own.near.size], far, visits, extra)
            for (name, found), seen in zip(values.items(), each, strict=True):
                found.append(getattr(own, name).stands_for(seen))
        spans = _spans(timeline)
        grids = {
            name: Grid.pooled(values[name], k, bins=bins, span=spans.get(name))
            for name, bins in _GRIDS.items()
        }
        return cls(context, **grids)

    @property
    def sizes(self) -> list[int]:
        """Tokens of each part: context, first, its weekday, last, its weekday, visits, extra."""
        last = self.near.size + self.far.size - 1
        own = [self.first.size, WEEK, last, WEEK, self.visits.size, self.extra.size]
        return [*(codec.size for codec in self.context.values()), *own]

    @property
    def orders(self) -> list[FloatArray]:
        """Per part (V,), a number per token that rises with its value; NaN without an order."""
        week = np.full(WEEK, np.nan)
        # Spans and days are on different scales: what is near comes before all that is far.
        last = np.concatenate([self.near.order - 1e9, self.far.order[1:]])
        own = [self.first.order, week, last, week, self.visits.order, self.extra.order]
        return [*(codec.order for codec in self.context.values()), *own]

    @property
    def forbidden(self) -> list[IntArray]:
        """Per part, the tokens that must not be sampled."""
        none, null = np.empty(0, np.int64), np.zeros(1, np.int64)
        context = [codec.forbidden() for codec in self.context.values()]
        return [*context, null, none, null, none, null, null]

    def encode(self, histories: Histories, span: Span, timeline: Timeline) -> IntArray:
        """Turn what holds once per entity into (E, P) tokens."""
        heads = histories.frame[histories.offsets[:-1]]
        days = span.last - span.first
        far = self.near.size - 1 + self.far.encode(span.last)
        own = [
            self.first.encode(span.first),
            timeline.weekday(span.first),
            np.where(days <= reach_of(timeline), self.near.encode(days), far),
            timeline.weekday(span.last),
            self.visits.encode(span.visits),
            self.extra.encode(span.length - span.visits),
        ]
        return np.stack([*(codec.encode(heads[c]) for c, codec in self.context.items()), *own], 1)

    def before_the_end(self, tokens: IntArray) -> IntArray:
        """(E, P) tokens → those that a history tells before it is over; −1 for the others."""
        own = np.arange(len(self.sizes)) < len(self.context) + 2  # context, first, its weekday
        return np.where(own, tokens, -1)

    def decode(self, tokens: IntArray, uniform: FloatArray, timeline: Timeline) -> Span:
        """(E, P) tokens and (E, 4) numbers in [0, 1) → what the histories shall be."""
        first, weekday, last, last_weekday, visits, extra = tokens[:, len(self.context) :].T
        final = timeline.days - 1
        low, high = self.first.low[first], self.first.high[first]
        begin = timeline.pick_day(low, high, weekday, uniform[:, 0])
        begin = np.clip(begin, 0, final)
        near = last < self.near.size
        close, away = np.where(near, last, 1), np.where(near, 1, last - self.near.size + 1)
        beyond = np.maximum(self.far.low[away], begin + reach_of(timeline) + 1)
        low = np.where(near, begin + self.near.low[close], beyond)
        high = np.where(near, begin + self.near.high[close], self.far.high[away])
        end = timeline.pick_day(low, np.maximum(high, low), last_weekday, uniform[:, 1])
        end = np.where(near & (self.near.high[close] == 0), begin, np.clip(end, begin, final))
        count = np.maximum(self.visits.decode(visits, uniform[:, 2]), 1)
        length = count + np.maximum(self.extra.decode(extra, uniform[:, 3]), 0)
        end = np.where(count == 1, begin, end)  # an only visit begins and ends the history
        count = np.where(end > begin, np.maximum(count, 2), count)
        if timeline.clocks is None:  # one instant a day at most
            count = np.minimum(count, end - begin + 1)
        return Span(count, np.maximum(length, count), begin, end)


def _spans(timeline: Timeline) -> dict[str, tuple[int, int]]:
    """First day and last day + 1 of what must have a token."""
    reach = reach_of(timeline)
    return {"first": (0, timeline.days), "near": (0, reach + 1), "far": (reach, timeline.days)}


def reach_of(timeline: Timeline) -> int:
    """Days from the first to the last day that are few: a sixteenth of the window."""
    return max(timeline.days // 16, 1)
