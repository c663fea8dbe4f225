"""A shop of hundreds of articles: each customer buys from a few, and each article has its price."""

import numpy as np
import polars as pl
import pytest

from anonymizer.sequences.model.sequence_model import SequenceModel
from tests.sequences.stub import few_looks_at_profiles

ARTICLES, OWN, BASKET = 600, 6, 3


def make_visits(customers: int, seed: int) -> pl.DataFrame:
    """Visits a week apart; a basket holds three different ones of the customer's six articles."""
    rng = np.random.default_rng(seed)
    rows = [
        (customer, week, int(article), 1.0 + article % 40)
        for customer in range(customers)
        for own in [rng.choice(ARTICLES, OWN, replace=False)]
        for week in range(int(rng.integers(3, 7)))
        for article in rng.choice(own, BASKET, replace=False)
    ]
    frame = pl.DataFrame(rows, ["customer", "week", "article", "price"], orient="row")
    return frame.select(
        "customer",
        time=pl.date(2024, 1, 1) + pl.duration(weeks="week"),
        article=pl.format("article {}", "article"),
        price="price",
    )


@pytest.fixture(scope="module")
def visits() -> pl.DataFrame:
    """1,000 customers."""
    return make_visits(1_000, 0)


@pytest.fixture(scope="module")
def trained(visits: pl.DataFrame) -> SequenceModel:
    """A model of them; it has a large head."""
    with few_looks_at_profiles():
        model = SequenceModel.fit(visits, entity="customer", time="time")
    assert len(model.priors.large) == 1
    return model


@pytest.fixture(scope="module")
def sample(trained: SequenceModel) -> pl.DataFrame:
    """As many customers who do not exist."""
    return trained.sample(500)


def test_customers_buy_again_what_they_bought(sample: pl.DataFrame) -> None:
    """Of what is bought after the first visit most was bought before; by chance it is 3 %."""
    first = pl.col("time").min()
    later = sample.filter(pl.col("time") > first.over("customer"))
    known = sample.with_columns(since=first.over("customer", "article")).filter(
        pl.col("time") > pl.col("since")
    )
    assert len(known) > 0.6 * len(later)


def test_nothing_is_twice_in_a_basket(sample: pl.DataFrame) -> None:
    """As in the data, where articles of a basket differ."""
    twice = sample.filter(pl.len().over("customer", "time", "article") > 1)
    assert len(twice) < 0.02 * len(sample)


def test_articles_keep_their_prices(sample: pl.DataFrame, visits: pl.DataFrame) -> None:
    """A price follows from the article, also of articles that few bought."""
    known = sample.filter(pl.col("article") != "OTHER")
    pairs = visits.select("article", "price").unique()
    assert len(known.join(pairs, on=["article", "price"], how="semi")) > 0.95 * len(known)


def test_what_comes_next_is_ranked_for_people_never_seen(trained: SequenceModel) -> None:
    """Of others, who were not learned from, the six likeliest articles are mostly their own."""
    others = make_visits(100, 1)
    found = trained.recommend(others, field="article", top=OWN)
    own = found.join(others, on=["customer", "article"], how="semi")
    assert len(own) > 0.7 * len(found)


def test_a_saved_model_of_many_articles_is_the_same(
    trained: SequenceModel, sample: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Recall, sharpness and pairs travel in the folder."""
    folder = tmp_path_factory.mktemp("large") / "model"
    trained.save(folder)
    again = SequenceModel.load(folder)
    assert again.sample(40).equals(sample.filter(pl.col("customer") <= 40))
