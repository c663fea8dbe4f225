"""How the values of columns lie in others: on samples for candidates, on all rows for evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anonymizer.datasets.keys.found import Overlap
from anonymizer.datasets.keys.reading.columns import Column, Table, collected
from anonymizer.datasets.keys.uniqueness import TOGETHER

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]

_FEW_PAIRS: Final = 50
_LOOKED_UP: Final = 2_000  # distinct values of a column that are looked for in all parents


@dataclass(frozen=True)
class LookedUp:
    """Some distinct values of columns of one form, which are looked for in one parent at a time.

    Attributes:
        values: every value once, in no order: `key`, and its `place`.
        places: of the values of all columns, one column after the other.
        starts: where each column begins in these.
        counts: values of each column.
    """

    values: pl.DataFrame
    places: Numbers
    starts: Numbers
    counts: Numbers

    @classmethod
    def of(cls, columns: Sequence[Column]) -> "LookedUp":
        """What is looked for of columns, each of which has a value."""
        some = [each.values.head(_LOOKED_UP).alias("key") for each in columns]
        every = pl.concat(some)
        values = every.unique().to_frame().with_row_index("place")
        places = every.to_frame().join(values, on="key", maintain_order="left")["place"]
        counts = np.array([len(each) for each in some])
        return cls(values, places.to_numpy(), np.cumsum(counts) - counts, counts)

    def shares(self, parent: Table, key: Column) -> Floats:
        """Of the values of each column, the share that a unique column of a parent has."""
        keys = parent.frame.select(key=key.key)
        found = collected(keys.join(self.values.lazy(), on="key").select("place"))
        there = np.zeros(len(self.values), dtype=np.int64)
        there[found["place"].to_numpy()] = 1
        return np.asarray(np.add.reduceat(there[self.places], self.starts) / self.counts)


def density(child: Column, parent: Table, key: Column) -> float:
    """Of the numbers between the least and the most of a child, the share that are keys, at most.

    From a sample of keys it is told with a margin: chance is never made too small.
    """
    low, high = int(child.in_order[0]), int(child.in_order[-1])
    within = float(
        np.searchsorted(key.in_order, high, "right") - np.searchsorted(key.in_order, low)
    )
    if len(key.sample) < parent.rows:
        within += 4 * sqrt(within) + 8
    share = within * parent.rows / len(key.sample) / (high - low + 1)
    return min(share, 1.0)


def fit(child: Column, key: Column) -> float:
    """1 less the Kolmogorov distance between the values of a child and all keys, each once.

    Who points to rows points to all of them; who counts something keeps to the small numbers.
    """
    sides = child.in_order, key.in_order
    points = np.concatenate(sides)
    one, other = (np.searchsorted(side, points, "right") / len(side) for side in sides)
    return 1.0 - float(np.abs(one - other).max())


def together(
    columns: tuple[Column, Column], parent: Table, keys: tuple[Column, Column]
) -> tuple[float, float]:
    """Of the pairs in the sample of a child, the share that a parent has; and of pairs by chance.

    By chance: each value of the second column beside one of the first in another row.
    """
    pairs = pl.DataFrame({"0": columns[0].sample, "1": columns[1].sample}).drop_nulls()
    if pairs.height < _FEW_PAIRS:
        return 0.0, 1.0
    shuffled = pairs.with_columns(pl.col("1").shuffle(seed=0))
    wanted = pl.concat([pairs, shuffled]).unique()
    there = parent.frame.select(each.key.alias(str(at)) for at, each in enumerate(keys))
    found = collected(there.join(wanted.lazy(), on=["0", "1"]))
    one, other = (each.join(found, on=["0", "1"], how="semi").height for each in (pairs, shuffled))
    return one / pairs.height, other / pairs.height


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
    every = alike.select("rows", "there", "known", "n").rows()
    known = [(rows, there, n) for rows, there, is_known, n in every if is_known]
    return Overlap(
        rows=sum(rows * n for rows, _, _, n in every),
        nulls=sum(rows for rows, _, is_known, _ in every if not is_known),
        orphans=sum(rows * n for rows, there, n in known if not there),
        distinct=sum(n for rows, _, n in known if rows),
        held=sum(n for rows, there, n in known if rows and there),
        children=_children(alike.filter("known", "there").sort("rows")),
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
