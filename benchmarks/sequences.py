"""Fit, sample and judge on real event data; one JSON line per data set.

usage: sequences.py FOLDER [NAME ...] [--keep OUT]

With --keep the three sets are written into OUT, for other judges. FOLDER holds cdnow.parquet,
fraud_handbook.parquet, online_retail.parquet and sparkov_transactions.parquet. Half of the entities
train, the others are the holdout: distinct values sorted, shuffled by numpy.random.default_rng(7).
Of Handbook the first 998 entities are used. Needs scikit-learn.
"""

import argparse
import json
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from anonymizer import SequenceModel
from anonymizer.checks.check.privacy_figures import privacy_figures
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.utility.similarity import fidelity_figures


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
    "retail": Source(
        "online_retail",
        "CustomerID",
        "InvoiceDate",
        ["StockCode", "Quantity", "UnitPrice", "Country"],
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


def per_entity(events: pl.DataFrame, source: Source, common: dict[str, list[str]]) -> pl.DataFrame:
    """One row of numbers per entity: what a classifier may tell entities apart by."""
    time = pl.col(source.time)
    gap = time.diff().dt.total_minutes() / 1440
    hour = time.cast(pl.Datetime("us")).dt.hour()
    columns = [
        pl.len().alias("events"),
        time.min().to_physical().alias("first"),
        time.max().to_physical().alias("last"),
        *(getattr(gap, f)().alias(f"gap {f}") for f in ("mean", "std", "max", "min")),
        hour.mean().alias("hour mean"),
        hour.cast(pl.Float64).std().alias("hour std"),
        (time.dt.weekday() > 5).mean().alias("weekend"),
    ]
    for name in source.fields:
        column = pl.col(name)
        if name in common:
            text = column.cast(pl.String)
            columns.append((text.n_unique() / pl.len()).alias(f"{name} variety"))
            columns.append((text == text.shift(1)).mean().alias(f"{name} repeats"))
            columns += [
                (text == value).mean().alias(f"{name} {i}") for i, value in enumerate(common[name])
            ]
            continue
        number = column.cast(pl.Float64)
        columns += [
            getattr(number, f)().alias(f"{name} {f}")
            for f in ("mean", "std", "max", "min", "sum", "first", "last", "n_unique")
        ]
        columns.append(pl.corr(number, number.shift(1)).alias(f"{name} lag"))
    ordered = events.sort(source.entity, source.time, maintain_order=True)
    return ordered.group_by(source.entity, maintain_order=True).agg(columns).drop(source.entity)


def told_apart(real: pl.DataFrame, other: pl.DataFrame, source: Source) -> float:
    """ROC AUC of boosted trees that tell one set of entities from another, cross-validated."""
    texts = [c for c in source.fields if not real.schema[c].is_numeric()]
    common = {
        c: real[c].cast(pl.String).value_counts(sort=True)[c].head(15).to_list() for c in texts
    }
    tables = [per_entity(events, source, common).to_numpy() for events in (real, other)]
    size = min(map(len, tables))
    x = np.vstack([table[:size] for table in tables]).astype(float)
    x[~np.isfinite(x)] = np.nan
    y = np.repeat([0, 1], size)
    folds = StratifiedKFold(4, shuffle=True, random_state=0)
    trees = HistGradientBoostingClassifier(random_state=0)
    chance = cross_val_predict(trees, x, y, cv=folds, method="predict_proba")[:, 1]
    return float(roc_auc_score(y, chance))


def measure(folder: Path, name: str, keep: Path | None) -> dict[str, float | str | int]:
    """Seconds to fit and to sample, C2ST, mean similarity and its ceiling, copies, DCR share."""
    source = SOURCES[name]
    train, holdout = halves(folder, source)
    started = time.perf_counter()
    model = SequenceModel.fit(train, entity=source.entity, time=source.time)
    fitted = time.perf_counter()
    entities = train[source.entity].n_unique()
    synthetic = model.sample(entities)
    sampled = time.perf_counter()
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        for part, events in (("train", train), ("synthetic", synthetic), ("holdout", holdout)):
            events.write_parquet(keep / f"{name}.{part}.parquet")
    sets = ComparedSets(train, synthetic, holdout, source.entity, source.time)
    similar = fidelity_figures(sets, 0).values()
    privacy = privacy_figures(sets, 0)
    return {
        "data": name,
        "entities": entities,
        "events": len(train),
        "fit_s": round(fitted - started, 1),
        "sample_s": round(sampled - fitted, 1),
        "c2st": round(told_apart(holdout, synthetic, source), 4),
        "c2st_ceiling": round(told_apart(holdout, train, source), 4),
        "similarity": round(float(np.mean([f.estimate.value for f in similar])), 4),
        "ceiling": round(float(np.mean([f.ceiling or 1.0 for f in similar])), 4),
        "copies": privacy["copies"].estimate.value,
        "dcr_share": round(privacy["dcr_share"].estimate.value, 3),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", default=list(SOURCES))
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    for chosen in asked.names:
        print(json.dumps(measure(asked.folder, chosen, asked.keep)), flush=True)
