"""Profiles: ranks and bags of values, computed by hand for small tables."""

import numpy as np
import polars as pl
import pytest

from anonymizer.checks.attacks.profiles import Bag, Owned, profiles

ROWS = pl.DataFrame(
    {"item": ["tea", "tea", "jam", "jam", None], "price": [1.0, 3.0, 4.0, 5.0, 6.0]}
)
OWNER = pl.Series([0, 0, 0, 1, 2])


def test_bags_weigh_rare_values_more() -> None:
    """Tea, which one of three buys, twice: (1 + ln 2) ln 4; jam, which two buy: ln 2."""
    table = Owned(ROWS, OWNER)
    bag = profiles(table, table, {"item": "text"}, None)[0].bags["item"]
    jam, tea = np.log(4 / 2), (1 + np.log(2)) * np.log(4 / 1)
    length = np.hypot(jam, tea)
    expected = [[jam / length, tea / length], [1.0, 0.0], [0.0, 0.0]]
    assert bag.dense(np.arange(3)) == pytest.approx(np.array(expected))


def test_moments_are_ranks() -> None:
    """Three rows, one and one; mean prices 8/3, 5 and 6 in ascending order."""
    table = Owned(ROWS, OWNER)
    found, _ = profiles(table, table, {"price": "number"}, None)
    assert found.aspects == ["number of rows", *["price"] * 5]
    assert found.moments[:, 0] == pytest.approx([1 / 3, -1 / 12 - 1 / 12, -1 / 6])
    assert found.moments[:, 2] == pytest.approx([-1 / 3, 0, 1 / 3])


def test_values_that_only_masked_rows_have_are_left_out() -> None:
    """They cannot be matched with anything."""
    masked = Owned(ROWS.with_columns(item=pl.lit("other")), OWNER)
    _, after = profiles(Owned(ROWS, OWNER), masked, {"item": "text"}, None)
    assert not after.bags["item"].dense(np.arange(3)).any()


def test_entities_are_read_in_any_order() -> None:
    """Repeated, reordered and empty ones."""
    bag = Bag(np.array([0, 2, 2]), np.array([0, 2]), np.array([0.6, 0.8]), 3)
    assert bag.dense(np.array([1, 0, 0])).tolist() == [[0, 0, 0], [0.6, 0, 0.8], [0.6, 0, 0.8]]
