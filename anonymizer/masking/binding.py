"""Rules meet a schema: every column finds its masks, and all that does not fit is said at once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

import polars as pl

from anonymizer.documents import nearest
from anonymizer.errors import SchemaError
from anonymizer.masking.masks import Column, Entity, Mask
from anonymizer.masking.masks.digest import HIDDEN
from anonymizer.masking.masks.identifiers import Drop, Keep
from anonymizer.masking.masks.kinds import IDENTIFIERS, Kind, dtype_name, instance
from anonymizer.masking.masks.reversible import Reversible
from anonymizer.masking.nodes import Elements, Fields, Leaf, Node
from anonymizer.masking.plan import Plan, leaves_of
from anonymizer.masking.rules import Rules

# What a condition must not be made of, as Polars names the parts of an expression.
_NOT_ROW_BY_ROW: Final = (
    "Agg",
    "Len",
    "Over",
    "Window",
    "Rolling",
    "Slice",
    "Filter",
    "Sort",
    "SortBy",
)


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
    faults = [*_reserved(schema, nodes), *_entity_faults(rules, flat)]
    strict = every_rule and rules.missing == "error"
    faults += [*_idle_rules(rules, flat, binding.used)] if strict else []
    faults += binding.faults
    faults += _anonymity_faults(rules, nodes)
    faults += _drift(rules, {leaf.column: leaf.dtype for leaf in leaves_of(nodes)})
    faults += _condition_faults(binding.conditional, flat)
    faults += list(_other_columns(leaves_of(nodes), flat))
    if not faults and not any(node.keeps_column for node in nodes):
        faults.append("every column is dropped")
    if faults:
        raise SchemaError(rules.source, faults)
    return Plan(rules, tuple(nodes), flat, _entity(rules, flat))


class _Binding:
    """Finds the masks of every column and collects what does not fit."""

    def __init__(self, rules: Rules, schema: Mapping[str, pl.DataType]) -> None:
        self.rules = rules
        self.schema = schema
        self.faults: list[str] = []
        self.conditional: list[tuple[str, Mask]] = []
        self.used: set[str] = set()

    def node(self, column: str, dtype: pl.DataType) -> Node | None:
        """What becomes of a column, or None after a fault."""
        if isinstance(dtype, pl.Struct) and self._reaches_inside(column, dtype):
            fields = [(f"{column}.{each.name}", instance(each.dtype)) for each in dtype.fields]
            nodes = [self.node(name, inner) for name, inner in fields]
            return Fields(column, dtype, tuple(node for node in nodes if node is not None))
        if isinstance(dtype, pl.Array) and self._rules_for_inside(column, instance(dtype.inner)):
            self.faults.append(f"{column}: masks cannot reach inside an Array; cast it to a List")
            return None
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
        inner = _innermost(dtype)
        if isinstance(inner, pl.Struct):
            found += [
                self._first_inside(f"{path}.{each.name}", each.dtype) for each in inner.fields
            ]
        return min((each for each in found if each is not None), default=None)

    def _rules_for_inside(self, column: str, inner: pl.DataType) -> bool:
        return isinstance(inner, pl.Struct) and self._reaches_inside(column, inner)

    def _meant_for_elements(self, column: str, dtype: pl.List) -> bool:
        inner = _innermost(dtype)
        if self._rules_for_inside(column, inner):
            return True
        masks = self.rules.masks_for(column)[0]
        return any(mask.fault(dtype) is not None and mask.fault(inner) is None for mask in masks)

    def _elements(self, column: str, dtype: pl.List, inner: Node) -> Elements:
        leaves = list(leaves_of([inner]))
        masks = [mask for leaf in leaves for mask in leaf.masks]
        if any(mask.whole_table or _learns(leaf, mask) for leaf in leaves for mask in leaf.masks):
            self.faults.append(f"{column}: what is learned from the table cannot be inside a list")
        if any(isinstance(mask, Reversible) for mask in masks):
            self.faults.append(f"{column}: what is inside a list could not be revealed")
        read = {self.rules.entity} | {name for mask in masks for name in mask.reads}
        for mask in masks:
            read |= set() if mask.condition is None else set(mask.condition.meta.root_names())
        beside = tuple(name for name in self.schema if name in read)
        for name in sorted({name for name in read if name is not None} - set(beside)):
            self.faults.append(f"{column}: {name!r} is no column, and cannot be read in a list")
        schema = {name: self.schema[name] for name in beside}
        schema |= {leaf.column: leaf.dtype for leaf in leaves} | {column: instance(dtype.inner)}
        rules = replace(self.rules, anonymity=None)  # the table as a whole is not about elements
        plan = Plan(rules, (inner,), schema, _entity(self.rules, self.schema))
        return Elements(column, dtype, inner, beside, plan.apply)

    def _leaf(self, column: str, dtype: pl.DataType) -> Leaf | None:
        masks, patterns, closed = self.rules.masks_for(column)
        self.used |= set(patterns)
        if not closed:
            unlisted = {"error": None, "drop": Drop(), "keep": Keep()}[self.rules.unlisted]
            if unlisted is None:
                rest = " where no condition holds" if masks else ""
                self.faults.append(f"{column}: no rule covers it{rest}")
            else:
                masks = (*masks, unlisted)
        self.conditional += [(column, mask) for mask in masks]
        found = [mask.fault(dtype) or mask.fault_at(column) for mask in masks]
        found += [_disagreement(masks, dtype)] if masks else []
        faults = [fault for fault in found if fault is not None]
        self.faults += [f"{column}: {fault}" for fault in dict.fromkeys(faults)]
        return Leaf(column, dtype, masks) if masks and masks[-1].when is None else None


def _innermost(dtype: object) -> pl.DataType:
    """What stands inside lists and arrays, at any depth."""
    inner = instance(dtype)
    while isinstance(inner, pl.List | pl.Array):
        inner = instance(inner.inner)
    return inner


def _learns(leaf: Leaf, mask: Mask) -> bool:
    return mask.learns(Column(leaf.column, leaf.dtype))


def _disagreement(masks: tuple[Mask, ...], dtype: pl.DataType) -> str | None:
    """Why the rules of one column cannot stand together, or None."""
    if len({mask.keeps_column for mask in masks}) > 1:
        return "a column is dropped as a whole: use redact where only some rows are meant"
    if len(masks) > 1 and any(isinstance(mask, Reversible) for mask in masks):
        return "what is encrypted under a condition could not be revealed"
    types = {mask.output_dtype(dtype) for mask in masks}
    if len(types) == 1 or all(Kind.of(each) is Kind.TEXT for each in types):
        return None
    names = sorted({dtype_name(each) for each in types})
    return f"its rules give {' and '.join(names)}; all rows of a column need one type"


def _reserved(schema: Mapping[str, pl.DataType], nodes: Iterable[Node]) -> Iterator[str]:
    for name in schema:
        if name.startswith(HIDDEN):
            yield f"{name}: this name is reserved"
        if name == "*" or (name.startswith("^") and name.endswith("$")):
            yield f"{name}: Polars reads this name as a pattern; rename the column"
    paths = Counter(path for node in nodes for path in _paths(node))
    for path, count in paths.items():
        if count > 1:
            yield f"{path}: names two columns, one of them inside a struct; rename one"


def _paths(node: Node) -> Iterator[str]:
    yield node.column
    if isinstance(node, Fields):
        for each in node.fields:
            yield from _paths(each)


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


def _anonymity_faults(rules: Rules, nodes: Iterable[Node]) -> Iterator[str]:
    if rules.anonymity is None:
        return
    kept = {node.column: node for node in nodes if node.keeps_column}
    there = {node.column for node in nodes}
    for column in rules.anonymity.columns:
        if rules.missing == "ignore" and column not in there:
            continue
        node, where = kept.get(column), f"anonymity: {column}"
        if node is None:
            yield f"{where} is no column of the output{nearest(column, kept)}"
        elif column == rules.entity:
            yield f"{where} is the entity, which every combination tells apart"
        elif Kind.of(node.output_dtype) not in IDENTIFIERS and node.output_dtype != pl.Null:
            yield f"{where} is {dtype_name(node.output_dtype)}: expected plain values"


def _drift(rules: Rules, schema: Mapping[str, pl.DataType]) -> Iterator[str]:
    """What is not as it was in the table that the rules were fitted to."""
    if rules.fitted is None:
        return
    before = rules.fitted.schema
    for column in sorted(before.keys() - schema.keys()):
        yield f"{column}: was there when the rules were fitted"
    for column, dtype in schema.items():
        if column not in before:
            yield f"{column}: was not there when the rules were fitted"
        elif before[column] != Kind.of(dtype).value:
            now = dtype_name(dtype)
            yield f"{column}: was {before[column]} when the rules were fitted, and is {now}"


def _idle_rules(rules: Rules, schema: Mapping[str, pl.DataType], used: set[str]) -> Iterator[str]:
    covered = {pattern for name in schema for pattern in rules.masks_for(name)[1]}
    for pattern in rules.columns:
        if pattern not in used and pattern not in covered:
            near = nearest(pattern, schema)
            yield f"columns.{pattern}: no column {pattern!r} in the data{near}"


def _other_columns(leaves: Iterable[Leaf], schema: Mapping[str, pl.DataType]) -> Iterator[str]:
    for leaf in leaves:
        for mask in leaf.masks:
            fault = mask.other_columns(schema)
            if fault is not None:
                yield f"{leaf.column}: {fault}"


def _condition_faults(
    conditional: list[tuple[str, Mask]], schema: Mapping[str, pl.DataType]
) -> list[str]:
    """What is wrong with the conditions, which may name fields of structs as `outer.inner`."""
    found = [(column, _condition_fault(mask.condition, schema)) for column, mask in conditional]
    return list(dict.fromkeys(f"{column}: {fault}" for column, fault in found if fault))


def _condition_fault(condition: pl.Expr | None, schema: Mapping[str, pl.DataType]) -> str | None:
    if condition is None:
        return None
    for name in condition.meta.root_names():
        if name not in schema:
            return f"`when` names {name!r}, which is not in the data{nearest(name, schema)}"
    parts = condition.meta.serialize(format="json")
    if any(f'"{part}"' in parts for part in _NOT_ROW_BY_ROW):
        return "`when` must be about one row: no aggregates, windows or subqueries"
    try:
        given = pl.DataFrame(schema=dict(schema)).select(condition).dtypes
    except pl.exceptions.PolarsError:
        return "`when` does not fit the types of the columns it names"
    return None if given == [pl.Boolean()] else "`when` is no condition: it must be true or false"


def _entity(rules: Rules, schema: Mapping[str, pl.DataType]) -> Entity | None:
    if rules.entity is None or rules.entity_domain is None:
        return None
    return Entity(rules.entity, rules.entity_domain, schema[rules.entity])
