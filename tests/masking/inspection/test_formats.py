"""Times that stand in text: `inspect` proposes the format that reads them."""

from datetime import datetime, timedelta

import polars as pl
import pytest

from anonymizer import anonymize, inspect
from anonymizer.masking.inspection.inspect import InspectedColumn

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
MOMENTS = [
    datetime(2023, 1, 3, 9, 5) + timedelta(hours=31 * row, minutes=7 * row) for row in range(240)
]
FIRST_HALVES = [moment.replace(day=1 + moment.day % 12) for moment in MOMENTS]


def column(values: list[str] | list[int]) -> InspectedColumn:
    """What is said of times of forty customers."""
    return inspect(_table(values)).columns[1]


def _table(values: list[str] | list[int]) -> pl.DataFrame:
    customers = [f"K{row % 40}" for row in range(len(values))]
    return pl.DataFrame({"customer_id": customers, "booked_at": values})


@pytest.mark.parametrize(
    "written",
    [
        "%d.%m.%Y %H:%M", "%Y年%m月%d日 %H:%M", "%Y年%-m月%-d日", "%d/%m/%Y %I:%M %p",
        "%-m/%-d/%Y %-I:%M %p", "%Y%m%dT%H%M%S", "%Y-%m-%d %H:%M:%S.123Z", "%Y%m%d%H%M%S",
        "%d.%m.%Y, %H:%M Uhr", "%Y/%-m/%-d %-H:%M", "%b %d, %Y", "%Y년 %m월 %d일", "%d %b %Y %H:%M",
        "%Y-%m-%d %I:%M %p", "%-d.%-m.%y", "%d.%m.%y %H.%M",
    ],
)  # fmt: skip
def test_times_in_text_are_shifted_in_the_form_that_they_have(written: str) -> None:
    """One format, or ISO 8601 without one; what comes out is another day in the same form."""
    values = [moment.strftime(written) for moment in MOMENTS]
    found = inspect(_table(values))
    rule = found.columns[1].mask
    assert rule["mask"] == "date_shift"
    assert isinstance(rule.get("format", ""), str)
    masked = anonymize(_table(values).lazy(), found.rules(), key=KEY).collect()["booked_at"]
    near = {
        (moment + timedelta(days=days)).strftime(written)
        for moment in MOMENTS
        for days in range(-30, 31)
    }
    assert set(masked) <= near
    assert set(masked) != set(values)


def test_integers_of_day_and_clock_are_times() -> None:
    """As a database writes them: 20230103090500."""
    found = column([int(moment.strftime("%Y%m%d%H%M%S")) for moment in MOMENTS])
    assert found.mask == {"mask": "date_shift", "days": 30, "format": "%Y%m%d%H%M%S"}


def test_a_day_that_may_be_a_month_is_asked_for() -> None:
    """With the count of each reading; nothing is guessed."""
    found = column([moment.strftime("%d/%m/%Y %H:%M") for moment in FIRST_HALVES])
    assert found.mask == {"mask": "redact"}
    assert '"%d/%m/%Y" reads 240, "%m/%d/%Y" reads 240' in found.reason


def test_one_date_that_decides_is_said() -> None:
    """The format is proposed, and beside it how many the other one reads."""
    found = column(
        [*(each.strftime("%d/%m/%Y %H:%M") for each in FIRST_HALVES), "13/02/2024 01:00"]
    )
    assert found.mask["format"] == "%d/%m/%Y %H:%M"
    assert '"%d/%m/%Y" reads 241, "%m/%d/%Y" reads 240' in found.reason


def test_two_orders_in_one_column_are_not_guessed() -> None:
    """Half of the clerks write the day first, half the month."""
    orders = ("%d/%m/%Y", "%m/%d/%Y")
    found = column([each.strftime(orders[row % 2]) for row, each in enumerate(MOMENTS)])
    assert found.mask == {"mask": "redact"}
    assert "say which as `format`" in found.reason


def test_a_few_words_among_times_become_null() -> None:
    """What no format reads is counted; the times around it are kept."""
    values = [*(each.strftime("%d.%m.%Y %H:%M") for each in MOMENTS), "n. bek.", "unklar"]
    found = column(values)
    assert found.mask["format"] == "%d.%m.%Y %H:%M"
    assert found.mask["unmapped"] == "null"
    assert "2 of 242 values are read by no format" in found.reason
