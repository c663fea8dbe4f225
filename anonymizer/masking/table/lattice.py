"""The search for the least generalisation that keeps a promise. Arrays in, a node out.

Every quasi-identifier has steps, from its own mask to null; a node of the lattice is one step of
each. What a node loses is Iyengar's measure (KDD 2002), per entity: for each value, the share of
the column's finest values that it stands for, and 1 for what is suppressed; the mean of the
quasi-identifiers. Generalisation alone is a lower bound of what a node loses and needs no counting:
nodes are counted in its order, until the bound exceeds the best node. So the result is the optimum.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from anonymizer.masking.rules.anonymity import Sensitive

Codes = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
LatticeNode = tuple[int, ...]

NULL_CODE: Final = -1  # the code of null
# Classes are numbered by a table of up to so many entries, and by sorting beyond.
_LARGEST_CLASS_TABLE: Final = 2**25
_ROUNDING_ERROR: Final = 1e-9


@dataclass(frozen=True)
class Attribute:
    """One quasi-identifier, as numbers for its values at every step.

    Attributes:
        codes: (P,) which of its finest values a row has.
        steps: (S, V) the value that stands for each finest one at each step; -1 is null. The last
            step is null throughout.
    """

    codes: Codes
    steps: Codes

    @cached_property
    def losses(self) -> Floats:
        """(S, V) what each finest value loses at each step, 0 to 1."""
        others = max(self.steps.shape[1] - 1, 1)
        return np.array([(_sizes(step) - 1) / others for step in self.steps[:-1]] + [self._all])

    @property
    def _all(self) -> Floats:
        return np.ones(self.steps.shape[1])


def _sizes(step: Codes) -> Floats:
    """(V,) how many finest values share the value of each."""
    _, inverse, counts = np.unique(step, return_inverse=True, return_counts=True)
    return counts[inverse].astype(np.float64)


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
class Counted:
    """A node of the lattice with its equivalence classes.

    Attributes:
        node: the step of each quasi-identifier.
        rows: (P,) the class of each row.
        entities: (C,) how many entities hold each class.
        holds: (C,) whether the class keeps the promise and shows anything.
        loss: of the node, 0 to 1.
        suppressed: the share of entities in classes that do not.
    """

    node: LatticeNode
    rows: Ints
    entities: Ints
    holds: npt.NDArray[np.bool_]
    loss: float
    suppressed: float


@dataclass(frozen=True)
class Lattice:
    """Distinct rows of entity, quasi-identifiers and sensitive values, and the promise.

    Attributes:
        attributes: the quasi-identifiers.
        entity: (P,) whose row it is; None where every entity has one row, and `weight` many.
        weight: (P,) how many entities have this row.
        k: how many entities a class must have.
        confidential: the sensitive columns.
    """

    attributes: list[Attribute]
    entity: npt.NDArray[np.uint32] | None
    weight: Ints
    k: int
    confidential: list[Confidential]

    def least_loss(self, limit: float) -> Counted:
        """The node that loses least among those that suppress no more than a share."""
        best: Counted | None = None
        for bound, node in self._nodes():
            if best is not None and bound >= best.loss:
                break
            counted = self.counted(node)
            if counted.suppressed <= limit and (best is None or counted.loss < best.loss):
                best = counted
        if best is None:
            raise ValueError("no node keeps the promise")
        return best

    def _nodes(self) -> list[tuple[float, LatticeNode]]:
        """All nodes with the loss of their generalisation alone, the least first."""
        losses = [self._step_losses(attribute) for attribute in self.attributes]
        nodes = product(*(range(len(loss)) for loss in losses))
        return sorted((_mean_loss(losses, node), node) for node in nodes)

    def _step_losses(self, attribute: Attribute) -> list[float]:
        each = attribute.losses[:, attribute.codes] @ self._holders
        return [float(loss) for loss in each / self._holders.sum()]

    @cached_property
    def _holders(self) -> Floats:
        """(P,) how many entities have the row's finest combination, shared among its rows."""
        if self.entity is None:
            return self.weight.astype(np.float64)
        finest = classes_of([attribute.codes for attribute in self.attributes])
        pairs = classes_of([finest, self.entity.astype(np.int64)])
        return 1.0 / np.bincount(pairs)[pairs]

    def counted(self, node: LatticeNode) -> Counted:
        """A node with its equivalence classes formed and counted."""
        shown = [
            attribute.steps[step][attribute.codes]
            for attribute, step in zip(self.attributes, node, strict=True)
        ]
        rows = classes_of(shown)
        entities = self._entities(rows)
        holds = entities >= self.k
        for column in self.confidential:
            holds &= self.keeps(column, rows, len(entities))
        blank = np.all([values == NULL_CODE for values in shown], axis=0)
        holds[rows[blank]] = False
        suppressed = float(self._shares @ (~holds[rows] & ~blank))
        counted = Counted(node, rows, entities, holds, 0.0, suppressed)
        return replace(counted, loss=self.loss(counted, holds))

    def loss(self, counted: Counted, shown: npt.NDArray[np.bool_]) -> float:
        """The loss of a node, 0 to 1, where only some of its classes are shown."""
        losses = [
            attribute.losses[step][attribute.codes]
            for attribute, step in zip(self.attributes, counted.node, strict=True)
        ]
        lost = np.where(shown[counted.rows], np.mean(losses, axis=0), 1.0)
        return float(self._shares @ lost)

    @cached_property
    def _shares(self) -> Floats:
        shares: Floats = self._holders / self._holders.sum()
        return shares

    def settled(self, counted: Counted, *, ownerless: bool) -> npt.NDArray[np.bool_] | None:
        """(C,) which classes are shown, so that what is suppressed keeps the promise as well.

        Who is missing from all classes is known to be among the suppressed: they are a class of
        their own. Where it is too small, the smallest classes join it.

        Args:
            counted: a node with its classes.
            ownerless: whether rows without an entity may be suppressed too.

        Returns:
            None where even the whole table does not keep the promise.
        """
        shown = counted.holds.copy()
        smallest_first = np.argsort(counted.entities, kind="stable")
        joining = smallest_first[shown[smallest_first]]
        for taken in range(len(joining) + 1):
            shown[joining[:taken]] = False
            if self._may_suppress(~shown[counted.rows], ownerless=ownerless):
                return shown
        return None

    def _may_suppress(self, suppressed: npt.NDArray[np.bool_], *, ownerless: bool) -> bool:
        if not suppressed.any() and not ownerless:
            return True
        sides = suppressed.astype(np.int64)
        promises = [self.keeps(column, sides, 2)[1] for column in self.confidential]
        return self.number(suppressed) >= self.k and all(promises)

    def number(self, rows: npt.NDArray[np.bool_]) -> int:
        """How many entities have at least one of some rows."""
        if self.entity is None:
            return int(self.weight[rows].sum())
        return len(np.unique(self.entity[rows]))

    def _entities(self, rows: Ints) -> Ints:
        """(C,) how many entities each class has."""
        if self.entity is None:
            return np.bincount(rows, self.weight).astype(np.int64)
        pairs = pl.DataFrame({"class": rows, "entity": self.entity}).unique()
        return np.bincount(pairs["class"].to_numpy(), minlength=int(rows.max(initial=-1)) + 1)

    def keeps(self, column: Confidential, rows: Ints, classes: int) -> npt.NDArray[np.bool_]:
        """(C,) whether each class keeps what is asked of a sensitive column."""
        promised, table = column.promised, self._distribution(column, rows, classes)
        keeps = np.ones(classes, dtype=np.bool_)
        if promised.l is not None:
            keeps &= table.diversity(promised.kind) >= promised.l - _ROUNDING_ERROR
        if promised.t is not None:
            whole = self._distribution(column, np.zeros_like(rows), 1)
            keeps &= table.distance(whole, ordered=column.ordered) <= promised.t + _ROUNDING_ERROR
        return keeps

    def _distribution(self, column: Confidential, rows: Ints, classes: int) -> "Distribution":
        frame = pl.DataFrame({"class": rows, "value": column.codes, "weight": self.weight})
        if self.entity is not None:
            frame = frame.with_columns(entity=self.entity).unique(["class", "value", "entity"])
        frame = frame.filter(pl.col("value") != NULL_CODE)
        counts = frame.group_by("class", "value").agg(pl.col("weight").sum()).sort("class", "value")
        return Distribution(
            counts["class"].to_numpy(),
            counts["value"].to_numpy().astype(np.int64),
            counts["weight"].to_numpy().astype(np.float64),
            classes,
            int(column.codes.max(initial=0)) + 1,
        )


def _mean_loss(losses: list[list[float]], node: LatticeNode) -> float:
    return sum(each[step] for each, step in zip(losses, node, strict=True)) / len(node)


def classes_of(columns: Sequence[npt.NDArray[Any]]) -> Ints:
    """(P,) a number from 0 for each combination of codes, -1 being one of them."""
    key = np.zeros(len(columns[0]), dtype=np.int64)
    for codes in columns:
        key = _dense(key * (int(codes.max(initial=0)) + 2) + codes + 1)
    return key


def _dense(key: Ints) -> Ints:
    """(P,) the same classes, with numbers from 0 without gaps."""
    size = int(key.max(initial=0)) + 1
    if size > _LARGEST_CLASS_TABLE:
        return np.unique(key, return_inverse=True)[1].astype(np.int64)
    occurs = np.zeros(size, dtype=np.bool_)
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

    classes: Ints
    values: Ints
    counts: Floats
    height: int
    width: int

    @cached_property
    def shares(self) -> Floats:
        """(N,) the share of the entities of the class that have the value."""
        return self.counts / self._summed(self.counts)[self.classes]

    def _summed(self, entries: Floats) -> Floats:
        return np.bincount(self.classes, entries, minlength=self.height).astype(np.float64)

    def diversity(self, kind: str) -> Floats:
        """(C,) the l of each class: its distinct values, or the exponential of its entropy.

        They are distinct and entropy l-diversity (Machanavajjhala et al. 2007).
        """
        if kind == "distinct":
            return self._summed(np.ones_like(self.counts))
        has_values = self._summed(self.counts) > 0
        return np.where(has_values, np.exp(-self._summed(self.shares * np.log(self.shares))), 0.0)

    def distance(self, whole: "Distribution", *, ordered: bool) -> Floats:
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

    def _over_ranks(self, below: Floats) -> Floats:
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


def _area(level: Floats, below: Floats, sums: Floats, start: Ints, end: Ints) -> Floats:
    """The sum of |level - below| over the ranks from a start to before an end."""
    cross = np.clip(np.searchsorted(below, level), start, end)
    under = level * (cross - start) - (sums[cross] - sums[start])
    over = sums[end] - sums[cross] - level * (end - cross)
    return under + over
