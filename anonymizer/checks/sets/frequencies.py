"""Values of a category by how frequent they are, as all checks order them."""

import polars as pl


def by_frequency(column: pl.Series) -> pl.DataFrame:
    """Values as text `v` and how often each occurs `n`, the most frequent first; ties by value."""
    counts = column.cast(pl.String).drop_nulls().alias("v").value_counts(name="n")
    return counts.sort("n", "v", descending=[True, False])
