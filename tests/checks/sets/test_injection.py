"""Injected anomalies: where columns allow, as documented, and nothing else touched."""

import polars as pl
from polars.testing import assert_frame_equal

from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.sets.injection import ANOMALY_COLUMN, ANOMALY_KINDS, INJECTED_COLUMN, inject


def put(frame: pl.DataFrame, seed: int = 0) -> pl.DataFrame:
    """Anomalies in a frame."""
    return inject(frame, entity="customer", time="time", seed=seed)


def kinds(frame: pl.DataFrame) -> set[str]:
    """Which kinds there are."""
    return set(put(frame)[ANOMALY_COLUMN].drop_nulls())


def test_every_kind_appears_where_columns_allow(sets: ComparedSets) -> None:
    """Numbers, text and a time of day: all five."""
    assert kinds(sets.holdout) == set(ANOMALY_KINDS)


def test_kinds_that_need_a_column_stay_away(sets: ComparedSets) -> None:
    """No number, no spike; no text, no odd category; no time of day, no odd hour."""
    assert "amount spike" not in kinds(sets.holdout.drop("amount"))
    assert "odd category" not in kinds(sets.holdout.drop("item"))
    assert "odd hour" not in kinds(sets.holdout.with_columns(pl.col("time").dt.date()))
    assert kinds(sets.holdout.select("customer", "time")) == {"burst", "odd hour"}


def test_the_same_seed_gives_the_same_anomalies(sets: ComparedSets) -> None:
    """Injection is a function of its seed."""
    assert_frame_equal(put(sets.holdout, 4), put(sets.holdout, 4))
    assert not put(sets.holdout, 4).equals(put(sets.holdout, 5))


def test_unmarked_events_are_as_they_were(sets: ComparedSets) -> None:
    """Types are kept, and whatever is not marked is an event of the input."""
    found = put(sets.holdout)
    assert found.drop(INJECTED_COLUMN, ANOMALY_COLUMN).schema == sets.holdout.schema
    real = found.filter(~pl.col(INJECTED_COLUMN)).drop(INJECTED_COLUMN, ANOMALY_COLUMN)
    assert len(real.join(sets.holdout, on=real.columns, how="anti")) == 0


def test_anomalies_are_what_they_are_called(sets: ComparedSets) -> None:
    """A spike is five times the median, an odd category is new to its entity."""
    found, before = put(sets.holdout), sets.holdout
    median = before.group_by("customer").agg(pl.col("amount").median().alias("m"))
    spikes = found.filter(pl.col(ANOMALY_COLUMN) == "amount spike").join(median, on="customer")
    assert ((spikes["amount"] / spikes["m"] - 5).abs() < 0.05).all()
    odd = found.filter(pl.col(ANOMALY_COLUMN) == "odd category")
    assert len(odd.join(before, on=["customer", "item"], how="semi")) == 0
    bursts = found.filter(pl.col(ANOMALY_COLUMN) == "burst").group_by("customer").len()["len"]
    assert bursts.unique().to_list() == [3]


def test_no_time_lies_outside_the_data(sets: ComparedSets) -> None:
    """A burst at the very end stays within the last day."""
    found = put(sets.holdout)
    assert found["time"].dt.date().max() == sets.holdout["time"].dt.date().max()


def test_short_histories_and_nulls_are_fine() -> None:
    """One event each, nulls and a single entity do not break it."""
    frame = pl.DataFrame(
        {
            "customer": range(30),
            "time": [pl.Series([19_800]).cast(pl.Date)[0]] * 30,
            "x": [None] * 30,
        }
    )
    assert len(put(frame)) >= 30
    assert put(frame.head(1)).height >= 1
