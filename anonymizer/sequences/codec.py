"""Everything learned from the data besides the weights: frame → arrays and arrays → frame."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from anonymizer.sequences.batches import Encoded
from anonymizer.sequences.encoding import (
    NULL,
    RARE,
    Categories,
    FloatArray,
    Numbers,
    codec_from_dict,
    dtype_from_json,
    dtype_to_json,
    learn_codec,
)
from anonymizer.sequences.events import Histories, IntArray, Roles
from anonymizer.sequences.network import CLOCK, FIELDS
from anonymizer.sequences.timeline import FAR, Timeline
from anonymizer.sequences.traits import Traits, span_of

HELD_OUT = 0.1  # share of entities that decide when training stops


@dataclass(frozen=True)
class HistoryCodec:
    """Histories ↔ tokens.

    Attributes:
        roles: of the columns.
        columns: every column that was read, in the order of the input.
        entity_dtype: of the entity column.
        fields: a codec per field.
        timeline, traits: what was learned of time and of entities.
        protected: counts of what was merged or moved for protection.
    """

    roles: Roles
    columns: list[str]
    entity_dtype: pl.DataType
    fields: dict[str, Categories | Numbers]
    timeline: Timeline
    traits: Traits
    protected: dict[str, int] = field(default_factory=dict)

    @classmethod
    def learn(
        cls, histories: Histories, roles: Roles, columns: list[str], k: int
    ) -> "HistoryCodec":
        """Learn grids and vocabularies; nothing that fewer than k entities hold enters them."""
        frame, owner = histories.frame, histories.owner
        fields = {name: learn_codec(frame[name], owner, k) for name in roles.fields}
        timeline = Timeline.learn(histories, roles.time, k)
        traits = Traits.learn(histories, roles, timeline, fields, k)
        rare = {
            f"rare values of {name}, merged": int((codec.encode(frame[name]) == RARE).sum())
            for name, codec in {**fields, **traits.context}.items()
            if isinstance(codec, Categories)
        }
        outside = {"events moved to the edge of the window": timeline.outside(frame[roles.time])}
        kept = [c for c in columns if c in roles.columns]
        return cls(
            roles, kept, frame.schema[roles.entity], fields, timeline, traits, rare | outside
        )

    @property
    def schema(self) -> pl.Schema:
        """Columns and types of what is sampled."""
        entity = _names(np.zeros(0, np.int64), self.entity_dtype).dtype
        types = {self.roles.entity: entity, self.roles.time: self.timeline.dtype}
        types |= {n: c.dtype for n, c in {**self.fields, **self.traits.context}.items()}
        return pl.Schema({name: types[name] for name in self.columns})

    @property
    def head_sizes(self) -> tuple[int, ...]:
        """Tokens of each event head: gap, weekday, clock, then the fields."""
        time = (self.timeline.gap_size, 7, self.timeline.clock_size)
        return (*time, *(codec.size for codec in self.fields.values()))

    @property
    def orders(self) -> list[IntArray | None]:
        """Per head, tokens from the smallest value to the largest; None where there is no order."""
        line = self.timeline
        gap = np.lexsort((line.gap_low_units, line.gap_low_days % FAR))
        fields = [
            np.lexsort((codec.grid.high, codec.grid.low)) if isinstance(codec, Numbers) else None
            for codec in self.fields.values()
        ]
        return [gap, None, None, *fields]

    def outside(self, histories: Histories) -> FloatArray:
        """(N, J) how far, in nats, a number lies outside of what the model knows; mostly 0."""
        found = np.zeros((len(histories.rows), len(self.head_sizes)))
        for j, (name, codec) in enumerate(self.fields.items(), FIELDS):
            if isinstance(codec, Numbers):
                found[:, j] = codec.outside(histories.frame[name])
        return found

    @property
    def nothing(self) -> IntArray:
        """(J,) the token that stands for "no event before"."""
        return np.array(self.head_sizes, np.int64)

    @property
    def forbidden(self) -> tuple[list[IntArray], list[IntArray]]:
        """Tokens that must not be sampled, per head and per trait."""
        none, null = np.empty(0, np.int64), np.array([NULL])
        clock = none if self.timeline.clocks is None else null
        heads = [none, none, clock, *(codec.forbidden() for codec in self.fields.values())]
        marks = {"first": null, "length": null, "last": null}
        context = {f"context {n}": codec.forbidden() for n, codec in self.traits.context.items()}
        return heads, [{**marks, **context}.get(name, none) for name in self.traits.names]

    def encode(self, histories: Histories, *, bounded: bool = True) -> Encoded:
        """Histories → arrays; `bounded=False` leaves times outside the window where they are."""
        frame = histories.frame
        places = self.timeline.places(frame[self.roles.time], bounded=bounded)
        time = self.timeline.encode(places, histories.position)
        fields = [codec.encode(frame[name]) for name, codec in self.fields.items()]
        span = span_of(histories, places)
        traits = self.traits.encode(histories, span, self.timeline, self.fields, self.roles.time)
        return Encoded(np.stack([*time, *fields], 1), places, histories.offsets, traits, span)

    def decode(self, data: Encoded, uniform: FloatArray, first_number: int) -> pl.DataFrame:
        """Arrays → a frame with the columns and types of the input.

        Args:
            data: E histories, N events.
            uniform: (N, J) numbers in [0, 1) that place values within their bins.
            first_number: of the first entity; entities are numbered on from there.
        """
        lengths = np.diff(data.offsets)
        number = first_number + np.arange(len(lengths))
        columns: dict[str, pl.Series] = {
            self.roles.entity: _names(number, self.entity_dtype).gather(
                np.repeat(np.arange(len(lengths)), lengths)
            ),
            self.roles.time: self.timeline.decode(data.places),
        }
        for j, (name, codec) in enumerate(self.fields.items(), FIELDS):
            columns[name] = codec.decode(data.tokens[:, j], uniform[:, j])
        for r, (name, codec) in enumerate(self.traits.context.items()):
            # One number per entity, shared with the clock of its first event: both only place a
            # value inside a bin.
            once = uniform[data.offsets[:-1], CLOCK]
            values = codec.decode(data.traits[:, r], once)
            columns[name] = values.gather(np.repeat(np.arange(len(lengths)), lengths))
        return pl.DataFrame({name: columns[name] for name in self.columns})

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "entity": self.roles.entity,
            "time": self.roles.time,
            "columns": self.columns,
            "entity_dtype": dtype_to_json(self.entity_dtype),
            "fields": {name: codec.to_dict() for name, codec in self.fields.items()},
            "timeline": self.timeline.to_dict(),
            "traits": self.traits.to_dict(),
            "protected": self.protected,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "HistoryCodec":
        """From JSON."""
        fields = {name: codec_from_dict(codec) for name, codec in data["fields"].items()}
        traits = Traits.from_dict(data["traits"])
        return cls(
            Roles(data["entity"], data["time"], tuple(fields), tuple(traits.context)),
            data["columns"],
            dtype_from_json(data["entity_dtype"]),
            fields,
            Timeline.from_dict(data["timeline"]),
            traits,
            data["protected"],
        )


def _names(number: IntArray, dtype: pl.DataType) -> pl.Series:
    """Names of people who do not exist: numbers, or `synthetic-000001` in text."""
    if dtype.is_integer():
        return pl.Series(number).cast(dtype)
    text = pl.Series([f"synthetic-{n:06d}" for n in number], dtype=pl.String)
    return text.cast(dtype) if isinstance(dtype, pl.Categorical) else text
