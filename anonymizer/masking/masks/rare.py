"""What few entities share is hidden: the rare mask, and the same for masks with a floor."""

from typing import ClassVar

import polars as pl
from pydantic import Field

from anonymizer.masking.masks.base import Column, Kind, Mask


class Rare(Mask):
    """Values that fewer than k entities hold become one text; nulls stay null.

    Learned from the whole table: a value is kept for everybody or for nobody. Where the rules
    name no entity, rows are counted.

    Attributes:
        k: entities that must share a value for it to stay.
        other: what stands for the rest.
    """

    name: ClassVar[str] = "rare"
    accepts: ClassVar[frozenset[Kind]] = frozenset({Kind.TEXT, Kind.INTEGER, Kind.BOOLEAN})

    k: int = Field(ge=2)
    other: str = Field(default="OTHER", max_length=100)

    def learn(self, frame: pl.LazyFrame, column: Column) -> pl.LazyFrame:
        """The values that stay."""
        return frequent(frame, _text(column), column.entities(), self.k)

    def expression(self, column: Column) -> pl.Expr:
        """The value as text, or what stands for the rest."""
        if column.learned is None:  # a preview
            return _text(column)
        return kept_or(_text(column), column.learned, self.other)


def _text(column: Column) -> pl.Expr:
    return column.values.cast(pl.String)


def frequent(frame: pl.LazyFrame, values: pl.Expr, entities: pl.Expr, least: int) -> pl.LazyFrame:
    """The values that at least so many entities hold, as the column `value`."""
    counted = frame.group_by(value=values).agg(entities=entities)
    return counted.filter(pl.col("entities") >= least, pl.col("value").is_not_null()).select(
        "value"
    )


def kept_or(values: pl.Expr, kept: pl.DataFrame, other: str) -> pl.Expr:
    """The values that are kept, the other text for the rest; null for null."""
    rest = pl.when(values.is_not_null()).then(pl.lit(other))
    return pl.when(values.is_in(kept["value"].implode())).then(values).otherwise(rest)
