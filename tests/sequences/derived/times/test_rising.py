"""Times that are told as differences to the event, and yet never fall from row to row."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from anonymizer.relations.kinds.histories import Rising
from anonymizer.relations.kinds.orders import Order
from anonymizer.sequences.derived.base.step import Draws, Table
from anonymizer.sequences.derived.times.above import Above
from anonymizer.sequences.derived.times.since import Since
from tests.sequences.stub import untrained

HOUR = timedelta(hours=1)


def stays(every: int = 0) -> pl.DataFrame:
    """600 stays of 100 patients, none before the last has ended, but for one in `every`."""
    rng = np.random.default_rng(0)
    gap, long = rng.integers(300, 900, 600), rng.integers(2, 280, 600)
    long[::7] = 1
    hours = pl.Series(gap.reshape(100, 6).cumsum(axis=1).ravel())
    row = pl.int_range(pl.len())
    late = pl.when(row % every == 1).then(950).otherwise(0) if every else pl.lit(0)
    return pl.DataFrame({"customer": np.repeat(np.arange(100), 6)}).with_columns(
        time=datetime(2020, 1, 1) + HOUR * hours,
        left=pl.when(row % 9 != 4).then(
            datetime(2020, 1, 1) + HOUR * hours + HOUR * (pl.Series(long) + late)
        ),
        number=(pl.Series(long) + late + hours).cast(pl.Int64), start=hours,
    )  # fmt: skip


def falls(rows: pl.DataFrame, column: str) -> int:
    """Rows below the one before that has a value."""
    return int((~Rising(column, "customer").kept(rows.drop_nulls(column))).sum())


RISING = [Rising("left", "customer"), Rising("number", "customer")]
BOUNDS = [Order("time", "left", strict=True), Order("start", "number", strict=True)]


def learned(column: str, rows: pl.DataFrame) -> Since | Above:
    """The step of a column."""
    kind = Since if column == "left" else Above
    step = kind.learn(
        column, [*RISING, *BOUNDS[column == "number" :][:1]], Table(rows, "customer", "time", 5)
    )
    assert isinstance(step, Since | Above)
    return step


def laid(step: Since | Above, rows: pl.DataFrame, longer: pl.Expr, **past: Any) -> pl.DataFrame:
    """Rows whose differences are others than they were."""
    entity = rows["customer"].to_numpy()
    position = rows.select(pl.int_range(pl.len()).over("customer")).to_series().to_numpy()
    written = rows.drop(step.column).with_columns(step.take_off(rows)).with_columns(longer)
    return written.with_columns(step.lay_on(written, Draws(0, entity, position, **past)))


@pytest.mark.parametrize("column", ["left", "number"])
def test_no_end_is_before_an_earlier_one(column: str) -> None:
    """However long some stays are; those that need no change have none, and none ends too early."""
    rows, some = stays(), pl.int_range(pl.len()) % 5 == 2
    step = learned(column, rows)
    longer = pl.when(some).then(pl.col(column) * 40).otherwise(pl.col(column))
    back = laid(step, rows, longer)
    assert falls(rows.with_columns(left="time"), "left") == falls(back, column) == 0
    assert (back["left"] > back["time"]).all()
    assert (back["number"] > back["start"]).all()
    assert back.filter(~some)[column].equals(rows.filter(~some)[column])
    assert laid(step, rows, pl.col(column))[column].equals(rows[column])


def test_what_happened_stays_and_later_rows_come_after_it() -> None:
    """A stay that has ended late is no reason to change it."""
    rows = stays()
    step = learned("left", rows)
    past = (rows.select(pl.int_range(pl.len()).over("customer")).to_series() < 3).to_numpy()
    late = pl.when(pl.Series(past)).then(pl.col("left") + 900 * HOUR).otherwise("left")
    happened = laid(step, rows, late, past=past)
    last = (
        happened.filter(pl.Series(past))
        .group_by("customer")
        .agg(pl.col("left").max().alias("last"))
    )
    new = happened.filter(~pl.Series(past)).join(last, on="customer").drop_nulls("left")
    assert (new["last"] > new["time"]).any()
    assert (new["left"] >= new["last"]).all()
    assert falls(happened.filter(~pl.Series(past)), "left") == 0


def test_real_falls_keep_their_rate() -> None:
    """One stay in fifty ends after the next one did: no more do, and some still do."""
    rows = stays(every=50)
    step = learned("left", rows)
    assert 0.01 < step.falls < 0.03
    back = laid(step, rows, pl.col("left").shuffle(3).fill_null(HOUR) * 8)
    assert 0 < falls(back, "left") < 0.03 * len(rows)


def test_ends_never_fall_whatever_the_network_says() -> None:
    """As in the data, nulls between them or not."""
    real = stays().select("customer", "time", "left")
    sampled = untrained(real, derived=True).sample(150)
    assert falls(real, "left") == falls(sampled, "left") == 0
    assert (sampled["left"] > sampled["time"]).drop_nulls().all()
