"""Ranking what comes next."""

import polars as pl
import pytest

from anonymizer.errors import DataError
from anonymizer.sequences.model.sequence_model import SequenceModel
from tests.sequences.stub import few_looks_at_profiles

EPOCHS = 30


@pytest.fixture(scope="module")
def cycle() -> pl.DataFrame:
    """Customers who buy a, b, c, d in turn, a day apart, with a price by item."""
    rows = [
        (customer, day, "abcd"[(customer + day) % 4], 1.0 + (customer + day) % 4)
        for customer in range(120)
        for day in range(6 + customer % 7)
    ]
    frame = pl.DataFrame(rows, ["customer", "day", "item", "price"], orient="row")
    return frame.with_columns(time=pl.date(2024, 1, 1) + pl.duration(days="day")).drop("day")


@pytest.fixture(scope="module")
def habit(cycle: pl.DataFrame) -> SequenceModel:
    """A model that knows the order."""
    with few_looks_at_profiles():
        return SequenceModel.fit(cycle, entity="customer", time="time", max_epochs=EPOCHS)


def test_the_next_item_follows_the_last(habit: SequenceModel, cycle: pl.DataFrame) -> None:
    """The first rank of nearly everyone is the item that comes next in turn."""
    found = habit.recommend(cycle, field="item", top=2)
    last = cycle.group_by("customer", maintain_order=True).agg(pl.col("item").last().alias("last"))
    first = found.filter(pl.col("rank") == 1).join(last, on="customer")
    right = first["item"] == first["last"].replace_strict(dict(zip("abcd", "bcda", strict=True)))
    assert right.mean() > 0.95  # type: ignore[operator]
    assert first["probability"].mean() > 0.5  # type: ignore[operator]


def test_ranks_fall_and_sum_to_no_more_than_one(habit: SequenceModel, cycle: pl.DataFrame) -> None:
    """One row per entity and rank, probabilities falling."""
    found = habit.recommend(cycle, field="item", top=4)
    assert found.columns == ["customer", "rank", "item", "probability"]
    assert len(found) == 120 * 4
    each = found.group_by("customer").agg(
        total=pl.col("probability").sum(), falls=(pl.col("probability").diff() <= 0).all()
    )
    assert each["total"].max() <= 1 + 1e-6  # type: ignore[operator]
    assert each["falls"].all()


def test_what_was_seen_is_left_out(habit: SequenceModel, cycle: pl.DataFrame) -> None:
    """With two events seen, only the other two items are ranked."""
    early = cycle.group_by("customer", maintain_order=True).head(2)
    found = habit.recommend(early, field="item", leave_out_seen=True)
    assert found.join(early, on=["customer", "item"], how="semi").is_empty()
    assert (found.group_by("customer").len()["len"] == 2).all()


def test_everyone_is_ranked_alike_in_any_company(habit: SequenceModel, cycle: pl.DataFrame) -> None:
    """A customer's ranking does not depend on who else is asked about."""
    together = habit.recommend(cycle, field="item", top=1).filter(pl.col("customer") == 17)
    alone = habit.recommend(cycle.filter(pl.col("customer") == 17), field="item", top=1)
    assert together["item"].to_list() == alone["item"].to_list()


@pytest.mark.parametrize("field", ["nothing", "time"])
def test_only_categories_are_ranked(habit: SequenceModel, cycle: pl.DataFrame, field: str) -> None:
    """Numbers and absent columns are refused, and the way out is named."""
    with pytest.raises(DataError, match=f"cannot recommend '{field}': it must be one of item"):
        habit.recommend(cycle, field=field)
