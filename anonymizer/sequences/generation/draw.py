"""One event, drawn head by head: what sampling and recommending have in common."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from anonymizer.sequences.histories.arrays import BoolArray, FloatArray, IntArray
from anonymizer.sequences.network.lstm import EventNetwork, Past
from anonymizer.sequences.priors.arrivals import Moment
from anonymizer.sequences.priors.codec import HistoryCodec
from anonymizer.sequences.priors.prior import Habits
from anonymizer.sequences.priors.repeats import group
from anonymizer.sequences.tokens.heads import CLOCK, CLOSED, FIELDS, GAP, WEEKDAY, applies, close
from anonymizer.sequences.tokens.times import FAR, FIRST, INSTANT, Timeline
from anonymizer.sequences.tokens.values import RARE

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)


def uniforms(seed: int, entity: IntArray, step: int, count: int) -> FloatArray:
    """(B, count) numbers in [0, 1), each a hash of its coordinates.

    The finaliser of SplitMix64 (Steele, Lea and Flood 2014), applied once per coordinate.
    """
    x = np.full((len(entity), count), np.uint64(seed & (2**64 - 1)))
    for coordinate in (
        entity[:, None].astype(np.uint64),
        np.array([[step]], np.uint64),
        np.arange(count, dtype=np.uint64)[None],
    ):
        x = _mix(x + _GOLDEN * (coordinate + np.uint64(1)))
    return (x >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mix(x: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    x = (x ^ (x >> np.uint64(30))) * _MIX1
    x = (x ^ (x >> np.uint64(27))) * _MIX2
    return x ^ (x >> np.uint64(31))


def draw(logits: Tensor, uniform: FloatArray) -> IntArray:
    """(B, V) logits and (B,) numbers in [0, 1) → (B,) tokens, by the inverse of the CDF."""
    weights = torch.softmax(logits.double(), -1).cumsum(-1).numpy()  # (B, V)
    target = uniform * weights[:, -1]
    tokens: IntArray = (weights <= target[:, None]).sum(1)
    return tokens


def forbid(logits: Tensor, tokens: IntArray) -> Tensor:
    """Put tokens out of reach."""
    if len(tokens):
        logits = logits.clone()
        logits[..., torch.from_numpy(tokens)] = CLOSED
    return logits


def _but(logits: Tensor, had: BoolArray) -> Tensor:
    """(B, V) logits without the values that (B, V) there were, unless no other is left."""
    is_open = torch.from_numpy(~had)
    is_open[:, : RARE + 1] = True  # these are not one value
    left = (is_open & (logits > CLOSED / 2)).any(-1, keepdim=True)
    return close(logits, is_open | ~left)


@dataclass
class Event:
    """The next event of B histories, as far as it is settled.

    Attributes:
        tokens: (B, J), of what comes to be.
        day, unit: (B,) when it happens.
    """

    tokens: IntArray
    day: IntArray
    unit: IntArray

    def of(self, where: BoolArray) -> "Event":
        """Those of some histories."""
        return Event(self.tokens[where], self.day[where], self.unit[where])

    def put(self, where: BoolArray, other: "Event") -> None:
        """Take over from another event, where told to."""
        self.tokens[where], self.day[where] = other.tokens[where], other.day[where]
        self.unit[where] = other.unit[where]


@dataclass(frozen=True)
class Known:
    """What is known of B histories before their next event.

    Attributes:
        moment: (B,) each.
        quotas: (B, S) what is left of each class.
        told: (B,) whether that is known.
        latest: per echoing head and key (B, V), the token that may come again.
        had: per head of which nobody has a value twice (B, V), which there were.
        given: the event itself, where it has happened already.
        is_given: (B,) where that is.
    """

    moment: Moment
    quotas: Tensor
    told: Tensor
    latest: dict[int, list[IntArray]] = field(default_factory=dict)
    had: dict[int, BoolArray] = field(default_factory=dict)
    given: Event | None = None
    is_given: BoolArray | None = None

    def of(self, where: Tensor) -> "Known":
        """What is known of some histories, but for the event itself."""
        return Known(self.moment.only(where), self.quotas[where], self.told[where])


@dataclass(frozen=True)
class Drawer:
    """Draws the heads of an event one after another, each given those before it."""

    codec: HistoryCodec
    network: EventNetwork

    @cached_property
    def tables(self) -> list[Tensor]:
        """The token tables, one per head."""
        return [table() for table in self.network.tables]

    @cached_property
    def forbidden(self) -> list[IntArray]:
        """Per head, tokens that must not be drawn."""
        return self.codec.forbidden

    @property
    def timeline(self) -> Timeline:
        """Of the model."""
        return self.codec.timeline

    def event(self, past: Past, known: Known, u: FloatArray) -> Event:
        """The next event of each history.

        Args:
            past: (B,) what the network knows before it.
            known: besides that.
            u: (B, 2 J) numbers in [0, 1): the first half draws tokens, the second places them.
        """
        return self.until(len(self.tables), past, known, u)[0]

    def until(self, stop: int, past: Past, known: Known, u: FloatArray) -> tuple[Event, Tensor]:
        """The heads before `stop` drawn, and (B, V) logits of head `stop` (of the last, if all)."""
        m, heads, chain = known.moment, len(self.tables), self.network.heads
        first, earlier, live = chain.first(past.x), None, len(past.x)
        event = Event(
            np.zeros((live, heads), np.int64), m.day.numpy().copy(), m.unit.numpy().copy()
        )
        habits = self.codec.assembly.habits(m, known.quotas, known.told)
        logits = torch.empty(0)
        for j, table in enumerate(self.tables[: stop + 1]):
            for i, at, latest in self.echoes(j, event.tokens, known.latest):
                past.echoed[:, j, i] = torch.from_numpy(latest[at])
            said = self._said(j, event)
            where = torch.from_numpy(said)
            if said.all():
                base = self._base(j, event, known, habits, past.echoed)
                query = chain.query(j, first, earlier)
                logits = self.network.logits(j, query, past, table, base)
            else:
                its = event.of(said), known.of(where), habits.only(where), past.echoed[where]
                base = self._base(j, *its)
                query = chain.query(j, first[where], None if earlier is None else earlier[where])
                logits = self.network.logits(j, query, past, table, base)  # time looks at no past
            logits = forbid(logits, self.forbidden[j])
            if j in known.had:
                logits = _but(logits, known.had[j])
            if j == GAP:
                # No time is left for the visits to come: they happen now.
                logits[(base <= CLOSED).all(-1), INSTANT] = 0
            if j < stop:
                tokens = np.zeros(live, np.int64)
                tokens[said] = draw(logits, u[said, j])
                self._settle(j, tokens, event, known, u[:, heads:])
                own = torch.from_numpy(event.tokens[:, j].copy())
                earlier = chain.after(j, own, table, earlier)
        return event, logits

    def echoes(
        self, j: int, tokens: IntArray, latest: dict[int, list[IntArray]]
    ) -> Iterator[tuple[int, tuple[IntArray, IntArray], IntArray]]:
        """Of each key of an echoing head its number, the places in its table, and the table.

        Args:
            j: the head; nothing comes of one that does not echo.
            tokens: (B, J), of which those before the head count.
            latest: see `Known`.
        """
        for i, table in enumerate(latest.get(j, [])):
            at = np.arange(len(tokens)), group(tokens, self.codec.echoes[j].keys[i])
            yield i, at, table

    def _said(self, j: int, event: Event) -> BoolArray:
        """(B,) whether a head has something to say; the gap's own token is not there before it."""
        gap = event.tokens[:, GAP]
        return np.full(len(gap), True) if j == GAP else applies(gap, self.timeline, j)

    def _base(self, j: int, event: Event, known: Known, habits: Habits, echoed: Tensor) -> Tensor:
        """(M, V) or (V,) the base measure of a head at M events, given the heads before it."""
        assembly, m, bounded = self.codec.assembly, known.moment, bool(known.moment.known.all())
        tokens = torch.from_numpy(event.tokens)
        if j >= FIELDS:
            return assembly.field(j, m, known.quotas, known.told, tokens=tokens, echoed=echoed)
        gap = tokens[:, GAP]
        if j == GAP:
            return assembly.gaps(m, habits, bounded=bounded)
        if j == WEEKDAY:
            return assembly.weekdays(m, gap, habits, bounded=bounded)
        return assembly.clocks(m, gap, torch.from_numpy(event.day), habits)

    def _settle(self, j: int, token: IntArray, event: Event, known: Known, u: FloatArray) -> None:
        """Write down what came to be; the first three heads move the clock."""
        m, gap = known.moment, event.tokens[:, GAP]
        if j == GAP:
            event.tokens[:, GAP] = np.where(m.position.numpy() == 0, FIRST, token)
        elif j == WEEKDAY:
            event.day = self._day(gap, token, m, u[:, GAP])
            event.tokens[:, WEEKDAY] = self.timeline.weekday(event.day)
        elif j == CLOCK:
            event.unit = self._unit(gap, token, m, u)
            event.tokens[:, CLOCK] = self.timeline.clock(event.unit)
        else:
            event.tokens[:, j] = token
        if known.given is not None and known.is_given is not None:
            event.put(known.is_given, known.given)

    def _day(self, gap: IntArray, weekday: IntArray, m: Moment, u: FloatArray) -> IntArray:
        line, day = self.timeline, m.day.numpy()
        left, room = m.left.numpy(), self.codec.assembly.arrivals.room(m).numpy()
        room = np.where(m.known.numpy(), room, FAR)
        moves = line.is_new_day[gap]
        low = np.where(moves, line.low_days[gap], 0)
        high = np.minimum(np.where(moves, line.high_days[gap], 0), room)
        picked = np.where(moves, line.pick_day(day + low, day + high, weekday, u), day)
        last = m.known.numpy() & (m.visits.numpy() == 1)
        last &= (gap != INSTANT) & (m.position.numpy() > 0)
        return np.where(last, day + left, picked)

    def _unit(self, gap: IntArray, clock: IntArray, m: Moment, u: FloatArray) -> IntArray:
        line, unit = self.timeline, m.unit.numpy()
        floor = np.where(gap == line.later, unit + line.reach + 1, 0)
        fresh = line.pick_clock(clock, floor, u[:, CLOCK])
        near = unit + line.pick_short(gap, line.units_per_day - 1 - unit, u[:, WEEKDAY])
        return np.where(line.has_clock[gap], fresh, near)
