"""Planted leaks: which figure of the check sees them; one JSON line per case.

usage: leaks.py FOLDER [leaks] [honest] [memory]

FOLDER holds cdnow.parquet. Its customers are cut into three parts: training, holdout, and others
who stand for an honest generator. Leaks: some of these are replaced by copies of training
customers, as they are, with amounts moved by up to 1 %, or with dates moved by a week. Honest:
other cuts, twenty times. Memory: models that have learned some of the training customers by heart,
and as they should, each with canaries among them.
"""

import argparse
import json
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl

from anonymizer.checks.check.privacy_figures import privacy_figures
from anonymizer.checks.figures.figure import Figure
from anonymizer.checks.figures.thresholds import judged
from anonymizer.checks.privacy.canaries import plant
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.sequences.derived.derivation import Derivation
from anonymizer.sequences.histories.roles import assign_roles, read_histories
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.network.lstm import NetworkConfig
from anonymizer.sequences.priors.prior import Seen
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.training.fit import Fitting, Split
from anonymizer.sequences.training.loop import TrainingConfig

ENTITY, TIME = "customer_id", "date"


def cut(events: pl.DataFrame, seed: int) -> ComparedSets:
    """Three parts of the customers."""
    ids = events[ENTITY].unique().sort().to_numpy().copy()
    np.random.default_rng(seed).shuffle(ids)
    parts = (events.filter(pl.col(ENTITY).is_in(p.tolist())) for p in np.array_split(ids, 3))
    real, holdout, other = parts
    return ComparedSets(real, other, holdout, ENTITY, TIME)


def leaked(sets: ComparedSets, share: float, kind: str) -> ComparedSets:
    """A share of the synthetic customers replaced by copies of training ones."""
    rng = np.random.default_rng(0)
    ids, mine = (x[ENTITY].unique().sort().to_numpy() for x in (sets.real, sets.synthetic))
    count = round(share * len(mine))
    copied = sets.real.filter(pl.col(ENTITY).is_in(rng.choice(ids, count, replace=False).tolist()))
    gone = rng.choice(mine, count, replace=False).tolist()
    if kind == "amounts":
        copied = copied.with_columns(pl.col("dollars") * rng.uniform(0.99, 1.01, len(copied)))
    if kind == "dates":
        copied = copied.with_columns(pl.col(TIME) + timedelta(days=7))
    renamed = copied.with_columns(pl.col(ENTITY) + 10_000_000)
    kept = sets.synthetic.filter(~pl.col(ENTITY).is_in(gone))
    return replace(sets, synthetic=pl.concat([kept, renamed]))


def say(**found: object) -> None:
    """One line."""
    print(json.dumps(found), flush=True)


def leaks(events: pl.DataFrame) -> None:
    """What is not green, by kind and share of what was planted."""
    for kind in ("exact", "amounts", "dates"):
        for share in (0, 0.005, 0.01, 0.05, 0.2):
            started = time.perf_counter()
            figures = judged(privacy_figures(leaked(cut(events, 0), share, kind), 0))
            took = round(time.perf_counter() - started, 1)
            say(leak=kind, share=share, s=took, **flagged(figures))


def honest(events: pl.DataFrame) -> None:
    """How many honest cuts are not green in every figure."""
    found = [flagged(judged(privacy_figures(cut(events, seed), seed))) for seed in range(1, 21)]
    say(honest=len(found), flagged=[names for names in found if names])


def flagged(figures: dict[str, Figure]) -> dict[str, str]:
    """The colours of those that are amber or red."""
    return {name: f.colour for name, f in figures.items() if f.colour in {"amber", "red"}}


def memory(events: pl.DataFrame) -> None:
    """Membership inference and canaries against models of few customers and of many."""
    sets = cut(events, 0)
    ids = sets.real[ENTITY].unique().sort().shuffle(0)
    for customers, by_heart in ((300, True), (300, False), (800, False), (len(ids), False)):
        real = sets.real.filter(pl.col(ENTITY).is_in(ids.head(customers).implode()))
        canaries = plant(real, entity=ENTITY, time=TIME, n=40, seed=0)
        model = learned_by_heart(canaries.frame) if by_heart else learned(canaries.frame)
        case = replace(sets, real=real, synthetic=model.sample(customers, seed=0))
        pair = canaries.planted, canaries.control
        for how in (None, lambda frame: learned(frame).loss):
            figures = judged(privacy_figures(case, 0, model.loss, how, pair))
            say(
                customers=customers,
                by_heart=by_heart,
                calibrated=how is not None,
                **{
                    name: [*(round(x, 3) for x in f.estimate), f.colour]
                    for name, f in figures.items()
                    if name.startswith(("membership", "likelihood", "canaries"))
                },
                others=flagged(figures),
            )


def learned(frame: pl.DataFrame) -> SequenceModel:
    """A model as it should be."""
    return SequenceModel.fit(frame, entity=ENTITY, time=TIME)


def learned_by_heart(frame: pl.DataFrame, epochs: int = 60) -> SequenceModel:
    """A model without dropout that is never stopped."""
    roles = assign_roles(frame, ENTITY, TIME, None, None)
    histories = read_histories(frame, roles)
    everyone = np.arange(len(histories.lengths))
    codec = HistoryCodec.learn(histories, roles, frame.columns, 5)
    priors = Priors.learn(codec, Seen(histories, codec.encode(histories), 5))
    data = priors.encode(histories)
    shape, plain = NetworkConfig(priors.features, dropout=0), Derivation.plain(frame.schema, roles)
    model = SequenceModel.untrained(plain, priors, shape)
    fitting = Fitting(priors, data, Split(everyone, everyone, 0), lambda _what, _report: None)
    fitting.profiles(model.networks.profiles)
    fitting.events(model.networks.events, TrainingConfig(epochs, 1e-2, patience=epochs))
    model.card.update(entities=len(everyone), events=len(histories.rows))
    return model


PARTS = {"leaks": leaks, "honest": honest, "memory": memory}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("parts", nargs="*", default=list(PARTS))
    asked = parser.parse_args()
    events = pl.read_parquet(asked.folder / "cdnow.parquet")
    for part in asked.parts:
        PARTS[part](events)
