"""Telling entities of two sets apart."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from anonymizer.checks.figures.thresholds import judged
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.sets.entities import describe
from anonymizer.checks.utility.accuracy import accuracy
from anonymizer.checks.utility.c2st import discriminate, told_apart


def test_entities_by_hand() -> None:
    """Two entities, every number computed on paper."""
    frame = pl.DataFrame(
        {
            "who": ["a", "a", "a", "b"],
            "when": pl.Series(["2024-01-05 10:00", "2024-01-06 10:00", "2024-01-09 16:00"] * 1
                              + ["2024-01-05 12:00"]).str.to_datetime(),
            "amount": [2.0, 3.5, 2.0, None],
            "kind": ["x", "x", None, "y"],
        }
    )  # fmt: skip
    sets = ComparedSets(frame, frame, frame, "who", "when")
    a, b = describe(sets, frame)[0].iter_rows(named=True)
    assert (a["\0events"], b["\0events"]) == (3, 1)
    assert a["\0gap mean"] == pytest.approx((1 + 3.25) / 2)
    assert (a["\0gap least"], a["\0gap most"], b["\0gap mean"]) == (1, 3.25, None)
    assert (a["\0hour mean"], a["\0weekend"]) == (12, pytest.approx(1 / 3))
    assert a["amount mean"] == 2.5
    assert (a["amount first"], a["amount last"], a["amount sum"]) == (2, 2, 7.5)
    assert (a["amount variety"], a["amount whole"], b["amount nulls"]) == (
        2,
        pytest.approx(2 / 3),
        1,
    )
    assert (a["kind variety"], a["kind repeats"]) == (pytest.approx(2 / 3), 0.5)
    assert (a["kind 1"], b["kind 2"]) == (1.0, 1.0)


def test_two_halves_of_one_source_cannot_be_told_apart(sets: ComparedSets) -> None:
    """The interval holds one half, or nearly."""
    figure = judged({"told_apart": told_apart(sets, 0)})["told_apart"]
    assert figure.estimate.low - 0.03 < 0.5 < figure.estimate.high + 0.03
    assert figure.colour == "green"
    assert figure.baseline is not None
    assert figure.baseline > 0.9


def test_what_gives_synthetic_entities_away_is_named(sets: ComparedSets) -> None:
    """Histories moved by half a year are told by their times."""
    moved = replace(
        sets, synthetic=sets.synthetic.with_columns(pl.col("time") + timedelta(days=180))
    )
    figure = judged({"told_apart": told_apart(moved, 0)})["told_apart"]
    assert figure.colour == "red"
    assert "time" in figure.meaning.split("Used most:")[1]


def test_columns_may_be_called_like_our_numbers(sets: ComparedSets) -> None:
    """Fields named gap, hour, events or next time take no one's place; no field at all is fine."""
    names = {"amount": "gap", "item": "events"}
    named = ComparedSets(
        sets.real.rename(names), sets.synthetic.rename(names), sets.holdout.rename(names),
        "customer", "time",
    )  # fmt: skip
    assert judged({"told_apart": told_apart(named, 0)})["told_apart"].colour == "green"
    assert accuracy(named, 0).overall == accuracy(sets, 0).overall
    bare = [f.select("customer", "time") for f in (sets.real, sets.synthetic, sets.holdout)]
    times = ComparedSets(bare[0], bare[1], bare[2], "customer", "time")
    assert 0 < accuracy(times, 0).overall.value <= 1
    few = replace(sets, synthetic=sets.synthetic.filter(pl.col("customer") < 5_002))
    assert np.isnan(told_apart(few, 0).estimate.value)


def test_intervals_hold_the_truth() -> None:
    """Normal numbers a known distance apart: the ROC AUC is known, and most intervals hold it."""
    rng, held = np.random.default_rng(0), 0
    for seed in range(20):
        real = pl.DataFrame({"x": rng.normal(0, 1, 400)})
        other = pl.DataFrame({"x": rng.normal(2, 1, 400)})
        auc = discriminate(real, other, seed).auc
        held += auc.low - 0.02 <= 0.921 <= auc.high + 0.02  # Φ(2 / √2); trees lose a little
    assert held >= 17
