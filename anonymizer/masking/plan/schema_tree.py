"""The columns of a schema and what becomes of each: plain ones, structs and lists.

A node gives the expressions of one column. The fields of a struct become columns `outer.inner`
beside the others and the struct is built again from them. The elements of a list become the
rows of a small frame of their own, on which the same masks run.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

import polars as pl
import pyarrow as pa

from anonymizer.buffers import without_categories
from anonymizer.keys import Key
from anonymizer.masking.masks import Column, Entity, Mask
from anonymizer.masking.masks.base import Shown
from anonymizer.masking.primitives.digest import DIGEST, DigestFunction, Source
from anonymizer.masking.primitives.times.shared_days import SHARED


@dataclass(frozen=True)
class Context:
    """What masks may rely on when they run: entity, key, and what was learned.

    Attributes:
        entity: whose rows they are.
        key: the secret.
        learned: prepared column → what its mask learned from the whole table.
        null_free: columns without nulls, as far as anybody looked.
        others: the entities that single masks follow, by their columns.
        beside: the columns that masks of others show.
        function: by which digests are made.
    """

    entity: Entity | None
    key: Key | None
    learned: Mapping[str, pl.DataFrame] = field(default_factory=dict, repr=False)
    null_free: frozenset[str] = frozenset()
    others: Mapping[tuple[str, ...], Entity] = field(default_factory=dict)
    beside: Mapping[str, "Leaf"] = field(default_factory=dict)
    function: DigestFunction = DIGEST

    def entity_of(self, mask: Mask) -> Entity | None:
        """Whose value a mask hides: the entity of the rows, or another one that it names."""
        return self.others[mask.of_entity] if mask.of_entity else self.entity

    @cached_property
    def shared_days(self) -> frozenset[tuple[str, int]]:
        """The days that any column has learned as those that many entities share."""
        learned = (each for each in self.learned.values() if each.columns == ["about", "number"])
        return frozenset(row for each in learned for row in each.iter_rows() if row[0] in SHARED)

    def shown(self, mask: Mask) -> dict[str, Shown]:
        """What other columns show, of those that a mask puts into its own."""
        leaves = {name: self.beside[name] for name in mask.shows if name in self.beside}
        return {name: Shown(leaf.masks, leaf.expression(self)) for name, leaf in leaves.items()}


@dataclass(frozen=True)
class Leaf:
    """A column, or a field of a struct, and its masks.

    Attributes:
        column: its name; fields of structs are `outer.inner`.
        dtype: of the raw values.
        masks: in the order in which they are tried; all but the last have a condition.
        decimal: the decimal mark of numbers, where they stand in text.
    """

    column: str
    dtype: pl.DataType = field(repr=False)  # categories are values
    masks: tuple[Mask, ...]
    decimal: str = "."

    @property
    def keeps_column(self) -> bool:
        """Whether the column is in the output."""
        return self.masks[0].keeps_column

    @property
    def output_dtype(self) -> pl.DataType:
        """The dtype in the output; String where its masks give several dtypes of text.

        None tells values: an Enum's categories may be those of rows that are not in the output.
        """
        types = {without_categories(self._given(mask)) for mask in self.masks}
        return types.pop() if len(types) == 1 else pl.String()

    def _given(self, mask: Mask) -> pl.DataType:
        """The dtype that a mask gives; numbers that stood in text stand in text again."""
        text = mask.reads_numbers(self.dtype)
        return mask.output_dtype(pl.String() if text else self.dtype)

    @property
    def summary(self) -> str:
        """The names of its masks, as a person reads them."""
        return ", else ".join(mask.name for mask in self.masks)

    def examples(self) -> pl.Series:
        """Three made-up values, of the dtype of the column."""
        numbers = any(mask.reads_numbers(self.dtype) for mask in self.masks)
        dtype = pl.Int64() if numbers else self.dtype
        made_up = pl.Series(self.column, self.masks[0].examples(dtype), strict=False)
        return made_up.cast(self.dtype, strict=False)

    def leaves(self) -> Iterator["Leaf"]:
        """This column alone."""
        yield self

    def flattened(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The frame, unchanged: a plain column has no fields."""
        return frame

    def columns_for_masks(self, context: Context) -> list[Column]:
        """The column as each of its masks sees it, in the order of the masks."""
        columns = [
            Column(
                name=self.column,
                dtype=pl.Float64() if mask.reads_numbers(self.dtype) else self.dtype,
                entity=context.entity_of(mask),
                key=context.key,
                case=case,
                source=self._source(mask, context),
                null_free=self.column in context.null_free,
                applies=self._applies(case),
                decimal=self.decimal if mask.reads_numbers(self.dtype) else None,
                row_entity=context.entity,
                shown=context.shown(mask),
                shared_days=context.shared_days,
            )
            for case, mask in enumerate(self.masks)
        ]
        return [
            replace(column, learned=context.learned.get(column.prepared_name)) for column in columns
        ]

    def _source(self, mask: Mask, context: Context) -> Source | None:
        source = mask.source(self.column, context.entity_of(mask))
        return None if source is None else replace(source, function=context.function)

    def _applies(self, case: int) -> pl.Expr | None:
        """The rows that one of the masks is for; None stands for all rows."""
        earlier_fail = [~_condition(mask) for mask in self.masks[:case]]
        this_holds = [_condition(self.masks[case])] if self.masks[case].when else []
        together = [*earlier_fail, *this_holds]
        return pl.all_horizontal(together).fill_null(value=False) if together else None

    def expression(self, context: Context) -> pl.Expr:
        """The masked column; an all-null column stays null, and so does a doubtful row."""
        if self.dtype == pl.Null:
            return pl.col(self.column).cast(self.output_dtype)
        columns = self.columns_for_masks(context)
        masked = [
            # Strictly, Polars 2.1.0 compares what lies below nulls of nested lists too.
            _masked(mask, column).cast(self.output_dtype, strict=False)
            if self._given(mask) != self.output_dtype
            else _masked(mask, column)
            for mask, column in zip(self.masks, columns, strict=True)
        ]
        chosen = masked[-1]
        for mask, expression in zip(reversed(self.masks[:-1]), reversed(masked[:-1]), strict=True):
            holds = _condition(mask)
            known_not = pl.when(~holds).then(chosen)  # null where the condition is unknown
            chosen = pl.when(holds).then(expression).otherwise(known_not)
        if self.output_dtype.is_float():  # -0.0 counts as 0.0 and must not look like another value
            chosen = pl.when(chosen == 0).then(pl.lit(0, self.output_dtype)).otherwise(chosen)
        return chosen.alias(self.column)


@dataclass(frozen=True)
class AllSteps(Leaf):
    """A column whose masks all apply at once; the output has a field for each, `0`, `1` ..."""

    @property
    def output_dtype(self) -> pl.DataType:
        """A struct with a field for each mask."""
        types = [self._given(mask) for mask in self.masks]
        return pl.Struct({str(number): dtype for number, dtype in enumerate(types)})

    def _applies(self, case: int) -> None:  # noqa: ARG002 (all masks are for all rows)
        return None

    def expression(self, context: Context) -> pl.Expr:
        """The struct of what each mask makes of the column."""
        if self.dtype == pl.Null:
            return pl.col(self.column).cast(self.output_dtype)
        masked = zip(self.masks, self.columns_for_masks(context), strict=True)
        fields = [
            _masked(mask, column).alias(str(number)) for number, (mask, column) in enumerate(masked)
        ]
        return pl.struct(fields).alias(self.column)


def _masked(mask: Mask, column: Column) -> pl.Expr:
    return column.written(mask.expression(column), mask.output_dtype(column.dtype))


def _condition(mask: Mask) -> pl.Expr:
    if mask.condition is None:
        raise TypeError("a rule without a condition stands before another")
    return mask.condition


@dataclass(frozen=True)
class Fields:
    """A struct whose fields have masks of their own.

    Attributes:
        column: its name; inside another struct `outer.inner`.
        dtype: of the raw values.
        fields: the nodes of its fields, in their order.
    """

    column: str
    dtype: pl.DataType = field(repr=False)  # categories are values
    fields: tuple["TreeNode", ...]

    @property
    def keeps_column(self) -> bool:
        """Whether any field of the struct is in the output."""
        return any(node.keeps_column for node in self.fields)

    @property
    def output_dtype(self) -> pl.DataType:
        """A struct of what the fields become."""
        kept = {self._inner(node): node.output_dtype for node in self.fields if node.keeps_column}
        return pl.Struct(kept)

    def examples(self) -> pl.Series:
        """Three made-up structs."""
        fields = [node.examples().alias(self._inner(node)) for node in self.fields]
        return pl.DataFrame(fields).to_struct(self.column)

    def leaves(self) -> Iterator[Leaf]:
        """The fields, at any depth outside lists."""
        for node in self.fields:
            yield from node.leaves()

    def flattened(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The frame with the fields as columns `outer.inner`."""
        struct = pl.col(self.column).struct
        frame = frame.with_columns(
            struct.field(self._inner(node)).alias(node.column) for node in self.fields
        )
        for node in self.fields:
            frame = node.flattened(frame)
        return frame

    def expression(self, context: Context) -> pl.Expr:
        """The struct built again; null where it was null."""
        masked = [
            node.expression(context).alias(self._inner(node))
            for node in self.fields
            if node.keeps_column
        ]
        present = pl.col(self.column).is_not_null()
        return pl.when(present).then(pl.struct(masked)).alias(self.column)

    def _inner(self, node: "TreeNode") -> str:
        return node.column.removeprefix(f"{self.column}.")


@dataclass(frozen=True)
class Elements:
    """A list whose elements have masks of their own.

    Attributes:
        column: the list.
        dtype: of the list.
        inner: what becomes of an element.
        read_beside: the columns of the row that the masks of the elements read.
        run: the frame of elements and entity, key and what was learned → the masked elements.
    """

    column: str
    dtype: pl.DataType = field(repr=False)  # categories are values
    inner: "TreeNode"
    read_beside: tuple[str, ...]
    run: Callable[[pl.LazyFrame, Key | None, Mapping[str, pl.DataFrame]], pl.LazyFrame]

    @property
    def keeps_column(self) -> bool:
        """Whether anything of an element is left."""
        return self.inner.keeps_column

    @property
    def output_dtype(self) -> pl.DataType:
        """A list of what an element becomes."""
        return pl.List(self.inner.output_dtype)

    def examples(self) -> pl.Series:
        """Three lists of one made-up value each."""
        inner = self.inner.examples()
        return inner.reshape((-1, 1)).arr.to_list().alias(self.column)

    def leaves(self) -> Iterator[Leaf]:
        """Nothing: masks inside a list prepare columns of their own."""
        yield from ()

    def flattened(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The frame, unchanged: elements become rows only when they are masked."""
        return frame

    def expression(self, context: Context) -> pl.Expr:
        """The list of masked elements; null and empty lists stay."""
        together = pl.struct(list(dict.fromkeys((self.column, *self.read_beside))))
        step = _InLists(self, context)
        return together.map_batches(
            step, return_dtype=self.output_dtype, is_elementwise=True
        ).alias(self.column)


@dataclass(frozen=True)
class _InLists:
    """Masks the elements of lists; an object, so that no key shows where it is described."""

    node: Elements
    context: Context

    def __call__(self, rows: pl.Series) -> pl.Series:
        """The masked lists of one batch of rows."""
        frame = rows.struct.unnest()
        lists = frame[self.node.column]
        lengths = lists.list.len().fill_null(0)
        elements = lists.explode(empty_as_null=False, keep_nulls=False)
        read_beside = frame.drop(self.node.column).select(
            pl.all().repeat_by(lengths).explode(empty_as_null=False)
        )
        repeated = (
            read_beside.with_columns(elements) if read_beside.columns else elements.to_frame()
        )
        key, learned = self.context.key, self.context.learned
        masked = self.node.run(repeated.lazy(), key, learned).collect()[self.node.column]
        return _regrouped(masked, lengths, lists.is_null(), self.node.output_dtype)


def _regrouped(
    elements: pl.Series, lengths: pl.Series, absent: pl.Series, dtype: pl.DataType
) -> pl.Series:
    offsets: Any = pl.concat([pl.Series([0]), lengths.cast(pl.Int64).cum_sum()]).to_arrow()
    oldest = pl.CompatLevel.oldest()  # Arrow takes no views of strings in lists
    lists = pa.LargeListArray.from_arrays(
        offsets, elements.to_arrow(compat_level=oldest), mask=absent.to_arrow()
    )
    return pl.Series(lists).cast(dtype)


TreeNode: TypeAlias = Leaf | Fields | Elements
