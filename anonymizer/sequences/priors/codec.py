"""Everything learned from the data besides the weights: frame → arrays and arrays → frame."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from anonymizer.errors import DataError
from anonymizer.sequences.histories.arrays import BoolArray, FloatArray, IntArray
from anonymizer.sequences.histories.protection import protected_counts, told_count
from anonymizer.sequences.histories.roles import Histories, Roles, can_name, require
from anonymizer.sequences.priors.conditionals import Pairs
from anonymizer.sequences.priors.counts import ENTITIES, FEW, SMALL, Quotas
from anonymizer.sequences.priors.encoded import Encoded
from anonymizer.sequences.priors.prior import Assembly
from anonymizer.sequences.priors.repeats import (
    ANY,
    Echo,
    best_key,
    echoed,
    group,
    how_exactly,
    matches,
    repeated,
    stays,
)
from anonymizer.sequences.priors.sessions import share_in_sessions
from anonymizer.sequences.tokens.heads import FIELDS, GAP, WEEKDAY, is_wide
from anonymizer.sequences.tokens.profile import Marks, Span
from anonymizer.sequences.tokens.times import WEEK, Places, Timeline
from anonymizer.sequences.tokens.values import (
    NULL,
    RARE,
    Categories,
    Numbers,
    codec_from_dict,
    dtype_from_json,
    dtype_to_json,
    learn_codec,
    told_dtype,
)

FOLLOWS = 0.5  # share of a field's entropy that a wide one explains, from which it follows
CONSTANT = 0.9  # share of entities with a single value from which on that is the rule
TWICE = 0.01  # share of entities that have a value twice, below which nobody has
SHOWN = 5  # known values that a message lists
HELD_OUT = 0.1  # share of entities that decide when training stops


@dataclass(frozen=True)
class HistoryCodec:
    """Histories ↔ tokens.

    Attributes:
        roles: of the columns.
        columns: every column that was read, in the order of the input.
        entity_dtype: of the entity column.
        fields: a codec per field.
        timeline, marks: what was learned of time and of entities.
        usual: per head (V,) and then per mark (V,), log-frequencies.
        wide: field heads of many values without order.
        echoes: other field heads that may well repeat what an entity had before.
        constant: categories of which nearly all entities with quotas have one value; their share.
        once: field heads without order of which hardly any entity has a value twice.
        pairs: by two heads, which of their values go together.
        tells_quotas: whether enough entities have quotas to learn them.
        sessions: share of visits that follow in the session of the one before.
        protected: counts of what was merged or moved for protection; None where that concerns
            fewer than k entities.
    """

    roles: Roles
    columns: list[str]
    entity_dtype: pl.DataType
    fields: dict[str, Categories | Numbers]
    timeline: Timeline
    marks: Marks
    usual: list[FloatArray]
    wide: list[int]
    echoes: dict[int, Echo]
    constant: dict[int, float]
    once: list[int]
    pairs: dict[tuple[int, int], Pairs]
    tells_quotas: bool
    sessions: float = 0.0
    protected: dict[str, int | None] = field(default_factory=dict)

    @classmethod
    def learn(
        cls, histories: Histories, roles: Roles, columns: list[str], k: int
    ) -> "HistoryCodec":
        """Learn grids and vocabularies; nothing that fewer than k entities hold enters them."""
        frame, owner = histories.frame, histories.owner
        fields = {name: learn_codec(frame[name], owner, k) for name in roles.fields}
        timeline = Timeline.learn(histories, roles.time, k)
        marks = Marks.learn(histories, roles, timeline, k)
        kept = [c for c in columns if c in roles.columns]
        tells_quotas = int((histories.lengths >= FEW).sum()) >= ENTITIES
        entity_dtype = frame.schema[roles.entity]
        codec = cls(
            roles, kept, entity_dtype, fields, timeline, marks, [], [], {}, {}, [], {}, tells_quotas
        )
        codec.wide.extend(j for j, order in enumerate(codec.orders) if is_wide(order))
        tokens, places = codec.tokens(histories, bounded=True)
        of_marks = marks.encode(histories, Span.of(histories, places), timeline)
        entities = np.arange(len(of_marks))
        codec.protected.update(codec._protected(histories, tokens, of_marks, k))
        for table, whose, sizes in (
            (tokens, owner, codec.head_sizes),
            (of_marks, entities, marks.sizes),
        ):
            counts = [protected_counts(table[:, j], whose, n, k) for j, n in enumerate(sizes)]
            codec.usual.extend(log_frequencies(count) for count in counts)
        codec.pairs.update(codec._pairs(tokens, owner, k))
        codec.echoes.update(codec._echoes(histories, tokens, k))
        for j in codec.echoes:
            if codec._is_number(j):
                continue
            share = _constant(tokens[:, j], histories, k)
            if share > CONSTANT:
                codec.constant[j] = share
        codec.once.extend(
            j
            for j in range(FIELDS, len(codec.head_sizes))
            if not codec._is_number(j) and _never_twice(tokens[:, j], owner, k)
        )
        sessions = share_in_sessions(
            histories, places, tokens[:, GAP], timeline, usual=codec.usual[GAP], k=k
        )
        return replace(codec, sessions=sessions)

    def _protected(
        self, histories: Histories, tokens: IntArray, of_marks: IntArray, k: int
    ) -> dict[str, int | None]:
        """What was merged or moved, and how often."""
        frame, owner = histories.frame, histories.owner
        heads, entities = frame[histories.offsets[:-1]], np.arange(len(of_marks))
        time = frame[self.roles.time]
        rare, cut, fine = {}, {}, {"events at a finer time than most, rounded": (
            self.timeline.rounded(time), owner
        )}  # fmt: skip
        for what, codecs, values, whose, table in (
            ("events", self.fields, frame, owner, tokens[:, FIELDS:]),
            ("entities", self.marks.context, heads, entities, of_marks),
        ):
            for j, (name, codec) in enumerate(codecs.items()):
                if isinstance(codec, Categories):
                    rare[f"{what} with a rare value in {name}, merged with other rare ones"] = (
                        table[:, j] == RARE, whose
                    )  # fmt: skip
                else:
                    cut[f"{what} with a value in {name} beyond its digits, cut"] = (
                        codec.cut(values[name]), whose
                    )  # fmt: skip
                    fine[f"{what} with a finer value in {name} than most, rounded"] = (
                        codec.rounded(values[name]), whose
                    )  # fmt: skip
        moved = {
            "events so early or late that their day would point to a person, learned as on the "
            "nearest day that enough entities reach": (
                ~self.timeline.inside(time), owner
            )
        }  # fmt: skip
        return {what: _told(*each, k) for what, each in (rare | fine | cut | moved).items()}

    def _pairs(self, tokens: IntArray, owner: IntArray, k: int) -> dict[tuple[int, int], Pairs]:
        """What goes with the values of a wide head in each later head that is not."""
        found: dict[tuple[int, int], Pairs] = {}
        for j in range(FIELDS, len(self.head_sizes)):
            each = {
                i: Pairs.learn(tokens[:, i], tokens[:, j], (self.usual[i], self.usual[j]), owner, k)
                for i in self.wide
                if i < j and j not in self.wide
            }
            # One of them: what several articles' names say of a price is the same thing said twice.
            if each:
                explained = {i: self._explained(pairs, i, j) for i, pairs in each.items()}
                best = max(explained, key=explained.__getitem__)
                found[best, j] = each[best]
        return found

    def _echoes(self, histories: Histories, tokens: IntArray, k: int) -> dict[int, Echo]:
        """What each field echoes, if it does."""
        owner, offsets, found = histories.owner, histories.offsets, {}
        for j, (name, codec) in enumerate(self.fields.items(), FIELDS):
            if j in self.wide:
                continue
            if isinstance(codec, Categories):
                if stays(tokens, offsets, j, k):
                    found[j] = Echo(ANY)
                continue
            keys = [i for i in range(FIELDS, j) if not self._is_number(i)]
            values, several = codec.fine(histories.frame[name])
            there = tokens[:, j] != NULL
            key = best_key(values, there, tokens, offsets, keys, k=k)
            if key is not None:
                match = np.where(several, matches(tokens, offsets, j, key), -1)
                size = 1 if key == ANY else self.head_sizes[key]
                exactly = how_exactly(group(tokens, key), values, match, owner, size=size, k=k)
                found[j] = Echo(key, exactly)
        return found

    def _explained(self, pairs: Pairs, before: int, after: int) -> float:
        return pairs.explained((self.usual[before], self.usual[after]))

    @property
    def schema(self) -> pl.Schema:
        """Columns and types of what is sampled."""
        entity = _names(np.zeros(0, np.int64), self.entity_dtype).dtype
        types = {self.roles.entity: entity, self.roles.time: self.timeline.dtype}
        types |= {n: c.dtype for n, c in {**self.fields, **self.marks.context}.items()}
        return pl.Schema({name: types[name] for name in self.columns})

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

    @cached_property
    def quotas(self) -> Quotas:
        """The classes whose counts make an entity one."""
        fields = range(FIELDS, len(self.head_sizes))
        frequencies = [np.exp(self.usual[j]) for j in fields]
        follows = [self._follows(j) for j in fields]
        numbers = [j for j in self.echoes if self._is_number(j) and self.head_sizes[j] > SMALL]
        return Quotas.learn(
            frequencies,
            self.orders[FIELDS:],
            follows,
            self.timeline,
            wide=self.wide,
            once=self.once,
            echoing=numbers,
        )

    def _is_number(self, head: int) -> bool:
        return not np.isnan(self.orders[head]).all()

    def _follows(self, head: int) -> bool:
        """Whether a head's value mostly follows from that of a wide one."""
        return any(
            self._explained(each, i, j) > FOLLOWS
            for (i, j), each in self.pairs.items()
            if j == head
        )

    @cached_property
    def assembly(self) -> Assembly:
        """What builds the network's inputs."""
        return Assembly(self.quotas, self.usual[: len(self.head_sizes)], self.pairs, self.sessions)

    @property
    def forbidden(self) -> list[IntArray]:
        """Per head, tokens that must not be sampled."""
        none, null = np.empty(0, np.int64), np.array([NULL])
        clock = none if self.timeline.clocks is None else null
        fields = [
            np.union1d(codec.forbidden(), _absent(usual, codec))
            for codec, usual in zip(self.fields.values(), self.usual[FIELDS:], strict=False)
        ]
        return [none, none, clock, *fields]

    @property
    def forbidden_marks(self) -> list[IntArray]:
        """The same per mark."""
        own = self.marks.forbidden
        usual = self.usual[len(self.head_sizes) :]
        for r, codec in enumerate(self.marks.context.values()):
            own[r] = np.union1d(own[r], _absent(usual[r], codec))
        return own

    def outside(self, histories: Histories) -> FloatArray:
        """(N, J) how far, in nats, a number lies outside of what the model knows; mostly 0."""
        found = np.zeros((len(histories.rows), len(self.head_sizes)))
        for j, (name, codec) in enumerate(self.fields.items(), FIELDS):
            if isinstance(codec, Numbers):
                found[:, j] = codec.outside(histories.frame[name])
        return found

    def require(self, frame: pl.DataFrame) -> None:
        """Raise a DataError that names the first column which is absent or of another kind."""
        require(frame, *self.roles.columns)
        here, known = frame.schema[self.roles.entity], self.entity_dtype
        if not can_name(here):
            raise DataError(_other(f"column '{self.roles.entity}'", here, known))
        kinds = {self.roles.time: self.timeline.dtype}
        kinds |= {n: c.dtype for n, c in {**self.fields, **self.marks.context}.items()}
        for name, known in kinds.items():
            _require_kind(f"column '{name}'", frame.schema[name], known)

    def encode(self, histories: Histories, *, bounded: bool = True) -> Encoded:
        """Histories → arrays; `bounded=False` leaves times outside the window where they are."""
        tokens, places = self.tokens(histories, bounded=bounded)
        span, offsets = Span.of(histories, places), histories.offsets
        instants = np.cumsum(places.new_instants(offsets))
        before = np.repeat(instants[offsets[:-1]] - 1, histories.lengths)
        again = self.quotas.again(tokens, offsets)
        may_come = echoed(tokens, offsets, self.echoes, self.assembly.nothing)
        return Encoded(
            tokens=tokens,
            places=places,
            offsets=offsets,
            instant=instants - before,
            again=again,
            echoed=may_come,
            marks=self.marks.encode(histories, span, self.timeline),
            span=span,
            quotas=self.quotas.count(tokens, places.unit, again, may_come, offsets),
            has_quotas=(span.length >= FEW) & self.tells_quotas,
        )

    def tokens(self, histories: Histories, *, bounded: bool) -> tuple[IntArray, Places]:
        """(N, J) tokens of events, and when they happened."""
        frame = histories.frame
        places = self.timeline.places(frame[self.roles.time], bounded=bounded)
        time = self.timeline.encode(places, histories.position)
        fields = [codec.encode(frame[name]) for name, codec in self.fields.items()]
        return np.stack([*time, *fields], 1), places

    def decode(
        self,
        data: Encoded,
        uniform: FloatArray,
        first_number: int,
        past: tuple[IntArray, pl.DataFrame] | None = None,
    ) -> pl.DataFrame:
        """Arrays → a frame with the columns and types of the input.

        Args:
            data: E histories, N events.
            uniform: (N, J) numbers in [0, 1) that place values within their bins.
            first_number: of the first entity; entities are numbered on from there.
            past: which events have happened, and as what: what comes again is the same.
        """
        lengths = np.diff(data.offsets)
        number = first_number + np.arange(len(lengths))
        owner = np.repeat(np.arange(len(lengths)), lengths)
        columns: dict[str, pl.Series] = {
            self.roles.entity: _names(number, self.entity_dtype).gather(owner),
            self.roles.time: self.timeline.decode(data.places),
        }
        happened = None if past is None else past[0]
        places, origins = repeated(data.tokens, data.offsets, self.echoes, uniform, happened)
        for j, (name, codec) in enumerate(self.fields.items(), FIELDS):
            columns[name] = codec.decode(data.tokens[:, j], places[:, j])
            if past is not None and j in origins:
                known = past[1][name].cast(columns[name].dtype, strict=False)
                columns[name] = columns[name].scatter(past[0], known).gather(origins[j])
        # Two numbers that nothing else uses, as the marks say when a history begins. So made,
        # those of any two columns are independent of each other.
        a, b = uniform[data.offsets[:-1]][:, [GAP, WEEKDAY]].T
        for r, (name, codec) in enumerate(self.marks.context.items()):
            once = (a + r * b) % 1
            columns[name] = codec.decode(data.marks[:, r], once).gather(owner)
        return pl.DataFrame({name: columns[name] for name in self.columns})

    def marks_of(self, conditions: pl.DataFrame) -> IntArray:
        """(E, R) tokens of context columns with a row per entity; −1 where nothing is said.

        Raises:
            DataError: a column is no context column, or the model does not know a value.
        """
        marks = np.full((len(conditions), len(self.marks.sizes)), -1)
        for name in conditions.columns:
            if name not in self.marks.context:
                able = ", ".join(self.marks.context) or "none"
                raise DataError(f"'{name}' is no context column of the model; there are: {able}")
            codec = self.marks.context[name]
            _require_kind(f"condition '{name}'", conditions.schema[name], codec.dtype)
            tokens = codec.encode(conditions[name])
            if isinstance(codec, Categories) and (tokens == RARE).any():
                known, more = ", ".join(codec.values[:SHOWN]), len(codec.values) - SHOWN
                known += f" and {more:,} more" if more > 0 else ""
                raise DataError(
                    f"condition '{name}', row {int(np.argmax(tokens == RARE)) + 1}: the model does "
                    f"not know this value; it knows {known or 'none, all of them were rare'}"
                )
            marks[:, list(self.marks.context).index(name)] = tokens
        return marks

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "entity": self.roles.entity,
            "time": self.roles.time,
            "columns": self.columns,
            "entity_dtype": dtype_to_json(self.entity_dtype),
            "fields": {name: codec.to_dict() for name, codec in self.fields.items()},
            "timeline": self.timeline.to_dict(),
            "marks": self.marks.to_dict(),
            "tells_quotas": self.tells_quotas,
            "sessions": self.sessions,
            "usual": [each.tolist() for each in self.usual],
            "wide": self.wide,
            "echoes": [[j, echo.key, list(echo.exactly)] for j, echo in self.echoes.items()],
            "constant": [[j, share] for j, share in self.constant.items()],
            "once": self.once,
            "pairs": [[i, j, each.to_dict()] for (i, j), each in self.pairs.items()],
            "protected": self.protected,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "HistoryCodec":
        """From JSON."""
        fields = {name: codec_from_dict(codec) for name, codec in data["fields"].items()}
        marks = Marks.from_dict(data["marks"])
        return cls(
            Roles(str(data["entity"]), str(data["time"]), tuple(fields), tuple(marks.context)),
            [str(name) for name in data["columns"]],
            dtype_from_json(data["entity_dtype"]),
            fields,
            Timeline.from_dict(data["timeline"]),
            marks,
            [np.array(each, np.float64) for each in data["usual"]],
            [int(j) for j in data["wide"]],
            {
                int(j): Echo(int(key), tuple(float(rate) for rate in exactly))
                for j, key, exactly in data["echoes"]
            },
            {int(j): float(share) for j, share in data["constant"]},
            [int(j) for j in data["once"]],
            {(int(i), int(j)): Pairs.from_dict(each) for i, j, each in data["pairs"]},
            bool(data["tells_quotas"]),
            float(data["sessions"]),
            {str(what): n if n is None else int(n) for what, n in data["protected"].items()},
        )


def _require_kind(what: str, here: pl.DataType, known: pl.DataType) -> None:
    """Raise a DataError if a column is text where a number was learned, or the like."""
    either = {_kind(here), _kind(known)}
    if None in either or len(either - {"null"}) > 1:
        raise DataError(_other(what, here, known))


def _kind(dtype: pl.DataType) -> str | None:
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


def _constant(tokens: IntArray, histories: Histories, k: int) -> float:
    """The share of entities with quotas that have a single value; 1 if fewer than k have more."""
    owner, enough = histories.owner, histories.lengths >= FEW
    changes = np.zeros(len(enough), bool)
    changes[owner[tokens != tokens[histories.offsets[:-1]][owner]]] = True
    several = int((changes & enough).sum())
    return 1.0 if several < k else round(1 - several / int(enough.sum()), 3)


def _never_twice(tokens: IntArray, owner: IntArray, k: int) -> bool:
    """Whether hardly any of k entities with several events has one value of a category twice."""
    told = tokens > RARE
    size = int(tokens.max(initial=0)) + 1
    values, counts = np.unique(owner[told] * size + tokens[told], return_counts=True)
    twice = np.unique(values[counts > 1] // size)
    several = int(np.count_nonzero(np.bincount(owner[told]) > 1))
    few = len(twice) < k and several >= 20 * k
    return several >= k and (few or len(twice) < TWICE * several)


def log_frequencies(counts: FloatArray) -> FloatArray:
    """(V,) protected counts → (V,) log-frequencies, none of them quite zero."""
    logs: FloatArray = np.round(np.log((counts + 0.1) / (counts + 0.1).sum()), 3)
    return logs


def _absent(usual: FloatArray, codec: Categories | Numbers) -> IntArray:
    """Null and rare, where fewer than k entities have them: a sample shall not hold them."""
    special = np.array([NULL, RARE] if isinstance(codec, Categories) else [NULL])
    seen = usual > usual.min() + 1e-9
    return special[~seen[special]] if seen.any() else np.empty(0, np.int64)


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
