"""Which cells are hidden, so that rows stand in classes that keep a promise. Arrays in and out.

A row in too small a class loses some of its quasi-identifiers: as few as bring it into a class that
keeps the promise, null being a value like others in it. Sets of columns are tried one after the
other, smaller ones first and among these the one that helps most; the rows that it helps are done.
So a row by itself is masked by the first set in this order whose class is known, as in the whole
table. What no set helps is hidden as a whole. (Local suppression: Samarati and Sweeney 1998; the
order by size is that of mu-Argus.)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from anonymizer.arrays import BoolArray, IntArray
from anonymizer.masking.table.promise import (
    NULL_CODE,
    Codes,
    Promise,
    classes_of,
    mixture_of,
)

ColumnSet = tuple[int, ...]
# Of the sets of one size, so many that help most are tried and grow by a column: all of them up to
# four columns. With 20 of them, eight columns lost 1 % less and took twice the time.
_SETS_KEPT: Final = 8
_LONELY_SEEN: Final = 32


@dataclass(frozen=True)
class Suppression:
    """Which cells are hidden.

    Attributes:
        sets: the sets of columns that were hidden, in their order; first none, last all of them.
        taken: (P,) the number of the set that each row lost.
        published: (P, Q) what is shown.
        settled: whether those of whom nothing is shown keep the promise as well, or are nobody.
    """

    sets: tuple[ColumnSet, ...]
    taken: IntArray
    published: Codes
    settled: bool

    def hidden(self, values: Codes) -> BoolArray:
        """(P, Q) which cells show nothing and did before."""
        hidden: BoolArray = (self.published == NULL_CODE) & (values != NULL_CODE)
        return hidden

    @property
    def lonely(self) -> BoolArray:
        """(P,) the rows of which nothing is shown."""
        lonely: BoolArray = self.taken == len(self.sets) - 1
        return lonely


class Group(NamedTuple):
    """Rows that lost one set of columns and look alike without it.

    Attributes:
        columns: the set.
        shown: (Q,) what is shown of them.
    """

    columns: ColumnSet
    shown: Codes

    def among(self, values: Codes) -> BoolArray:
        """(P,) the rows that look like that without these columns."""
        others = [place for place in range(values.shape[1]) if place not in self.columns]
        alike: BoolArray = (values[:, others] == self.shown[others]).all(axis=1)
        return alike


def hide(
    values: Codes, stay: BoolArray, promise: Promise, barred: Sequence[Group] = ()
) -> Suppression:
    """Hide the cells of rows that cannot stay as they are.

    Args:
        values: (P, Q) the quasi-identifiers.
        stay: (P,) rows that stand in classes that keep the promise.
        promise: what every class must have.
        barred: groups that must not stand by themselves, for the sake of others.
    """
    hiding = _Hiding(values, stay, promise, barred)
    grown: list[ColumnSet] = [()]
    for _ in hiding.columns[1:]:
        if not hiding.open.any():
            break
        grown = hiding.try_sets(grown)
    return hiding.rest_hidden()


class _Hiding:
    """Rows that are done, with what is shown of them, and rows that are open."""

    def __init__(
        self, values: Codes, stay: BoolArray, promise: Promise, barred: Sequence[Group]
    ) -> None:
        self.published = values.copy("F")  # columns are contiguous: reading them takes the time
        self.mixture = mixture_of(values.T)
        self.barred = [(each.columns, each.among(values)) for each in barred]
        self.open = ~stay | self._barred(())
        self.columns = np.flatnonzero((values != NULL_CODE).any(axis=0)).tolist()
        self.gaps = (values[:, self.columns] == NULL_CODE).any(axis=1)
        self.promise = promise
        self.sets: list[ColumnSet] = [()]
        self.taken = np.zeros(len(values), dtype=np.int64)

    def try_sets(self, grown: Iterable[ColumnSet]) -> list[ColumnSet]:
        """Hide sets of one column more, the one that helps most first; those that may grow."""
        sets = {tuple(sorted((*each, c))) for each in grown for c in self.columns if c not in each}
        helped = {each: int(self.promise.weight[self._helped(each)].sum()) for each in sets}
        best = sorted(sets, key=lambda each: (-helped[each], each))[:_SETS_KEPT]
        for each in best:
            if helped[each]:
                self._hide(each, self._helped(each))
        return best

    def _helped(self, columns: ColumnSet) -> IntArray:
        """The open rows that stand in a class that keeps the promise without some columns."""
        rest = [place for place in self.columns if place not in columns]
        rows, company = np.flatnonzero(self.open & ~self._barred(columns)), self._company(columns)
        if self.gaps.any():
            rows = rows[(self.published[rows[:, None], rest] != NULL_CODE).any(axis=1)]
        mixture = self.mixture[rows]
        for place in columns:
            mixture -= mixture_of([self.published[rows, place]], place)
        every = np.concatenate([rows, company])
        mixture = np.concatenate([mixture, mixture_of(self.published[company].T)])
        kept = self.promise.kept(every, self.published, rest, mixture)
        return rows[kept[: len(rows)]]

    def _company(self, columns: ColumnSet) -> IntArray:
        """Rows that are done and show none of some columns, which no row has lost so far.

        They have nulls of their own: a set is hidden once, and sets that are part of it before it.
        """
        done = np.flatnonzero(self.gaps & ~self.open)
        company: IntArray = done[(self.published[done[:, None], columns] == NULL_CODE).all(axis=1)]
        return company

    def _barred(self, columns: ColumnSet) -> BoolArray:
        """(P,) the rows that must not lose just these columns."""
        barred = np.zeros(len(self.published), dtype=np.bool_)
        for lost, rows in self.barred:
            barred |= rows & (lost == columns)
        return barred

    def _hide(self, columns: ColumnSet, rows: IntArray) -> None:
        if len(rows):
            self.published[rows[:, None], columns] = NULL_CODE
            self.taken[rows] = len(self.sets)
            self.open[rows] = False
            self.sets.append(columns)

    def rest_hidden(self) -> Suppression:
        """All open rows hidden as a whole."""
        rest = np.flatnonzero(self.open)
        self.published[rest], self.taken[rest] = NULL_CODE, len(self.sets)
        self.sets.append(tuple(range(self.published.shape[1])))
        settled = not len(rest) or bool(self.promise.holds(rest, np.zeros_like(rest))[0])
        return Suppression(tuple(self.sets), self.taken, self.published, settled)


def nearest_groups(values: Codes, suppression: Suppression, weight: IntArray) -> list[Group]:
    """The groups that are shown, first those that could join lonely rows with the fewest cells."""
    shown = np.flatnonzero(~suppression.lonely)
    groups = classes_of([suppression.taken[shown], *suppression.published[shown].T])
    _, first = np.unique(groups, return_index=True)
    sets, looks = suppression.taken[shown[first]], suppression.published[shown[first]]
    lonely = np.unique(values[suppression.lonely], axis=0)[:_LONELY_SEEN]
    apart = (looks[:, None] != lonely) & (looks[:, None] != NULL_CODE)
    cells = apart.sum(axis=2).min(axis=1) * np.bincount(groups, weight[shown])
    order = np.argsort(cells, kind="stable")
    return [Group(suppression.sets[sets[group]], looks[group]) for group in order]
