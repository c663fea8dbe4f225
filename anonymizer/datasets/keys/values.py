"""How the values of columns lie in others: on samples for candidates, on all rows for evidence."""

from collections.abc import Iterable
from math import sqrt
from typing import Final

import polars as pl

from anonymizer.datasets.keys.found import Overlap
from anonymizer.datasets.keys.reading.columns import Column, Table, collected
from anonymizer.datasets.keys.uniqueness import TOGETHER

_LOOKED_UP: Final = 2_000  # distinct values of a column that are looked for in all parents


def looked_up(columns: Iterable[Column]) -> pl.DataFrame:
    """Some distinct values of each column: `column`, its place, and `key`. Columns of one form."""
    parts = [
        each.values.head(_LOOKED_UP).alias("key").to_frame().with_columns(column=pl.lit(place))
        for place, each in enumerate(columns)
    ]
    return pl.concat(parts)


def shares(parent: Table, key: Column, values: pl.DataFrame) -> dict[int, float]:
    """Of the values of each column, the share that a unique column of a parent has."""
    keys = parent.frame.select(key=key.key)
    there = collected(keys.join(values.lazy(), on="key").group_by("column").agg(n=pl.len()))
    every = values.group_by("column").agg(all=pl.len())
    told = there.join(every, on="column").select("column", pl.col("n") / pl.col("all"))
    return dict(told.iter_rows())


def density(child: Column, parent: Table, key: Column) -> float:
    """Of the numbers between the least and the most of a child, the share that are keys, at most.

    From a sample of keys it is told with a margin: chance is never made too small.
    """
    low, high = child.values.to_frame().select(low=pl.first().min(), high=pl.first().max()).row(0)
    within = float(key.values.is_between(low, high).sum())
    if len(key.sample) < parent.rows:
        within += 4 * sqrt(within) + 8
    share = within * parent.rows / len(key.sample) / (int(high) - int(low) + 1)
    return min(share, 1.0)


def fit(child: Column, key: Column) -> float:
    """1 less the Kolmogorov distance between the values of a child and all keys, each once.

    Who points to rows points to all of them; who counts something keeps to the small numbers.
    """
    ones, others = child.values.sort(), key.values.sort()
    points = pl.concat([ones, others]).unique()
    places = [v.search_sorted(points, side="right") / len(v) for v in (ones, others)]
    return 1.0 - float((places[0] - places[1]).abs().max() or 0)  # type: ignore[arg-type]  # (a number)


def overlap(
    child: Table, columns: tuple[Column, ...], parent: Table, keys: tuple[Column, ...]
) -> Overlap:
    """Count on all rows how a child points into its parent."""
    sides = pl.concat(
        [
            _keyed(child, columns).with_columns(
                rows=pl.lit(1, pl.UInt32), there=pl.lit(value=False)
            ),
            _keyed(parent, keys).with_columns(rows=pl.lit(0, pl.UInt32), there=pl.lit(value=True)),
        ]
    )
    each = sides.group_by("key").agg(pl.col("rows").sum(), pl.col("there").any())
    alike = each.group_by("rows", "there", known=pl.col("key").is_not_null()).agg(n=pl.len())
    return _counted(collected(alike))


def _counted(alike: pl.DataFrame) -> Overlap:
    """The figures, from how many keys have how many `rows` and are `there` in the parent."""
    rows, some, there = pl.col("rows") * pl.col("n"), pl.col("rows") > 0, pl.col("there")
    known = alike.filter("known")
    nulls = int(alike.filter(~pl.col("known"))["rows"].sum())
    return Overlap(
        rows=int(alike.select(rows.sum()).item()),
        nulls=nulls,
        orphans=int(known.filter(~there).select(rows.sum()).item()),
        distinct=int(known.filter(some)["n"].sum()),
        held=int(known.filter(some & there)["n"].sum()),
        children=_children(known.filter(there).sort("rows")),
    )


def _keyed(table: Table, columns: tuple[Column, ...]) -> pl.LazyFrame:
    """One column `key` that holds the columns, null where one of them is."""
    if len(columns) == 1:
        return table.frame.select(columns[0].key.alias("key"))
    keys = table.frame.select(each.key.alias(str(at)) for at, each in enumerate(columns))
    known = pl.all_horizontal(pl.all().is_not_null())
    return keys.select(key=pl.when(known).then(TOGETHER))


def _children(parents: pl.DataFrame) -> tuple[int, float, int]:
    """Least, median and most rows per key of the parent, those without any included."""
    if parents.is_empty():
        return 0, 0.0, 0
    rows, upto = parents["rows"], parents["n"].cum_sum()
    middle = ((upto[-1] - 1) // 2, upto[-1] // 2)
    low, high = (rows[int((upto <= place).sum())] for place in middle)
    return rows[0], (low + high) / 2, rows[-1]
