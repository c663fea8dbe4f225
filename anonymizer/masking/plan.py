"""Rules and a schema become one ordered set of expressions. Nothing is read until it is fitted.

Most plans need nothing from the data. Masks that depend on the whole table (`learn`) are fitted
first, and what they learned travels in the plan.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import polars as pl

from anonymizer.errors import SchemaError
from anonymizer.keys import Key
from anonymizer.masking.hidden import Dictionary, Engine, Work, make_dictionaries, with_hidden
from anonymizer.masking.masks import Column, Entity, Mask
from anonymizer.masking.masks.digest import HIDDEN
from anonymizer.masking.masks.identifiers import Drop, Keep, Token
from anonymizer.masking.masks.kinds import IDENTIFIERS, Kind, dtype_name, instance
from anonymizer.masking.masks.pseudonyms import Pseudonym
from anonymizer.masking.masks.randomisation import DateShift
from anonymizer.masking.masks.reversible import Encrypt
from anonymizer.masking.nodes import Elements, Fields, Known, Leaf, Node
from anonymizer.masking.rules import Rules, nearest

FEW_VALUES: Final = 100  # so few are recognised by how frequent each is


@dataclass(frozen=True)
class Plan:
    """What becomes of every column of one schema. Holds no key; what it learned is never shown.

    Attributes:
        rules: the rules it was made of.
        nodes: every column of the input, in its order.
        schema_in: column → dtype of the input, fields of structs as `outer.inner` included.
        entity: the entity column and its domain, when a mask follows it.
        learned: hidden column → what its mask learned.
        complete: columns without nulls; true of the same data only.
        dictionaries: what was computed once per distinct value; of use for the same data only.
    """

    rules: Rules
    nodes: tuple[Node, ...]
    schema_in: Mapping[str, pl.DataType]
    entity: Entity | None
    learned: Mapping[str, pl.DataFrame] = field(default_factory=dict, repr=False)
    complete: frozenset[str] = frozenset()
    dictionaries: tuple[Dictionary, ...] = field(default=(), repr=False)

    @property
    def leaves(self) -> list[Leaf]:
        """Every column and field of a struct with its masks; lists by their elements."""
        return list(_leaves(self.nodes))

    @property
    def masks(self) -> list[tuple[Leaf, Mask]]:
        """Every mask and the column it stands for."""
        return [(leaf, mask) for leaf in self.leaves for mask in leaf.masks]

    @property
    def keyed(self) -> bool:
        """Whether the plan needs a key."""
        return any(mask.keyed for _, mask in self.masks)

    @property
    def whole_table(self) -> bool:
        """Whether masking needs all rows at once."""
        return any(mask.whole_table for _, mask in self.masks)

    @property
    def learns(self) -> bool:
        """Whether a mask must be fitted to the table first."""
        return any(_learns(leaf, mask) for leaf, mask in self.masks)

    @property
    def kept(self) -> list[Node]:
        """The columns of the output, in their order."""
        return [node for node in self.nodes if node.keeps_column]

    @property
    def schema(self) -> pl.Schema:
        """The schema of the output."""
        return pl.Schema({node.column: node.output_dtype for node in self.kept})

    def fit(
        self,
        frame: pl.LazyFrame,
        key: Key | None,
        *,
        dictionaries: Engine | None = None,
        complete: Iterable[str] = (),
    ) -> "Plan":
        """The plan with what its masks learn from the whole table.

        Args:
            frame: of the schema the plan was made for.
            key: the secret; None only when the plan is not keyed.
            dictionaries: compute once what repeats, where this frame is masked next and can be
                read again; with the engine that suits it.
            complete: columns that are known to have no nulls.

        Raises:
            SchemaError: what was learned forbids a mask.
        """
        works, flat = self._works(key), self._flattened(frame)
        known: tuple[Dictionary, ...] = ()
        if dictionaries is not None:
            known = make_dictionaries(flat, works, self.schema_in, dictionaries)
        plan = replace(self, complete=frozenset(complete), dictionaries=known)
        ready = with_hidden(flat, works, self.schema_in, known)
        queries = {column.hidden: (mask, mask.learn(ready, column)) for mask, column in works}
        asked = {name: query for name, (_, query) in queries.items() if query is not None}
        if not asked:
            return plan
        answers = dict(
            zip(asked, pl.collect_all(list(asked.values()), engine="streaming"), strict=True)
        )
        named = {column.hidden: column.name for _, column in works}
        faults = [
            f"{named[name]}: {fault}"
            for name, answer in answers.items()
            if (fault := queries[name][0].learned_fault(answer)) is not None
        ]
        if faults:
            raise SchemaError(self.rules.source, faults)
        return replace(plan, learned=answers)

    def apply(self, frame: pl.LazyFrame, key: Key | None) -> pl.LazyFrame:
        """The masked frame. The subkeys are inside it: write it, do not hand it on.

        Args:
            frame: of the schema the plan was made for.
            key: the secret; None only when the plan is not keyed.
        """
        works, flat = self._works(key), self._flattened(frame)
        ready = with_hidden(flat, works, self.schema_in, self.dictionaries)
        removed = [rows for mask, column in works if (rows := mask.keeps_row(column)) is not None]
        for rows in removed:
            ready = ready.filter(rows)
        return ready.select(node.expression(self._known(key)) for node in self.kept)

    def _known(self, key: Key | None) -> Known:
        return Known(self.entity, key, self.learned, self.complete)

    def _flattened(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        for node in self.nodes:
            frame = node.flattened(frame)
        return frame

    def _works(self, key: Key | None) -> list[Work]:
        return [
            work
            for node in self.nodes
            for leaf in node.leaves()
            if leaf.dtype != pl.Null and leaf.keeps_column
            for work in zip(leaf.masks, leaf.met(self._known(key)), strict=True)
        ]

    @property
    def warnings(self) -> list[str]:
        """What whoever uses the output must know, one line each; equal ones together."""
        columns: dict[str, list[str]] = {}
        for leaf, mask in self.masks:
            if (warning := mask.warning()) is not None:
                columns.setdefault(warning, []).append(leaf.column)
        lines = [
            f"{', '.join(dict.fromkeys(names))}: {warning}" for warning, names in columns.items()
        ]
        return lines + list(self._side_channels())

    def _side_channels(self) -> Iterable[str]:
        masks = self.masks
        few = {each.column: len(each.values) for each in self.dictionaries}
        for leaf, mask in masks:
            count = few.get(leaf.column, FEW_VALUES)
            if isinstance(mask, Token | Encrypt) and 0 < count < FEW_VALUES:
                yield f"{leaf.column}: {count} distinct values, which counting can tell apart"
        shifted = {mask.days for _, mask in masks if isinstance(mask, DateShift)}
        if len(shifted) > 1:
            yield "date_shift with different days: intervals between these columns give shifts away"
        rotating = any(isinstance(mask, Token) and mask.window for _, mask in masks)
        for leaf, mask in masks:
            kept = isinstance(mask, Keep)
            if shifted and kept and Kind.of(leaf.dtype) in (Kind.DATE, Kind.DATETIME):
                yield f"{leaf.column}: kept beside shifted dates, which it may give away"
            if kept and self.entity is not None and leaf.column == self.entity.column:
                yield f"{leaf.column}: the entity itself is kept"
            if rotating and isinstance(mask, Pseudonym) and mask.by == "entity":
                yield f"{leaf.column}: stays the same in all windows of the tokens and joins them"


def _leaves(nodes: Iterable[Node]) -> Iterator[Leaf]:
    for node in nodes:
        match node:
            case Leaf():
                yield node
            case Fields():
                yield from _leaves(node.fields)
            case Elements():
                yield from _leaves([node.inner])


def make_plan(rules: Rules, schema: Mapping[str, pl.DataType], *, every_rule: bool = True) -> Plan:
    """The plan for a schema.

    Args:
        rules: validated rules.
        schema: column → dtype of the input.
        every_rule: whether a rule that matches no column is a fault, as it may be a slip.

    Raises:
        SchemaError: rules and schema do not fit; carries every fault.
    """
    binding = _Binding(rules, schema)
    nodes = [node for name, dtype in schema.items() if (node := binding.node(name, dtype))]
    flat = dict(schema) | {leaf.column: leaf.dtype for node in nodes for leaf in node.leaves()}
    faults = [*_reserved(schema, flat), *_entity_faults(rules, flat)]
    faults += [*_idle_rules(rules, flat, binding.used)] if every_rule else []
    faults += binding.faults
    faults += list(_other_columns(_leaves(nodes), flat))
    if not faults and not any(node.keeps_column for node in nodes):
        faults.append("every column is dropped")
    if faults:
        raise SchemaError(rules.source, faults)
    return Plan(rules, tuple(nodes), flat, _entity(rules))


class _Binding:
    """Finds the masks of every column and collects what does not fit."""

    def __init__(self, rules: Rules, schema: Mapping[str, pl.DataType]) -> None:
        self.rules = rules
        self.schema = schema
        self.faults: list[str] = []
        self.used: set[str] = set()

    def node(self, column: str, dtype: pl.DataType) -> Node | None:
        """What becomes of a column, or None after a fault."""
        if isinstance(dtype, pl.Struct) and self._reaches_inside(column, dtype):
            fields = [(f"{column}.{each.name}", instance(each.dtype)) for each in dtype.fields]
            nodes = [self.node(name, inner) for name, inner in fields]
            return Fields(column, dtype, tuple(node for node in nodes if node is not None))
        if isinstance(dtype, pl.List) and self._meant_for_elements(column, dtype):
            inner = self.node(column, instance(dtype.inner))
            return None if inner is None else self._elements(column, dtype, inner)
        return self._leaf(column, dtype)

    def _reaches_inside(self, column: str, dtype: pl.Struct) -> bool:
        """Whether rules name its fields, and none before them takes the column as a whole."""
        whole = self.rules.position(column)
        inside = [self._first_inside(f"{column}.{each.name}", each.dtype) for each in dtype.fields]
        return any(each is not None and (whole is None or each < whole) for each in inside)

    def _first_inside(self, path: str, dtype: object) -> int | None:
        found = [self.rules.position(path)]
        inner = instance(dtype)
        while isinstance(inner, pl.List):
            inner = instance(inner.inner)
        if isinstance(inner, pl.Struct):
            found += [
                self._first_inside(f"{path}.{each.name}", each.dtype) for each in inner.fields
            ]
        return min((each for each in found if each is not None), default=None)

    def _meant_for_elements(self, column: str, dtype: pl.List) -> bool:
        inner = instance(dtype.inner)
        while isinstance(inner, pl.List):
            inner = instance(inner.inner)
        if isinstance(inner, pl.Struct) and self._reaches_inside(column, inner):
            return True
        masks = self.rules.masks_for(column)[0]
        return any(mask.fault(dtype) is not None and mask.fault(inner) is None for mask in masks)

    def _elements(self, column: str, dtype: pl.List, inner: Node) -> Elements:
        leaves = list(_leaves([inner]))
        masks = [mask for leaf in leaves for mask in leaf.masks]
        if any(mask.whole_table or _learns(leaf, mask) for leaf in leaves for mask in leaf.masks):
            self.faults.append(f"{column}: what is learned from the table cannot be inside a list")
        read = {self.rules.entity} | {name for mask in masks for name in mask.reads}
        for mask in masks:
            read |= set(pl.sql_expr(mask.when).meta.root_names()) if mask.when else set()
        beside = tuple(name for name in self.schema if name in read)
        schema = {name: self.schema[name] for name in beside}
        schema |= {leaf.column: leaf.dtype for leaf in leaves} | {column: instance(dtype.inner)}
        plan = Plan(self.rules, (inner,), schema, _entity(self.rules))
        return Elements(column, dtype, inner, beside, plan.apply)

    def _leaf(self, column: str, dtype: pl.DataType) -> Leaf | None:
        masks, patterns, closed = self.rules.masks_for(column)
        self.used |= set(patterns)
        if not closed:
            unlisted = {"error": None, "drop": Drop(), "keep": Keep()}[self.rules.unlisted]
            if unlisted is None:
                rest = " where no condition holds" if masks else ""
                self.faults.append(f"{column}: no rule covers it{rest}")
                return None
            masks = (*masks, unlisted)
        fault = next((fault for mask in masks if (fault := mask.fault(dtype))), None)
        fault = fault or _disagreement(masks, dtype)
        if fault is not None:
            self.faults.append(f"{column}: {fault}")
            return None
        return Leaf(column, dtype, masks)


def _learns(leaf: Leaf, mask: Mask) -> bool:
    return mask.learn(pl.LazyFrame(), Column(leaf.column, leaf.dtype)) is not None


def _disagreement(masks: tuple[Mask, ...], dtype: pl.DataType) -> str | None:
    """Why the rules of one column cannot stand together, or None."""
    if len({mask.keeps_column for mask in masks}) > 1:
        return "a column is dropped as a whole: use redact where only some rows are meant"
    types = {mask.output_dtype(dtype) for mask in masks}
    if len(types) == 1 or all(Kind.of(each) is Kind.TEXT for each in types):
        return None
    names = sorted({dtype_name(each) for each in types})
    return f"its rules give {' and '.join(names)}; all rows of a column need one type"


def _reserved(schema: Mapping[str, pl.DataType], flat: Mapping[str, pl.DataType]) -> Iterator[str]:
    for name in schema:
        if name.startswith(HIDDEN):
            yield f"{name}: this name is reserved"
    for name in flat.keys() & schema.keys():
        if isinstance(schema.get(name.rpartition(".")[0]), pl.Struct):
            yield f"{name}: is a column and a field of a struct; rename the column"


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


def _idle_rules(rules: Rules, schema: Mapping[str, pl.DataType], used: set[str]) -> Iterator[str]:
    covered = {pattern for name in schema for pattern in rules.masks_for(name)[1]}
    for pattern in rules.columns:
        if pattern not in used and pattern not in covered:
            near = nearest(pattern, schema)
            yield f"columns.{pattern}: no column {pattern!r} in the data{near}"


def _other_columns(leaves: Iterable[Leaf], schema: Mapping[str, pl.DataType]) -> Iterator[str]:
    for leaf in leaves:
        for mask in leaf.masks:
            fault = mask.other_columns(schema) or _condition_fault(mask, schema)
            if fault is not None:
                yield f"{leaf.column}: {fault}"


def _condition_fault(mask: Mask, schema: Mapping[str, pl.DataType]) -> str | None:
    if mask.when is None:
        return None
    condition = pl.sql_expr(mask.when)
    for name in condition.meta.root_names():
        if name not in schema:
            return f"`when` names {name!r}, which is not in the data{nearest(name, schema)}"
    try:
        given = pl.DataFrame(schema=dict(schema)).select(condition).dtypes
    except pl.exceptions.PolarsError:
        return "`when` does not fit the types of the columns it names"
    return None if given == [pl.Boolean()] else "`when` is no condition: it must be true or false"


def _entity(rules: Rules) -> Entity | None:
    if rules.entity is None or rules.entity_domain is None:
        return None
    return Entity(rules.entity, rules.entity_domain)


__all__ = ["Column", "Plan", "make_plan"]
