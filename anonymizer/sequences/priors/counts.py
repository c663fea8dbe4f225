"""Counts: how many of an entity's events are of each class, told as a countdown.

A customer is known by what they buy: how often each category, in which range of amounts, at which
hours and on which weekdays. A network that only sees one event after another loses these habits on
long histories. So the counts are sampled first, for entities with enough events, and each event
uses up one of what is left. Each field has its classes: every value of a small vocabulary, ranges
of a large ordered one and a class for what comes again, of many values whether the entity has had
this one before, and none where they follow from another field's.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor

from anonymizer.arrays import Array, BoolArray, FloatArray, IntArray, SmallFloatArray
from anonymizer.sequences.histories.roles import owners, pick
from anonymizer.sequences.priors.conditionals import Conditionals
from anonymizer.sequences.priors.frequencies import Frequencies
from anonymizer.sequences.priors.once import Once
from anonymizer.sequences.priors.prior import (
    Before,
    Event,
    Making,
    Outline,
    Prior,
    Seen,
    Size,
    Step,
    majority,
)
from anonymizer.sequences.priors.repeats import CANDIDATES, Repeats
from anonymizer.sequences.tokens.ahead import Now
from anonymizer.sequences.tokens.bins import in_order
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.tokens.encoded import Encoded, Moment, Stretch
from anonymizer.sequences.tokens.heads import CLOSED, FIELDS, GAP, WEEKDAY, close
from anonymizer.sequences.tokens.profile import Span
from anonymizer.sequences.tokens.times import CLOCK_SHARES, FIRST, INSTANT, WEEK, Timeline

FEW = 24  # events from which an entity has counts, and visits below which hours are not told
ENTITIES = 100  # that must have counts before they are learned
SMALL = 40  # tokens that are classes of their own
LEAST = 0.05  # events beyond the counts of a number that comes again
HABITUAL = 1.2  # times the variation of hours or weekdays between entities that chance alone makes
CONSTANT = 0.9  # share of entities with a single value from which on that is the rule
LEVELS = np.array(
    [0.002, 0.005, 0.02, *np.linspace(0.05, 0.95, 19), 0.98, 0.99, 0.995, 0.998, 0.9995]
)


class Left(NamedTuple):
    """What is left to (...) events, the next one's included.

    Attributes:
        of: (..., S) events of each class.
        told: (...) whether that is known.
    """

    of: Tensor
    told: Tensor


class Kept(NamedTuple):
    """What sampling keeps of B histories from event to event, and knows before the next one.

    Attributes:
        left: (B, S + 1) events of each class; the last is none.
        told: (B,) whether they are told.
        logs: logarithms of 0, 1, 2 ..., of which the first stands for what is closed.
    """

    left: IntArray
    told: BoolArray
    logs: SmallFloatArray

    def first(self, count: int) -> "Kept":
        """Of the first histories."""
        return self._replace(left=self.left[:count], told=self.told[:count])


@dataclass(frozen=True)
class Counts(Prior):
    """Which class each token belongs to. Under differential privacy: not counted.

    Attributes:
        timeline: of the model.
        frequencies: of all tokens.
        classes: by head (V,) the class of each token among all S classes; of numbers that come
            again (V + 1,), the last for those that do, from an entity's second event on.
        large: R heads of many values; of each the classes are "new" and "again", from an entity's
            second event on.
        repeating: heads of numbers that come again.
        counted: whether enough entities have counts to learn them.
        constant: categories of which nearly all entities with counts have one value; their share.
        habitual: whether entities have hours or weekdays of their own.
    """

    name = "counts"
    unpaid: ClassVar[Any] = {"counted": False, "constant": [], "habitual": False}

    timeline: Timeline
    frequencies: Frequencies
    classes: dict[int, IntArray]
    large: list[int]
    repeating: list[int]
    counted: bool
    constant: dict[int, float]
    habitual: bool

    @classmethod
    def learn(cls, seen: Seen, making: Making) -> "Counts":
        """The classes follow from other priors; learned is what hardly ever changes, and habits."""
        enough = int((seen.data.span.length >= FEW).sum()) >= ENTITIES * seen.share
        shares = {
            j: _constant(j, seen.data, seen.k)
            for j, own in making.need(Repeats).heads.items()
            if not own.is_number
        }
        constant = {j: share for j, share in shares.items() if share > CONSTANT}
        habitual = enough and _habitual(seen.data, making.codec.timeline)
        return cls.of(making, counted=enough, constant=constant, habitual=habitual)

    @classmethod
    def pooled(cls, parts: Sequence[tuple["Counts", Size]], making: Making) -> "Counts":
        """What holds at most sites, by their entities; of categories the mean share."""
        sizes = [size.entities for _, size in parts]
        constant = {
            j: round(
                float(np.average([each.constant.get(j, 0.0) for each, _ in parts], 0, sizes)), 3
            )
            for j in sorted({j for each, _ in parts for j in each.constant})
        }
        return cls.of(
            making,
            counted=majority([(each.counted, size.entities) for each, size in parts]),
            constant={j: share for j, share in constant.items() if share > CONSTANT},
            habitual=majority([(each.habitual, size.entities) for each, size in parts]),
        )

    @classmethod
    def of(
        cls, making: Making, *, counted: bool, constant: dict[int, float], habitual: bool
    ) -> "Counts":
        """Classes of the fields' tokens, by how often each occurs and where it stands."""
        codec, frequencies = making.codec, making.need(Frequencies)
        once, follows = making.need(Once).heads, making.need(Conditionals).follows
        repeating = [
            j
            for j, own in making.need(Repeats).heads.items()
            if own.is_number and codec.head_sizes[j] > SMALL
        ]
        again = [j for j in making.large if not follows(j)]
        classes: dict[int, IntArray] = {}
        start = 0
        for j, order in enumerate(codec.orders[FIELDS:], FIELDS):
            few = len(order) <= SMALL
            no_range = not few and np.isnan(order).all()
            if j in making.large or j in once or no_range or follows(j):
                continue
            own = np.arange(len(order)) if few else _ranges(np.exp(frequencies.heads[j]), order)
            own = np.append(own, own.max() + 1) if j in repeating else own
            classes[j] = own + start
            start += int(own.max()) + 1
        return cls(
            codec.timeline, frequencies, classes, again, repeating, counted, constant, habitual
        )

    # Which classes there are.

    @cached_property
    def blocks(self) -> list[tuple[int, int]]:
        """Where the classes of each field, of the hours and of the weekdays begin and end."""
        own = [(int(c.min()), int(c.max()) + 1) for c in self.classes.values()]
        at = self.of_fields
        own += [(start, start + 2) for start in range(self.of_values, at, 2)]
        if self.timeline.clocks is not None:
            own.append((at, at + CLOCK_SHARES))
        return [*own, (self.size - WEEK, self.size)]

    @cached_property
    def of_values(self) -> int:
        """How many classes the fields' values have; they come first."""
        return max((int(c.max()) + 1 for c in self.classes.values()), default=0)

    @property
    def of_fields(self) -> int:
        """How many classes the fields have, whether a value came before included."""
        return self.of_values + 2 * len(self.large)

    @cached_property
    def size(self) -> int:
        """S, how many classes there are: of fields, hours and weekdays."""
        clock = 0 if self.timeline.clocks is None else CLOCK_SHARES
        return self.of_fields + clock + WEEK

    @cached_property
    def but_first(self) -> list[bool]:
        """Per block whether it tells what comes again, which the first event cannot."""
        begun = [j in self.repeating for j in self.classes] + [True] * len(self.large)
        return begun + [False] * (len(self.blocks) - len(begun))

    @property
    def single(self) -> list[float]:
        """Per block the share of entities that have one class of it only."""
        found = [self.constant.get(j, 0.0) for j in self.classes]
        return found + [0.0] * (len(self.blocks) - len(found))

    @cached_property
    def banned(self) -> IntArray:
        """The classes of which no token may be sampled."""
        forbidden = self.frequencies.forbidden
        pairs = [(own, forbidden[j]) for j, own in self.classes.items() if len(forbidden[j])]
        found = [np.setdiff1d(own[never], np.delete(own, never)) for own, never in pairs]
        return np.concatenate([*found, np.empty(0, np.int64)])

    # Counting.

    def has(self, span: Span) -> BoolArray:
        """(E,) whether histories are long enough to be counted."""
        enough: BoolArray = (span.length >= FEW) & self.counted
        return enough

    def again(self, tokens: IntArray, offsets: IntArray) -> BoolArray:
        """(N, R) whether an entity has had the value of a large head before."""
        owner = owners(offsets)
        found = np.ones((len(tokens), len(self.large)), bool)
        for r, j in enumerate(self.large):
            both = owner * (int(tokens[:, j].max(initial=0)) + 1) + tokens[:, j]
            found[np.unique(both, return_index=True)[1], r] = False
        return found

    def used(
        self,
        tokens: IntArray,
        unit: IntArray,
        again: BoolArray,
        candidates: Callable[[int], IntArray],
    ) -> IntArray:
        """Say which class of each block an event uses up.

        Args:
            tokens: (N, J).
            unit: (N,) of the day.
            again: (N, R), see there.
            candidates: of a head the (N, 2) tokens that may come again.

        Returns:
            (N, C), a class per block; S where an event uses none of it.
        """
        # The first event has nothing to repeat; a visit is counted with its first event.
        later, new = tokens[:, GAP] != FIRST, tokens[:, GAP] != INSTANT
        found = []
        for j, own in self.classes.items():
            its = tokens[:, j]
            if j in self.repeating:
                comes = (its[:, None] == candidates(j)).any(-1)
                found.append(np.where(later, own[np.where(comes, -1, its)], self.size))
            else:
                found.append(own[its])
        for r, flags in enumerate(again.T):
            found.append(np.where(later, self.of_values + 2 * r + flags, self.size))
        if self.timeline.clocks is not None:
            hours = self.of_fields + unit * CLOCK_SHARES // self.timeline.units_per_day
            found.append(np.where(new, hours, self.size))
        found.append(np.where(new, self.size - WEEK + tokens[:, WEEKDAY], self.size))
        return np.stack(found, 1)

    def count(self, used: IntArray, offsets: IntArray) -> IntArray:
        """(N, C) classes → (E, S) how many events of each class each entity has."""
        cell = owners(offsets)[:, None] * (self.size + 1) + used
        counts = np.bincount(cell.ravel(), minlength=(len(offsets) - 1) * (self.size + 1))
        return counts.reshape(-1, self.size + 1)[:, :-1]

    # What it tells.

    def hours_told(self, now: Now, told: BoolArray) -> BoolArray:
        """(B,) the same of a step."""
        return told & (now.visits >= FEW) & self.habitual

    def of_hours(self, m: Moment, told: Tensor) -> Tensor:
        """(...) whether hours and weekdays are told.

        Not if they are everyone's: an entity's own counts of them are then noise. Nor of the last
        few visits, of which the order of a day decides.
        """
        return told & (m.visits >= FEW) & self.habitual

    @property
    def features(self) -> int:
        """Two numbers per class."""
        return 2 * self.size

    def tell(self, before: Before) -> list[Tensor]:
        """(..., S) twice: what is left of each class, as a share and as a logarithm."""
        (left, told), m = before.of(Counts), before.moment
        left = left.clamp(min=0)
        sizes = torch.tensor([self.of_fields, self.size - self.of_fields])  # of hours and weekdays

        def each(of_field: Tensor, of_time: Tensor) -> Tensor:
            return torch.stack([of_field, of_time], -1).repeat_interleave(sizes, -1)

        is_told = each(told, self.of_hours(m, told)).float()
        of = each(m.remaining.clamp(min=1), m.visits.clamp(min=1))
        return [left / of * is_told, torch.log1p(left) / 3 * is_told]

    def told(self, step: Step) -> list[Array]:
        """The same of a step."""
        (left, told, _), m, at = step.states[self.name], step.now, self.of_fields
        if not told.any():
            return [np.zeros((len(left), self.features), np.float32)]
        share = left[:, :-1].astype(np.float32)
        logs = torch.log1p(torch.from_numpy(share)).numpy() / np.float32(3)
        share[:, :at] /= np.maximum(m.remaining, 1).astype(np.float32)[:, None]
        share[:, at:] /= np.maximum(m.visits, 1).astype(np.float32)[:, None]
        for which, part in ((told, slice(at)), (self.hours_told(m, told), slice(at, None))):
            if not which.all():
                share[~which, part] = 0
                logs[~which, part] = 0
        return [share, logs]

    @cached_property
    def _within(self) -> dict[int, tuple[Tensor, Tensor]]:
        """Per head with classes (V,) classes and (V,) log-probabilities of tokens within them."""
        found = {}
        for j, own in self.classes.items():
            classes, logs = torch.from_numpy(own), self.frequencies.tensors[j]
            its = classes[: len(logs)]
            total = torch.zeros(int(its.max()) + 1).index_add(0, its, logs.exp())
            found[j] = classes, logs - torch.log(total[its])
        return found

    def logits(
        self, head: int, base: Tensor, before: Before, tokens: Tensor, day: Tensor
    ) -> Tensor:  # fmt: skip
        """Of a field by what is left of its classes, where that is told."""
        if head not in self._within:
            return base
        (left, told), (classes, within) = before.of(Counts), self._within[head]
        if not told.any():
            return base
        left = left[..., classes]
        if head in self.repeating:
            candidates = before.of(Repeats).of(head, tokens)
            own = self._coming_again(left, within, self.frequencies.tensors[head], candidates)
        else:
            own = close(torch.log(left.clamp(min=1e-9)) + within, left > 0)
        own = own - torch.log(before.moment.remaining.clamp(min=1))[..., None]
        return torch.where(told[..., None], own, base)

    @cached_property
    def _places(self) -> dict[int, tuple[slice, IntArray, SmallFloatArray]]:
        """Per head with classes where these are, (V,) which of them each token is of, `_within`."""
        found = {}
        for j, (classes, within) in self._within.items():
            first, own = int(classes.min()), classes.numpy()
            found[j] = slice(first, int(classes.max()) + 1), own - first, within.numpy()
        return found

    def said(self, head: int, base: Array, step: Step, event: Event) -> Array:
        """The same of a step."""
        if head not in self._within:
            return base
        left, told, logs = step.states[self.name]
        if not told.any():
            return base
        rows: IntArray | slice = slice(None) if told.all() else np.flatnonzero(told)
        piece, places, within = self._places[head]
        own: Array = left[rows, piece]  # (M, classes)
        if head in self.repeating:
            candidates = torch.from_numpy(step.of(Repeats).next(head, event.tokens)[rows])
            its = torch.from_numpy(own[:, places]).float()
            of_head = self._within[head][1], self.frequencies.tensors[head]
            own = self._coming_again(its, *of_head, candidates).numpy()
        else:
            own = logs[own].take(places, 1)
            own += within  # what is closed stays so
        own -= logs[step.now.remaining[rows], None]
        if told.all():
            return own
        found = np.tile(base, (len(told), 1)) if base.ndim == 1 else base.copy()
        found[rows] = own
        return found

    @staticmethod
    def _coming_again(left: Tensor, within: Tensor, logs: Tensor, candidates: Tensor) -> Tensor:
        """(M, V) of a number that comes again: how many events of each token are to be expected.

        Args:
            left: (M, V + 1) of the class of each token, and of what comes again.
            within: (V,) log-probability of a token within its class.
            logs: (V,) log-frequencies; the number also follows from other fields, and what they
                say must not be closed.
            candidates: (M, 2) tokens that may come again, V where there are none.
        """
        base = torch.log(left[..., :-1] * within.exp() + LEAST * logs.exp())
        several = (candidates < len(within)).all(-1) & (candidates[:, 0] != candidates[:, 1])
        again = torch.log(left[..., -1].clamp(min=LEAST) / (1 + several))[:, None]
        padded = torch.cat([base, again], -1)
        return padded.scatter(-1, candidates, again.expand(-1, CANDIDATES))[..., :-1]

    # Windows, and event by event.

    def read(self, data: Encoded, states: dict[str, IntArray]) -> IntArray:
        """Look up the (N, C) classes that each event uses up."""
        candidates, again = states[Repeats.name], self.again(data.tokens, data.offsets)
        return self.used(data.tokens, data.places.unit, again, lambda j: candidates[:, j])

    def begin(self, data: Encoded, entities: IntArray, known: BoolArray) -> Left:
        """Start with the whole counts, (B, 1, S)."""
        told = known & self.has(pick(data.span, entities))
        return Left(
            torch.from_numpy(data.counts[entities])[:, None].float(),
            torch.from_numpy(told)[:, None],
        )

    def scan(
        self, carried: Left, data: Encoded, stretch: Stretch, states: dict[str, Any]
    ) -> tuple[Left, Left]:  # fmt: skip
        """(B, T, S) before each event, and what the last one leaves."""
        event, real = stretch.event, stretch.real
        left, told = (each[: len(event)] for each in carried)
        classes = data.read[self.name][event].reshape(event.size, -1)
        flags = np.zeros((event.size, self.size + 1), np.float32)
        flags[np.arange(event.size)[:, None], classes] = real.reshape(-1, 1)
        used = torch.from_numpy(flags[:, :-1].reshape(*event.shape, -1))
        spent = used.cumsum(1)
        after = Left(left - spent[:, -1:], told)
        return Left(left - spent + used, told.expand(event.shape)), after

    def start(self, outline: Outline) -> Kept:
        """Start with the whole counts."""
        logs = torch.log(torch.arange(int(outline.span.length.max(initial=0)) + 1))
        logs[0] = CLOSED
        left = np.pad(outline.counts, ((0, 0), (0, 1)))
        return Kept(left, self.has(outline.span), logs.numpy())

    def look(self, kept: Kept, now: Now, states: dict[str, Any]) -> Kept:
        """Say what is left to the histories that go on."""
        return kept.first(len(now.day))

    def update(self, kept: Kept, event: Event, step: Step) -> None:
        """Take one from each class that the event is of."""
        rows, tokens = np.arange(len(event.tokens)), event.tokens
        if not kept.told[: len(rows)].any():
            return
        repeats, had = step.of(Repeats), step.of(Once)
        again = np.zeros((len(rows), len(self.large)), bool)
        for r, j in enumerate(self.large):
            again[:, r] = had[j][rows, tokens[:, j]]
        candidates = {j: repeats.next(j, tokens) for j in self.repeating}
        used = self.used(tokens, event.unit, again, candidates.__getitem__)
        # No block is used twice, and nobody looks at the class that is none.
        own = rows[:, None], used
        kept.left[own] = np.maximum(kept.left[own] - 1, 0)

    def blank(self, moment: Moment, states: dict[str, Any]) -> Left:
        """Tell nothing: nobody knows what the history will hold."""
        shape = moment.day.shape
        return Left(torch.zeros(*shape, self.size), torch.zeros(shape, dtype=torch.bool))

    def to_dict(self) -> Any:
        """As JSON; the classes follow from the other priors."""
        constant = [[j, share] for j, share in self.constant.items()]
        return {"counted": self.counted, "constant": constant, "habitual": self.habitual}

    @classmethod
    def from_dict(cls, data: Any, making: Making) -> "Counts":
        """Read what `to_dict` wrote."""
        constant = {int(j): float(share) for j, share in data["constant"]}
        counted, habitual = bool(data["counted"]), bool(data["habitual"])
        return cls.of(making, counted=counted, constant=constant, habitual=habitual)

    def faults(self, codec: HistoryCodec, large: list[int]) -> Iterator[str]:
        """Check that what hardly ever changes are categories, each with a share."""
        if not set(self.constant) <= set(codec.categories):
            yield "counts: what is constant is no category"
        if not all(0 < share <= 1 for share in self.constant.values()):
            yield "counts: a share is none"


def _ranges(counts: FloatArray, order: FloatArray) -> IntArray:
    """(V,) tokens → ranges of about equal weight, finer at both ends; class 0 has no order."""
    classes = np.zeros(len(counts), np.int64)
    ranked = in_order(order)
    total = max(float(counts[ranked].sum()), 1e-9)
    current, begun, seen = 1, 0.0, 0.0
    for token in ranked:
        beyond = LEVELS[begun / total + 1e-9 < LEVELS]
        limit = beyond[0] * total if len(beyond) else total
        if seen > begun and seen + counts[token] / 2 > limit:
            current, begun = current + 1, seen
        classes[token] = current
        seen += counts[token]
    return classes


def _constant(head: int, data: Encoded, k: int) -> float:
    """The share of entities with counts that have a single value; 1 if fewer than k have more."""
    tokens, owner, enough = data.tokens[:, head], data.owner, data.span.length >= FEW
    changes = np.zeros(len(enough), bool)
    changes[owner[tokens != tokens[data.offsets[owner]]]] = True
    several = int((changes & enough).sum())
    return 1.0 if several < k else round(1 - several / int(enough.sum()), 3)


def _habitual(data: Encoded, line: Timeline) -> bool:
    """Say whether entities differ in their hours or weekdays beyond chance."""
    visit = data.tokens[:, GAP] != INSTANT
    owner, hours = data.owner[visit], data.places.unit[visit] * CLOCK_SHARES // line.units_per_day
    spread = _spread(owner, data.tokens[visit, WEEKDAY], WEEK)
    if line.clocks is not None:
        spread = max(spread, _spread(owner, hours, CLOCK_SHARES))
    return spread > HABITUAL


def _spread(owner: IntArray, classes: IntArray, size: int) -> float:
    """Pearson's chi-square over its degrees of freedom, of entities with enough visits.

    Args:
        owner: (N,) the entity of each visit.
        classes: (N,) below size.
        size: how many classes there are.

    Returns:
        About 1 where all entities draw from the same shares; 0 where nobody has enough visits.
    """
    counts = np.bincount(owner * size + classes, minlength=size * (int(owner.max()) + 1))
    counts = counts.reshape(-1, size)
    counts = counts[counts.sum(1) >= FEW]
    counts = counts[:, counts.any(0)]
    freedom = len(counts) * (counts.shape[1] - 1)
    if freedom <= 0:
        return 0.0
    expected = counts.sum(1, keepdims=True) * counts.sum(0) / counts.sum()
    return float(((counts - expected) ** 2 / expected).sum() / freedom)
