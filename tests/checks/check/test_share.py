"""A check of a share of the persons: it may find what is bad, and calls nothing good."""

import polars as pl
import pytest

from anonymizer.checks.check.check import check_sets
from anonymizer.checks.figures.shares import told_by
from anonymizer.checks.reports.check_report import Report
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.errors import UsageError
from tests.checks.conftest import few_trees, habit_detector
from tests.checks.reports.test_schemas import faults


def checked(real: pl.DataFrame, sets: ComparedSets, share: float) -> Report:
    """Against the synthetic ones and the holdout of three draws of one source."""
    with few_trees():
        return check_sets(
            real, sets.synthetic, sets.holdout, entity="customer", time="time",
            detector=habit_detector, share=share,
        )  # fmt: skip


@pytest.fixture(scope="module")
def some(sets: ComparedSets) -> Report:
    """The report on sets that hold two fifths of the persons."""
    return checked(sets.real, sets, 0.4)


def test_each_figure_says_what_it_tells_of_all(some: Report) -> None:
    """And the report, its notes and its page say of which share it is."""
    assert all("Of 40 % of the persons: " in each.meaning for each in some.figures.values())
    assert some.notes[0].startswith("the tables hold 40 % of the persons")
    assert "<b>40 %</b> of all persons" in some.html()
    assert faults("check", some.to_dict()) == []
    assert some.to_dict()["share"] == 0.4


def test_what_a_share_hides_is_never_good(some: Report) -> None:
    """Leaks and what is told apart are amber at best, and so is the verdict."""
    doubted = [each.colour for name, each in some.figures.items() if told_by(name).doubted]
    assert len(doubted) > 5
    assert "green" not in doubted
    assert some.verdict in {"amber", "red"}


def test_what_was_copied_is_red_in_a_share_too(sets: ComparedSets) -> None:
    """Where the copied persons were drawn."""
    assert checked(sets.synthetic, sets, 0.4).figures["copies"].colour == "red"


def test_a_share_must_be_one(sets: ComparedSets) -> None:
    """It is refused before anything is trained."""
    with pytest.raises(UsageError, match="share is 0"):
        checked(sets.real, sets, 0)
