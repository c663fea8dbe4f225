"""Values become tokens and tokens values; what few entities hold stays out."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anonymizer.errors import DataError
from anonymizer.sequences.histories.protection import protected_counts, protected_range, whole
from anonymizer.sequences.tokens.bins import Grid
from anonymizer.sequences.tokens.plain import from_plain
from anonymizer.sequences.tokens.values import (
    NULL,
    RARE,
    Categories,
    Numbers,
    learn_codec,
)

STEADY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # under any load

integers = st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=200)


@STEADY
@given(values=integers, k=st.integers(1, 6))
def test_every_token_decodes_inside_its_bounds(values: list[int], k: int) -> None:
    """Whatever was learned, tokens are in range and values in the token's interval."""
    array = np.array(values)
    grid = Grid.learn(array, np.arange(len(array)) % 17, k, bins=8)
    tokens = grid.encode(array)
    assert tokens.min() >= 1
    assert tokens.max() < grid.size
    for u in (0.0, 0.5, 1 - 2**-53):
        decoded = grid.decode(tokens, np.full(len(tokens), u))
        assert (decoded >= grid.low[tokens]).all()
        assert (decoded <= grid.high[tokens]).all()


@STEADY
@given(values=integers)
def test_atoms_come_back_exactly(values: list[int]) -> None:
    """Common values survive the round trip."""
    array = np.array(values * 3)
    grid = Grid.learn(array, np.arange(len(array)), 3, bins=10**6)
    common = np.isin(array, grid.atoms)
    decoded = grid.decode(grid.encode(array), np.full(len(array), 0.9))
    assert (decoded == array)[common].all()
    assert common.all() or len(array) > 10**6


def test_a_price_point_stands_out_and_chance_repeats_do_not() -> None:
    """A price that many pay is a value of its own; one that came up twice by chance is not."""
    rng = np.random.default_rng(0)
    prices = np.concatenate([rng.integers(500, 5_000, 4_000), np.full(60, 1999)])
    grid = Grid.learn(prices, np.arange(len(prices)), k=5)
    assert 1999 in grid.atoms
    assert len(grid.atoms) < 12


def test_a_bin_keeps_the_slope_of_its_values() -> None:
    """Values that crowd at one end of a broad bin are put back there, on average."""
    rng = np.random.default_rng(0)
    values = rng.exponential(1_000, 3_000).astype(np.int64)
    grid = Grid.learn(values, np.arange(3_000), k=5, bins=4)
    again = grid.decode(grid.encode(values), rng.random(3_000))
    assert abs(again.mean() / values.mean() - 1) < 0.03


def test_no_entity_outweighs_the_others_in_a_count() -> None:
    """A cell counts no entity for more than its k-th largest, and is empty below k entities."""
    cells = np.array([0] * 104 + [1] * 4 + [2] * 5)
    owner = np.array([0] * 100 + [1, 2, 3, 4] + [1, 2, 3, 4] + [1, 2, 3, 4, 5])
    np.testing.assert_allclose(protected_counts(cells, owner, 4, 5), [5, 0, 5, 0])


def test_a_value_of_one_entity_stays_out_however_often_it_is_repeated() -> None:
    """Fifty purchases at one odd price by one customer leave no trace in the codec."""
    rng = np.random.default_rng(0)
    amounts = np.concatenate([np.round(rng.gamma(2, 10, 500), 2), np.full(50, 31337.13)])
    owner = np.concatenate([np.arange(500) % 60, np.full(50, 60)])
    codec = Numbers.learn(pl.Series(amounts), owner, k=5)
    told = [*codec.grid.atoms.tolist(), *codec.grid.edges.tolist()]
    assert 3133713 not in told
    assert max(told) < 20_000


def test_a_category_of_four_customers_is_rare() -> None:
    """Five holders are enough, four are not, however many rows they have."""
    values = ["common"] * 5 + ["secret"] * 400
    owner = np.array([0, 1, 2, 3, 4, *[e % 4 for e in range(400)]])
    codec = Categories.learn(pl.Series(values), owner, k=5)
    assert codec.values == ["common"]
    assert "secret" not in json.dumps(codec.to_dict())
    assert codec.encode(pl.Series(["common", "secret", "new", None])).tolist() == [2, RARE, RARE, 0]
    assert codec.decode(np.array([0, 1, 2]), np.zeros(3)).to_list() == [None, "OTHER", "common"]


def test_extremes_are_means_of_several_entities() -> None:
    """Neither the smallest nor the largest value of anybody is a bound."""
    values = np.array([0, 100, 101, 102, 103, 104, 105, 106, 107, 9999])
    assert protected_range(values, np.arange(10), k=2) == (101, 106)


@pytest.mark.parametrize(
    "column",
    [
        pl.Series([1.95, 2.5, None, 1.95] * 5),
        pl.Series([1, -2, None, 3] * 5, dtype=pl.Int16),
        pl.Series([True, False, None, True] * 5),
        pl.Series(["a", "b", None, "ü"] * 5),
        pl.Series(["a", "b", None, "a"] * 5, dtype=pl.Categorical),
        pl.Series([date(2024, 2, 29), None] * 10),
        pl.Series([Decimal("1.10"), Decimal("-2.25"), None, Decimal("0.00")] * 5),
        pl.Series([None, None] * 10, dtype=pl.String),
        pl.Series([None, None] * 10, dtype=pl.Float64),
        pl.Series([7.5] * 20, dtype=pl.Float32),
    ],
    ids=lambda s: str(s.dtype),
)
def test_common_values_survive_in_their_type(column: pl.Series) -> None:
    """Each type comes back as it was, nulls included, also through JSON."""
    codec = learn_codec(column, np.arange(20), k=2)
    again = from_plain(Categories | Numbers, json.loads(json.dumps(codec.to_dict())))
    assert again.to_dict() == codec.to_dict()


def test_nan_and_infinities_are_null() -> None:
    """What is no number is absent."""
    codec = Numbers.learn(pl.Series([1.0, 2.0] * 10), np.arange(20), k=2)
    strange = pl.Series([float("nan"), float("inf"), float("-inf"), 1.0])
    assert codec.encode(strange).tolist()[:3] == [NULL] * 3


def test_prices_keep_two_digits() -> None:
    """Decimals are learned, also for amounts that are not common."""
    rng = np.random.default_rng(1)
    amounts = pl.Series(np.round(rng.gamma(2, 20, 2000), 2))
    codec = Numbers.learn(amounts, np.arange(2000) % 100, k=5)
    decoded = codec.decode(codec.encode(amounts), rng.random(2000))
    assert codec.decimals == 2
    assert (decoded.round(2) == decoded).all()


def test_an_unknown_boolean_is_never_sampled() -> None:
    """A type without a word for rare values must not be asked for one."""
    assert learn_codec(pl.Series([True, False] * 9), np.arange(18), 2).forbidden().tolist() == [
        RARE
    ]


@pytest.mark.parametrize(
    "column",
    [
        pl.Series([2**53 + 1, 2**53 + 3, -(2**61) - 1] * 20),
        pl.Series([2**53 + 1, 2**60 + 1] * 30, dtype=pl.UInt64),
        pl.Series([2**53 + 1, 2**60 + 1] * 30, dtype=pl.Int128),
        pl.Series([1_700_000_000_123_456_789] * 60).cast(pl.Datetime("ns")),
    ],
    ids=lambda s: str(s.dtype),
)
def test_whole_numbers_beyond_a_float_are_exact(column: pl.Series) -> None:
    """Ids, amounts in smallest units and nanoseconds come back to the last digit."""
    codec = learn_codec(column, np.arange(60), k=5)
    assert codec.decode(codec.encode(column), np.full(60, 0.5)).equals(column)


def test_bins_of_large_whole_numbers_are_sound() -> None:
    """Values over all of the range fall into bins that hold them."""
    values = np.random.default_rng(0).integers(-(2**61), 2**61, 600)
    codec = Numbers.learn(pl.Series(values), np.arange(600), k=5)
    tokens = codec.encode(pl.Series(values))
    low, high = codec.grid.low[tokens], codec.grid.high[tokens]
    inside = (values >= low) & (values <= high)
    assert inside.mean() > 0.9
    decoded = codec.decode(tokens, np.full(600, 1 - 2**-53)).to_numpy()
    assert ((decoded >= low) & (decoded <= high)).all()


@pytest.mark.parametrize("value", [2**63 - 1, 2**62 + 1, -(2**63)])
def test_whole_numbers_that_no_step_can_hold_are_refused(value: int) -> None:
    """They would come back altered; those of a few entities are cut and counted."""
    column = pl.Series("hash", [value] * 5 + [7] * 55)
    with pytest.raises(DataError, match="column 'hash' holds whole numbers beyond"):
        learn_codec(column, np.arange(60), k=5)
    few = Numbers.learn(column, np.minimum(np.arange(60), 55) % 56 // 2, k=5)
    assert few.cut(column).sum() == 5


@pytest.mark.parametrize("scale", [1e-9, 1e-24, 1e17, 1e300])
def test_tiny_and_huge_columns_keep_their_scale(scale: float) -> None:
    """Digits are counted from where the values lie."""
    values = np.round(np.random.default_rng(0).uniform(0.1, 9, 300), 2) * scale
    column = pl.Series(np.concatenate([values, -values]))
    codec = Numbers.learn(column, np.arange(600) % 90, k=5)
    decoded = codec.decode(codec.encode(column), np.full(600, 0.5)).to_numpy()
    np.testing.assert_allclose(decoded, column, atol=scale)
    assert not codec.cut(column).any()
    assert np.corrcoef(decoded / scale, column / scale)[0, 1] > 0.99


@pytest.mark.parametrize("dtype", [pl.Float32, pl.Float64])
def test_the_largest_floats_stay_finite(dtype: type[pl.DataType]) -> None:
    """Neither what is sampled nor how far out a value lies is infinite or NaN."""
    most = float(np.finfo(np.float32 if dtype == pl.Float32 else np.float64).max)
    column = pl.Series([most, -most, 1.0] * 30, dtype=dtype)
    codec = Numbers.learn(column, np.arange(90), k=5)
    assert codec.decode(np.arange(1, codec.size), np.full(codec.size - 1, 0.999)).is_finite().all()
    prices = Numbers.learn(pl.Series([1.95, 2.95] * 45), np.arange(90), k=5)
    for each in (codec, prices):
        assert np.isfinite(each.outside(column)).all()


def test_what_vanishes_beside_others_is_counted() -> None:
    """Values that become 0 because the others have few digits are not lost in silence."""
    codec = Numbers.learn(pl.Series([1.25] * 50 + [1e-8] * 50), np.arange(100), k=5)
    assert codec.cut(pl.Series([1e-8, 0.0, 1.25, None])).tolist() == [True, False, False, False]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_times_of_another_unit_are_the_same_times(unit: str) -> None:
    """A field of microseconds is known again in milliseconds."""
    column = pl.Series([date(2024, 1, 1 + d) for d in range(20)] * 5).cast(pl.Datetime("us"))
    codec = learn_codec(column, np.arange(100), k=2)
    other = column.cast(pl.Datetime(unit))  # type: ignore[arg-type]
    np.testing.assert_array_equal(codec.encode(other), codec.encode(column))
    assert isinstance(codec, Numbers)
    assert codec.outside(other).max() == 0


PEOPLE = np.arange(2_000) % 100
UNEVEN = np.random.default_rng(0).gamma(2, 300, 2_000)


@pytest.mark.parametrize(
    ("column", "is_right"),
    [
        (pl.Series((UNEVEN / 50).round() * 50), lambda c: c % 50 == 0),
        (pl.Series((UNEVEN * 20).round() / 20), lambda c: (c * 20).round(6) % 1 == 0),
        (
            pl.Series(UNEVEN.round(), dtype=pl.Int64) * 60_000_000,
            lambda c: c.dt.total_microseconds() % 60_000_000 == 0,
        ),
        (pl.Series((1e7 + UNEVEN).round(2)), lambda c: (c.round(2) - c).abs() < 1e-9),
        (
            pl.Series((UNEVEN / 100).round(2).astype(np.float32)),
            lambda c: (c.cast(pl.Float64).round(2) - c).abs() < 1e-5,
        ),
    ],
    ids=["steps of fifty", "steps of 0.05", "whole minutes", "cents of millions", "32 bits"],
)
def test_values_keep_their_step(
    column: pl.Series, is_right: Callable[[pl.Series], pl.Series]
) -> None:
    """What is drawn inside a bin is a value that there could be."""
    if column.dtype == pl.Int64:
        column = column.cast(pl.Duration("us"))
    codec = Numbers.learn(column, PEOPLE, 5)
    rng = np.random.default_rng(1)
    tokens = rng.integers(1, codec.size, 5_000)
    assert is_right(codec.decode(tokens, rng.random(5_000))).all()
    assert not codec.rounded(column).any()
    again = from_plain(Categories | Numbers, json.loads(json.dumps(codec.to_dict())))
    assert again.to_dict() == codec.to_dict()


def test_a_few_finer_values_are_rounded_and_counted() -> None:
    """One in a hundred has more digits than the others, by twenty people: all get two."""
    prices = (UNEVEN / 100).round(2)
    prices[:20] += 0.00123
    codec = Numbers.learn(pl.Series(prices), PEOPLE, 5)
    assert codec.decimals == 2
    assert codec.rounded(pl.Series(prices)).nonzero()[0].tolist() == list(range(20))
    prices[:200] += 0.00123
    assert Numbers.learn(pl.Series(prices), PEOPLE, 5).decimals > 2


def test_many_zeros_say_nothing_of_the_others() -> None:
    """Refunds of few rows keep their digits; ones and twos among zeros stay what they are."""
    refunds = np.zeros(2_000)
    refunds[::70] = (UNEVEN[::70]).round(2)
    codec = Numbers.learn(pl.Series(refunds), PEOPLE, 5)
    assert codec.decimals == 2
    assert not codec.rounded(pl.Series(refunds)).any()
    claims = np.zeros(2_000, np.int64)
    claims[::70], claims[::200] = 1, 2
    assert Numbers.learn(pl.Series(claims), PEOPLE, 5).stride == 1


def test_one_customer_sets_neither_step_nor_digits() -> None:
    """Whatever a single one holds among zeros, or among numbers of 32 bits."""
    one = np.zeros(2_000, np.int64)
    one[PEOPLE == 3] = 5_000_000
    assert Numbers.learn(pl.Series(one), PEOPLE, 5).stride == 1
    prices = (UNEVEN / 100).round(2).astype(np.float32).astype(np.float64)
    prices[7] = 0.1 + 0.2
    assert Numbers.learn(pl.Series(prices), PEOPLE, 5).decimals == 2


@pytest.mark.parametrize(
    ("dtype", "last", "step"), [(pl.Int8, 127, 2), (pl.UInt8, 255, 10), (pl.Int32, 2**31 - 1, 10)]
)
def test_a_sentinel_at_the_end_of_a_type_stays_inside(
    dtype: type[pl.DataType], last: int, step: int
) -> None:
    """A largest number for "unknown" among multiples of a step, by more than k people."""
    values = np.random.default_rng(0).integers(0, 12, 2_000) * step
    values[:30] = last
    codec = Numbers.learn(pl.Series(values, dtype=dtype), PEOPLE, 5)
    found = codec.decode(np.arange(codec.size), np.full(codec.size, 1 - 2**-53))
    assert found.dtype == dtype


def test_one_odd_price_of_few_is_not_told() -> None:
    """Among five odd amounts beside price points the largest cannot be computed from a bin."""
    points = np.tile([495, 995, 1995, 2995], 300)
    odd = np.array([1210, 1330, 1480, 1595, 765_432_198])
    grid = Grid.learn(
        np.concatenate([points, odd]),
        np.concatenate([np.arange(len(points)) % 90, np.arange(5)]),
        k=5,
    )
    assert grid.high.max() < 5_000


def test_repeats_of_one_customer_draw_no_edge() -> None:
    """An amount that one customer pays five hundred times is no edge and no narrow bin."""
    rng = np.random.default_rng(1)
    owner = np.concatenate([np.arange(4_000) % 80, np.full(500, 7)])
    for secret in rng.integers(2_000, 9_000, 20).tolist():
        amounts = np.rint(np.exp(rng.normal(8.3, 0.5, 4_000))).astype(np.int64)
        grid = Grid.learn(np.concatenate([amounts, np.full(500, secret)]), owner, k=5)
        assert not {secret, secret + 1} & set(grid.edges.tolist())
        token = grid.encode(np.array([secret]))
        assert grid.high[token] - grid.low[token] > 5


def test_a_time_of_day_comes_back_up_to_the_last_nanosecond() -> None:
    """Times of day are numbers, and never at or after midnight."""
    last = 24 * 3_600 * 10**9 - 1
    column = pl.Series([0, 6 * 3_600 * 10**9 + 1, last, None] * 20).cast(pl.Time)
    codec = learn_codec(column, np.arange(80), 5)
    tokens = codec.encode(column)
    assert codec.decode(tokens, np.full(80, 1 - 2**-53)).equals(column)


def test_counts_of_one_site_are_those_of_its_values_elsewhere() -> None:
    """Nulls are nulls, rare ones are rare, and what was in one bin is told apart nowhere."""
    own, every = (
        Categories(["tea", "rye"], pl.String()),
        Categories(["rye", "oat", "tea"], pl.String()),
    )
    assert every.counts_of(own, np.array([1.0, 2, 7, 9])).tolist() == [1, 2, 9, 0, 7]
    column = pl.Series("n", [None, *([5] * 30), *range(100, 160)])
    coarse = Numbers.learn(column, np.arange(len(column)), 20, told=True)
    fine = Numbers.learn(column, np.arange(len(column)), 3, told=True)
    assert isinstance(coarse, Numbers)
    counts = np.bincount(coarse.encode(column), minlength=coarse.size).astype(float)
    found = fine.counts_of(coarse, counts)
    assert found.sum() == len(column)
    assert found[fine.encode(pl.Series([None, 5], dtype=pl.Int64))].tolist() == [1, 30]
    atoms = found[1 : 1 + len(fine.grid.atoms)]
    assert atoms.sum() == 30


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ([6, 9, 0], [6, 9, 0]),  # nobody is missing
        ([6, 9, 0, 0], [0, 9, 0, 0]),  # three are
        ([0, 0], [0, 0]),  # all are
    ],
)
def test_what_is_missing_to_a_whole_is_of_k_entities(counts: list[int], told: list[int]) -> None:
    """Or who can count to the whole reads what was not told."""
    total = sum(counts) + 3 * (len(counts) == 4)
    assert whole(np.array(counts, float), total, 5).tolist() == told
    assert whole(np.array([6.0, 9]), 20, 5).tolist() == [6, 9]
