"""Rows to learn steps from, and the chance to lay them on."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from anonymizer.sequences.derived.base.step import Draws, Table

Laying = Callable[[pl.DataFrame], Draws]


@pytest.fixture(scope="session")
def draws() -> Laying:
    """The chance for rows of the entity column `who`."""

    def make(rows: pl.DataFrame, seed: int = 5) -> Draws:
        who = rows["who"].rle_id().cast(pl.Int64).to_numpy()
        position = rows.select(x=pl.int_range(pl.len()).over("who"))["x"].to_numpy()
        return Draws(seed, who, position)

    return make


@pytest.fixture(scope="session")
def table() -> Callable[[pl.DataFrame], Table]:
    """Rows of the entity `who` at the time `day`; five entities must hold what is learned."""
    return lambda rows: Table(rows, "who", "day", 5)


@pytest.fixture(scope="session")
def orders() -> pl.DataFrame:
    """2,000 orders of 100 people: 30 products with a name, a category and a price each.

    Product p29 has been ordered by one person only; of p5 a tenth of the orders has another name.
    """
    rng, size = np.random.default_rng(0), 2_000
    product = rng.integers(0, 29, size)
    who = np.sort(rng.integers(0, 100, size))
    product[np.flatnonzero(who == 7)[0]] = 29
    rows = pl.DataFrame({"who": who, "number": product})
    renamed = (pl.col("number") == 5) & pl.Series(rng.random(size) < 0.1)
    return rows.select(
        "who",
        day=pl.date(2024, 1, 1) + pl.duration(days=pl.int_range(pl.len()).over("who")),
        product=pl.format("p{}", "number"),
        name=pl.when(renamed).then(pl.lit("old name")).otherwise(pl.format("name {}", "number")),
        category=pl.format("category {}", pl.col("number") % 3),
        price=(pl.col("number") * 0.5 + 1).round(2),
        code=pl.col("number").cast(pl.Int32),
    )
