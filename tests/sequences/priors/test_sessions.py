"""Many visits in a row, then none for weeks: sessions are not spread over the days."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl

from anonymizer.sequences.histories.roles import assign_roles, read_histories
from anonymizer.sequences.priors.arrivals import Arrivals
from anonymizer.sequences.training.fit import read
from tests.sequences.stub import untrained

START = datetime(2024, 1, 1)


def visits(people: int, *, in_a_row: bool) -> pl.DataFrame:
    """Thirty visits each over three months, one by one or ten in a row."""
    rng = np.random.default_rng(0)
    rows = []
    for who in range(people):
        count = int(rng.integers(20, 40))
        if in_a_row:
            sessions = rng.uniform(0, 90, 1 + count // 10)
            seconds = [86_400 * day + np.cumsum(rng.exponential(40, 10)) for day in sessions]
            at = np.concatenate(seconds)[:count]
        else:
            at = 86_400 * rng.uniform(0, 90, count)
        rows += [(who, START + timedelta(seconds=round(s))) for s in np.sort(at).tolist()]
    return pl.DataFrame(rows, ["who", "when"], orient="row").with_columns(
        page=pl.lit("a"), seconds=pl.int_range(pl.len()) % 7
    )


def at_once(frame: pl.DataFrame) -> float:
    """The share of gaps that are shorter than ten minutes."""
    gap = pl.col("when").diff().over("who")
    gaps = frame.sort("who", "when").select(gap).to_series().drop_nulls()
    return int((gaps < timedelta(minutes=10)).sum()) / len(gaps)


def share(frame: pl.DataFrame) -> float:
    """What is learned of sessions."""
    roles = assign_roles(frame, "who", "when")
    return read(read_histories(frame, roles), roles, 0, 5).priors.of(Arrivals).sessions


def test_who_comes_in_sessions_is_sampled_in_sessions() -> None:
    """As many visits follow at once as did, and as few follow after days."""
    seen = visits(200, in_a_row=True)
    model = untrained(seen, entity="who", time="when", stirred=False)
    assert abs(model.priors.of(Arrivals).sessions - at_once(seen)) < 0.05
    assert abs(at_once(model.sample(200)) - at_once(seen)) < 0.05


def test_visits_that_come_by_chance_make_no_sessions() -> None:
    """Even if some fall on one day."""
    seen = visits(100, in_a_row=False)
    assert share(seen) == 0


def test_histories_of_one_day_each() -> None:
    """All that follows follows on the same day: by necessity, which is no session."""
    rng = np.random.default_rng(0)
    rows = [
        (who, START + timedelta(days=who % 20, seconds=int(second)), int(second) % 5)
        for who in range(80)
        for second in np.sort(rng.integers(0, 86_400, 8))
    ]
    seen = pl.DataFrame(rows, ["who", "when", "n"], orient="row")
    assert share(seen) == 0


def test_one_person_makes_no_session() -> None:
    """Whose visits in a row are all there are is not told."""
    seen = visits(60, in_a_row=False).group_by("who", maintain_order=True).head(2)
    assert share(pl.concat([seen, visits(1, in_a_row=True)])) == 0
