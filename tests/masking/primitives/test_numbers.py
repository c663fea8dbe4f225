"""Distinct numbers of a frame are those that `unique` finds, where they are near each other."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizer.masking.primitives.bulk.numbers import Numbers, distinct_numbers

SPAN = 100
NUMBERS = (
    st.none() | st.integers(-60, 60) | st.sampled_from([-(2**63), 2**63 - 1, 2**63, 2**64 - 1])
)


@given(st.lists(st.lists(NUMBERS, max_size=8), max_size=4))
def test_numbers_near_each_other_are_found(batches: list[list[int | None]]) -> None:
    """Whatever comes first, whether null, and at the ends of what there is."""
    seen = Numbers(SPAN)
    given_ = [value for batch in batches for value in batch if value is not None]
    dtype = pl.UInt64 if max(given_, default=0) >= 2**63 else pl.Int64
    known = {value for value in given_ if dtype == pl.Int64 or value >= 0}
    for batch in batches:
        values = [value for value in batch if value is None or value in known]
        seen.mark(pl.Series(values, dtype=dtype))
    if seen.is_wide:
        assert (
            max(known) - min(known) > SPAN or max(abs(each) for each in known) >= 2**63 - 2 * SPAN
        )
    else:
        assert (len(seen), seen.values().to_list()) == (len(known), sorted(known))
        assert not known or seen.values().dtype == dtype


@pytest.mark.parametrize("dtype", [pl.Int8, pl.UInt32, pl.Int64, pl.Int128, pl.Date])
def test_columns_are_read_together(dtype: Any) -> None:
    """Each in its own type, with the rows of all batches; those that are too wide are left out."""
    near = pl.Series([5, None, 7, 5], dtype=pl.Int32).cast(dtype)
    frame = pl.DataFrame({"near": near, "far": [0, 2**40, 1, None]})
    rows, found = distinct_numbers(pl.concat([frame.lazy()] * 3), ["near", "far"], SPAN)
    assert (rows, list(found)) == (12, ["near"])
    assert found["near"].values().equals(near[[0, 2]])
    assert distinct_numbers(frame.clear().lazy(), ["near"], SPAN)[0] == 0
