"""Which columns are entity, time, fields and context; the order of events; splits by entity."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from numbers import Integral, Real
from typing import Any, TypeVar, cast

import numpy as np
import polars as pl

from anonymizer.arrays import IntArray
from anonymizer.errors import DataError
from anonymizer.frames import is_pattern

FIELD_TYPES = (
    pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Date, pl.Datetime, pl.Duration, pl.Time,
    pl.Decimal,
    *pl.datatypes.group.NUMERIC_DTYPES,
)  # fmt: skip


Parts = TypeVar("Parts")


@dataclass(frozen=True)
class Roles:
    """Which column names the entity, which the time, and which hold what happened.

    Attributes:
        entity, time: whose event it is, and when.
        fields: vary per event; categories before numbers.
        context: hold once per entity.
        codes: of these, whole numbers that name things, which are categories.
    """

    entity: str
    time: str
    fields: tuple[str, ...]
    context: tuple[str, ...]
    codes: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """Names of all columns that are read."""
        return [self.entity, self.time, *self.context, *self.fields]

    @property
    def told(self) -> str:
        """Which columns were taken as what, in one line."""
        held, varying = (", ".join(names) or "none" for names in (self.context, self.fields))
        return f"columns that hold once per entity: {held}; per event: {varying}"


@dataclass(frozen=True)
class Histories:
    """Events sorted by entity and time, ties in input order.

    Attributes:
        frame: the events, N rows.
        offsets: (E + 1,), entity e owns rows `offsets[e]:offsets[e + 1]`.
        rows: (N,), the position of each event in the frame it was read from.
        dropped: rows left out because their entity or time is null.
    """

    frame: pl.DataFrame
    offsets: IntArray
    rows: IntArray
    dropped: int

    @property
    def lengths(self) -> IntArray:
        """(E,), how many events each entity has."""
        lengths: IntArray = np.diff(self.offsets)
        return lengths

    @property
    def owner(self) -> IntArray:
        """(N,), the index of the entity that each event belongs to."""
        return owners(self.offsets)

    @property
    def position(self) -> IntArray:
        """(N,), 0 for the first event of each entity, then 1, 2, ..."""
        return np.arange(len(self.rows)) - np.repeat(self.offsets[:-1], self.lengths)

    def select(self, entities: IntArray) -> "Histories":
        """The histories of some entities, in the order given."""
        return self._part(self.offsets[entities], self.lengths[entities])

    def head(self, count: int) -> "Histories":
        """The first events of each history, `count` at most."""
        return self._part(self.offsets[:-1], np.minimum(self.lengths, count))

    def _part(self, starts: IntArray, lengths: IntArray) -> "Histories":
        index = flat_index(starts, lengths)
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        return Histories(self.frame[index], offsets, self.rows[index], 0)


def owners(offsets: IntArray) -> IntArray:
    """(E + 1,) where each entity's events begin → (N,) the index of the entity of each event."""
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


def is_number(dtype: pl.DataType) -> bool:
    """Whether a column of this type holds numbers or times, not categories."""
    return dtype.is_numeric() or dtype.is_temporal()


def flat_index(starts: IntArray, lengths: IntArray) -> IntArray:
    """The concatenated ranges `starts[i] ... starts[i] + lengths[i]`."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    index: IntArray = np.arange(total) + np.repeat(starts - (ends - lengths), lengths)
    return index


def pick(parts: Parts, index: Any) -> Parts:
    """Some events, or entities, of all arrays and tensors in named tuples, lists and dicts."""
    found: Any = parts
    if isinstance(found, list):
        found = [pick(each, index) for each in found]
    elif isinstance(found, dict):
        found = {key: pick(each, index) for key, each in found.items()}
    elif isinstance(found, tuple):
        found = type(found)(*(pick(each, index) for each in found))
    else:
        found = found[index]
    return cast("Parts", found)


def can_name(dtype: pl.DataType) -> bool:
    """Whether a column of this type can say whose event a row is."""
    return not dtype.is_nested() and dtype not in (pl.Object, pl.Binary)


def require_number(name: str, value: Any, least: float, *, whole: bool = True) -> None:
    """Raise a DataError unless a setting is a number, and large enough."""
    kind_of: Any = Integral if whole else Real
    if not isinstance(value, kind_of) or isinstance(value, bool) or not value >= least:
        kind = "a whole number" if whole else "a number"
        raise DataError(f"{name} must be {kind}, {least} or more")


def require(frame: pl.DataFrame, *columns: str) -> None:
    """Raise a DataError that names the first column which is absent, and the nearest present.

    Polars reads some names as patterns for several columns; they are refused too, and so is what
    begins like the library's own.
    """
    for column in columns:
        if not isinstance(column, str):
            raise DataError(f"columns are named by text, and {column!r} is none")
        if is_pattern(column):
            raise DataError(
                f"a column is called {column!r}, which has a meaning of its own: rename it"
            )
        if column not in frame.columns:
            near = get_close_matches(column, frame.columns, 1)
            hint = (
                f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(frame.columns)}"
            )
            raise DataError(f"there is no column '{column}'; {hint}")


def assign_roles(
    frame: pl.DataFrame,
    entity: str,
    time: str,
    fields: Sequence[str] | None = None,
    context: Sequence[str] | None = None,
    *,
    positions: bool = False,
) -> Roles:
    """Decide which role each column has.

    Without `context`, columns that never change within an entity are context. Without `fields`,
    all remaining columns are fields. Where positions will do, the time may be of whole numbers.

    Raises:
        DataError: a column is absent, named twice, or of a type that cannot be modelled.
    """
    if isinstance(fields, str) or isinstance(context, str):
        raise DataError("fields and context must be lists of columns, not text")
    require(frame, entity, time, *(fields or ()), *(context or ()))
    clock = frame.schema[time].base_type() in (pl.Date, pl.Datetime)
    if not clock and not (positions and frame.schema[time].is_integer()):
        whole = ", or whole numbers that count events" if positions else ""
        raise DataError(
            f"column '{time}' is {frame.schema[time].base_type()}: the time must be Date or "
            f"Datetime{whole}"
        )
    if not can_name(frame.schema[entity]):
        raise DataError(
            f"column '{entity}' is {frame.schema[entity].base_type()}: entities must be named by "
            "text or numbers; cast it"
        )
    rest = [c for c in frame.columns if c not in (entity, time)]
    require(frame, *(rest if fields is None else ()))
    for column in [*(fields or rest), *(context or ())]:
        if frame.schema[column].base_type() not in (*FIELD_TYPES, pl.Null):
            raise DataError(
                f"column '{column}' is {frame.schema[column].base_type()}, which cannot be "
                "modelled: "
                "cast it, or name the columns to use with `fields`"
            )
    _require_constant(frame, entity, list(context or ()))
    if context is None:
        context = [] if fields is not None else constant_columns(frame, entity, rest)
    if fields is None:
        fields = [c for c in rest if c not in context]
    named = [entity, time, *fields, *context]
    if len(set(named)) < len(named):
        raise DataError("a column has two roles among entity, time, fields and context")
    return Roles(entity, time, in_order_of_kind(frame.schema, fields), tuple(context))


def in_order_of_kind(
    schema: pl.Schema, fields: Sequence[str], codes: Collection[str] = ()
) -> tuple[str, ...]:
    """Categories before numbers, which they tell: what somebody pays by what it is for."""
    return tuple(sorted(fields, key=lambda c: is_number(schema[c]) and c not in codes))


def _require_constant(frame: pl.DataFrame, entity: str, columns: list[str]) -> None:
    for column, most in _most_values(frame, entity, columns).items():
        if most > 1:
            raise DataError(
                f"column '{column}' changes within an entity: it is a field, not context"
            )


def constant_columns(frame: pl.DataFrame, entity: str, columns: list[str]) -> list[str]:
    """The columns that hold one value (or null) for each entity, judged on repeated entities."""
    most = _most_values(frame, entity, columns)
    return [c for c, values in most.items() if values == 1 and frame[c].n_unique() > 1]


def _most_values(frame: pl.DataFrame, entity: str, columns: list[str]) -> dict[str, int]:
    """How many values each column has within one entity at most; none if nobody has two rows."""
    repeated = frame.filter(pl.len().over(entity) > 1)
    if repeated.is_empty():
        return {}
    return (
        repeated.group_by(entity)
        .agg(pl.col(columns).n_unique())
        .drop(entity)
        .max()
        .row(0, named=True)
    )


def read_histories(frame: pl.DataFrame, roles: Roles) -> Histories:
    """Sort events by entity and time; ties keep their input order.

    Raises:
        DataError: no event has both an entity and a time.
    """
    numbered = frame.select(roles.columns).with_row_index("\0row")
    kept = numbered.drop_nulls([roles.entity, roles.time])
    if kept.is_empty():
        raise DataError("no row has both an entity and a time")
    events = kept.sort(roles.entity, roles.time, maintain_order=True)
    lengths = events.select(pl.col(roles.entity).rle().struct.field("len")).to_series().to_numpy()
    return Histories(
        frame=events.drop("\0row"),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        rows=events["\0row"].to_numpy().astype(np.int64),
        dropped=len(numbered) - len(kept),
    )


def split(entities: int, share: float, seed: int) -> tuple[IntArray, IntArray]:
    """Divide entity indices into training and held-out ones, at least one in each."""
    order = np.random.default_rng(seed).permutation(entities)
    held = min(max(1, round(entities * share)), entities - 1)
    return np.sort(order[held:]), np.sort(order[:held])
