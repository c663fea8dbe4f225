"""Many values: losses by a sample of them, and a shop of hundreds of articles.

There each customer buys from a few articles, and each article has its price.
"""

import numpy as np
import polars as pl
import pytest
import torch
from torch import Tensor

from anonymizer.sequences.histories.roles import pick
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.network import large_vocabulary
from anonymizer.sequences.network.pointer import REASONS, recall
from tests.sequences.stub import few_looks_at_profiles

ARTICLES, OWN, BASKET = 600, 6, 3


def test_a_sample_of_tokens_stands_for_all() -> None:
    """The sampled sum of a softmax's weights is right on average, whatever the frequencies."""
    torch.manual_seed(0)
    usual = torch.log_softmax(torch.randn(300) * 2, -1)
    logits = torch.randn(300) / 2 + usual
    sums = []
    for _ in range(2_000):
        drawn, expected = large_vocabulary.negatives(usual)
        sums.append(torch.exp(logits[drawn] - expected).sum())
    mean = torch.stack(sums).mean()
    assert float(mean / logits.exp().sum()) == pytest.approx(1, abs=0.01)


def asked(sharp: float = 1) -> tuple[large_vocabulary.Asked, Tensor, Tensor]:
    """Histories of 40 tokens that repeat themselves, random queries, a table and a shift."""
    torch.manual_seed(0)
    usual = torch.log_softmax(torch.randn(40), -1)
    tokens = torch.randint(40, (30, 50))
    none = torch.full((30, 1), 40)
    recalled, _ = recall(torch.cat([none, tokens[:, :-1]], 1), tokens >= 0, None, usual)
    query = sharp * torch.randn(30, 50, 6 + REASONS)
    return large_vocabulary.Asked(query, tokens, recalled), torch.randn(41, 6), usual


def test_a_sampled_loss_estimates_the_exact_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """With many draws they agree; the exact one does not depend on slices."""
    given, table, usual = asked()
    real, shift = torch.ones(30, 50, dtype=torch.bool), usual + torch.randn(40) / 9
    exact = large_vocabulary.exact_nll(pick(given, real), table, shift)
    monkeypatch.setattr(large_vocabulary, "LOGITS_AT_ONCE", 1_000)
    torch.testing.assert_close(large_vocabulary.exact_nll(pick(given, real), table, shift), exact)
    monkeypatch.setattr(large_vocabulary, "NEGATIVES", 2_000)
    sampled = large_vocabulary.sampled_nll(given, table, shift, usual)
    torch.testing.assert_close(sampled[real], exact, atol=0.1, rtol=0.05)


def test_sharpness_undoes_what_is_too_sure() -> None:
    """Tokens drawn with logits a third as sharp as the head claims: it says a third."""
    given, table, usual = asked(sharp=3)
    part = pick(given, torch.ones(30, 50, dtype=torch.bool))
    p = torch.softmax(large_vocabulary.all_logits(part.query / 3, part.recalled, table, usual), -1)
    drawn = part._replace(tokens=torch.multinomial(p, 1)[:, 0])
    assert large_vocabulary.best_sharpness([drawn], table, usual) == pytest.approx(1 / 3, abs=0.03)


def test_a_trace_by_hand() -> None:
    """The latest counts most; nothing is nothing; windows go on where the last one ended."""
    trace = large_vocabulary.Trace()
    d = float(torch.sigmoid(trace.decay.detach()))
    e = torch.tensor([[[5.0], [1.0], [2.0], [4.0]]])
    real = torch.tensor([[0.0, 1, 1, 1]])
    with torch.no_grad():
        whole, after = trace(e, real, None)
        hand = [0, 1, (d + 2) / (d + 1), (d * d + 2 * d + 4) / (d * d + d + 1)]
        torch.testing.assert_close(whole[0, :, 0], torch.tensor(hand))
        first, between = trace(e[:, :2], real[:, :2], None)
        second, last = trace(e[:, 2:], real[:, 2:], between)
    torch.testing.assert_close(torch.cat([first, second], 1), whole)
    torch.testing.assert_close(last, after)


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
