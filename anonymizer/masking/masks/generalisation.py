"""Masks that coarsen numbers, round, bin and clip, and hide what few entities share, rare."""

import math
from decimal import Context, Decimal
from itertools import pairwise
from typing import ClassVar, Final

import polars as pl
from pydantic import Field, model_validator

from anonymizer.masking.masks.base import NUMBERS, Column, Mask, TypeFamily
from anonymizer.masking.primitives.digest import unkeyed
from anonymizer.masking.primitives.dtypes import integer_bounds


class Round(Mask):
    """Numbers to the nearest multiple of a step. Integers keep their type where the step is whole.

    Halves go away from zero for floats, and up for integers. NaN and infinities stay. A multiple
    that the type cannot hold becomes the last one that it can.

    Attributes:
        to: the step, above zero.
    """

    name: ClassVar[str] = "round"
    accepts: ClassVar[frozenset[TypeFamily]] = NUMBERS

    to: int | float = Field(gt=0, allow_inf_nan=False)

    def output_dtype(self, dtype: pl.DataType) -> pl.DataType:
        """The dtype of the column; Float64 for integers and a broken step."""
        broken = dtype.is_integer() and not float(self.to).is_integer()
        return pl.Float64() if broken else dtype

    def expression(self, column: Column) -> pl.Expr:
        """The rounded number; null where it does not fit the output."""
        output = self.output_dtype(column.dtype)
        if output.is_integer():
            step = int(self.to)
            low, high = integer_bounds(output)
            inside = column.values.cast(pl.Int128).clip(-(-low // step) * step, high // step * step)
            below = inside // step * step
            return (below + step * (2 * (inside - below) >= step)).cast(output)
        steps = column.values.cast(pl.Float64) / self.to
        rounded = (steps.round(mode="half_away_from_zero") * self.to).round(self.decimals)
        rounded = pl.when(rounded == 0).then(0.0).otherwise(rounded)  # no negative zero
        if isinstance(output, pl.Decimal):  # what has too many digits is an error to Polars
            most = 10.0 ** (output.precision - output.scale)
            rounded = pl.when(rounded.abs() < most).then(rounded)
        return rounded.cast(output, strict=False)

    def coarser(self) -> Mask | None:
        """The mask with ten times the step, up to a trillion."""
        return (
            self.model_copy(update={"to": self.to * 10})
            if self.to < _LARGEST_ROUNDING_STEP
            else None
        )

    @property
    def decimals(self) -> int:
        """How many decimal places the step has."""
        exponent = Decimal(str(self.to)).normalize().as_tuple().exponent
        return max(0, -int(exponent))


_LARGEST_ROUNDING_STEP: Final = 10**12
Number = int | float
LEAST_ENTITIES: Final = 5  # of an interval that is learned
_WIDE_DECIMALS: Final = Context(prec=80)  # more digits than any dtype has


def _label(edge: Number) -> str:
    return f"{Decimal(str(edge)).normalize():f}"


class Bin(Mask):
    """Numbers as intervals: `<0`, `[0, 18)`, `[18, 65)`, `>=65`.

    Attributes:
        edges: where an interval ends and the next begins, ascending.
        quantiles: instead, this many intervals of about equally many rows, learned from the whole
            table; edges are rounded to three digits, and an interval of fewer than five entities
            is refused.
    """

    name: ClassVar[str] = "bin"
    accepts: ClassVar[frozenset[TypeFamily]] = NUMBERS

    edges: list[Number] | None = Field(default=None, min_length=1, max_length=1000)
    quantiles: int | None = Field(default=None, ge=2, le=100)

    @model_validator(mode="after")
    def _one_of_both(self) -> "Bin":
        if (self.edges is None) == (self.quantiles is None):
            raise ValueError("give either `edges` or `quantiles`")
        if any(not low < high for low, high in pairwise(self.edges or [])):
            raise ValueError("`edges` must ascend")
        return self

    def learn(self, frame: pl.LazyFrame, column: Column) -> pl.LazyFrame | None:
        """Asks the table for the edges between its quantiles."""
        if self.quantiles is None:
            return None
        shares = [number / self.quantiles for number in range(1, self.quantiles)]
        return _learned_quantiles(frame, column, shares)

    def learned_fault(self, learned: pl.DataFrame) -> str | None:
        """Refuses quantiles of which an interval would stand for a handful of people."""
        if not _thin(_interval_counts(learned)):
            return None
        return f"an interval would have fewer than {LEAST_ENTITIES} entities: fewer `quantiles`"

    def expression(self, column: Column) -> pl.Expr:
        """The interval as text; null for null and NaN."""
        edges = self._edges(column)
        values = _finite(column)
        names = pl.lit(pl.Series(self.labels(edges), dtype=pl.String))
        place = pl.sum_horizontal([(values >= edge).cast(pl.UInt32) for edge in edges])
        return pl.when(values.is_not_null()).then(names.gather(place))

    def _edges(self, column: Column) -> list[Number]:
        if self.edges is not None:
            return self.edges
        learned = [] if column.learned is None else _learned_edges(column.learned)
        return sorted(set(learned)) or [0.0]

    def coarser(self) -> Mask | None:
        """The mask that merges intervals in pairs."""
        if self.edges is not None:
            fewer = self.edges[1::2]
            return self.model_copy(update={"edges": fewer}) if fewer else None
        half = (self.quantiles or 0) // 2
        return self.model_copy(update={"quantiles": half}) if half > 1 else None

    def labels(self, edges: list[Number]) -> list[str]:
        """The name of every interval, the open ones at both ends included."""
        middle = [f"[{_label(low)}, {_label(high)})" for low, high in pairwise(edges)]
        return [f"<{_label(edges[0])}", *middle, f">={_label(edges[-1])}"]


class Clip(Mask):
    """Top and bottom coding: numbers beyond a bound become the bound.

    Attributes:
        low: the lower bound.
        high: the upper bound.
        percentiles: instead, both bounds as percentiles such as [1, 99], learned from the whole
            table and rounded to three digits; fewer than five entities beyond one is refused.
    """

    name: ClassVar[str] = "clip"
    accepts: ClassVar[frozenset[TypeFamily]] = NUMBERS

    low: Number | None = Field(default=None, allow_inf_nan=False)
    high: Number | None = Field(default=None, allow_inf_nan=False)
    percentiles: list[Number] | None = Field(default=None, min_length=2, max_length=2)

    @model_validator(mode="after")
    def _bounds_make_sense(self) -> "Clip":
        if (self.percentiles is None) == (self.low is None and self.high is None):
            raise ValueError("give either bounds (`low`, `high`) or `percentiles`")
        low, high = self.percentiles or (self.low, self.high)
        if low is not None and high is not None and not low < high:
            raise ValueError("the lower bound must be below the upper one")
        if self.percentiles and not (low is not None and low > 0 and (high or 100) < 100):
            raise ValueError("`percentiles` lie between 0 and 100; those two are single values")
        return self

    def output_dtype(self, dtype: pl.DataType) -> pl.DataType:
        """The dtype of the column, unchanged."""
        return dtype

    def learn(self, frame: pl.LazyFrame, column: Column) -> pl.LazyFrame | None:
        """Asks the table for the two bounds, where they are percentiles."""
        if self.percentiles is None:
            return None
        return _learned_quantiles(frame, column, [share / 100 for share in self.percentiles])

    def learned_fault(self, learned: pl.DataFrame) -> str | None:
        """Refuses percentiles beyond which there is a handful of people."""
        if not _thin(_interval_counts(learned)[::2]):  # the two outer ones
            return None
        return (
            f"fewer than {LEAST_ENTITIES} entities lie beyond a percentile: choose others, or give "
            "`low` and `high`"
        )

    def expression(self, column: Column) -> pl.Expr:
        """The number within the bounds; null for NaN."""
        low, high = self.low, self.high
        if column.learned is not None:
            low, high = _learned_edges(column.learned) or (None, None)
        values = _finite(column, infinite=True)
        clipped = values
        for bound, beyond in ((low, pl.Expr.lt), (high, pl.Expr.gt)):
            if bound is not None:
                limit = pl.lit(_within(bound, column.dtype))
                outside = beyond(values, limit)
                clipped = pl.when(outside).then(limit.cast(column.dtype)).otherwise(clipped)
        return clipped


def _within(bound: Number, dtype: pl.DataType) -> Number | Decimal:
    """A bound that the dtype can hold; where it cannot, no value lies beyond it either."""
    if isinstance(dtype, pl.Decimal):
        step = Decimal(1).scaleb(-dtype.scale)
        most = Decimal(1).scaleb(dtype.precision - dtype.scale) - step
        return max(-most, min(most, Decimal(str(bound)).quantize(step, context=_WIDE_DECIMALS)))
    if dtype.is_integer():
        low, high = integer_bounds(dtype)
        return max(low, min(high, round(bound)))
    return bound


def _finite(column: Column, *, infinite: bool = False) -> pl.Expr:
    """The numbers without NaN, and without infinities unless they are asked for."""
    if not column.dtype.is_float():
        return column.values
    values = column.values.fill_nan(None)
    return values if infinite else pl.when(values.is_finite()).then(values)


def _learned_quantiles(frame: pl.LazyFrame, column: Column, shares: list[float]) -> pl.LazyFrame:
    """The edges at some shares of the rows, and how many entities each interval between them has.

    One row: `edge_0`, `edge_1` ..., `entities_0`, `entities_1` ...
    """
    values = _finite(column).cast(pl.Float64)
    edges = [values.quantile(share).round_sig_figs(3) for share in shares]
    bounds = [pl.lit(-math.inf), *edges, pl.lit(math.inf)]
    counts = [
        column.entity_values().filter((values >= low) & (values < high)).drop_nulls().n_unique()
        for low, high in pairwise(bounds)
    ]
    return frame.select(
        *(edge.alias(f"edge_{number}") for number, edge in enumerate(edges)),
        *(count.alias(f"entities_{number}") for number, count in enumerate(counts)),
    )


def _learned_edges(learned: pl.DataFrame) -> list[float]:
    edges = learned.select(pl.col("^edge_[0-9]+$")).row(0)
    return [edge for edge in edges if edge is not None]


def _interval_counts(learned: pl.DataFrame) -> list[int]:
    return list(learned.select(pl.col("^entities_[0-9]+$")).row(0))


def _thin(counts: list[int]) -> bool:
    """Whether an interval stands for a few entities; those that collapsed stand for none."""
    return any(0 < count < LEAST_ENTITIES for count in counts)


class Rare(Mask):
    """Values that fewer than k entities hold become one text; nulls stay null.

    Learned from the whole table: a value is kept for everybody or for nobody. Where the rules
    name no entity, rows are counted.

    Attributes:
        k: entities that must share a value for it to stay.
        other: what stands for the rest.
    """

    name: ClassVar[str] = "rare"
    learned_apart: ClassVar[str | None] = "digest"
    accepts: ClassVar[frozenset[TypeFamily]] = frozenset(
        {TypeFamily.TEXT, TypeFamily.INTEGER, TypeFamily.BOOLEAN}
    )

    k: int = Field(ge=2)
    other: str = Field(default="OTHER", max_length=100)

    def preparation(self, column: Column) -> pl.Expr:
        """The value as text, with its digest."""
        return with_digest(column.values.cast(pl.String))

    def summary(self, frame: pl.LazyFrame, column: Column) -> pl.LazyFrame:
        """The digest of each value, and who holds it."""
        return held(frame, column)

    def learned_from(self, summary: pl.LazyFrame, column: Column) -> pl.LazyFrame:
        """The digests of the values that enough entities hold."""
        return frequent(summary, column, self.k)

    def expression(self, column: Column) -> pl.Expr:
        """The value as text, or `other` for a rare one."""
        return kept_or(column.prepared, column.learned, self.other)


def with_digest(text: pl.Expr) -> pl.Expr:
    """A text and its digest as a struct; what is learned are digests."""
    return pl.struct(text.alias("text"), unkeyed(text).alias("digest"))


def held(frame: pl.LazyFrame, column: Column) -> pl.LazyFrame:
    """The `digest` of each value that was prepared with one, and `whose` it is."""
    return frame.select(digest=column.prepared.struct.field("digest"), **column.whose)


def frequent(summary: pl.LazyFrame, column: Column, least: int) -> pl.LazyFrame:
    """A query for the digests of values that at least so many entities hold.

    They come in an order of their own, so that fitted rules are the same from any order of rows.
    """
    counted = summary.group_by("digest").agg(entities=column.entities)
    enough = counted.filter(pl.col("entities") >= least, pl.col("digest").is_not_null())
    return enough.select("digest").sort("digest")


def kept_or(values: pl.Expr, kept: pl.DataFrame | None, other: str) -> pl.Expr:
    """The frequent texts, `other` for the rest, null for null; all texts in a preview."""
    text = values.struct.field("text")
    if kept is None:
        return text
    rest = pl.when(text.is_not_null()).then(pl.lit(other))
    shown = values.struct.field("digest").is_in(kept["digest"].implode())
    return pl.when(shown).then(text).otherwise(rest)
