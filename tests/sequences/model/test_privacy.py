"""What a model must not remember: planted histories, copies, what a single customer does."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from anonymizer.errors import ModelError
from anonymizer.sequences.histories.roles import read_histories
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.tokens import heads
from anonymizer.sequences.training.fit import Fitting, Split
from tests.sequences.conftest import make_shop
from tests.sequences.stub import untrained

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
    """(E,) negative log-likelihood of each history, its profile told."""
    histories = read_histories(frame, model.codec.roles)
    data = model.priors.encode(histories)
    everyone = np.arange(len(data.span.length))
    fitting = Fitting(model.priors, data, Split(everyone, everyone, 0), lambda _what, _report: None)
    told = np.ones(1, bool)
    with torch.no_grad():
        parts = [list(fitting.losses(model.networks.events, np.array([e]), told)) for e in everyone]
    return np.array([sum(float(loss) for loss, _ in each) for each in parts])


@pytest.fixture(scope="module")
def customers() -> pl.DataFrame:
    """240 customers."""
    return make_shop(240)


@pytest.mark.usefixtures("brief_profiles")
@pytest.mark.parametrize("large_from", [heads.LARGE, 8])
def test_a_planted_history_is_not_known_by_heart(
    customers: pl.DataFrame, monkeypatch: pytest.MonkeyPatch, large_from: int
) -> None:
    """Canaries that were trained on are little likelier to the model than those that were not.

    Half of forty alike are planted. A model of so few customers does tell them apart better than by
    chance, about four times in five, which is why its folder stays with the data; one that knows
    them by heart does so every time.
    """
    monkeypatch.setattr(heads, "LARGE", large_from)
    every = canaries(customers, 0)
    planted = pl.col("customer") % 2 == 0
    model = SequenceModel.fit(
        pl.concat([customers, every.filter(planted)]), entity="customer", time="time"
    )
    scores = losses(model, every)
    member = np.arange(CANARIES) % 2 == 0
    likelier = (scores[member][:, None] < scores[~member]).mean()
    assert likelier < 0.9


def test_no_history_is_copied(trained: SequenceModel) -> None:
    """Histories of three events and more never come out as they went in."""

    def shapes(frame: pl.DataFrame) -> set[tuple[object, ...]]:
        grouped = frame.group_by("customer", maintain_order=True).agg("time", "item", "amount")
        return {(tuple(t), tuple(i), tuple(a)) for _, t, i, a in grouped.iter_rows() if len(t) > 2}

    assert shapes(trained.sample(1_000)).isdisjoint(shapes(make_shop(600)))


@pytest.mark.parametrize("length", [100, 2_000])
def test_one_long_history_moves_nobody_elses(length: int) -> None:
    """Neither grids nor samples follow the length of one customer among eighty."""
    rng = np.random.default_rng(0)
    lengths = [*(5 + rng.integers(0, 9, 79)).tolist(), length]
    frame = pl.DataFrame(
        {
            "customer": np.repeat(np.arange(80), lengths),
            "time": np.concatenate([np.sort(rng.integers(0, 300, n)) for n in lengths]),
        }
    ).with_columns(time=pl.date(2024, 1, 1) + pl.duration(days="time"))
    model = untrained(frame)
    assert model.codec.profile.visits.high.max() <= 13
    assert model.sample(300).group_by("customer").len()["len"].max() < 30  # type: ignore[operator]


@pytest.mark.usefixtures("hasty")
def test_the_length_of_one_history_is_not_in_the_card(customers: pl.DataFrame) -> None:
    """The sum of events and the settings that follow from it are the same however long it is."""
    long = customers.filter(pl.col("customer") == 3)
    cards, notes = [], []
    for times in (20, 200):
        more = pl.concat([customers, *[long] * times]).with_columns(
            item=pl.when(pl.col("customer").is_in([3, 4, 5, 6, 7, 8]))
            .then(pl.format("rare {}", "customer"))
            .otherwise("item")
        )
        model = SequenceModel.fit(more, entity="customer", time="time", max_epochs=1)
        cards.append(
            {name: model.card[name] for name in ("events", "entities", "settings", "told")}
        )
        notes.append(model.notes)
    assert cards[0] == cards[1]
    assert notes[0] == notes[1]


def test_what_a_held_out_customer_paid_does_not_set_the_limits(customers: pl.DataFrame) -> None:
    """Alert limits are the same whether one held-out customer paid a thousand or a billion."""
    limits, fitted = [], untrained(customers)
    for amount in (1e4, 1e9):
        rich = customers.with_columns(
            amount=pl.when(pl.col("customer") == 5).then(amount).otherwise("amount")
        )
        histories = read_histories(rich, fitted.codec.roles)
        limits.append(fitted.calibrated(histories, 5).calibration)
    assert limits[0] == limits[1]


def test_loading_calls_nothing_by_a_name_in_the_folder(
    model: SequenceModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A type that is none is refused, whatever Polars has under its name."""
    model.save(tmp_path / "m")
    text = (tmp_path / "m" / "model.json").read_text()
    (tmp_path / "m" / "model.json").write_text(text.replace('"Int64"', '"show_versions"'))
    with pytest.raises(ModelError, match="fit the model again"):
        SequenceModel.load(tmp_path / "m")
    assert capsys.readouterr().out == ""
