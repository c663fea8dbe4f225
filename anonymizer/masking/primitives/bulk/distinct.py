"""Functions of a batch's distinct values, or of some of its values, put back where these stand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import polars as pl

Function = Callable[[pl.Series], pl.Series]

_AT_ONCE: Final = 1 << 16  # values that are objects of Python at the same time


def on_distinct(values: pl.Expr, function: Callable[[str], str | None]) -> pl.Expr:
    """The text a function gives for each text; null for null.

    Args:
        values: String.
        function: of one text; must give the same answer every time.
    """
    return values.map_batches(OnDistinct(function), return_dtype=pl.String, is_elementwise=True)


@dataclass(frozen=True)
class OnDistinct:
    """An object, so that nothing that the function holds shows where a plan is explained."""

    function: Callable[[str], str | None] = field(repr=False)

    def __call__(self, values: pl.Series) -> pl.Series:
        """What the function gives for each of some texts."""
        distinct = values.unique().drop_nulls()
        if distinct.is_empty():
            return pl.Series(values.name, [None] * len(values), dtype=pl.String)
        slices = distinct.to_frame().iter_slices(_AT_ONCE)
        results = pl.concat([self._of_each(some.to_series()) for some in slices])
        return values.replace_strict(distinct, results, default=None, return_dtype=pl.String)

    def _of_each(self, values: pl.Series) -> pl.Series:
        return pl.Series([self.function(value) for value in values], dtype=pl.String)


def on_some(values: pl.Series, chosen: pl.Series, function: Function) -> pl.Series:
    """What a function gives for the values that are chosen; null for the others.

    Args:
        values: of any dtype.
        chosen: Boolean, of the same length; null counts as false.
        function: of values in their order; gives as many.
    """
    if chosen.all(ignore_nulls=False):
        return function(values)
    places = pl.select(pl.when(chosen).then(chosen.cum_sum() - 1)).to_series()
    return function(values.filter(chosen)).gather(places)


def apart(values: pl.Series, chosen: pl.Series, one: Function, other: Function) -> pl.Series:
    """What one function gives for the values that are chosen, and another for those that are not.

    Args:
        values: of any dtype.
        chosen: Boolean, of the same length; what is neither true nor false gives null.
        one: of values in their order; gives as many.
        other: the same, with answers of the same dtype.
    """
    if not chosen.any():
        return on_some(values, ~chosen, other)
    known = on_some(values, chosen, one)
    return known if chosen.all() else known.zip_with(chosen, on_some(values, ~chosen, other))
