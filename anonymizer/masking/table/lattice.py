"""The search for the least loss that keeps a promise. Arrays in, a node and hidden cells out.

Every quasi-identifier has steps, from its own mask to null; a node of the lattice is one step of
each. What a node loses is Iyengar's measure (KDD 2002), per entity: for each value, the share of
the column's finest values that it stands for, and 1 for a cell that is hidden; the mean of the
quasi-identifiers. Generalisation alone is a lower bound of what a node loses and needs no counting:
nodes are counted in its order, until the bound exceeds the best node. Where what a row must lose
besides makes a node worse than the best, so are those in which more columns are null. So no node is
better, unless so many in a row were not that the search ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, product
from math import comb
from typing import Final

import numpy as np
import numpy.typing as npt

from anonymizer.arrays import BoolArray, FloatArray, IntArray
from anonymizer.masking.table.promise import (
    NULL_CODE,
    Codes,
    Promise,
    classes_of,
    mixture_of,
)
from anonymizer.masking.table.suppression import Group, Suppression, hide, nearest_groups

LatticeNode = tuple[int, ...]
# Of the groups that could keep lonely rows company, so many are tried for the least loss.
_GROUPS_TRIED: Final = 16
# So many sets of a size are counted at most for what a node loses at least.
_SETS_COUNTED: Final = 64
# So many nodes in a row that are not better end the search; the first is best in most tables.
_NODES_IN_VAIN: Final = 24


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
    def losses(self) -> FloatArray:
        """(S, V) what each finest value loses at each step, 0 to 1."""
        others = max(self.steps.shape[1] - 1, 1)
        return np.array([(_sizes(step) - 1) / others for step in self.steps[:-1]] + [self._all])

    @property
    def last(self) -> int:
        """The step that is null throughout."""
        return len(self.steps) - 1

    @property
    def _all(self) -> FloatArray:
        return np.ones(self.steps.shape[1])


def _sizes(step: Codes) -> FloatArray:
    """(V,) how many finest values share the value of each."""
    _, inverse, counts = np.unique(step, return_inverse=True, return_counts=True)
    return counts[inverse].astype(np.float64)


@dataclass(frozen=True)
class Classes:
    """A node of the lattice with its equivalence classes, before any cell is hidden.

    Attributes:
        node: the step of each quasi-identifier.
        values: (P, Q) the value of each row at these steps.
        mixture: (P,) of the values.
        losses: (P, Q) what each loses, 0 to 1.
        stay: (P,) whether the class of a row keeps the promise and shows anything.
    """

    node: LatticeNode
    values: Codes
    mixture: IntArray
    losses: FloatArray
    stay: BoolArray


@dataclass(frozen=True)
class Found:
    """A node with the cells that are hidden in it.

    Attributes:
        classes: the node.
        suppression: the hidden cells.
        loss: of the node, 0 to 1.
        hidden: (Q,) the share of the cells of each quasi-identifier that are hidden; those of a
            column that is null as a step of its own are not.
    """

    classes: Classes
    suppression: Suppression
    loss: float
    hidden: FloatArray


@dataclass(frozen=True)
class Lattice:
    """Distinct rows of entity, quasi-identifiers and sensitive values, and the promise.

    Attributes:
        attributes: the quasi-identifiers.
        promise: what every class must have.
    """

    attributes: list[Attribute]
    promise: Promise
    _known: dict[LatticeNode, npt.NDArray[np.uint8]] = field(default_factory=dict, repr=False)

    def least_loss(self, limit: float) -> Found | None:
        """The node that loses least among those that hide no more than a share of the cells.

        Returns:
            None where even the whole table does not keep the promise.
        """
        best: Found | None = None
        hopeless, in_vain = list[LatticeNode](), 0
        for bound, node in self._nodes():
            if best is not None and (bound >= best.loss or in_vain == _NODES_IN_VAIN):
                break
            if any(self._is_part(each, node) for each in hopeless):
                continue
            classes = self.classes(node)
            more, hidden = self._at_least(classes, np.inf if best is None else best.loss - bound)
            if best is not None and bound + more >= best.loss:
                hopeless.append(node)
            elif hidden <= limit:
                found, in_vain = self.found(classes), in_vain + 1
                if found.hidden.mean() <= limit and (best is None or found.loss < best.loss):
                    best, in_vain = found, 0
        return None if best is None else self._settled(best)

    def _is_part(self, node: LatticeNode, other: LatticeNode) -> bool:
        """Whether another node is a node with more columns null, as cells of it could be."""
        steps = zip(node, other, self.attributes, strict=True)
        return all(step in (mine, each.last) for mine, step, each in steps)

    def _nodes(self) -> list[tuple[float, LatticeNode]]:
        """All nodes with the loss of their generalisation alone, the least first."""
        losses = [self._step_losses(attribute) for attribute in self.attributes]
        nodes = product(*(range(len(loss)) for loss in losses))
        return sorted((_mean_loss(losses, node), node) for node in nodes)

    def _step_losses(self, attribute: Attribute) -> list[float]:
        width = attribute.steps.shape[1]
        losses = attribute.losses @ np.bincount(attribute.codes, self._shares, width)
        return [float(loss) for loss in losses]

    @cached_property
    def _shares(self) -> FloatArray:
        """(P,) the share of all entities that have the row's finest combination, among its rows."""
        weight = self.promise.weight
        holders = weight.astype(np.float64)
        if self.promise.entity is not None:
            finest = classes_of([attribute.codes for attribute in self.attributes])
            pairs = classes_of([finest, self.promise.entity.astype(np.int64)])
            holders /= np.maximum(np.bincount(pairs, holders), 1.0)[pairs]
        shares: FloatArray = holders / holders.sum()
        return shares

    def classes(self, node: LatticeNode) -> Classes:
        """A node with its equivalence classes formed and counted."""
        steps = list(zip(self.attributes, node, strict=True))
        steps = list(zip(self.attributes, node, strict=True))
        values = np.stack([each.steps[step][each.codes] for each, step in steps]).T
        losses = np.stack([each.losses[step][each.codes] for each, step in steps]).T
        every, mixture = np.arange(len(values)), mixture_of(values.T)
        stay = self.promise.kept(every, values, range(len(node)), mixture)
        stay &= (values != NULL_CODE).any(axis=1)
        return Classes(node, values, mixture, losses, stay)

    def _at_least(self, classes: Classes, enough: float) -> tuple[float, float]:
        """What a node loses besides and hides, at least.

        A row that fails loses a cell; two, where it has too little company without any one column;
        and so on. Nulls of its own are none, as others may come and share them.

        Args:
            classes: the node.
            enough: the loss at which it need not be known better.
        """
        rows = np.flatnonzero(~classes.stay)
        kept = [
            place for place, step in enumerate(classes.node) if step < self.attributes[place].last
        ]
        null = classes.values[rows[:, None], kept] == NULL_CODE
        cells = np.sort(np.where(null, 0.0, 1.0 - classes.losses[rows[:, None], kept]), axis=1)
        shares, nulls = self._shares[rows] / len(self.attributes), null.sum(axis=1)
        loss = hidden = 0.0
        for level in range(len(kept)):
            loss += float(shares @ cells[:, level])
            hidden += float(shares @ (nulls <= level))
            if loss >= enough or comb(len(kept), level + 1) > _SETS_COUNTED:
                break
            left = np.ones(len(rows), dtype=np.bool_)
            for columns in combinations(kept, level + 1):
                left &= ~self._shared(classes, columns)[rows]
            rows, cells, shares, nulls = rows[left], cells[left], shares[left], nulls[left]
        return loss, hidden

    def _shared(self, classes: Classes, columns: tuple[int, ...]) -> BoolArray:
        """(P,) the rows that may have enough company if nobody shows some columns."""
        nodes = enumerate(zip(classes.node, self.attributes, strict=True))
        node = tuple(each.last if place in columns else step for place, (step, each) in nodes)
        if node not in self._known:
            rows, mixture = np.arange(len(classes.values)), classes.mixture.copy()
            for place in columns:
                mixture -= mixture_of([classes.values[:, place]], place)
            self._known[node] = np.packbits(self.promise.may_share(rows, mixture))
        return np.unpackbits(self._known[node], count=len(self._shares)).view(np.bool_)

    def found(self, classes: Classes, barred: Sequence[Group] = ()) -> Found:
        """A node with cells hidden so that rows stand in classes that keep the promise.

        Args:
            classes: the node.
            barred: groups that must not stand as they do, for the sake of others.
        """
        suppression = hide(classes.values, classes.stay, self.promise, barred)
        hidden = suppression.hidden(classes.values)
        lost = np.where(hidden, 1.0, classes.losses).mean(axis=1)
        return Found(classes, suppression, float(self._shares @ lost), self._shares @ hidden)

    def _settled(self, found: Found) -> Found | None:
        """The node with more cells hidden, where those of whom nothing is shown are too few.

        Who is missing from all classes is known to be among them: they are a class of their own.
        """
        if found.suppression.settled:
            return found
        classes = found.classes
        near = nearest_groups(classes.values, found.suppression, self.promise.weight)
        one_by_one = [near[n : n + 1] for n in range(min(len(near), _GROUPS_TRIED))]
        together = [near[: 2**n] for n in range(1, len(near).bit_length() + 1)]
        for barred in [*one_by_one, *together]:
            found = self.found(classes, barred)
            if found.suppression.settled:
                return found
        nothing = self.classes(tuple(len(each.steps) - 1 for each in self.attributes))
        found = self.found(nothing)
        return found if found.suppression.settled else None


def _mean_loss(losses: list[list[float]], node: LatticeNode) -> float:
    return sum(each[step] for each, step in zip(losses, node, strict=True)) / len(node)
