"""Scalar functions of libraries, run on the distinct values of a batch and joined back."""

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl


def on_distinct(values: pl.Expr, function: Callable[[str], str | None]) -> pl.Expr:
    """The text a function gives for each text; null for null.

    Args:
        values: String.
        function: of one text; must give the same answer every time.
    """
    return values.map_batches(_OnDistinct(function), return_dtype=pl.String, is_elementwise=True)


@dataclass(frozen=True)
class _OnDistinct:
    """An object, so that nothing that the function holds shows where a plan is explained."""

    function: Callable[[str], str | None] = field(repr=False)

    def __call__(self, values: pl.Series) -> pl.Series:
        distinct = values.unique().drop_nulls()
        results = pl.Series([self.function(value) for value in distinct], dtype=pl.String)
        if distinct.is_empty():
            return pl.Series(values.name, [None] * len(values), dtype=pl.String)
        return values.replace_strict(distinct, results, default=None, return_dtype=pl.String)
