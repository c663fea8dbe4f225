"""The order of rows tells the shift of times, and an order that is mixed tells nothing."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from anonymizer.checks.attacks.shifts import (
    ShiftsFound,
    by_calendar_found,
    by_group,
    by_order_found,
    part_of,
    share_right,
    true_shifts,
)

ROWS, PEOPLE, DAYS = 6_000, 200, 365
DAY = pl.Series("day", [row * DAYS // ROWS for row in range(ROWS)])  # sorted, as logs are


@pytest.fixture(name="log")
def log_() -> pl.DataFrame:
    """A year of a log: whose each row is, the true time, and the moved one."""
    who = pl.Series("who", range(ROWS)).hash(seed=1) % PEOPLE
    shift = (who.hash(seed=2) % 60).cast(pl.Int64) - 30
    shift = shift + (shift >= 0)  # never by none
    true = (DAY + 19_000).cast(pl.Int32).cast(pl.Date)
    moved = (DAY + 19_000 + shift).cast(pl.Int32).cast(pl.Date)
    return pl.DataFrame({"who": who, "true": true, "time": moved, "day": DAY})


def truth_of(log: pl.DataFrame) -> pl.DataFrame:
    """The shift of each entity."""
    truth = true_shifts(log["who"], log["true"], log["time"])
    assert truth is not None
    return truth


def test_sorted_rows_tell_nearly_all_shifts(log: pl.DataFrame) -> None:
    """And chance is what five of sixty shifts are, or what the ends of the histories tell."""
    found = by_order_found(log["who"], log["time"], truth_of(log), seed=0)
    assert found.found.value > 0.95
    assert found.chance < 0.15
    assert found.gain > 0.95
    assert found.entities == PEOPLE


@pytest.mark.parametrize("by", [["who"], ["mixed"]])
def test_an_order_that_knows_no_time_tells_nothing(log: pl.DataFrame, by: list[str]) -> None:
    """Entities by themselves, or rows mixed: no more than without any order."""
    rows = log.with_columns(mixed=pl.int_range(pl.len()).hash(seed=5)).sort(by, maintain_order=True)
    found = by_order_found(rows["who"], rows["time"], truth_of(log), seed=0)
    assert found.found.value < found.chance + 0.02


def test_a_column_that_goes_with_the_day_tells_them_in_any_order(log: pl.DataFrame) -> None:
    """As a partition does: the mean of its moved times is its day."""
    rows = log.sample(fraction=1, shuffle=True, seed=3)
    assert share_right(by_group(rows["who"], rows["time"], rows["day"]), truth_of(log))[0].low > 0.8


def test_times_that_do_not_move_by_entity_have_no_shift(log: pl.DataFrame) -> None:
    """Kept times, and times that were truncated."""
    month = log["true"].dt.truncate("1mo")
    assert true_shifts(log["who"], log["true"], log["true"]) is None
    assert true_shifts(log["who"], log["true"], month) is None
    nobody = log.clear()
    assert true_shifts(nobody["who"], nobody["true"], nobody["time"]) is None
    assert date(2022, 1, 8) == log["true"][0]


@pytest.mark.parametrize(
    ("column", "part"),
    [
        (pl.col("true").dt.to_string("%A"), "day of the week"),
        (pl.col("true").dt.weekday().hash(seed=4), "day of the week"),  # tokens tell it, too
        (pl.col("true").dt.to_string("%Y-%m"), "month"),  # of one year
        (pl.col("true").dt.quarter(), "quarter"),
        (pl.col("who") % 7, None),
        (pl.col("time").dt.weekday(), None),
        (pl.lit("a"), None),
    ],
)
def test_a_column_that_stands_for_a_part_of_the_date_is_known(
    log: pl.DataFrame, column: pl.Expr, part: str | None
) -> None:
    """Value for value, under any name; that of the moved time is none of the true one."""
    assert part_of(log["true"], log.select(column).to_series()) == part


def guessed(day: np.ndarray, who: np.ndarray, seed: int, reach: int = 30) -> ShiftsFound:
    """What the calendar tells of visits (N,) on days since 1970, moved by up to `reach` days."""
    moved = np.random.default_rng(seed).integers(-reach, reach + 1, who.max() + 1)[who]
    raw, masked = (pl.Series(x).cast(pl.Int32).cast(pl.Date) for x in (day, day + moved))
    people = pl.Series("who", who)
    truth = true_shifts(people, raw, masked)
    assert truth is not None
    return by_calendar_found(people, raw, masked, truth, seed=seed)


def test_days_on_which_nobody_came_tell_shifts_in_any_order() -> None:
    """Closed at the end of the week and on days more: thirty visits fit one shift."""
    rng = np.random.default_rng(0)
    open_days = np.array([d for d in range(20_000, 20_730) if d % 7 < 5 and rng.random() > 0.4])
    who = np.repeat(np.arange(300), 30)
    found = guessed(rng.choice(open_days, len(who)), who, 1)
    assert found.found.value > 0.9
    assert found.gain > 0.85
    assert found.chance < 0.15
    assert found.entities == pytest.approx(300, abs=15)  # some were moved by nothing


def test_days_that_are_all_alike_tell_no_shift() -> None:
    """Of twenty tables without a calendar, far from whose ends people come, one at most is told."""
    told = 0
    for seed in range(20):
        rng = np.random.default_rng(100 + seed)
        who = np.repeat(np.arange(400), 5)
        day = 20_000 + rng.integers(3_000, size=400)[who] + rng.integers(60, size=len(who))
        told += guessed(day, who, seed).gain > 0.05
    assert told <= 1
