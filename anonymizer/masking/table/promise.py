"""What every class of rows must have: k entities, and the spread of what is sensitive. Arrays in.

A class is a combination of published values; rows of nobody stand in classes and count in none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.masking.rules.anonymity import Sensitive

Codes = npt.NDArray[np.int32]

NULL_CODE: Final = -1  # the code of null
_LARGEST_KEY: Final = 2**62  # of a combination of codes in one number
# Classes are numbered by a table of up to so many entries for each row, and by sorting beyond.
_TABLE_PER_ROW: Final = 8
_FACTORS: Final = np.random.default_rng(0).integers(2**62, size=1_000) * 2 + 1
_ROUNDING_ERROR: Final = 1e-9


@dataclass(frozen=True)
class Confidential:
    """A sensitive column as numbers, and what is promised of it.

    Attributes:
        codes: (P,) its values, in their order where they have one; -1 is null, which is no value.
        ordered: whether they have one.
        promised: what is promised of it.
    """

    codes: Codes
    ordered: bool
    promised: Sensitive


@dataclass(frozen=True)
class Promise:
    """What is promised of every class, and whose the rows are.

    Attributes:
        entity: (P,) whose row it is; None where every entity has one row, and `weight` many.
        weight: (P,) how many entities have this row; 0 where it is nobody's.
        k: how many entities a class must have.
        confidential: the sensitive columns.
    """

    entity: npt.NDArray[np.uint32] | None
    weight: IntArray
    k: int
    confidential: list[Confidential]

    def kept(
        self, rows: IntArray, values: Codes, columns: Sequence[int], mixture: IntArray
    ) -> BoolArray:
        """(R,) whether each row stands in a class that keeps the promise, if it has just these.

        Args:
            rows: (R,) places of rows.
            values: (P, Q) of all rows.
            columns: those that make the classes.
            mixture: (R,) of these columns.
        """
        some = np.flatnonzero(self.may_share(rows, mixture))
        classes = classes_of([values[rows[some], column] for column in columns])
        keeps = np.zeros(len(rows), dtype=np.bool_)
        keeps[some] = self.holds(rows[some], classes)[classes]
        return keeps

    def may_share(self, rows: IntArray, mixture: IntArray) -> BoolArray:
        """(R,) whether each row stands in a bucket with k entities.

        A class is in one bucket as a whole, few buckets have several, and to deal rows into buckets
        takes a fraction of the time that it takes to sort them into classes.
        """
        bits = (2 * len(rows)).bit_length() + 1
        buckets = (mixture.view(np.uint64) >> np.uint64(64 - bits)).astype(np.int64)
        weights = np.bincount(buckets, self.weight[rows], minlength=2**bits)
        shares: BoolArray = weights[buckets] >= self.k
        return shares

    def holds(self, rows: IntArray, classes: IntArray) -> BoolArray:
        """(C,) whether each class keeps the promise, if it has just some of the rows.

        Args:
            rows: (R,) places of rows.
            classes: (R,) the class of each of them, from 0.
        """
        holds = self.entities(rows, classes) >= self.k
        for column, whole in zip(self.confidential, self._whole, strict=True):
            table = self._distribution(column, rows, classes, len(holds))
            holds &= table.keeps(column, whole)
        return holds

    @cached_property
    def _whole(self) -> list["Distribution"]:
        """How the values of each sensitive column are spread in the whole table."""
        every = np.arange(len(self.weight))
        return [self._distribution(each, every, 0 * every, 1) for each in self.confidential]

    def entities(self, rows: IntArray, classes: IntArray) -> IntArray:
        """(C,) how many entities each class has."""
        height = int(classes.max(initial=-1)) + 1
        if self.entity is None:
            return np.bincount(classes, self.weight[rows], minlength=height).astype(np.int64)
        owned = self.weight[rows] > 0
        pairs = pl.DataFrame({"class": classes[owned], "entity": self.entity[rows[owned]]}).unique()
        return np.bincount(pairs["class"].to_numpy(), minlength=height)

    def number(self, rows: BoolArray) -> int:
        """How many entities have at least one of some rows."""
        taken = np.flatnonzero(rows)
        return int(self.entities(taken, np.zeros_like(taken)).sum())

    def _distribution(
        self, column: Confidential, rows: IntArray, classes: IntArray, height: int
    ) -> "Distribution":
        frame = pl.DataFrame(
            {"class": classes, "value": column.codes[rows], "weight": self.weight[rows]}
        )
        if self.entity is not None:
            frame = frame.with_columns(entity=self.entity[rows])
        frame = frame.filter(pl.col("value") != NULL_CODE, pl.col("weight") > 0)
        if self.entity is not None:
            frame = frame.unique(["class", "value", "entity"])
        counts = frame.group_by("class", "value").agg(pl.col("weight").sum()).sort("class", "value")
        return Distribution(
            counts["class"].to_numpy(),
            counts["value"].to_numpy().astype(np.int64),
            counts["weight"].to_numpy().astype(np.float64),
            height,
            int(column.codes.max(initial=0)) + 1,
        )


def mixture_of(columns: Sequence[Codes] | Codes, first: int = 0) -> IntArray:
    """(P,) a number that equal combinations have in common, and few others; null adds nothing.

    Args:
        columns: (P,) each, the codes; or (Q, P).
        first: the place of the first of them, of which the mixture is a sum.
    """
    mixture = np.zeros(len(columns[0]), dtype=np.int64)
    for codes, factor in zip(columns, _FACTORS[first:], strict=False):
        mixture += (codes + np.int64(1)) * factor
    return mixture


def classes_of(columns: Sequence[npt.NDArray[Any]]) -> IntArray:
    """(P,) a number from 0 for each combination of codes, -1 being one of them."""
    key, width = np.zeros(len(columns[0]), dtype=np.int64), 1
    for codes in columns:
        values = int(codes.max(initial=0)) + 2
        if width * values > _LARGEST_KEY:
            key = _dense(key, width)
            width = int(key.max(initial=0)) + 1
        key = key * values + codes + 1
        width *= values
    return _dense(key, width)


def _dense(key: IntArray, width: int) -> IntArray:
    """(P,) the same classes, with numbers from 0 without gaps; `width` is above all keys."""
    if width > _TABLE_PER_ROW * len(key):
        return np.unique(key, return_inverse=True)[1].astype(np.int64)
    occurs = np.zeros(width, dtype=np.bool_)
    occurs[key] = True
    return (np.cumsum(occurs) - 1)[key]


@dataclass(frozen=True)
class Distribution:
    """How the values of a column are spread in each class; entries that are not there are zero.

    Attributes:
        classes: (N,) ascending.
        values: (N,) ascending within a class.
        counts: (N,) entities, above zero.
        height: number of classes C.
        width: number of values V.
    """

    classes: IntArray
    values: IntArray
    counts: FloatArray
    height: int
    width: int

    @cached_property
    def shares(self) -> FloatArray:
        """(N,) the share of the entities of the class that have the value."""
        return self.counts / self._summed(self.counts)[self.classes]

    def _summed(self, entries: FloatArray) -> FloatArray:
        return np.bincount(self.classes, entries, minlength=self.height).astype(np.float64)

    def keeps(self, column: Confidential, whole: "Distribution") -> BoolArray:
        """(C,) whether each class keeps what is asked of a sensitive column."""
        promised, keeps = column.promised, np.ones(self.height, dtype=np.bool_)
        if promised.l is not None:
            keeps &= self.diversity(promised.kind) >= promised.l - _ROUNDING_ERROR
        if promised.t is not None:
            distance = self.distance(whole, ordered=column.ordered)
            keeps &= distance <= promised.t + _ROUNDING_ERROR
        return keeps

    def diversity(self, kind: str) -> FloatArray:
        """(C,) the l of each class: its distinct values, or the exponential of its entropy.

        They are distinct and entropy l-diversity (Machanavajjhala et al. 2007).
        """
        if kind == "distinct":
            return self._summed(np.ones_like(self.counts))
        has_values = self._summed(self.counts) > 0
        return np.where(has_values, np.exp(-self._summed(self.shares * np.log(self.shares))), 0.0)

    def distance(self, whole: "Distribution", *, ordered: bool) -> FloatArray:
        """(C,) the earth mover's distance of each class from the whole table, 0 to 1.

        Over ranks, divided by the number of values less one, where they have an order; else all
        values are equally far from each other (Li et al. 2007, section 5). A class without values
        is at 0: it tells nothing.
        """
        everywhere = np.zeros(self.width)
        everywhere[whole.values] = whole.shares
        has_values = self._summed(self.counts) > 0
        if ordered:
            return np.where(has_values, self._over_ranks(np.cumsum(everywhere)), 0.0)
        common = self._summed(np.minimum(self.shares, everywhere[self.values]))
        return np.where(has_values, 1.0 - common, 0.0)

    def _over_ranks(self, below: FloatArray) -> FloatArray:
        """(C,) the mean difference of the distribution functions of a class and of the table.

        The former is constant between its values and the latter rises, so that the two cross once
        in each such stretch, and sums of the latter give the area on both sides.
        """
        first = np.flatnonzero(np.diff(self.classes, prepend=-1))
        running = np.cumsum(self.shares)
        before = (running - self.shares)[first]
        level = running - np.repeat(before, np.diff(first, append=len(self.shares)))
        last = np.append(self.classes[1:] != self.classes[:-1], True)
        end = np.where(last, self.width - 1, np.append(self.values[1:], 0))
        sums = np.concatenate([[0.0], np.cumsum(below)])
        areas = _area(level, below, sums, self.values, np.maximum(end, self.values))
        head = _area(np.zeros(len(first)), below, sums, np.zeros_like(first), self.values[first])
        total = self._summed(areas)
        total[self.classes[first]] += head
        return total / max(self.width - 1, 1)


def _area(
    level: FloatArray, below: FloatArray, sums: FloatArray, start: IntArray, end: IntArray
) -> FloatArray:
    """The sum of |level - below| over the ranks from a start to before an end."""
    cross = np.clip(np.searchsorted(below, level), start, end)
    under = level * (cross - start) - (sums[cross] - sums[start])
    over = sums[end] - sums[cross] - level * (end - cross)
    return under + over
