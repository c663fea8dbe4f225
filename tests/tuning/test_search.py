"""The search through levels, on risks and worths that are made up."""

import math
from itertools import pairwise, product

import numpy as np
import pytest

from anonymizer.tuning.search import (
    Evaluate,
    Levels,
    Point,
    climbed,
    in_order,
    onwards,
    trimmed,
    without_idle,
)


def problem(seed: int, *sizes: int) -> Evaluate:
    """Risk that grows with what all knobs tell together, worth that grows with each."""
    rng = np.random.default_rng(seed)
    told, worth = (
        [np.sort(rng.exponential(size=size))[::-1] for size in sizes] for _of in range(2)
    )

    def evaluate(levels: Levels) -> Point:
        bits = sum(float(each[level] - each[-1]) for each, level in zip(told, levels, strict=True))
        value = sum(float(each[n] - each[-1]) for each, n in zip(worth, levels, strict=True))
        return Point(1 / (1 + math.exp(6 - 3 * bits)), value)

    return evaluate


@pytest.mark.parametrize("limit", [0.02, 0.2, 0.9])
def test_what_is_found_is_near_the_best(limit: float) -> None:
    """Against all combinations: within the limit, and 98 % of the worth on average."""
    sizes, shares = (5, 4, 6), []
    for seed in range(40):
        evaluate = problem(seed, *sizes)
        way = climbed(evaluate, tuple(size - 1 for size in sizes), limit)
        everything = [evaluate(levels) for levels in product(*map(range, sizes))]
        best = max(each.worth for each in everything if each.risk <= limit)
        assert all(evaluate(levels).risk <= limit for levels in way)
        shares.append(evaluate(way[-1]).worth / best)
    assert np.mean(shares) > 0.98
    assert min(shares) > 0.75


def test_the_way_climbs_by_one_knob_at_a_time() -> None:
    """Each step is finer, worth more, and changes one knob."""
    evaluate = problem(0, 5, 4, 6)
    way = climbed(evaluate, (4, 3, 5), 0.3)
    assert way[0] == (4, 3, 5)
    for before, after in pairwise(way):
        assert sum(a < b for a, b in zip(after, before, strict=True)) == 1
        assert evaluate(after).worth > evaluate(before).worth


def test_what_nobody_asks_for_stays_as_coarse_as_can_be() -> None:
    """A knob that adds no worth is not made finer, even if it adds no risk."""
    assert climbed(lambda levels: Point(0.0, -levels[0]), (3, 2), 1.0)[-1] == (0, 2)


def test_what_is_worth_something_together_only_is_found() -> None:
    """As sums by article, of which neither sums nor articles alone say anything."""

    def evaluate(levels: Levels) -> Point:
        both = (4 - levels[0]) * (8 - levels[1])
        return Point(both / 32, float(both))

    coarsest, both = (4, 8), [frozenset({0, 1})]
    assert climbed(evaluate, coarsest, 0.5) == [coarsest]
    way = climbed(evaluate, coarsest, 0.5, both)
    assert way[1] in ((3, 7), (2, 4))
    assert evaluate(way[-1]).risk == 0.5


def test_changes_without_effect_are_taken_back() -> None:
    """Where risk stays, and worth; of two that hide the same, one stays."""

    def evaluate(levels: Levels) -> Point:
        return Point(1.0 - any(levels[:2]) / 2, float(-levels[0]))

    assert without_idle(evaluate, (2, 2, 2), frozenset({0, 1, 2})) == (0, 2, 0)
    assert without_idle(evaluate, (2, 2, 2), frozenset({2})) == (2, 2, 0)


def test_the_way_goes_on_to_the_rules_as_they_are() -> None:
    """Half a level at a time, whatever the risk."""
    way = list(onwards(problem(1, 9, 3), (8, 1)))
    assert (len(way), way[-1]) == (5, (0, 0))
    assert {levels[0] for levels in way} <= {8, 4, 2, 1, 0}


def test_what_need_not_be_so_fine_is_made_coarser() -> None:
    """As long as it is useful and lowers the risk."""
    evaluate = problem(3, 6, 6)
    useful = trimmed(evaluate, (0, 0), (5, 5), lambda levels: levels[0] <= 2 and levels[1] <= 5)
    assert useful == (2, 5)
    assert trimmed(lambda _levels: Point(1.0, 0.0), (1, 1), (5, 5), lambda _levels: True) == (1, 1)


def test_changes_are_told_in_the_order_of_what_they_bring() -> None:
    """One knob after another, what lowers risk most first; the last is all of them."""
    evaluate = problem(2, 4, 4, 4)
    way = list(in_order(evaluate, (3, 0, 2)))
    first = min(((3, 0, 0), (0, 0, 2)), key=lambda levels: evaluate(levels).risk)
    assert way == [first, (3, 0, 2)]
    assert list(in_order(evaluate, (0, 0, 0))) == []
