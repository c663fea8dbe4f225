"""Sampling and scoring on Spark, `local[2]`, against one process with one thread; a table.

    python -m benchmarks.spark_sequences FOLDER [--entities 4_000] [--runs 3]

FOLDER is that of `benchmarks/many_events.py`. A model is fitted in one pass over some of its
histories; it then samples as many, and scores them, here and on Spark, in turn, after a first run
of each. Spark writes nowhere.
"""

import argparse
import statistics
import warnings
from collections.abc import Callable
from pathlib import Path

import polars as pl
import torch

from anonymizer import SequenceModel
from anonymizer.spark import sample, score
from benchmarks.many_events import files
from benchmarks.spark import done, local, seconds


def main() -> None:
    """Fit, measure in turn, print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--entities", type=int, default=4_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    few = pl.col("customer") < given.entities
    events = pl.read_parquet(files(given.folder, given.entities)).filter(few)
    model = SequenceModel.fit(events, entity="customer", time="day", max_epochs=1)
    spark = local("2g")
    rows = spark.createDataFrame(events.to_arrow()).cache()
    rows.count()
    jobs: dict[str, Callable[[], object]] = {
        "sample": lambda: model.sample(given.entities),
        "sample on Spark": lambda: done(sample(spark, model, given.entities)),
        "score": lambda: model.score(events),
        "score on Spark": lambda: done(score(rows, model)),
    }
    runs = [[seconds(job) for job in jobs.values()] for _ in range(given.runs + 1)][1:]
    medians = [statistics.median(each) for each in zip(*runs, strict=True)]
    print(f"{given.entities:,} histories of {len(events):,} events\n| job | seconds |\n|---|---|")
    for name, median in zip(jobs, medians, strict=True):
        print(f"| {name} | {median:.2f} |")
    spark.stop()


if __name__ == "__main__":
    main()
