"""Interval fingerprints against histories worked out by hand and a slow oracle."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizer.checks.attacks.fingerprints import fingerprints
from anonymizer.errors import DataError, UsageError

Rows = list[tuple[int | None, int | None]]

ROWS = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(0, 5)), st.one_of(st.none(), st.integers(0, 12))),
    max_size=40,
)


def table(rows: Rows) -> pl.DataFrame:
    """Who and on which day, one row per event."""
    return pl.DataFrame(rows, {"who": pl.Int64, "day": pl.Int64}, orient="row")


def runs(days: set[int], p: int) -> list[tuple[int, ...]]:
    """The gaps of every run of p events; of the whole history, if it is shorter."""
    gaps = [after - before for before, after in pairwise(sorted(days))]
    length = min(p, max(1, len(days))) - 1
    return [tuple(gaps[n : n + length]) for n in range(len(gaps) - length + 1)]


def oracle(rows: Rows, p: int) -> float:
    """The share by comparing every run with every history."""
    people: dict[int, set[int]] = {}
    for who, day in rows:
        if who is not None:
            people.setdefault(who, set()).update([] if day is None else [day])
    shares = []
    for own in people.values():
        held = [
            sum(run in runs(other, len(run) + 1) for other in people.values())
            for run in runs(own, p)
        ]
        shares.append(sum(each == 1 for each in held) / len(held))
    return float(np.mean(shares)) if shares else float("nan")


def test_fingerprints_by_hand() -> None:
    """Gaps 9, 30 and 9 against 9, 8: half of Ann's pairs of gaps are hers alone, and so on."""
    ann, bob = [0, 9, 39, 48], [100, 109, 117]
    rows: Rows = [*((1, day) for day in ann), *((2, day) for day in bob), (3, 5)]
    two, three, four = fingerprints(table(rows), "who", "day", (2, 3, 4))
    assert two.share.value == pytest.approx((1 / 3 + 1 / 2 + 0) / 3)
    assert three.share.value == pytest.approx(2 / 3)
    assert three.full.value == 1.0
    assert [each.short for each in (two, three, four)] == [1, 1, 2]
    assert [each.entities for each in (two, three, four)] == [3, 3, 3]
    assert two.share.low == two.share.value == two.share.high


@given(ROWS, st.integers(2, 5))
def test_small_tables_equal_brute_force(rows: Rows, p: int) -> None:
    """All runs of all histories are compared."""
    (found,) = fingerprints(table(rows), "who", "day", [p])
    assert found.share.value == pytest.approx(oracle(rows, p), nan_ok=True)


@given(ROWS, st.lists(st.integers(-400, 400), min_size=6, max_size=6))
def test_a_shift_per_person_changes_nothing(rows: Rows, shifts: list[int]) -> None:
    """Whole days added to all dates of a person leave the figures as they were."""
    shifted: Rows = [
        (who, day if who is None or day is None else day + shifts[who]) for who, day in rows
    ]
    before, after = (
        [(each.share.value, each.short) for each in fingerprints(table(r), "who", "day")]
        for r in (rows, shifted)
    )
    np.testing.assert_equal(before, after)


def test_the_order_of_rows_does_not_matter() -> None:
    """Events are put into order first."""
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"who": rng.integers(0, 40, 400), "day": rng.integers(0, 200, 400)})
    shuffled = frame.sample(fraction=1, shuffle=True, seed=1)
    assert fingerprints(frame, "who", "day") == fingerprints(shuffled, "who", "day")


def test_lines_of_a_basket_are_one_event() -> None:
    """Rows of a person at one time make no gap of zero."""
    rows: Rows = [(1, 3), (1, 5), (2, 3), (2, 6)]
    once, often = (fingerprints(table(each), "who", "day", [2]) for each in (rows, rows * 4))
    assert once == often


def test_nobody_and_never_are_left_out() -> None:
    """Rows without an entity hide nobody; rows without a time are no event."""
    rows: Rows = [(1, 0), (1, 9), (2, 0), (2, 8)]
    more: Rows = [*rows, (None, 0), (None, 9), (1, None)]
    assert fingerprints(table(more), "who", "day", [2]) == fingerprints(
        table(rows), "who", "day", [2]
    )
    assert fingerprints(table(more), "who", "day", [2])[0].share.value == 1.0


@pytest.mark.parametrize("rows", [[], [(None, 3)]])
def test_an_empty_table_has_no_figure(rows: Rows) -> None:
    """Without entities every figure is NaN between 0 and 1."""
    for found in fingerprints(table(rows), "who", "day"):
        assert np.isnan(found.share.value)
        assert (found.share.low, found.share.high, found.entities) == (0.0, 1.0, 0)


def test_one_event_each_tells_nobody_apart() -> None:
    """Without a gap there is nothing to compare, unless there is one person only."""
    assert [e.share.value for e in fingerprints(table([(1, 3), (2, 9)]), "who", "day")] == [0.0] * 4
    assert [e.share.value for e in fingerprints(table([(1, 3)]), "who", "day")] == [1.0] * 4


DAYS = [date(2024, 3, 1), date(2024, 3, 30), date(2024, 4, 1), date(2024, 4, 30)]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin", "Asia/Shanghai"])
def test_days_are_days_in_every_zone_and_unit(unit: str, zone: str | None) -> None:
    """A gap over the change of clocks is the same 29 days."""
    frame = pl.DataFrame({"who": [1, 1, 2, 2], "day": DAYS})
    times = pl.col("day").cast(pl.Datetime(unit)).dt.replace_time_zone(zone)  # type: ignore[arg-type]
    for each in (frame, frame.with_columns(times)):
        assert fingerprints(each, "who", "day", [2])[0].share.value == 0.0


def test_seconds_tell_more_than_days() -> None:
    """The finer the attacker sees times, the more people are singled out."""
    start = datetime(2024, 1, 1, tzinfo=UTC)
    steps = [timedelta(days=1, seconds=n) for n in range(4)]
    rows = [(n, start + step * k) for n, step in enumerate(steps) for k in range(2)]
    frame = pl.DataFrame(rows, ["who", "when"], orient="row")
    assert fingerprints(frame, "who", "when", [2])[0].share.value == 1.0
    days = frame.with_columns(pl.col("when").dt.truncate("1d"))
    assert fingerprints(days, "who", "when", [2])[0].share.value == 0.0


def test_wrong_calls_are_refused() -> None:
    """Text is no time, and one event has no gap."""
    frame = pl.DataFrame({"who": [1], "day": ["Monday"]})
    with pytest.raises(DataError, match="day must be Date, Datetime or an integer"):
        fingerprints(frame, "who", "day")
    with pytest.raises(DataError, match="no column when"):
        fingerprints(frame, "who", "when")
    with pytest.raises(UsageError, match="at least 2"):
        fingerprints(table([(1, 1)]), "who", "day", [1])
