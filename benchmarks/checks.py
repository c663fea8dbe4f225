"""Planted leaks and planted damage: which figure of the check sees them; one JSON line per case.

usage: checks.py FOLDER

FOLDER holds cdnow.parquet. Its customers are cut into three parts: training, holdout, and others
who stand for an honest generator. Leaks: some of these are replaced by copies of training
customers, as they are, with amounts moved by up to 1 %, or with dates moved by a week. Honest:
other cuts, twenty times. Damage is done to the honest part.
"""

import argparse
import json
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl

from anonymizer.checks.accuracy import accuracy_figures
from anonymizer.checks.discriminator import told_apart
from anonymizer.checks.privacy import privacy_figures
from anonymizer.checks.utility import Histories, fidelity_figures

ENTITY, TIME = "customer_id", "date"


def cut(events: pl.DataFrame, seed: int) -> Histories:
    """Three parts of the customers."""
    ids = events[ENTITY].unique().sort().to_numpy().copy()
    np.random.default_rng(seed).shuffle(ids)
    parts = (events.filter(pl.col(ENTITY).is_in(p.tolist())) for p in np.array_split(ids, 3))
    real, holdout, other = parts
    return Histories(real, other, holdout, ENTITY, TIME)


def leaked(sets: Histories, share: float, kind: str) -> Histories:
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


def damaged(sets: Histories) -> dict[str, pl.DataFrame]:
    """The honest part, harmed in several ways."""
    honest = sets.sorted(sets.synthetic)
    gap = pl.col(TIME) - pl.col(TIME).first().over(ENTITY)
    fields = pl.col("quantity", "dollars")
    return {
        "nothing": honest,
        "columns shuffled": replace(sets, real=honest).shuffled(0),
        "events shuffled within customers": honest.with_columns(fields.shuffle(0).over(ENTITY)),
        "gaps doubled": honest.with_columns(pl.col(TIME) + gap),
        "prices rounded": honest.with_columns(pl.col("dollars").round(0)),
        "cut at 5 events": honest.filter(pl.int_range(pl.len()).over(ENTITY) < 5),
        "heavy buyers dropped": honest.filter(pl.len().over(ENTITY) < 10),
    }


def say(**found: object) -> None:
    """One line."""
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    events = pl.read_parquet(parser.parse_args().folder / "cdnow.parquet")
    for kind in ("exact", "amounts", "dates"):
        for share in (0.005, 0.01, 0.05, 0.2):
            figures = privacy_figures(leaked(cut(events, 0), share, kind), 0)
            say(leak=kind, share=share, **{name: f.colour for name, f in figures.items()})
    flagged = [
        {
            name
            for name, f in privacy_figures(cut(events, seed), seed).items()
            if f.colour != "green"
        }
        for seed in range(1, 21)
    ]
    say(honest=len(flagged), flagged=[sorted(names) for names in flagged if names])
    sets = cut(events, 0)
    for name, harmed in damaged(sets).items():
        started = time.perf_counter()
        case = replace(sets, synthetic=harmed)
        figures = {
            "told_apart": told_apart(case, 0),
            **accuracy_figures(case, 0),
            **fidelity_figures(case, 0),
        }
        say(
            damage=name,
            s=round(time.perf_counter() - started, 1),
            **{
                each: [round(f.estimate.value, 3), f.colour]
                for each, f in figures.items()
                if f.colour or each.startswith("accuracy")
            },
        )
