"""What a thing has one of is one in every row of it; codes may be null or have no name."""

from datetime import date, timedelta
from random import Random

import polars as pl

from tests.sequences.stub import untrained


def loans() -> pl.DataFrame:
    """Payments of 80 people on two loans each, whose rate, start and first day are the loan's."""
    draw = Random(3)
    rows = []
    for number in range(160):
        start = date(2022, 1, 1) + timedelta(draw.randrange(300))
        rate = draw.choice([1.5, 2.25, 4.0, 6.5])
        for month in range(draw.randint(3, 6)):
            day = start + timedelta(30 * month + draw.randrange(3))
            rows.append((number // 2, day, f"L{number:05d}", rate, start, draw.randint(10, 99)))
    columns = ["who", "day", "loan", "rate", "start", "paid"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def test_what_a_loan_has_one_of_is_one() -> None:
    """Over all its payments, also where it was told as a span to the day of each."""
    model = untrained(loans(), entity="who", time="day", derived=True)
    sample = model.sample(60, seed=1)
    each = sample.group_by("who", "loan").agg(pl.col("rate", "start").n_unique())
    assert each.select(pl.col("rate", "start").max()).row(0) == (1, 1)
    assert (sample["start"] <= sample["day"]).all()


def test_a_code_may_be_null_and_have_no_name() -> None:
    """Whole numbers with gaps lead to grades; so does the first column of a CSV from pandas."""
    draw = Random(4)
    points = [draw.choice([None, *range(12)]) for _ in range(600)]
    frame = pl.DataFrame(
        {
            "who": [row // 6 for row in range(600)],
            "day": [date(2024, 1, 1) + timedelta(row % 6 * 9 + row // 6 % 4) for row in range(600)],
            "points": points,
            "grade": [None if each is None else "ABC"[each // 4] for each in points],
            "": (words := [draw.choice(["tea", "rice", "salt"]) for _ in points]),
            "aisle": [f"aisle {len(word)}" for word in words],
        }
    )
    sample = untrained(frame, entity="who", time="day", derived=True).sample(40, seed=2)
    assert sample.columns == frame.columns
    for pair in (["points", "grade"], ["", "aisle"]):
        assert set(sample.select(pair).rows()) <= set(frame.select(pair).rows())
