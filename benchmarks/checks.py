"""Planted damage: which figure of the check sees it; one JSON line per case.

usage: checks.py FOLDER damage | honest | detectors [--data NAME] [--seeds FIRST LAST]

FOLDER holds cdnow.parquet and online_retail.parquet; for the detectors, what sequences.py --keep
and peer.py wrote. Customers are cut into three parts: training, holdout, and others who stand for
an honest generator.

damage: the honest part is harmed; all figures but those of the LSTM detector that are not green,
and seconds of processor time.
honest: the same without any damage, for other cuts.
detectors: what the LSTM detector and boosted trees learn from other real customers, from synthetic
ones and from shuffled columns; all sets cut to as many customers.
"""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from anonymizer.checks.figures.figure import Figure
from anonymizer.checks.figures.thresholds import judged
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.utility.accuracy import accuracy_figures
from anonymizer.checks.utility.c2st import told_apart
from anonymizer.checks.utility.detector import detect, detector_figures
from anonymizer.checks.utility.next_item import next_item_figures, recommended
from anonymizer.checks.utility.order import order_figures, out_of_order
from anonymizer.checks.utility.similarity import fidelity_figures
from anonymizer.checks.utility.subgroup_transfer import transfer_figures
from anonymizer.checks.utility.subgroups import find_groups, group_figures
from anonymizer.checks.utility.tree_detector import tree_figures, tree_trial
from anonymizer.composition import label_detector, likelihood_detector


class Source(NamedTuple):
    """Which columns of which file."""

    file: str
    entity: str
    time: str
    fields: list[str]
    price: str
    group: str | None = None


SOURCES = {
    "cdnow": Source("cdnow", "customer_id", "date", ["quantity", "dollars"], "dollars"),
    "retail": Source(
        "online_retail",
        "CustomerID",
        "InvoiceDate",
        ["StockCode", "Quantity", "UnitPrice", "Country"],
        "UnitPrice",
        "Country",
    ),
}
DROPPED = ("Germany", "France", "Spain")  # 2.2, 2.0 and 0.7 % of the customers


def load(folder: Path, source: Source) -> pl.DataFrame:
    """Events of known customers."""
    events = pl.read_parquet(folder / f"{source.file}.parquet")
    return events.select(source.entity, source.time, *source.fields).drop_nulls(source.entity)


def cut(events: pl.DataFrame, source: Source, seed: int) -> ComparedSets:
    """Three parts of the customers."""
    ids = events[source.entity].unique().sort().to_numpy().copy()
    np.random.default_rng(seed).shuffle(ids)
    real, holdout, other = (
        events.filter(pl.col(source.entity).is_in(part.tolist())) for part in np.array_split(ids, 3)
    )
    return ComparedSets(real, other, holdout, source.entity, source.time)


def damaged(sets: ComparedSets, source: Source) -> Iterator[tuple[str, pl.DataFrame]]:
    """The honest part, harmed in several ways."""
    honest, entity, time_ = sets.sorted(sets.synthetic), source.entity, pl.col(source.time)
    yield "nothing", honest
    yield "columns shuffled", replace(sets, real=honest).shuffled(0)
    yield "events shuffled within customers", out_of_order(sets, honest, 0)
    gap = time_ - time_.first().over(entity)
    yield "gaps doubled", honest.with_columns(time_ + gap)
    if source.group:
        for value in DROPPED:
            yield f"{value} dropped", honest.filter(pl.col(source.group) != value)
    yield "prices rounded", honest.with_columns(pl.col(source.price).round(0))
    yield "cut at 5 events", honest.filter(pl.int_range(pl.len()).over(entity) < 5)


def kept(sets: ComparedSets) -> dict[str, Figure]:
    """All figures of utility but those of the LSTM detector."""
    few = sets.for_detectors(None, 0)
    trees, items = tree_trial(few, None, 0), recommended(sets, 0)
    figures = {
        **tree_figures(trees.result(0)),
        **next_item_figures(items, 0),
        **transfer_figures(sets, {"trees": trees}, items),
        "told_apart": told_apart(sets, 0),
        **order_figures(sets, 0),
        **group_figures(sets, find_groups(sets, sets.synthetic, 0), 0),
        **accuracy_figures(sets, 0),
        **fidelity_figures(sets, 0),
    }
    return judged(figures)


def flagged(figures: dict[str, Figure]) -> dict[str, tuple[str | None, float]]:
    """Those that are not green: colour and value."""
    found = {name: f for name, f in figures.items() if f.colour in ("amber", "red")}
    return {name: (f.colour, round(f.estimate.value, 3)) for name, f in found.items()}


def say(**found: object) -> None:
    """One line."""
    print(json.dumps(found), flush=True)


def damage(folder: Path, name: str) -> None:
    """Every kind of damage, and what sees it."""
    source = SOURCES[name]
    sets = cut(load(folder, source), source, 0)
    for kind, harmed in damaged(sets, source):
        started = time.process_time()
        seen = flagged(kept(replace(sets, synthetic=harmed)))
        say(data=name, damage=kind, s=round(time.process_time() - started, 1), flagged=seen)


def honest(folder: Path, name: str, seeds: range) -> None:
    """Cuts without damage."""
    source = SOURCES[name]
    events = load(folder, source)
    for seed in seeds:
        say(data=name, honest=seed, flagged=flagged(kept(cut(events, source, seed))))


def detectors(out: Path, name: str) -> None:
    """Both detectors on a real half, on sampled sets and on shuffled columns."""
    entity, time_, label = {
        "cdnow": ("customer_id", "date", None),
        "handbook": ("CUSTOMER_ID", "TX_DATETIME", "TX_FRAUD"),
    }[name]
    real, holdout, ours = (
        pl.read_parquet(out / f"{name}.{part}.parquet")
        for part in ("train", "holdout", "synthetic")
    )
    ids = holdout[entity].unique().sort().shuffle(0)
    half = pl.col(entity).is_in(ids.head(len(ids) // 2).implode())
    sets = ComparedSets(real, ours, holdout.filter(~half), entity, time_)
    trained = {"real, others": holdout.filter(half), "ours": ours, "shuffled": sets.shuffled(1)}
    peer = out / f"{name}.peer.parquet"
    if peer.exists():
        trained["peer"] = like(real, pl.read_parquet(peer))
    lstm = likelihood_detector(entity, time_, 0)
    if label:
        lstm = label_detector(entity, time_, label, 0)
    known: dict[int, npt.NDArray[np.float64]] = {}

    def remembering(train: pl.DataFrame, test: pl.DataFrame) -> npt.NDArray[np.float64]:
        key = int(train.hash_rows().sum())
        if key not in known:
            known[key] = lstm(train, test)
        return known[key]

    small = {source: fewer(frame, entity, len(ids) // 2) for source, frame in trained.items()}
    for source, frame in small.items():
        case = replace(sets, real=fewer(real, entity, len(ids) // 2), synthetic=frame)
        case = case.for_detectors(label, 0)
        found = detect(case, remembering, label, 0).result(0)
        figures = detector_figures(found) | tree_figures(tree_trial(case, label, 0).result(0))
        say(data=name, trained_on=source,
            **{each: [round(x, 3) for x in f.estimate] for each, f in figures.items()})  # fmt: skip


def like(real: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Columns and types of the real events; a peer writes true and false as words."""
    return other.select(
        (
            pl.col(c) == "True" if t == pl.Boolean and other[c].dtype == pl.String else pl.col(c)
        ).cast(t)
        for c, t in real.schema.items()
    )


def fewer(events: pl.DataFrame, entity: str, count: int) -> pl.DataFrame:
    """Events of so many entities."""
    ids = events[entity].unique().sort().shuffle(0).head(count)
    return events.filter(pl.col(entity).is_in(ids.implode()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("what", choices=["damage", "honest", "detectors"])
    parser.add_argument("--data", choices=["cdnow", "retail", "handbook"], default="cdnow")
    parser.add_argument("--seeds", type=int, nargs=2, default=(1, 20))
    asked = parser.parse_args()
    if asked.what == "damage":
        damage(asked.folder, asked.data)
    elif asked.what == "honest":
        honest(asked.folder, asked.data, range(asked.seeds[0], asked.seeds[1] + 1))
    else:
        detectors(asked.folder, asked.data)
