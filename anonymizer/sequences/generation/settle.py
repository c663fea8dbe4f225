"""What the heads of time, once drawn, make of an event: its day, its place within it."""

from dataclasses import dataclass

import numpy as np

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.sequences.priors.prior import Event
from anonymizer.sequences.tokens.ahead import Ahead, Now
from anonymizer.sequences.tokens.heads import CLOCK, GAP, WEEKDAY
from anonymizer.sequences.tokens.times import FAR, FIRST, INSTANT


@dataclass(frozen=True)
class Settler:
    """Writes down what came to be; the first three heads move the clock."""

    ahead: Ahead

    def settle(
        self,
        j: int,
        token: IntArray,
        event: Event,
        m: Now,
        u: FloatArray,
        *,
        known: BoolArray | None = None,
    ) -> None:
        """Put the (B,) tokens of a head into the event.

        Args:
            j: the head.
            token: (B,).
            event: of the histories.
            m: what was known before it.
            u: (B, J) numbers in [0, 1) that place it.
            known: (B,) whether length and last day are given; of all by default.
        """
        line, gap = self.ahead.line, event.tokens[:, GAP]
        if j == GAP:
            event.tokens[:, GAP] = np.where(m.position == 0, FIRST, token)
        elif j == WEEKDAY:
            event.day = self._day(gap, token, m, u[:, GAP], known)
            event.tokens[:, WEEKDAY] = line.weekday(event.day)
        elif j == CLOCK:
            event.unit = self._unit(gap, token, m, u)
            event.tokens[:, CLOCK] = line.clock(event.unit)
        else:
            event.tokens[:, j] = token

    def _day(
        self, gap: IntArray, weekday: IntArray, m: Now, u: FloatArray, known: BoolArray | None
    ) -> IntArray:
        line, room = self.ahead.line, self.ahead.room(m)
        last = (m.visits == 1) & (gap != INSTANT) & (m.position > 0)
        if known is not None:
            room, last = np.where(known, room, FAR), last & known
        moves = line.is_new_day[gap]
        low = np.where(moves, line.low_days[gap], 0)
        high = np.minimum(np.where(moves, line.high_days[gap], 0), room)
        picked = line.pick_day(m.day + low, m.day + high, weekday, u)
        return np.where(last, m.day + m.left, np.where(moves, picked, m.day))

    def _unit(self, gap: IntArray, clock: IntArray, m: Now, u: FloatArray) -> IntArray:
        line = self.ahead.line
        floor = np.where(gap == line.later, m.unit + line.reach + 1, 0)
        fresh = line.pick_clock(clock, floor, u[:, CLOCK])
        near = m.unit + line.pick_short(gap, line.units_per_day - 1 - m.unit, u[:, WEEKDAY])
        return np.where(line.has_clock[gap], fresh, near)
