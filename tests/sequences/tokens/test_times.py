"""Time in tokens: order, range, units, zones."""

import json
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from anonymizer.errors import DataError
from anonymizer.sequences.histories.roles import Histories, assign_roles, read_histories
from anonymizer.sequences.tokens.times import Timeline

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


def test_dates_have_no_clock() -> None:
    """Dated events get neither a time of day nor gaps within one."""
    times = [START + timedelta(days=i) for i in range(60)]
    line = Timeline.learn(read(times, 6, pl.Date()), "when", k=2)
    assert line.clocks is None
    assert line.short_gaps is None
    assert line.decode(line.places(pl.Series([date(2024, 2, 3)]))).to_list() == [date(2024, 2, 3)]


def test_the_window_is_nobodys_first_day() -> None:
    """The earliest event of one entity does not become the start of the window."""
    times = [datetime(1999, 12, 31)] + [START + timedelta(days=i) for i in range(60)]
    histories = read(times, 10, pl.Datetime("us"))
    line = Timeline.learn(histories, "when", k=3)
    assert line.decode(line.places(histories.frame["when"])).min() >= START  # type: ignore[operator]
    assert not line.inside(histories.frame["when"]).all()


@pytest.mark.parametrize("wrong", [datetime(1, 1, 1), datetime(9999, 12, 31)])
def test_a_date_that_stands_for_none_makes_no_window(wrong: datetime) -> None:
    """Of four entities it is cut, and nothing grows with it; of more it is refused by column."""
    times = [START + timedelta(days=i) for i in range(120)]
    for entities in (0, 4):
        few = [wrong if i < entities else time for i, time in enumerate(times)]
        line = Timeline.learn(read(few, 30, pl.Datetime("us")), "when", k=5)
        assert line.days < 130
        assert len(json.dumps(line.to_dict())) < 10_000
    many = [wrong if i < 12 else time for i, time in enumerate(times)]
    with pytest.raises(DataError, match="column 'when' spans more than 300 years: set dates"):
        Timeline.learn(read(many, 30, pl.Datetime("us")), "when", k=5)


def test_midnight_says_nothing_of_the_other_times() -> None:
    """Where most events have no hour, those that have one keep it."""
    times = [START.replace(hour=0) + timedelta(days=i % 40) for i in range(2_000)]
    times[::70] = [t + timedelta(hours=9, minutes=i % 50) for i, t in enumerate(times[::70])]
    line = Timeline.learn(read(times, 100, pl.Datetime("us")), "when", 5)
    assert line.unit == 60_000_000


def test_a_few_finer_times_are_rounded() -> None:
    """One event in a hundred has microseconds: the others are whole minutes, and stay so."""
    times = [START + timedelta(minutes=37 * i) for i in range(2_000)]
    times[::100] = [t + timedelta(microseconds=i + 1) for i, t in enumerate(times[::100])]
    histories = read(times, 100, pl.Datetime("us"))
    line = Timeline.learn(histories, "when", 5)
    assert line.unit == 60_000_000
    assert line.rounded(histories.frame["when"]).sum() == 20


@pytest.mark.parametrize("dtype", [pl.Datetime("us"), pl.Date()], ids=str)
def test_counts_of_a_line_are_those_of_its_tokens(dtype: pl.DataType) -> None:
    """Of the same line nearly so; of a coarser one as many in all, and as many begin a history."""
    rng = np.random.default_rng(4)
    gaps = rng.choice([0, 2, 3, 90, 400, 3_000, 9_000], 900)
    times = [START + timedelta(minutes=int(each)) for each in np.cumsum(gaps)]
    histories = read(times, 20, dtype)
    line = Timeline.learn(histories, "when", k=3, told=True)
    gap, _, clock = line.encode(line.places(histories.frame["when"]), histories.position)
    own = (
        np.bincount(gap, minlength=line.gap_size).astype(float),
        np.bincount(clock, minlength=line.clock_size).astype(float),
    )
    for ours, theirs in zip(line.counts_of(line, *own), own, strict=True):
        assert np.abs(ours - theirs).sum() < 0.02 * theirs.sum()
    coarse = Timeline.pooled([(line, *own)], k=30)
    for ours, theirs in zip(coarse.counts_of(line, *own), own, strict=True):
        assert ours.sum() == pytest.approx(theirs.sum())
        assert ours[0] == theirs[0]
