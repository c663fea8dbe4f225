"""A recommender that counts, and what synthetic histories teach it."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from anonymizer.checks.figures.figure import Figure
from anonymizer.checks.figures.thresholds import judged
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.utility.next_item import (
    item_column,
    learn,
    next_item_figures,
    recommend,
    recommended,
)
from tests.checks.conftest import three


def shop(first: int, seed: int, customers: int = 200) -> pl.DataFrame:
    """Customers who mostly buy the item next to their last one, of forty."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[int, datetime, str, str]] = []
    for customer in range(first, first + customers):
        item = int(rng.integers(40))
        for day in range(3 + int(rng.integers(8))):
            item = (item + 1) % 40 if rng.random() < 0.7 else int(rng.integers(40))
            when = datetime(2024, 1, 1) + timedelta(days=day)
            rows.append((customer, when, f"item {item}", "red" if item % 2 else "blue"))
    return pl.DataFrame(rows, ["customer", "time", "item", "colour"], orient="row")


@pytest.fixture(scope="module")
def shops() -> ComparedSets:
    """Three draws."""
    return three(lambda i: shop(i * 1_000, i))


def _figures(sets: ComparedSets) -> dict[str, Figure]:
    return judged(next_item_figures(recommended(sets, 0), 0))


def test_the_column_of_items_has_many_frequent_values(
    shops: ComparedSets, sets: ComparedSets
) -> None:
    """Not the colour; none where there are eight items, or where each is held by few."""
    assert item_column(shops) == "item"
    assert item_column(sets) is None
    assert _figures(sets) == {}
    rare = replace(shops, real=shops.real.filter(pl.col("customer") < 9))
    assert item_column(rare) is None


def test_recommending_by_hand() -> None:
    """Two entities: 0 1 2 and 0 1; one event back counts 1, two back one half."""
    follows, popular = learn(np.array([0, 1, 2, 0, 1]), np.array([0, 0, 0, 1, 1]), 3)
    assert popular.tolist() == [0.4, 0.4, 0.2]
    assert follows[0].tolist() == pytest.approx(np.array([4, 4 + 2, 2 + 0.5]) / 12.5)
    assert follows[1].tolist() == pytest.approx(np.array([4, 4, 2 + 1]) / 11)
    assert follows[2].tolist() == pytest.approx(popular.tolist())
    before = np.array([[0, -1, -1, -1, -1], [-1] * 5])
    assert recommend(follows, popular, before).tolist() == [[1, 0, 2], [0, 1, 2]]


def test_honest_histories_teach_it_and_shuffled_ones_do_not(shops: ComparedSets) -> None:
    """Green, and red where columns were shuffled."""
    honest = _figures(shops)["next_item"]
    assert honest.colour == "green"
    assert honest.baseline is not None
    assert honest.estimate.low > honest.baseline
    shuffled = replace(shops, synthetic=replace(shops, real=shops.synthetic).shuffled(0))
    assert _figures(shuffled)["next_item"].colour == "red"


def test_items_without_order_are_not_judged(shops: ComparedSets) -> None:
    """Where real histories teach nothing, the figure says so."""
    rng = np.random.default_rng(0)
    frames = [
        f.with_columns(item=pl.Series(rng.integers(40, size=len(f))).cast(pl.String))
        for f in (shops.real, shops.synthetic, shops.holdout)
    ]
    figure = _figures(three(lambda i: frames[i]))["next_item"]
    assert figure.colour is None
    assert "nothing beyond popularity" in figure.meaning
    single = replace(shops, holdout=shops.holdout.unique("customer"))
    assert _figures(single) == {}
