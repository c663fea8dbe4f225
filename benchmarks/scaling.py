"""How time and memory grow with the number of customers; one JSON line per size.

usage: scaling.py FOLDER [--sizes N ...] [--sample N]

FOLDER holds cdnow.parquet. Customers are drawn from it with replacement under new numbers, as many
as each size says. Each step runs in a process of its own: fit, then sample as many in blocks
into a file, then score the events that were fitted. Epochs are held at six, so that each size does
the same per event. With --sample the largest model samples that many customers besides.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from anonymizer import SequenceModel

EPOCHS = 6


def drawn(folder: Path, size: int) -> pl.DataFrame:
    """Events of `size` customers, each a copy of a real one."""
    events = pl.read_parquet(folder / "cdnow.parquet")
    ids = events["customer_id"].unique().sort()
    pick = ids.gather(np.random.default_rng(size).integers(len(ids), size=size))
    people = pl.DataFrame({"customer_id": pick, "customer": np.arange(size)})
    return people.join(events, on="customer_id").drop("customer_id")


def fit(folder: Path, work: Path, size: int) -> None:
    """Fit and keep a model and its events."""
    events = drawn(folder, size)
    events.write_parquet(work / "events.parquet")
    started = time.perf_counter()
    model = SequenceModel.fit(events, entity="customer", time="date", max_epochs=EPOCHS)
    say("fit", started, len(events))
    model.save(work / "model")


def sample(_folder: Path, work: Path, size: int) -> None:
    """Stream histories into a file."""
    model = SequenceModel.load(work / "model")
    started, rows, writer = time.perf_counter(), 0, None
    for block in model.sample_blocks(size):
        table = block.to_arrow()
        writer = writer or pq.ParquetWriter(work / "synthetic.parquet", table.schema)
        writer.write_table(table)
        rows += len(block)
    if writer:
        writer.close()
    say("sample", started, rows)


def score(_folder: Path, work: Path, _size: int) -> None:
    """Score all events."""
    model, events = SequenceModel.load(work / "model"), pl.read_parquet(work / "events.parquet")
    started = time.perf_counter()
    model.score(events)
    say("score", started, len(events))


def say(step: str, started: float, events: int) -> None:
    """Seconds of a step, and the most memory its process held."""
    seconds = time.perf_counter() - started
    gigabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    found = {"step": step, "events": events, "s": round(seconds, 1)}
    found |= {"us_per_event": round(seconds / events * 1e6), "gb": round(gigabytes, 2)}
    print(json.dumps(found))


STEPS = {"fit": fit, "sample": sample, "score": score}


def run(step: str, folder: Path, work: Path, size: int) -> None:
    """One step in a process of its own."""
    command = [sys.executable, __file__, str(folder), "--step", step, "--work", str(work)]
    done = subprocess.run(
        [*command, "--sizes", str(size)], check=True, stdout=subprocess.PIPE, text=True
    )
    print(json.dumps({"customers": size, **json.loads(done.stdout)}), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sizes", type=int, nargs="*", default=[5_000 * 2**i for i in range(5)])
    parser.add_argument("--sample", type=int)
    parser.add_argument("--step", choices=STEPS)
    parser.add_argument("--work", type=Path)
    asked = parser.parse_args()
    if asked.step:
        STEPS[asked.step](asked.folder, asked.work, asked.sizes[0])
    else:
        with tempfile.TemporaryDirectory() as name:
            for count in asked.sizes:
                for each in STEPS:
                    run(each, asked.folder, Path(name), count)
            if asked.sample:
                run("sample", asked.folder, Path(name), asked.sample)
