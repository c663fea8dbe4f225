"""Where the calendar allows times: all that it says holds together, and little is moved."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizer.errors import DataError
from anonymizer.relations.base.relation import Relation
from anonymizer.relations.kinds.calendar import Apart, Monthly, Steady, Weekdays, Whole
from anonymizer.sequences.derived.base.step import Draws, Table
from anonymizer.sequences.derived.times.cadence import Cadence, Calendar, Position

DAY = 86_400_000_000
FIRST = date(2024, 1, 8)  # a Monday
ZONES = [None, "UTC", "Europe/Berlin", "America/Havana", "Asia/Kathmandu"]
TYPES = [pl.Date(), pl.Datetime("ms"), *(pl.Datetime("us", zone) for zone in ZONES)]


def events(times: pl.Series, each: int = 5) -> pl.DataFrame:
    """So many events of each entity, in order."""
    frame = pl.DataFrame({"id": np.arange(len(times)) // each, "at": times})
    return frame.sort("id", "at", maintain_order=True)


def in_type(times: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Moments without a zone in another type."""
    zone = getattr(dtype, "time_zone", None)
    if zone is None:
        return times.cast(dtype)
    return times.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).cast(dtype)


def drawn(dtype: pl.DataType, count: int, seed: int = 0, days: int = 300) -> pl.Series:
    """Moments of most of a year, to the microsecond."""
    micros = np.random.default_rng(seed).integers(1, days * DAY, count)
    start = datetime(2024, 1, 8)
    return in_type(pl.Series(micros).cast(pl.Duration("us")) + start, dtype)


def draws(frame: pl.DataFrame) -> Draws:
    """The chance of rows that are sorted by entity."""
    position = frame.select(pl.int_range(pl.len()).over("id")).to_series().to_numpy()
    return Draws(0, frame["id"].rle_id().cast(pl.Int64).to_numpy(), position)


def laid(step: Cadence, frame: pl.DataFrame) -> pl.DataFrame:
    """Rows with the time where it can be."""
    return frame.with_columns(step.lay_on(frame, draws(frame)))


def days(count: int) -> int:
    """The day since 1970 that is so many days after the first."""
    return (FIRST - date(1970, 1, 1)).days + count


def step_of(dtype: pl.DataType, window: int = 299, **rules: Any) -> Cadence:
    """A step as it could be learned."""
    calendar = {k: rules.pop(k) for k in ("step", "never", "month") if k in rules}
    unit = DAY if dtype == pl.Date else 1_000
    return Cadence(
        "at",
        "id",
        Calendar(dtype, **{"step": unit, **calendar}),
        (days(0), days(window)),
        **rules,
    )


@given(
    dtype=st.sampled_from(TYPES),
    unit=st.sampled_from([1, 1_000, DAY // 86_400, DAY // 1_440, DAY // 24, DAY]),
    never=st.sampled_from([(), (6, 7), (1, 2, 3, 4, 5, 7)]),
    month=st.sampled_from(["", "first", "last"]),
    apart=st.booleans(),
    seed=st.integers(0, 999),
    span=st.sampled_from([3, 40, 300]),
)
def test_all_of_it_holds_together(
    *,
    dtype: pl.DataType,
    unit: int,
    never: tuple[int, ...],
    month: str,
    apart: bool,
    seed: int,
    span: int,
) -> None:
    """Units, weekdays, months and never two at once, in any type; visits stay, and their order."""
    least = DAY if dtype == pl.Date else 1_000 if dtype == pl.Datetime("ms") else 1
    unit = max(unit, least)
    step = step_of(dtype, 2_000, step=unit, never=never, month=month, apart=apart)
    times = drawn(dtype, 40, seed, span)
    frame = events(pl.concat([times, times[:10]]))
    found = laid(step, frame)
    assert found.schema == frame.schema
    assert found["at"].null_count() == 0
    assert step.kept(found).fill_null(value=True).all()
    moved = found.with_columns(gap=pl.col("at").diff().over("id"))["gap"].drop_nulls()
    assert moved.min() >= timedelta(0)  # type: ignore[operator]  # (a Duration's)
    together = frame.select(x=pl.col("at") == pl.col("at").shift().over("id"))["x"].fill_null(False)
    still = found.select(x=pl.col("at") == pl.col("at").shift().over("id"))["x"].fill_null(False)
    assert not still.any() if apart else still.filter(together).all()
    assert laid(step, found).equals(found)


def test_what_is_allowed_stays_and_the_rest_is_moved_little() -> None:
    """Saturdays go to Fridays and Sundays to Mondays, at the same hour to the minute."""
    dtype = pl.Datetime("us")
    step = step_of(dtype, step=DAY // 1_440, never=(6, 7))
    frame = events(drawn(dtype, 200))
    found = laid(step, frame)
    work = (frame["at"].dt.weekday() < 6) & (frame["at"].dt.weekday().shift(1) < 6)
    assert (found["at"] - frame["at"]).dt.total_hours().abs().max() <= 72  # type: ignore[operator]
    assert np.median(np.abs((found["at"] - frame["at"]).dt.total_seconds().to_numpy())) <= 30
    one = pl.DataFrame({"id": [0], "at": [datetime(2024, 2, 3, 10, 30, 29)]})  # a Saturday
    assert laid(step, one)["at"].to_list() == [datetime(2024, 2, 2, 10, 30)]
    assert work.any()


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_no_time_leaves_the_window(dtype: pl.DataType) -> None:
    """Later events move on, and at the last place back; beyond it only where there is no room."""
    step = step_of(dtype, 6, step=DAY, never=(6, 7), apart=True)
    late = pl.Series([datetime(2024, 1, 12, 12)] * 12)
    frame = events(in_type(late, dtype), each=4)
    found = laid(step, frame)
    local = found["at"].dt.date()
    assert local.to_list() == [date(2024, 1, n) for n in (9, 10, 11, 12)] * 3
    crowded = laid(step, events(in_type(late[:7], dtype), each=7))
    assert step.kept(crowded).drop_nulls().all()
    assert crowded["at"].dt.date()[0] == FIRST


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_one_event_per_step(dtype: pl.DataType) -> None:
    """The n-th is the first and n steps, by the hour, the week or the month of the calendar."""
    frame = events(drawn(dtype, 60), each=6)
    paces: list[dict[str, Any]] = [
        {"pace": 7 * DAY},
        {"pace": 7 * DAY, "never": (6, 7)},
        {"pace": 1, "months": True},
        {"pace": 1, "months": True, "month": "last"},
        {"pace": 2, "months": True, "never": (6, 7)},
    ]
    for rules in paces:
        if "months" not in rules and getattr(dtype, "time_zone", None):
            rules.pop("never", None)  # a week is an hour longer once a year
        step = step_of(dtype, **rules)
        found = laid(step, frame)
        assert step.kept(found).drop_nulls().all()
        local = found["at"].dt.date()
        assert local.min() >= FIRST  # type: ignore[operator]  # (a Date's)
        assert local.max() <= FIRST + timedelta(days=300)  # type: ignore[operator]


def test_longer_at_one_pace_than_the_window_begins_with_it() -> None:
    """The pace holds although there is no room."""
    step = step_of(pl.Date(), 6, pace=7 * DAY)
    found = laid(step, events(drawn(pl.Date(), 6, days=6), each=6))
    assert found["at"].to_list() == [FIRST + timedelta(weeks=n) for n in range(6)]


def learned(frame: pl.DataFrame, *relations: Relation, column: str = "at") -> Cadence | None:
    """A step, if there is one."""
    return Cadence.learn(column, list(relations), Table(frame, "id", "at", 3))


def test_only_what_all_rows_keep_is_learned() -> None:
    """By k entities, and exactly; what says nothing is no step."""
    noon = drawn(pl.Datetime("us"), 100).dt.truncate("1d") + timedelta(hours=12)
    frame = events(noon)
    hours = Whole("at", "hours")
    step = learned(frame, hours, Weekdays("at", (1,)), Apart("id", "at"))
    assert step is not None
    assert (step.calendar.step, step.calendar.never) == (DAY // 24, ())
    assert step.window[0] >= days(0)
    assert step.window[1] <= days(300)
    assert Cadence.from_dict(json.loads(json.dumps(step.to_dict()))) == step
    assert learned(frame, Weekdays("at", (1,)), Monthly("at", last=True)) is None
    assert learned(frame.head(10), hours) is None
    weekly = events(pl.Series([FIRST + timedelta(weeks=n) for n in range(30)]))
    paced = learned(weekly, Steady("at", "id", 7 * DAY, "microseconds"), Apart("id", "at"))
    assert paced is not None
    assert (paced.pace, paced.apart) == (7 * DAY, True)
    assert laid(paced, weekly.head(5))["at"].diff().drop_nulls().unique().to_list() == [
        timedelta(weeks=1)
    ]


def test_a_second_time_needs_no_order_and_keeps_its_nulls() -> None:
    """It is moved by itself, and stays null where it is."""
    due = drawn(pl.Date(), 100).dt.month_end().to_frame("due").with_row_index()
    due = due.select(pl.when(pl.col("index") % 3 > 0).then("due"))
    frame = events(drawn(pl.Date(), 100)).with_columns(due)
    step = learned(frame, Monthly("due", last=True), column="due")
    assert step is not None
    assert laid(step, frame).equals(frame)
    found = laid(step, frame.with_columns(pl.col("due") - pl.duration(days=11)))
    assert Monthly("due", last=True).kept(found).drop_nulls().all()
    assert found["due"].null_count() == frame["due"].null_count()


def test_one_persons_times_are_in_no_step() -> None:
    """Who alone is early neither opens the window nor is a time of others."""
    times = drawn(pl.Datetime("us"), 100).dt.truncate("1h")
    alone = pl.select(pl.when(pl.int_range(100) < 5).then(datetime(1987, 6, 5)).otherwise(times))
    step = learned(events(alone.to_series()), Whole("at", "hours"))
    assert step is not None
    assert step.window[0] >= days(0)
    assert "1987" not in json.dumps(step.to_dict())


def test_a_damaged_step_cannot_be_read() -> None:
    """Rather than that it fails when rows are laid on."""
    step = step_of(pl.Date(), never=(6, 7))
    plain = step.to_dict()
    damages: list[dict[str, Any]] = [
        {"window": [days(5), days(1)]},
        {"window": [days(5)]},
        {"window": [days(5), days(6)]},  # a weekend
        {"window": [], "apart": True},
        {"pace": -1},
        {"calendar": {**plain["calendar"], "never": [1, 2, 3, 4, 5, 6, 7]}},
        {"calendar": {**plain["calendar"], "step": 7}},
    ]
    assert Cadence.from_dict(plain) == step
    for damage in damages:
        with pytest.raises(ValueError):  # noqa: PT011 (any)
            Cadence.from_dict({**plain, **damage})


@pytest.mark.parametrize("dtype", [pl.Int8, pl.UInt16, pl.Int64, pl.UInt64])
def test_positions_are_days_and_come_back(dtype: type[pl.DataType]) -> None:
    """Also with gaps and several events at one; what is out of range is cut to the type."""
    frame = pl.DataFrame(
        {"id": np.arange(60) // 6, "at": pl.Series([0, 1, 1, 4, 9, 100] * 10).cast(dtype)}
    )
    step = Position.learn(Table(frame, "id", "at", 3))
    written = frame.with_columns(step.take_off(frame))
    assert written["at"].to_list()[:3] == [date(1970, 1, 1), date(1970, 1, 2), date(1970, 1, 2)]
    assert frame.with_columns(step.lay_on(written, draws(frame))).equals(frame)
    assert Position.from_dict(json.loads(json.dumps(step.to_dict()))) == step
    far = written.with_columns(at=pl.lit(date(4000, 1, 1)))
    assert step.lay_on(far, draws(frame))[0].dtype == dtype


@pytest.mark.parametrize("farthest", [1_000_001, 2**63, -(10**12), 200_000])
def test_positions_that_are_no_days_are_refused(farthest: int) -> None:
    """Those of moments, and those that nobody could count to; the message says what to do."""
    frame = pl.DataFrame(
        {"id": np.arange(60) // 6, "at": pl.Series([0, farthest] * 30, dtype=pl.Int128)}
    )
    with pytest.raises(DataError, match=r"column 'at' .* positions.*: count the events"):
        Position.learn(Table(frame, "id", "at", 3))
