"""A value that comes once within a visit comes once in synthetic visits too."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from anonymizer.relations.kinds.identifiers import Unique
from anonymizer.sequences.derived.base.step import Draws, Table
from anonymizer.sequences.derived.naming.once import Once
from tests.sequences.stub import untrained

ITEMS = 30


def baskets() -> pl.DataFrame:
    """Baskets of 80 customers, four to each, of up to six different items with their shelves."""
    rng, rows = np.random.default_rng(0), []
    for customer in range(80):
        for visit in range(4):
            items = rng.choice(ITEMS, 1 + int(rng.integers(6)), replace=False)
            day = date(2024, 1, 1) + timedelta(days=int(rng.integers(20)) + 25 * visit)
            rows += [(customer, day, f"P{item:02}", f"shelf {item % 7}") for item in items]
    return pl.DataFrame(rows, ["customer", "time", "item", "shelf"], orient="row")


def draws(rows: pl.DataFrame) -> Draws:
    """The chance of rows."""
    owner = rows["customer"].rle_id().cast(pl.Int64).to_numpy()
    return Draws(
        0, owner, rows.select(pl.int_range(pl.len()).over("customer")).to_series().to_numpy()
    )


def learned(rows: pl.DataFrame, *within: str) -> Once | None:
    """The step of the items."""
    return Once.learn(
        Unique("item", ("customer", *within)), Table(rows, "customer", "time", 5), rows["item"]
    )


def test_a_basket_has_no_item_twice_whatever_the_network_says() -> None:
    """What follows from the item is that of the new one."""
    real = baskets()
    sampled = untrained(real, derived=True).sample(100)
    assert sampled.group_by("customer", "time").len()["len"].max() != 1
    assert not sampled.select("customer", "time", "item").is_duplicated().any()
    shelves = {f"P{item:02}": f"shelf {item % 7}" for item in range(ITEMS)}
    assert sampled.select(x=pl.col("item").replace_strict(shelves) == pl.col("shelf"))["x"].all()


def test_only_what_comes_again_is_another_then() -> None:
    """The same for a customer whoever else is there; what happened stays, and so does null."""
    real = baskets()
    step = learned(real, "time")
    assert step is not None
    rows = pl.DataFrame({
        "customer": [1, 1, 1, 1, 2, 2, 2], "time": [1, 1, 2, 2, 1, 1, 1],
        "item": ["P01", "P01", "P01", "P02", None, None, "P03"],
    })  # fmt: skip
    [laid] = step.lay_on(rows, draws(rows))
    assert [laid[i] for i in (0, 2, 3, 4, 5, 6)] == ["P01", "P01", "P02", None, None, "P03"]
    assert laid[1] not in ("P01", None)
    assert step.lay_on(rows.head(4), draws(rows.head(4)))[0].equals(laid.head(4))
    rare = rows.with_columns(item=pl.Series(["OTHER", *rows["item"].to_list()[1:]]))
    happened = replace(draws(rows), past=np.arange(len(rows)) < 1, happened=rows)
    assert step.lay_on(rare, happened)[0][1] == laid[1]


def test_there_may_be_no_other_value_left() -> None:
    """Then one comes again: nothing is made up. What real rows have again is let be."""
    few = baskets().filter(pl.col("item").is_in(["P01", "P02"]))
    assert learned(few) is None
    step = learned(few, "time")
    assert step is not None
    rows = pl.DataFrame({"customer": [1] * 4, "time": [1] * 4, "item": ["P01"] * 4})
    [laid] = step.lay_on(rows, draws(rows))
    assert laid.to_list() == ["P01", "P02", "P01", "P01"]
