"""Fit, sample and judge on real event data; one JSON line per data set.

usage: sequences.py FOLDER [NAME ...]

FOLDER holds cdnow.parquet, fraud_handbook.parquet, sparkov_transactions.parquet and
online_retail.parquet. Half of the entities train, the other half is the holdout: distinct values
sorted, shuffled by numpy.random.default_rng(7). Of Handbook the first 998 entities are used.
"""

import json
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from anonymizer import SequenceModel
from anonymizer.checks.privacy import privacy_figures
from anonymizer.checks.utility import Histories, fidelity_figures


class Source(NamedTuple):
    """Which columns of which file."""

    file: str
    entity: str
    time: str
    fields: list[str]
    label: str | None = None
    entities: int | None = None


SOURCES = {
    "cdnow": Source("cdnow", "customer_id", "date", ["quantity", "dollars"]),
    "handbook": Source(
        "fraud_handbook", "CUSTOMER_ID", "TX_DATETIME", ["TX_AMOUNT", "TX_FRAUD"], "TX_FRAUD", 998
    ),
    "sparkov": Source(
        "sparkov_transactions",
        "cc_num",
        "trans_date_trans_time",
        ["category", "amt", "is_fraud"],
        "is_fraud",
    ),
}


def halves(folder: Path, source: Source) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Training and holdout events."""
    events = pl.read_parquet(folder / f"{source.file}.parquet")
    events = events.select(source.entity, source.time, *source.fields).drop_nulls(source.entity)
    if source.label:
        events = events.with_columns(pl.col(source.label).cast(pl.Boolean))
    ids = events[source.entity].unique().sort().to_numpy().copy()
    np.random.default_rng(7).shuffle(ids)
    ids = ids[: source.entities]
    middle = len(ids) // 2
    train, rest = (
        events.filter(pl.col(source.entity).is_in(part.tolist()))
        for part in (ids[:middle], ids[middle:])
    )
    return train, rest


def measure(folder: Path, name: str) -> dict[str, float | str | int]:
    """Seconds to fit and to sample, mean similarity over its ceiling, copies and DCR share."""
    source = SOURCES[name]
    train, holdout = halves(folder, source)
    started = time.perf_counter()
    model = SequenceModel.fit(train, entity=source.entity, time=source.time)
    fitted = time.perf_counter()
    entities = train[source.entity].n_unique()
    synthetic = model.sample(entities)
    sampled = time.perf_counter()
    sets = Histories(train, synthetic, holdout, source.entity, source.time)
    similar = fidelity_figures(sets, 0).values()
    privacy = privacy_figures(sets, 0)
    return {
        "data": name,
        "entities": entities,
        "events": len(train),
        "fit_s": round(fitted - started, 1),
        "sample_s": round(sampled - fitted, 1),
        "similarity": round(float(np.mean([f.estimate.value for f in similar])), 4),
        "ceiling": round(float(np.mean([f.ceiling or 1.0 for f in similar])), 4),
        "copies": privacy["copies"].estimate.value,
        "dcr_share": round(privacy["dcr_share"].estimate.value, 3),
    }


if __name__ == "__main__":
    for chosen in sys.argv[2:] or SOURCES:
        print(json.dumps(measure(Path(sys.argv[1]), chosen)), flush=True)
