"""What synthetic histories teach about small groups."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from anonymizer.checks.figures.figure import Figure
from anonymizer.checks.figures.statistics import clustered_auc, roc_auc
from anonymizer.checks.figures.thresholds import judged
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.utility.next_item import recommended
from anonymizer.checks.utility.subgroup_transfer import transfer_figures
from anonymizer.checks.utility.tree_detector import tree_trial
from tests.checks.conftest import three

LABEL = "fraud"


def shop(
    first: int, seed: int, *, lost: bool = False, segments: tuple[str, str] = ("big", "small")
) -> pl.DataFrame:
    """Customers of two segments: frauds are dear in the big one and cheap in the small one.

    The next item follows the last one, up in one segment and down in the other.

    Args:
        first: number of the first customer.
        seed: of everything.
        lost: the small segment does what the big one does.
        segments: their names.
    """
    rng = np.random.default_rng(seed)
    rows: list[tuple[int, datetime, str, str, float, bool]] = []
    for customer in range(first, first + 300):
        small = rng.random() < 0.25
        usual = small and not lost
        item = int(rng.integers(40))
        for day in range(8):
            item = (item + (-1 if usual else 1)) % 40 if rng.random() < 0.8 else item
            fraud = bool(rng.random() < 0.15)
            amount = rng.normal(100, 10) + 40 * fraud * (-1 if usual else 1)
            when = datetime(2024, 1, 1) + timedelta(days=day)
            name = f"item {item} {usual}"
            rows.append((customer, when, segments[small], name, round(amount, 2), fraud))
    columns = ["customer", "time", "segment", "item", "amount", LABEL]
    return pl.DataFrame(rows, columns, orient="row")


@pytest.fixture(scope="module")
def shops() -> ComparedSets:
    """Three draws."""
    return three(lambda i: shop(i * 1_000, i))


def _figures(sets: ComparedSets) -> dict[str, Figure]:
    trials = {"trees": tree_trial(sets, LABEL, 0)}
    return judged(transfer_figures(sets, trials, recommended(sets, 0)))


def test_an_honest_set_keeps_every_group(shops: ComparedSets) -> None:
    """Green for both, with real histories as ceiling."""
    figures = _figures(shops)
    assert set(figures) == {"trees_groups", "next_item_groups"}
    for figure in figures.values():
        assert figure.colour == "green"
        assert figure.ceiling == 1.0
        assert "Of 2 groups" in figure.meaning


def test_a_minority_that_is_lost_shows(shops: ComparedSets) -> None:
    """The segment keeps its size and its name, and behaves like the other one: both are red."""
    figures = _figures(replace(shops, synthetic=shop(5_000, 5, lost=True)))
    for figure in figures.values():
        assert figure.colour == "red"
        assert "small in segment: " in figure.meaning
        assert figure.baseline is not None


def test_without_groups_there_is_nothing_to_say(shops: ComparedSets) -> None:
    """No column that never changes, or all groups too small."""
    names = ("real", "synthetic", "holdout")
    plain = replace(shops, **{n: getattr(shops, n).drop("segment") for n in names})
    assert _figures(plain) == {}
    few = replace(shops, holdout=shops.holdout.filter(pl.col("customer") % 1_000 < 12))
    assert _figures(few) == {}


def test_the_standard_error_of_auc_covers_the_truth() -> None:
    """95 % intervals hold the AUC of the whole in 90 to 99 % of samples of correlated events."""
    rng = np.random.default_rng(0)

    def draw(entities: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        owner = np.repeat(np.arange(entities), 6)
        truth = rng.random(len(owner)) < 0.3
        score = rng.normal(size=entities)[owner] + rng.normal(size=len(owner)) + truth
        return truth, score, owner

    truth, score, _ = draw(100_000)
    whole = roc_auc(truth, score)
    inside = 0
    for _ in range(300):
        auc, spread = clustered_auc(*draw(60))
        inside += abs(auc - whole) < 1.96 * spread
    assert 0.90 <= inside / 300 <= 0.99


def test_the_clustered_auc_by_hand() -> None:
    """Three of four pairs are right, one of them a tie that counts half; Obuchowski's variance."""
    truth, score = np.array([True, False, True, False]), np.array([3.0, 1.0, 2.0, 2.0])
    auc, spread = clustered_auc(truth, score, np.array([5, 5, 7, 7]))
    assert auc == pytest.approx((2 + 1.5) / 4)
    # Placements 1 and .75 of the positives, 1 and .75 of the negatives; both halves: two entities
    # whose sums are (.125 + .125) / 2 and its opposite.
    assert spread == pytest.approx((2 * 0.125**2 * 2) ** 0.5)
