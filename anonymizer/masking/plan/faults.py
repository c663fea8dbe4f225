"""Why rules do not fit a schema: each function looks for one sort of fault and gives all of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import polars as pl

from anonymizer.documents import nearest
from anonymizer.files.reading import matches
from anonymizer.masking.masks import Mask
from anonymizer.masking.masks.identifiers import Keep
from anonymizer.masking.masks.pseudonyms import Pseudonym
from anonymizer.masking.masks.reversible import Reversible
from anonymizer.masking.plan.schema_tree import Fields, Leaf, TreeNode
from anonymizer.masking.primitives.digest import RESERVED_PREFIX
from anonymizer.masking.primitives.dtypes import IDENTIFIERS, TypeFamily, dtype_name
from anonymizer.masking.rules.rules import Rules

# What a condition must not be made of, as Polars names the parts of an expression.
_EXPRESSIONS_OF_MANY_ROWS: Final = (
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

# Type family → how a column gets a type of it in pandas, where gaps change types, and in Polars.
_CASTS: Final = {
    "float": ("float64", "Float64"),
    "integer": ("Int64", "Int64"),
    "boolean": ("boolean", "Boolean"),
    "text": ("string", "String"),
}


def disagreement(masks: tuple[Mask, ...], dtype: pl.DataType) -> str | None:
    """Why the rules of one column cannot stand together, or None."""
    if len({mask.keeps_column for mask in masks}) > 1:
        return "a column is dropped as a whole: use redact where only some rows are meant"
    if len(masks) > 1 and any(isinstance(mask, Reversible) for mask in masks):
        return "what is encrypted under a condition could not be revealed"
    types = {mask.output_dtype(dtype) for mask in masks}
    if len(types) == 1 or all(TypeFamily.of(each) is TypeFamily.TEXT for each in types):
        return None
    names = sorted({dtype_name(each) for each in types})
    return f"its rules give {' and '.join(names)}; all rows of a column need one type"


def name_faults(schema: Mapping[str, pl.DataType], tree: Iterable[TreeNode]) -> Iterator[str]:
    """Names that the library or Polars reads as something else, and names of two columns."""
    for name in schema:
        if name.startswith(RESERVED_PREFIX):
            yield f"{name}: this name is reserved"
        if name == "*" or (name.startswith("^") and name.endswith("$")):
            yield f"{name}: Polars reads this name as a pattern; rename the column"
    paths = Counter(path for node in tree for path in _paths(node))
    for path, count in paths.items():
        if count > 1:
            yield f"{path}: names two columns, one of them inside a struct; rename one"


def _paths(node: TreeNode) -> Iterator[str]:
    yield node.column
    if isinstance(node, Fields):
        for field in node.fields:
            yield from _paths(field)


def entity_faults(rules: Rules, schema: Mapping[str, pl.DataType]) -> list[str]:
    """Why the column that `entity:` names cannot say whose rows they are."""
    faults = []
    for column in rules.entity_columns:
        if column not in schema:
            faults.append(f"entity: no column {column!r} in the data{nearest(column, schema)}")
            continue
        dtype = schema[column]
        if dtype != pl.Null and TypeFamily.of(dtype) not in IDENTIFIERS:
            faults.append(f"entity: {column} is {dtype_name(dtype)}, which cannot identify anybody")
    return faults


def anonymity_faults(rules: Rules, tree: Iterable[TreeNode]) -> Iterator[str]:
    """Columns of the `anonymity:` section that are not in the output, or cannot be counted."""
    if rules.anonymity is None:
        return
    kept = {node.column: node for node in tree if node.keeps_column}
    in_data = {node.column for node in tree}
    for column in rules.anonymity.columns:
        if rules.missing == "ignore" and column not in in_data:
            continue
        node, where = kept.get(column), f"anonymity: {column}"
        if node is None:
            yield f"{where} is no column of the output{nearest(column, kept)}"
        elif (column,) == rules.entity_columns:
            yield f"{where} is the entity, which every combination tells apart"
        elif TypeFamily.of(node.output_dtype) not in IDENTIFIERS and node.output_dtype != pl.Null:
            yield f"{where} is {dtype_name(node.output_dtype)}: expected plain values"


def drift_faults(rules: Rules, schema: Mapping[str, pl.DataType]) -> Iterator[str]:
    """Columns that have come, gone or changed since the rules were fitted to a table."""
    if rules.fitted is None:
        return
    before = rules.fitted.schema
    for column in sorted(before.keys() - schema.keys()):
        yield f"{column}: was there when the rules were fitted"
    for column, dtype in schema.items():
        if column not in before:
            yield f"{column}: was not there when the rules were fitted"
        elif dtype != pl.Null and before[column] != TypeFamily.of(dtype).value:  # (Null: no value)
            now = dtype_name(dtype)
            told = f"{column}: was {before[column]} when the rules were fitted, and is {now}"
            yield f"{told}{_way_back(before[column], dtype)}"


def _way_back(family: str, dtype: pl.DataType) -> str:
    """How a column gets the type back that it had."""
    if TypeFamily.of(dtype) is TypeFamily.TEXT:
        return "; of a CSV, say so under `types:`"
    pandas, polars = _CASTS.get(family, ("", ""))
    return f'; cast it: `cast(pl.{polars})`, in pandas `astype("{pandas}")`' if polars else ""


def idle_rule_faults(
    rules: Rules, schema: Mapping[str, pl.DataType], used: set[str]
) -> Iterator[str]:
    """Rules that match no column of the data, such as a misspelt name."""
    covered = {pattern for name in schema for pattern in rules.masks_for(name)[1]}
    for pattern in rules.columns:
        if pattern not in used and pattern not in covered:
            near = nearest(pattern, schema)
            yield f"columns.{pattern}: no column {pattern!r} in the data{near}"


def type_faults(rules: Rules, schema: Mapping[str, pl.DataType]) -> Iterator[str]:
    """Types that the rules say and the columns do not have, as no CSV was read by them."""
    for pattern in rules.types:
        if not any(matches(column, pattern) for column in schema):
            yield f"types.{pattern}: no column {pattern!r} in the data{nearest(pattern, schema)}"
    for column, dtype in schema.items():
        type_ = rules.reading.types_of([column]).get(column, "text")
        if type_ != "text" and TypeFamily.of(dtype) is TypeFamily.TEXT:
            yield f"types.{column}: is text and no CSV, whose cells are read as {type_}: cast it"


def other_column_faults(leaves: Iterable[Leaf], schema: Mapping[str, pl.DataType]) -> Iterator[str]:
    """Masks that read another column, such as a longitude, that is absent or does not fit."""
    for leaf in leaves:
        for mask in leaf.masks:
            fault = mask.other_columns(schema)
            if fault is not None:
                yield f"{leaf.column}: {fault}"
            if leaf.column in getattr(mask, "known", ()):
                yield f"{leaf.column}: known: a text does not know itself: name columns beside it"


def told_sex_faults(rules: Rules, tree: Iterable[TreeNode]) -> Iterator[str]:
    """First names that tell a sex which its own column hides."""
    kept = {leaf.column for node in tree for leaf in node.leaves() if _is_kept(leaf)}
    counted = set(rules.anonymity.columns) if rules.anonymity else set()
    for node in tree:
        for leaf in node.leaves():
            for mask in leaf.masks:
                sex = mask.sex if isinstance(mask, Pseudonym) else None
                if sex is not None and (sex not in kept or sex in counted):
                    yield (
                        f"{leaf.column}: first names would tell {sex!r}, which is masked: keep "
                        "that column, outside of `anonymity:`, or leave `sex` out"
                    )


def _is_kept(leaf: Leaf) -> bool:
    return all(isinstance(mask, Keep) for mask in leaf.masks)


def condition_faults(
    conditional: list[tuple[str, Mask]], schema: Mapping[str, pl.DataType]
) -> list[str]:
    """What is wrong with the conditions, which may name fields of structs as `outer.inner`."""
    faults = [(column, _condition_fault(mask.condition, schema)) for column, mask in conditional]
    return list(dict.fromkeys(f"{column}: {fault}" for column, fault in faults if fault))


def _condition_fault(condition: pl.Expr | None, schema: Mapping[str, pl.DataType]) -> str | None:
    if condition is None:
        return None
    for name in condition.meta.root_names():
        if name not in schema:
            return f"`when` names {name!r}, which is not in the data{nearest(name, schema)}"
    parts = condition.meta.serialize(format="json")
    if any(f'"{part}"' in parts for part in _EXPRESSIONS_OF_MANY_ROWS):
        return "`when` must be about one row: no aggregates, windows or subqueries"
    try:
        dtypes = pl.DataFrame(schema=dict(schema)).select(condition).dtypes
    except pl.exceptions.PolarsError:
        return (
            "`when` does not fit the types of the columns it names; those of a CSV are text, "
            "unless `types:` says otherwise"
        )
    return None if dtypes == [pl.Boolean()] else "`when` is no condition: it must be true or false"
