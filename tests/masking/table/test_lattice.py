"""The search for the least loss, against slow oracles."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizer.masking.rules.anonymity import Sensitive
from anonymizer.masking.table.lattice import Attribute, Classes, Found, Lattice, LatticeNode
from anonymizer.masking.table.promise import NULL_CODE, Confidential, Distribution, Promise
from anonymizer.masking.table.suppression import Group


@st.composite
def lattices(draw: st.DrawFn) -> Lattice:
    """A few entities with up to three quasi-identifiers of nested steps."""
    rows, entities = draw(st.integers(1, 30)), draw(st.integers(1, 12))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    attributes = []
    for _ in range(draw(st.integers(1, 3))):
        width = int(rng.integers(1, 7))
        finest = np.arange(width, dtype=np.int32) - int(rng.integers(0, 2))  # -1 is null
        steps = [np.where(finest < 0, finest, finest // part) for part in (1, 2, 4)]
        steps = steps[: int(rng.integers(1, 4))]
        taken = np.array([*steps, np.full(width, NULL_CODE)], dtype=np.int32)
        attributes.append(Attribute(rng.integers(0, width, rows).astype(np.int32), taken))
    ill = rng.integers(-1, 3, rows).astype(np.int32)
    promised = Sensitive(l=2) if draw(st.booleans()) else Sensitive(t=0.5)
    confidential = [Confidential(ill, ordered=draw(st.booleans()), promised=promised)]
    several = draw(st.booleans())
    promise = Promise(
        rng.integers(0, entities, rows).astype(np.uint32) if several else None,
        rng.integers(0, 2 if several else 4, rows),
        draw(st.integers(2, 3)),
        confidential if draw(st.booleans()) else [],
    )
    promise.weight[0] = 1  # somebody is there
    return Lattice(attributes, promise)


@settings(max_examples=60)
@given(lattice=lattices(), limit=st.sampled_from([0.0, 0.1, 0.5, 1.0]))
def test_no_node_loses_less(lattice: Lattice, limit: float) -> None:
    """No node of the whole lattice that hides as few cells loses less."""
    nodes = product(*(range(len(attribute.steps)) for attribute in lattice.attributes))
    every = [lattice.found(lattice.classes(node)) for node in nodes]
    least = min((each for each in every if each.hidden.mean() <= limit), key=lambda each: each.loss)
    found = lattice.least_loss(limit)
    if least.suppression.settled:
        assert found is not None
        assert found.hidden.mean() <= limit
        assert found.loss == pytest.approx(least.loss)
    else:  # more must be hidden for the sake of those of whom nothing is shown
        assert found is None or found.loss >= least.loss


def test_nodes_that_cannot_be_best_are_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten columns, which have 1,024 nodes, cells are hidden in a few to find the best."""
    rng, searched = np.random.default_rng(0), list[LatticeNode]()
    columns = [(rng.zipf(1.5, 300) % width).astype(np.int32) for width in range(2, 22, 2)]
    steps = [
        np.array([np.arange(len(set(each))), [NULL_CODE] * len(set(each))]) for each in columns
    ]
    attributes = [
        Attribute(np.unique(each, return_inverse=True)[1].astype(np.int32), taken.astype(np.int32))
        for each, taken in zip(columns, steps, strict=True)
    ]
    once = Lattice.found

    def counted(lattice: Lattice, classes: Classes, barred: Sequence[Group] = ()) -> Found:
        searched.append(classes.node)
        return once(lattice, classes, barred)

    monkeypatch.setattr(Lattice, "found", counted)
    assert Lattice(attributes, Promise(None, np.ones(300, dtype=np.int64), 5, [])).least_loss(1.0)
    assert len(searched) < 100


@settings(max_examples=60)
@given(lattice=lattices())
def test_what_is_published_keeps_the_promise(lattice: Lattice) -> None:
    """Each combination that is shown, and all nulls, has k entities and the l illnesses."""
    promise, found = lattice.promise, lattice.least_loss(1.0)
    if found is None:
        assert promise.confidential or promise.number(promise.weight > 0) < promise.k
        return
    shown = [tuple(row) for row in found.suppression.published.tolist()]
    people: dict[tuple[int, ...], set[tuple[int, int]]] = {values: set() for values in shown}
    ills: dict[tuple[int, ...], set[int]] = {values: set() for values in shown}
    for row, values in enumerate(shown):
        for copy in range(promise.weight[row]):
            whose = (row, copy) if promise.entity is None else (int(promise.entity[row]), 0)
            people[values].add(whose)
            ills[values] |= {int(each.codes[row]) for each in promise.confidential}
    assert all(len(each) >= promise.k for each in people.values())
    if any(each.promised.l for each in promise.confidential):
        assert all(len(each - {NULL_CODE}) >= 2 for each in ills.values())


def table(counts: list[list[int]]) -> tuple[Distribution, Distribution]:
    """The distribution of each class and of all of them, of a dense table (classes, values)."""
    dense = np.array(counts)
    rows, values = np.nonzero(dense)
    whole = dense.sum(axis=0)
    there = np.flatnonzero(whole)
    return (
        Distribution(rows, values, dense[rows, values].astype(float), *dense.shape),
        Distribution(np.zeros_like(there), there, whole[there].astype(float), 1, dense.shape[1]),
    )


def test_entropy_by_hand() -> None:
    """Halves are as diverse as two, 3 : 1 as 1.7548 values, one value as one."""
    classes, _ = table([[2, 2], [3, 1], [4, 0]])
    assert classes.diversity("entropy") == pytest.approx([2.0, 4 / 3**0.75, 1.0])
    assert classes.diversity("distinct").tolist() == [2, 2, 1]


def test_closeness_by_hand() -> None:
    """The salaries of Li et al. (2007): {3, 4, 5} is 0.375 and {6, 8, 11} is 0.167 away."""
    salaries = [3, 4, 5, 6, 7, 8, 9, 10, 11]
    classes, whole = table(
        [[int(each in group) for each in salaries] for group in ({3, 4, 5}, {6, 8, 11}, {7, 9, 10})]
    )
    assert classes.distance(whole, ordered=True)[:2] == pytest.approx([0.375, 1 / 6])
    assert classes.distance(whole, ordered=False) == pytest.approx([2 / 3] * 3)


@settings(max_examples=150)
@given(
    counts=st.integers(1, 8).flatmap(
        lambda width: st.lists(
            st.lists(st.integers(0, 3), min_size=width, max_size=width).filter(any),
            min_size=1,
            max_size=6,
        )
    )
)
def test_distances_equal_those_of_a_dense_table(counts: list[list[int]]) -> None:
    """What is summed over what is there equals sums over everything."""
    classes, whole = table(counts)
    dense: Any = np.array(counts, dtype=float)
    gap = dense / dense.sum(axis=1, keepdims=True) - dense.sum(axis=0) / dense.sum()
    assert classes.distance(whole, ordered=False) == pytest.approx(np.abs(gap).sum(axis=1) / 2)
    steps = max(dense.shape[1] - 1, 1)
    moved = np.abs(np.cumsum(gap, axis=1)).sum(axis=1) / steps
    assert classes.distance(whole, ordered=True) == pytest.approx(moved, abs=1e-12)
