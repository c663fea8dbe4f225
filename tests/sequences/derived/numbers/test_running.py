"""What holds from row to row of a real history holds in every synthetic one."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal, assert_series_equal

from anonymizer.relations.kinds import arithmetic, histories
from anonymizer.relations.search.discover import discover
from anonymizer.sequences.derived.numbers.carried import Carried, Counter, Rising, Total
from anonymizer.sequences.derived.numbers.running import Running
from tests.sequences.derived.trips import laid, table, trip, written

NUMBERS = [pl.Int32(), pl.Int64(), pl.Float64(), pl.Float32(), pl.Decimal(12, 2)]
BALANCE = histories.Running("balance", "amount", "+", "who", 2, 1e-9)
SECRET = 987_654.32


def ledger(people: int = 40, seed: int = 0, days: int = 6) -> pl.DataFrame:
    """Bookings of accounts, all in order."""
    rng, rows = np.random.default_rng(seed), []
    for who in range(people):
        day, cents = date(2024, 1, 1), int(rng.integers(0, 90_000))
        for _ in range(int(rng.integers(1, 15))):
            day += timedelta(days=int(rng.integers(0, days)))
            move = int(rng.integers(-30_000, 40_000))
            before, cents = cents, cents + move
            rows.append((who, day, move / 100, cents / 100, before / 100,
                         "in" if move >= 0 else "out", abs(move) / 100))  # fmt: skip
    names = ["who", "at", "amount", "balance", "before", "code", "size"]
    return pl.DataFrame(rows, names, orient="row")


@settings(max_examples=30)
@given(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS), st.integers(0, 9), st.booleans())
def test_a_balance_comes_back(
    balance: pl.DataType, amount: pl.DataType, seed: int, cut: bool
) -> None:
    """Of any type, from its opening alone, though first rows are cut off."""
    whole = 100 if balance.is_integer() or amount.is_integer() else 1
    rows = ledger(20, seed).with_columns(pl.col("amount", "balance") * whole)
    rows = rows.with_columns(
        pl.col("amount").round(2).cast(amount), pl.col("balance").round(2).cast(balance)
    )
    rows = rows.filter(pl.int_range(pl.len()).over("who") >= pl.col("who") % 3) if cut else rows
    step = Running.learn(
        histories.Running("balance", "amount", "+", "who", 2 if whole == 1 else 0, 1e-9),
        table(rows),
    )
    assert step is not None
    assert step.written == ("opening balance",)
    opening = written(step, rows).select(pl.col("opening balance").n_unique().over(rows["who"]))
    assert opening.to_series().max() == 1
    assert_frame_equal(trip(step, rows), rows)


def test_new_rows_go_on_from_the_past() -> None:
    """Other amounts after it leave it as it is, and all add up; what they hold is not asked."""
    rows = ledger()
    step = Running.learn(BALANCE, table(rows))
    assert step is not None
    new = written(step, rows).with_columns(amount=-pl.col("amount"), **{"opening balance": 0.0})
    both = pl.concat([written(step, rows), new]).with_columns(
        pl.concat([rows["who"]] * 2).alias("o")
    )
    both = both.sort("o", maintain_order=True)
    after = laid(step, both.drop("o"), both["o"])
    past = after.filter(pl.int_range(pl.len()).over("who") < pl.len().over("who") / 2)
    assert_series_equal(past["balance"], rows["balance"])
    assert step.kept(after).all()
    assert BALANCE.kept(after).all()


def test_no_balance_falls_below_the_floor_of_real_ones() -> None:
    """The opening is raised as far as it must be, where nothing is past."""
    rows = ledger().filter(pl.col("balance").min().over("who") >= 0)
    step = Running.learn(BALANCE, table(rows))
    assert step is not None
    assert step.floor == 0
    poor = written(step, rows).with_columns(amount=pl.lit(-7.77))
    after = laid(step, poor, rows["who"])
    assert after["balance"].min() == 0
    assert step.kept(after).all()
    past = np.ones(len(rows), bool)
    assert laid(step, poor, rows["who"], past=past).select(pl.col("balance").min() < 0).item()
    some = pl.when(pl.col("who") % 5 == 0).then(pl.lit(-500.0)).otherwise(0.0)
    low = rows.with_columns(balance=pl.col("balance") - pl.col("balance").min().over("who") + some)
    assert (Running.learn(BALANCE, table(low)) or step).floor == -500
    assert (Running.learn(BALANCE, table(ledger())) or step).floor is None


def test_a_balance_is_found_where_the_order_within_a_day_is_lost() -> None:
    """By rows alone in their day; laid on, all rows add up, and days end as they did."""
    rows = ledger(120, days=3)
    mixed = rows.sample(fraction=1, shuffle=True, seed=1).sort("who", "at", maintain_order=True)
    assert BALANCE.agrees(mixed) < 0.7
    found = discover(mixed.select("who", "at", "amount", "balance"), "who", "at").found
    relation = next(f.relation for f in found if isinstance(f.relation, histories.Running))
    assert relation.time == "at"
    step = Running.learn(relation, table(mixed))
    assert step is not None
    assert step.written == ("opening balance",)
    after = trip(step, mixed)
    assert BALANCE.kept(after).all()
    ends = pl.col("balance").last().over("who")
    alone = pl.col("at").is_unique().over("who").last().over("who")
    assert_frame_equal(after.filter(alone).select(ends), mixed.filter(alone).select(ends))


def test_shuffled_balances_are_none() -> None:
    """Neither in the order of rows nor by rows alone in their day."""
    rows = ledger(120, days=3).with_columns(pl.col("balance").shuffle(3))
    found = discover(rows.select("who", "at", "amount", "balance"), "who", "at").found
    assert [f for f in found if f.relation.kind == "running"] == []


def test_corrections_keep_their_rate() -> None:
    """One row in fifty is put right by hand: what no step explains is written."""
    rows = ledger().with_columns(wrong=pl.int_range(pl.len()) % 50 == 11)
    wrong = pl.col("wrong").cum_sum().over("who") * 2.5
    rows = rows.with_columns(balance=(pl.col("balance") + wrong).round(2))
    step = Running.learn(BALANCE, table(rows))
    assert step is not None
    assert step.written == ("opening balance", "correction of balance")
    assert_frame_equal(trip(step, rows), rows)
    assert (written(step, rows)["correction of balance"] != 0).sum() == 7


def test_a_balance_with_nulls_comes_back() -> None:
    """Where it is there is written."""
    rows = ledger().with_columns(balance=pl.when(pl.int_range(pl.len()) % 4 > 0).then("balance"))
    step = Running.learn(BALANCE, table(rows))
    assert step is not None
    assert step.written == ("opening balance", "balance is there")
    assert_frame_equal(trip(step, rows), rows)


def test_a_code_says_the_sign_of_what_is_booked() -> None:
    """Sizes have none; a code that fewer than k entities have says nothing."""
    alone = pl.when((pl.col("who") == 3) & (pl.int_range(pl.len()).over("who") == 0))
    rows = ledger().with_columns(code=alone.then(pl.lit("mine")).otherwise("code"))
    relation = histories.Running("balance", "size", "±", "who", 2, 1e-9)
    assert Running.learn(relation, table(rows)) is None
    step = Running.learn(relation, table(rows), by="code")
    assert step is not None
    assert step.signs == {"in": 1.0, "out": -1.0}
    assert_frame_equal(trip(step, rows), rows)
    codes = pl.Series("code", [None, "OTHER"]).sample(len(rows), with_replacement=True, seed=0)
    after = laid(step, written(step, rows).with_columns(codes), rows["who"])
    assert after["balance"].null_count() == 0
    assert relation.kept(after).all()


@pytest.mark.parametrize(
    ("target", "shape", "operands"),
    [
        ("balance", "{} + {}", ("amount", "before")),
        ("before", "{} + {} − {}", ("balance", "paid", "got")),
        ("before", "{} + {}", ("balance", "minus")),
    ],
)
def test_what_a_balance_was_before_is_laid_on_with_it(
    target: str, shape: str, operands: tuple[str, ...]
) -> None:
    """However the formula is told; the first row has its opening."""
    rows = ledger().with_columns(
        minus=-pl.col("amount"), got=pl.col("amount").clip(0), paid=-pl.col("amount").clip(None, 0)
    )  # fmt: skip
    formula = arithmetic.Formula(target, shape, operands, 2, "exact")
    step = Running.learn_beside(formula, histories.Carried("before", "balance", "who"), table(rows))
    assert step is not None
    assert step.given == ("balance", "before")
    assert_frame_equal(trip(step, rows), rows)


def test_nothing_of_one_person_is_in_a_step() -> None:
    """Neither a floor nor a balance; nor does it come out of others' openings."""
    own = pl.when(pl.col("who") == 4).then(-SECRET).otherwise(0)
    rows = ledger().with_columns(pl.col("balance", "before") + own)
    step = Running.learn(BALANCE, table(rows))
    assert step is not None
    carried = Carried.learn(histories.Carried("before", "balance", "who"), table(rows))
    rising = rows.with_columns(meter=pl.int_range(pl.len()) + own)
    rises = Rising.learn(histories.Rising("meter", "who"), table(rising))
    assert carried is not None
    assert rises is not None
    told = json.dumps([each.to_dict() for each in (step, carried, rises)])
    assert "987" not in told
    after = laid(
        step, written(step, rows).with_columns(pl.lit(1.0).alias("opening balance")), rows["who"]
    )
    assert (after["balance"] > -SECRET / 2).all()


@settings(max_examples=20)
@given(st.sampled_from([*NUMBERS, pl.String(), pl.Date(), pl.Datetime("us", "Europe/Berlin")]),
       st.booleans(), st.booleans())  # fmt: skip
def test_what_is_carried_comes_back(dtype: pl.DataType, lag: bool, odd: bool) -> None:
    """Of any type, with and without a first value, with a few others."""
    number = pl.int_range(pl.len()) % 23
    rows = ledger().select("who", "at", now=number.cast(dtype))
    first = pl.lit(None) if lag else pl.lit(5).cast(dtype)
    before = pl.col("now").shift(1).over("who").fill_null(first)
    other = pl.when(pl.int_range(pl.len()) % 40 == 7).then(pl.lit(9).cast(dtype))
    rows = rows.with_columns(was=pl.coalesce(other, before) if odd else before)
    step = Carried.learn(histories.Carried("was", "now", "who"), table(rows))
    assert step is not None
    assert ("first was" in step.written, "other was" in step.written) == (not lag or odd, odd)
    assert_frame_equal(trip(step, rows), rows)


def test_what_is_carried_is_null_as_often_as_in_real_rows() -> None:
    """Nulls that the row before does not explain are written; where none are, none come."""
    rows = ledger().with_columns(was=pl.col("balance").shift(1).over("who"))
    lost = pl.when(pl.int_range(pl.len()) % 30 > 0).then("was")
    step = Carried.learn(
        histories.Carried("was", "balance", "who"), table(rows.with_columns(was=lost))
    )
    assert step is not None
    assert "was is there" in step.written
    assert_frame_equal(trip(step, rows.with_columns(was=lost)), rows.with_columns(was=lost))
    step = Carried.learn(histories.Carried("before", "balance", "who"), table(rows))
    assert step is not None
    some = written(step, rows).with_columns(balance=pl.when(pl.col("code") == "in").then("balance"))
    assert laid(step, some, rows["who"])["before"].null_count() == 0


@settings(max_examples=30)
@given(
    st.sampled_from([*NUMBERS, pl.Date(), pl.Datetime("us", "Europe/Berlin"), pl.Datetime("ms")]),
    st.integers(0, 5), st.booleans(),
)  # fmt: skip
def test_what_rises_comes_back(dtype: pl.DataType, seed: int, gaps: bool) -> None:
    """Numbers to their last digit, times in the coarsest unit that they move in."""
    rng = np.random.default_rng(seed)
    rows = ledger().select("who", "at")
    up = pl.Series(rng.integers(0, 4, len(rows))).cum_sum()
    if dtype.is_temporal():
        rows = rows.with_columns(
            meter=pl.lit(datetime(2024, 1, 1, 8, 30)) + pl.duration(days=pl.lit(up))
        )
        zone = dtype.time_zone if isinstance(dtype, pl.Datetime) else None
        rows = rows.with_columns(pl.col("meter").dt.replace_time_zone("UTC"))
        rows = rows.with_columns(
            pl.col("meter").dt.convert_time_zone(zone)
            if zone
            else pl.col("meter").dt.replace_time_zone(None)
        )
        rows = rows.with_columns(pl.col("meter").cast(dtype))
    else:
        rows = rows.with_columns(meter=(up / (1 if dtype.is_integer() else 100)).cast(dtype))
    rows = (
        rows.with_columns(meter=pl.when(pl.int_range(pl.len()) % 7 > 0).then("meter"))
        if gaps
        else rows
    )
    step = Rising.learn(histories.Rising("meter", "who"), table(rows))
    assert step is not None
    assert written(step, rows).select(pl.col("rise of meter").max() < 40).item()
    assert_frame_equal(trip(step, rows), rows)
    wild = written(step, rows).with_columns(pl.lit(-3).cast(pl.Float64).alias("rise of meter"))
    after = laid(step, wild, rows["who"])
    assert histories.Rising("meter", "who").kept(after).all()
    assert after["meter"].dtype == dtype


def test_what_nearly_always_rises_falls_as_often() -> None:
    """A meter that was put back; a rare fall is no rule of the next rows."""
    rows = ledger(60).with_columns(meter=pl.int_range(pl.len()).over("who") * 10)
    falls = rows.with_columns(
        meter=pl.when(pl.int_range(pl.len()) % 60 == 9).then(0).otherwise("meter")
    )
    step = Rising.learn(histories.Rising("meter", "who"), table(falls))
    assert step is not None
    assert not step.exact
    assert_frame_equal(trip(step, falls), falls)


def orders(dtype: pl.DataType, seed: int = 0) -> pl.DataFrame:
    """Lines of orders, some without one, with counts and totals."""
    rows = ledger(seed=seed).with_columns(order=pl.struct("who", "at").rank("dense"))
    rows = rows.with_columns(order=pl.when(pl.col("order") % 9 > 0).then("order"))
    there = pl.when(pl.col("order").is_not_null())
    return rows.with_columns(
        line=there.then(pl.int_range(pl.len()).over("order") + 1).cast(pl.Int16),
        total=there.then(pl.col("size").sum().over("order").round(2)).cast(dtype),
        lines=there.then(pl.len().over("order")),
        visit=pl.col("at").rank("dense").over("who").cast(pl.Int16) - 1,
        of_all=pl.col("size").sum().over("who").round(2),
    )


@settings(max_examples=8)
@given(st.sampled_from(NUMBERS[2:]), st.integers(0, 5))
def test_counts_and_totals_come_back(dtype: pl.DataType, seed: int) -> None:
    """Of rows of orders, of visits, of entities; null where there is no order."""
    rows = orders(dtype, seed)
    kinds: list[tuple[Any, Any]] = [
        (Counter, histories.Counter("line", ("order",), 1)),
        (Counter, histories.Counter("visit", ("who",), 0, "at")),
        (Total, histories.Total("total", "size", ("order",), 2, 1e-8)),
        (Total, histories.Total("lines", None, ("order",), 0, 1e-8)),
        (Total, histories.Total("of_all", "size", ("who",), 2, 1e-8)),
    ]
    for kind, relation in kinds:
        step = kind.learn(relation, table(rows))
        assert step.written == ()
        assert_frame_equal(trip(step, rows), rows)
        assert step.kept(rows).all()


def test_what_a_total_is_off_is_the_same_in_all_its_rows() -> None:
    """Of orders with a fee, as real rows have it, and where what is written differs by row."""
    rows = orders(pl.Float64())
    fee = pl.when(pl.col("order") % 40 == 3).then(4.9).otherwise(0.0)
    rows = rows.with_columns(total=(pl.col("total") + fee).round(2))
    step = Total.learn(histories.Total("total", "size", ("order",), 2, 1e-8), table(rows))
    assert step is not None
    assert step.written == ("total is off by",)
    assert_frame_equal(trip(step, rows), rows)
    mixed = written(step, rows).with_columns(pl.col("total is off by").shuffle(1))
    after = laid(step, mixed, rows["who"]).drop_nulls("order")
    assert after.group_by("order").agg(pl.col("total").n_unique())["total"].max() == 1


def test_damaged_steps_are_refused_when_they_are_read() -> None:
    """No step, a sign that is none, a pace of nothing."""
    rows = ledger()
    step = Running.learn(BALANCE, table(rows))
    rising = Rising.learn(
        histories.Rising("meter", "who"), table(rows.with_columns(meter=pl.int_range(pl.len())))
    )
    assert step is not None
    assert rising is not None
    for each, damage in (
        (step, {"steps": {}}),
        (step, {"steps": {"amount": 2}}),
        (rising, {"pace": 0}),
    ):
        with pytest.raises(ValueError, match=r"^$"):
            type(each).from_dict(each.to_dict() | damage)
