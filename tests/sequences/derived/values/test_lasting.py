"""What an entity keeps is kept, and left as often as it was."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from anonymizer.sequences.derived.base.step import Draws, Table
from anonymizer.sequences.derived.values.lasting import Lasting

Laying = Callable[[pl.DataFrame], Draws]
Tables = Callable[[pl.DataFrame], Table]


def test_as_many_move_house_as_did(table: Tables, draws: Laying) -> None:
    """A twentieth moves from the north to the south, once, and stays there."""
    rows = pl.DataFrame({"who": np.repeat(np.arange(400), 10), "day": np.tile(np.arange(10), 400)})
    moved = (pl.col("who") % 25 == 0) & (pl.col("day") >= 7)
    rows = rows.with_columns(town=pl.when(moved).then(pl.lit("south")).otherwise(pl.lit("north")))
    step = Lasting.learn("town", table(rows))
    assert step is not None
    (usual,) = step.take_off(rows)
    assert set(usual) == {"north"}
    days = {"who": np.repeat(np.arange(4_000), 10), "day": np.tile(np.arange(10), 4_000)}
    many = pl.DataFrame(days).with_columns(town=pl.lit("north"))
    found = many.with_columns(step.lay_on(many, draws(many)))
    towns = found.group_by("who").agg(
        n=pl.col("town").rle_id().max() + 1, last=pl.col("town").last()
    )
    assert (towns["n"] == 2).mean() == pytest.approx(0.04, abs=0.01)
    assert (towns.filter(pl.col("n") == 2)["last"] == "south").all()


def test_a_present_goes_elsewhere_and_the_next_order_home(table: Tables, draws: Laying) -> None:
    """A fiftieth of the visits of a household goes to another town, with all of its rows."""
    rng, size = np.random.default_rng(0), 20_000
    rows = pl.DataFrame({"who": np.arange(size) // 40, "day": np.arange(size) // 2})
    home = pl.format("town {}", pl.col("who") % 7)
    away = pl.Series(np.repeat(rng.random(size // 2) < 0.02, 2))
    rows = rows.with_columns(town=pl.when(away).then(pl.lit("the sea")).otherwise(home))
    step = Lasting.learn("town", table(rows))
    assert step is not None
    (usual,) = step.take_off(rows)
    assert usual.equals(rows.select(home.alias("town")).to_series())
    found = rows.with_columns(usual).with_columns(
        step.lay_on(rows.with_columns(usual), draws(rows))
    )
    assert (found["town"] == "the sea").mean() == pytest.approx(0.02, abs=0.004)
    assert (found.group_by("day").agg(pl.col("town").n_unique())["town"] == 1).all()
    visits = found.unique("day", keep="first", maintain_order=True)
    again = visits.filter(pl.col("town").shift(1) == "the sea")
    assert (again["town"] == "the sea").mean() == pytest.approx(0.02, abs=0.06)


def test_what_many_change_does_not_last(table: Tables) -> None:
    """And the move of one person is nobody's business."""
    visits = pl.DataFrame({"who": np.arange(600) // 20, "day": np.arange(600) % 20})
    visits = visits.with_columns(shop=pl.format("shop {}", pl.col("day") % 2))
    assert Lasting.learn("shop", table(visits)) is None
    moved = (pl.col("who") == 3) & (pl.col("day") > 17)
    home = pl.format("city {}", pl.col("who") % 3)
    own = visits.with_columns(city=pl.when(moved).then(pl.lit("Atlantis")).otherwise(home))
    step = Lasting.learn("city", table(own))
    assert step is not None
    assert step.leave == 0
    assert "Atlantis" not in str(step.to_dict())
