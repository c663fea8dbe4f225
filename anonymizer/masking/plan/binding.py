"""Rules meet a schema: every column finds its masks, and all that does not fit is said at once."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final

import polars as pl

from anonymizer.errors import SchemaError
from anonymizer.json_cells import steps_of
from anonymizer.keys import Key
from anonymizer.masking.masks import Column, Entity, Mask
from anonymizer.masking.masks.date_shift import DateShift
from anonymizer.masking.masks.identifiers import Drop, Keep
from anonymizer.masking.masks.pseudonyms import Pseudonym
from anonymizer.masking.masks.reversible import Reversible
from anonymizer.masking.masks.times import DateTruncate
from anonymizer.masking.plan.faults import (
    anonymity_faults,
    condition_faults,
    disagreement,
    drift_faults,
    entity_faults,
    idle_rule_faults,
    name_faults,
    other_column_faults,
    told_sex_faults,
    type_faults,
)
from anonymizer.masking.plan.json_holes import DROPPED, KEPT, UNLISTED
from anonymizer.masking.plan.json_text import JsonText, Places, patterns_inside
from anonymizer.masking.plan.plan import Plan, entity_of, leaves_of
from anonymizer.masking.plan.schema_tree import Elements, Fields, Leaf, TreeNode
from anonymizer.masking.primitives.dtypes import TypeFamily, instance
from anonymizer.masking.rules.rules import Rules


def make_plan(rules: Rules, schema: Mapping[str, pl.DataType], *, every_rule: bool = True) -> Plan:
    """Find the masks of every column of a schema.

    Args:
        rules: validated rules.
        schema: column → dtype of the input.
        every_rule: whether a rule that matches no column is a fault, as it may be a slip.

    Raises:
        SchemaError: rules and schema do not fit; carries every fault.
    """
    binding = _Binding(rules, schema)
    tree = [node for name, dtype in schema.items() if (node := binding.node(name, dtype))]
    flat = dict(schema) | {leaf.column: leaf.dtype for node in tree for leaf in node.leaves()}
    faults = [*name_faults(schema, tree), *entity_faults(rules, flat)]
    leaves = {leaf.column: leaf.dtype for leaf in leaves_of(tree)}
    strict = every_rule and rules.missing == "error"
    faults += [*idle_rule_faults(rules, flat, binding.used), *binding.behind] if strict else []
    faults += binding.faults
    faults += anonymity_faults(rules, tree)
    faults += told_sex_faults(rules, tree)
    faults += drift_faults(rules, leaves)
    faults += condition_faults(binding.conditional, flat)
    faults += type_faults(rules, flat | leaves) if strict else []
    faults += list(other_column_faults(leaves_of(tree), flat))
    if not faults and not any(node.keeps_column for node in tree):
        faults.append("every column is dropped")
    if faults:
        raise SchemaError(rules.source, faults)
    return Plan(rules, tuple(tree), flat, _entity(rules, flat))


_BEHIND: Final = "a rule before it takes all that it is for: write it first"
_NO_PATH: Final = (
    "inside JSON a path is keys after dots, `[]` for the elements of an array, `*` for all other "
    'keys and, last, `*~` for these keys themselves; keys with `.`, `[`, `*`, `?` stand in "quotes"'
)


class _Binding:
    """Finds the masks of every column and collects what does not fit."""

    def __init__(self, rules: Rules, schema: Mapping[str, pl.DataType]) -> None:
        self.rules = rules
        self.schema = schema
        self.faults: list[str] = []
        self.beside = dict(schema)  # and single values inside JSON, as they are found
        self.conditional: list[tuple[str, Mask]] = []
        self.used: set[str] = set()
        self.behind: list[str] = []  # rules inside JSON that others stand before

    def node(self, column: str, dtype: pl.DataType) -> TreeNode | None:
        """The column with its masks, as a node of the schema tree; None after a fault."""
        if isinstance(dtype, pl.Struct) and self._reaches_inside(column, dtype):
            fields = [(f"{column}.{field.name}", instance(field.dtype)) for field in dtype.fields]
            tree = [self.node(name, inner) for name, inner in fields]
            return Fields(column, dtype, tuple(node for node in tree if node is not None))
        if _may_be_json(dtype) and self._json_patterns(column):
            return self._json(column, dtype)
        if isinstance(dtype, pl.Array) and self._rules_for_inside(column, instance(dtype.inner)):
            self.faults.append(f"{column}: masks cannot reach inside an Array; cast it to a List")
            return None
        if isinstance(dtype, pl.List) and self._meant_for_elements(column, dtype):
            inner = self.node(column, instance(dtype.inner))
            return None if inner is None else self.elements(column, dtype, inner)
        return self.leaf(column, dtype)

    def _reaches_inside(self, column: str, dtype: pl.Struct) -> bool:
        """Whether rules name fields of a struct before any rule takes the struct as a whole."""
        position = self.rules.position(column)
        inside = [
            self._first_inside(f"{column}.{field.name}", field.dtype) for field in dtype.fields
        ]
        return any(each is not None and (position is None or each < position) for each in inside)

    def _first_inside(self, path: str, dtype: object) -> int | None:
        positions = [self.rules.position(path)]
        inner = _innermost(dtype)
        if _may_be_json(inner):
            positions += [
                list(self.rules.columns).index(each) for each in self._json_patterns(path)
            ]
        if isinstance(inner, pl.Struct):
            positions += [
                self._first_inside(f"{path}.{field.name}", field.dtype) for field in inner.fields
            ]
        return min((each for each in positions if each is not None), default=None)

    def _json_patterns(self, column: str) -> list[str]:
        """The rules that reach into text, unless one that takes all of it stands before them."""
        inside, own = patterns_inside(self.rules, column, self.schema), self.rules.position(column)
        order = list(self.rules.columns)
        is_whole = own is not None and own < min((order.index(each) for each in inside), default=0)
        return [] if is_whole else inside

    def _json(self, column: str, dtype: pl.DataType) -> JsonText | None:
        """A column of JSON with the masks of the paths that rules name."""
        below = {name: steps_of(name.removeprefix(column)) for name in self._json_patterns(column)}
        wrong = [name for name, steps in below.items() if steps is None]
        self.faults += [f"{name}: {_NO_PATH}" for name in wrong]
        if wrong:
            return None
        bound = _BoundPaths(self, column)
        places = Places(self.rules, column, bound.number, bound.read)
        root = places.at(column, [steps for steps in below.values() if steps])
        self.behind += [f"columns.{name}: {_BEHIND}" for name in below if name not in self.used]
        self.used |= set(below)
        return JsonText(
            column,
            dtype,
            bound.nodes(),
            root,
            tuple(bound.passed),
            tuple(bound.alone),
            self.rules.unlisted,
        )

    def _rules_for_inside(self, column: str, inner: pl.DataType) -> bool:
        return isinstance(inner, pl.Struct) and self._reaches_inside(column, inner)

    def _meant_for_elements(self, column: str, dtype: pl.List) -> bool:
        inner = _innermost(dtype)
        if self._rules_for_inside(column, inner):
            return True
        if _may_be_json(inner) and self._json_patterns(column):
            return True
        masks = self.rules.masks_for(column)[0]
        return any(mask.fault(dtype) is not None and mask.fault(inner) is None for mask in masks)

    def elements(self, column: str, dtype: pl.List, inner: TreeNode) -> Elements:
        leaves = list(leaves_of([inner]))
        masks = [mask for leaf in leaves for mask in leaf.masks]
        if any(mask.whole_table or _learns(leaf, mask) for leaf in leaves for mask in leaf.masks):
            told = "what is learned from the table cannot be inside a list"
            self.faults.append(f"{column}: {told}: times of text can, with `unmapped: null`")
        if any(isinstance(mask, Reversible) for mask in masks):
            self.faults.append(f"{column}: what is inside a list could not be revealed")
        shown = self._shown_in(masks)
        every = [*masks, *(mask for leaf in shown for mask in leaf.masks)]
        names_read = {name for mask in every for name in _names_read(mask)}
        names_read |= set(self.rules.entity_columns)
        read_beside = tuple(name for name in self.beside if name in names_read)
        for name in sorted(names_read - set(read_beside)):
            self.faults.append(f"{column}: {name!r} is no column, and cannot be read in a list")
        schema = {name: self.beside[name] for name in read_beside}
        schema |= {leaf.column: leaf.dtype for leaf in leaves} | {column: instance(dtype.inner)}
        rules = self.rules.row_by_row  # the table as a whole is not about elements
        known = all(name in self.beside for name in self.rules.entity_columns)
        entity = _entity(self.rules, self.beside) if known else None
        plan = Plan(rules, (inner, *shown), schema, entity)
        return Elements(column, dtype, inner, read_beside, partial(_applied, plan))

    def _shown_in(self, masks: list[Mask]) -> list[Leaf]:
        """The columns beside a list whose pseudonyms its elements show as well."""
        names = dict.fromkeys(name for mask in masks for name in mask.shows if name in self.beside)
        leaves = [Leaf(name, self.beside[name], self.rules.masks_for(name)[0]) for name in names]
        return [leaf for leaf in leaves if {type(mask) for mask in leaf.masks} == {Pseudonym}]

    def leaf(self, column: str, dtype: pl.DataType) -> Leaf | None:
        masks, patterns, closed = self.rules.masks_for(column)
        self.used |= set(patterns)
        if not closed:
            unlisted = {"error": None, "drop": Drop(), "keep": Keep()}[self.rules.unlisted]
            if unlisted is None:
                rest = " where no condition holds" if masks else ""
                self.faults.append(
                    f"{column}: no rule covers it{rest}: add one, or say `unlisted: drop`"
                )
            else:
                masks = (*masks, unlisted)
        self.conditional += [(column, mask) for mask in masks]
        possible = [mask.fault(dtype) or mask.fault_at(column) for mask in masks]
        possible += [disagreement(masks, dtype)] if masks else []
        faults = [fault for fault in possible if fault is not None]
        self.faults += [f"{column}: {fault}" for fault in dict.fromkeys(faults)]
        if not masks or masks[-1].when is not None:
            return None
        return Leaf(column, dtype, masks, self.rules.reading.csv.decimal)


class _BoundPaths:
    """Numbers the paths of one column of JSON, each with its masks."""

    def __init__(self, binding: _Binding, column: str) -> None:
        self.binding = binding
        self.column = column
        self.numbers: dict[str, int] = {}
        self.leaves: list[tuple[Leaf, bool]] = []
        self.passed: list[Leaf] = []
        self.alone: list[Leaf] = []
        masks = [mask for several in binding.rules.columns.values() for mask in several]
        self.wanted = {name for mask in masks for name in _names_read(mask)}
        self.wanted |= set(binding.rules.entity_columns)
        # What is kept beside times that are hidden may tell them, and is looked at.
        self.hides_times = any(isinstance(mask, DateShift | DateTruncate) for mask in masks)

    def number(self, path: str, many: bool) -> int:
        """The number of a path with masks, or what becomes of it without."""
        if path not in self.numbers:
            self.numbers[path] = self._number(path, many=many)
        return self.numbers[path]

    def _number(self, path: str, *, many: bool) -> int:
        if not self.binding.rules.masks_for(path)[0]:
            return UNLISTED
        leaf = self.binding.leaf(path, self._dtype(path))
        if leaf is None:
            return UNLISTED
        for kind, outcome in ((Keep, KEPT), (Drop, DROPPED)):
            if isinstance(leaf.masks[0], kind) and leaf.masks[0].when is None:
                self.passed.append(leaf)
                return outcome
        column = f"{path}.$" if path == self.column else path  # what is no object or array
        self.leaves.append((replace(leaf, column=column, decimal="."), many))
        return len(self.leaves) - 1

    def _dtype(self, path: str) -> pl.DataType:
        said = self.binding.rules.reading.types_of([path]).get(path, "text")
        if said not in ("text", "integer"):
            self.binding.faults.append(f"types.{path}: inside JSON it is text or integer")
        return pl.Int64() if said == "integer" else pl.String()

    def read(self, path: str) -> int | None:
        """The number of a path that others read, and that has no masks of its own."""
        if path == self.column:
            return None
        passed = next((leaf for leaf in self.passed if leaf.column == path), None)
        is_told = self.hides_times and self.numbers[path] == KEPT
        if self.numbers[path] >= 0 or not (path in self.wanted or is_told):
            return None
        self.alone.append(passed or Leaf(path, pl.String(), (Drop(),)))
        return len(self.alone) - 1

    def nodes(self) -> tuple[TreeNode, ...]:
        """The nodes of the paths with masks; those of single values can be read by the others."""
        single = [*(leaf for leaf, many in self.leaves if not many), *self.alone]
        self.binding.beside |= {leaf.column: leaf.dtype for leaf in single}
        lists = self.binding.elements
        return tuple(
            lists(leaf.column, pl.List(leaf.dtype), leaf) if many else leaf
            for leaf, many in self.leaves
        )


def _names_read(mask: Mask) -> set[str]:
    """The other columns that a mask or its condition reads."""
    condition = mask.condition
    named = [] if condition is None else condition.meta.root_names()
    return {*mask.reads, *mask.of_entity, *named}


def _may_be_json(dtype: pl.DataType) -> bool:
    """Whether it is text, or nobody knows, as all of it is null."""
    return dtype == pl.Null or TypeFamily.of(dtype) is TypeFamily.TEXT


def _innermost(dtype: object) -> pl.DataType:
    """The dtype that stands inside lists and arrays, at any depth."""
    inner = instance(dtype)
    while isinstance(inner, pl.List | pl.Array):
        inner = instance(inner.inner)
    return inner


def _applied(
    plan: Plan, frame: pl.LazyFrame, key: Key | None, learned: Mapping[str, pl.DataFrame]
) -> pl.LazyFrame:
    return replace(plan, learned=learned).apply(frame, key)


def _learns(leaf: Leaf, mask: Mask) -> bool:
    return mask.learns(Column(leaf.column, leaf.dtype))


def _entity(rules: Rules, schema: Mapping[str, pl.DataType]) -> Entity | None:
    columns = rules.entity_columns
    return entity_of(rules, columns, schema) if columns else None
