"""What few entities share is hidden: the rare mask, and the same for masks with a floor."""

from typing import ClassVar

import polars as pl
from pydantic import Field

from anonymizer.masking.masks.base import Column, Mask, TypeFamily
from anonymizer.masking.primitives.digest import unkeyed


class Rare(Mask):
    """Values that fewer than k entities hold become one text; nulls stay null.

    Learned from the whole table: a value is kept for everybody or for nobody. Where the rules
    name no entity, rows are counted.

    Attributes:
        k: entities that must share a value for it to stay.
        other: what stands for the rest.
    """

    name: ClassVar[str] = "rare"
    accepts: ClassVar[frozenset[TypeFamily]] = frozenset(
        {TypeFamily.TEXT, TypeFamily.INTEGER, TypeFamily.BOOLEAN}
    )

    k: int = Field(ge=2)
    other: str = Field(default="OTHER", max_length=100)

    def preparation(self, column: Column) -> pl.Expr:
        """The value as text, with its digest."""
        return with_digest(column.values.cast(pl.String))

    def learn(self, frame: pl.LazyFrame, column: Column) -> pl.LazyFrame:
        """Asks the table for the digests of the values that enough entities hold."""
        return frequent(frame, column.prepared, column.entities(), self.k)

    def expression(self, column: Column) -> pl.Expr:
        """The value as text, or `other` for a rare one."""
        return kept_or(column.prepared, column.learned, self.other)


def with_digest(text: pl.Expr) -> pl.Expr:
    """A text and its digest as a struct; what is learned are digests."""
    return pl.struct(text.alias("text"), unkeyed(text).alias("digest"))


def frequent(frame: pl.LazyFrame, values: pl.Expr, entities: pl.Expr, least: int) -> pl.LazyFrame:
    """A query for the digests of values that at least so many entities hold."""
    counted = frame.group_by(digest=values.struct.field("digest")).agg(entities=entities)
    return counted.filter(pl.col("entities") >= least, pl.col("digest").is_not_null()).select(
        "digest"
    )


def kept_or(values: pl.Expr, kept: pl.DataFrame | None, other: str) -> pl.Expr:
    """The frequent texts, `other` for the rest, null for null; all texts in a preview."""
    text = values.struct.field("text")
    if kept is None:
        return text
    rest = pl.when(text.is_not_null()).then(pl.lit(other))
    shown = values.struct.field("digest").is_in(kept["digest"].implode())
    return pl.when(shown).then(text).otherwise(rest)
