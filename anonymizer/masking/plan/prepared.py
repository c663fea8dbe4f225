"""Prepared columns: digests, their slots and what masks prepare, per row or per distinct value.

One customer has many rows, and few distinct values stand behind most columns. Where that is so,
what depends on the entity or on the value alone is computed once for each in a small frame, and
rows look it up. The answers are the same either way.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, Protocol, cast

import numpy as np
import polars as pl

from anonymizer.frames import collect
from anonymizer.masking.masks import Column, Mask
from anonymizer.masking.primitives.bulk.numbers import distinct_numbers
from anonymizer.masking.primitives.digest import RESERVED_PREFIX

Engine = Literal["in-memory", "streaming"]

MAX_DICTIONARY_VALUES: Final = 1_000_000  # bounds the memory of one: about 200 bytes a value
ROWS_PER_DICTIONARY_VALUE: Final = 4  # a dictionary is worth it where values repeat so often
# Numbers and days are looked up in a table of all numbers between the least and the largest, where
# there are no more of them than this, in all and per distinct value.
_WIDEST_SPAN: Final = 2**24
_SPAN_PER_VALUE: Final = 64
_DICTIONARY_DTYPES: Final = (pl.String, pl.Date)  # besides integers


class Assignment(NamedTuple):
    """A mask and the column that it masks."""

    mask: Mask
    column: Column


class Known(Protocol):
    """What gives prepared columns without computing them for each row."""

    @property
    def names(self) -> list[str]:
        """The prepared columns that it gives."""

    def looked_up(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The frame with the prepared columns."""


@dataclass(frozen=True)
class Dictionary:
    """What masks prepare for each distinct value of one column; it stays in the process.

    Attributes:
        column: whose values they are.
        values: distinct, without null.
        prepared: one row per value; columns named as the prepared columns they become.
    """

    column: str
    values: pl.Series = field(repr=False)
    prepared: pl.DataFrame = field(repr=False)

    @property
    def names(self) -> list[str]:
        """The prepared columns that it gives."""
        return self.prepared.columns

    def looked_up(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The frame with the prepared columns; null where the value is null."""
        code = f"{RESERVED_PREFIX}code_{self.column}"
        return frame.with_columns(self._position().alias(code)).with_columns(
            pl.lit(self.prepared[name]).gather(pl.col(code)).alias(name)
            for name in self.prepared.columns
        )

    def _position(self) -> pl.Expr:
        """The index of each row's value among the distinct ones; a join would copy all columns."""
        span = self._span
        if span is None:
            known = pl.Enum(self.values.cast(pl.String))
            return pl.col(self.column).cast(pl.String).cast(known).to_physical()
        numbers = self.values.to_physical().cast(pl.Int64) - span[0]
        table = np.zeros(span[1] - span[0] + 1, dtype=np.uint32)
        table[numbers.to_numpy()] = np.arange(len(numbers), dtype=np.uint32)
        number = pl.col(self.column).to_physical().cast(pl.Int64) - span[0]
        return pl.lit(pl.Series(table)).gather(number.cast(pl.UInt32))

    @property
    def _span(self) -> tuple[int, int] | None:
        """The least and the largest value, if a table of all numbers between them is small."""
        if self.values.dtype == pl.String or self.values.is_empty():
            return None
        numbers = self.values.to_physical()
        low, high = cast("int", numbers.min()), cast("int", numbers.max())
        if low < -(2**63) or high >= 2**63:
            return None
        return (
            (low, high) if high - low < min(_WIDEST_SPAN, _SPAN_PER_VALUE * len(numbers)) else None
        )


def with_prepared(
    frame: pl.LazyFrame,
    assignments: Iterable[Assignment],
    schema: Mapping[str, pl.DataType],
    dictionaries: Sequence[Known] = (),
) -> pl.LazyFrame:
    """The frame with all prepared columns that the expressions of the masks read.

    Args:
        frame: with the columns of the schema.
        assignments: masks and their columns.
        schema: of the frame, fields of structs included.
        dictionaries: what is looked up instead of computed.
    """
    known = {name for dictionary in dictionaries for name in dictionary.names}
    for dictionary in dictionaries:
        frame = dictionary.looked_up(frame)
    missing = [
        assignment for assignment in assignments if assignment.column.prepared_name not in known
    ]
    for stage in stages_of(missing, schema):
        frame = frame.with_columns(stage)
    return frame


def stages_of(
    assignments: Sequence[Assignment], schema: Mapping[str, pl.DataType]
) -> list[list[pl.Expr]]:
    """What is computed for masks, one after the other: digests, slots of them, preparations."""
    preparations = [
        expression
        for assignment in assignments
        if (expression := _prepared(assignment)) is not None
    ]
    read = {name for expression in preparations for name in expression.meta.root_names()}
    digests, slots = [], []
    for source, key in {column.source: column.key for _, column in assignments}.items():
        if source is None or key is None:
            continue
        drawn = {name: slot for name, slot in source.slot_columns.items() if name in read}
        if drawn:
            digests.append(source.digest(schema, key, drawn.values()))
            slots += [slot.of(pl.col(source.column)).alias(name) for name, slot in drawn.items()]
    return [digests, slots, preparations]


def _prepared(assignment: Assignment) -> pl.Expr | None:
    mask, column = assignment
    expression = mask.preparation(column)
    return None if expression is None else expression.alias(column.prepared_name)


def make_dictionaries(
    frame: pl.LazyFrame,
    assignments: Iterable[Assignment],
    schema: Mapping[str, pl.DataType],
    engine: Engine,
) -> tuple[Dictionary, ...]:
    """Dictionaries for columns whose values repeat often; reads these columns, text twice.

    Args:
        frame: with the columns of the schema.
        assignments: masks and their columns.
        schema: of the frame, fields of structs included.
        engine: in-memory where the frame is in memory, which is faster.
    """
    homes = homes_of(assignments, schema)
    dictionaries = []
    for column, values in _repeated(frame, {name: schema[name] for name in homes}, engine):
        prepared = collect(with_prepared(pl.LazyFrame({column: values}), homes[column], schema))
        names = dict.fromkeys(assignment.column.prepared_name for assignment in homes[column])
        # Gathering from many chunks would cost more than all the rest.
        dictionaries.append(Dictionary(column, values, prepared.select(*names).rechunk()))
    return tuple(dictionaries)


def homes_of(
    assignments: Iterable[Assignment], schema: Mapping[str, pl.DataType]
) -> dict[str, list[Assignment]]:
    """Column → the masks that prepare something costly which depends on its values alone."""
    homes: dict[str, list[Assignment]] = defaultdict(list)
    for assignment in assignments:
        home = _home(assignment)
        if (
            home is not None
            and assignment.mask.costly
            and (schema[home].is_integer() or schema[home] in _DICTIONARY_DTYPES)
        ):
            homes[home].append(assignment)
    return homes


def _home(assignment: Assignment) -> str | None:
    """The one column on which a preparation depends, directly or through a digest, or None."""
    expression, source = _prepared(assignment), assignment.column.source
    if expression is None:
        return None
    roots = set(expression.meta.root_names())
    if source is not None and len(source.columns) == 1 and roots <= set(source.slot_columns):
        return source.columns[0]
    own_name = assignment.column.name
    return own_name if roots == {own_name} else None


def _repeated(
    frame: pl.LazyFrame, columns: Mapping[str, pl.DataType], engine: Engine
) -> Iterator[tuple[str, pl.Series]]:
    """The columns whose values repeat often, with these values: distinct, without null."""
    numbers = [name for name, dtype in columns.items() if dtype != pl.String]
    rows, near = distinct_numbers(frame, numbers, _WIDEST_SPAN) if numbers else (0, {})
    others = [name for name in columns if name not in near]
    counts = {name: len(values) for name, values in near.items()}
    if others:
        approximate = [pl.col(name).approx_n_unique() for name in others]
        counted = collect(frame.select(pl.len().alias(RESERVED_PREFIX), *approximate))
        counts |= counted.row(0, named=True)
        rows = counts.pop(RESERVED_PREFIX)
    limit = min(MAX_DICTIONARY_VALUES, rows // ROWS_PER_DICTIONARY_VALUE)
    for name in columns:
        if not 0 < counts[name] <= limit:
            continue
        if name in near:
            yield name, near[name].values()
        else:
            distinct = frame.select(_distinct(name, engine)).collect(engine=engine)
            yield name, distinct[name].drop_nulls()


def _distinct(column: str, engine: Engine) -> pl.Expr:
    """The distinct values of a column, by their hashes, which are compared faster than text.

    Should two of a million values share a hash of 64 bits, the one that is lost would be missing
    from the dictionary, and the run fails.
    """
    values = pl.col(column)
    return values.unique() if engine == "streaming" else values.gather(values.hash().arg_unique())
