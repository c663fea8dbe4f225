"""A site's part of the training follows from what comes in, and from nothing that it keeps."""

from dataclasses import replace
from typing import Any, cast

import numpy as np
import polars as pl
import pytest

from anonymizer.arrays import IntArray
from anonymizer.sequences.model.joint import calibration, rounds
from anonymizer.sequences.model.joint.rounds import Training, put, vector
from anonymizer.sequences.model.joint.turns import Turn, Weights
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.priors.counts import Counts
from anonymizer.sequences.training.config import PROFILES
from anonymizer.sequences.training.fit import Fitting
from anonymizer.sequences.training.loop import Task
from tests.sequences.conftest import make_shop
from tests.sequences.model.joint.sites import local, shops, told

FRAMES = shops(40, 30, 30)
FIRST = Turn("networks", 1, 40, 0)


@pytest.fixture(scope="module", name="sites")
def all_sites() -> list[Training]:
    """Ready to train."""
    agreed = told(FRAMES)
    return [Training(local(name, frame), agreed) for name, frame in FRAMES.items()]


@pytest.fixture(scope="module", name="start")
def a_start(sites: list[Training]) -> Weights:
    """The weights that all begin with."""
    return sites[0].start()


def test_all_start_alike(sites: list[Training], start: Weights) -> None:
    """Weights follow from the seed and from what was agreed."""
    for site in sites[1:]:
        for name, weights in site.start().items():
            assert (weights == start[name]).all(), name


def test_weights_come_back(sites: list[Training], start: Weights) -> None:
    """What is put into a network is read from it."""
    networks = sites[0].networks(start)
    put(networks.events, start["events"] + 1)
    assert (vector(networks.events) == start["events"] + 1).all()


def test_a_turn_follows_from_its_arguments(sites: list[Training], start: Weights) -> None:
    """A site that starts anew in between sends the same; another attempt sends something else."""
    once = sites[0].update(FIRST, start)
    again = replace(sites[0]).update(FIRST, start)
    other = sites[0].update(replace(FIRST, attempt=1), start)
    assert once.losses == again.losses == other.losses
    for name in ("profiles", "events"):
        assert (once.weights[name] == again.weights[name]).all()
        assert (once.weights[name] != start[name]).any()
        assert (once.weights[name] != other.weights[name]).any()


def test_the_round_after_the_last_judges(sites: list[Training], start: Weights) -> None:
    """It trains nothing."""
    update = sites[1].update(replace(FIRST, round=41), start)
    assert all((update.weights[name] == start[name]).all() for name in update.weights)
    assert all(units > 0 for _, units in update.losses.values())


def test_every_history_has_its_turn(sites: list[Training], monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds take portions of the histories; all had theirs before one comes again."""
    seen: list[IntArray] = []
    whole = Fitting.events_task

    def noting(self: Fitting, *rest: Any) -> Task:
        seen.append(cast("IntArray", self.some))
        return whole(self, *rest)

    site = sites[0]
    networks, epochs = site.networks(site.start()), site.agreed.training.epochs
    monkeypatch.setattr(Fitting, "events_task", noting)
    for number in range(1, 2 * epochs + 1):  # two rounds an epoch
        site._of_events(networks, Turn("networks", number, 2 * epochs, 0))
    first = np.concatenate(seen[:2])
    inside = site.fitting.split.inside
    assert abs(len(first) - len(inside)) <= 1
    assert len(np.unique(first)) == len(first)
    assert set(np.concatenate(seen)) == set(inside)


def test_training_together_learns(
    sites: list[Training], start: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some rounds held-out histories of all sites are likelier."""
    monkeypatch.setattr(rounds, "PROFILES", replace(PROFILES, looks=0))
    weights, losses = start, []
    for number in range(1, 6):
        updates = [site.update(Turn("networks", number, 60, 0), weights) for site in sites]
        nats, units = np.sum([update.losses["events"] for update in updates], 0)
        losses.append(nats / units)
        weights = weights | {
            name: np.mean([update.weights[name] for update in updates], 0)
            for name in updates[0].weights
        }
    assert losses[-1] < losses[0] - 0.1
    ends = [site.update(Turn("ends", 1, 1, 0), weights).weights["ends"] for site in sites]
    weights = weights | {"ends": np.mean(ends, 0)}
    networks = sites[0].networks(weights)
    limits = calibration.settle(networks, [calibration.told(s, weights) for s in sites], [4, 3, 3])
    agreed = sites[0].agreed
    card = {"entities": 90, "events": 600}
    model = SequenceModel(agreed.derivation, agreed.priors, agreed.config, networks, card, limits)
    sample = model.sample(20)
    assert sample.schema == FRAMES["east"].schema
    assert sample["customer"].n_unique() == 20


def test_a_site_without_long_histories_trains_the_rest() -> None:
    """What counts events of long histories goes back as it came, and has no loss there."""
    five = pl.col("customer") // 5  # persons as one: long histories
    frames = {
        name: make_shop(250, seed).with_columns(five, country=pl.lit("UK")).sort("customer", "time")
        for seed, name in enumerate(FRAMES)
    }
    short = pl.int_range(pl.len()).over("customer") < 3
    frames["south"] = frames["south"].filter(short)
    agreed = told(frames)
    assert agreed.priors.of(Counts).counted
    site = Training(local("south", frames["south"]), agreed)
    start = site.start()
    update = site.update(replace(FIRST, rounds=400), start)
    assert (update.weights["counts"] == start["counts"]).all()
    assert sum(update.losses["counts"]) == 0
    assert (update.weights["events"] != start["events"]).any()
    assert np.isfinite(np.concatenate(list(update.weights.values()))).all()
