"""Time in tokens: order, range, units, zones."""

import json
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizer.sequences.events import Histories, assign_roles, read_histories
from anonymizer.sequences.timeline import Timeline

START = datetime(2024, 1, 30)


def read(times: list[datetime], entities: int, dtype: pl.DataType) -> Histories:
    """Times dealt out to entities in turn."""
    frame = pl.DataFrame(
        {"who": [i % entities for i in range(len(times))], "when": pl.Series(times).cast(dtype)}
    )
    return read_histories(frame, assign_roles(frame, "who", "when"))


@pytest.mark.parametrize(
    "dtype",
    [
        pl.Date(), pl.Datetime("ms"), pl.Datetime("us"), pl.Datetime("ns"),
        pl.Datetime("us", "Europe/Berlin"), pl.Datetime("ms", "Asia/Shanghai"),
    ],
    ids=str,
)  # fmt: skip
def test_times_come_back_in_their_type(dtype: pl.DataType) -> None:
    """Places within the window turn back into the times they came from."""
    times = [START + timedelta(hours=7 * i, minutes=i % 3) for i in range(400)]
    frame = pl.DataFrame({"who": [i % 9 for i in range(400)], "when": times})
    zone = getattr(dtype, "time_zone", None)
    when = pl.col("when").cast(pl.Datetime("us"))
    when = when.dt.replace_time_zone(zone, non_existent="null") if zone else when
    frame = frame.with_columns(when.cast(dtype)).drop_nulls()
    histories = read_histories(frame, assign_roles(frame, "who", "when"))
    column = histories.frame["when"]
    line = Timeline.learn(histories, "when", k=1)
    line = Timeline.from_dict(json.loads(json.dumps(line.to_dict())))
    decoded = line.decode(line.places(column))
    assert decoded.dtype == dtype
    assert decoded.to_list() == column.to_list()


def test_both_passes_of_the_autumn_hour_survive() -> None:
    """02:30 before and after the clock goes back are two moments, an hour apart."""
    utc = pl.Series([datetime(2024, 10, 27, 0, 30), datetime(2024, 10, 27, 1, 30)] * 4)
    column = utc.dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Berlin")
    frame = pl.DataFrame({"who": [0, 0, 1, 1, 2, 2, 3, 3], "when": column})
    histories = read_histories(frame, assign_roles(frame, "who", "when"))
    line = Timeline.learn(histories, "when", k=2)
    places = line.places(histories.frame["when"])
    assert np.diff(places.unit)[0] * line.unit == 3_600_000_000
    assert line.decode(places).to_list() == column.to_list()


@settings(max_examples=40, deadline=None)
@given(
    gaps=st.lists(st.integers(0, 400), min_size=30, max_size=120),
    dated=st.booleans(),
    k=st.integers(1, 5),
)
def test_what_happened_is_always_open(gaps: list[int], dated: bool, k: int) -> None:
    """No mask closes the token of an event that really was."""
    hours = np.cumsum(gaps) * (24 if dated else 1)
    times = [START + timedelta(hours=int(h)) for h in hours]
    histories = read(times, 7, pl.Date() if dated else pl.Datetime("us"))
    line = Timeline.learn(histories, "when", k)
    places = line.places(histories.frame["when"])
    gap, weekday, _ = line.encode(places, histories.position)
    later = np.flatnonzero(histories.position > 0)
    last = places.day[histories.offsets[1:] - 1][histories.owner]
    remaining = (histories.lengths[histories.owner] - histories.position)[later]
    before = later - 1
    left = last[later] - places.day[before]
    units_left = line.units_per_day - 1 - places.unit[before]
    open_gaps = line.open_gaps(left, units_left, remaining)
    assert open_gaps[np.arange(len(later)), gap[later]].all()
    new_day = line.is_new_day[gap[later]]
    open_days = line.open_weekdays(places.day[before], gap[later], left)
    assert open_days[np.arange(len(later)), weekday[later]][new_day].all()


def test_dates_have_no_clock() -> None:
    """Dated events get neither a time of day nor gaps within one."""
    times = [START + timedelta(days=i) for i in range(60)]
    line = Timeline.learn(read(times, 6, pl.Date()), "when", k=2)
    assert line.clocks is None
    assert line.same_day_gaps is None
    assert line.decode(line.places(pl.Series([date(2024, 2, 3)]))).to_list() == [date(2024, 2, 3)]


def test_the_window_is_nobodys_first_day() -> None:
    """The earliest event of one entity does not become the start of the window."""
    times = [datetime(1999, 12, 31)] + [START + timedelta(days=i) for i in range(60)]
    histories = read(times, 10, pl.Datetime("us"))
    line = Timeline.learn(histories, "when", k=3)
    assert line.decode(line.places(histories.frame["when"])).min() >= START  # type: ignore[operator]
    assert line.outside(histories.frame["when"]) >= 1
