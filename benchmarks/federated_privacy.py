"""What a budget costs where sites learn together, and what an attacker sees of what was planted.

usage: federated_privacy.py FOLDER [NAME] [--epsilon X ...] [--rounds N ...] [--sites N] [--watched]

The training half of sequences.py, with 200 canaries among it, is dealt to sites at random; delta is
1 / entities^1.1. One JSON line per model: of one table with the same budget (rounds 0), then of a
federated run in this process for each number of rounds. An epsilon of inf is a run without a
budget. `guessed` is how often somebody is right who takes the likelier half of the canaries and of
as many that were kept aside for the planted ones, `shown` the epsilon that this proves (95 %). With
--watched the guess is that of somebody who sees what each site sends after each round, knows all
canaries, and takes those whose gradients point where weights went (the events' network). Needs
flwr, dp-accounting and scikit-learn.
"""

import argparse
import json
import math
import secrets
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
from flwr.app import Message
from scipy.stats import beta
from sequences import SOURCES, Source, halves, told_apart
from torch.nn import functional
from torch.nn.utils import vector_to_parameters

from anonymizer import SequenceModel
from anonymizer.arrays import FloatArray, IntArray
from anonymizer.checks.privacy.canaries import Canaries, exposure, plant
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.utility.accuracy import accuracy_figures
from anonymizer.federated import messages
from anonymizer.federated.party import party_of
from anonymizer.federated.protocol import Weights
from anonymizer.federated.rehearsal.grid import Here, LocalGrid
from anonymizer.federated.server import Settings, run_over
from anonymizer.federated.site import client_app
from anonymizer.sequences.histories.roles import read_histories
from anonymizer.sequences.network.batches import buckets, windows
from anonymizer.sequences.private.dp_sgd import unrolled, window_gradients
from anonymizer.sequences.private.statistics import EVENTS_EACH
from anonymizer.sequences.tokens.encoded import Encoded

PLANTED = 200


def dealt(frame: pl.DataFrame, source: Source, sites: int) -> list[pl.DataFrame]:
    """Each entity at one site, at random."""
    ids = frame[source.entity].unique().sort().shuffle(7)
    return [
        frame.filter(pl.col(source.entity).is_in(ids[n::sites].implode())) for n in range(sites)
    ]


Seen = list[tuple[int, str, Weights]]  # node, way, and the weights that it got or sent


def together(
    parts: list[pl.DataFrame], source: Source, rounds: int, seen: Seen | None = None, **budget: Any
) -> SequenceModel:
    """The model of a federated run; what single sites send is only seen where it is asked for."""

    def wire(node: int, way: str, message: Message) -> Message:
        for name in ("weights", "update") if seen is not None and message.has_content() else ():
            if name in message.content.array_records:
                found = messages.weights(message.content.array_records[name])
                seen.append((node, way, found))
        return message

    how = "masked" if seen is None else "median"
    with tempfile.TemporaryDirectory() as name:
        folder, nodes = Path(name), {}
        (folder / "key").touch(0o600)
        (folder / "key").write_text(secrets.token_hex(32))
        for n, part in enumerate(parts):
            part.write_parquet(folder / f"{n}.parquet")
            nodes[n + 1] = budget | {
                "name": f"site {n}",
                "data": str(folder / f"{n}.parquet"),
                "model": str(folder / f"model {n}"),
                "entity": source.entity,
                "time": source.time,
                "key-file": str(folder / "key"),
                "aggregation": how,
            }
        run = secrets.randbits(60)
        grid = LocalGrid(Here(client_app(party_of), nodes, run), run, wire)
        run_over(grid, Settings(sites=len(parts), rounds=rounds, wait=1, aggregation=how))
        return SequenceModel.load(folder / "model 0")


def attacked(model: SequenceModel, canaries: Canaries, source: Source) -> dict[str, float]:
    """What the model's likelihood tells of who was planted."""
    known = [-model.loss(events)["loss"].to_numpy() for events in canaries[1:]]
    auc = exposure(tuple(canaries[1:]), source.entity, model.loss).estimate
    return guessed(*known) | {
        "canaries": round(auc.value, 3),
        "canaries_low": round(auc.low, 3),
        "canaries_high": round(auc.high, 3),
    }


def guessed(planted: FloatArray, control: FloatArray) -> dict[str, float]:
    """How often the half of higher scores are planted ones, and what epsilon that proves."""
    middle = np.median(np.concatenate([planted, control]))
    right = int((planted > middle).sum() + (control <= middle).sum())
    # Clopper and Pearson: so many right guesses of all come by chance once in twenty.
    sure = float(beta.ppf(0.05, right, len(planted) + len(control) - right + 1))
    shown = max(0.0, math.log(sure / (1 - sure)))
    return {"guessed": round(right / (len(planted) + len(control)), 3), "shown": round(shown, 2)}


def watched(
    folder: Path, source: Source, epsilon: float, rounds: int, sites: int
) -> dict[str, float]:
    """What somebody guesses who sees all that the sites send."""
    train, _ = halves(folder, source)
    canaries = plant(train, entity=source.entity, time=source.time, n=PLANTED, seed=0)
    budget = {"epsilon": epsilon, "delta": 1 / train[source.entity].n_unique() ** 1.1}
    seen: Seen = []
    parts = dealt(canaries.frame, source, sites)
    model = together(parts, source, rounds, seen, **budget)
    scores = {planted: np.zeros(PLANTED) for planted in (True, False)}
    for planted, events in zip((True, False), canaries[1:], strict=True):
        roles = model.codec.roles
        histories = read_histories(events, roles).head(EVENTS_EACH)
        ids = histories.frame[roles.entity].gather(histories.offsets[:-1])
        home = np.full(PLANTED, -1)
        for n, part in enumerate(parts):
            home[ids.is_in(part[roles.entity].unique().implode()).to_numpy()] = n
        # One who is at no site is looked for at each in turn, as if dealt there.
        home = np.where(home < 0, np.arange(PLANTED) % sites, home)
        scores[planted] = pointed(model, model.priors.encode(histories), home, seen)
    return {"epsilon": epsilon, "sites": sites, "rounds": rounds} | guessed(
        scores[True], scores[False]
    )


def pointed(model: SequenceModel, data: Encoded, home: IntArray, seen: Seen) -> FloatArray:
    """(E,) how far weights went, in all rounds, where each history's gradient points."""
    twin, found = unrolled(model.networks.events), np.zeros(len(home))
    before: dict[int, Weights] = {}
    for node, way, weights in seen:
        if way == "down":
            before[node] = weights
            continue
        if "events" not in weights or "events" not in before.get(node, {}):
            continue
        own = [each for _, each in sorted(twin.named_parameters())]
        vector_to_parameters(torch.from_numpy(before[node]["events"]), own)
        went = torch.from_numpy(before[node]["events"] - weights["events"])
        for batch in buckets(data.span.length, np.flatnonzero(home == node - 1), 2_048):
            (window,) = windows(data, batch, np.ones(len(batch), bool), model.priors)
            gradients = window_gradients(twin, window)
            flat = torch.cat([gradients[name].flatten(1) for name in sorted(gradients)], 1)
            found[batch] += (functional.normalize(flat) @ went).numpy()
    return found


def measure(
    folder: Path, source: Source, epsilon: float, rounds: int, sites: int
) -> dict[str, float | None]:
    """Seconds, C2ST against the holdout, overall accuracy, canaries."""
    train, holdout = halves(folder, source)
    canaries = plant(train, entity=source.entity, time=source.time, n=PLANTED, seed=0)
    entities = train[source.entity].n_unique()
    budget = {"epsilon": epsilon, "delta": 1 / entities**1.1} if math.isfinite(epsilon) else {}
    started = time.perf_counter()
    if rounds:
        parts = dealt(canaries.frame, source, sites)
        model = together(parts, source, rounds, **budget)
    else:
        model = SequenceModel.fit(canaries.frame, entity=source.entity, time=source.time, **budget)
    fitted = time.perf_counter()
    synthetic = model.sample(entities, seed=0)
    sets = ComparedSets(train, synthetic, holdout, source.entity, source.time)
    accuracy = accuracy_figures(sets, 0)["accuracy_overall"].estimate.value
    return {
        "epsilon": epsilon if budget else None,
        "sites": sites if rounds else 1,
        "rounds": rounds,
        "fit_s": round(fitted - started, 1),
        "c2st": round(told_apart(holdout, synthetic, source), 3),
        "accuracy": round(accuracy, 3),
        "sampled_events": len(synthetic),
        "holdout_events": len(holdout),
        **attacked(model, canaries, source),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("name", nargs="?", default="cdnow", choices=list(SOURCES))
    parser.add_argument("--epsilon", type=float, nargs="*", default=[3, 10, math.inf])
    parser.add_argument("--rounds", type=int, nargs="*", default=[0, 15])
    parser.add_argument("--sites", type=int, default=3)
    parser.add_argument("--watched", action="store_true")
    asked = parser.parse_args()
    for chosen in asked.epsilon:
        for number in asked.rounds:
            how = watched if asked.watched else measure
            found = how(asked.folder, SOURCES[asked.name], chosen, number, asked.sites)
            print(json.dumps(found), flush=True)
