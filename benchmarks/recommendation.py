"""Next-item ranking on Amazon Beauty, all items ranked; one JSON line.

usage: recommendation.py FOLDER [--epochs N] [--seed N]

FOLDER holds beauty_ratings.parquet (user, pos, item). Each user's last item is the test; the one
before it is left out of training and given at the test, as S3-Rec does. The data has an order and
no times, so the position is taken for a day.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import polars as pl

from anonymizer import SequenceModel

TOP = 10


def figures(rank: np.ndarray) -> dict[str, float]:
    """Hit rate and normalised discounted cumulative gain of one true item each, ranked from 0."""
    hit = rank < TOP
    gain = np.where(hit, 1 / np.log2(np.where(hit, rank, 0) + 2), 0)
    return {"hr@10": round(float(hit.mean()), 4), "ndcg@10": round(float(gain.mean()), 4)}


def ranks(found: pl.DataFrame, truth: pl.DataFrame) -> np.ndarray:
    """(E,) where each user's true item stands among those recommended; `TOP` if it does not."""
    both = truth.join(found, on=["user", "item"], how="left")
    return both["rank"].fill_null(TOP + 1).to_numpy() - 1


def popular(train: pl.DataFrame, seen: pl.DataFrame, truth: pl.DataFrame) -> np.ndarray:
    """The same when everybody is recommended the most popular items that they do not have."""
    best = (
        train["item"].value_counts(sort=True).head(TOP + seen.group_by("user").len()["len"].max())
    )
    pairs = truth.select("user").join(
        best.with_row_index("place").select("place", "item"), how="cross"
    )
    rest = pairs.join(seen, on=["user", "item"], how="anti").sort("user", "place")
    numbered = rest.with_columns(rank=pl.int_range(1, pl.len() + 1).over("user"))
    return ranks(numbered.filter(pl.col("rank") <= TOP), truth)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    events = pl.read_parquet(asked.folder / "beauty_ratings.parquet").with_columns(
        pl.col("item").cast(pl.String),
        day=pl.date(2000, 1, 1) + pl.duration(days="pos"),
        to_come=pl.col("pos").max().over("user") - pl.col("pos"),
    )
    columns = ["user", "day", "item"]
    train = events.filter(pl.col("to_come") >= 2).select(columns)
    seen = events.filter(pl.col("to_come") >= 1).select(columns)
    truth = events.filter(pl.col("to_come") == 0).select("user", "item")
    started = time.perf_counter()
    model = SequenceModel.fit(
        train, entity="user", time="day", seed=asked.seed, max_epochs=asked.epochs,
        progress=lambda line: print(line, flush=True),
    )  # fmt: skip
    fitted = time.perf_counter()
    found = model.recommend(seen, field="item", top=TOP, leave_out_seen=True)
    ranked = time.perf_counter()
    print(
        json.dumps(
            {
                "users": len(truth),
                "items": events["item"].n_unique(),
                "fit_s": round(fitted - started, 1),
                "recommend_s": round(ranked - fitted, 1),
                **figures(ranks(found, truth)),
                "popular": figures(popular(train, seen, truth)),
            }
        )
    )
