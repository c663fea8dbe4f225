"""What was learned of columns, time and entities: frame → tokens and tokens → frame."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.errors import DataError
from anonymizer.sequences.histories.protection import told_count
from anonymizer.sequences.histories.roles import Histories, Roles, can_name, require
from anonymizer.sequences.tokens.encoded import Encoded
from anonymizer.sequences.tokens.heads import FIELDS, GAP, WEEKDAY
from anonymizer.sequences.tokens.plain import dtype_from_json, dtype_to_json, from_plain, told_dtype
from anonymizer.sequences.tokens.profile import Profile, Span
from anonymizer.sequences.tokens.times import WEEK, Timeline
from anonymizer.sequences.tokens.values import (
    NULL,
    RARE,
    Categories,
    Numbers,
    learn_codec,
)

SHOWN = 5  # known values that a message lists


@dataclass(frozen=True)
class HistoryCodec:
    """What was learned of columns, time and entities; turns histories into tokens and back.

    Attributes:
        roles: of the columns.
        columns: every column that was read, in the order of the input.
        entity_dtype: of the entity column.
        fields: a codec per field.
        timeline, profile: what was learned of time and of entities.
        protected: counts of what was merged or moved for protection; None where that concerns
            fewer than k entities.
    """

    roles: Roles
    columns: list[str]
    entity_dtype: pl.DataType
    fields: dict[str, Categories | Numbers]
    timeline: Timeline
    profile: Profile
    protected: dict[str, int | None] = field(default_factory=dict)

    @classmethod
    def learn(
        cls, histories: Histories, roles: Roles, columns: list[str], k: int
    ) -> "HistoryCodec":
        """Learn grids and vocabularies; nothing that fewer than k entities hold enters them."""
        frame, owner = histories.frame, histories.owner
        fields = {n: learn_codec(frame[n], owner, k, roles.codes) for n in roles.fields}
        timeline = Timeline.learn(histories, roles.time, k)
        profile = Profile.learn(histories, roles, timeline, k)
        kept = [c for c in columns if c in roles.columns]
        protected = protection(histories, roles.time, timeline, fields, profile.context, k=k)
        return cls(roles, kept, frame.schema[roles.entity], fields, timeline, profile, protected)

    @property
    def schema(self) -> pl.Schema:
        """The columns of samples and their types."""
        entity = _names(np.zeros(0, np.int64), self.entity_dtype).dtype
        types = {self.roles.entity: entity, self.roles.time: self.timeline.dtype}
        types |= {n: c.dtype for n, c in {**self.fields, **self.profile.context}.items()}
        return pl.Schema({name: types[name] for name in self.columns})

    @property
    def columns_known(self) -> dict[str, bool]:
        """Each field and context column, and whether any of its values may be told."""
        codecs = {**self.fields, **self.profile.context}
        return {c: each.size > 1 + isinstance(each, Categories) for c, each in codecs.items()}

    @property
    def head_sizes(self) -> list[int]:
        """Tokens of each event head: gap, weekday, clock, then the fields."""
        time = [self.timeline.gap_size, WEEK, self.timeline.clock_size]
        return [*time, *(codec.size for codec in self.fields.values())]

    @property
    def orders(self) -> list[FloatArray]:
        """Per head (V,), a number per token that rises with its value; NaN without an order."""
        line = self.timeline
        clock = np.full(1, np.nan) if line.clocks is None else line.clocks.order
        fields = [codec.order for codec in self.fields.values()]
        return [line.gap_order, np.full(WEEK, np.nan), clock, *fields]

    @property
    def nothing(self) -> IntArray:
        """(J,) tokens that stand for "no event", one beyond those of each head."""
        return np.array(self.head_sizes)

    @cached_property
    def categories(self) -> list[int]:
        """The heads of fields whose tokens have no order."""
        orders = enumerate(self.orders[FIELDS:], FIELDS)
        return [j for j, order in orders if np.isnan(order).all()]

    @property
    def forbidden(self) -> list[IntArray]:
        """Per head, tokens that mean nothing that could be sampled."""
        none, null = np.empty(0, np.int64), np.array([NULL])
        clock = none if self.timeline.clocks is None else null
        return [none, none, clock, *(codec.forbidden() for codec in self.fields.values())]

    def outside(self, histories: Histories) -> FloatArray:
        """(N, J) how far, in nats, a number lies outside of what the model knows; mostly 0."""
        found = np.zeros((len(histories.rows), len(self.head_sizes)))
        for j, (name, codec) in enumerate(self.fields.items(), FIELDS):
            if isinstance(codec, Numbers):
                found[:, j] = codec.outside(histories.frame[name])
        return found

    def require(self, frame: pl.DataFrame) -> None:
        """Raise a DataError that names the first column which is absent or of another kind."""
        kinds = {self.roles.time: self.timeline.dtype}
        kinds |= {n: c.dtype for n, c in {**self.fields, **self.profile.context}.items()}
        require_kinds(frame, self.roles.entity, self.entity_dtype, kinds)

    def encode(self, histories: Histories, *, bounded: bool = True) -> Encoded:
        """Histories → arrays; what priors know is not in them.

        Args:
            histories: N events of E entities.
            bounded: whether times outside the window move to its edge, or stay where they are.
        """
        frame = histories.frame
        places = self.timeline.places(frame[self.roles.time], bounded=bounded)
        time = self.timeline.encode(places, histories.position)
        fields = [codec.encode(frame[name]) for name, codec in self.fields.items()]
        span = Span.of(histories, places)
        return Encoded(
            tokens=np.stack([*time, *fields], 1),
            places=places,
            offsets=histories.offsets,
            profile=self.profile.encode(histories, span, self.timeline),
            span=span,
            counts=np.zeros((len(span.length), 0), np.int64),
        )

    def decode(self, data: Encoded, uniform: FloatArray, first_number: int) -> pl.DataFrame:
        """Arrays → a frame with the columns and types of the input.

        Args:
            data: N events of E entities.
            uniform: (N, J) numbers in [0, 1) that place values within their bins.
            first_number: of the first entity; entities are numbered on from there.
        """
        owner = data.owner
        number = first_number + np.arange(len(data.profile))
        columns: dict[str, pl.Series] = {
            self.roles.entity: _names(number, self.entity_dtype).gather(owner),
            self.roles.time: self.timeline.decode(data.places),
        }
        for j, (name, codec) in enumerate(self.fields.items(), FIELDS):
            columns[name] = codec.decode(data.tokens[:, j], uniform[:, j])
        # Two numbers that nothing else uses, as the profile says when a history begins. So made,
        # those of any two columns are independent of each other.
        a, b = uniform[data.offsets[:-1]][:, [GAP, WEEKDAY]].T
        for p, (name, codec) in enumerate(self.profile.context.items()):
            once = (a + p * b) % 1
            columns[name] = codec.decode(data.profile[:, p], once).gather(owner)
        return pl.DataFrame({name: columns[name] for name in self.columns})

    def profile_of(self, conditions: pl.DataFrame) -> IntArray:
        """(E, P) tokens of context columns with a row per entity; −1 where nothing is said.

        Raises:
            DataError: a column is no context column, or the model does not know a value.
        """
        profile = np.full((len(conditions), len(self.profile.sizes)), -1)
        for name in conditions.columns:
            if name not in self.profile.context:
                able = ", ".join(self.profile.context) or "none"
                raise DataError(f"'{name}' is no context column of the model; there are: {able}")
            codec = self.profile.context[name]
            _require_kind(f"condition '{name}'", conditions.schema[name], codec.dtype)
            tokens = codec.encode(conditions[name])
            if isinstance(codec, Categories) and (tokens == RARE).any():
                known, more = ", ".join(codec.values[:SHOWN]), len(codec.values) - SHOWN
                known += f" and {more:,} more" if more > 0 else ""
                raise DataError(
                    f"condition '{name}', row {int(np.argmax(tokens == RARE)) + 1}: the model does "
                    f"not know this value; it knows {known or 'none, all of them were rare'}"
                )
            profile[:, list(self.profile.context).index(name)] = tokens
        return profile

    def to_dict(self) -> dict[str, Any]:
        """Write it as plain values that JSON can hold."""
        return {
            "entity": self.roles.entity,
            "time": self.roles.time,
            "columns": self.columns,
            "entity_dtype": dtype_to_json(self.entity_dtype),
            "fields": {name: codec.to_dict() for name, codec in self.fields.items()},
            "timeline": self.timeline.to_dict(),
            "profile": self.profile.to_dict(),
            "protected": self.protected,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "HistoryCodec":
        """Read what `to_dict` wrote."""
        fields = from_plain(dict[str, Categories | Numbers], data["fields"])
        profile = Profile.from_dict(data["profile"])
        return cls(
            Roles(str(data["entity"]), str(data["time"]), tuple(fields), tuple(profile.context)),
            [str(name) for name in data["columns"]],
            dtype_from_json(data["entity_dtype"]),
            fields,
            Timeline.from_dict(data["timeline"]),
            profile,
            {str(what): n if n is None else int(n) for what, n in data["protected"].items()},
        )


def protection(
    histories: Histories,
    time: str,
    timeline: Timeline,
    fields: Mapping[str, Categories | Numbers],
    context: Mapping[str, Categories | Numbers],
    *,
    k: int,
) -> dict[str, int | None]:
    """Count what was merged or moved to protect people, by what was learned of columns and time."""
    frame, owner = histories.frame, histories.owner
    heads, entities = frame[histories.offsets[:-1]], np.arange(len(histories.lengths))
    times = frame[time]
    done = {"events at a finer time than most, rounded": (timeline.rounded(times), owner)}
    for what, codecs, values, whose in (
        ("events", fields, frame, owner),
        ("entities", context, heads, entities),
    ):
        for name, codec in codecs.items():
            for how, which in codec.protected(values[name]).items():
                done[f"{what} with {how}"] = which, whose
    moved = (
        "events so early or late that their day would point to a person, learned as on the "
        "nearest day that enough entities reach"
    )
    done[moved] = ~timeline.inside(times), owner
    return {what: _told(*each, k) for what, each in done.items()}


def require_kinds(
    frame: pl.DataFrame, entity: str, named: pl.DataType, kinds: Mapping[str, pl.DataType]
) -> None:
    """Raise a DataError that names the first column which is absent or of another kind."""
    require(frame, entity, *kinds)
    if not can_name(frame.schema[entity]):
        raise DataError(_other(f"column '{entity}'", frame.schema[entity], named))
    for name, known in kinds.items():
        _require_kind(f"column '{name}'", frame.schema[name], known)


def _require_kind(what: str, here: pl.DataType, known: pl.DataType) -> None:
    """Raise a DataError if a column is text where a number was learned, or the like."""
    either = {kind_of(here), kind_of(known)}
    if None in either or len(either - {"null"}) > 1:
        raise DataError(_other(what, here, known))


def kind_of(dtype: pl.DataType) -> str | None:
    """What kind of value a column holds; None where no model can know it."""
    if dtype in (pl.Null, pl.Boolean):
        return str(dtype).lower()
    if dtype.is_temporal():
        return f"{dtype.base_type()} {getattr(dtype, 'time_zone', None) is not None}"
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "text"
    return "number" if dtype.is_numeric() else None


def _other(what: str, here: pl.DataType, known: pl.DataType) -> str:
    """What is said of a column of another kind; an Enum's type would tell values."""
    told = here.base_type() if here.is_nested() or isinstance(here, pl.Enum) else here
    zoned = isinstance(here, pl.Datetime) and isinstance(known, pl.Datetime)
    way = "give it a time zone or take it off with dt.replace_time_zone" if zoned else "cast it"
    return f"{what} is {told} and the model has learned {known}: {way}"


def _told(concerned: BoolArray, owner: IntArray, k: int) -> int | None:
    """How many events are concerned, of nobody more than of the k-th; None where few are."""
    count = told_count(owner[concerned], k)
    return count if count or not concerned.any() else None


def _names(number: IntArray, dtype: pl.DataType) -> pl.Series:
    """Names of people who do not exist: numbers, or `synthetic-000001` in text.

    Of the type that real ones have, if it is one of numbers or text.
    """
    if dtype.is_float():
        return pl.Series(number).cast(dtype)
    if dtype.is_integer():
        small = dtype in (pl.Int8, pl.UInt8, pl.Int16, pl.UInt16)  # too few numbers for many people
        return pl.Series(number) if small else pl.Series(number).cast(dtype)
    text = pl.Series([f"synthetic-{n:06d}" for n in number], dtype=pl.String)
    return text.cast(told_dtype(dtype)) if isinstance(dtype, pl.Categorical | pl.Enum) else text
