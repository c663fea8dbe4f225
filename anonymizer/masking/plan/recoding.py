"""A recoding at work: columns take coarser masks, and what stays rare becomes null.

Which combinations of values are common was learned from a whole table and is known by digests, so
that a row is masked without any other row, and batches and engines agree.
"""

from collections.abc import Iterable
from dataclasses import replace

import polars as pl

from anonymizer.masking.plan.schema_tree import Leaf, TreeNode
from anonymizer.masking.primitives.digest import canonical, unkeyed
from anonymizer.masking.primitives.dtypes import TypeFamily
from anonymizer.masking.rules.fitted import Recoding


def with_coarser_mask(node: TreeNode, recoding: Recoding) -> TreeNode:
    """The column with the coarser mask that the recoding gives it, if it gives one."""
    mask = recoding.masks.get(node.column)
    return replace(node, masks=(mask,)) if isinstance(node, Leaf) and mask else node


def with_rare_suppressed(
    masked: pl.LazyFrame, schema: pl.Schema, recoding: Recoding
) -> pl.LazyFrame:
    """The masked frame in which values that too few entities share are null.

    Args:
        masked: the output of the coarser masks.
        schema: column → dtype of that output.
        recoding: which combinations and items are common enough to be shown.
    """
    masked = masked.with_columns(
        pl.lit(None, dtype=schema[column]).alias(column)
        for column, mask in recoding.masks.items()
        if mask is None
    )
    counted = [*recoding.quasi_identifiers, *([recoding.item] if recoding.item else [])]
    floats = [column for column in counted if schema[column].is_float()]
    masked = masked.with_columns(pl.col(floats).fill_nan(None))  # NaN was counted as null
    if recoding.quasi_identifiers:
        digest = combination_digest(recoding.quasi_identifiers, schema)
        shown = digest.is_in(recoding.classes.implode())
        masked = masked.with_columns(
            pl.when(shown).then(pl.col(column)).alias(column)
            for column in recoding.quasi_identifiers
        )
    if recoding.item is not None:
        shown = combination_digest([recoding.item], schema).is_in(recoding.items.implode())
        masked = masked.with_columns(
            pl.when(shown).then(pl.col(recoding.item)).alias(recoding.item)
        )
    return masked


def combination_digest(columns: Iterable[str], schema: pl.Schema) -> pl.Expr:
    """32 hexadecimal digits for the published values of some columns together; null is a value."""
    texts = [_text(pl.col(column), schema[column]) for column in columns]
    sized = [
        pl.concat_str(text.str.len_bytes(), pl.lit(":"), text).fill_null("-") for text in texts
    ]
    return unkeyed(pl.concat_str(sized))


def _text(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A value as text, equal in all types that can hold it, as engines differ in types.

    Text itself stays as it is: two published texts are two values, however alike they look.
    """
    return (
        value.cast(pl.String)
        if TypeFamily.of(dtype) is TypeFamily.TEXT
        else canonical(value, dtype)
    )
