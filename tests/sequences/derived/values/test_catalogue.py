"""What follows from a code is laid on as the catalogue has it, and tells of nobody."""

import json
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from anonymizer.relations.base.features import Feature
from anonymizer.sequences.derived.base.step import Draws, Table
from anonymizer.sequences.derived.values.catalogue import Catalogue

Laying = Callable[[pl.DataFrame], Draws]
Tables = Callable[[pl.DataFrame], Table]
FOLLOW = ("name", "category", "price")


@pytest.fixture
def catalogue(orders: pl.DataFrame, table: Tables) -> Catalogue:
    """Of products, their names, categories and prices."""
    found = Catalogue.learn((Feature("product"),), FOLLOW, table(orders), once=False)
    assert found is not None
    return found


def laid(step: Catalogue, rows: pl.DataFrame, draws: Laying) -> pl.DataFrame:
    """Rows with what a step gives."""
    return rows.with_columns(step.lay_on(rows, draws(rows)))


def test_every_row_has_the_name_category_and_price_of_its_product(
    catalogue: Catalogue, orders: pl.DataFrame, draws: Laying
) -> None:
    """Whatever the order of the codes."""
    mixed = orders.select("who", pl.col("product").shuffle(seed=1))
    rows = laid(catalogue, mixed, draws).filter(pl.col("product") != "p29")
    real = orders.select("product", *FOLLOW).unique()
    assert len(rows.join(real, on=["product", *FOLLOW], how="anti")) == 0
    assert catalogue.kept(rows).all()


def test_names_of_one_code_come_as_often_as_they_did(
    catalogue: Catalogue, orders: pl.DataFrame, draws: Laying
) -> None:
    """A tenth of the orders of one product has its old name."""
    rows = laid(catalogue, pl.concat([orders.filter(pl.col("product") == "p5")] * 20), draws)
    assert (rows["name"] == "old name").mean() == pytest.approx(0.1, abs=0.04)


def test_a_code_of_few_is_rare_and_so_is_what_is_its_own(
    catalogue: Catalogue, orders: pl.DataFrame, draws: Laying
) -> None:
    """Its name is that of nothing; its category is one that enough people share, or none."""
    (code,) = catalogue.take_off(orders)
    assert code.filter(orders["product"] == "p29").to_list() == ["OTHER"]
    rows = laid(catalogue, orders.with_columns(code), draws).filter(product="OTHER")
    assert rows["name"].to_list() == ["OTHER"]
    assert rows["price"].null_count() == 0
    told = json.dumps(catalogue.to_dict())
    assert "name 29" not in told
    assert "p29" not in told
    assert "15.5" not in told


def test_what_rare_codes_share_is_kept(table: Tables, draws: Laying) -> None:
    """Everybody has a shop of their own; two thirds of these are in the north."""
    rows = pl.DataFrame({"who": [n // 4 for n in range(400)], "day": [0] * 400}).with_columns(
        shop=pl.when(pl.int_range(400) % 4 == 0)
        .then(pl.format("own shop {}", "who"))
        .otherwise(pl.lit("market")),
        region=pl.when(pl.col("who") % 3 == 0).then(pl.lit("south")).otherwise(pl.lit("north")),
    )
    rows = rows.with_columns(
        region=pl.when(pl.col("shop") == "market").then(pl.lit("middle")).otherwise("region")
    )
    step = Catalogue.learn((Feature("shop"),), ("region",), table(rows), once=False)
    assert step is not None
    found = rows.with_columns(step.take_off(rows))
    rare = laid(step, found, draws).filter(pl.col("shop") != "market")
    assert rare["region"].equals(rows.filter(pl.col("shop") != "market")["region"])
    assert set(rare.select("shop", "region").unique().rows()) == {
        ("OTHER", "north"),
        ("OTHER 2", "south"),
    }


def test_parts_of_a_column_lead_too(orders: pl.DataFrame, table: Tables, draws: Laying) -> None:
    """The weekday of an order follows from its day."""
    rows = orders.with_columns(weekday=pl.col("day").dt.weekday().cast(pl.Int8))
    step = Catalogue.learn((Feature("day", "weekday"),), ("weekday",), table(rows), once=False)
    assert step is not None
    found = laid(step, rows.drop("weekday"), draws)
    assert found["weekday"].dtype == pl.Int8
    assert found["weekday"].equals(rows["weekday"])


def test_two_columns_lead_together_and_else_the_first(
    orders: pl.DataFrame, table: Tables, draws: Laying
) -> None:
    """A pair that nobody has takes what the first of it leads to."""
    rows = orders.with_columns(
        size=pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit("S")).otherwise(pl.lit("L"))
    ).with_columns(label=pl.format("{} {}", "category", "size"))
    features = (Feature("category"), Feature("size"))
    step = Catalogue.learn(features, ("label",), table(rows), once=False)
    assert step is not None
    assert laid(step, rows.drop("label"), draws)["label"].equals(rows["label"])
    unknown = laid(step, rows.drop("label").with_columns(size=pl.lit("XL")), draws)
    assert unknown["label"].str.starts_with("category").all()


def test_what_holds_once_per_entity_is_drawn_once(
    orders: pl.DataFrame, table: Tables, draws: Laying
) -> None:
    """All rows of a person have one name, where the code has two."""
    rows = orders.with_columns(product=pl.lit("p5"), name=pl.format("name {}", pl.col("who") % 4))
    step = Catalogue.learn((Feature("product"),), ("name",), table(rows), once=True)
    assert step is not None
    found = laid(step, rows.drop("name"), draws)
    assert (found.group_by("who").agg(n=pl.col("name").n_unique())["n"] == 1).all()
    assert found["name"].n_unique() == 4


def test_a_folder_holds_the_same_step_and_no_damaged_one(catalogue: Catalogue) -> None:
    """What is written is read again, and what does not fit together is refused."""
    data = json.loads(json.dumps(catalogue.to_dict()))
    assert json.loads(json.dumps(Catalogue.from_dict(data).to_dict())) == data
    never = [-1.0] * len(catalogue.weights)
    damages: list[dict[str, Any]] = [{"weights": [1.0]}, {"weights": never}, {"parts": []}]
    for damage in damages:
        with pytest.raises(ValueError, match="catalogue"):
            Catalogue.from_dict(data | damage)
