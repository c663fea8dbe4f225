"""A small shop whose customers have habits, made anew from a seed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from anonymizer.sequences.model import classifier
from anonymizer.sequences.model.classifier import SequenceClassifier
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.training import fit
from tests.sequences.stub import few_looks_at_profiles, one_step, untrained


def make_shop(customers: int = 80, seed: int = 0) -> pl.DataFrame:
    """Purchases with price points, a favourite item per customer, a country, baskets and nulls."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[object, ...]] = []
    for customer in range(customers):
        country = ["UK", "France", "Spain"][customer % 3]
        favourite = rng.integers(6)
        when = datetime(2024, 1, 1) + timedelta(days=int(rng.integers(60)), hours=9)
        for _ in range(1 + int(rng.geometric(0.15))):
            item = int(favourite if rng.random() < 0.6 else rng.integers(6))
            amount = float(rng.choice([4.95, 9.95, 20.0, round(float(rng.gamma(3, 7)), 2)]))
            score = None if rng.random() < 0.1 else int(rng.integers(1, 6))
            rows.append((customer, when, f"item {item}", amount, score, country))
            if rng.random() < 0.8:
                when += timedelta(days=int(rng.integers(1, 15)), minutes=int(rng.integers(-90, 90)))
    schema: dict[str, type[pl.DataType] | pl.DataType] = {
        "customer": pl.Int64, "time": pl.Datetime("us"), "item": pl.String,
        "amount": pl.Float64, "score": pl.Int32, "country": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema, orient="row").sort("customer", "time", maintain_order=True)


@pytest.fixture(scope="session")
def shop() -> pl.DataFrame:
    """80 customers."""
    return make_shop()


@pytest.fixture(scope="session")
def model(shop: pl.DataFrame) -> SequenceModel:
    """A model that knows what counting knows, and whose network says something at random."""
    return untrained(shop)


@pytest.fixture(scope="session")
def trained() -> SequenceModel:
    """A model of 600 customers that has learned something."""
    return SequenceModel.fit(make_shop(600), entity="customer", time="time", max_epochs=6)


def labelled(shop: pl.DataFrame) -> pl.DataFrame:
    """An event is fraud when it repeats the item of the one before: the order is the signal."""
    again = (pl.col("item") == pl.col("item").shift(1).over("customer")).fill_null(value=False)
    return shop.with_columns(fraud=again)


@pytest.fixture(scope="session")
def flagging(shop: pl.DataFrame) -> SequenceClassifier:
    """A classifier that was trained for a moment."""
    return SequenceClassifier.fit(
        labelled(shop).lazy(), entity="customer", time="time", label="fraud", max_epochs=1
    )


@pytest.fixture
def brief_profiles() -> Iterator[None]:
    """Fits whose events are what it is about, see there."""
    with few_looks_at_profiles():
        yield


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fits take a single step."""
    monkeypatch.setattr(fit, "train", one_step)
    monkeypatch.setattr(classifier, "train", one_step)
