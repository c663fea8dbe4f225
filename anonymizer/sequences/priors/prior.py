"""What a prior is: log-probabilities that follow from counting, to which a network adds the rest.

A prior knows something of each history that every event changes: how many events of a kind are
still to come, which rent may come again. In training the events are given, so that it is worked out
for a whole window at once (`scan`); in sampling they are not, so that it is kept and brought up to
date event by event (`look`, `update`). Both must say the same: `test_scan_equals_step` holds that.

Training knows of windows of tensors; sampling takes a step of a few hundred events at a time, where
calls cost more than numbers, and so it goes by arrays. A prior that does not say what it tells and
says of such a step (`told`, `said`) is asked what it says of a window.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Self, TypeVar, cast

import numpy as np
import torch
from torch import Tensor

from anonymizer.arrays import Array, BoolArray, FloatArray, IntArray
from anonymizer.sequences.histories.roles import Histories, pick
from anonymizer.sequences.tokens.ahead import Now
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.tokens.encoded import Encoded, Moment, Stretch
from anonymizer.sequences.tokens.profile import Span
from anonymizer.sequences.tokens.values import Categories, Numbers


class Seen(NamedTuple):
    """What priors are learned from, and how many must agree.

    Attributes:
        histories: N events of E entities.
        data: the same as arrays.
        k: entities that must hold something before a prior may know it.
        share: of all entities, where others are at other sites.
    """

    histories: Histories
    data: Encoded
    k: int
    share: float = 1.0


class Size(NamedTuple):
    """How much one of several sites has.

    Attributes:
        entities, events: how many.
        counts: of each head and each part of the profile (V,) how often its tokens come there.
    """

    entities: float
    events: float
    counts: tuple[FloatArray, ...] = ()


class Outline(NamedTuple):
    """What is settled of B histories before their first event.

    Attributes:
        entity: (B,) numbers that seed them.
        profile: (B, P) tokens of what holds once per history.
        span: (B,) each, first and last day, visits and events.
        counts: (B, S) events of each class, see `Counts`.
    """

    entity: IntArray
    profile: IntArray
    span: Span
    counts: IntArray


@dataclass
class Event:
    """The next event of B histories, as far as it is settled.

    Attributes:
        tokens: (B, J).
        day, unit: (B,) when it happens.
    """

    tokens: IntArray
    day: IntArray
    unit: IntArray

    def put(self, where: BoolArray, other: "Event") -> None:
        """Take over another event in the histories that (B,) flags name."""
        self.tokens[where], self.day[where] = other.tokens[where], other.day[where]
        self.unit[where] = other.unit[where]


@dataclass(frozen=True)
class Before:
    """What is known of (...) events before they happen.

    Attributes:
        moment: (...) each.
        states: by the name of a prior, what it knows.
        bounded: whether the events must lie within the model's window.
        where: the places of the events that are meant, as of `nonzero`; all by default.
    """

    moment: Moment
    states: dict[str, Any]
    bounded: bool
    where: tuple[Tensor, ...] | None = None

    def of(self, kind: "type[Prior]") -> Any:
        """The state of a prior, for the events that are meant."""
        state = self.states[kind.name]
        return state if self.where is None or state is None else pick(state, self.where)

    def only(self, where: tuple[Tensor, ...]) -> "Before":
        """Pick the events at these places, as (M,)."""
        return replace(self, moment=pick(self.moment, where), where=where)


@dataclass(frozen=True)
class Step:
    """What sampling knows of (B,) events before they happen.

    Attributes:
        now: (B,) each.
        states: by the name of a prior, what it knows.
        rows: (M,) which of the events are meant; all by default.
    """

    now: Now
    states: dict[str, Any]
    rows: IntArray | None = None

    def of(self, kind: "type[Prior]") -> Any:
        """The state of a prior, for the events that are meant."""
        state = self.states[kind.name]
        return state if self.rows is None or state is None else pick(state, self.rows)

    def only(self, rows: IntArray) -> "Step":
        """Pick some of the events, as (M,)."""
        return replace(self, now=pick(self.now, rows), rows=rows)

    @cached_property
    def before(self) -> Before:
        """The same as windows have it."""
        where = None if self.rows is None else (torch.from_numpy(self.rows),)
        return Before(moment_of(self.now), self.states, bounded=True, where=where)


def moment_of(now: Now) -> Moment:
    """What sampling knows, as windows have it: all is given."""
    return Moment.of(**now._asdict(), known=np.ones(len(now.day), bool))


AnyPrior = TypeVar("AnyPrior", bound="Prior")
Said = TypeVar("Said", bound=Hashable)


def majority(votes: Sequence[tuple[Said, float]]) -> Said:
    """What most of the weight says; of two that weigh alike what is said first."""
    weights: dict[Said, float] = {}
    for said, weight in votes:
        weights[said] = weights.get(said, 0.0) + weight
    return max(weights, key=weights.__getitem__)


@dataclass
class Making:
    """Priors as they are made, each when it or another asks for it.

    Attributes:
        codec: of columns and time.
        large: heads of many tokens without order.
        make: makes a prior of a kind; it may ask for others.
        untold: where several sites make them, by the places of heads and then parts of the
            profile that are columns, their codec and (V,) how many hold tokens at sites that do not
            tell them.
        counted: likewise (V,) how often tokens come of which no site tells.
        made: those that are there, by name.
    """

    codec: HistoryCodec
    large: list[int]
    make: "Callable[[type[Prior], Making], Prior]"
    untold: "Mapping[int, tuple[Categories | Numbers, FloatArray]]" = field(default_factory=dict)
    counted: "Mapping[int, FloatArray]" = field(default_factory=dict)
    made: "dict[str, Prior]" = field(default_factory=dict)

    def need(self, kind: type[AnyPrior]) -> AnyPrior:
        """Give the prior of a kind; make it if it is not there."""
        if kind.name not in self.made:
            self.made[kind.name] = self.make(kind, self)
        return cast("AnyPrior", self.made[kind.name])


class Prior(ABC):
    """Something that counting knows of histories. What a prior has no part in, it leaves out."""

    name: ClassVar[str]
    unpaid: ClassVar[Any] = None  # what it writes under differential privacy, where all has a price

    # Made from data, under differential privacy, or from a model folder.

    @classmethod
    @abstractmethod
    def learn(cls, seen: Seen, making: Making) -> Self:
        """Learn it from histories; nothing that fewer than k entities hold may enter it."""

    @classmethod
    @abstractmethod
    def pooled(cls, parts: Sequence[tuple[Self, Size]], making: Making) -> Self:
        """Make one of those that several sites have learned, of the same tokens."""

    @classmethod
    def private(cls, frequencies: list[FloatArray], making: Making) -> Self:
        """Make it under differential privacy: of types and of noisy counts alone.

        Args:
            frequencies: of each head and each part of the profile, (V,) noisy log-frequencies.
            making: the codec, and other priors.
        """
        return cls.from_dict(cls.unpaid, making)

    @classmethod
    @abstractmethod
    def from_dict(cls, data: Any, making: Making) -> Self:
        """Read what `to_dict` wrote."""

    @abstractmethod
    def to_dict(self) -> Any:
        """Write it as plain values that JSON can hold."""

    def faults(self, codec: HistoryCodec, large: list[int]) -> Iterator[str]:
        """Name what is wrong with one that was read and cannot have been learned.

        A fault may rely on those before it being none: only the first is looked at.
        """
        yield from ()

    # What it tells the network.

    @property
    def features(self) -> int:
        """How many numbers it tells of an event."""
        return 0

    def tell(self, before: Before) -> list[Tensor]:
        """Tell its features, each (..., any)."""
        return []

    def logits(
        self, head: int, base: Tensor, before: Before, tokens: Tensor, day: Tensor
    ) -> Tensor:
        """(M, V) or (V,) log-probability of each token of a head at M events.

        Args:
            head: of the event.
            base: the same, by the priors before this one.
            before: (M,) what is known.
            tokens: (M, J) of the events, of which those of earlier heads count.
            day: (M,) on which they happen; it counts once the weekday is settled.
        """
        return base

    # A window of events that are given.

    def read(self, data: Encoded, states: dict[str, IntArray]) -> IntArray | None:
        """(N, ...) what it needs to know of each event, given what the priors before it read."""
        return None

    def begin(self, data: Encoded, entities: IntArray, known: BoolArray) -> Any:
        """What it carries from window to window, at the start of (B,) histories.

        (B,) flags say whether their profiles are known.
        """
        return None

    def scan(
        self, carried: Any, data: Encoded, stretch: Stretch, states: dict[str, Any]
    ) -> tuple[Any, Any]:
        """Its state before each (B, T) event, and what is carried on; states of earlier priors.

        A state is a tensor, or a named tuple, list or dict of them: `pick` takes some events.
        Where it carries nothing, that is what it makes of those states.
        """
        return self.blank(stretch.moment, states), carried

    # Event by event.

    def start(self, outline: Outline) -> Any:
        """What it keeps of B histories, before their first event."""
        return None

    def look(self, kept: Any, now: Now, states: dict[str, Any]) -> Any:
        """Its state before the next event of the first histories, as many as there are now."""
        if type(self).blank is Prior.blank:
            return None
        return self.blank(moment_of(now), states)

    def told(self, step: Step) -> list[Array]:
        """What `tell` tells, of the (B,) events of a step."""
        return [each.numpy() for each in self.tell(step.before)]

    def said(self, head: int, base: Array, step: Step, event: "Event") -> Array:
        """What `logits` says, of the (B,) events of a step as far as they are settled."""
        if type(self).logits is Prior.logits:
            return base
        tokens, day = torch.from_numpy(event.tokens), torch.from_numpy(event.day)
        return self.logits(head, torch.from_numpy(base), step.before, tokens, day).numpy()

    def update(self, kept: Any, event: Event, step: Step) -> None:  # noqa: B027 (likewise)
        """Bring up to date what is kept, in place: the event has happened."""

    def blank(self, moment: Moment, states: dict[str, Any]) -> Any:
        """Its state where nobody knows what a history shall be: in scoring."""
        return None

    def vetoes(self, head: int) -> bool:
        """Whether there may be something of a head that sampling must not draw."""
        return type(self).veto is not Prior.veto

    def veto(self, head: int, logits: Tensor, before: Before, tokens: Tensor) -> Tensor:
        """(B, V) logits with what sampling must not draw out of reach.

        Args:
            head: of the event.
            logits: (B, V), in which something may be out of reach already.
            before: (B,) what is known.
            tokens: (B, J) of the events, of which those of earlier heads count.
        """
        return logits
