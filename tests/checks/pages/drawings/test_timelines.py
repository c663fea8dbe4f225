"""Histories are drawn side by side, and nobody's own."""

from dataclasses import replace
from datetime import timedelta

import polars as pl

from anonymizer.checks.check.check import check_sets
from anonymizer.checks.pages.drawings import timelines
from anonymizer.checks.pages.drawings.distributions import MIN_HOLDERS
from anonymizer.checks.reports.check_report import Report
from anonymizer.checks.sets.compared_sets import ComparedSets
from tests.checks.conftest import draw, habit_detector

CUSTOMER = pl.col("customer")


def test_real_histories_are_drawn_in_groups_with_ten_in_a_cell() -> None:
    """The numbers behind the drawing count events of ten entities or more; few give none."""
    sets = ComparedSets(
        draw(0, 1, 300), draw(5_000, 2, 300), draw(9_000, 3, 300), "customer", "time"
    )
    drawn = timelines.crowd_chart(sets)
    assert drawn is not None
    counts = drawn.data.drop("at").unpivot()["value"].drop_nulls()
    assert int(counts.min()) >= MIN_HOLDERS  # type: ignore[arg-type]
    few = replace(sets, real=sets.real.filter(CUSTOMER < 40))
    assert timelines.crowd_chart(few) is None


def test_no_copy_is_an_example(sets: ComparedSets) -> None:
    """Neither exact nor moved in time nor with amounts disturbed; honest ones are."""
    who = pl.col("customer")
    copies = [
        sets.real.with_columns(who + 20_000),
        sets.real.with_columns(who + 40_000, pl.col("time") + timedelta(days=370)),
        sets.real.with_columns(who + 60_000, (pl.col("amount") * 1.001).round(2)),
    ]
    mixed = replace(sets, synthetic=pl.concat([sets.synthetic, *copies]))
    everybody = mixed.synthetic.group_by(who=pl.col("customer")).len().filter(pl.col("len") > 2)
    shown = timelines._original(mixed, everybody.select("who", row=1))["who"]
    assert shown.filter(shown >= 20_000).is_empty()
    assert len(shown) > 0.9 * 150


def test_a_set_that_leaks_shows_no_history(sets: ComparedSets, report: Report) -> None:
    """The page says why; an honest one has examples, of as many events as they really have."""
    copied = sets.real.with_columns(CUSTOMER + 20_000)
    leaking = check_sets(
        sets.real, copied, sets.holdout, entity="customer", time="time", detector=habit_detector
    )
    assert "No synthetic history is drawn, since" in leaking.html()
    assert "synthetic, one by one" in report.html()
    drawn = timelines.examples_chart(sets, seed=0)
    assert drawn is not None
    lengths = set(sets.synthetic.group_by("customer").len()["len"])
    assert set(drawn.data["events"]) <= lengths
    again = timelines.examples_chart(sets, seed=0)
    assert again is not None
    assert again.svg.partition(">")[2].count("path") == drawn.svg.partition(">")[2].count("path")
