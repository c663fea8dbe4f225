"""When the next event comes, if those to come were spread over the days as everyone's are.

A history whose visits to come number v, the last of them on a given last day, is a bridge: in
operational time, which runs faster on busy days and at busy hours, the others are uniform on what
is left and the next one is their minimum. Some visits follow in the same session; only the others
are spread. The network learns how a history differs from that, and
lengths and last days hold by construction. Everything is in logarithms of probabilities.
"""

import math
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from anonymizer.arrays import IntArray
from anonymizer.sequences.tokens.encoded import Moment
from anonymizer.sequences.tokens.times import CLOCK_SHARES, FAR, FIRST, INSTANT, WEEK, Timeline

FLOOR = -60.0  # log-probability of what can hardly be


class Bridge:
    """The timeline's tokens as tensors, which of them are open, and how likely each is."""

    def __init__(
        self, timeline: Timeline, frequencies: Tensor | None = None, sessions: float = 0.0
    ) -> None:
        """Prepare the tensors that all moments share.

        Args:
            timeline: of the model.
            frequencies: (V,) log-frequencies of gap tokens, where there are sessions.
            sessions: share of visits that follow in the session of the one before.
        """
        line = self.timeline = timeline
        self.sessions = sessions
        self.low, self.high = torch.from_numpy(line.low_days), torch.from_numpy(line.high_days)
        self.low_units = torch.from_numpy(line.low_units)
        self.busy = torch.from_numpy(np.concatenate([[0], np.cumsum(line.activity)]))
        self.turn = torch.from_numpy(line.turn)
        exact = line.is_new_day & (line.low_days == line.high_days)
        self.exact = torch.from_numpy(np.where(exact, line.low_days, 0))
        new = line.is_new_day
        self.days = Borders(line.low_days[new], line.high_days[new])
        if line.clocks is not None:
            self.same = slice(INSTANT + 1, line.later + 1)
            self.units = Borders(line.low_units[self.same], line.high_units[self.same])
            self.clock_high = torch.from_numpy(line.clocks.high)
            self.borders = Borders(line.clocks.low[1:], line.clocks.high[1:])
            self.shares = self._interpolation(self.borders.at)
            if frequencies is not None:
                self.session = torch.full((line.gap_size,), FLOOR, dtype=torch.float64)
                self.session[self.same] = torch.log_softmax(frequencies[self.same].double(), -1)

    # Which tokens are open.

    def room(self, m: Moment) -> Tensor:
        """(...) days that the next visit may be away, so that those after it find room.

        Events that have only a date need a day each.
        """
        if self.timeline.clocks is not None:
            return m.left
        return m.left - (m.visits - 1).clamp(min=0)

    def _limit(self, m: Moment, known: Tensor, *, bounded: bool) -> Tensor:
        """(...) `known` where the profile is, elsewhere how far the window lets events go."""
        far = self.timeline.days - 1 - m.day if bounded else torch.full_like(m.left, FAR)
        return torch.where(m.known, known, far)

    def open_gaps(self, m: Moment, *, bounded: bool = True) -> Tensor:
        """(..., V) gap tokens that can still be kept; the last visit must fall on the last day.

        Where they are bounded, events stay within the window.
        """
        limit = self._limit(m, self.room(m), bounded=bounded)[..., None]
        end = self._limit(m, m.left, bounded=bounded)[..., None]
        units_left = (self.timeline.units_per_day - 1 - m.unit)[..., None]
        visits, lines = (torch.where(m.known, x, FAR)[..., None] for x in (m.visits, m.remaining))
        can = (self.low <= limit) & (self.low_units <= units_left) & (visits > 0)
        can &= (visits > 1) | (self.high >= end)
        # Without the profile everything may go on at the same instant; with it, only lines that
        # are not needed for visits to come.
        instant = torch.arange(self.timeline.gap_size) == INSTANT
        return torch.where(instant, (lines > visits) | ~m.known[..., None], can)

    def open_weekdays(self, m: Moment, gap: Tensor, *, bounded: bool = True) -> Tensor:
        """(..., 7) weekdays that the gap tokens taken can lead to."""
        low = self.low[gap]
        high = torch.minimum(self.high[gap], self._limit(m, self.room(m), bounded=bounded))
        last = m.known & (m.visits == 1) & (gap != INSTANT) & (gap != FIRST)
        low = torch.where(last, m.left, low)
        start = ((self.timeline.first_weekday + m.day + low) % WEEK)[..., None]
        return (torch.arange(WEEK) - start) % WEEK <= (high - low)[..., None]

    def open_clocks(self, m: Moment, gap: Tensor) -> Tensor:
        """(..., V) clock tokens that do not run backwards."""
        return self.clock_high >= self._floor(m, gap)[..., None]

    def _floor(self, m: Moment, gap: Tensor) -> Tensor:
        later = gap == self.timeline.later
        return torch.where(later, m.unit + self.timeline.reach + 1, torch.zeros_like(m.unit))

    # How likely each is.

    def gaps(self, m: Moment, survival: "Survival") -> Tensor:
        """(..., V) log-probability of each gap token."""
        logs = self.bridge(m, survival)
        if self.sessions:
            own = self.session + math.log(self.sessions)
            logs = torch.logaddexp(logs + math.log1p(-self.sessions), own)
        share = (m.visits.double() / m.remaining.clamp(min=1)).clamp(0, 1)
        logs += torch.log(share.clamp(min=1e-9))[..., None]
        logs[..., INSTANT] = torch.log((1 - share).clamp(min=1e-9))
        return logs.float()

    def bridge(self, m: Moment, survival: "Survival") -> Tensor:
        """(..., V) of new visits that are spread over what is left."""
        day, final = m.day.clamp(0, self.timeline.days - 1), self.timeline.days
        logs = torch.full((*day.shape, self.timeline.gap_size), FLOOR, dtype=torch.float64)
        days = self.busy[(day[..., None] + self.days.at).clamp(max=final)]
        logs[..., -len(self.days.start) :] = self.days.logs(survival(days))
        if self.timeline.clocks is not None:
            pace = (self.busy[day + 1] - self.busy[day])[..., None]
            unit = (m.unit[..., None] + self.units.at).clamp(max=self.timeline.units_per_day)
            points = self.busy[day][..., None] + pace * self._spent(unit, survival.profile)
            logs[..., self.same] = self.units.logs(survival(points))
        return logs

    def clocks(self, m: Moment, gap: Tensor, day: Tensor, survival: "Survival") -> Tensor:
        """(..., V) log-probability of each clock token, given the gap and the day it led to."""
        day = day.clamp(0, self.timeline.days - 1)
        begin = self.busy[day][..., None]
        pace = (self.busy[day + 1] - self.busy[day])[..., None]
        floor = self._floor(m, gap)[..., None].clamp(max=self.timeline.units_per_day)
        known = survival(begin + pace * self._spent(floor, survival.profile))
        points = survival(begin + pace * (survival.profile @ self.shares))
        # What lies before the floor cannot be: from there on everything is still to come.
        logs = self.borders.logs(torch.minimum(points, known))
        return torch.cat([logs.new_full((*day.shape, 1), FLOOR), logs], -1).float()

    @cached_property
    def usual(self) -> Tensor:
        """(Y + 1,) share of a day's events before each two-hour border, of everyone."""
        if self.timeline.clocks is None:
            return torch.linspace(0, 1, CLOCK_SHARES + 1, dtype=torch.float64)
        borders = torch.arange(CLOCK_SHARES + 1) * self.timeline.units_per_day // CLOCK_SHARES
        return self._plain(borders)

    def _plain(self, unit: Tensor) -> Tensor:
        """Share of a day's events before a unit, of everyone."""
        cells = len(self.turn) - 1
        at = unit.double() * cells / self.timeline.units_per_day
        cell = at.floor().long().clamp(0, cells - 1)
        return self.turn[cell] + (self.turn[cell + 1] - self.turn[cell]) * (at - cell)

    def _spent(self, unit: Tensor, profile: Tensor) -> Tensor:
        """(..., V) the same of this history: its own share of each two hours, within them usual."""
        if self.timeline.clocks is None:
            return self._plain(unit)
        cell = unit * CLOCK_SHARES // self.timeline.units_per_day
        cell = cell.clamp(max=CLOCK_SHARES - 1)
        width = self.usual[cell + 1] - self.usual[cell]
        inside = ((self._plain(unit) - self.usual[cell]) / width).clamp(0, 1)
        low = profile.gather(-1, cell)
        return low + (profile.gather(-1, cell + 1) - low) * inside

    def _interpolation(self, unit: Tensor) -> Tensor:
        """(V,) units → (Y + 1, V) weights: `profile @ weights` is what `_spent` gives for them."""
        corners = torch.eye(CLOCK_SHARES + 1, dtype=torch.float64)
        return self._spent(unit.expand(len(corners), -1), corners)

    def survival(self, m: Moment, profile: Tensor) -> "Survival":
        """How long each history's next visit may be off; `profile` is (..., Y + 1), see `usual`."""
        day = m.day.clamp(0, self.timeline.days - 1)
        last = (m.day + m.left).clamp(0, self.timeline.days - 1)
        spent = self._spent(m.unit[..., None], profile)[..., 0]
        now = self.busy[day] + (self.busy[day + 1] - self.busy[day]) * spent
        span = (self.busy[last + 1] - now).clamp(min=1e-9)
        pin = ((self.busy[last] - now).clamp(min=0) / span).clamp(max=1 - 1e-9)
        others = (m.visits.double() - 1).clamp(min=0) * (1 - self.sessions)
        return Survival(profile, now[..., None], span[..., None], pin[..., None], others[..., None])


class Survival(NamedTuple):
    """log P(the next visit is later than a point of operational time), (..., 1) each.

    Attributes:
        profile: (..., Y + 1) share of a day's events before each two-hour border.
        now: where the history is.
        span: to the end of its last day.
        pin: share of the span before the last day begins; the last visit lies beyond it.
        others: visits to come besides the last.
    """

    profile: Tensor
    now: Tensor
    span: Tensor
    pin: Tensor
    others: Tensor

    def __call__(self, point: Tensor) -> Tensor:
        """Compute it at (..., V) points."""
        x = ((point - self.now) / self.span).clamp(0, 1 - 1e-12)
        rest = torch.log1p(-x)
        last = torch.where(x > self.pin, rest - torch.log1p(-self.pin), 0.0)
        return self.others * rest + last


class Borders:
    """Tokens that are values and bins of values, by the borders between them.

    A value with a token of its own is taken out of the bin that it lies in.

    Attributes:
        at: (U,) borders, ascending.
        start, stop: (V,) the borders of each token.
        inside: (V, V) 1 where the column's value lies inside the row's bin; None if there is none.
    """

    def __init__(self, low: IntArray, high: IntArray) -> None:
        at = np.unique(np.concatenate([low, high + 1]))
        self.at = torch.from_numpy(at)
        self.start = torch.from_numpy(np.searchsorted(at, low))
        self.stop = torch.from_numpy(np.searchsorted(at, high + 1))
        number, single = np.arange(len(low)), low == high
        inside = single & (low[:, None] <= low) & (low <= high[:, None])
        inside &= number[:, None] > number  # values come before bins, also before bins of one value
        self.inside = torch.from_numpy(inside * 1.0) if inside.any() else None

    def logs(self, survival: Tensor) -> Tensor:
        """(..., U) log P(later than a border) → (..., V) log-probability of each token."""
        a, b = survival[..., self.start], survival[..., self.stop]
        logs = a + torch.log(-torch.expm1((b - a).clamp(max=-1e-14)))  # log(exp(a) − exp(b))
        if self.inside is not None:
            p = torch.exp(logs)
            logs = torch.log(torch.maximum(p - p @ self.inside.T, p * 1e-9).clamp(min=1e-26))
        return logs.clamp(min=FLOOR)
