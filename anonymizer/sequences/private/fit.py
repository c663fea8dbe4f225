"""Fitting under differential privacy: whatever leaves it is public, or paid for from the budget.

The order of things: what the columns' types tell, the plan of the budget, the count of entities,
the window of time, vocabularies and grids, histograms of tokens, the weights. Nothing else looks at
the data, so there is no early stop, no held-out loss and no calibration of scores.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
import torch

from anonymizer.errors import DataError
from anonymizer.sequences.histories.roles import Histories, Roles, read_histories
from anonymizer.sequences.network.lstm import NetworkConfig
from anonymizer.sequences.priors.frequencies import Frequencies
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.private.accountant import Budget, Promise, split_budget
from anonymizer.sequences.private.dp_sgd import (
    Steps,
    event_gradients,
    profile_gradients,
    train,
    unrolled,
)
from anonymizer.sequences.private.noise import Noise
from anonymizer.sequences.private.statistics import (
    EVENTS_EACH,
    Asked,
    learn_priors,
    learn_window,
    within,
)
from anonymizer.sequences.tokens.encoded import Encoded
from anonymizer.sequences.training.fit import Networks

RATE = 0.05  # chance of an entity to be part of a step
PASSES = 15  # over the entities, on average
LEARNING = {"profiles": 0.02, "events": 0.01}  # rates, found on public data like the clips
# Most entities' gradients must be shorter than that, or what is rare counts for too little.
CLIPS = {"profiles": 20.0, "events": 15.0}
STEPS_PER_LINE = 10  # steps between two lines of progress


def fit_privately(
    frame: pl.DataFrame,
    roles: Roles,
    promise: Promise,
    *,
    passes: int | None = None,
    seed: int = 0,
    rng: np.random.Generator | None = None,
    progress: Callable[[str], None] = lambda _line: None,
) -> tuple[Priors, NetworkConfig, Networks, dict[str, Any]]:
    """The parts of a model that is (epsilon, delta)-differentially private in entities.

    Args:
        frame: one row per event.
        roles: of its columns, settled without a look at the rows.
        promise: the budget.
        passes: over the entities, on average.
        seed: of the weights to start from; it is no secret.
        rng: of noise and samples. Who knows its seed can take the noise off again, so that only a
            test gives one; by default it is seeded by the operating system.
        progress: told a line now and then.

    Raises:
        DataError: entities are too few for the budget, or delta is too large for them.
        MissingExtraError: dp-accounting is not installed.
    """
    rng = rng or np.random.default_rng()
    count = round((passes or PASSES) / RATE)
    asked = Asked.of(frame.schema, roles)
    budget = split_budget(
        promise, statistics=asked.all, selections=asked.vocabularies, rate=RATE, steps=2 * count
    )
    noise = Noise(budget.noise, rng, asked.all, budget.delta_per_selection)
    histories = read_histories(frame, roles)
    entities = count_entities(histories, promise, noise)
    window = require_window(histories, roles.time, noise)
    histories = within(histories, roles.time, window)
    priors = learn_priors(histories, roles, frame.columns, window, noise)
    require_values(priors)
    torch.manual_seed(seed)
    config = shape(priors)
    networks = Networks.untrained(priors, config)
    steps = {
        name: Steps(RATE, count, CLIPS[name], budget.training_noise, rate)
        for name, rate in LEARNING.items()
    }
    train_networks(
        networks,
        priors,
        priors.encode(histories),
        steps=steps,
        entities=entities,
        rng=rng,
        progress=progress,
    )
    return priors, config, networks, card_of(entities, priors, seed) | {"privacy": account(budget)}


def count_entities(histories: Histories, promise: Promise, noise: Noise) -> float:
    """How many there are, as a noisy count tells it.

    Raises:
        DataError: delta promises nothing to so many.
    """
    entities = noise.count(len(histories.lengths))
    if promise.delta * entities >= 1:
        raise DataError("delta must be far below 1 / entities: these are too many for it")
    return entities


def require_window(histories: Histories, time: str, noise: Noise) -> tuple[int, int]:
    """First and last day since 1970 of nearly all histories.

    Raises:
        DataError: nothing can be told of them.
    """
    window = learn_window(histories, time, noise)
    if window is None:
        raise DataError(
            "epsilon is too small for so few entities: nothing can be told of when their events "
            "happen; give more entities or a larger epsilon"
        )
    return window


def require_values(priors: Priors) -> None:
    """Raise a DataError if there are columns, and of none of them a value may be told."""
    known = priors.codec.columns_known.values()
    if known and not any(known):
        raise DataError(
            "epsilon is too small for so few entities: no value of any column may be told; "
            "give more entities or a larger epsilon"
        )


def train_networks(
    networks: Networks,
    priors: Priors,
    data: Encoded,
    *,
    steps: Mapping[str, Steps],
    entities: float,
    rng: np.random.Generator,
    progress: Callable[[str], None] = lambda _line: None,
) -> None:
    """Train profiles, then events, in place; `steps` by network, `entities` a noisy count."""
    twin = unrolled(networks.events)
    of_profiles = profile_gradients(networks.profiles, torch.from_numpy(data.profile))
    for name, module, gradients in (
        ("profiles", networks.profiles, of_profiles),
        ("events", twin, event_gradients(twin, priors, data, rng)),
    ):
        train(
            module,
            gradients,
            steps[name],
            entities=len(data.span.length),
            expected=max(entities * steps[name].rate, 1.0),
            rng=rng,
            progress=_teller(name, steps[name].count, progress),
        )
    networks.events.load_state_dict(twin.state_dict())
    networks.events.eval()


def card_of(entities: float, priors: Priors, seed: int) -> dict[str, Any]:
    """What the card says of how much was learned from; of entities a noisy count."""
    return {
        "entities": max(round(entities), 1),
        "held_out_entities": 0,
        "events": max(round(entities * _mean_length(priors)), 1),
        "seed": seed,
    }


def _teller(name: str, count: int, progress: Callable[[str], None]) -> Callable[[int], None]:
    """Tells every tenth step, and nothing of how well it goes."""

    def told(step: int) -> None:
        if step % STEPS_PER_LINE == 0:
            progress(f"{name}: step {step} of {count}")

    return told


def account(budget: Budget) -> dict[str, Any]:
    """What the card says of the promise and of how it is kept."""
    return {
        "epsilon": budget.promise.epsilon,
        "delta": budget.promise.delta,
        "unit": "one entity with all its events, added or left out",
        "statistics": {"count": budget.statistics, "noise": budget.noise},
        "vocabularies": {"count": budget.selections, "delta_each": budget.delta_per_selection},
        "training": {
            "steps": budget.steps,
            "rate": budget.rate,
            "clips": CLIPS,
            "noise": budget.training_noise,
        },
        "events_per_entity": EVENTS_EACH,
    }


def settings_of(card: dict[str, Any]) -> dict[str, Any]:
    """The promise and the passes that a card tells of, as `SequenceModel.fit` takes them."""
    told = card["privacy"]
    passes = round(told["training"]["steps"] / 2 * told["training"]["rate"])
    return {"epsilon": told["epsilon"], "delta": told["delta"], "max_epochs": passes}


def describe(card: dict[str, Any], learned_by: Sequence[str] = ()) -> str:
    """A model card in Markdown: the promise, how it is kept, and what it supposes.

    `learned_by` are lines on the sites that learned it together.
    """
    told = card["privacy"]
    statistics, selected, training = (told[k] for k in ("statistics", "vocabularies", "training"))
    together = "\n".join(
        [
            "",
            *learned_by,
            "Each added noise of its own to all that left it, and so keeps the promise to its",
            "entities whatever the server and the others did. Who is at several sites has spent as",
            "many budgets, and another run spends another.\n",
        ]
    )
    named = (
        f"- {selected['count']} vocabularies: values above a threshold; each may name what one "
        f"entity alone holds with a chance of {selected['delta_each']:.2g}.\n"
    )
    return f"""# Model of event histories, differentially private

Epsilon {told["epsilon"]:g}, delta {told["delta"]:g}. The unit is {told["unit"]}.

Learned from about {card["entities"]:,} entities (a noisy count), of each the first
{told["events_per_entity"]} events within the window at most.
{together * bool(learned_by)}
- {statistics["count"]} statistics (the count, the window, vocabularies and grids, how often each
  token occurs): Gaussian noise of {statistics["noise"]:.3g} where an entity moves 1 at most.
{named * bool(selected["count"])}\
- {training["steps"]} steps of DP-SGD: each entity with a chance of {training["rate"]:g} per step, \
its gradient clipped,
  Gaussian noise of {training["noise"]:.3g} times what one entity moves at most.

Supposed to be public: names and types of the columns, that there are events at all, epsilon, delta,
passes and seed. Not learned: counts, conditionals, which numbers come again, sessions, what nobody
has twice, seasons, which scores are rare, when a history is over.

The promise is of this folder and of what is made from it alone. It ends where the model meets the
data again: in scores, recommendations and continued histories.
"""


def shape(priors: Priors) -> NetworkConfig:
    """Small, as noise grows with the weights; without dropout, which vmap would draw for each."""
    return NetworkConfig(
        priors.features, width=64, embedding=16, hidden=32, dropout=0, large_dropout=0
    )


def _mean_length(priors: Priors) -> float:
    """Events per entity, as the noisy histograms of visits and of what is beyond them tell it."""
    means = []
    profile, known = priors.codec.profile, priors.of(Frequencies).profile
    for grid, frequencies in zip((profile.visits, profile.extra), known[-2:], strict=True):
        middle, share = (grid.low + grid.high) / 2, np.exp(frequencies)
        means.append(float((middle * share)[1:].sum() / share[1:].sum()))
    return sum(means)
