"""What follows from others in a row follows in every synthetic one, to the last digit."""

import json
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from anonymizer.relations.base.decimals import as_type, rounded, simplest
from anonymizer.relations.kinds import arithmetic, orders, rates
from anonymizer.sequences.derived.numbers.arithmetic import Elapsed, Flag, Formula, Rate
from tests.sequences.derived.trips import laid, table, trip, written

NUMBERS = [pl.Int32(), pl.Int64(), pl.Float64(), pl.Float32(), pl.Decimal(12, 2)]
TIMES = [pl.Date(), pl.Datetime("us", "Europe/Berlin"), pl.Datetime("ms")]


def shop(rows: int = 600, seed: int = 0) -> pl.DataFrame:
    """Lines of bills with a rate by product."""
    rng = np.random.default_rng(seed)
    price = rng.integers(1, 5_000, rows) / 100
    units = rng.integers(1, 9, rows)
    product = rng.integers(0, 12, rows)
    rate = np.array([0.95, 1.5, 2.49, 12.0, 0.07, 7.5, 3.3, 0.1, 1.0, 19.99, 4.0, 5.25])[product]
    return pl.DataFrame({
        "who": np.sort(rng.integers(0, 40, rows)), "price": price, "units": units,
        "product": product, "total": np.round(price * units, 2),
        "sales": np.round(units * rate, 2),
    })  # fmt: skip


TOTAL = arithmetic.Formula("total", "{} × {}", ("price", "units"), 2, "half")


@settings(max_examples=30)
@given(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS), st.integers(0, 9), st.booleans())
def test_a_formula_comes_back(
    price: pl.DataType, total: pl.DataType, seed: int, nulls: bool
) -> None:
    """Whatever the types, nothing written; null where an operand is."""
    digits = 0 if price.is_integer() or total.is_integer() else 2
    rows = shop(60, seed).with_columns(pl.col("price").round(digits))
    rows = rows.with_columns(total=(pl.col("price") * pl.col("units")).round(2))
    if nulls:
        few = pl.when(pl.col("units") > 2)
        rows = rows.with_columns(few.then(c).alias(c) for c in ("price", "total"))
    rows = rows.with_columns(pl.col("price").cast(price), pl.col("total").cast(total))
    relation = arithmetic.Formula("total", "{} × {}", ("price", "units"), digits, "half", 2e-7)
    step = Formula.learn(relation, table(rows))
    assert step is not None
    assert step.written == ()
    assert_frame_equal(trip(step, rows), rows)


def test_ties_are_those_of_decimals() -> None:
    """1.005 is half way between 1.00 and 1.01, though its bits lie below, in 32 bits as well."""
    rows = pl.DataFrame({"who": [1, 2, 3], "a": [1.005, 2.675, -0.145], "b": [1.0, 1.0, 1.0]})
    for dtype in (pl.Float64, pl.Float32):
        typed = rows.with_columns(pl.col("a").cast(dtype), c=pl.Series([1.01, 2.68, -0.15]))
        relation = arithmetic.Formula("c", "{} × {}", ("a", "b"), 2, "half up")
        assert trip(Formula.learn(relation, table(typed)), typed)["c"].to_list() == [
            1.01,
            2.68,
            -0.15,
        ]
    even = rounded(np.array([1.005, 1.015, 2.5, -0.004, np.nan]), 2, "half even")
    assert even.tolist()[:4] == [1.0, 1.02, 2.5, 0.0]
    assert np.isnan(even[4])


def test_exceptions_keep_their_rate_and_size() -> None:
    """One row in thirty is a round sum: what it is off is written; one in ten: no step at all."""
    for every, there in ((30, True), (10, False), (3_000, True)):
        off = pl.when(pl.int_range(pl.len()) % every == 7).then(pl.col("total") + 1.5)
        rows = shop().with_columns(total=off.otherwise("total"))
        step = Formula.learn(TOTAL, table(rows))
        assert (step is not None) == there
        if step and every == 30:
            assert step.written == ("total is off by",)
            assert written(step, rows)["total is off by"].value_counts(sort=True)["count"][1] == 20
            assert_frame_equal(trip(step, rows), rows)


def test_nulls_that_no_operand_explains_keep_their_rate() -> None:
    """They are written where they are; what is never null never becomes so."""
    rows = shop().with_columns(total=pl.when(pl.col("units") != 4).then("total"))
    step = Formula.learn(TOTAL, table(rows))
    assert step is not None
    assert step.written == ("total is there",)
    assert_frame_equal(trip(step, rows), rows)
    rows = shop().with_columns(price=pl.when(pl.col("units") != 4).then("price"))
    step = Formula.learn(TOTAL, table(rows.with_columns(pl.col("total").fill_null(0))))
    assert step is None
    few = shop().with_columns(price=pl.when(pl.int_range(pl.len()) % 50 > 0).then("price"))
    step = Formula.learn(TOTAL, table(few))
    assert step is not None
    assert_frame_equal(trip(step, few), few)
    left = written(step, few).with_columns(price=pl.lit(None, pl.Float64))
    assert laid(step, left, few["who"])["total"].null_count() == 0


@pytest.mark.parametrize(
    "dtype", [pl.Int16(), pl.UInt8(), pl.Decimal(5, 2), pl.Float32(), pl.Int64()]
)
def test_what_a_type_cannot_hold_is_its_limit(dtype: pl.DataType) -> None:
    """Products that no real row has raise nothing and are never null."""
    rows = shop(60).with_columns(total=pl.lit(0).cast(dtype), price=pl.lit(0.0))
    step = Formula.learn(TOTAL, table(rows))
    assert step is not None
    for price in (1e300, -1e300):
        wild = written(step, rows).with_columns(price=pl.lit(price))
        assert laid(step, wild, rows["who"])["total"].null_count() == 0
    assert as_type(np.array([1e38]), "x", pl.Decimal(38, 2))[0] is not None


@given(
    st.sampled_from(NUMBERS), st.sampled_from(NUMBERS), st.sampled_from([pl.Int64(), pl.String()])
)
def test_a_rate_comes_back(sales: pl.DataType, units: pl.DataType, code: pl.DataType) -> None:
    """The rate of each product, as the simplest decimal that explains its rows."""
    rows = shop().with_columns(pl.col("units").cast(units), pl.col("product").cast(code))
    digits = 0 if sales.is_integer() else 2
    rows = rows.with_columns(pl.col("sales").round(digits).cast(sales))
    relation = rates.Rate("sales", "units", "product", digits, pl.DataFrame(), 2e-7)
    step = Rate.learn(relation, table(rows))
    assert step is not None
    assert_frame_equal(trip(step, rows), rows)
    if digits:
        assert (step.rates["0"], step.rates["9"], step.written) == (0.95, 19.99, ())
    assert step.kept(rows).all()


@pytest.mark.parametrize("how", ["down", "up"])
def test_a_rate_that_is_cut_comes_back(how: str) -> None:
    """In floats 2.3 may be 2.29: ties go either way, and no more is written for them."""
    cut = {"down": np.floor, "up": np.ceil}[how]
    sales = pl.col("sales").map_batches(lambda s: pl.Series(cut(s.to_numpy() * 13.7) / 100))
    rows = shop(2_000).with_columns(sales=sales, units=-pl.col("units"))
    relation = rates.Rate("sales", "units", "product", 2, pl.DataFrame(), 1e-9, how, magnitude=True)
    step = Rate.learn(relation, table(rows))
    assert step is not None
    assert step.written == ()
    back = trip(step, rows)
    assert (back["sales"] - rows["sales"]).abs().max() <= 0.0101  # type: ignore[operator]
    assert (back["sales"] == rows["sales"]).mean() > 0.97  # type: ignore[operator]
    assert step.relation().agrees(back.with_columns(pl.col("product").cast(pl.String))) == 1


def test_a_rate_of_few_is_not_known() -> None:
    """What one entity pays is in no field; codes that are new or null have the usual rate."""
    secret = 7.654321
    own = pl.col("who") == 5
    rows = shop().with_columns(
        product=pl.when(own).then(99).otherwise("product").cast(pl.String),
        sales=pl.when(own).then((pl.col("units") * secret).round(6)).otherwise("sales"),
    )
    step = Rate.learn(rates.Rate("sales", "units", "product", 6, pl.DataFrame()), table(rows))
    assert step is not None
    assert "99" not in step.rates
    assert "7.654" not in json.dumps(step.to_dict())
    strange = written(step, rows).with_columns(
        pl.Series("product", ["OTHER", None, "99"] * 200), pl.lit(0.0).alias("sales is off by")
    )
    new = laid(step, strange, rows["who"])["sales"]
    assert new.null_count() == 0
    assert (new / rows["units"]).n_unique() < 20
    assert_frame_equal(trip(step, rows), rows)


def test_the_commonest_rate_is_that_of_most_entities() -> None:
    """A product's price rose once, and one entity with many rows pays its own."""
    rng = np.random.default_rng(0)
    who = np.repeat(np.arange(60), np.where(np.arange(60) == 7, 400, 10))
    units = rng.integers(1, 9, len(who))
    rate = np.where(who == 7, 2.22, np.where(rng.random(len(who)) < 0.02, 3.5, 1.25))
    product = np.where(who == 7, "p0", [f"p{i % 40}" for i in range(len(who))])
    rows = pl.DataFrame({"who": who, "units": units, "product": product, "sales": units * rate})
    relation = rates.Rate("sales", "units", "product", 2, pl.DataFrame())
    assert Rate.learn(relation, table(rows)) is None  # too many rows of one entity are off
    some = rows.filter((pl.col("who") != 7) | (pl.int_range(pl.len()).over("who") < 10))
    step = Rate.learn(relation, table(some))
    assert step is not None
    assert set(step.rates.values()) == {1.25}
    assert step.written == ("sales is off by",)
    assert_frame_equal(trip(step, some), some)


def test_a_rate_for_all_needs_no_code() -> None:
    """Miles of kilometres."""
    rows = shop().with_columns(km=pl.col("price"), miles=(pl.col("price") * 0.621371).round(1))
    step = Rate.learn(rates.Rate("miles", "km", None, 1, pl.DataFrame()), table(rows))
    assert step is not None
    assert step.needed == ("km",)
    assert_frame_equal(trip(step, rows), rows)


def test_the_simplest_decimal() -> None:
    """That of fewest digits; the middle where none is short."""
    low, high = np.array([0.9496, 0.3, -2.4, 1 / 3]), np.array([0.9504, 7.2, 1.9, 1 / 3])
    assert simplest(low, high).tolist() == [0.95, 4.0, 0.0, 1 / 3]


def stays(since: pl.DataType, until: pl.DataType, seed: int = 0) -> pl.DataFrame:
    """From one time to another, some without an end."""
    rng = np.random.default_rng(seed)
    start = [
        datetime(2024, 1, 1) + timedelta(minutes=int(m)) for m in rng.integers(0, 400_000, 200)
    ]
    end = [s + timedelta(minutes=int(m)) if m % 9 else None
           for s, m in zip(start, rng.integers(1_000, 60_000, 200), strict=True)]  # fmt: skip
    rows = pl.DataFrame({"who": range(200), "since": start, "until": end})
    return rows.with_columns(_typed("since", since), _typed("until", until))


def _typed(column: str, dtype: pl.DataType) -> pl.Expr:
    """A moment as the type has it, in its zone."""
    zone = dtype.time_zone if isinstance(dtype, pl.Datetime) else None
    moment = pl.col(column).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return moment.cast(dtype)


@settings(max_examples=30)
@given(
    st.tuples(st.sampled_from(TIMES), st.sampled_from(TIMES)),
    st.sampled_from(["days", "hours", "minutes"]), st.sampled_from(NUMBERS),
    st.sampled_from(["floor", "ceil", "round"]), st.integers(0, 3),
)  # fmt: skip
def test_a_time_between_comes_back(
    times: tuple[pl.DataType, pl.DataType], unit: str, dtype: pl.DataType, how: str, seed: int
) -> None:
    """However it is rounded; null where one of the times is."""
    rows = stays(*times, seed)
    both = ("since", "until")
    micro = orders.comparable("until", rows, both) - orders.comparable("since", rows, both)
    value = micro.dt.total_microseconds() / (86_400_000_000 / orders.DAYS[unit])
    rows = rows.with_columns(took=getattr(value, how)().cast(dtype))
    step = Elapsed.learn(orders.Elapsed("took", "since", "until", unit, 0), table(rows))
    assert step is not None
    assert step.written == ()
    assert_frame_equal(trip(step, rows), rows)


def test_days_by_the_calendar_and_years_by_birthdays() -> None:
    """Nights in a hospital; ages."""
    rows = (
        stays(TIMES[1], TIMES[1])
        .with_columns(
            took=pl.col("until").dt.date() - pl.col("since").dt.date(),
        )
        .with_columns(pl.col("took").dt.total_days().cast(pl.Int16))
    )
    step = Elapsed.learn(orders.Elapsed("took", "since", "until", "days", 0), table(rows))
    assert step is not None
    assert (step.rounding, step.written) == ("dates", ())
    assert_frame_equal(trip(step, rows), rows)
    born = [date(1980, 2, 29) + timedelta(days=97 * i) for i in range(200)]
    ages = [2024 - b.year - ((b.month, b.day) > (1, 1)) for b in born]
    rows = pl.DataFrame({"who": range(200), "born": born, "age": ages, "day": date(2024, 1, 1)})
    step = Elapsed.learn(orders.Elapsed("age", "born", "day", "years", 0), table(rows))
    assert_frame_equal(trip(step, rows), rows)


@pytest.mark.parametrize("unknown", [None, False])
def test_a_flag_comes_back(unknown: bool | None) -> None:
    """Null or false where a time is, as real rows have it."""
    rows = stays(TIMES[1], TIMES[2]).with_columns(due=pl.col("since").dt.offset_by("20d"))
    late = pl.col("due").cast(pl.Datetime("us")) < pl.col("until").cast(pl.Datetime("us"))
    rows = rows.with_columns(late=late.fill_null(unknown) if unknown is not None else late)
    step = Flag.learn(orders.Flag("late", "due", "until"), table(rows))
    assert_frame_equal(trip(step, rows), rows)


def test_damaged_steps_are_refused_when_they_are_read() -> None:
    """A formula that does not exist, a rate that is no number, a unit, a type."""
    rows = shop(60)
    formula = Formula.learn(TOTAL, table(rows))
    relation = rates.Rate("sales", "units", "product", 2, pl.DataFrame())
    rate = Rate.learn(relation, table(rows))
    assert formula is not None
    assert rate is not None
    for step, damage in (
        (formula, {"shape": "{} ^ {}"}), (formula, {"operands": ["price"]}),
        (formula, {"rounding": "up and down"}), (rate, {"usual": float("nan")}),
        (rate, {"rest": rate.rest.to_dict() | {"dtype": {"name": "String"}}}),
    ):  # fmt: skip
        with pytest.raises((ValueError, KeyError)):
            type(step).from_dict(step.to_dict() | damage)
