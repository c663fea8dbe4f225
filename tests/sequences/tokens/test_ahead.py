"""When the next event comes, as sampling works it out: it is what `Bridge` says."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
import torch
from torch import Tensor

from anonymizer.arrays import Array
from anonymizer.sequences.tokens.ahead import Ahead, Now
from anonymizer.sequences.tokens.bridge import Bridge
from anonymizer.sequences.tokens.encoded import Moment
from anonymizer.sequences.tokens.heads import CLOSED, close
from anonymizer.sequences.tokens.times import CLOCK_SHARES, FIRST, INSTANT, WEEK, Timeline
from tests.sequences.tokens.test_times import START, read

MOMENTS = 400


def lines(seed: int, *, dated: bool) -> Timeline:
    """Of a history that comes by day and by minute, at nine o'clock more often than by chance."""
    rng = np.random.default_rng(seed)
    days = np.sort(rng.integers(0, 300, 200))
    minutes = np.where(rng.random(200) < 0.3, 540, rng.integers(420, 1_200, 200))
    near = rng.random(200) < 0.2
    times = [
        START + timedelta(days=int(d), minutes=int(m))
        for d, m in zip(days, minutes, strict=True)
        for m in ([m, m + 3] if near[d % 200] else [m])
    ]
    histories = read(sorted(times), 4, pl.Date() if dated else pl.Datetime("us"))
    return Timeline.learn(histories, "when", 1)


def moments(line: Timeline, seed: int) -> Now:
    """Ordinary ones, and ends: an only visit, the last day, no day left, the last minute."""
    rng = np.random.default_rng(seed)
    left = rng.choice([0, 0, 1, 2, 30, line.days - 1], MOMENTS)
    day = np.minimum(rng.integers(0, line.days, MOMENTS), line.days - 1 - left)
    visits = rng.choice([0, 1, 1, 2, 5, 200], MOMENTS)
    return Now(
        day=day,
        unit=rng.choice([0, line.units_per_day - 1, line.units_per_day // 2], MOMENTS),
        position=np.full(MOMENTS, 3),
        remaining=np.maximum(visits + rng.choice([0, 0, 1, 40], MOMENTS), 1),
        visits=visits,
        left=left,
    )


def same(ours: Array, theirs: Tensor) -> None:
    """The same is closed, and the chances are the same to so many digits as logarithms leave."""
    expected = theirs.numpy()
    np.testing.assert_array_equal(ours == CLOSED, expected == CLOSED)
    np.testing.assert_allclose(np.exp(ours), np.exp(expected), rtol=1e-5, atol=1e-11)


@pytest.mark.parametrize("own", [False, True], ids=["everyone's hours", "own hours"])
@pytest.mark.parametrize("sessions", [0.0, 0.3])
@pytest.mark.parametrize("dated", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_it_is_what_the_bridge_says(seed: int, dated: bool, sessions: float, own: bool) -> None:
    """Of gaps, weekdays and clocks, also where hardly anything is open."""
    line, rng = lines(seed, dated=dated), np.random.default_rng(seed)
    sessions = 0.0 if dated else sessions
    bridge = Bridge(line, torch.from_numpy(rng.normal(size=line.gap_size)), sessions)
    ahead, now = Ahead(bridge), moments(line, seed)
    m = Moment.of(**now._asdict(), known=np.ones(MOMENTS, bool))
    profile = ahead.usual[None]
    if own and not dated:
        share = np.cumsum(rng.dirichlet(np.full(CLOCK_SHARES, 0.3), MOMENTS), 1)
        profile = np.concatenate([np.zeros((MOMENTS, 1)), share], 1)
    survival = bridge.survival(m, torch.from_numpy(profile).expand(MOMENTS, -1))
    pace = ahead.pace(now, profile)
    for name in ("now", "span", "pin", "others"):
        np.testing.assert_allclose(getattr(pace, name), getattr(survival, name).numpy(), rtol=1e-12)

    gaps = close(bridge.gaps(m, survival), bridge.open_gaps(m))
    gaps[(gaps == CLOSED).all(-1), INSTANT] = 0
    same(ahead.gaps(now, pace, None), gaps)

    gap = rng.integers(INSTANT, line.gap_size, MOMENTS)
    taken = torch.from_numpy(gap)
    np.testing.assert_array_equal(
        ahead.open_weekdays(now, gap), bridge.open_weekdays(m, taken).numpy()
    )
    if line.clocks is None:
        return
    day = np.minimum(now.day + line.low_days[gap], line.days - 1)
    clocks = bridge.clocks(m, taken, torch.from_numpy(day), survival)
    same(ahead.clocks(now, gap, day, pace), close(clocks, bridge.open_clocks(m, taken)))


def test_habits_of_the_week_count_where_the_day_is_sure() -> None:
    """They are added to gaps of so many days, and to no other."""
    line = lines(0, dated=True)
    ahead, now = Ahead(Bridge(line)), moments(line, 0)
    pace = ahead.pace(now, ahead.usual[None])
    week = np.random.default_rng(0).normal(size=(MOMENTS, WEEK)).astype(np.float32)
    plain, told = (ahead.gaps(now, pace, each) for each in (None, week))
    is_open = (plain > CLOSED) & (plain != 0)
    gained = np.where(is_open, told - plain, 0)
    token = np.arange(line.gap_size)
    days = np.where(line.is_new_day & (line.low_days == line.high_days), line.low_days, 0)
    weekday = (line.first_weekday + now.day[:, None] + days) % WEEK
    expected = np.where(days > 0, np.take_along_axis(week, weekday, 1), 0)
    np.testing.assert_allclose(gained, np.where(is_open, expected, 0), atol=1e-5)
    assert (days[token != FIRST] > 0).any()
