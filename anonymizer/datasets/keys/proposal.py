"""Which column points to which: names and values together decide, and ties are not decided."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Final

import numpy as np

from anonymizer.datasets.keys.reading.columns import Column, Table
from anonymizer.datasets.keys.reading.names import Match, Names
from anonymizer.datasets.keys.uniqueness import Unique
from anonymizer.datasets.keys.values import LookedUp, density, fit

STRONG: Final = 0.6  # names that say where a column points, whatever its values could mean
_WEAK: Final = 0.3  # names that agree with values that could be chance
_THERE: Final = 0.5  # of the values in the sample: orphans have values that hardly repeat
_MOST: Final = 0.7  # of many distinct values: orphans hardly repeat, so their share is larger
_NEARLY_ALL: Final = 0.93  # of few
_FITS: Final = 0.8
_KOLMOGOROV: Final = 1.36  # over the root of n: how far 19 of 20 samples lie at most
_MANY: Final = 20  # distinct values from which a neat fit is hardly chance
_CODES: Final = ((20, 2), (5, 3), (3, 6))  # that many texts of that many letters tell
_SAME: Final = 0.05  # shares that differ by less tell nothing
_SIGMAS: Final = 6.0


@dataclass(frozen=True)
class Candidate:
    """A column that may point to a unique column of a table.

    Attributes:
        child: the column.
        parent: the table.
        key: its unique column.
        match: what the names say.
        share: of the child's values in the sample, those that are keys.
        own: how well the child is named after its own table, whose primary key it is; else 0.
        points: its name says an id, or a person.
    """

    child: Column
    parent: Table
    key: Column
    match: Match
    share: float
    own: float
    points: bool

    @cached_property
    def fit(self) -> float:
        """How evenly the values lie among the keys; 1 for text."""
        return fit(self.child, self.key) if self.child.form == "whole" else 1.0

    @cached_property
    def is_telling(self) -> bool:
        """Whether other columns would hardly have such values by chance."""
        many, lengths = len(self.child.values), self.child.lengths
        if not self._are_there:
            return False
        if self.child.form == "text":
            return any(many >= least and lengths >= long for least, long in _CODES)
        chance = density(self.child, self.parent, self.key)
        sigma = sqrt(max(chance * (1 - chance), 1 / many) / many)
        return many >= 5 and chance < 0.9 and self.share - chance > _SIGMAS * sigma

    @property
    def _are_there(self) -> bool:
        return self.share >= (_MOST if len(self.child.values) >= _MANY else _NEARLY_ALL)

    @property
    def _fits(self) -> bool:
        """Whether the values lie as evenly among the keys as so few drawn from them would."""
        return self.fit >= min(_FITS, 1 - _KOLMOGOROV / sqrt(len(self.child.values)))

    @property
    def _numbers_anew(self) -> bool:
        """Whether a unique column has all keys there are, as any numbering from one has."""
        return len(self.child.values) >= min(self.parent.rows, len(self.key.values))

    @property
    def is_likely(self) -> bool:
        """Whether names and values together speak for it."""
        score = self.match.score
        if self.own:
            return score >= STRONG and score > self.own
        if score >= STRONG:
            return True
        if self.child.may_be_unique and (score < _WEAK or self._numbers_anew):
            return self.is_telling
        all_there = self.share == 1 and len(self.child.values) >= _MANY
        named = score >= _WEAK or (self.points and all_there)
        return self.is_telling or (named and self._are_there and self._fits)

    @property
    def order(self) -> tuple[float, ...]:
        """The likelier, the greater."""
        neat = round(self.fit, 1)
        return (round(self.match.score, 2), self.is_telling, neat, self.share, self.parent.rows)


def candidates(
    tables: Mapping[str, Table], unique: Mapping[str, Unique], names: Names
) -> dict[tuple[str, str], list[Candidate]]:
    """Of each column, by table and name, where it may point, the likeliest first."""
    found: dict[tuple[str, str], list[Candidate]] = {}
    for form in ("whole", "text"):
        columns = [
            c for t in tables.values() for c in t.columns if c.form == form and len(c.values)
        ]
        if not columns:
            continue
        looked_up = LookedUp.of(columns)
        for name, parent in tables.items():
            for key in _keys(unique[name], names, form):
                shares = looked_up.shares(parent, key)
                for place in np.flatnonzero(shares >= _THERE):
                    if (child := columns[place]) != key:
                        share = float(shares[place])
                        each = _candidate((child, parent, key), share, unique, names)
                        found.setdefault((child.table, child.name), []).append(each)
    return found


def _keys(unique: Unique, names: Names, form: str) -> Iterator[Column]:
    """The primary key, and other unique columns that are no texts, times or measures."""
    for key in unique.singles:
        if key.form == form and (unique.is_primary(key) or names.rank(key) < names.RANK_OF_TEXT):
            yield key


def _candidate(
    pair: tuple[Column, Table, Column], share: float, unique: Mapping[str, Unique], names: Names
) -> Candidate:
    child, parent, key = pair
    is_own = unique[child.table].is_primary(child)
    return Candidate(
        child,
        parent,
        key,
        names.match(child, key, primary=unique[parent.name].is_primary(key)),
        share,
        max(names.own(child), 0.01) if is_own else 0.0,
        names.points(child),
    )


def chosen(found: Sequence[Candidate], named: float) -> tuple[list[Candidate], str | None]:
    """Those to be counted on all rows, the likeliest first; or why none of them is taken.

    Args:
        found: where one column may point.
        named: how strongly its name speaks for any table, there or not.
    """
    fit = [each for each in found if _not_against(each, named) and each.is_likely]
    fit.sort(key=lambda each: each.order, reverse=True)
    if len(fit) > 1 and _tie(fit[0], fit[1]):
        first, second = fit[0], fit[1]
        return [], (
            f"{first.child.table}.{first.child.name} may point to {first.parent.name} or to "
            f"{second.parent.name}: declare which"
        )
    return fit, None


def _not_against(each: Candidate, named: float) -> bool:
    """Whether the name does not rather say another table."""
    return each.match.score >= min(named, STRONG) - 0.1 or each.is_telling


def _tie(first: Candidate, second: Candidate) -> bool:
    return (
        first.match.score < STRONG
        and first.parent.name != second.parent.name
        and first.order[:3] == second.order[:3]
        and not first.is_telling
        and first.share - second.share < _SAME
    )
