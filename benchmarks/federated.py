"""One model of several sites: pooled, federated and each site alone; a JSON line per split.

usage: federated.py FOLDER [SPLIT ...]

Training half and holdout are those of sequences.py, and both are split into five sites: at random
(`cdnow`, `handbook`, `retail`), by country (`retail-country`: the United Kingdom, Germany, France,
Spain, all others) and by the first digit of the ZIP code (`sparkov-region`). Seconds are of the
clock and of processor time, of all processes together; the clock wants a machine that does nothing
else. Needs scikit-learn and Flower.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

from anonymizer import SequenceModel, federate
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.utility.similarity import fidelity_figures
from benchmarks.sequences import SOURCES, Source, halves, told_apart

SITES = 5
SAMPLES = 3  # whose figures are averaged: one alone is off by .01
COUNTRIES = ("United Kingdom", "Germany", "France", "Spain")


class Split(NamedTuple):
    """Which data, and to which site an entity belongs."""

    source: str
    by: Callable[[Path, pl.DataFrame, Source], pl.DataFrame]


def at_random(_folder: Path, events: pl.DataFrame, source: Source) -> pl.DataFrame:
    """(entity, site) in five equal parts."""
    ids = events[source.entity].unique().sort()
    site = np.random.default_rng(1).permutation(len(ids)) % SITES
    return pl.DataFrame({source.entity: ids, "site": [f"site {n}" for n in site]})


def by_country(_folder: Path, events: pl.DataFrame, source: Source) -> pl.DataFrame:
    """(entity, site) by where a customer's first invoice went."""
    first = events.group_by(source.entity).agg(pl.col("Country").cast(pl.String).first())
    known = pl.col("Country").is_in(COUNTRIES)
    return first.select(
        source.entity, site=pl.when(known).then("Country").otherwise(pl.lit("elsewhere"))
    )


def by_region(folder: Path, events: pl.DataFrame, source: Source) -> pl.DataFrame:
    """(entity, site) by the first digits of the card holder's ZIP code."""
    people = pl.read_parquet(folder / "sparkov_customers.parquet")
    zip_code = pl.col("zip").cast(pl.String).str.zfill(5).str.slice(0, 1).cast(pl.Int64)
    site = pl.format("region {}", zip_code // 2)
    named = people.select(pl.col(source.entity).cast(events.schema[source.entity]), site=site)
    return named.unique(source.entity)


SPLITS = {
    "cdnow": Split("cdnow", at_random),
    "handbook": Split("handbook", at_random),
    "retail": Split("retail", at_random),
    "retail-country": Split("retail", by_country),
    "sparkov-region": Split("sparkov", by_region),
}


def sites_of(events: pl.DataFrame, source: Source, where: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The events of each site."""
    parts = events.join(where, on=source.entity, how="inner").partition_by(
        "site", as_dict=True, include_key=False
    )
    return {str(name): part for (name,), part in sorted(parts.items())}


def figures(
    model: SequenceModel, real: pl.DataFrame, train: pl.DataFrame, source: Source, count: int
) -> dict[str, float]:
    """C2ST and similarity of samples, and ROC AUC of scores where events are labelled."""
    samples = [model.sample(count, seed=seed) for seed in range(SAMPLES)]
    sets = ComparedSets(train, samples[0], real, source.entity, source.time)
    similar = [figure.estimate.value for figure in fidelity_figures(sets, 0).values()]
    found = {
        "c2st": float(np.mean([told_apart(real, each, source) for each in samples])),
        "similarity": float(np.mean(similar)),
    }
    if source.label and real[source.label].any():
        # Without the label, which is a column of the model, the score tells nothing of it.
        others = [c for c in model.codec.fields if c != source.label]
        scored = model.score(real).select(
            source.label, s=pl.sum_horizontal(*(f"anomaly_{c}" for c in others))
        )
        found["detector"] = float(roc_auc_score(scored[source.label], scored["s"]))
    return {name: round(value, 4) for name, value in found.items()}


def timed(work: Callable[[], Any]) -> tuple[Any, list[float]]:
    """What comes of work, and how many seconds it took, of the clock and of processor time."""
    begun = time.perf_counter(), _processor_time()
    made = work()
    ended = time.perf_counter(), _processor_time()
    return made, [round(end - start, 1) for start, end in zip(begun, ended, strict=True)]


def _processor_time() -> float:
    """Seconds of this process and of those that it has started, once they have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def measure(folder: Path, name: str) -> dict[str, Any]:
    """All figures of one split."""
    split = SPLITS[name]
    source = SOURCES[split.source]
    train, holdout = halves(folder, source)
    where = split.by(folder, pl.concat([train, holdout]), source)
    own, real = (sites_of(part, source, where) for part in (train, holdout))
    whole = pl.concat(own.values())
    count = whole[source.entity].n_unique()
    fit = {"entity": source.entity, "time": source.time}
    pooled, pooled_s = timed(lambda: SequenceModel.fit(whole, **fit))
    run, federated_s = timed(lambda: federate(own, **fit))
    alone, alone_s = timed(
        lambda: {site: SequenceModel.fit(part, **fit) for site, part in own.items()}
    )
    steps = run.report["steps"]
    rounds = [step for step in steps if step["step"].startswith("networks")]
    both: Mapping[str, SequenceModel] = {"pooled": pooled, "federated": run.model}
    every = pl.concat(real.values())
    return {
        "split": name,
        "entities": {site: part[source.entity].n_unique() for site, part in own.items()},
        "seconds": {"pooled": pooled_s, "federated": federated_s, "alone": alone_s},
        "rounds": len(rounds),
        "kb up a round and site": round(float(np.mean([*rounds[0]["up"].values()])) / 1e3),
        "kb down a round and site": round(rounds[0]["down"] / 1e3),
        "kb up of statistics": round(sum(max(step["up"].values()) for step in steps[:6]) / 1e3),
        "all": {n: figures(model, every, whole, source, count) for n, model in both.items()},
        "sites": {
            site: {
                n: figures(model, there, own[site], source, there[source.entity].n_unique())
                for n, model in (both | {"alone": alone[site]}).items()
            }
            for site, there in real.items()
        },
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("splits", nargs="*", default=list(SPLITS))
    asked = parser.parse_args()
    for chosen in asked.splits:
        print(json.dumps(measure(asked.folder, chosen)), flush=True)
