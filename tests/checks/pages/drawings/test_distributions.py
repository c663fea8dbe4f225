"""What is frequent is drawn, and nobody's value."""

from datetime import datetime, timedelta

import polars as pl
import pytest

from anonymizer.checks.pages.drawings import distributions
from anonymizer.checks.sets.compared_sets import ComparedSets


def of(values: list[object], holders: list[int]) -> pl.DataFrame:
    """Each value held by so many entities."""
    held = [v for v, n in zip(values, holders, strict=True) for _ in range(n)]
    return pl.DataFrame({"who": range(len(held)), "value": held})


def test_a_category_needs_ten_holders() -> None:
    """Nine are not enough, however often they have it."""
    real = of(["tea", "rum"], [10, 9])
    real = pl.concat([real, *[real.filter(pl.col("value") == "rum")] * 5])
    drawn = distributions.distribution_chart("drink", real, real)
    assert drawn is not None
    assert drawn.data["value"].to_list() == ["tea"]
    assert "rum" not in drawn.svg


def test_a_bin_needs_ten_holders() -> None:
    """The bin of nine is left out, and of few entities nothing is drawn."""
    values: list[object] = [float(x) for x in range(10)]
    real = of(values, [60, 60, 60, 60, 9, 60, 60, 60, 60, 60])
    drawn = distributions.distribution_chart("x", real, real)
    assert drawn is not None
    shares = drawn.data["real"].to_list()[:10]
    assert shares.pop(4) is None
    assert shares == [pytest.approx(60 / 549)] * 9
    assert distributions.distribution_chart("x", of(values, [4] * 10), real) is None


def test_one_entity_with_many_events_sets_no_axis() -> None:
    """However many of all events are its own."""
    one = pl.DataFrame({"who": [-1] * 500, "value": [1e6] * 500})
    real = pl.concat([of([float(x) for x in range(10)], [30] * 10), one])
    drawn = distributions.distribution_chart("x", real, real)
    assert drawn is not None
    assert drawn.data["at"].max() < 100  # type: ignore[operator]


def test_the_axis_is_nobodys_extreme() -> None:
    """It ends with the outer hundredths, rounded."""
    real = pl.DataFrame(
        {"who": range(1000), "value": [float(x % 50) for x in range(999)] + [98_765.4]}
    )
    drawn = distributions.distribution_chart("x", real, real)
    assert drawn is not None
    assert float(drawn.data["at"].max()) < 60  # type: ignore[arg-type]
    assert "98" not in "".join(drawn.data["at"].cast(pl.String))


def test_a_cell_of_the_week_needs_ten_holders() -> None:
    """Nine people who come on Sunday at three are not shown."""
    at = {0: datetime(2024, 1, 1, 9), 1: datetime(2024, 1, 7, 3)}
    rows = [(i, at[0]) for i in range(10)] + [(i, at[1]) for i in range(9)] * 4
    events = pl.DataFrame(rows, ["customer", "time"], orient="row")
    real = distributions.week_charts(ComparedSets(events, events, events, "customer", "time"))[
        "real"
    ].data
    shown = real.unpivot(index="row").filter(pl.col("value") > 0)
    assert shown.select("row", "variable").rows() == [("Mon", "9")]


def test_paces_are_shares_of_each_position() -> None:
    """Second events after a day, third ones after ten: each column holds all of its events."""
    start = datetime(2024, 1, 1)
    rows = [
        (i, start + timedelta(days=i) + gap)
        for i in range(20)
        for gap in (timedelta(0), timedelta(days=1), timedelta(days=11))
    ]
    events = pl.DataFrame(rows, ["customer", "time"], orient="row")
    drawn = distributions.pace_charts(ComparedSets(events, events, events, "customer", "time"))
    table = drawn["real"].data
    assert table.filter(pl.col("row") == "1 day +")["2"].to_list() == [1.0]
    assert table.filter(pl.col("row") == "1 week +")["3"].to_list() == [1.0]
    assert float(table["4"].sum()) == 0


def test_names_and_values_are_text_in_drawings() -> None:
    """Brackets, quotes and backslashes do not end an attribute."""
    real = of(['<b> \\1 "q"'], [12])
    drawn = distributions.distribution_chart('a "b" <c> \\1', real, real)
    assert drawn is not None
    assert 'aria-label="Shares of a &quot;b&quot; &lt;c&gt; \\1"' in drawn.svg
    assert "<b>" not in drawn.svg
