"""The values of a category in the order of their frequency, the same for all checks."""

import polars as pl


def by_frequency(column: pl.Series) -> pl.DataFrame:
    """Values as text `v` and how often each occurs `n`, the most frequent first, ties by value.

    Example:
        >>> by_frequency(pl.Series(["tea", "milk", "tea", None])).rows()
        [('tea', 2), ('milk', 1)]
    """
    counts = column.cast(pl.String).drop_nulls().alias("v").value_counts(name="n")
    return counts.sort("n", "v", descending=[True, False])
