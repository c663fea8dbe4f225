"""Time in tokens: order, range, units, zones."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anonymizer.errors import DataError
from anonymizer.sequences.histories.arrays import IntArray
from anonymizer.sequences.histories.roles import Histories, assign_roles, read_histories
from anonymizer.sequences.priors.encoded import Moment
from anonymizer.sequences.priors.time.bridge import Bridge
from anonymizer.sequences.tokens.bins import Grid
from anonymizer.sequences.tokens.profile import Span
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


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
    gap, weekday, clock = line.encode(places, histories.position)
    span = Span.of(histories, places)
    instants: IntArray = np.cumsum(places.new_instants(histories.offsets))
    seen: IntArray = instants - np.repeat(instants[histories.offsets[:-1]] - 1, histories.lengths)
    later = np.flatnonzero(histories.position > 0)
    owner, before = histories.owner[later], later - 1
    arrays = {
        "day": places.day[before],
        "unit": places.unit[before],
        "position": histories.position[later],
        "remaining": span.length[owner] - histories.position[later],
        "visits": span.visits[owner] - seen[before],
        "left": span.last[owner] - places.day[before],
    }
    at, taken = Bridge(line), torch.from_numpy(gap[later])
    for known in (True, False):
        told = torch.full((len(later),), known)
        m = Moment.of(**arrays, known=told.numpy())
        rows = torch.arange(len(later))
        assert at.open_gaps(m)[rows, taken].all()
        base = at.gaps(m, at.survival(m, at.usual.expand(len(later), -1)))
        assert torch.isfinite(base).all()
        assert (base.exp().sum(-1) < 1 + 1e-6).all()
        moved = torch.from_numpy(line.is_new_day)[taken]
        days = torch.from_numpy(weekday[later])
        assert at.open_weekdays(m, taken)[rows, days][moved].all()
        if line.clocks is not None:
            asked = torch.from_numpy(line.has_clock)[taken]
            clocks = torch.from_numpy(clock[later])
            assert at.open_clocks(m, taken)[rows, clocks][asked].all()


def test_the_bridge_is_the_minimum_of_uniform_times() -> None:
    """Gap probabilities are those of the first of v points, spread evenly, the last one pinned.

    Simulated: v − 1 points are uniform on what is left of the window and one on the last day.
    """
    daily = read([START + timedelta(days=i) for i in range(60)], 6, pl.Date())
    gaps = Grid.learn(np.arange(1, 40), np.arange(39), 1, bins=99)
    line = replace(Timeline.learn(daily, "when", 1), days=40, activity=np.ones(40), day_gaps=gaps)
    day, last, visits = 3, 30, 4
    column = {"day": day, "unit": 0, "position": 5, "remaining": visits, "visits": visits,
              "left": last - day}  # fmt: skip
    m = Moment(**{k: torch.tensor([v]) for k, v in column.items()}, known=torch.tensor([True]))
    at = Bridge(line)
    chance = at.gaps(m, at.survival(m, at.usual[None])).exp()[0]
    rng = np.random.default_rng(0)
    points = rng.uniform(day, last + 1, (400_000, visits))
    points[:, 0] = rng.uniform(last, last + 1, 400_000)
    nearest = np.floor(points.min(1)).astype(int) - day
    for days in (1, 2, 5, 12):
        token = int(np.flatnonzero(line.is_new_day & (line.low_days == days))[0])
        assert line.high_days[token] == days
        assert abs(float(chance[token]) - (nearest == days).mean()) < 0.003


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
