"""When the next event comes: what is left of a history, its hours and weekdays, its sessions.

Who reads a site, is examined in a hospital or rates films does so many times in a row and then
stays away. Such visits are not spread over the days that a history has: they follow in a session.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from anonymizer.arrays import Array, BoolArray, FloatArray, IntArray, SmallFloatArray
from anonymizer.sequences.histories.protection import capped_lengths
from anonymizer.sequences.histories.roles import pick
from anonymizer.sequences.priors.counts import Counts, Left
from anonymizer.sequences.priors.frequencies import Frequencies
from anonymizer.sequences.priors.prior import Before, Event, Making, Prior, Seen, Size, Step
from anonymizer.sequences.tokens.ahead import Ahead, Now, Pace
from anonymizer.sequences.tokens.bridge import Bridge, Survival
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.tokens.encoded import Encoded, Moment
from anonymizer.sequences.tokens.heads import CLOCK, CLOSED, FIELDS, GAP, WEEKDAY, close
from anonymizer.sequences.tokens.times import CLOCK_SHARES, FIRST, INSTANT, WEEK, Timeline

VISITS = 20_000  # that are looked at
PASSES = 15  # of expectation and maximisation
CLEAR = 0.05  # of visits, beyond those that fall on one day by chance


class Habits(NamedTuple):
    """When a history's events happen; everyone's where it is not told.

    Attributes:
        survival: how long the next visit may be off.
        week: (..., 7) how much likelier each weekday is than for everyone, as a logarithm.
    """

    survival: Survival
    week: Tensor


class Habit(NamedTuple):
    """The same of the (B,) histories of a step.

    Attributes:
        pace: how the visits to come are spread.
        week: (B, 7) as there; None where it is everyone's.
    """

    pace: Pace
    week: SmallFloatArray | None

    def only(self, rows: IntArray | None) -> "Habit":
        """Of some histories, or of all."""
        if rows is None:
            return self
        profile = self.pace.profile
        pace = pick(self.pace._replace(profile=self.pace.now), rows)
        own = profile if len(profile) == 1 else profile[rows]
        return Habit(pace._replace(profile=own), None if self.week is None else self.week[rows])


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
        return cls.from_dict(share_in_sessions(seen.data, line, gaps, seen.k), making)

    @classmethod
    def pooled(cls, parts: Sequence[tuple["Arrivals", Size]], making: Making) -> "Arrivals":
        """The mean share of visits in sessions, by the sites' events."""
        shares, weights = zip(*((each.sessions, size.events) for each, size in parts), strict=True)
        return cls.from_dict(round(float(np.average(shares, weights=weights)), 3), making)

    @cached_property
    def bridge(self) -> Bridge:
        """The arithmetic of when visits come."""
        gaps = torch.from_numpy(self.frequencies.heads[GAP])
        return Bridge(self.timeline, gaps, self.sessions)

    @cached_property
    def ahead(self) -> Ahead:
        """The same arithmetic for sampling."""
        return Ahead(self.bridge)

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
        def own(m: Moment, survival: Survival, week: Tensor) -> Tensor:
            exact = self.bridge.exact
            weekday = (self.timeline.first_weekday + m.day[..., None] + exact) % WEEK
            usual = torch.where(exact > 0, week.gather(-1, weekday), 0.0)
            return self.bridge.gaps(m, survival) + usual

        is_open = self.bridge.open_gaps(before.moment, bounded=before.bounded)
        some = [before.moment, habits.survival, habits.week]
        return close(_where_known(before.moment.known, base, own, some), is_open)

    def _clocks(
        self, base: Tensor, m: Moment, gap: Tensor, day: Tensor, survival: Survival
    ) -> Tensor:
        if self.timeline.clocks is None:
            return base
        is_open = self.bridge.open_clocks(m, gap)
        own = _where_known(m.known, base, self.bridge.clocks, [m, gap, day, survival])
        return close(own, is_open)

    def said(self, head: int, base: Array, step: Step, event: Event) -> Array:
        """The same of a step, of which all is known."""
        if head >= FIELDS or (head == CLOCK and self.timeline.clocks is None):
            return base
        m, gap, habit = step.now, event.tokens[:, GAP], step.states[self.name].only(step.rows)
        if head == GAP:
            return self.ahead.gaps(m, habit.pace, habit.week)
        if head == CLOCK:
            return self.ahead.clocks(m, gap, event.day, habit.pace)
        own = np.tile(base, (len(gap), 1)) if habit.week is None else base + habit.week
        own[~self.ahead.open_weekdays(m, gap)] = CLOSED
        return own

    # Its state follows from that of the counts, wherever that comes from: `scan` and `look` too.

    def blank(self, moment: Moment, states: dict[str, Any]) -> Habits:
        """By what is left of each hour and weekday, everyone's where that is not told."""
        left: Left = states[Counts.name]
        when = self.counts.of_hours(moment, left.told)[..., None]
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

    @cached_property
    def _everyone(self) -> Tensor:
        """(7,) how likely each weekday is."""
        return torch.softmax(self.frequencies.tensors[WEEKDAY], -1)

    def _week(self, left: Tensor, when: Tensor) -> Tensor:
        """(..., 7) how much likelier each weekday is than for everyone, as a logarithm."""
        everyone, days = self._everyone, left[..., -WEEK:].clamp(min=0)
        ratio = (days + everyone) / (days.sum(-1, keepdim=True) + 1) / everyone
        return torch.where(when, torch.log(ratio), 0.0)

    def look(self, kept: None, now: Now, states: dict[str, Any]) -> "Habit":
        """The same of a step."""
        left, told, _ = states[Counts.name]
        when = self.counts.hours_told(now, told)
        if not when.any():
            return Habit(self.ahead.pace(now, self.ahead.usual[None]), None)
        pace = self.ahead.pace(now, self._own_hours(left, when))
        return Habit(pace, self._own_week(left, when))

    def _own_hours(self, left: IntArray, when: BoolArray) -> FloatArray:
        """`_hours` of (B, S + 1) counts, (1, Y + 1) where they are everyone's."""
        usual, start = self.ahead.usual, self.counts.of_fields
        if self.timeline.clocks is None:
            return usual[None]
        hours, own = left[:, start : start + CLOCK_SHARES], np.zeros((len(left), CLOCK_SHARES + 1))
        share = (hours + np.diff(usual)) / (hours.sum(1) + 1.0)[:, None]
        np.cumsum(share, 1, out=own[:, 1:])
        own[~when] = usual
        return own

    def _own_week(self, left: IntArray, when: BoolArray) -> SmallFloatArray:
        """`_week` of (B, S + 1) counts."""
        everyone = self._everyone.numpy()
        days = left[:, -WEEK - 1 : -1].astype(np.float32)
        ratio = (days + everyone) / (days.sum(1, keepdims=True) + 1) / everyone
        week: SmallFloatArray = torch.log(torch.from_numpy(ratio)).numpy()
        week[~when] = 0
        return week

    def to_dict(self) -> Any:
        """Write it as plain values that JSON can hold."""
        return self.sessions

    @classmethod
    def from_dict(cls, data: Any, making: Making) -> "Arrivals":
        """Read what `to_dict` wrote."""
        frequencies, counts = making.need(Frequencies), making.need(Counts)
        return cls(making.codec.timeline, frequencies, counts, float(data))

    def faults(self, codec: HistoryCodec, large: list[int]) -> Iterator[str]:
        """Check that sessions are a share, and 0 where there are no times of day."""
        if not 0 <= self.sessions < (1 if self.timeline.clocks is not None else 1e-9):
            yield "arrivals: the share of visits in sessions is none"


@torch.no_grad()
def share_in_sessions(data: Encoded, timeline: Timeline, frequencies: FloatArray, k: int) -> float:
    """Of visits that are neither first nor last, how many follow in the session of the one before.

    The weight of a mixture of two ways in which the next visit may come, by its likelihood
    (Dempster, Laird and Rubin 1977); 0 where the same day is hardly fuller than by chance.

    Args:
        data: to learn from.
        timeline: what is known of time otherwise.
        frequencies: (V,) log-frequencies of the gap's tokens.
        k: entities that must have such visits; none counts for more than the k-th.
    """
    if timeline.clocks is None:
        return 0.0
    chosen = _inner_visits(data, k)
    if not len(chosen):
        return 0.0
    m, gap = data.moment(chosen, data.owner[chosen], chosen >= 0), data.tokens[chosen, GAP]
    arithmetic, taken = Bridge(timeline, torch.from_numpy(frequencies)), torch.from_numpy(gap)
    survival = arithmetic.survival(m, arithmetic.usual.expand(len(gap), -1))

    def bridge(share: float) -> Tensor:
        spread = survival._replace(others=survival.others * (1 - share))
        return torch.log_softmax(arithmetic.bridge(m, spread), -1)

    same, spread, share = arithmetic.same, bridge(0.0), 0.5
    by_chance = float(spread[:, same].exp().sum(-1).mean())
    observed = float(((gap >= same.start) & (gap < same.stop)).mean())
    if observed - by_chance <= CLEAR:
        return 0.0
    for _ in range(PASSES):
        own, other = arithmetic.session[taken], spread.gather(-1, taken[:, None])[:, 0]
        odds = np.log(share / (1 - share)) + own - other
        share = float(torch.sigmoid(odds).mean().clamp(1e-6, 0.999))
        spread = bridge(share)
    return round(share, 3)


def _inner_visits(data: Encoded, k: int) -> IntArray:
    """(M,) first events of some visits that are neither a history's first nor its last."""
    gap, owner = data.tokens[:, GAP], data.owner
    inner = (gap != FIRST) & (gap != INSTANT) & (data.instant < data.span.visits[owner])
    chosen = _capped(np.flatnonzero(inner), owner, k)
    return chosen[np.linspace(0, len(chosen) - 1, min(VISITS, len(chosen))).astype(np.int64)]


def _capped(events: IntArray, owner: IntArray, k: int) -> IntArray:
    """Events, of nobody more than the entity has that comes k-th; none if fewer than k have any."""
    own, counts = np.unique(owner[events], return_counts=True)
    if len(own) < k:
        return events[:0]
    number = np.arange(len(events)) - np.repeat(np.cumsum(counts) - counts, counts)
    kept: IntArray = events[number < capped_lengths(counts, k).max()]
    return kept


def _where_known(
    known: Tensor, base: Tensor, own: Callable[..., Tensor], given: list[Any]
) -> Tensor:
    """(M, V) what `own` makes of (M,) things where the profile is known, (V,) `base` elsewhere."""
    rows = known.nonzero(as_tuple=True)
    if len(rows[0]) == len(known):
        return own(*given)
    found = base.expand(len(known), -1).clone()
    if len(rows[0]):
        found[rows] = own(*pick(given, rows))
    return found
