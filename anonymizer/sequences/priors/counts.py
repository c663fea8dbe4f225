"""Quotas: how many of an entity's events are of each kind, told as a countdown.

A customer is known by what they buy: how often each category, in which range of amounts, at which
hours and on which weekdays. A network that only sees one event after another loses these habits on
long histories. So the counts are sampled first, for entities with enough events, and each event
uses one of what is left. Each field has its classes: every value of a small vocabulary, ranges of
a large ordered one and a class for what comes again, of many values whether the entity has had this
one before, and none where they follow from another field's.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from anonymizer.sequences.histories.arrays import BoolArray, FloatArray, IntArray
from anonymizer.sequences.histories.roles import owners
from anonymizer.sequences.priors.arrivals import CLOCK_SHARES
from anonymizer.sequences.tokens.bins import in_order
from anonymizer.sequences.tokens.heads import FIELDS, GAP, WEEKDAY
from anonymizer.sequences.tokens.times import FIRST, INSTANT, WEEK, Timeline

FEW = 24  # events from which an entity has quotas, and visits below which hours are not told
ENTITIES = 100  # that must have quotas before they are learned
SMALL = 40  # tokens that are classes of their own
LEVELS = np.array(
    [0.002, 0.005, 0.02, *np.linspace(0.05, 0.95, 19), 0.98, 0.99, 0.995, 0.998, 0.9995]
)


@dataclass(frozen=True)
class Quotas:
    """Which class each token belongs to.

    Attributes:
        classes: per field (V,) the class of each token among all S classes, or None; of numbers
            that come again (V + 1,), the last for those that do, from an entity's second event on.
        wide: R heads of many values; of each the classes are "new" and "again", from an entity's
            second event on.
        echoing: heads of numbers that come again.
        timeline: of the model.
    """

    classes: list[IntArray | None]
    wide: list[int]
    echoing: list[int]
    timeline: Timeline

    @classmethod
    def learn(
        cls,
        frequencies: list[FloatArray],
        orders: list[FloatArray],
        follows: list[bool],
        timeline: Timeline,
        *,
        wide: list[int],
        once: list[int],
        echoing: list[int],
    ) -> "Quotas":
        """Classes of the fields' tokens, by how often each occurs and where it stands.

        Args:
            frequencies: (V,) per field, how often each token occurs.
            orders: (V,) per field, see `Codec.order`.
            follows: per field, whether its value follows from another's; then that one's are the
                habits.
            timeline: of the model.
            wide: see `HistoryCodec.wide`.
            once: see `HistoryCodec.once`.
            echoing: heads of numbers that come again, of more than `SMALL` tokens.
        """
        classes: list[IntArray | None] = []
        again: list[int] = []
        start = 0
        for j, (counts, order, other) in enumerate(
            zip(frequencies, orders, follows, strict=True), FIELDS
        ):
            few = len(counts) <= SMALL
            if other or j in wide or j in once or (not few and np.isnan(order).all()):
                classes.append(None)
                again += [j] if j in wide and not other else []
                continue
            own = np.arange(len(counts)) if few else _ranges(counts, order)
            own = np.append(own, own.max() + 1) if j in echoing else own
            classes.append(own + start)
            start += int(own.max()) + 1
        return cls(classes, again, echoing, timeline)

    @cached_property
    def blocks(self) -> list[tuple[int, int]]:
        """Where the classes of each field, of the hours and of the weekdays begin and end."""
        own = [(int(c.min()), int(c.max()) + 1) for c in self.classes if c is not None]
        at = self.of_fields
        own += [(start, start + 2) for start in range(self.of_values, at, 2)]
        if self.timeline.clocks is not None:
            own.append((at, at + CLOCK_SHARES))
        return [*own, (self.size - WEEK, self.size)]

    @cached_property
    def of_values(self) -> int:
        """How many classes the fields' values have; they come first."""
        return max((int(c.max()) + 1 for c in self.classes if c is not None), default=0)

    @property
    def of_fields(self) -> int:
        """How many classes the fields have, whether a value came before included."""
        return self.of_values + 2 * len(self.wide)

    @property
    def size(self) -> int:
        """S, how many classes there are: of fields, hours and weekdays."""
        clock = 0 if self.timeline.clocks is None else CLOCK_SHARES
        return self.of_fields + clock + WEEK

    @cached_property
    def but_first(self) -> list[bool]:
        """Per block whether it tells what comes again, which the first event cannot."""
        fields = [j in self.echoing for j, c in enumerate(self.classes, FIELDS) if c is not None]
        begun = [*fields, *(True for _ in self.wide)]
        return begun + [False] * (len(self.blocks) - len(begun))

    def again(self, tokens: IntArray, offsets: IntArray) -> BoolArray:
        """(N, R) whether an entity has had the value of a wide head before."""
        owner = owners(offsets)
        found = np.ones((len(tokens), len(self.wide)), bool)
        for r, j in enumerate(self.wide):
            both = owner * (int(tokens[:, j].max(initial=0)) + 1) + tokens[:, j]
            found[np.unique(both, return_index=True)[1], r] = False
        return found

    def used(
        self, tokens: IntArray, unit: IntArray, again: BoolArray, echoed: IntArray
    ) -> tuple[IntArray, IntArray]:
        """The classes that events use up.

        Args:
            tokens: (N, J).
            unit: (N,) of the day.
            again: (N, R), see there.
            echoed: (N, J, 2) tokens that may come again.

        Returns:
            (M,) indices of events and (M,) classes, in no particular order.
        """
        everything = np.arange(len(tokens))
        new = np.flatnonzero(tokens[:, GAP] != INSTANT)
        # The first event has nothing to repeat.
        later = np.flatnonzero(tokens[:, GAP] != FIRST)
        pairs = []
        for j, own in enumerate(self.classes, FIELDS):
            if own is None:
                continue
            its = tokens[:, j]
            if j in self.echoing:
                comes = (its[:, None] == echoed[:, j]).any(-1)
                pairs.append((later, own[np.where(comes, -1, its)[later]]))
            else:
                pairs.append((everything, own[its]))
        pairs += [(later, self.of_values + 2 * r + flags[later]) for r, flags in enumerate(again.T)]
        if self.timeline.clocks is not None:
            hours = unit[new] * CLOCK_SHARES // self.timeline.units_per_day
            pairs.append((new, self.of_fields + hours))
        pairs.append((new, self.size - WEEK + tokens[new, WEEKDAY]))
        return np.concatenate([e for e, _ in pairs]), np.concatenate([c for _, c in pairs])

    def count(
        self,
        tokens: IntArray,
        unit: IntArray,
        again: BoolArray,
        echoed: IntArray,
        offsets: IntArray,
    ) -> IntArray:
        """(E, S) how many events of each class each entity has; arguments as of `used`."""
        event, kind = self.used(tokens, unit, again, echoed)
        cell = owners(offsets)[event] * self.size + kind
        counts = np.bincount(cell, minlength=(len(offsets) - 1) * self.size)
        return counts.reshape(-1, self.size)


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
