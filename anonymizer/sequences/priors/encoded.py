"""Encoded histories as flat arrays."""

from dataclasses import dataclass

import numpy as np

from anonymizer.sequences.histories.arrays import BoolArray, IntArray
from anonymizer.sequences.histories.roles import flat_index
from anonymizer.sequences.tokens.profile import Span
from anonymizer.sequences.tokens.times import Places


@dataclass(frozen=True)
class Encoded:
    """Histories as arrays: N events of E entities, J heads, R marks, S classes of quotas.

    Attributes:
        tokens: (N, J).
        places: when the events happened.
        offsets: (E + 1,).
        instant: (N,) 1 at an entity's first instant, 2 at its second, ...
        again: (N, R) whether a value of many has come before, see `Quotas`.
        echoed: (N, J, 2) tokens that may come again, see `Echo`; `V` where there are none.
        marks: (E, R).
        span: first and last day, visits and length of each entity.
        quotas: (E, S) events of each class; zeros where an entity has none.
        has_quotas: (E,).
    """

    tokens: IntArray
    places: Places
    offsets: IntArray
    instant: IntArray
    again: BoolArray
    echoed: IntArray
    marks: IntArray
    span: Span
    quotas: IntArray
    has_quotas: BoolArray

    def select(self, entities: IntArray) -> "Encoded":
        """Some entities, in the order given."""
        lengths = np.diff(self.offsets)[entities]
        index = flat_index(self.offsets[entities], lengths)
        return Encoded(
            self.tokens[index],
            Places(self.places.day[index], self.places.unit[index]),
            np.concatenate([[0], np.cumsum(lengths)]),
            self.instant[index],
            self.again[index],
            self.echoed[index],
            self.marks[entities],
            self.span.select(entities),
            self.quotas[entities],
            self.has_quotas[entities],
        )
