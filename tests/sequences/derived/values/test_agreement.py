"""What goes together, what a visit has one of, and what hardly anybody changes."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from anonymizer.sequences.derived.base.step import Draws, Table
from anonymizer.sequences.derived.values.agreement import Agreeing, OfVisit

Laying = Callable[[pl.DataFrame], Draws]
Tables = Callable[[pl.DataFrame], Table]


@pytest.fixture(scope="module")
def visits() -> pl.DataFrame:
    """People of three cities, each with two shops of its own, who pay in one of two ways."""
    rng, size = np.random.default_rng(1), 3_000
    who = np.sort(rng.integers(0, 150, size))
    shop = 2 * (who % 3) + rng.integers(0, 2, size)
    return pl.DataFrame({
        "who": who,
        "day": rng.integers(0, 30, size),
        "city": [f"city {w % 3}" for w in who],
        "shop": shop.astype(np.int16),
        "paid": np.where(shop == 5, "cash", rng.choice(["cash", "card"], size)),
        "amount": np.where(rng.random(size) < 0.2, -1.5, 2.5),
    }).sort("who", "day")  # fmt: skip


def test_what_never_goes_together_is_drawn_anew(
    visits: pl.DataFrame, table: Tables, draws: Laying
) -> None:
    """Both relations of a column hold at once; rows that keep them are left alone."""
    step = Agreeing.learn("shop", [("city",), ("paid",)], table(visits))
    assert step is not None
    mixed = visits.with_columns(pl.col("shop").shuffle(seed=2))
    (shop,) = step.lay_on(mixed, draws(mixed))
    found = mixed.with_columns(shop)
    assert step.kept(found).all()
    assert found.schema["shop"] == pl.Int16
    kept = step.kept(mixed)
    assert found.filter(kept).equals(mixed.filter(kept))
    drawn = found.filter(~kept).join(visits, on=["city", "shop"], how="semi")
    assert len(drawn) == (~kept).sum()


def test_values_that_are_not_known_are_left_alone(
    visits: pl.DataFrame, table: Tables, draws: Laying
) -> None:
    """A city that nobody has says nothing of its shops."""
    step = Agreeing.learn("shop", [("city",)], table(visits))
    assert step is not None
    rows = visits.with_columns(city=pl.lit("OTHER"))
    assert step.lay_on(rows, draws(rows))[0].equals(visits["shop"])
    assert step.kept(rows).is_null().all()


def test_a_visit_has_one_sign_and_one_shop(visits: pl.DataFrame, draws: Laying) -> None:
    """Those of its first row."""
    for part, column in (("sign", "amount"), ("value", "shop")):
        step = OfVisit(column, part, ("who", "day"))
        found = visits.with_columns(step.lay_on(visits, draws(visits)))
        assert step.kept(found).all()
        assert not step.kept(visits).all()
        assert found["amount"].abs().equals(visits["amount"].abs())
