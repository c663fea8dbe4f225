"""Numbers as differences: no limit below what is used of it, to the last digit."""

import json
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from anonymizer.relations.base.relation import Relation
from anonymizer.relations.kinds.calendar import Weekdays, Whole
from anonymizer.relations.kinds.orders import Order
from anonymizer.sequences.derived.base.step import Table
from anonymizer.sequences.derived.times.above import Above, differences
from anonymizer.sequences.derived.times.cadence import Cadence
from anonymizer.sequences.derived.times.since import Since
from tests.sequences.derived.times.test_since import draws, laid, stays, table

TYPES = [
    pl.Int8(),
    pl.UInt16(),
    pl.Int64(),
    pl.Float32(),
    pl.Float64(),
    pl.Decimal(9, 2),
    pl.Decimal(7, 0),
]


def learned(frame: pl.DataFrame, *orders: Relation) -> Above:
    """The step of the column `high`."""
    step = Above.learn("high", list(orders), table(frame))
    assert step is not None
    return step


@given(
    low=st.sampled_from(TYPES),
    high=st.sampled_from(TYPES),
    strict=st.booleans(),
    once=st.booleans(),
    seed=st.integers(0, 2**32),
    every=st.integers(2, 40),
)
def test_the_order_holds_in_any_types(
    *, low: pl.DataType, high: pl.DataType, strict: bool, once: bool, seed: int, every: int
) -> None:
    """Rows come back as they were, and whatever is drawn lies above, nulls where they are."""
    rng = np.random.default_rng(seed)
    lows, more = rng.integers(0, 9_000, 30), rng.integers(0, 3_000, 30)
    drawn = [None if n % 7 == 2 else int(d) for n, d in enumerate(rng.integers(-300, 300, 30))]
    ends = (pl.Series(lows) + pl.Series(more) + 100) // 100 + 1
    cents = pl.Series([None if n % every == 1 else low for n, low in enumerate(lows)])
    frame = pl.DataFrame(
        {
            "id": pl.Series(range(30)) // 5,
            "low": _in_type(cents, low),
            "high": _in_type(ends * 100, high),
        }
    )
    if once:
        frame = frame.with_columns(pl.col("high").max().over("id"))
    order = Order("low", "high", strict=strict)
    step = learned(frame, order)
    back = laid(step, frame)
    assert back["high"].equals(frame["high"])
    assert back.schema == frame.schema
    units = pl.Series(drawn, dtype=pl.Int64)
    (written,) = step.take_off(frame)
    found = laid(step, frame, high=units.cast(written.dtype) / (1 if high.is_integer() else 100))
    assert order.kept(found).drop_nulls().all()
    assert found["high"].null_count() == units.null_count()


def _in_type(cents: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Amounts in another type; whole ones where it has no digits."""
    if dtype.is_integer() or dtype == pl.Decimal(7, 0):
        return (cents // 100).cast(dtype)
    return (cents / 100).cast(dtype)


def test_digits_stay_those_of_the_column() -> None:
    """Prices have two, whatever what is below them has; numbers without an end have enough."""
    rng = np.random.default_rng(0)
    low, more = rng.integers(0, 10_000, 120) / 1_000, rng.integers(1, 999, 120) / 100
    frame = stays(low=pl.Series(low), high=pl.Series(np.ceil(low * 100) / 100 + more).round(2))
    step = learned(frame, Order("low", "high", strict=True))
    assert step.digits == 2
    found = laid(step, frame, high=pl.Series(np.zeros(120)))["high"]
    assert (found.round(2) == found).all()
    assert (found > frame["low"]).all()
    assert (found - frame["low"]).max() < 0.0101  # type: ignore[operator]  # (of floats)
    endless = frame.with_columns(high=pl.col("low") + pl.Series(rng.gamma(1, 1e6, 120)))
    step = learned(endless, Order("low", "high", strict=False))
    assert laid(step, endless)["high"].to_numpy() == pytest.approx(endless["high"], abs=1e-4)


def test_large_whole_numbers_are_exact() -> None:
    """Nanoseconds since 1970 come back to the last one; what has no room is left as it is."""
    start = pl.Series(1_700_000_000_000_000_000 + np.arange(120) * 997)
    frame = stays(low=start, high=start + pl.Series(np.arange(120)))
    order = Order("low", "high", strict=False)
    assert laid(learned(frame, order), frame)["high"].equals(frame["high"])
    small = frame.with_columns(low=pl.col("id").cast(pl.Int8), high=pl.lit(127, pl.Int8))
    assert laid(learned(small, order), small, high=pl.Series([10**9] * 120))["high"].max() == 127
    wide = frame.with_columns(high=pl.lit(2**63, pl.UInt64))
    assert Above.learn("high", [order], table(wide)) is None


def test_nan_and_infinity_are_nulls_as_for_the_network() -> None:
    """They are laid on as nulls, and bound nothing."""
    odd = [float("nan"), float("inf"), *([1.5] * 118)]
    frame = stays(low=pl.lit(1.0), high=pl.Series(odd))
    step = learned(frame, Order("low", "high", strict=True))
    assert laid(step, frame)["high"].to_list() == [None, None, *([1.5] * 118)]
    assert laid(step, frame.with_columns(low=pl.Series(odd)))["high"].null_count() == 2


def test_one_persons_number_is_in_no_step() -> None:
    """Neither a limit of one, nor what few have."""
    high = pl.when(pl.col("id") == 7).then(Decimal("777123.45")).otherwise(Decimal("20.50"))
    frame = stays(low=pl.lit(Decimal("3.25")), high=high)
    step = learned(frame, Order("low", "high", strict=False))
    assert "777" not in json.dumps(step.to_dict())
    assert Above.from_dict(json.loads(json.dumps(step.to_dict()))) == step
    with pytest.raises(ValueError, match="high"):
        Above.from_dict({**step.to_dict(), "dtype": {"name": "String"}})
    few = frame.with_columns(high=pl.when(pl.col("id") < 2).then("high"))
    assert Above.learn("high", [Order("low", "high", strict=False)], table(few)) is None


def test_all_that_relations_say_becomes_steps() -> None:
    """The time first, then what needs no other, then what is counted from it."""
    frame = stays(
        at=pl.col("at").dt.truncate("1h"),
        paid=pl.col("end").dt.date() + pl.duration(days=pl.int_range(pl.len()) % 25),
        born=pl.date(1950, 1, 2) + pl.duration(weeks=pl.col("id") * 61),
        low=pl.col("id"),
        high=pl.int_range(pl.len()) + 20,
    ).sort("id", "at")
    relations: list[Any] = [
        Order("end", "paid", strict=False),
        Order("at", "end", strict=False),
        Order("low", "high", strict=False),
        Whole("at", "hours"),
        Weekdays("born", (2, 3, 4, 5, 6, 7)),
    ]
    steps = differences(relations, Table(frame, "id", "at", 3))
    told = [(type(step), *step.given) for step in steps]
    assert told[:2] == [(Cadence, "at"), (Cadence, "born")]
    assert set(told[2:]) == {(Since, "end"), (Since, "paid"), (Above, "high")}
    assert told.index((Since, "end")) < told.index((Since, "paid"))
    others = [step.take_off(frame) for step in steps]
    rows = frame.with_columns(each for written in others for each in written)
    for step in steps[1:]:  # the first moves what is outside the window that k entities tell
        rows = rows.with_columns(step.lay_on(rows, draws(frame)))
    assert_frame_equal(rows, frame)
