"""A fit of more events than memory holds: bytes, seconds and how good the model is; a JSON line.

usage: many_events.py FOLDER ENTITIES [--passes N]

Histories of about fifty purchases are made from a seed, 20,000 entities to a file of FOLDER, and
kept there: a fit of fewer entities reads the first of the files, each whole. Models are judged by
entities of which none has seen any: the loss of their histories, how well boosted trees tell them
from as many that were sampled (.5 is not at all), and the mean similarity. The time is of a
processor with as many threads as OMP_NUM_THREADS says; under `torchrun` it is of the first process.
"""

import argparse
import json
import resource
import time
from pathlib import Path

import numpy as np
import polars as pl

from anonymizer import SequenceModel
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.utility.similarity import fidelity_figures
from anonymizer.sequences.training.peers import launched
from benchmarks.sequences import Source, told_apart

PER_FILE = 20_000  # entities
KINDS, OF_A_KIND = 12, 40  # of items
FRESH = 100_000_000  # number of the first entity that no fit sees
SOURCE = Source("", "customer", "day", ["item", "channel", "amount"])


def histories(first: int, entities: int) -> pl.DataFrame:
    """Purchases of customers `first` and following, in the order of days.

    Each has a favourite kind of item, a usual channel and a pace; kinds have prices and seasons.
    """
    rng = np.random.default_rng((0, first))
    length = rng.geometric(1 / 50, entities)
    who = np.repeat(np.arange(entities), length)
    taste, pace = rng.integers(0, KINDS, entities), rng.gamma(2, 4, entities) + 0.5
    start = rng.integers(0, 300, entities)
    passed = np.cumsum(rng.poisson(rng.exponential(pace[who])))
    begins = np.cumsum(length) - length
    day = passed - np.repeat(passed[begins], length) + start[who]
    kind = np.where(rng.random(len(who)) < 0.6, taste[who], rng.integers(0, KINDS, len(who)))
    item = kind * OF_A_KIND + np.minimum(rng.geometric(0.12, len(who)) - 1, OF_A_KIND - 1)
    channel = np.where(rng.random(len(who)) < 0.85, who % 3, rng.integers(0, 3, len(who)))
    names = pl.Series([f"i{number:03d}" for number in range(KINDS * OF_A_KIND)])
    events = pl.DataFrame(
        {
            "customer": first + who,
            "day": pl.Series(18_000 + day, dtype=pl.Int32).cast(pl.Date),
            "item": names.gather(item),
            "channel": pl.Series(["web", "shop", "app"]).gather(channel),
            "amount": np.round(np.exp(rng.normal(1 + 0.15 * kind, 0.4)), 2),
        }
    )
    return events.sort("day", maintain_order=True)


def files(folder: Path, entities: int) -> list[Path]:
    """The Parquet files of so many entities or some more; made where they are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for first in range(0, entities, PER_FILE):
        found.append(folder / f"{first // PER_FILE:04d}.parquet")
        if not found[-1].exists():
            histories(first, PER_FILE).write_parquet(found[-1])
    return found


def measure(folder: Path, entities: int, passes: int | None) -> dict[str, float | int]:
    """Fit and judge."""
    events = pl.scan_parquet(files(folder, entities))
    cpu, clock = time.process_time(), time.perf_counter()
    model = SequenceModel.fit(
        events, entity="customer", time="day", max_epochs=passes, progress=print
    )
    cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    count = model.card["events"]
    trained = model.card["training"]["events"]
    fresh, train = (histories(first, 10_000) for first in (FRESH, 0))
    synthetic = model.sample(10_000)
    sets = ComparedSets(train, synthetic, fresh, "customer", "day")
    similar = fidelity_figures(sets, 0).values()
    return {
        "entities": entities,
        "events": count,
        "fit_s": round(clock, 1),
        "cpu_s": round(cpu, 1),
        "cpu_us_per_event": round(cpu / count * 1e6, 1),
        "training_s": round(trained["seconds"], 1),
        "peak_gb": round(peak / 2**20, 2),
        "held_out_loss": round(trained["held_out_loss"], 4),
        "loss": round(float(model.loss(fresh)["loss"].mean()), 4),
        "c2st": round(told_apart(fresh, synthetic, SOURCE), 4),
        "c2st_ceiling": round(told_apart(fresh, train, SOURCE), 4),
        "similarity": round(float(np.mean([f.estimate.value for f in similar])), 4),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("entities", type=int)
    parser.add_argument("--passes", type=int)
    asked = parser.parse_args()
    found = measure(asked.folder, asked.entities, asked.passes)
    if launched().leads:
        print(json.dumps(found), flush=True)
