"""When the next event comes, of many histories at once: what sampling asks at every step.

The arithmetic of `Bridge` on arrays, for histories of which all is known. It stays with
probabilities as long as it can, which saves most of the logarithms.
"""

import math
from typing import NamedTuple

import numpy as np

from anonymizer.arrays import Array, BoolArray, FloatArray, IntArray, SmallFloatArray
from anonymizer.sequences.tokens.bridge import FLOOR, Borders, Bridge
from anonymizer.sequences.tokens.heads import CLOSED
from anonymizer.sequences.tokens.times import CLOCK_SHARES, FIRST, INSTANT, WEEK

LEAST = math.exp(FLOOR)  # probability of what can hardly be


class Now(NamedTuple):
    """What is known of (B,) histories before the next event; see `Moment`."""

    day: IntArray
    unit: IntArray
    position: IntArray
    remaining: IntArray
    visits: IntArray
    left: IntArray


class Pace(NamedTuple):
    """How the visits to come of (B,) histories are spread, (B, 1) each; see `Survival`.

    Attributes:
        profile: (B, Y + 1) share of a day's events before each two-hour border; (1, Y + 1) if it
            is the same for all.
        now, span, pin, others: as there.
        pinned: log(1 − pin).
    """

    profile: FloatArray
    now: FloatArray
    span: FloatArray
    pin: FloatArray
    others: FloatArray
    pinned: FloatArray

    def later(self, x: FloatArray) -> FloatArray:
        """(B, any) shares of the span → log P(the next visit is later), in place."""
        np.maximum(x, 0, out=x)
        np.minimum(x, 1 - 1e-12, out=x)
        beyond = x > self.pin
        np.log1p(np.negative(x, out=x), out=x)
        last = x - self.pinned
        x *= self.others
        return np.add(x, last, out=x, where=beyond)


class Ahead:
    """A bridge's tensors as arrays, which tokens are open, and how likely each is."""

    def __init__(self, bridge: Bridge) -> None:
        """Prepare what all steps share."""
        line = self.line = bridge.timeline
        self.low, self.high, self.low_units = line.low_days, line.high_days, line.low_units
        self.busy, self.turn, self.usual = (
            each.numpy() for each in (bridge.busy, bridge.turn, bridge.usual)
        )
        self.exact, self.sessions = bridge.exact.numpy(), bridge.sessions
        self.days, self.tokens = _Cells(bridge.days), np.arange(line.gap_size)
        if line.clocks is not None:
            self.same, self.units = bridge.same, _Cells(bridge.units)
            self.borders, self.clock_high = _Cells(bridge.borders), line.clocks.high
            ones = np.ones((1, len(self.borders.at)))
            self.shares = np.concatenate([bridge.shares.numpy(), ones])  # (Y + 2, U)
            if self.sessions:
                self.session = np.exp(bridge.session.numpy())

    def room(self, m: Now) -> IntArray:
        """(B,) days that the next visit may be away, so that those after it find room."""
        if self.line.clocks is not None:
            return m.left
        return m.left - np.maximum(m.visits - 1, 0)

    # Which tokens are open.

    def open_gaps(self, m: Now) -> BoolArray:
        """(B, V) gap tokens that can still be kept; the last visit must fall on the last day."""
        can: BoolArray = self.low <= self.room(m)[:, None]
        can &= self.low_units <= (self.line.units_per_day - 1 - m.unit)[:, None]
        last = np.flatnonzero(m.visits <= 1)
        can[last] &= (m.visits[last, None] > 0) & (self.high >= m.left[last, None])
        can[:, INSTANT] = m.remaining > m.visits
        return can

    def open_weekdays(self, m: Now, gap: IntArray) -> BoolArray:
        """(B, 7) weekdays that the gap tokens taken can lead to."""
        low, high = self.low[gap], np.minimum(self.high[gap], self.room(m))
        last = (m.visits == 1) & (gap != INSTANT) & (gap != FIRST)
        low = np.where(last, m.left, low)
        start = ((self.line.first_weekday + m.day + low) % WEEK)[:, None]
        is_open: BoolArray = (np.arange(WEEK) - start) % WEEK <= (high - low)[:, None]
        return is_open

    def _floor(self, m: Now, gap: IntArray) -> IntArray:
        return np.where(gap == self.line.later, m.unit + self.line.reach + 1, 0)

    # How likely each is.

    def pace(self, m: Now, profile: FloatArray) -> Pace:
        """How the visits to come are spread."""
        final = self.line.days - 1
        last = np.minimum(np.maximum(m.day + m.left, 0), final)
        begin, width = self._day(m.day)
        now = begin + width * self._spent(m.unit[:, None], profile)  # (B, 1)
        span = np.maximum(self.busy[last + 1][:, None] - now, 1e-9)
        pin = np.minimum(np.maximum(self.busy[last][:, None] - now, 0) / span, 1 - 1e-9)
        others = np.maximum(m.visits - 1.0, 0)[:, None] * (1 - self.sessions)
        return Pace(profile, now, span, pin, others, np.log1p(-pin))

    def _day(self, day: IntArray) -> tuple[FloatArray, FloatArray]:
        """(B, 1) where days begin in operational time, and how much of it they hold."""
        day = np.minimum(np.maximum(day, 0), self.line.days - 1)
        begin = self.busy[day]
        return begin[:, None], (self.busy[day + 1] - begin)[:, None]

    def gaps(self, m: Now, pace: Pace, week: SmallFloatArray | None) -> SmallFloatArray:
        """(B, V) log-probability of each gap token; (B, 7) log-odds of weekdays, if any."""
        p = np.full((len(m.day), len(self.tokens)), LEAST)
        day = np.minimum(np.maximum(m.day, 0), self.line.days - 1)[:, None]
        x = self.busy.take(np.minimum(day + self.days.at, self.line.days))
        x -= pace.now
        x /= pace.span
        p[:, -self.days.size :] = self.days.chances(pace.later(x))
        if self.line.clocks is not None:
            unit = np.minimum(m.unit[:, None] + self.units.at, self.line.units_per_day)
            begin, width = self._day(m.day)
            x = (begin + width * self._spent(unit, pace.profile) - pace.now) / pace.span
            p[:, self.same] = self.units.chances(pace.later(x))
        if self.sessions:
            p *= 1 - self.sessions
            p += self.sessions * self.session
        share = np.minimum(m.visits / np.maximum(m.remaining, 1), 1.0)
        p *= np.maximum(share, 1e-9)[:, None]
        p[:, INSTANT] = np.maximum(1 - share, 1e-9)
        logs: SmallFloatArray = np.log(p, out=p).astype(np.float32)
        if week is not None:
            weekday = (self.line.first_weekday + m.day[:, None] + self.exact) % WEEK
            logs += np.where(self.exact > 0, _of_each(week, weekday), 0)
        can = self.open_gaps(m)
        # No time is left for the visits to come where nothing is open: they happen now.
        logs[~can] = CLOSED
        logs[~can.any(1), INSTANT] = 0
        return logs

    def clocks(self, m: Now, gap: IntArray, day: IntArray, pace: Pace) -> SmallFloatArray:
        """(B, V) log-probability of each clock token, given the gap and the day it led to."""
        begin, width = self._day(day)
        lowest = self._floor(m, gap)[:, None]
        floor = np.minimum(lowest, self.line.units_per_day)
        start, slope = (begin - pace.now) / pace.span, width / pace.span
        known = pace.later(start + slope * self._spent(floor, pace.profile))
        x = np.concatenate([pace.profile * slope, start], 1) @ self.shares
        # What lies before the floor cannot be: from there on everything is still to come.
        p = self.borders.chances(np.minimum(pace.later(x), known))
        logs = np.empty((len(p), p.shape[1] + 1), np.float32)
        logs[:, 0] = FLOOR
        logs[:, 1:] = np.log(p, out=p)
        logs[self.clock_high < lowest] = CLOSED
        return logs

    def _plain(self, unit: IntArray) -> FloatArray:
        """Share of a day's events before a unit, of everyone."""
        cells = len(self.turn) - 1
        at = unit * float(cells) / self.line.units_per_day
        cell = np.minimum(at.astype(np.int64), cells - 1)
        low: FloatArray = self.turn.take(cell)
        share: FloatArray = low + (self.turn.take(cell + 1) - low) * (at - cell)
        return share

    def _spent(self, unit: IntArray, profile: FloatArray) -> FloatArray:
        """(B, any) the same of this history: its own share of each two hours, within them usual."""
        if self.line.clocks is None:
            return self._plain(unit)
        cell = np.minimum(unit * CLOCK_SHARES // self.line.units_per_day, CLOCK_SHARES - 1)
        usual = self.usual.take(cell)
        inside = (self._plain(unit) - usual) / (self.usual.take(cell + 1) - usual)
        inside = np.minimum(np.maximum(inside, 0), 1)
        low: FloatArray = _of_each(profile, cell)
        spent: FloatArray = low + (_of_each(profile, cell + 1) - low) * inside
        return spent


class _Cells:
    """Tokens by the borders between them, see there."""

    def __init__(self, borders: Borders) -> None:
        self.at, self.start, self.stop = (
            each.numpy() for each in (borders.at, borders.start, borders.stop)
        )
        self.size = len(self.start)
        self.inside = None
        if borders.inside is not None:
            values = np.flatnonzero(borders.inside.numpy().any(0))
            self.values = slice(int(values[0]), int(values[-1]) + 1)
            self.inside = np.ascontiguousarray(borders.inside.numpy()[:, self.values].T)

    def chances(self, later: FloatArray) -> FloatArray:
        """(B, U) log P(later than a border) → (B, V) probability of each token."""
        a = later.take(self.start, 1)
        d = later.take(self.stop, 1)
        d -= a
        np.expm1(np.minimum(d, -1e-14, out=d), out=d)
        p: FloatArray = np.multiply(np.exp(a, out=a), np.negative(d, out=d), out=a)
        if self.inside is not None:
            rest = p - p[:, self.values] @ self.inside
            np.maximum(rest, np.multiply(p, 1e-9, out=p), out=p)
            np.maximum(p, 1e-26, out=p)
        return np.maximum(p, LEAST, out=p)


def _of_each(profile: Array, cell: IntArray) -> Array:
    """(B, any) places in the rows of histories, or in the one of all → what is there."""
    if len(profile) > 1:
        cell = cell + np.arange(0, profile.size, profile.shape[1])[:, None]
    found: Array = profile.ravel().take(cell)
    return found
