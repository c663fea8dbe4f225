"""Which combinations of values occur, of those that could."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import ClassVar, Final

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray, IntArray, distinct
from anonymizer.relations.base.features import Feature
from anonymizer.relations.base.relation import LEAST_WITNESSES, Relation, fitting
from anonymizer.relations.base.rows import Rows, is_measure

_KNOWN: Final = "\0known"  # beside the columns of the data
_MAX_VALUES: Final = 120  # of a column whose combinations are counted
_MAX_CELLS: Final = 20_000  # that could occur
_MAX_IN_TRIPLES: Final = 10  # columns of which three are taken together
_LEAST_ABSENT: Final = 0.01  # of the rows would be in cells that are empty
_BEYOND_CHANCE: Final = 3.0  # times as many as in cells that are empty by chance
_BEYOND_UNSEEN: Final = 20.0  # times as many as are expected to be there in other rows


@dataclass(frozen=True)
class Together(Relation):
    """Only some combinations of the values of columns occur.

    Attributes:
        together: the columns.
        known: the combinations that enough entities hold, a column each.
    """

    together: tuple[str, ...]
    known: pl.DataFrame | None = field(default=None, repr=False, compare=False)
    kind: ClassVar = "together"
    parts: ClassVar = ("together",)

    def _kept(self, rows: pl.DataFrame) -> pl.Expr | pl.Series:
        known = self.combinations(rows) if self.known is None else self.known
        part = rows.select(self.together)
        marked = fitting(known, part).with_columns(pl.lit(value=True).alias(_KNOWN))
        found = part.join(marked, on=self.together, how="left", maintain_order="left")
        # A value that no combination has says nothing of which go together.
        common = [pl.col(c).is_in(marked[c].unique().implode()) for c in self.together]
        kept = pl.col(_KNOWN).fill_null(value=False)
        return found.select(x=pl.when(pl.all_horizontal(common)).then(kept))["x"]

    def combinations(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Those that occur."""
        return rows.select(self.together).drop_nulls().unique(maintain_order=True)

    def __str__(self) -> str:
        return f"{' × '.join(self.together)}: only some combinations"


def held_combinations(relation: Together, rows: Rows, k: int) -> pl.DataFrame:
    """The combinations that k entities or more hold."""
    part = rows.frame.select(relation.together).with_columns(pl.Series("\0e", rows.owner))
    counts = part.drop_nulls().unique().group_by(relation.together).len("\0n")
    return counts.filter(pl.col("\0n") >= k).drop("\0n").sort(relation.together)


def together(rows: Rows, following: set[frozenset[str]]) -> Iterator[Together]:
    """Pairs and triples of columns of few values, of which many combinations are missing.

    Args:
        rows: to search in.
        following: pairs of columns of which one follows from the other.
    """
    few = [c for c in rows.columns if _has_few_values(rows, c)]
    for pair in combinations(few, 2):
        if _values(rows, pair[0]) * _values(rows, pair[1]) > _MAX_CELLS:
            continue
        if frozenset(pair) in following or _all_occur(rows, *pair):
            continue
        if _is_sparse(_table(rows, pair)):
            yield Together(pair)
    for triple in combinations(few[:_MAX_IN_TRIPLES], 3):
        if np.prod([_values(rows, c) for c in triple]) > _MAX_CELLS:
            continue
        if any(frozenset(p) in following for p in combinations(triple, 2)):
            continue
        if _is_sparse(_table(rows, triple)):
            yield Together(triple)


def _has_few_values(rows: Rows, column: str) -> bool:
    measure = is_measure(rows.schema[column]) or column == rows.entity
    return not measure and 1 < _values(rows, column) <= _MAX_VALUES


def _values(rows: Rows, column: str) -> int:
    return int(rows.codes(Feature(column)).max(initial=-1)) + 1


def _all_occur(rows: Rows, first: str, second: str) -> bool:
    """Whether no combination of two columns is missing."""
    a, b = rows.codes(Feature(first)) + 1, rows.codes(Feature(second)) + 1  # 0 for null
    size = _values(rows, second) + 1
    counts = np.bincount(a * size + b, minlength=(_values(rows, first) + 1) * size)
    return bool(counts.reshape(-1, size)[1:, 1:].all())


def _table(rows: Rows, columns: tuple[str, ...]) -> FloatArray:
    """How many entities have each combination: an axis for each column."""
    codes = np.stack([*(rows.codes(Feature(c)) for c in columns), rows.owner])
    sizes = [_values(rows, c) for c in columns]
    cell = np.zeros(len(rows.owner), np.int64)
    for axis, size in zip(codes, sizes, strict=False):
        cell = cell * size + axis
    whole = (codes >= 0).all(axis=0)
    one = distinct(cell[whole] * (rows.owner.max(initial=0) + 1) + rows.owner[whole])
    found: IntArray = one // (rows.owner.max(initial=0) + 1)
    return np.bincount(found, minlength=int(np.prod(sizes))).reshape(sizes).astype(np.float64)


def _is_sparse(table: FloatArray) -> bool:
    """Whether cells are empty that would not be, however less is known of the columns."""
    total = table.sum()
    empty = table == 0
    unseen = (table == 1).sum()  # of the next rows, by Good and Turing
    least = max(LEAST_WITNESSES, _LEAST_ABSENT * total, _BEYOND_UNSEEN * unseen)
    for expected in _expectations(table):
        missing = expected[empty].sum()
        by_chance = (expected * np.exp(-expected)).sum()
        if missing < max(least, _BEYOND_CHANCE * by_chance):
            return False
    return bool(total)


def _expectations(table: FloatArray) -> Iterator[FloatArray]:
    """What cells would hold if columns were independent, of three given any one of them."""
    total = max(1.0, table.sum())
    if table.ndim == 2:
        yield np.outer(table.sum(1), table.sum(0)) / total
        return
    for axis in range(3):
        moved = np.moveaxis(table, axis, 0)
        given = np.maximum(moved.sum((1, 2)), 1e-9)
        expected = moved.sum(2)[:, :, None] * moved.sum(1)[:, None, :] / given[:, None, None]
        yield np.moveaxis(expected, 0, axis)
