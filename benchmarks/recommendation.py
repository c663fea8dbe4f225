"""Next-item ranking, all items ranked, beside a plain SASRec in the same run; JSON lines.

    python -m benchmarks.recommendation DATA [NAME ...] [--epochs N] [--seed N] [--sasrec EPOCHS]

Beauty is Amazon's. The histories of Online Retail and of FoodMart are made of their sales: an item
counts once per customer, when it was first bought; items of fewer than five customers and customers
of fewer than five items are left out, again and again until none is. Each customer's last item is
the test; the one before it is left out of training and given at the test, as S3-Rec does. What
counts is the order: positions are the time.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from anonymizer import SequenceModel
from benchmarks import sasrec
from benchmarks.sasrec import TOP

FEWEST = 5


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


def beauty(data: Path) -> pl.DataFrame:
    """Histories of user, pos, item."""
    return pl.read_parquet(data / "beauty_ratings.parquet").select("user", "pos", "item")


def retail(data: Path) -> pl.DataFrame:
    """What each customer of Online Retail bought first, and next."""
    rows = pl.read_parquet(data / "online_retail.parquet").filter(pl.col("Quantity") > 0)
    rows = rows.drop_nulls("CustomerID").sort("CustomerID", "InvoiceDate", maintain_order=True)
    return first_bought(rows.select(user="CustomerID", item="StockCode"))


def foodmart(data: Path) -> pl.DataFrame:
    """The same of FoodMart's."""
    rows = pl.read_parquet(data / "foodmart_sales.parquet")
    rows = rows.sort("customer_id", "the_date", maintain_order=True)
    return first_bought(rows.select(user="customer_id", item="product_id"))


def first_bought(rows: pl.DataFrame) -> pl.DataFrame:
    """Each item of a customer once, of five customers at least, who have five items at least."""
    rows, size = rows.unique(["user", "item"], keep="first", maintain_order=True), 0
    while len(rows) != size:
        size = len(rows)
        rows = rows.filter(pl.len().over("item") >= FEWEST, pl.len().over("user") >= FEWEST)
    return rows.with_columns(pos=pl.int_range(pl.len()).over("user"))


SETS: dict[str, Callable[[Path], pl.DataFrame]] = {
    "beauty": beauty, "retail": retail, "foodmart": foodmart,
}  # fmt: skip


def plain(seen: pl.DataFrame, truth: pl.DataFrame, seed: int, epochs: int) -> dict[str, Any]:
    """Figures of SASRec, which trains on what was seen but for the last item of each history."""
    items = seen["item"].unique().sort()
    numbered = seen.with_columns(
        n=pl.col("item").replace_strict(items, np.arange(1, len(items) + 1))
    )
    each = numbered.sort("user", "pos").group_by("user", maintain_order=True).agg("n")
    histories = [np.array(h) for h in each["n"]]
    started = time.perf_counter()
    model = sasrec.fit(histories, len(items), seed=seed, epochs=epochs)
    fitted = time.perf_counter()
    best = sasrec.ranked(model, histories)
    places = np.arange(1, TOP + 1)
    found = pl.DataFrame(
        {
            "user": each["user"].gather(np.repeat(np.arange(len(each)), TOP)),
            "rank": np.tile(places, len(each)),
            "item": items.gather(best.ravel() - 1),
        }
    )
    return {"fit_s": round(fitted - started, 1), **figures(ranks(found, truth))}


def measure(events: pl.DataFrame, seed: int, epochs: int | None) -> dict[str, Any]:
    """Figures of ours and of the most popular items, and what SASRec asks for."""
    train, seen, truth = parts(events)
    started = time.perf_counter()
    model = SequenceModel.fit(train, entity="user", time="pos", seed=seed, max_epochs=epochs)
    fitted = time.perf_counter()
    found = model.recommend(seen, field="item", top=TOP, leave_out_seen=True)
    ranked = time.perf_counter()
    return {
        "users": len(truth),
        "items": events["item"].n_unique(),
        "events": len(events),
        "fit_s": round(fitted - started, 1),
        "recommend_s": round(ranked - fitted, 1),
        **figures(ranks(found, truth)),
        "popular": figures(popular(train, seen, truth)),
    }


def parts(events: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """What is learned from, what is known at the test, and what is asked."""
    events = events.with_columns(pl.col("item").cast(pl.String))
    to_come = pl.col("pos").max().over("user") - pl.col("pos")
    truth = events.filter(to_come == 0).select("user", "item")
    return events.filter(to_come >= 2), events.filter(to_come >= 1), truth


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("names", nargs="*", default=list(SETS))
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--sasrec", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    for name in asked.names:
        events = SETS[name](asked.data)
        ours = measure(events, asked.seed, asked.epochs)
        print(json.dumps({"data": name, **ours}), flush=True)
        _, seen, truth = parts(events)
        theirs = plain(seen, truth, asked.seed, asked.sasrec)
        print(json.dumps({"data": name, "SASRec": theirs}), flush=True)
