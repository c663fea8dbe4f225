"""Whom a model remembers, and what lowers that at which cost; one JSON line per case.

usage: shadows.py FOLDER [kinds] [honest] [--customers 300 800 3929] [--kinds usual epochs_3 ...]

FOLDER holds cdnow.parquet. Kinds: a model of some training customers is attacked by its loss, by
its loss less that of one model of others, and by eight shadow models that are trained alike; what a
kind of training costs is how well its sample is told apart from the holdout, and its accuracy over
that of real customers. Honest: twenty models that have learned from none of those asked about.
"""

import argparse
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import polars as pl

from anonymizer.arrays import FloatArray
from anonymizer.checks.figures.thresholds import judged
from anonymizer.checks.privacy.membership import (
    Calibration,
    Likelihood,
    Targets,
    attack_figures,
    likelihood_ratio,
)
from anonymizer.checks.privacy.shadows import alike, shadow_figures, shadow_score
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.sets.neighbours import Space
from anonymizer.checks.utility.accuracy import accuracy_figures
from anonymizer.checks.utility.c2st import told_apart
from anonymizer.composition import shadows_of
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.network.lstm import NetworkConfig

ENTITY, TIME = "customer_id", "date"
SHADOWS = 8
PRIVATE = {"context": (), "delta": 1e-5}
KINDS: dict[str, dict[str, Any]] = {
    "usual": {},
    "dropout_0.3": {},
    "dropout_0.6": {},
    "epochs_3": {"max_epochs": 3},
    "epochs_1": {"max_epochs": 1},
    "min_entities_20": {"min_entities": 20},
    "epsilon_10": {"epsilon": 10.0, **PRIVATE},
    "epsilon_1": {"epsilon": 1.0, **PRIVATE},
}


def cut(events: pl.DataFrame, seed: int, customers: int) -> ComparedSets:
    """Three thirds of the customers; of those in training so many are learned from."""
    ids = events[ENTITY].unique().sort().to_numpy().copy()
    np.random.default_rng(seed).shuffle(ids)
    real, holdout, others = np.array_split(ids, 3)
    parts = (
        events.filter(pl.col(ENTITY).is_in(part.tolist()))
        for part in (real[:customers], others, holdout)
    )
    return ComparedSets(*parts, ENTITY, TIME)


def fitted(frame: pl.DataFrame, seed: int, **settings: Any) -> SequenceModel:
    """A model of the customers in a frame."""
    return SequenceModel.fit(frame, entity=ENTITY, time=TIME, seed=seed, **settings)


def shadows(model: SequenceModel, seed: int) -> list[Calibration]:
    """Trainings like a model's."""
    return shadows_of(model, SHADOWS, seed=seed, progress=lambda _line: None)


@contextmanager
def dropped(kind: str) -> Iterator[None]:
    """Networks with the dropout that a kind asks for, those of the shadows too."""
    name, _, rate = kind.partition("_")
    if name != "dropout":
        yield
        return
    shape = partial(NetworkConfig, dropout=float(rate))
    with mock.patch("anonymizer.sequences.training.run.NetworkConfig", shape):
        yield


def remembered(sets: ComparedSets, kind: str, seed: int) -> None:
    """One model, attacked in three ways, and what its sample is worth."""
    customers = sets.real[ENTITY].n_unique()
    started = time.process_time()
    model = fitted(sets.real, seed, **KINDS[kind])
    took = time.process_time() - started
    sets = replace(sets, synthetic=model.sample(customers, seed=seed))
    space, others = Space.of(sets), shadows(model, seed)
    targets = alike(Targets.draw(space, seed))
    scores = {
        "loss": likelihood_ratio(sets, targets, model.loss, None),
        "one_other": likelihood_ratio(sets, targets, model.loss, others[0]),
        "shadows": shadow_score(sets, targets, model.loss, others, seed),
    }
    kept = accuracy_figures(sets, seed)["accuracy_overall"]
    say(
        customers=customers,
        kind=kind,
        seed=seed,
        fit_s=round(took, 1),
        told_apart=round(told_apart(sets, seed).estimate.value, 3),
        accuracy=round(kept.judged, 3),
        **{name: told(score, targets) for name, score in scores.items()},
    )


def honest(events: pl.DataFrame, customers: int) -> None:
    """Four strangers' models of each of five cuts, judged by the shadows of the cut."""
    flagged = []
    for seed in range(1, 6):
        sets = cut(events, seed, customers)
        space, ids = Space.of(sets), sets.synthetic[ENTITY].unique().sort().shuffle(seed)
        models = [
            fitted(sets.synthetic.filter(pl.col(ENTITY).is_in(some.implode())), number)
            for number, some in enumerate(ids[i * customers :][:customers] for i in range(4))
        ]
        others = [once(shadow) for shadow in shadows(models[0], seed)]
        for model in models:
            figures = judged(shadow_figures(sets, space, model.loss, others, seed))
            flagged.append([n for n, f in figures.items() if f.colour in {"amber", "red"}])
    say(honest=len(flagged), customers=customers, flagged=[names for names in flagged if names])


def once(shadow: Calibration) -> Calibration:
    """A training that takes place once, as the same half comes again."""
    trained: list[Likelihood] = []

    def learn(frame: pl.DataFrame) -> Likelihood:
        if not trained:
            trained.append(shadow(frame))
        return trained[0]

    return learn


def told(score: FloatArray, targets: Targets) -> dict[str, Any]:
    """Value, interval and colour of each figure, and what is found at 0.1 % of false alarms."""
    figures = judged(attack_figures("shadows", "", score, targets, ""))
    found: dict[str, Any] = {
        name.partition("_")[2]: [*(round(x, 3) for x in f.estimate), f.colour]
        for name, f in figures.items()
    }
    limit = np.quantile(score[~targets.truth], 0.999)
    return found | {"found_0.1%": round(float((score[targets.truth] > limit).mean()), 3)}


def say(**found: object) -> None:
    """One line."""
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("parts", nargs="*", default=["kinds", "honest"])
    parser.add_argument("--customers", nargs="*", type=int, default=[300, 800, 3929])
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--seeds", nargs="*", type=int, default=[0])
    asked = parser.parse_args()
    table = pl.read_parquet(asked.folder / "cdnow.parquet")
    for customers in asked.customers:
        for kind in asked.kinds if "kinds" in asked.parts else []:
            for seed in asked.seeds:
                with dropped(kind):
                    remembered(cut(table, seed, customers), kind, seed)
    if "honest" in asked.parts:
        honest(table, min(asked.customers))
