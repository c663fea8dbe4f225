"""What nobody has twice."""

import numpy as np
import polars as pl
import pytest

from anonymizer.sequences.priors.once import Once
from anonymizer.sequences.tokens.heads import FIELDS
from tests.sequences.stub import untrained


@pytest.mark.parametrize(("films", "least"), [(12, 4), (30, 25), (120, 4)])
def test_what_nobody_has_twice_nobody_has_twice(films: int, least: int) -> None:
    """Films are rated once, be they few or many, and be there counts or not."""
    rng = np.random.default_rng(0)
    rows = [
        (who, 3 * day, f"film {film}", int(rng.integers(1, 6)))
        for who in range(200)
        for day, film in enumerate(
            rng.permutation(films)[: rng.integers(least, least + 6)].tolist()
        )
    ]
    frame = pl.DataFrame(rows, ["who", "day", "film", "stars"], orient="row")
    rated = frame.select("who", "film", "stars", when=pl.date(2024, 1, 1) + pl.duration(days="day"))
    model = untrained(rated, entity="who", time="when")
    assert model.priors.of(Once).heads == [FIELDS]
    known = model.sample(200).filter(pl.col("film") != "OTHER")
    assert known.select("who", "film").is_unique().all()
