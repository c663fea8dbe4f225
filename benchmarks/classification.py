"""The labelled classifier under the Fraud Detection Handbook's own protocol; one JSON line.

usage: classification.py FOLDER [START]

FOLDER holds fraud_handbook.parquet. Seven days from START (2018-07-25) train, seven wait for their
labels, seven test, with the Handbook's 15 features. A customer whose fraud is known leaves the
test: any since START, up to eight days before the day of the test, as the Handbook counts. The
classifier also reads the week before the training and the week before the test, without labels.
"""

import json
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import torch
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score, roc_auc_score

from anonymizer.sequences.model.classifier import SequenceClassifier

CUSTOMER, TERMINAL, TIME, LABEL = "CUSTOMER_ID", "TERMINAL_ID", "TX_DATETIME", "TX_FRAUD"
WINDOWS = (1, 7, 30)  # days that the features look back
WEEK = 7  # days of training, of delay, of test and of history before either
FEATURES = [
    "TX_AMOUNT",
    "weekend",
    "night",
    *(
        f"{kind}_{days}"
        for days in WINDOWS
        for kind in ("customer_count", "customer_mean", "terminal_count", "terminal_risk")
    ),
]
SEEDS = (0, 1, 2)
TOP = 100  # cards that can be looked at per day

Scores = npt.NDArray[np.float64]


def in_days(day: date, first: int, last: int) -> pl.Expr:
    """Whether an event lies between two days counted from a day."""
    return pl.col("day").is_between(day + timedelta(first), day + timedelta(last))


def with_features(events: pl.DataFrame) -> pl.DataFrame:
    """The 15 features of the Handbook's chapter 3, from all events in order of time.

    A terminal's count and risk look back from seven days ago: younger labels are not known.
    """

    def total(values: pl.Expr, days: int, owner: str) -> pl.Expr:
        return values.rolling_sum_by(TIME, f"{days}d", closed="right").over(owner)

    amount = pl.col("TX_AMOUNT").cast(pl.Float64)
    label, each = pl.col(LABEL).cast(pl.Float64), pl.col("each")
    features = [
        pl.col(TIME).dt.date().alias("day"),
        (pl.col(TIME).dt.weekday() >= 6).cast(pl.Int8).alias("weekend"),
        (pl.col(TIME).dt.hour() <= 6).cast(pl.Int8).alias("night"),
        amount,
    ]
    for days in WINDOWS:
        count = total(each, days, CUSTOMER)
        seen = total(each, WEEK + days, TERMINAL) - total(each, WEEK, TERMINAL)
        frauds = total(label, WEEK + days, TERMINAL) - total(label, WEEK, TERMINAL)
        features += [
            count.alias(f"customer_count_{days}"),
            (total(amount, days, CUSTOMER) / count).alias(f"customer_mean_{days}"),
            seen.alias(f"terminal_count_{days}"),
            pl.when(seen > 0).then(frauds / seen).otherwise(0.0).alias(f"terminal_risk_{days}"),
        ]
    ordered = events.sort(TIME, maintain_order=True).with_columns(each=pl.lit(1.0))
    return ordered.with_columns(features).drop("each").with_row_index("row")


class Split(NamedTuple):
    """Training week, test week without known cards, and both with the week before them."""

    train: pl.DataFrame
    test: pl.DataFrame
    train_histories: pl.DataFrame
    test_histories: pl.DataFrame


def divide(events: pl.DataFrame, start: date) -> Split:
    """Events with features → what trains and what tests."""
    frauds = events.filter(pl.col(LABEL) == 1, pl.col("day") >= start)
    known = frauds.group_by(CUSTOMER).agg(known=pl.col("day").min() + timedelta(WEEK + 1))
    test = (
        events.filter(in_days(start, 2 * WEEK, 3 * WEEK - 1))
        .join(known, on=CUSTOMER, how="left", maintain_order="left")
        .filter(pl.col("known").is_null() | (pl.col("day") < pl.col("known")))
    )
    label = pl.when(pl.col("day") >= start).then(pl.col(LABEL))
    return Split(
        events.filter(in_days(start, 0, WEEK - 1)),
        test,
        events.filter(in_days(start, -WEEK, WEEK - 1)).with_columns(label),
        events.filter(in_days(start, WEEK, 3 * WEEK - 1)),
    )


def lstm_scores(data: Split, seed: int) -> Scores:
    """Probabilities of the test's events by the classifier."""
    columns = [CUSTOMER, TIME, *FEATURES]
    classifier = SequenceClassifier.fit(
        data.train_histories.select(*columns, LABEL),
        entity=CUSTOMER,
        time=TIME,
        label=LABEL,
        seed=seed,
    )
    found = classifier.score(data.test_histories.select(columns))
    scored = data.test_histories.select("row", score=found)
    joined = data.test.join(scored, on="row", how="left", maintain_order="left")
    return joined["score"].to_numpy()


def tree_scores(data: Split, seed: int) -> Scores:
    """The same by boosted trees on the features of each event alone."""
    trees = HistGradientBoostingClassifier(
        learning_rate=0.03, max_iter=150, max_leaf_nodes=8, random_state=seed
    )
    trees.fit(data.train.select(FEATURES).to_numpy(), data.train[LABEL].to_numpy())
    scores: Scores = trees.predict_proba(data.test.select(FEATURES).to_numpy())[:, 1]
    return scores


def card_precision(test: pl.DataFrame, scores: Scores) -> float:
    """Mean share over days of defrauded cards among the day's most suspicious ones.

    A card counts with its highest score; one that was found is not looked at again.
    """
    cards = (
        test.select("day", CUSTOMER, LABEL, score=pl.Series(scores))
        .group_by("day", CUSTOMER)
        .agg(pl.col(LABEL, "score").max())
        .sort("day", "score", CUSTOMER, descending=[False, True, False])
    )
    found: list[int] = []
    shares = []
    for _, day in cards.group_by("day", maintain_order=True):
        top = day.filter(~pl.col(CUSTOMER).is_in(found)).head(TOP)
        hits = top.filter(pl.col(LABEL) == 1)[CUSTOMER].to_list()
        found += hits
        shares.append(len(hits) / TOP)
    return float(np.mean(shares))


def figures(test: pl.DataFrame, scores: Scores) -> tuple[float, float, float]:
    """ROC AUC, average precision, card precision."""
    truth = test[LABEL].to_numpy()
    return (
        float(roc_auc_score(truth, scores)),
        float(average_precision_score(truth, scores)),
        card_precision(test, scores),
    )


def measure(folder: Path, start: date) -> dict[str, object]:
    """Figures of the classifier over seeds, their spread, and those of trees and amount alone."""
    data = divide(with_features(pl.read_parquet(folder / "fraud_handbook.parquet")), start)
    started = time.perf_counter()
    runs = np.array([figures(data.test, lstm_scores(data, seed)) for seed in SEEDS])
    seconds = (time.perf_counter() - started) / len(SEEDS)
    trees = figures(data.test, tree_scores(data, 0))
    amount = figures(data.test, data.test["TX_AMOUNT"].to_numpy())
    names = ("roc_auc", "average_precision", f"card_precision_{TOP}")
    return {
        "start": str(start),
        "train": [len(data.train), int(data.train[LABEL].sum())],
        "test": [len(data.test), int(data.test[LABEL].sum())],
        "fit_and_score_s": round(seconds, 1),
        **{
            name: {
                "lstm": round(float(runs[:, i].mean()), 4),
                "of seeds": [round(float(run), 4) for run in runs[:, i]],
                "trees": round(trees[i], 4),
                "amount": round(amount[i], 4),
            }
            for i, name in enumerate(names)
        },
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    first = date.fromisoformat(sys.argv[2] if len(sys.argv) > 2 else "2018-07-25")
    print(json.dumps(measure(Path(sys.argv[1]), first)), flush=True)
