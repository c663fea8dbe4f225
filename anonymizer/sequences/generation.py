"""Sampling: traits first, then event after event for every history that goes on.

Each random number is a hash of (seed, entity, step, head), so that a history depends on nothing
but its own number. Histories are sampled in blocks of a fixed size, always whole: the arithmetic
of an entity is then the same whether 100 or 1,000,000 are asked for.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from anonymizer.sequences.batches import BoolArray, Encoded, Moment, assemble
from anonymizer.sequences.encoding import FloatArray
from anonymizer.sequences.events import IntArray
from anonymizer.sequences.network import (
    CLOCK,
    GAP,
    WEEKDAY,
    EventNetwork,
    State,
    TraitNetwork,
    close,
)
from anonymizer.sequences.timeline import Places, Timeline
from anonymizer.sequences.traits import Span, Traits

BLOCK = 512

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


@dataclass(frozen=True)
class Sampler:
    """Everything that sampling needs.

    Attributes:
        traits, events: the two trained networks.
        trait_codec, timeline: what was learned of entities and of time.
        forbidden: per head and per trait, tokens that must not be sampled.
        nothing: (J,) the token that stands for "no event before".
    """

    traits: TraitNetwork
    events: EventNetwork
    trait_codec: Traits
    timeline: Timeline
    forbidden: tuple[list[IntArray], list[IntArray]]
    nothing: IntArray

    @torch.inference_mode()
    def block(self, number: int, seed: int) -> tuple[Encoded, FloatArray]:
        """The histories `number * BLOCK ... + BLOCK - 1` and (N, J) numbers to decode them with."""
        entity = np.arange(number * BLOCK, (number + 1) * BLOCK)
        traits = self._traits(uniforms(seed, entity, 0, len(self.trait_codec.sizes)))
        spread = uniforms(seed, entity, 1, 3)
        span = self.trait_codec.decode_span(traits, spread, self.timeline)
        return self._events(entity, traits, span, seed)

    def _traits(self, uniform: FloatArray) -> IntArray:
        """(B, R) numbers in [0, 1) → (B, R) tokens."""
        chain = self.traits.chain
        first = chain.first(torch.zeros(len(uniform), 1))
        tokens, earlier = [], None
        for r, embed in enumerate(chain.embed):
            logits = forbid(chain.head(r, first, earlier), self.forbidden[1][r])
            tokens.append(draw(logits, uniform[:, r]))
            e = embed(torch.from_numpy(tokens[-1]))
            earlier = e if earlier is None else earlier + e
        return np.stack(tokens, 1)

    def _events(
        self, entity: IntArray, traits: IntArray, span: Span, seed: int
    ) -> tuple[Encoded, FloatArray]:
        heads = len(self.nothing)
        order = np.argsort(-span.length, kind="stable")  # the active ones stay in front
        length = span.length[order]
        day, unit = span.first[order].copy(), np.zeros(len(order), np.int64)
        previous = np.tile(self.nothing, (len(order), 1))
        state: State | None = None
        columns: list[tuple[IntArray, IntArray, IntArray, IntArray, FloatArray]] = []
        for step in range(int(length[0])):
            live = int((length > step).sum())
            who = order[:live]
            if state is not None:
                state = (state[0][:, :live].contiguous(), state[1][:, :live].contiguous())
            u = uniforms(seed, entity[who], step + 2, 2 * heads)
            moment = Moment(
                day=day[:live],
                unit=unit[:live],
                position=np.full(live, step),
                remaining=length[:live] - step,
                left=span.last[who] - day[:live],
                window_left=self.timeline.days - 1 - day[:live],
            )
            tokens, state = self._step(moment, previous[:live], traits[who], u, state)
            day[:live], unit[:live] = self._move(moment, tokens, u[:, heads:])
            # The weekday that came to be, which the chosen token only narrowed down on a first day.
            tokens[:, WEEKDAY] = self.timeline.weekday(day[:live])
            previous[:live] = tokens
            columns.append((who, tokens, day[:live].copy(), unit[:live].copy(), u[:, heads:]))
        return self._collect(columns, traits, span)

    def _step(
        self, m: Moment, previous: IntArray, traits: IntArray, u: FloatArray, state: State | None
    ) -> tuple[IntArray, State]:
        """One event of B histories: (B, J) tokens and the state after it."""
        column = Moment(*(x[:, None] for x in vars(m).values()))
        first, heads = column.position == 0, len(self.nothing)
        known = np.ones(first.shape, bool)
        gap = np.zeros(first.shape, np.int64)
        said = np.ones((*first.shape, heads), bool)
        inputs = assemble(
            column,
            self.timeline,
            known=known,
            previous=previous[:, None],
            traits=traits,
            gap=gap,
            said=said,
            bounded=True,
        )
        x, state = self.events.history(inputs, state)  # (B, 1, X)
        chain, first_layer = self.events.heads, self.events.heads.first(x[:, 0])
        tokens = np.zeros((len(previous), heads), np.int64)
        earlier = None
        for j, embed in enumerate(chain.embed):
            logits = chain.head(j, first_layer, earlier)
            if j == GAP:
                logits = self.events.gap_logits(logits[:, None], inputs)[:, 0]
            elif j == WEEKDAY:
                logits = close(logits, torch.from_numpy(self._weekdays(m, tokens[:, GAP])))
            tokens[:, j] = draw(forbid(logits, self.forbidden[0][j]), u[:, j])
            tokens[:, j] = self._settle(j, tokens, m)
            e = embed(torch.from_numpy(tokens[:, j].copy()))
            earlier = e if earlier is None else earlier + e
        return tokens, state

    def _settle(self, j: int, tokens: IntArray, m: Moment) -> IntArray:
        """Tokens of heads that have no choice: a first event has no gap and a given day."""
        if j == GAP:
            return np.where(m.position == 0, 0, tokens[:, GAP])
        if j == WEEKDAY:
            stays = ~self.timeline.is_new_day[tokens[:, GAP]]
            return np.where(stays, self.timeline.weekday(m.day), tokens[:, WEEKDAY])
        return tokens[:, j]

    def _weekdays(self, m: Moment, gap: IntArray) -> BoolArray:
        """(B, 7) open weekdays; a last event must fall on the last day."""
        is_open = self.timeline.open_weekdays(m.day, gap, m.left)
        on_last = np.arange(7) == self.timeline.weekday(m.day + m.left)[:, None]
        return np.where((m.remaining == 1)[:, None], on_last, is_open)

    def _move(self, m: Moment, tokens: IntArray, u: FloatArray) -> tuple[IntArray, IntArray]:
        """(B,) day and unit of the events that the tokens stand for."""
        line, gap = self.timeline, tokens[:, GAP]
        new_day = line.is_new_day[gap]
        low = np.where(new_day, line.gap_low_days[gap], 0)
        high = np.minimum(np.where(new_day, line.gap_high_days[gap], 0), m.left)
        picked = line.pick_day(m.day + low, m.day + high, tokens[:, WEEKDAY], u[:, GAP])
        day = np.where(m.remaining == 1, m.day + m.left, np.where(new_day, picked, m.day))
        units_left = line.units_per_day - 1 - m.unit
        later = m.unit + line.pick_units(gap, units_left, u[:, WEEKDAY])
        fresh = new_day | (m.position == 0)
        return day, np.where(fresh, line.pick_clock(tokens[:, CLOCK], u[:, CLOCK]), later)

    def _collect(
        self,
        columns: list[tuple[IntArray, IntArray, IntArray, IntArray, FloatArray]],
        traits: IntArray,
        span: Span,
    ) -> tuple[Encoded, FloatArray]:
        """Steps of all histories → histories one after another."""
        owner = np.concatenate([c[0] for c in columns])
        order = np.argsort(owner, kind="stable")
        tokens, day, unit, u = (np.concatenate([c[i] for c in columns])[order] for i in range(1, 5))
        offsets = np.concatenate([[0], np.cumsum(span.length)])
        return Encoded(tokens, Places(day, unit), offsets, traits, span), u


def forbid(logits: Tensor, tokens: IntArray) -> Tensor:
    """Put tokens out of reach."""
    if len(tokens):
        logits = logits.clone()
        logits[..., torch.from_numpy(tokens)] = -1e9
    return logits
