"""What an attacker is taken to know of an event."""

from datetime import date, datetime

import polars as pl

from anonymizer.checks.attacks.knowledge import as_seen, event_columns

EVENTS = pl.DataFrame(
    {
        "who": ["a", "a", "b", "b", None],
        "item": ["tea", "jam", "tea", "jam", "tea"],
        "price": [1.11, 2.22, 3.33, 4.44, 5.55],
        "order": ["o1", "o2", "o3", "o4", "o5"],
        "city": ["X", "X", "Y", "Y", "Z"],
        "shop": ["one"] * 5,
        "time": [datetime(2024, 1, day, 10, 30) for day in range(1, 6)],
    }
)


def test_columns_that_describe_events_are_known() -> None:
    """Not the number of an order, nor an attribute, nor a constant; amounts stay, however rare."""
    assert event_columns(EVENTS, "who", EVENTS.columns[1:]) == ["item", "price", "time"]


def test_nobody_has_no_events() -> None:
    """An empty table describes nothing."""
    assert event_columns(EVENTS.clear(), "who", EVENTS.columns[1:]) == []


def test_moments_are_seen_as_days() -> None:
    """The hour is cut off, other columns stay."""
    seen = as_seen(EVENTS, ["time", "item"], "who")
    assert seen.columns == ["who", "time", "item"]
    assert seen["time"][0] == date(2024, 1, 1)
