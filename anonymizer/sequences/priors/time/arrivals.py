"""When the next event comes: what is left of a history, its hours and weekdays, its sessions."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import torch
from torch import Tensor

from anonymizer.sequences.priors.counts import Counts, Left, of_hours
from anonymizer.sequences.priors.encoded import Encoded, Moment, Stretch
from anonymizer.sequences.priors.frequencies import Frequencies
from anonymizer.sequences.priors.prior import Before, Making, Prior, Seen
from anonymizer.sequences.priors.time.bridge import Bridge, Survival
from anonymizer.sequences.priors.time.sessions import share_in_sessions
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.tokens.heads import FIELDS, GAP, WEEKDAY, close
from anonymizer.sequences.tokens.times import CLOCK_SHARES, WEEK, Timeline


class Habits(NamedTuple):
    """When a history's events happen; everyone's where it is not told.

    Attributes:
        survival: how long the next visit may be off.
        week: (..., 7) how much likelier each weekday is than usual, as a logarithm.
    """

    survival: Survival
    week: Tensor

    def only(self, where: Tensor) -> "Habits":
        """Pick some events."""
        return Habits(self.survival.only(where), self.week[where])


@dataclass(frozen=True)
class Arrivals(Prior):
    """The priors of gap, weekday and clock. Under differential privacy: without sessions.

    Attributes:
        timeline: of the model.
        frequencies: of all tokens.
        counts: how many events are left of each hour and weekday.
        sessions: share of visits that follow in the session of the one before.
    """

    name = "arrivals"
    unpaid = 0.0

    timeline: Timeline
    frequencies: Frequencies
    counts: Counts
    sessions: float

    @classmethod
    def learn(cls, seen: Seen, making: Making) -> "Arrivals":
        """The share of visits in sessions; all else follows from the timeline."""
        line, gaps = making.codec.timeline, making.need(Frequencies).heads[GAP]
        share = share_in_sessions(
            seen.histories, seen.places, seen.tokens[:, GAP], line, usual=gaps, k=seen.k
        )
        return cls.from_dict(share, making)

    @cached_property
    def bridge(self) -> Bridge:
        """The arithmetic of when visits come."""
        gaps = torch.from_numpy(self.frequencies.heads[GAP])
        return Bridge(self.timeline, gaps, self.sessions)

    def logits(
        self, head: int, base: Tensor, before: Before, tokens: Tensor, day: Tensor
    ) -> Tensor:
        """Of gap, weekday and clock; `base` is everyone's."""
        if head >= FIELDS:
            return base
        habits, gap = before.of(Arrivals), tokens[:, GAP]
        if head == GAP:
            return self._gaps(base, before, habits)
        if head == WEEKDAY:
            is_open = self.bridge.open_weekdays(before.moment, gap, bounded=before.bounded)
            return close(base + habits.week, is_open)
        return self._clocks(base, before.moment, gap, day, habits.survival)

    def _gaps(self, base: Tensor, before: Before, habits: Habits) -> Tensor:
        m, exact = before.moment, self.bridge.exact
        is_open = self.bridge.open_gaps(m, bounded=before.bounded)
        if not m.known.any():
            return close(base, is_open)
        weekday = (self.timeline.first_weekday + m.day[..., None] + exact) % WEEK
        week = habits.week.gather(-1, weekday)
        own = self.bridge.gaps(m, habits.survival) + torch.where(exact > 0, week, 0.0)
        return close(torch.where(m.known[..., None], own, base), is_open)

    def _clocks(
        self, base: Tensor, m: Moment, gap: Tensor, day: Tensor, survival: Survival
    ) -> Tensor:
        if self.timeline.clocks is None:
            return base
        is_open = self.bridge.open_clocks(m, gap)
        if not m.known.any():
            return close(base, is_open)
        own = self.bridge.clocks(m, gap, day, survival)
        return close(torch.where(m.known[..., None], own, base), is_open)

    # Its state follows from that of the counts, wherever they come from.

    def scan(
        self, carried: None, data: Encoded, stretch: Stretch, states: dict[str, Any]
    ) -> tuple[Habits, None]:  # fmt: skip
        """Work out the habits at the events of a window."""
        return self.blank(stretch.moment, states), None

    def look(self, kept: None, moment: Moment, states: dict[str, Any]) -> Habits:
        """Work out the habits at the next event."""
        return self.blank(moment, states)

    def blank(self, moment: Moment, states: dict[str, Any]) -> Habits:
        """By what is left of each hour and weekday, everyone's where that is not told."""
        left: Left = states[Counts.name]
        when = of_hours(moment, left.told)[..., None]
        survival = self.bridge.survival(moment, self._hours(left.of, when))
        return Habits(survival, self._week(left.of, when))

    def _hours(self, left: Tensor, when: Tensor) -> Tensor:
        """(..., Y + 1) share of a day's events before each two-hour border."""
        usual, start = self.bridge.usual, self.counts.of_fields
        everyone = usual.expand(*when.shape[:-1], CLOCK_SHARES + 1)
        if self.timeline.clocks is None:
            return everyone
        hours = left[..., start : start + CLOCK_SHARES].clamp(min=0).double()
        share = (hours + torch.diff(usual)) / (hours.sum(-1, keepdim=True) + 1)
        own = torch.cat([torch.zeros_like(share[..., :1]), share.cumsum(-1)], -1)
        return torch.where(when, own, everyone)

    def _week(self, left: Tensor, when: Tensor) -> Tensor:
        """(..., 7) how much likelier each weekday is than usual, as a logarithm."""
        usual = torch.softmax(self.frequencies.tensors[WEEKDAY], -1)
        days = left[..., -WEEK:].clamp(min=0)
        ratio = (days + usual) / (days.sum(-1, keepdim=True) + 1) / usual
        return torch.where(when, torch.log(ratio), 0.0)

    def to_dict(self) -> Any:
        """Write it as plain values that JSON can hold."""
        return self.sessions

    @classmethod
    def from_dict(cls, data: Any, making: Making) -> "Arrivals":
        """Read what `to_dict` wrote."""
        frequencies, counts = making.need(Frequencies), making.need(Counts)
        return cls(making.codec.timeline, frequencies, counts, float(data))

    def sound(self, codec: HistoryCodec, large: list[int]) -> Iterator[bool]:
        """A share, and only where there are times of day."""
        yield 0 <= self.sessions < 1
        yield self.sessions == 0 or self.timeline.clocks is not None
