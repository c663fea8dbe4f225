"""What is said of each entity before its history: context, first and last day, how many events.

Profiles are learned and sampled first. First day, last day, visits and events are then kept exactly
by every history. All parts are tokens of grids over entities: each entity counts once, and no bin
holds fewer than k.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from anonymizer.arrays import FloatArray, IntArray
from anonymizer.sequences.histories.roles import Histories, Roles
from anonymizer.sequences.tokens.bins import Grid
from anonymizer.sequences.tokens.plain import Plain
from anonymizer.sequences.tokens.times import WEEK, Places, Timeline
from anonymizer.sequences.tokens.values import Categories, Numbers, learn_codec

_BINS = {"first": 32, "near": 16, "far": 32, "visits": 32, "extra": 32}  # bins at most
STRETCHES = 32  # of the window, in which days are told where nothing is known of them


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
    def learn(cls, histories: Histories, roles: Roles, timeline: Timeline, k: int) -> "Profile":
        """Learn a grid for each part, over entities; see `Grid.learn`."""
        span = Span.of(histories, timeline.places(histories.frame[roles.time]))
        heads, entities = histories.frame[histories.offsets[:-1]], np.arange(len(span.length))
        context = {c: learn_codec(heads[c], entities, k, roles.codes) for c in roles.context}
        return cls.of(values_of(span, timeline), context, timeline, k)

    @classmethod
    def of(
        cls,
        values: Mapping[str, IntArray],
        context: dict[str, Categories | Numbers],
        timeline: Timeline,
        k: int,
    ) -> "Profile":
        """Learn a grid of each of (N,) values, by its name, all of which are of other entities."""
        spans = spans_of(timeline)
        grids = {
            name: Grid.learn(own, np.arange(len(own)), k, bins=_BINS[name], span=spans.get(name))
            for name, own in values.items()
        }
        return cls(context, **grids)

    @classmethod
    def even(
        cls, context: dict[str, Categories | Numbers], timeline: Timeline, most: int
    ) -> "Profile":
        """Grids that follow from the window alone, and from how many events are told apart."""
        spans = spans_of(timeline)
        return cls(
            context=context,
            first=Grid.even(*spans["first"], STRETCHES),
            near=Grid.widening(*spans["near"]),
            far=Grid.even(*spans["far"], STRETCHES),
            visits=Grid.widening(1, most + 1),
            extra=Grid.widening(0, most),
        )

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

    @property
    def counted(self) -> list[int]:
        """Which parts tell when a history begins and ends and how long it is: no weekdays."""
        return [len(self.context) + part for part in (0, 2, 4, 5)]

    @property
    def weekdays(self) -> list[int]:
        """Which parts do."""
        return [len(self.context) + part for part in (1, 3)]

    def counts_of(self, values: Mapping[str, IntArray]) -> list[FloatArray]:
        """By the name of a grid (N,) values → of each of these parts (V,) how many have a token."""
        tokens = {name: getattr(self, name).encode(own) for name, own in values.items()}
        last = np.concatenate([tokens["near"], self.near.size - 1 + tokens["far"]])
        each = (tokens["first"], last, tokens["visits"], tokens["extra"])
        return [
            np.bincount(own, minlength=self.sizes[part]).astype(np.float64)
            for part, own in zip(self.counted, each, strict=True)
        ]

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


def values_of(span: Span, timeline: Timeline) -> dict[str, IntArray]:
    """By the name of a grid, (N,) its values, one of each entity that has it."""
    days = span.last - span.first
    close = days <= reach_of(timeline)
    return {
        "first": span.first,
        "near": days[close],
        "far": span.last[~close],
        "visits": span.visits,
        "extra": span.length - span.visits,
    }


def spans_of(timeline: Timeline) -> dict[str, tuple[int, int]]:
    """Of grids of days, the first day and the last day + 1 of what must have a token."""
    reach = reach_of(timeline)
    last = max(timeline.days, reach + 1)
    return {"first": (0, timeline.days), "near": (0, reach + 1), "far": (reach, last)}


def reach_of(timeline: Timeline) -> int:
    """Days from the first to the last day that are few: a sixteenth of the window."""
    return max(timeline.days // 16, 1)
