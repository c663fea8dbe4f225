"""Months between two dates: counted, and kept where the counter counts rows as well."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from anonymizer.relations.kinds.orders import Elapsed
from anonymizer.relations.search.discover import discover
from anonymizer.sequences.derived.times.turned import Turned
from tests.sequences.derived.trips import laid, table, trip
from tests.sequences.stub import untrained


def bills(gaps: int) -> pl.DataFrame:
    """Monthly bills from the month after somebody joins; `gaps` of ten months are left out."""
    rng = np.random.default_rng(0)
    people = pl.DataFrame(
        {
            "customer": range(90),
            "joined": date(2022, 1, 1),
            "bills": rng.integers(3, 9, 90),
        }
    ).with_columns(
        pl.col("joined").dt.offset_by(pl.format("{}d", pl.Series(rng.integers(0, 500, 90))))
    )
    rows = people.with_columns(number=pl.int_ranges("bills")).explode("number").drop("bills")
    rows = rows.filter(pl.Series(rng.integers(0, 10, len(rows)) >= gaps))
    month = pl.format("{}mo", pl.col("number") + 1)
    return rows.with_columns(time=pl.col("joined").dt.truncate("1mo").dt.offset_by(month))


@pytest.mark.parametrize("gaps", [0, 2])
def test_months_since_a_date_hold_in_every_row(gaps: int) -> None:
    """The number follows from both dates; where it counts rows as well, the date gives way."""
    real = bills(gaps)
    found = {str(each.relation): each.relation for each in discover(real, "customer", "time").found}
    months = found["number = calendar months from joined to time − 1"]
    assert ("number counts the rows of customer" in found) == (not gaps)
    sampled = untrained(real, derived=True).sample(60)
    assert {
        str(each): each.agrees(sampled) for each in found.values() if each.kind != "calendar"
    } == {str(each): 1.0 for each in found.values() if each.kind != "calendar"}
    assert months.agrees(sampled) == 1


def test_completed_months_are_told_from_turned_ones() -> None:
    """As birthdays count them; years as well."""
    real = bills(0).with_columns(paid=pl.col("time").dt.offset_by("14d"))
    months = (pl.col("paid").dt.year() - pl.col("joined").dt.year()) * 12
    months += pl.col("paid").dt.month().cast(pl.Int32) - pl.col("joined").dt.month()
    months -= pl.col("paid").dt.day() < pl.col("joined").dt.day()
    real = real.with_columns(tenure=months.cast(pl.Int64)).drop("number")
    assert "tenure = months from joined to paid" in {
        str(each.relation) for each in discover(real, "customer", "time").found
    }


def test_a_date_moves_to_its_month_and_keeps_its_day() -> None:
    """Or takes the last that there is."""
    rows = bills(0).rename({"customer": "who", "time": "at"})
    step = Turned.learn(Elapsed("number", "joined", "at", "calendar months", 0, -1), table(rows))
    assert step is not None
    assert trip(step, rows).equals(rows)
    late = pl.DataFrame({
        "joined": [date(2023, 1, 31)] * 2, "at": [date(2023, 3, 1), date(2023, 4, 1)],
        "number": [0, 1],
    })  # fmt: skip
    moved = laid(step, late, pl.Series("who", [0, 0]))["joined"]
    assert moved.to_list() == [date(2023, 2, 28)] * 2
    assert Turned.learn(Elapsed("number", "joined", "at", "months", 0, -1), table(rows)) is None
