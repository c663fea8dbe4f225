"""Bills fall due so many days after they are written, and nobody pays later than in the data."""

from datetime import date, datetime

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anonymizer.relations.kinds import lags
from anonymizer.relations.search.discover import discover
from anonymizer.sequences.derived.times.lag import Lag, Until
from tests.sequences.derived.trips import laid, table, trip
from tests.sequences.stub import untrained

TERMS = {"private": 14, "trade": 30, "public": 60}


def bills() -> pl.DataFrame:
    """Due after days that the kind of customer tells, paid before, reminded of a day later."""
    rng, size = np.random.default_rng(0), 400
    kind = pl.Series("kind", [list(TERMS)[i % 3] for i in range(50) for _ in range(8)])
    term = kind.replace_strict(TERMS, return_dtype=pl.Int64)
    early = pl.Series(rng.integers(0, 12, size))
    due = pl.col("time") + pl.duration(days=pl.lit(term))
    return pl.DataFrame({
        "customer": np.repeat(np.arange(50), 8), "kind": kind,
        "time": pl.Series(np.sort(rng.integers(19_000, 19_400, (50, 8))).ravel()).cast(pl.Int32),
    }).with_columns(pl.col("time").cast(pl.Date)).with_columns(
        due=due, reminded=due + pl.duration(days=1),
        paid=pl.when(pl.Series(rng.random(size) < 0.9)).then(due - pl.duration(days=pl.lit(early))),
    )  # fmt: skip


def test_spans_of_days_hold_in_every_row() -> None:
    """By a code, or for all; and what is never after them is not."""
    real = bills()
    found = {str(each.relation): each.relation for each in discover(real, "customer", "time").found}
    assert {"due = time + f(kind)", "paid ≤ due"} <= found.keys()
    assert {"reminded = time + f(kind)", "reminded = due + a constant"} & found.keys()
    sampled = untrained(real, derived=True).sample(60)
    kept = {str(each): each.agrees(sampled) for each in found.values()}
    assert kept == dict.fromkeys(kept, 1.0)
    assert sampled.filter(pl.col("paid") < pl.col("time")).is_empty()


def test_a_span_that_varies_is_none() -> None:
    """Nor is one that a code tells in most rows only."""
    varied = bills().with_columns(
        due=pl.when(pl.int_range(pl.len()) % 20 == 0).then("paid").otherwise("due")
    )
    words = {str(each.relation) for each in discover(varied, "customer", "time").found}
    assert not any(each.startswith("due = ") for each in words)


@pytest.mark.parametrize(
    "dtype", [pl.Date(), pl.Datetime("ms"), pl.Datetime("ns", "Europe/Berlin")]
)
def test_a_lag_comes_back(dtype: pl.DataType) -> None:
    """In the type that it has, and where it is there; new codes have a usual span."""
    rows = bills().rename({"customer": "who", "time": "at"})
    rows = rows.with_columns(pl.when(pl.int_range(pl.len()) % 5 > 0).then("due").alias("due"))
    utc = pl.col("at", "due").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    zone = getattr(dtype, "time_zone", None)
    rows = rows.with_columns(utc.dt.convert_time_zone(zone) if zone else pl.col("at", "due"))
    rows = rows.with_columns(pl.col("at", "due").cast(dtype)).drop("paid", "reminded")
    known = pl.DataFrame({"c": list(TERMS), "n": [d * 86_400_000_000 for d in TERMS.values()]})
    step = Lag.learn(lags.Lag("due", "at", "kind", known), table(rows))
    assert step is not None
    assert step.written == ("due is there",)
    assert_frame_equal(trip(step, rows), rows)
    assert step.kept(rows).all()
    other = rows.with_columns(pl.lit("church").alias("kind"))
    left = other.drop("who", "due").with_columns(step.take_off(other))
    assert laid(step, left, rows["who"])["due"].null_count() == rows["due"].null_count()


def test_what_would_be_late_is_on_time() -> None:
    """Of a day and a moment as well; null stays."""
    rows = pl.DataFrame({
        "who": [0, 1, 2], "paid": [datetime(2024, 1, 5, 9), datetime(2024, 3, 1), None],
        "due": [date(2024, 1, 4), date(2024, 3, 2), date(2024, 3, 2)],
    })  # fmt: skip
    step = Until("paid", "due")
    assert step.kept(rows).to_list() == [False, True, None]
    assert laid(step, rows, rows["who"])["paid"].to_list() == [
        datetime(2024, 1, 4), datetime(2024, 3, 1), None,
    ]  # fmt: skip
