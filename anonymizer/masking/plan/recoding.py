"""A recoding at work: columns take coarser masks, and what stays rare becomes null.

Which combinations of values are common was learned from a whole table and is known by digests, so
that a row is masked without any other row, and batches and engines agree.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import polars as pl

from anonymizer.masking.plan.schema_tree import Leaf, TreeNode
from anonymizer.masking.primitives.digest import RESERVED_PREFIX, canonical, unkeyed
from anonymizer.masking.primitives.dtypes import TypeFamily
from anonymizer.masking.rules.fitted import Recoding

_LOST: Final = f"{RESERVED_PREFIX}lost"


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
        pl.lit(None, dtype=schema[column]).alias(column) for column in recoding.nulled
    )
    counted = [*recoding.quasi_identifiers, *([recoding.item] if recoding.item else [])]
    floats = [column for column in counted if schema[column].is_float()]
    masked = masked.with_columns(pl.col(floats).fill_nan(None))  # NaN was counted as null
    if recoding.quasi_identifiers:
        masked = _with_cells_hidden(masked, schema, recoding)
    if recoding.item is not None:
        shown = combination_digest([recoding.item], schema).is_in(recoding.items.implode())
        masked = masked.with_columns(
            pl.when(shown).then(pl.col(recoding.item)).alias(recoding.item)
        )
    return masked


def _with_cells_hidden(masked: pl.LazyFrame, schema: pl.Schema, recoding: Recoding) -> pl.LazyFrame:
    """The masked frame in which each row loses the first set of columns whose class is shown."""
    names = recoding.quasi_identifiers
    lost = pl.struct(names).map_batches(
        _Lost(schema, recoding), return_dtype=pl.UInt32, is_elementwise=True
    )
    columns = [
        pl.when(~pl.col(_LOST).is_in(_numbers_of_sets(recoding, place))).then(name).alias(name)
        for place, name in enumerate(names)
    ]
    return masked.with_columns(lost.alias(_LOST)).with_columns(columns).drop(_LOST)


def _numbers_of_sets(recoding: Recoding, place: int) -> pl.Expr:
    """The numbers of the sets that hold a column, as a list to be in."""
    numbers = [number for number, lost in enumerate(recoding.hidden) if place in lost]
    return pl.lit(pl.Series(numbers, dtype=pl.UInt32)).implode()


@dataclass(frozen=True)
class _Lost:
    """The number of the set of columns that each row of a batch loses, by distinct rows."""

    schema: pl.Schema = field(repr=False)
    recoding: Recoding = field(repr=False)

    def __call__(self, rows: pl.Series) -> pl.Series:
        """The numbers of the rows of a struct."""
        frame = rows.struct.unnest()
        left, known = frame.unique(), []
        for number, hidden in enumerate(self.recoding.hidden):
            lost = self._is_shown(hidden) if len(hidden) < frame.width else pl.lit(True)
            answered = left.with_columns(pl.when(lost).then(pl.lit(number, pl.UInt32)).alias(_LOST))
            known.append(answered.drop_nulls(_LOST))
            left = answered.filter(pl.col(_LOST).is_null()).drop(_LOST)
        return frame.join(
            pl.concat(known), on=frame.columns, how="left", nulls_equal=True, maintain_order="left"
        )[_LOST]

    def _is_shown(self, hidden: tuple[int, ...]) -> pl.Expr:
        digest = combination_digest(self.recoding.quasi_identifiers, self.schema, hidden)
        return digest.is_in(self.recoding.classes.implode())


def combination_digest(
    columns: Iterable[str], schema: Mapping[str, pl.DataType], hidden: Container[int] = ()
) -> pl.Expr:
    """32 hexadecimal digits for the published values of some columns together; null is a value.

    Args:
        columns: of the combination.
        schema: column → dtype.
        hidden: places of columns that were hidden, which count as hidden, whatever they hold.
    """
    parts = [
        pl.lit("*") if place in hidden else _sized(_text(pl.col(column), schema[column]))
        for place, column in enumerate(columns)
    ]
    return unkeyed(pl.concat_str(parts))


def _sized(text: pl.Expr) -> pl.Expr:
    return pl.concat_str(text.str.len_bytes(), pl.lit(":"), text).fill_null("-")


def _text(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A value as text, equal in all types that can hold it, as engines differ in types.

    Text itself stays as it is: two published texts are two values, however alike they look.
    """
    return (
        value.cast(pl.String)
        if TypeFamily.of(dtype) is TypeFamily.TEXT
        else canonical(value, dtype)
    )
