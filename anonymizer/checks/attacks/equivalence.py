"""Equivalence classes: how many entities share their quasi-identifiers, and what a class tells.

k-anonymity, l-diversity and t-closeness, with the entity as the unit: a class is a combination of
values that occurs, its size is the number of entities that hold it, however many rows they have.
An entity with several combinations stands in several classes and is judged by the smallest. Three
kinds of rows are kept apart:

- null among other values is a value of its own;
- rows in which all quasi-identifiers are null are *suppressed*: they form no class;
- rows without an entity belong to nobody and never make a class larger.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray, IntArray

# Names of our own: the columns of the frame may be called anything.
_ENTITY: Final = "entity"
_CLASS: Final = "class"
_VALUE: Final = "value"
_COUNT: Final = "count"

# Names of ranges of class sizes, ends included.
SIZE_BANDS: Final = {"1": (1, 1), "2-4": (2, 4), "5-9": (5, 9), "10+": (10, None)}


class Classes(NamedTuple):
    """The equivalence classes of a table, counted in entities.

    Attributes:
        entities: distinct entities; null is none.
        classes: distinct combinations that somebody holds.
        smallest: k, the size of the smallest class; 0 where there is no class.
        sizes: entities by the size of their smallest class: 1, 2-4, 5-9, 10+.
        average_risk: mean over entities in classes of 1 ÷ size of their smallest class; it is
            classes ÷ entities where each entity has one combination.
        suppressed: entities of which every row is suppressed.
        suppressed_rows: rows of entities in which all quasi-identifiers are null.
        several: entities that hold more than one combination.
        rows_of_nobody: rows whose entity is null.
    """

    entities: int
    classes: int
    smallest: int
    sizes: dict[str, int]
    average_risk: float
    suppressed: int
    suppressed_rows: int
    several: int
    rows_of_nobody: int

    @property
    def highest_risk(self) -> float:
        """1 ÷ k, the chance to pick the right one in the smallest class (prosecutor risk)."""
        return 1 / self.smallest if self.smallest else 0.0

    @property
    def unique(self) -> float:
        """Share of all entities that are alone in a class; NaN without entities."""
        return self.sizes["1"] / self.entities if self.entities else float("nan")


class Diversity(NamedTuple):
    """What the classes of a table tell about a sensitive column.

    Each entity counts once per distinct value it holds in a class. Null is no value for the first
    two, so that missing values never make a class look diverse; closeness takes it as a value.

    Attributes:
        distinct: fewest distinct values in a class, 0 where no class holds a value.
        entropy: least exp(entropy) of the values in a class, 0 where no class holds a value.
        closeness: t, the largest distance between the values of a class and those of the table.
        classes_without_value: classes that hold null only.
        entities_without_value: entities that hold null only.
    """

    distinct: int
    entropy: float
    closeness: float
    classes_without_value: int
    entities_without_value: int


def classes(frame: pl.DataFrame, entity: str, quasi_identifiers: Sequence[str]) -> Classes:
    """Count the entities behind each combination of quasi-identifiers.

    k-anonymity of Sweeney (2002) with entities in the place of rows; prosecutor risks after
    El Emam (2013, chapter 16).

    Args:
        frame: one row or many per entity.
        entity: column that says whose row it is.
        quasi_identifiers: columns that an attacker may know; without any, all are in one class.
    """
    rows = _rows(frame, entity, quasi_identifiers)
    held = rows.drop_nulls(_CLASS).unique().with_columns(size=pl.len().over(_CLASS))
    # Sorted, as groups come in any order and sums of fractions depend on it.
    own = held.group_by(_ENTITY).agg(pl.col("size").min(), combinations=pl.len()).sort("size")
    entities = rows[_ENTITY].n_unique()
    return Classes(
        entities=entities,
        classes=held[_CLASS].n_unique(),
        smallest=_least(own["size"]),
        sizes={
            name: int(own["size"].is_between(*_ends(band)).sum())
            for name, band in SIZE_BANDS.items()
        },
        average_risk=float((1 / own["size"]).mean() or 0.0),  # type: ignore[arg-type]  # (a float)
        suppressed=entities - len(own),
        suppressed_rows=rows[_CLASS].null_count(),
        several=int((own["combinations"] > 1).sum()),
        rows_of_nobody=len(frame) - len(rows),
    )


def _least(counts: pl.Series) -> int:
    """The smallest count; 0 of none."""
    return int(counts.to_numpy().min()) if len(counts) else 0


def _ends(band: tuple[int, int | None]) -> tuple[int, int]:
    """The first and the last size of a band, an open end being a number beyond all sizes."""
    low, high = band
    return low, np.iinfo(np.int32).max if high is None else high


def _rows(
    frame: pl.DataFrame, entity: str, quasi_identifiers: Sequence[str], *more: pl.Expr
) -> pl.DataFrame:
    """Rows of somebody: entity and class, the class null where the row is suppressed.

    A class is named by the first row that belongs to it, which groups null, NaN and nested values
    as Polars does and cannot collide.
    """
    kept = frame.filter(pl.col(entity).is_not_null()).select(
        pl.col(entity).alias(_ENTITY),
        *(pl.col(name).alias(f"{i}") for i, name in enumerate(quasi_identifiers)),
        *more,
    )
    if not quasi_identifiers:
        return kept.with_columns(pl.lit(0).alias(_CLASS))
    names = [f"{i}" for i in range(len(quasi_identifiers))]
    known = pl.any_horizontal(pl.col(names).is_not_null())
    named = pl.when(known).then(pl.col(_CLASS).min().over(names)).alias(_CLASS)
    return kept.with_row_index(_CLASS).with_columns(named).drop(names)


def diversity(
    frame: pl.DataFrame, entity: str, quasi_identifiers: Sequence[str], sensitive: str
) -> Diversity:
    """Judge what the classes tell about one sensitive column.

    Distinct and entropy l-diversity (Machanavajjhala et al. 2007) and t-closeness (Li, Li and
    Venkatasubramanian 2007): the equal distance, which is the total variation, for categories; the
    ordered distance for numbers and times, where the share of nulls is compared apart.

    Args:
        frame: one row or many per entity.
        entity: column that says whose row it is.
        quasi_identifiers: columns that an attacker may know.
        sensitive: column that must not be told.
    """
    value = pl.col(sensitive).alias(_VALUE)
    rows = _rows(frame, entity, quasi_identifiers, value).unique()
    whole = rows.drop(_CLASS).unique().group_by(_VALUE).len(_COUNT)
    counts = rows.drop_nulls(_CLASS).group_by(_CLASS, _VALUE).len(_COUNT)
    known = counts.drop_nulls(_VALUE)
    per_class = known.group_by(_CLASS).agg(distinct=pl.len(), entropy=_entropy())
    holders = rows.group_by(_ENTITY).agg(pl.col(_VALUE).is_null().all())
    return Diversity(
        distinct=_least(per_class["distinct"]),
        entropy=float(np.exp(per_class["entropy"].min())) if len(per_class) else 0.0,  # type: ignore[arg-type]
        closeness=_closeness(counts, whole),
        classes_without_value=counts[_CLASS].n_unique() - len(per_class),
        entities_without_value=int(holders[_VALUE].sum()),
    )


def _entropy() -> pl.Expr:
    """The entropy of counts within a class, in nats."""
    share = pl.col(_COUNT) / pl.col(_COUNT).sum()
    return -(share * share.log()).sum()


def _closeness(counts: pl.DataFrame, whole: pl.DataFrame) -> float:
    """The largest distance of a class to the whole table; 0 where there is no class."""
    if counts.is_empty():
        return 0.0
    dtype = whole.schema[_VALUE]
    if not (dtype.is_numeric() or dtype.is_temporal()):
        return float(equal_distance(*_shares(counts, whole)).max())
    missing = pl.col(_VALUE).is_null().alias(_VALUE)
    nulls = _shares(*(_summed(each.with_columns(missing)) for each in (counts, whole)))
    present = [each.drop_nulls(_VALUE) for each in (counts, whole)]
    ordered = ordered_distance(*_shares(*present)) if len(present[0]) else np.zeros(1)
    return float(max(equal_distance(*nulls).max(), ordered.max()))


def _summed(counts: pl.DataFrame) -> pl.DataFrame:
    """Counts of rows that have become alike, added up."""
    names = [n for n in counts.columns if n != _COUNT]
    return counts.group_by(names).agg(pl.col(_COUNT).sum())


def _shares(
    counts: pl.DataFrame, whole: pl.DataFrame
) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """What the two distances take: class, value and share of each pair, and shares of values."""
    ranked = whole.sort(_VALUE).with_row_index("rank")
    table = (ranked[_COUNT] / ranked[_COUNT].sum()).to_numpy()
    pairs = counts.join(ranked.drop(_COUNT), on=_VALUE, nulls_equal=True).sort(_CLASS, "rank")
    share = pairs.select(pl.col(_COUNT) / pl.col(_COUNT).sum().over(_CLASS)).to_series().to_numpy()
    owner = pairs[_CLASS].rle_id().cast(pl.Int64).to_numpy()
    return owner, pairs["rank"].cast(pl.Int64).to_numpy(), share, table


def equal_distance(
    owner: IntArray, value: IntArray, share: FloatArray, table: FloatArray
) -> FloatArray:
    """The total variation distance of each class to the table.

    Args:
        owner: (P,) class of each pair of a class and a value that it holds, 0 ... C − 1, sorted.
        value: (P,) index of the value.
        share: (P,) of the class that holds the value; a class sums to one.
        table: (V,) share of each value in the table.

    Returns:
        (C,) Σ max(p − q, 0), which needs the values of the class only.
    """
    return _summed_by(owner, np.maximum(share - table[value], 0))


def ordered_distance(
    owner: IntArray, value: IntArray, share: FloatArray, table: FloatArray
) -> FloatArray:
    """The earth mover's distance of each class to the table, values one step apart.

    Σ |P(i) − Q(i)| ÷ (V − 1) over cumulated shares (Li et al. 2007, section 4.1). P is constant
    between two values of a class and Q ascends, so that the sum over such a stretch follows from
    prefix sums and the place where Q passes P: the work grows with the pairs, not with C × V.

    Args:
        owner: (P,) class of each pair, 0 ... C − 1, sorted.
        value: (P,) rank of the value, ascending in a class.
        share: (P,) of the class that holds the value; a class sums to one.
        table: (V,) share of each value in the table, in order.

    Returns:
        (C,) distances in [0, 1].
    """
    if len(table) < 2:
        return np.zeros(int(owner.max(initial=-1)) + 1)
    first = np.diff(owner, prepend=-1) > 0
    before = np.cumsum(share) - share
    level = np.cumsum(share) - before[first][owner]
    stop = np.append(np.where(first, len(table), value)[1:], len(table))
    found = _summed_by(owner, _stretch(table, level, value, stop))
    start = np.flatnonzero(first)
    found += _stretch(table, np.zeros(len(start)), np.zeros_like(start), value[start])
    return found / (len(table) - 1)


def _stretch(table: FloatArray, level: FloatArray, start: IntArray, stop: IntArray) -> FloatArray:
    """Σ |level − Q(i)| for start ≤ i < stop."""
    cumulated = np.cumsum(table)
    total = np.append(0, np.cumsum(cumulated))
    turn = np.clip(np.searchsorted(cumulated, level), start, stop)
    below = level * (turn - start) - (total[turn] - total[start])
    above = (total[stop] - total[turn]) - level * (stop - turn)
    found: FloatArray = below + above
    return found


def _summed_by(owner: IntArray, number: FloatArray) -> FloatArray:
    """(C,) numbers added up by class."""
    return np.bincount(owner, number).astype(np.float64)
