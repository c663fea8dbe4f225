"""Rules and a schema become one ordered set of expressions. Nothing is read until it runs.

The digest of the entity is one hidden column, computed once per row; every mask that follows the
entity slices its own digits from it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from anonymizer.errors import DataError
from anonymizer.keys import Key
from anonymizer.masking.masks import Column, Entity, Mask
from anonymizer.masking.masks.base import (
    DIGEST_COLUMN,
    HIDDEN,
    IDENTIFIERS,
    Kind,
    Slot,
    dtype_name,
    keyed_digest,
)
from anonymizer.masking.masks.identifiers import Drop, Keep
from anonymizer.masking.masks.randomisation import DateShift
from anonymizer.masking.rules import Rules, nearest


@dataclass(frozen=True)
class Assignment:
    """One column and what becomes of it."""

    column: str
    dtype: pl.DataType
    mask: Mask

    @property
    def output_dtype(self) -> pl.DataType:
        """The dtype in the output."""
        return self.mask.output_dtype(self.dtype)

    def expression(self, entity: Entity | None, key: Key | None) -> pl.Expr:
        """The masked column under its own name; an all-null column stays null."""
        if self.dtype == pl.Null:
            return pl.col(self.column).cast(self.output_dtype)
        return self.mask.expression(self._met(entity, key)).alias(self.column)

    def preparation(self, entity: Entity | None, key: Key | None) -> pl.Expr | None:
        """The hidden column of the mask, if it has one."""
        column = self._met(entity, key)
        prepared = None if self.dtype == pl.Null else self.mask.preparation(column)
        return None if prepared is None else prepared.alias(column.hidden)

    def _met(self, entity: Entity | None, key: Key | None) -> Column:
        return Column(self.column, self.dtype, entity, key)


@dataclass(frozen=True)
class Plan:
    """What becomes of every column of one schema. Holds no key and no data.

    Attributes:
        rules: the rules it was made of.
        assignments: every column of the input, in its order.
        entity: the entity column and its domain, when a mask follows it.
    """

    rules: Rules
    assignments: tuple[Assignment, ...]
    entity: Entity | None

    @property
    def keyed(self) -> bool:
        """Whether the plan needs a key."""
        return any(assignment.mask.keyed for assignment in self.assignments)

    @property
    def kept(self) -> list[Assignment]:
        """The columns of the output, in their order."""
        return [each for each in self.assignments if each.mask.keeps_column]

    @property
    def schema(self) -> pl.Schema:
        """The schema of the output."""
        return pl.Schema({each.column: each.output_dtype for each in self.kept})

    def apply(self, frame: pl.LazyFrame, key: Key | None) -> pl.LazyFrame:
        """The masked frame. The subkeys are inside it: write it, do not hand it on.

        Args:
            frame: of the schema the plan was made for.
            key: the secret; None only when the plan is not keyed.
        """
        if self.entity is not None and key is not None:
            dtype = {each.column: each.dtype for each in self.assignments}[self.entity.column]
            frame = frame.with_columns(_entity_digest(self.entity, dtype, key))
        outputs = [each.expression(self.entity, key) for each in self.kept]
        prepared = [each.preparation(self.entity, key) for each in self.kept]
        hidden = [expression for expression in prepared if expression is not None]
        return frame.with_columns(*hidden, *_slots(outputs)).select(outputs)

    @property
    def warnings(self) -> list[str]:
        """What whoever uses the output must know, one line each."""
        own = [(each.column, each.mask.warning()) for each in self.assignments]
        lines = [f"{column}: {warning}" for column, warning in own if warning]
        return lines + list(self._side_channels())

    def _side_channels(self) -> Iterable[str]:
        shifted = {each.mask.days for each in self.assignments if isinstance(each.mask, DateShift)}
        if len(shifted) > 1:
            yield "date_shift with different days: intervals between these columns give shifts away"
        for each in self.assignments:
            kept = isinstance(each.mask, Keep)
            if shifted and kept and Kind.of(each.dtype) in (Kind.DATE, Kind.DATETIME):
                yield f"{each.column}: kept beside shifted dates, which it may give away"
            if kept and self.entity is not None and each.column == self.entity.column:
                yield f"{each.column}: the entity itself is kept"


def _slots(outputs: list[pl.Expr]) -> list[pl.Expr]:
    """The numbers of the entity's digest that the outputs read."""
    read = {name for output in outputs for name in output.meta.root_names()}
    digest = pl.col(DIGEST_COLUMN)
    return [slot.number(digest).alias(slot.column) for slot in Slot if slot.column in read]


def _entity_digest(entity: Entity, dtype: pl.DataType, key: Key) -> pl.Expr:
    values = pl.col(entity.column)
    if dtype == pl.Null:
        return values.cast(pl.String).alias(DIGEST_COLUMN)
    return keyed_digest(values, dtype, key.subkey(entity.domain)).alias(DIGEST_COLUMN)


def make_plan(rules: Rules, schema: Mapping[str, pl.DataType]) -> Plan:
    """The plan for a schema.

    Args:
        rules: validated rules.
        schema: column → dtype of the input.

    Raises:
        DataError: rules and schema do not fit; one line that lists every fault.
    """
    faults = [*_reserved(schema), *_entity_faults(rules, schema), *_idle_rules(rules, schema)]
    assignments = []
    for column, dtype in schema.items():
        mask = _mask_for(rules, column)
        fault = "no rule covers it" if mask is None else mask.fault(dtype)
        if fault is not None:
            faults.append(f"{column}: {fault}")
        elif mask is not None:
            assignments.append(Assignment(column, dtype, mask))
    if not faults and not any(each.mask.keeps_column for each in assignments):
        faults.append("every column is dropped")
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise DataError(f"{rules.source} does not fit the data: {count}: {'; '.join(faults)}")
    return Plan(rules, tuple(assignments), _used_entity(rules, assignments))


def _mask_for(rules: Rules, column: str) -> Mask | None:
    pattern = rules.match(column)
    if pattern is not None:
        return rules.columns[pattern]
    return {"error": None, "drop": Drop(), "keep": Keep()}[rules.unlisted]


def _reserved(schema: Mapping[str, pl.DataType]) -> list[str]:
    return [f"{name}: this name is reserved" for name in schema if name.startswith(HIDDEN)]


def _entity_faults(rules: Rules, schema: Mapping[str, pl.DataType]) -> list[str]:
    if rules.entity is None:
        return []
    if rules.entity not in schema:
        near = nearest(rules.entity, schema)
        return [f"entity: no column {rules.entity!r} in the data{near}"]
    dtype = schema[rules.entity]
    if dtype == pl.Null or Kind.of(dtype) in IDENTIFIERS:
        return []
    return [f"entity: {rules.entity} is {dtype_name(dtype)}, which cannot identify anybody"]


def _idle_rules(rules: Rules, schema: Mapping[str, pl.DataType]) -> list[str]:
    used = {rules.match(column) for column in schema}
    return [
        f"columns.{pattern}: no column {pattern!r} in the data{nearest(pattern, schema)}"
        for pattern in rules.columns
        if pattern not in used
    ]


def _used_entity(rules: Rules, assignments: list[Assignment]) -> Entity | None:
    """The entity, when a mask follows it or its own column is keyed."""
    if rules.entity is None or rules.entity_domain is None:
        return None
    follows = any(
        each.mask.needs_entity or (each.mask.keyed and each.column == rules.entity)
        for each in assignments
    )
    return Entity(rules.entity, rules.entity_domain) if follows else None
