"""When the next event comes, if events are spread as everyone's are."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anonymizer.arrays import IntArray
from anonymizer.sequences.tokens.bins import Grid
from anonymizer.sequences.tokens.bridge import Bridge
from anonymizer.sequences.tokens.encoded import Moment
from anonymizer.sequences.tokens.profile import Span
from anonymizer.sequences.tokens.times import Timeline
from tests.sequences.tokens.test_times import START, read


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
