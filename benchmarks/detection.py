"""Anomaly scores without labels on Sparkov's card payments; one JSON line.

usage: detection.py FOLDER

FOLDER holds sparkov_transactions.parquet. Half of the cards train, without the label; payments of
the other half are scored, and the label says how well. Needs scikit-learn.
"""

import argparse
import json
import time
from pathlib import Path

import polars as pl
from sequences import SOURCES, halves
from sklearn.metrics import average_precision_score, roc_auc_score

from anonymizer import SequenceModel


def found(truth: pl.Series, score: pl.Series) -> dict[str, float]:
    """Area under the ROC curve and average precision."""
    return {
        "auc": round(float(roc_auc_score(truth, score)), 3),
        "ap": round(float(average_precision_score(truth, score)), 3),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    source = SOURCES["sparkov"]
    train, rest = halves(asked.folder, source)
    started = time.perf_counter()
    model = SequenceModel.fit(train.drop("is_fraud"), entity=source.entity, time=source.time)
    fitted = time.perf_counter()
    truth, events = rest["is_fraud"], rest.drop("is_fraud")
    scored = model.score(events, alert_rate=0.001)
    done = time.perf_counter()
    trusting = model.score(events, trusting=True)["anomaly_score"]
    alerts = {kind: scored.filter(truth == kind)["alert"].mean() for kind in (False, True)}
    print(
        json.dumps(
            {
                "events": len(events),
                "fit_s": round(fitted - started, 1),
                "score_s": round(done - fitted, 1),
                "score": found(truth, scored["anomaly_score"]),
                "trusting": found(truth, trusting),
                "amount": found(truth, events["amt"]),
                "alerts_among_usual": alerts[False],
                "alerts_among_fraud": alerts[True],
            }
        )
    )
