"""What a budget costs: fit, sample and judge at several epsilons; one JSON line per model.

usage: differential_privacy.py FOLDER [NAME] [--epsilon X ...] [--runs N]

Sets and halves are those of sequences.py; delta is 1 / entities^1.1, and an epsilon of inf is the
ordinary fit. Every run draws new noise. Needs dp-accounting and scikit-learn.
"""

import argparse
import json
import math
import time
from pathlib import Path

from sequences import SOURCES, halves, told_apart

from anonymizer import SequenceModel
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.utility.accuracy import accuracy_figures


def measure(folder: Path, name: str, epsilon: float, run: int) -> dict[str, float | str | None]:
    """Seconds to fit, C2ST against the holdout, overall accuracy and its share of the best."""
    source = SOURCES[name]
    train, holdout = halves(folder, source)
    entities = train[source.entity].n_unique()
    private = math.isfinite(epsilon)
    budget = {"epsilon": epsilon, "delta": 1 / entities**1.1} if private else {}
    started = time.perf_counter()
    model = SequenceModel.fit(train, entity=source.entity, time=source.time, seed=run, **budget)
    fitted = time.perf_counter()
    synthetic = model.sample(entities, seed=run)
    sets = ComparedSets(train, synthetic, holdout, source.entity, source.time)
    overall = accuracy_figures(sets, 0)["accuracy_overall"]
    return {
        "data": name,
        "epsilon": epsilon if private else None,
        "entities": entities,
        "events": len(train),
        "sampled_events": len(synthetic),
        "fit_s": round(fitted - started, 1),
        "c2st": round(told_apart(holdout, synthetic, source), 3),
        "accuracy": round(overall.estimate.value, 3),
        "ceiling": round(overall.ceiling or math.nan, 3),
        "shuffled": round(overall.baseline or math.nan, 3),
        "of_best": round(overall.judged or math.nan, 3),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("name", nargs="?", default="cdnow", choices=list(SOURCES))
    parser.add_argument("--epsilon", type=float, nargs="*", default=[1, 3, 10, math.inf])
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    for chosen in asked.epsilon:
        for number in range(asked.runs):
            print(json.dumps(measure(asked.folder, asked.name, chosen, number)), flush=True)
