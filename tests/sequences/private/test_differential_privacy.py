"""A fit with epsilon: what one entity may move, what leaves the fit, what the budget buys."""

import math
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
import torch
from click.testing import CliRunner, Result
from torch import Tensor, nn

from anonymizer.cli import commands
from anonymizer.errors import DataError
from anonymizer.sequences.derived.derivation import Derivation
from anonymizer.sequences.histories.roles import assign_roles, read_histories
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.network.batches import windows
from anonymizer.sequences.priors.conditionals import Conditionals
from anonymizer.sequences.private.accountant import Promise, spent, split_budget
from anonymizer.sequences.private.dp_sgd import (
    Gradients,
    Steps,
    clipped_sum,
    train,
    unrolled,
    window_gradients,
)
from anonymizer.sequences.private.fit import fit_privately
from anonymizer.sequences.private.noise import HELD, Noise
from anonymizer.sequences.private.statistics import (
    Asked,
    learn_priors,
    learn_window,
    within,
)
from tests.sequences.conftest import make_shop

BIG = Promise(30.0, 1e-4)  # so that a small shop is not all noise


def rng(seed: int = 0) -> np.random.Generator:
    """Noise that can be repeated, which only a test may have."""
    return np.random.default_rng(seed)


def outlandish(shop: pl.DataFrame) -> pl.DataFrame:
    """The shop and one more customer, of whom everything is an extreme."""
    count = 700
    person = pl.DataFrame(
        {
            "customer": [77_777] * count,
            "time": [datetime(2031, 7, 13, 3, 14)] * count,
            "item": [f"secret {i % 60}" for i in range(count)],
            "amount": [987_654.321] * count,
            "score": [424_242] * count,
            "country": ["Atlantis"] * count,
        },
        schema=shop.schema,
    )
    return pl.concat([shop, person])


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    """400 customers and the outlandish one."""
    return outlandish(make_shop(400))


@pytest.fixture(scope="module")
def private(frame: pl.DataFrame) -> SequenceModel:
    """A private model, trained for a moment."""
    roles = assign_roles(frame.clear(), "customer", "time", None, ["country"])
    fitted = fit_privately(frame, roles, BIG, passes=1, rng=rng())
    return SequenceModel(Derivation.plain(frame.schema, roles), *fitted)


class Commanded(NamedTuple):
    """What the command said of a fit with a budget, and where it wrote the model."""

    call: list[str]
    done: Result
    target: Path


@pytest.fixture(scope="module")
def commanded(shop: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Commanded:
    """A fit from the command line, of a budget with which it may tell much."""
    folder = tmp_path_factory.mktemp("commanded")
    shop.write_parquet(folder / "shop.parquet")
    call = ["fit", str(folder / "shop.parquet"), str(folder / "model")]
    call += ["--entity", "customer", "--time", "time"]
    budget = ["--epsilon", "30", "--delta", "0.001", "--max-epochs", "1"]
    return Commanded(call, CliRunner().invoke(commands, [*call, *budget]), folder / "model")


# The accountant.


@pytest.mark.parametrize("noise", [0.8, 2.0, 5.0])
def test_a_gaussian_mechanism_costs_what_its_formula_says(noise: float) -> None:
    """Balle and Wang (2018): delta = Φ(1/2σ − εσ) − e^ε Φ(−1/2σ − εσ)."""
    epsilon = spent((1, noise, 1.0), delta=1e-5)
    below = NormalDist().cdf
    near = below(1 / (2 * noise) - epsilon * noise)
    far = below(-1 / (2 * noise) - epsilon * noise)
    assert near - math.exp(epsilon) * far == pytest.approx(1e-5, rel=0.01)


def test_a_published_training_costs_no_more_than_was_published() -> None:
    """Abadi et al. (2016): q = 0.01, σ = 4, 10,000 steps, delta 1e-5 is epsilon 1.26 at most."""
    assert 0.85 < spent((10_000, 4.0, 0.01), delta=1e-5) <= 1.26


@pytest.mark.parametrize("epsilon", [0.5, 3.0, 20.0])
def test_a_plan_spends_its_budget_and_no_more(epsilon: float) -> None:
    """The noise is the least that keeps the promise, of epsilon as of delta."""
    found = split_budget(Promise(epsilon, 1e-5), statistics=20, selections=2, rate=0.05, steps=600)
    left = 1e-5 - found.selections * found.delta_per_selection
    statistics, training = (20, found.noise, 1.0), (600, found.training_noise, 0.05)
    cost = spent(statistics, training, delta=left, grid=5e-4 * epsilon)
    assert 0.98 * epsilon < cost <= epsilon
    lighter = (600, 0.95 * found.training_noise, 0.05)
    assert spent(statistics, lighter, delta=left) > epsilon


@pytest.mark.parametrize(
    ("epsilon", "delta", "says"),
    [
        (3.0, None, "both or neither"),
        (None, 1e-5, "both or neither"),
        (0.0, 1e-5, "epsilon must be"),
        (-1.0, 1e-5, "epsilon must be"),
        (math.nan, 1e-5, "epsilon must be"),
        (math.inf, 1e-5, "epsilon must be"),
        (True, 1e-5, "epsilon must be"),
        (3.0, 0.0, "delta must be"),
        (3.0, 1.0, "delta must be"),
        (3.0, 0.5, "far below 1 / entities"),
        (3.0, 1e-30, "too small"),
        (0.1, 1e-6, "so few entities"),
    ],
)
def test_a_budget_that_promises_nothing_is_refused(
    shop: pl.DataFrame, epsilon: float | None, delta: float | None, says: str
) -> None:
    """In one line, which says what to give."""
    with pytest.raises(DataError, match=says) as caught:
        SequenceModel.fit(shop, entity="customer", time="time", epsilon=epsilon, delta=delta)
    assert "\n" not in str(caught.value)


def test_a_budget_goes_with_no_state_of_training(shop: pl.DataFrame, tmp_path: Path) -> None:
    """A checkpoint or a search for settings is not accounted for."""
    for extra in ({"checkpoint": tmp_path / "c"}, {"tune_minutes": 1}, {"resume": True}):
        with pytest.raises(DataError, match="epsilon goes with neither"):
            SequenceModel.fit(
                shop, entity="customer", time="time", epsilon=3.0, delta=1e-4, **extra
            )


# What one entity may move.


def test_no_entity_moves_a_histogram_by_more_than_one() -> None:
    """However many events it has, in one cell or in many."""
    draw = rng()
    for _ in range(20):
        owner = np.repeat(np.arange(8), draw.integers(1, 200, 8))
        cells = draw.integers(0, draw.integers(1, 50), len(owner))
        both = Noise(0.0, rng(), 2, 0.1)
        whole = both.histogram(cells, owner, 50)
        without = both.histogram(cells[owner != 3], owner[owner != 3], 50)
        assert np.linalg.norm(whole - without) <= 1 + 1e-12


@pytest.mark.parametrize("values", [1, 7, 200])
def test_what_one_entity_alone_holds_is_named_with_the_chance_that_is_stated(values: int) -> None:
    """Simulated: a vocabulary names none of somebody's own values, but for delta."""
    owner = np.concatenate([np.arange(60), np.full(values, 60)])
    text = pl.Series(["common"] * 60 + [f"own {i}" for i in range(values)])
    draw, runs, delta = rng(values), 1_500, 0.05
    named = sum(len(Noise(4.0, draw, 1, delta).vocabulary(text, owner)) > 1 for _ in range(runs))
    assert named / runs < delta + 3 * math.sqrt(delta / runs)
    if values < HELD:
        assert named > 0  # the bound is not met by never naming anything
    assert "common" in Noise(4.0, draw, 1, delta).vocabulary(text, owner)


def test_no_entity_moves_a_sum_of_gradients_by_more_than_the_clip() -> None:
    """All parameters together; a gradient that is no number moves it by nothing."""
    torch.manual_seed(0)
    gradients = {"a": torch.randn(9, 4, 3) * 50, "b": torch.randn(9, 5) * 50}
    gradients["a"][2] *= 1e-6
    gradients["b"][2] *= 1e-6  # a short one stays as it is
    gradients["b"][5, 1] = torch.nan
    gradients["a"][6, 0, 0] = torch.inf
    for i, most in enumerate([2.0, 2.0, 1e-3, 2.0, 2.0, 0.0, 0.0, 2.0, 2.0]):
        whole = clipped_sum(gradients, 2.0)
        rest = [j for j in range(9) if j != i]
        without = clipped_sum({name: g[rest] for name, g in gradients.items()}, 2.0)
        parts = [(whole[name] - without[name]).square().sum() for name in whole]
        assert float(torch.stack(parts).sum().sqrt()) == pytest.approx(most, abs=1e-3)


def test_gradients_of_entities_are_those_of_batches_of_one(private: SequenceModel) -> None:
    """In float64, for histories of unlike lengths, with profiles told and hidden."""
    priors, shop = private.priors, make_shop(40, seed=3)
    data = priors.encode(read_histories(shop, priors.codec.roles))
    order = np.argsort(-data.span.length, kind="stable")[:: len(data.span.length) // 8]
    known = np.arange(len(order)) % 2 == 0
    network = private.networks.events
    network = (
        SequenceModel.untrained(private.derivation, priors, private.config)
        .networks.events.double()
        .eval()
    )
    (window,) = windows(data, order, known, priors)
    side_by_side = window_gradients(unrolled(network), window)
    for i, entity in enumerate(order):
        (alone,) = windows(data, np.array([entity]), known[[i]], priors)
        network.zero_grad()
        network(alone.inputs, alone.targets)[0].sum().backward()
        for name, p in network.named_parameters():
            own = torch.zeros_like(p) if p.grad is None else p.grad
            torch.testing.assert_close(side_by_side[name][i], own, rtol=1e-9, atol=1e-11)


class Line(nn.Module):
    """A module of a few weights, for training without a network."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(40))


def seen_by_training(
    steps: Steps, entities: int, draw: np.random.Generator, length: float
) -> tuple[list[set[int]], list[Tensor]]:
    """The samples and the gradients of a training; entity 0 alone has a gradient, so long."""
    samples: list[set[int]] = []
    found: list[Tensor] = []
    line = Line()

    def gradients(sample: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Iterator[Gradients]:
        samples.append(set(sample.tolist()))
        own = torch.zeros(len(sample), 40)
        own[torch.from_numpy(sample) == 0, 0] = length
        for part in own.split(3):  # type: ignore[no-untyped-call]  # (untyped in torch)
            yield {"weight": part}

    def told(_step: int) -> None:
        assert line.weight.grad is not None
        found.append(line.weight.grad.clone())

    train(line, gradients, steps, entities=entities, expected=2.0, rng=draw, progress=told)
    return samples, found


def test_samples_are_poisson_and_noise_is_as_planned() -> None:
    """Each entity is drawn alone, and the noise is that of the clip whatever was drawn."""
    steps = Steps(rate=0.3, count=400, clip=5.0, noise=2.0, learning_rate=0.01)
    samples, found = seen_by_training(steps, 12, rng(), 0.0)
    sizes = np.array([len(each) for each in samples])
    assert sizes.mean() == pytest.approx(12 * 0.3, abs=0.3)
    assert sizes.var() == pytest.approx(12 * 0.3 * 0.7, rel=0.25)  # of fixed batches it is 0
    both = np.mean([{0, 1} <= each for each in samples])
    assert both == pytest.approx(0.09, abs=0.045)
    assert float(torch.stack(found).std()) == pytest.approx(2.0 * 5.0 / 2.0, rel=0.03)


def empirical_epsilon(scores: list[list[float]], delta: float) -> float:
    """What a threshold on an attacker's scores proves of epsilon, surely (95 %).

    Args:
        scores: of runs without somebody, and with them.
        delta: of the promise.
    """
    without, with_ = (np.array(each) for each in scores)
    slack = math.sqrt(math.log(4 / 0.05) / (2 * len(without)))  # Hoeffding, for both rates
    best = 0.0
    for threshold in np.quantile(np.concatenate([without, with_]), np.linspace(0, 1, 50)):
        hits = (with_ > threshold).mean() - slack
        alarms = (without > threshold).mean() + slack
        best = max(best, math.log(max(hits - delta, 1e-9) / alarms))
    return best


@pytest.mark.parametrize(("noise", "kept"), [(3.0, True), (0.1, False)])
def test_an_attacker_who_sees_every_step_learns_no_more_than_epsilon(
    noise: float, kept: bool
) -> None:
    """Told the entity's gradient and all noisy sums; with too little noise the same attack wins."""
    steps = Steps(rate=0.5, count=4, clip=1.0, noise=noise, learning_rate=0.01)
    promised, draw = spent((4, 3.0, 0.5), delta=1e-3), rng()
    scores = [
        [sum(float(g[0]) for g in seen_by_training(steps, 6, draw, length)[1]) for _ in range(400)]
        for length in (0.0, 1e6)
    ]
    assert (empirical_epsilon(scores, 1e-3) <= promised) is kept


# What leaves the fit.


def test_nothing_of_one_person_is_in_the_folder(private: SequenceModel, tmp_path: Path) -> None:
    """No value, no extreme, no last day and no length of the outlandish one, byte by byte."""
    private.save(tmp_path / "model")
    for name in ("model.json", "README.md"):
        text = (tmp_path / "model" / name).read_text()
        for secret in ("secret", "Atlantis", "424242", "987654", "77777", "2031"):
            assert secret not in text
    assert "epsilon 30, delta 0.0001" in (tmp_path / "model" / "README.md").read_text().lower()
    line, profile = private.codec.timeline, private.codec.profile
    last = np.datetime64(line.epoch, "us") + np.timedelta64(line.days, "D")
    assert last < np.datetime64("2025-01-01")
    assert max(profile.visits.high.max(), profile.extra.high.max()) <= 128
    assert private.codec.protected == {}
    assert private.priors.of(Conditionals).lifts == {}
    assert private.calibration.rates == []
    assert not private.networks.ends.second.weight.any()


def test_the_card_tells_no_loss_and_no_exact_count(private: SequenceModel) -> None:
    """The number of entities is a statistic like any other; of losses none is bought."""
    assert private.card["privacy"]["statistics"]["noise"] > 1
    assert private.card["entities"] == pytest.approx(401, abs=40)
    assert set(private.card) == {"entities", "held_out_entities", "events", "seed", "privacy"}


def test_another_is_fitted_with_the_same_budget(private: SequenceModel) -> None:
    """And with as many passes, whatever the rows are."""
    names = {"entity": "customer", "time": "time", "context": ("country",)}
    promised = {"epsilon": BIG.epsilon, "delta": BIG.delta, "max_epochs": 1}
    assert private.settings.items() >= (names | promised).items()


FRAMES = {
    "dates": pl.DataFrame({"e": [1], "t": [date(2024, 1, 1)]}),
    "times": pl.DataFrame({"e": ["a"], "t": [datetime(2024, 1, 1)]}),
    "all kinds": pl.DataFrame(
        {
            "e": ["a"],
            "t": [datetime(2024, 1, 1)],
            "truth": [True],
            "text": ["x"],
            "nothing": [None],
            "real": [1.5],
            "whole": [3],
            "day": [date(2024, 1, 1)],
        }
    ).with_columns(pl.col("t").dt.replace_time_zone("Europe/Berlin")),
}


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("context", [[], ["text", "real"]])
def test_every_statistic_that_is_bought_was_planned(kind: str, context: list[str]) -> None:
    """As many as the types of the columns say, whatever the rows are."""
    frame = pl.concat([FRAMES[kind]] * 40)
    frame = frame.with_columns(e=pl.int_range(40).cast(frame.schema["e"]))
    context = [c for c in context if c in frame.columns]
    roles = assign_roles(frame.clear(), "e", "t", None, context)
    planned = Asked.of(frame.schema, roles).all
    noise = Noise(0.01, rng(), planned, 0.01)
    histories = read_histories(frame, roles)
    noise.count(40)
    window = learn_window(histories, "t", noise)
    assert window is not None
    priors = learn_priors(within(histories, "t", window), roles, frame.columns, window, noise)
    assert noise.bought == pytest.approx(planned)
    assert list(priors.codec.schema) == frame.columns
    with pytest.raises(RuntimeError, match="more statistics"):
        noise.count(1)


def test_context_is_what_is_named_for_the_rows_are_not_looked_at(shop: pl.DataFrame) -> None:
    """Whether a column is constant within entities is a fact of the data."""
    assert assign_roles(shop.clear(), "customer", "time").context == ()


def test_a_seed_does_not_tell_the_noise(shop: pl.DataFrame, commanded: Commanded) -> None:
    """Two fits of one seed differ, as whoever knew the noise could take it off again."""
    again = SequenceModel.fit(
        shop, entity="customer", time="time", epsilon=30.0, delta=1e-3, max_epochs=1, seed=0
    )
    fits = SequenceModel.load(commanded.target), again
    assert fits[0].card["seed"] == fits[1].card["seed"]
    assert fits[0].card["privacy"] == fits[1].card["privacy"]
    assert not torch.equal(*(fit.networks.profiles.chain.first.bias for fit in fits))


# What it is good for.


def test_a_private_model_is_a_model(
    private: SequenceModel, frame: pl.DataFrame, tmp_path: Path
) -> None:
    """It is loaded, samples, scores and recommends like any other; alerts need calibration."""
    private.save(tmp_path / "model")
    model = SequenceModel.load(tmp_path / "model")
    sampled = model.sample(30, seed=1)
    assert sampled.equals(private.sample(30, seed=1))
    assert sampled.schema == frame.schema
    assert sampled["customer"].n_unique() == 30
    assert set(sampled["country"]) <= {"UK", "France", "Spain", "OTHER", None}
    few = frame.head(60)
    assert model.score(few)["anomaly_score"].is_finite().all()
    assert len(model.recommend(few, field="item", top=2)) == 2 * few["customer"].n_unique()
    assert len(model.sample(prefix=few)) > 0
    assert model.notes == []
    with pytest.raises(DataError, match="fitted with epsilon"):
        model.score(few, alert_rate=0.01)


def test_what_is_common_is_learned(private: SequenceModel) -> None:
    """Price points, items and countries that hundreds hold, for a budget that is generous."""
    amount = private.codec.fields["amount"].to_dict()
    cents = set(amount["grid"]["edges"])
    assert {495, 496, 995, 996, 2000, 2001} <= cents
    assert amount["decimals"] == 2
    assert sorted(private.codec.fields["item"].to_dict()["values"]) == [
        f"item {i}" for i in range(6)
    ]
    assert private.codec.timeline.unit == 60_000_000


def test_the_command_takes_a_budget(commanded: Commanded, tmp_path: Path) -> None:
    """Both flags or none; the model's card states them."""
    (fit, source, _, *roles), done, target = commanded
    half = CliRunner().invoke(
        commands, [fit, source, str(tmp_path / "model"), *roles, "--epsilon", "30"]
    )
    assert half.exit_code != 0
    assert not (tmp_path / "model").exists()
    assert done.exit_code == 0, done.output
    assert "about" in done.output
    assert "Epsilon 30, delta 0.001" in (target / "README.md").read_text()
