"""Lost order is seen, and where there is none to lose, that is said."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from anonymizer.checks.figures.thresholds import judged
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.utility.order import (
    _correlations,
    _grams,
    order_figures,
    order_found,
    out_of_order,
)
from tests.checks.conftest import three

ITEMS = "abcde"


def walk(first: int, seed: int, customers: int = 150, *, faithful: float = 0.7) -> pl.DataFrame:
    """Customers who mostly buy the next item of a round, for an amount near the last one."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[int, datetime, str, float]] = []
    for customer in range(first, first + customers):
        when, item, amount = datetime(2024, 1, 1), int(rng.integers(5)), float(rng.normal())
        for _ in range(4 + int(rng.geometric(0.15))):
            when += timedelta(days=int(rng.integers(1, 15)))
            item = (item + 1) % 5 if rng.random() < faithful else int(rng.integers(5))
            amount = 0.8 * amount + float(rng.normal())
            rows.append((customer, when, ITEMS[item], amount))
    return pl.DataFrame(rows, ["customer", "time", "item", "amount"], orient="row")


@pytest.fixture(scope="module")
def ordered() -> ComparedSets:
    """Three draws of such customers."""
    return ComparedSets(walk(0, 1), walk(5_000, 2), walk(1_000, 3), "customer", "time")


def mixed(sets: ComparedSets) -> ComparedSets:
    """Synthetic events shuffled within their customers."""
    events = out_of_order(sets, sets.sorted(sets.synthetic), 7)
    return replace(sets, synthetic=events)


def test_shuffling_keeps_times_and_what_each_entity_has(ordered: ComparedSets) -> None:
    """Only the order changes."""
    before, after = ordered.sorted(ordered.synthetic), mixed(ordered).synthetic
    assert after.select("customer", "time").equals(before.select("customer", "time"))
    assert not after.equals(before)
    whole = ["customer", "item", "amount"]
    assert after.select(whole).sort(whole).equals(before.select(whole).sort(whole))


def test_other_customers_keep_the_order(ordered: ComparedSets) -> None:
    """Green, and every informing figure is nearer to its ceiling than to its baseline."""
    figures = judged(order_figures(ordered, 0))
    assert figures["order"].colour == "green"
    assert figures.keys() == {
        "order", "order_2_grams", "order_3_grams", "order_previous", "order_lags",
    }  # fmt: skip
    for name in ("order_2_grams", "order_3_grams", "order_lags"):
        figure = figures[name]
        assert figure.baseline is not None
        assert figure.ceiling is not None
        value = figure.estimate.value
        assert abs(value - figure.ceiling) < abs(value - figure.baseline)


def test_shuffled_histories_have_lost_their_order(ordered: ComparedSets) -> None:
    """Red, half found, though every column and every entity is as it was."""
    figures = judged(order_figures(mixed(ordered), 0))
    order = figures["order"]
    assert order.colour == "red"
    assert order.estimate.low < 0.5 < order.estimate.high
    columns = replace(ordered, synthetic=ordered.shuffled(1))
    assert judged(order_figures(columns, 0))["order"].colour == "red"


def test_half_the_order_is_half_as_much(ordered: ComparedSets) -> None:
    """Of customers half of whom were shuffled, about half of the order is found."""
    half = pl.col("customer") % 2 == 0
    events = pl.concat([ordered.synthetic.filter(half), mixed(ordered).synthetic.filter(~half)])
    order = judged(order_figures(replace(ordered, synthetic=events), 0))["order"]
    assert order.ceiling is not None
    assert (order.estimate.value - 0.5) / (order.ceiling - 0.5) == pytest.approx(0.5, abs=0.12)
    assert order.colour != "green"


def test_too_much_order_is_no_better() -> None:
    """Synthetic customers who never leave the round, where real ones often do, are flagged."""
    sets = three(lambda i: walk(1_000 * i, i, faithful=1 if i == 1 else 0.5).drop("amount"))
    assert judged(order_figures(sets, 0))["order"].colour != "green"


def test_events_without_order_have_none_to_lose(sets: ComparedSets) -> None:
    """The figure says so, and has no colour, shuffled or not."""
    for case in (sets, mixed(sets)):
        order = judged(order_figures(case, 0))["order"]
        assert order.colour is None
        assert "hardly any order" in order.meaning


def test_honest_sets_are_hardly_ever_flagged() -> None:
    """None of six small ones."""
    colours = []
    for seed in range(0, 18, 3):
        real, synthetic, holdout = (walk(0, seed + i, 80) for i in range(3))
        sets = ComparedSets(real, synthetic, holdout, "customer", "time")
        colours.append(judged(order_figures(sets, seed))["order"].colour)
    assert set(colours) <= {"green"}


def test_intervals_of_a_shuffled_set_hold_one_half(ordered: ComparedSets) -> None:
    """There the truth is known."""
    cases = [out_of_order(ordered, ordered.sorted(walk(9_000, s, 60)), s) for s in range(20)]
    found = order_found(ordered, cases, 0)
    assert sum(each.low <= 0.5 <= each.high for each in found) >= 16


def test_n_grams_by_hand() -> None:
    """Two entities count alike, however many events they have."""
    shares = _grams(np.array([2, 3, 3, 2, 3]), np.array([0, 0, 0, 1, 1]), 2)
    assert {int(i): float(shares[i]) for i in np.flatnonzero(shares)} == {
        2 * 52 + 3: 0.75,
        3 * 52 + 3: 0.25,
    }
    assert np.isnan(_grams(np.array([1, 2]), np.array([0, 1]), 2)).all()
    assert np.isnan(_grams(np.array([1]), np.array([0]), 3)).all()


def test_lag_correlations_by_hand() -> None:
    """An amount that goes up and down, in two entities of other levels."""
    days = [datetime(2024, 1, 1) + timedelta(days=d) for d in (0, 1, 2, 3)]
    frame = pl.DataFrame({
        "who": [1] * 4 + [2] * 4, "when": days * 2, "x": [1.0, 2, 1, 2, 8, 9, 8, 9],
    })  # fmt: skip
    sets = ComparedSets(frame, frame, frame, "who", "when")
    found = _correlations(sets, sets.sorted(frame))
    assert found[3:5].tolist() == pytest.approx([-1, 1])  # the amount with its last two
    assert np.isnan(found[:3]).all()  # gaps that are all the same


@pytest.mark.parametrize("columns", [["customer", "time"], ["customer", "time", "odd"]])
def test_columns_that_say_little_are_fine(ordered: ComparedSets, columns: list[str]) -> None:
    """No field, a field of nulls, and entities of one event."""
    real, synthetic, holdout = (
        f.with_columns(odd=pl.lit(None, pl.String)).select(columns)
        for f in (ordered.real, ordered.synthetic, ordered.holdout)
    )
    bare = ComparedSets(real, synthetic, holdout, "customer", "time")
    assert judged(order_figures(bare, 0))["order"].colour in {None, "green"}
    single = three(lambda i: (real, synthetic, holdout)[i].unique("customer"))
    assert judged(order_figures(single, 0))["order"].colour is None
