"""Habits that are counted: who buys the same again, and who does not."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from anonymizer.sequences.histories.roles import read_histories
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.priors.counts import Counts
from anonymizer.sequences.tokens.heads import FIELDS, GAP
from anonymizer.sequences.tokens.times import FIRST, INSTANT
from anonymizer.sequences.training.fit import Fitting, read
from tests.sequences.stub import untrained

ARTICLES, EVENTS = 300, 24


def test_what_an_entity_has_had_by_hand(model: SequenceModel) -> None:
    """Two entities, and a large head with the values 1 and 2."""
    every = model.priors.of(Counts)
    counts = replace(every, classes={}, large=[FIELDS], repeating=[], constant={})
    tokens = np.zeros((4, FIELDS + 1), np.int64)
    tokens[:, FIELDS] = [2, 1, 2, 2]
    tokens[:, GAP] = [FIRST, INSTANT, INSTANT, FIRST]
    offsets = np.array([0, 3, 4])
    again = counts.again(tokens, offsets)
    assert again[:, 0].tolist() == [False, False, True, False]
    used = counts.used(tokens, np.zeros(4, np.int64), again, lambda j: tokens[:, [j, j]])
    assert counts.blocks[0] == (0, 2)
    found = counts.count(used, offsets)[:, :2]
    assert found.tolist() == [[1, 1], [0, 0]]  # new, again; the first is neither


def make_shop(customers: int) -> pl.DataFrame:
    """Half of the customers keep to six articles, the others never take one twice."""
    rng = np.random.default_rng(0)
    rows: list[tuple[int, int, str]] = []
    for customer in range(customers):
        own = rng.choice(ARTICLES, 6 if customer % 2 else EVENTS, replace=False)
        articles = rng.permutation(np.resize(own, EVENTS))
        for day, article in enumerate(articles.tolist()):
            rows.append((customer, 3 * day, f"article {article}"))
    frame = pl.DataFrame(rows, ["who", "day", "article"], orient="row")
    when = pl.date(2024, 1, 1) + pl.duration(days="day")
    return frame.select("who", "article", when=when)


@pytest.mark.usefixtures("brief_profiles")
def test_some_buy_again_and_some_do_not() -> None:
    """Both kinds are among customers who do not exist, each with about half of them."""
    trained = SequenceModel.fit(make_shop(150), entity="who", time="when", max_epochs=5)
    assert trained.priors.of(Counts).large == [FIELDS]
    differ = pl.col("article").n_unique() / pl.len()
    variety = trained.sample(150).group_by("who").agg(differ.alias("variety"))["variety"]
    assert 0.3 < (variety < 0.5).sum() / 150 < 0.7
    assert 0.3 < (variety > 0.75).sum() / 150 < 0.7


def make_towns(towns: int, customers: int) -> pl.DataFrame:
    """Six customers have two towns, and all others one."""
    rng = np.random.default_rng(0)
    rows = [
        (customer, 3 * day, f"town {(customer + (customer < 6 and day > 13)) % towns}", day % 5)
        for customer in range(customers)
        for day in range(25 + int(rng.integers(5)))
    ]
    frame = pl.DataFrame(rows, ["who", "day", "town", "size"], orient="row")
    when = pl.date(2024, 1, 1) + pl.duration(days="day")
    return frame.select("who", "town", "size", when=when)


def movers(sample: pl.DataFrame) -> int:
    """How many have several towns."""
    return sample.group_by("who").agg(pl.col("town").n_unique()).filter(pl.col("town") > 1).height


def test_hardly_anybody_moves_where_hardly_anybody_did() -> None:
    """As few of those who do not exist as of those who do; the counts alone see to it."""
    shop = make_towns(8, 200)
    model = untrained(shop, entity="who", time="when")
    assert model.networks.counts is not None
    roles = model.codec.roles
    _, parts, priors, data = read(read_histories(shop, roles), roles, 0, 5)
    Fitting(priors, data, parts, lambda _what, _report: None).counts(model.networks.counts)
    assert movers(model.sample(200)) <= 0.05 * 200


@pytest.mark.usefixtures("brief_profiles")
def test_hardly_anybody_moves_among_many_towns() -> None:
    """Nor where the towns are too many to be counted each."""
    towns, told = make_towns(50, 400), {"town": "field"}
    model = SequenceModel.fit(towns, entity="who", time="when", max_epochs=2, roles=told)
    assert model.priors.of(Counts).large == [FIELDS]
    assert movers(model.sample(400)) <= 0.05 * 400


def make_visits(*, night_owls: bool) -> pl.DataFrame:
    """120 customers visit 40 times, at any hour, or half of them before noon and half after it."""
    rng = np.random.default_rng(0)
    hours = rng.integers(0, 12 if night_owls else 24, (120, 40))
    hours[::2] += 12 * night_owls
    days = np.cumsum(rng.integers(1, 6, hours.shape), axis=1)
    who = np.repeat(np.arange(len(hours)), hours.shape[1])
    frame = pl.DataFrame({"who": who, "day": days.ravel(), "hour": hours.ravel()})
    when = pl.datetime(2024, 1, 1) + pl.duration(days="day", hours="hour")
    return frame.select("who", when=when)


@pytest.mark.parametrize("night_owls", [False, True])
def test_hours_are_told_where_entities_have_their_own(*, night_owls: bool) -> None:
    """An entity's counts of what everybody does alike are noise."""
    events = make_visits(night_owls=night_owls)
    counts = untrained(events, entity="who", time="when").priors.of(Counts)
    assert counts.habitual is night_owls
