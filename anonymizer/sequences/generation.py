"""Sampling: marks first, then quotas, then event after event for every history that goes on.

Each random number is a hash of (seed, entity, step, head), so that a history depends on nothing
but its own number. Histories are sampled in blocks of a fixed size, always whole: the arithmetic
of an entity is then the same whether 100 or 1,000,000 are asked for.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from anonymizer.sequences.arrivals import Moment
from anonymizer.sequences.assembly import Assembly, at
from anonymizer.sequences.batches import BoolArray, Encoded
from anonymizer.sequences.codec import HistoryCodec
from anonymizer.sequences.encoding import FloatArray
from anonymizer.sequences.events import IntArray
from anonymizer.sequences.marks import Span
from anonymizer.sequences.network import (
    CLOCK,
    CLOSED,
    FIELDS,
    GAP,
    WEEKDAY,
    EventNetwork,
    Inputs,
    MarkNetwork,
    State,
)
from anonymizer.sequences.quota_network import LATENT, QuotaNetwork, known_of
from anonymizer.sequences.quotas import FEW
from anonymizer.sequences.timeline import FIRST, INSTANT, Places, Timeline

BLOCK = 512
MARKS, SPANS, QUOTAS, EVENTS = 0, 1, 2, 3  # steps of the random numbers; events go on from there

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


@dataclass(frozen=True)
class Sampler:
    """Everything that sampling needs: what was learned of the data, and the trained networks."""

    codec: HistoryCodec
    marks: MarkNetwork
    quotas: QuotaNetwork | None
    events: EventNetwork

    @torch.inference_mode()
    def block(self, number: int, seed: int) -> tuple[Encoded, FloatArray]:
        """The histories `number * BLOCK ... + BLOCK - 1` and (N, J) numbers to decode them with."""
        entity = np.arange(number * BLOCK, (number + 1) * BLOCK)
        marks = self._marks(uniforms(seed, entity, MARKS, len(self.codec.marks.sizes)))
        spread = uniforms(seed, entity, SPANS, 4)
        span = self.codec.marks.decode(marks, spread, self.codec.timeline)
        quotas, told = self._quotas(entity, span, seed)
        planned = Planned(entity, marks, span, quotas, told)
        return self._histories(planned, seed)

    def _marks(self, uniform: FloatArray) -> IntArray:
        """(B, R) numbers in [0, 1) → (B, R) tokens."""
        network, chain, tokens, earlier = self.marks, self.marks.chain, [], None
        first = chain.first(network.start(len(uniform)))
        forbidden = self.codec.marks.forbidden
        for r, (table, base) in enumerate(zip(network.tables, network.bases, strict=True)):
            rows = table()
            logits = forbid(chain.head(r, first, earlier, rows) + base, forbidden[r])
            tokens.append(draw(logits, uniform[:, r]))
            earlier = chain.after(r, torch.from_numpy(tokens[-1]), rows, earlier)
        return np.stack(tokens, 1)

    def _quotas(self, entity: IntArray, span: Span, seed: int) -> tuple[IntArray, BoolArray]:
        """(B, S) classes that add up to each history's events or visits, and (B,) flags."""
        quotas = self.codec.quotas
        counts = np.zeros((len(entity), quotas.size), np.int64)
        told = np.full(len(entity), self.quotas is not None) & (span.length >= FEW)
        if self.quotas is None or not told.any():
            return counts, told
        own = np.flatnonzero(told)
        z = self.quotas.latent(uniforms(seed, entity[own], QUOTAS, LATENT + 1))
        s = span.select(own)
        known = known_of(s, self.codec.timeline.days)
        alphas = [alpha.double().numpy() for alpha in self.quotas.alphas(z, known)]
        for (start, stop), alpha in zip(quotas.blocks, alphas, strict=True):
            alpha[:, np.isin(np.arange(start, stop), self._banned)] = 0
        for i, e in enumerate(own):
            rng = np.random.default_rng((seed, QUOTAS, int(entity[e])))
            for (start, stop), alpha in zip(quotas.blocks, alphas, strict=True):
                total = s.length[i] if start < quotas.of_fields else s.visits[i]
                share = rng.standard_gamma(alpha[i])
                counts[e, start:stop] = rng.multinomial(total, share / share.sum())
        return counts, told

    @property
    def _banned(self) -> IntArray:
        """Classes all of whose tokens are forbidden."""
        banned = [
            np.setdiff1d(own[forbidden], np.delete(own, forbidden))
            for own, forbidden in zip(
                self.codec.quotas.classes, self.codec.forbidden[FIELDS:], strict=True
            )
            if own is not None and len(forbidden)
        ]
        return np.concatenate([*banned, np.empty(0, np.int64)])

    def _histories(self, planned: "Planned", seed: int) -> tuple[Encoded, FloatArray]:
        """Event after event; the longest histories first, so that the live ones stay in front."""
        order = np.argsort(-planned.span.length, kind="stable")
        walk = Walk(self.codec, self.events, planned.select(order))
        heads, steps = len(walk.tables), []
        for step in range(int(planned.span.length.max())):
            live = walk.live(step)
            u = uniforms(seed, walk.planned.entity[:live], EVENTS + step, 2 * heads)
            tokens = walk.step(step, u)
            day, unit = walk.day[:live].copy(), walk.unit[:live].copy()
            steps.append((order[:live], tokens, day, unit, u[:, heads:]))
        owner = np.concatenate([each[0] for each in steps])
        by_owner = np.argsort(owner, kind="stable")
        tokens, day, unit, spread = (
            np.concatenate([each[i] for each in steps])[by_owner] for i in range(1, 5)
        )
        offsets = np.concatenate([[0], np.cumsum(planned.span.length)])
        return Encoded(
            tokens=tokens,
            places=Places(day, unit),
            offsets=offsets,
            instant=np.zeros(len(tokens), np.int64),  # of no use to a decoder
            marks=planned.marks,
            span=planned.span,
            quotas=planned.quotas,
            has_quotas=planned.told,
        ), spread


@dataclass(frozen=True)
class Planned:
    """What is settled of B histories before their first event.

    Attributes:
        entity: (B,) numbers that seed them.
        marks: (B, R).
        span: (B,) each.
        quotas: (B, S) events of each class.
        told: (B,) whether they have quotas.
    """

    entity: IntArray
    marks: IntArray
    span: Span
    quotas: IntArray
    told: BoolArray

    def select(self, who: IntArray) -> "Planned":
        """Some of them, in the order given."""
        return Planned(
            self.entity[who],
            self.marks[who],
            self.span.select(who),
            self.quotas[who],
            self.told[who],
        )


@dataclass
class Walk:
    """Histories that are being sampled, the longest first; one event of each per step.

    Attributes:
        codec, network: of the model.
        planned: what the histories shall be.
        quotas: (B, S) what is left of each class.
        day, unit, instants: (B,) of the last event, and how many instants there were.
        previous: (B, J) tokens of the last event.
        state: of the LSTM.
    """

    codec: HistoryCodec
    network: EventNetwork
    planned: Planned
    quotas: IntArray = field(init=False)
    day: IntArray = field(init=False)
    unit: IntArray = field(init=False)
    instants: IntArray = field(init=False)
    previous: IntArray = field(init=False)
    tables: list[Tensor] = field(init=False)
    forbidden: list[IntArray] = field(init=False)
    state: State | None = None

    def __post_init__(self) -> None:
        """Nothing has happened yet."""
        count = len(self.planned.marks)
        self.quotas = self.planned.quotas.copy()
        self.day, self.unit = self.planned.span.first.copy(), np.zeros(count, np.int64)
        self.instants = np.zeros(count, np.int64)
        self.previous = np.tile(self.assembly.nothing, (count, 1))
        self.tables = [table() for table in self.network.tables]
        self.forbidden = self.codec.forbidden

    @property
    def assembly(self) -> Assembly:
        """What builds the network's inputs."""
        return self.codec.assembly

    @property
    def timeline(self) -> Timeline:
        """Of the model."""
        return self.codec.timeline

    def live(self, step: int) -> int:
        """How many histories have an event at this step; they are the first ones."""
        return int((self.planned.span.length > step).sum())

    def moment(self, step: int, live: int) -> Moment:
        """(B,) what is known before the next event."""
        day = self.day[:live]
        arrays = {
            "day": day.copy(),
            "unit": self.unit[:live].copy(),
            "position": np.full(live, step),
            "remaining": self.planned.span.length[:live] - step,
            "visits": self.planned.span.visits[:live] - self.instants[:live],
            "left": self.planned.span.last[:live] - day,
            "window_left": self.timeline.days - 1 - day,
            "known": np.ones(live, bool),
        }
        return Moment(**{name: torch.from_numpy(array) for name, array in arrays.items()})

    def step(self, step: int, u: FloatArray) -> IntArray:
        """Add an event to each history that has one; (B, J) tokens, of what came to be."""
        live, heads = self.live(step), len(self.tables)
        m, told = self.moment(step, live), torch.from_numpy(self.planned.told[:live])
        quotas = torch.from_numpy(self.quotas[:live]).float()
        first, chain = self._history(m, quotas, told), self.network.heads
        hours = self.assembly.hours(m, quotas, told)
        tokens, earlier = np.zeros((live, heads), np.int64), None
        for j, table in enumerate(self.tables):
            residual = chain.head(j, first, earlier, table)
            if j == GAP:
                base = self.assembly.gaps(m, quotas, told, hours, bounded=True)
            elif j == WEEKDAY:
                gap = torch.from_numpy(tokens[:, GAP])
                base = self.assembly.weekdays(m, gap, quotas, told, bounded=True)
            elif j == CLOCK:
                day = torch.from_numpy(self.day[:live])
                base = self.assembly.clocks(m, gap, day, hours)
            else:
                base = self.assembly.field(j, m, quotas, told)
            token = draw(forbid(residual + base, self.forbidden[j]), u[:, j])
            tokens[:, j] = self._settle(j, token, tokens, m, u[:, heads:])
            earlier = chain.after(j, torch.from_numpy(tokens[:, j].copy()), table, earlier)
        self.instants[:live] += tokens[:, GAP] != INSTANT
        event, kind = self.codec.quotas.used(tokens, self.unit[:live])
        np.subtract.at(self.quotas, (event, kind), 1)
        np.maximum(self.quotas, 0, out=self.quotas)
        self.previous[:live] = tokens
        return tokens

    def _history(self, m: Moment, quotas: Tensor, told: Tensor) -> Tensor:
        """(B, J·D) what the heads begin with; the state moves on."""
        live = len(m.day)
        if self.state is not None:
            hidden, cell = self.state
            self.state = (hidden[:, :live].contiguous(), cell[:, :live].contiguous())
        window = at(m)
        inputs = Inputs(
            previous=torch.from_numpy(self.previous[:live, None]),
            features=self.assembly.told(window, quotas[:, None], told[:, None]),
            marks=torch.from_numpy(self.planned.marks[:live]),
            known=m.known.float(),
            bases=[],
            applies=torch.empty(0),
        )
        x, self.state = self.network.history(inputs, self.state, self.tables)
        first: Tensor = self.network.heads.first(x[:, 0])
        return first

    def _settle(
        self, j: int, token: IntArray, tokens: IntArray, m: Moment, u: FloatArray
    ) -> IntArray:
        """(B,) tokens of what comes to be; the first three heads move the clock."""
        if j == GAP:
            return np.where(m.position.numpy() == 0, FIRST, token)
        gap, live = tokens[:, GAP], len(token)
        if j == WEEKDAY:
            self.day[:live] = self._day(gap, token, m, u[:, GAP])
            return self.timeline.weekday(self.day[:live])
        if j == CLOCK:
            self.unit[:live] = self._unit(gap, token, m, u)
            return self.timeline.clock(self.unit[:live])
        return token

    def _day(self, gap: IntArray, weekday: IntArray, m: Moment, u: FloatArray) -> IntArray:
        line, day, left = self.timeline, m.day.numpy(), m.left.numpy()
        moves = line.is_new_day[gap]
        low = np.where(moves, line.low_days[gap], 0)
        high = np.minimum(np.where(moves, line.high_days[gap], 0), left)
        picked = np.where(moves, line.pick_day(day + low, day + high, weekday, u), day)
        last = (m.visits.numpy() == 1) & (gap != INSTANT) & (m.position.numpy() > 0)
        return np.where(last, day + left, picked)

    def _unit(self, gap: IntArray, clock: IntArray, m: Moment, u: FloatArray) -> IntArray:
        line, unit = self.timeline, m.unit.numpy()
        later = gap == line.later
        floor = np.where(later, unit + line.reach + 1, 0)
        fresh = line.pick_clock(clock, floor, u[:, CLOCK])
        near = unit + line.pick_short(gap, line.units_per_day - 1 - unit, u[:, WEEKDAY])
        return np.where(line.has_clock[gap], fresh, near)
