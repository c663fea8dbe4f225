"""Invented histories that no model should remember."""

from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anonymizer.checks.figures.figure import Figure
from anonymizer.checks.figures.thresholds import judged
from anonymizer.checks.privacy.canaries import exposure, plant
from anonymizer.errors import DataError
from tests.checks.conftest import draw


def shop() -> pl.DataFrame:
    """Customers with a country each and some odd items that one of them alone has."""
    frame = draw(0, 1)
    return frame.with_columns(
        country=pl.when(pl.col("customer") % 3 == 0).then(pl.lit("UK")).otherwise(pl.lit("FR")),
        item=pl.when(pl.col("customer") == 3).then(pl.lit("odd")).otherwise("item"),
        points=pl.col("customer") % 4,
    )


def canaries_of(frame: pl.DataFrame) -> pl.DataFrame:
    """Both kinds, of forty each."""
    found = plant(frame, entity="customer", time="time", n=40, seed=3)
    return pl.concat([found.planted, found.control])


def test_planted_and_control_are_new_and_as_many() -> None:
    """The frame is the training data with the planted ones behind it; the same seed, the same."""
    train = shop()
    found = plant(train, entity="customer", time="time", n=40, seed=3)
    assert found.planted["customer"].n_unique() == found.control["customer"].n_unique() == 40
    ids = [set(f["customer"]) for f in (train, found.planted, found.control)]
    assert len(set.union(*ids)) == 150 + 80
    assert_frame_equal(found.frame, pl.concat([train, found.planted]))
    again = plant(train, entity="customer", time="time", n=40, seed=3)
    assert_frame_equal(again.control, found.control)


def test_canaries_are_plausible_by_column() -> None:
    """Types, digits and ranges are those of the data; what holds once per entity does so."""
    train, both = shop(), canaries_of(shop())
    assert both.schema == train.schema
    assert (both["amount"].round(2) == both["amount"]).all()
    assert both.group_by("customer").agg(pl.col("country", "points").n_unique()).select(
        pl.col("country", "points").max()
    ).row(0) == (1, 1)
    assert train["amount"].min() <= both["amount"].min()  # type: ignore[operator]
    assert train["time"].max() >= both["time"].max()  # type: ignore[operator]
    assert (
        both["time"].is_sorted()
        or both.group_by("customer")
        .agg(pl.col("time").diff().min() >= pl.duration())["time"]
        .drop_nulls()
        .all()
    )
    assert (both["time"].dt.second() == 0).all()
    low = (both["amount"] < train["amount"].quantile(0.3)).mean()
    assert 0.2 < low < 0.4  # type: ignore[operator]


def test_canaries_hold_no_value_of_few() -> None:
    """What one customer alone has is not taken, however often he has it; nor a clock time."""
    both, train = canaries_of(shop()), shop()
    assert "odd" not in both["item"]
    assert set(both["item"]) == {f"item {i}" for i in range(8)}
    rare = train.filter(pl.col("customer").n_unique().over("time") < 5)["time"]
    assert both["time"].is_in(rare.implode()).mean() < 0.1  # type: ignore[operator]
    single = pl.DataFrame(
        {"customer": range(9), "time": [date(2024, 1, 1)] * 9, "name": [f"n{i}" for i in range(9)]}
    )
    assert canaries_of(single)["name"].null_count() == 80


def test_numbers_lie_between_those_of_five_entities() -> None:
    """So the largest of all, and the smallest, are not told."""
    train = pl.DataFrame({"customer": range(50), "time": [date(2024, 1, 1)] * 50})
    amounts = np.append(np.random.default_rng(0).uniform(0, 10, 49), 1e9)
    both = canaries_of(train.with_columns(amount=pl.Series(amounts)))
    assert not set(both["amount"]) & set(amounts.tolist())


def test_text_names_and_full_types() -> None:
    """Text gets names of its own; where a type has no room, the way out is named."""
    texts = shop().with_columns(pl.col("customer").cast(pl.String))
    assert set(canaries_of(texts)["customer"]).isdisjoint(texts["customer"])
    tight = shop().with_columns(pl.col("customer").cast(pl.UInt8))
    with pytest.raises(DataError, match="cast it to Int64 or String"):
        plant(tight, entity="customer", time="time", n=200)
    with pytest.raises(DataError, match="5 entities or more"):
        canaries_of(shop().filter(pl.col("customer") < 4))
    for length, days in ((lambda who: who + 1, 0), (lambda _who: 1, 9)):
        few = pl.concat(
            pl.DataFrame(
                {"customer": [who], "time": [datetime(2024, 1, 1 + days * (who > 2) + who)]}
            )
            for who in range(6)
            for _ in range(length(who))
        )
        with pytest.raises(DataError, match="10 entities or more"):
            plant(few, entity="customer", time="time", n=2)
    with pytest.raises(DataError, match="no column 'when'"):
        plant(shop(), entity="customer", time="when", n=3)


def test_any_frame_can_be_planted_in() -> None:
    """Lazy, pandas and Arrow frames get the canaries that an eager one gets."""
    train = shop()
    expected = plant(train, entity="customer", time="time", n=4, seed=3).planted
    for frame in (train.lazy(), train.to_arrow(), train.to_pandas()):
        found = plant(frame, entity="customer", time="time", n=4, seed=3).planted
        assert found["amount"].to_list() == expected["amount"].to_list()
    with pytest.raises(DataError, match="expected a Polars, pandas or Arrow frame"):
        plant([1, 2], entity="customer", time="time", n=4)  # type: ignore[arg-type]  # (no frame)


@pytest.mark.parametrize("n", [0, -1, 2.5, True, "3", None])
def test_the_number_of_canaries_is_one(n: Any) -> None:
    """Whole, and one at least; NumPy's are numbers too."""
    with pytest.raises(DataError, match="n must be a whole number, 1 or more"):
        plant(shop(), entity="customer", time="time", n=n)
    found = plant(shop(), entity="customer", time="time", n=np.int64(2))  # type: ignore[arg-type]
    assert found.planted["customer"].n_unique() == 2


def colour(figure: Figure) -> str | None:
    """By the limits of canaries."""
    return judged({"canaries": figure})["canaries"].colour


def test_exposure_sees_what_was_learned_by_heart() -> None:
    """A model that knows the planted ones is red, one that does not is green."""
    found = plant(shop(), entity="customer", time="time", n=60)
    known = set(found.planted["customer"])

    def loss(frame: pl.DataFrame, remembered: float) -> pl.DataFrame:
        rows = frame.group_by("customer").agg(loss=pl.col("amount").mean() / 10)
        gone = pl.col("customer").is_in(known) * remembered
        return rows.with_columns(pl.col("loss") - gone)

    pair = (found.planted, found.control)
    assert colour(exposure(pair, "customer", lambda f: loss(f, 100))) == "red"
    few = tuple(f.filter(pl.col("customer").rank("dense") < 4) for f in pair)
    assert colour(exposure(few, "customer", lambda f: loss(f, 0))) is None  # type: ignore[arg-type]
    honest = exposure(pair, "customer", lambda f: loss(f, 0))
    assert colour(honest) == "green"
    assert honest.estimate.low < 0.5 < honest.estimate.high


def test_canaries_print_no_row() -> None:
    """They hold the training events."""
    shown = repr(plant(shop(), entity="customer", time="time", n=10))
    assert shown.startswith("Canaries(frame: ")
    assert "shape" not in shown
