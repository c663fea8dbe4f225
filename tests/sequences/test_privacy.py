"""What a model must not remember: planted histories, copies, what a single customer does."""

import numpy as np
import polars as pl
import pytest
import torch

from anonymizer.sequences.events import read_histories
from anonymizer.sequences.fitting import Fitting, Split
from anonymizer.sequences.model import SequenceModel
from tests.sequences.conftest import make_shop

CANARIES = 40


def canaries(shop: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Histories of twelve events at random days, of random common items and price points."""
    rng = np.random.default_rng(seed)
    start = shop["time"].min()
    rows = [
        (10_000 + c, int(hour), f"item {rng.integers(6)}", float(rng.choice([4.95, 9.95, 20.0])))
        for c in range(CANARIES)
        for hour in np.sort(rng.choice(24 * 80, 12, replace=False))
    ]
    frame = pl.DataFrame(rows, ["customer", "hour", "item", "amount"], orient="row")
    return frame.select(
        "customer",
        time=(pl.lit(start) + pl.duration(hours="hour")).cast(shop.schema["time"]),
        item="item",
        amount="amount",
        score=pl.lit(3, pl.Int32),
        country=pl.lit("UK"),
    )


def losses(model: SequenceModel, frame: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype]:
    """(E,) negative log-likelihood of each history, its marks told."""
    histories = read_histories(frame, model.codec.roles)
    data = model.codec.encode(histories)
    everyone = np.arange(len(data.span.length))
    fitting = Fitting(model.codec, data, Split(everyone, everyone, 0), lambda _what, _report: None)
    told = np.ones(1, bool)
    with torch.no_grad():
        parts = [list(fitting.losses(model.events, np.array([e]), told)) for e in everyone]
    return np.array([sum(float(loss) for loss, _ in each) for each in parts])


@pytest.fixture(scope="module")
def shop() -> pl.DataFrame:
    """240 customers."""
    return make_shop(240)


def test_a_planted_history_is_not_remembered(shop: pl.DataFrame) -> None:
    """Canaries that were trained on are no likelier to the model than those that were not.

    Half of forty alike are planted; the chance that a planted one is likelier than another one is
    then one half. Three standard errors of that are allowed.
    """
    every = canaries(shop, 0)
    planted = pl.col("customer") % 2 == 0
    model = SequenceModel.fit(
        pl.concat([shop, every.filter(planted)]), entity="customer", time="time"
    )
    scores = losses(model, every)
    member = np.arange(CANARIES) % 2 == 0
    likelier = (scores[member][:, None] < scores[~member]).mean()
    error = np.sqrt((CANARIES + 1) / (3 * CANARIES * CANARIES))
    assert likelier < 0.5 + 3 * error


def test_no_history_is_copied(shop: pl.DataFrame) -> None:
    """Histories of three events and more never come out as they went in."""
    model = SequenceModel.fit(shop, entity="customer", time="time", max_epochs=6)

    def shapes(frame: pl.DataFrame) -> set[tuple[object, ...]]:
        grouped = frame.group_by("customer", maintain_order=True).agg("time", "item", "amount")
        return {(tuple(t), tuple(i), tuple(a)) for _, t, i, a in grouped.iter_rows() if len(t) > 2}

    assert shapes(model.sample(1_000)).isdisjoint(shapes(shop))
