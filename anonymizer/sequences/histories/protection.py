"""What k entities may tell together: counts, weights and bounds that none of them determines."""

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray, IntArray


def protected_range(values: IntArray, owner: IntArray, k: int) -> tuple[int, int]:
    """A lower and an upper bound that no k - 1 entities determine; above each other if none is.

    The mean of the k-th to (2k - 1)-th largest of the entities' own maxima, likewise below. Where
    there are fewer entities than that, the mean of all of them but the two outermost.
    """
    spans = (
        pl.DataFrame({"v": values, "e": owner})
        .group_by("e")
        .agg(low=pl.col("v").min(), high=pl.col("v").max())
    )
    if len(spans) < k:
        return 0, -1
    low = _inner(np.sort(spans["low"].to_numpy()), k)
    high = _inner(np.sort(spans["high"].to_numpy())[::-1], k)
    return int(np.ceil(low)), int(np.floor(high))


def _inner(ordered: IntArray, k: int) -> float:
    if len(ordered) >= 2 * k - 1:
        return float(ordered[k - 1 : 2 * k - 1].mean())
    return float((ordered[1:-1] if len(ordered) > 2 else ordered).mean())


def typical(values: FloatArray | IntArray, owner: IntArray) -> float:
    """The median over entities of their own medians, as the mean of the middle third."""
    own = pl.DataFrame({"v": values, "e": owner}).group_by("e").agg(pl.col("v").median())
    ordered = np.sort(own["v"].to_numpy())
    margin = (len(ordered) - 1) // 3
    return float(ordered[margin : len(ordered) - margin].mean())


def protected_counts(cells: IntArray, owner: IntArray, size: int, k: int) -> FloatArray:
    """(N,) cells 0 ... size - 1 → (size,) how many are in each.

    No entity counts for more than the one that has k-th most in the cell, so none for more than a
    k-th of what is told; a cell that fewer than k entities are in counts as empty.
    """
    pairs = pl.DataFrame({"c": cells, "e": owner}).group_by("c", "e").len()
    weights = capped(pairs, k, ["c"]).to_numpy()
    return np.bincount(pairs["c"].to_numpy(), weights, size).astype(np.float64)


def capped_lengths(lengths: IntArray, k: int) -> IntArray:
    """(E,) events per entity, none more than the k-th longest history has: to be told as a sum."""
    capped: IntArray = np.minimum(lengths, np.sort(lengths)[-min(k, len(lengths))])
    return capped


def told_count(owner: IntArray, k: int) -> int:
    """How many events there are, by their (N,) entities, told as in `protected_counts`."""
    return round(float(protected_counts(np.zeros_like(owner), owner, 1, k)[0]))


def capped(pairs: pl.DataFrame, k: int, cell: list[str]) -> pl.Series:
    """Weights of (e, len) rows in cells: none weighs more in one than the k-th heaviest entity.

    Args:
        pairs: with columns e, len and the cell's.
        k: entities; in a cell of fewer nobody has weight.
        cell: columns that make a cell; none for the whole.
    """
    keys = [*cell, "e"]
    own = pairs.group_by(keys).agg(own=pl.col("len").sum()).with_columns(whole=pl.lit(0))
    over = cell or ["whole"]
    limit = pl.when(pl.len().over(over) >= k).then(pl.col("own").top_k(k).min().over(over))
    limits = own.with_columns(limit=limit.fill_null(0)).select(*keys, "own", "limit")
    joined = pairs.join(limits, on=keys, how="left", maintain_order="left")
    kept = pl.col("len") * pl.min_horizontal("limit", "own")
    return joined.select(w=kept / pl.col("own"))["w"]


def whole(counts: FloatArray, total: int, k: int) -> FloatArray:
    """(V,) protected counts of cells, of which each of `total` entities is in one.

    Where fewer than k are in those that are not told, which is what is missing to the total, the
    smallest that would be told is not told either.
    """
    if not 0 < total - counts.sum() < k or not counts.any():
        return counts
    smallest = np.argmin(np.where(counts > 0, counts, np.inf))
    return np.where(np.arange(len(counts)) == smallest, 0, counts)
