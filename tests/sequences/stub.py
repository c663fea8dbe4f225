"""Models that have learned nothing but what counting knows, and fits that take a step only.

Most of what is tested of sampling, scoring and folders holds whatever a network says. Such tests
train none.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from itertools import islice
from typing import Any

import polars as pl
import pytest
import torch
from torch import nn

from anonymizer.sequences.derived.choose import derive
from anonymizer.sequences.derived.derivation import Derivation
from anonymizer.sequences.histories.roles import assign_roles
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.network.lstm import NetworkConfig
from anonymizer.sequences.training.config import PROFILES
from anonymizer.sequences.training.fit import MIN_ENTITIES, parts_of, read
from anonymizer.sequences.training.loop import Report, Task, train

WIDTH = 8  # of the networks
SAYS = 0.5  # spread of the weights that turn a state into a wish


def untrained(
    frame: pl.DataFrame,
    *,
    entity: str = "customer",
    time: str = "time",
    k: int = MIN_ENTITIES,
    stirred: bool = True,
    narrow: bool = True,
    derived: bool = False,
) -> SequenceModel:
    """What `SequenceModel.fit` gives, without training: it draws from the priors.

    Args:
        frame: one row per event.
        entity: column that says whose event it is.
        time: column that says when.
        k: entities that must hold a value before the model may know it.
        stirred: let the network want something of its own, at random, that depends on all it sees:
            what holds of it holds of any network.
        narrow: of `WIDTH` units, and not of as many as fits have by default.
        derived: take off first what follows from other columns, as fits do.
    """
    roles, rules = assign_roles(frame, entity, time, positions=derived), list[str]()
    derivation = Derivation.plain(frame.schema, roles)
    if derived:
        derivation, rules = _derived(derivation.dated(frame, k), frame, k)
    whole, _ = derivation.read(frame)
    histories, parts, priors, _ = read(whole, derivation.written(whole), 0, k)
    shape = NetworkConfig(priors.features)
    if narrow:
        shape = replace(shape, width=WIDTH, embedding=WIDTH, hidden=WIDTH)
    model = SequenceModel.untrained(derivation, priors, shape)
    if stirred:
        for layer in model.networks.events.heads.project:
            nn.init.normal_(layer.weight, std=SAYS)  # type: ignore[arg-type]  # (ModuleList forgets the kind)
    for network in model.networks.named.values():
        network.eval()
    model = model.calibrated(histories.select(parts.held), k)
    model.card.update(
        entities=len(parts.inside),
        held_out_entities=len(parts.held),
        events=int(histories.lengths[parts.inside].sum()),
        min_entities=k,
        rules=rules,
        training={"events": asdict(Report(0, 0, 0.0, 0.0, 0.0))},
    )
    return model


def _derived(plain: Derivation, frame: pl.DataFrame, k: int) -> tuple[Derivation, list[str]]:
    """What follows from other columns, by those who are learned from."""
    histories, _ = plain.read(frame)
    inside = histories.select(parts_of(histories, 0, k).inside).frame
    return derive(plain, inside, k=k, seed=0, told={})


@contextmanager
def few_looks_at_profiles() -> Iterator[None]:
    """Fits of few customers look at their profiles a dozen times, and not hundreds of times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("anonymizer.sequences.training.fit.PROFILES", replace(PROFILES, looks=0))
        yield


def one_step(task: Task, **rest: Any) -> Report:
    """As `train`, which stops after its first step: its losses are numbers, and so are weights."""
    short = replace(
        task,
        steps=lambda epoch: islice(task.steps(epoch), 1),
        config=replace(task.config, epochs=1),
        steps_per_epoch=1,
    )
    report = train(short, **rest)
    assert math.isfinite(report.train_loss)
    assert math.isfinite(report.held_out_loss)
    assert all(torch.isfinite(weight).all() for weight in task.network.state_dict().values())
    return report
