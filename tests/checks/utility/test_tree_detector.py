"""A detector with written features: what it sees, and that it never sees what comes later."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import polars as pl
import pytest

from anonymizer.checks.figures.thresholds import judged
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.sets.injection import INJECTED_COLUMN, inject
from anonymizer.checks.utility.tree_detector import (
    beside_the_past,
    tree_detector,
    tree_figures,
    tree_trial,
)

EVENTS = pl.DataFrame(
    {
        "who": ["a"] * 4 + ["b"] * 2,
        "when": [
            datetime(2024, 1, 1, 10), datetime(2024, 1, 2, 10), datetime(2024, 1, 2, 16),
            datetime(2024, 1, 20, 10), datetime(2024, 1, 1, 10), datetime(2024, 3, 1, 10),
        ],
        "amount": [2.0, 4.0, 9.0, None, 5.0, 5.0],
        "kind": ["x", "y", "x", "x", None, "x"],
    }
)  # fmt: skip


def test_features_by_hand() -> None:
    """Of two entities, on paper."""
    table = beside_the_past(EVENTS, EVENTS, "who", "when")
    names = ["place", "gap", "late", "weekday", "hour", "hour step", "hour ratio", "hour apart",
             "amount", "step", "ratio", "apart", "repeats", "hour so far", "so far",
             "share", "1 day", "7 days", "30 days"]  # fmt: skip
    found = dict(zip(names, table.iter_columns(), strict=True))
    assert found["place"].to_list() == [0, 1, 2, 3, 0, 1]
    assert found["gap"].to_list() == [None, 86_400, 21_600, 18 * 86_400 - 21_600, None, 60 * 86_400]
    assert found["late"].to_list()[2] == pytest.approx(6 / 15)  # of 15 hours an event so far
    assert found["weekday"].to_list() == [1, 2, 2, 6, 1, 5]
    assert found["step"].to_list() == [None, 2, 5, None, None, 0]
    assert found["ratio"].to_list() == [None, 2, 3, None, None, 1]
    assert found["apart"].to_list() == [None, None, 6, None, None, None]  # (9 − 3) ÷ 1
    assert found["repeats"].to_list() == [None, 0, 0, 1, None, 0]
    assert found["so far"].to_list() == [None, 0, 0.5, pytest.approx(2 / 3), None, 0]
    assert found["hour so far"].to_list() == [None, 1, 0, pytest.approx(2 / 3), None, 1]
    assert found["share"].to_list() == pytest.approx([4 / 6, 1 / 6, 4 / 6, 4 / 6, 1 / 6, 4 / 6])
    assert found["1 day"].to_list() == [0, 1, 1, 0, 0, 0]
    assert found["30 days"].to_list() == [0, 1, 2, 3, 0, 0]


def test_no_feature_knows_what_comes_later(sets: ComparedSets) -> None:
    """Whatever happens after an event, what is said of it stays."""
    events = sets.sorted(sets.holdout)
    early = events.filter(pl.int_range(pl.len()).over("customer") < 5)
    whole = beside_the_past(events, sets.real, "customer", "time")
    part = beside_the_past(early, sets.real, "customer", "time")
    kept = whole.filter(events.select(pl.int_range(pl.len()).over("customer") < 5).to_series())
    np.testing.assert_allclose(kept.to_numpy(), part.to_numpy(), rtol=1e-9)


def test_other_customers_teach_as_much_and_shuffled_ones_less(sets: ComparedSets) -> None:
    """Green for an honest set, and not for shuffled columns."""
    honest = judged(tree_figures(tree_trial(sets, None, 0).result(0)))
    assert honest["trees_auc_ratio"].colour == "green"
    assert honest["trees_ap_ratio"].colour == "green"
    worthless = replace(sets, synthetic=sets.shuffled(7))
    shuffled = judged(tree_figures(tree_trial(worthless, None, 0).result(0)))
    assert shuffled["trees_ap_ratio"].colour in {"amber", "red"}
    assert shuffled["trees_auc"].estimate.value < honest["trees_auc"].estimate.value


def test_labels_take_the_place_of_injection(sets: ComparedSets) -> None:
    """A column is found that follows from the past; one that is never true teaches nothing."""
    jump = pl.col("amount") > 1.3 * pl.col("amount").shift(1).over("customer")
    real, synthetic, holdout = (
        sets.sorted(f).with_columns(odd=jump.fill_null(value=False))
        for f in (sets.real, sets.synthetic, sets.holdout)
    )
    marked = ComparedSets(real, synthetic, holdout, "customer", "time")
    figures = judged(tree_figures(tree_trial(marked, "odd", 0).result(0)))
    assert figures["trees_auc"].estimate.value > 0.95
    assert figures["trees_auc_ratio"].colour == "green"
    never = replace(marked, synthetic=synthetic.with_columns(odd=pl.lit(value=False)))
    figures = judged(tree_figures(tree_trial(never, "odd", 0).result(0)))
    assert figures["trees_auc"].estimate.value == 0.5
    assert figures["trees_auc_ratio"].colour == "red"


def test_anomalies_of_both_sets_change_the_same_column(sets: ComparedSets) -> None:
    """The column is chosen in the holdout, however personal another is in the training set."""
    flat = sets.synthetic.with_columns(other=pl.col("customer") * 1.0)
    holdout = sets.holdout.with_columns(other=pl.Series(np.random.default_rng(0).normal(size=len(
        sets.holdout))))  # fmt: skip
    found = inject(flat, entity="customer", time="time", seed=0, like=holdout)
    spikes = found.filter(pl.col("injected_kind") == "amount spike")
    assert len(spikes)
    assert (spikes["other"] == spikes["customer"]).all()
    assert found[INJECTED_COLUMN].sum() > len(spikes)


def test_columns_of_nulls_and_few_events_are_fine() -> None:
    """Nothing to learn from is no error, nor are columns called like ours."""
    sets = ComparedSets(EVENTS, EVENTS, EVENTS, "who", "when")
    detector = tree_detector(sets, None, 0)
    empty = EVENTS.with_columns(pl.lit(None).alias("3"), pl.col("kind").alias("7 days"))
    assert len(detector(empty, empty)) == len(EVENTS)
