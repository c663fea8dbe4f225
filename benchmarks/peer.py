"""The same sets with mostlyai-engine, and both judged by mostlyai-qa; JSON lines.

usage: peer.py OUT NAME ENTITY TIME [--minutes 12]

Runs in an environment of its own (CONTRIBUTING says which packages). OUT holds NAME.train.parquet,
NAME.holdout.parquet and NAME.synthetic.parquet as sequences.py --keep writes them;
NAME.peer.parquet is written beside them. The accuracy is that against training and holdout.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import pandas as pd
from mostlyai import engine, qa


def fit_and_sample(train: pd.DataFrame, entity: str, minutes: float) -> dict[str, object]:
    """Seconds to fit and to sample as many entities as there are, and what was sampled."""
    context = train[[entity]].drop_duplicates()
    with tempfile.TemporaryDirectory() as workspace:
        started = time.perf_counter()
        engine.split(
            tgt_data=train,
            tgt_context_key=entity,
            ctx_data=context,
            ctx_primary_key=entity,
            workspace_dir=workspace,
        )
        engine.analyze(workspace_dir=workspace)
        engine.encode(workspace_dir=workspace)
        engine.train(workspace_dir=workspace, max_training_time=minutes)
        fitted = time.perf_counter()
        engine.generate(workspace_dir=workspace, sample_size=len(context))
        sampled = time.perf_counter()
        synthetic = pd.read_parquet(Path(workspace) / "SyntheticData")
    return {"fit_s": fitted - started, "sample_s": sampled - fitted, "synthetic": synthetic}


def accuracy(sets: list[pd.DataFrame], entity: str) -> tuple[float, float]:
    """Overall accuracy and its ceiling of synthetic, training and holdout events."""
    synthetic, train, holdout = sets
    flags = [c for c in train.columns if train[c].dtype == bool]
    for table in (synthetic, train, holdout):  # the peer gives truth back as text
        table[flags] = table[flags].astype(str) == "True"
    with tempfile.TemporaryDirectory() as folder:
        _, metrics = qa.report(
            syn_tgt_data=synthetic,
            trn_tgt_data=train,
            hol_tgt_data=holdout,
            tgt_context_key=entity,
            report_path=Path(folder) / "report.html",
        )
    return metrics.accuracy.overall, metrics.accuracy.overall_max


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("name")
    parser.add_argument("entity")
    parser.add_argument("time")
    parser.add_argument("--minutes", type=float, default=12)
    asked = parser.parse_args()
    ours, train, holdout = (
        # Times as datetimes: dates it would take for categories.
        pd.read_parquet(asked.out / f"{asked.name}.{part}.parquet").astype(
            {asked.time: "datetime64[us]"}
        )
        for part in ("synthetic", "train", "holdout")
    )
    peer = fit_and_sample(train, asked.entity, asked.minutes)
    found = peer.pop("synthetic")
    found.to_parquet(asked.out / f"{asked.name}.peer.parquet")
    print(json.dumps({"data": asked.name, **{k: round(v, 1) for k, v in peer.items()}}), flush=True)
    for who, synthetic in (("peer", found), ("ours", ours)):
        value, ceiling = accuracy([synthetic, train, holdout], asked.entity)
        judged = {"qa": round(float(value), 4), "ceiling": round(float(ceiling), 4)}
        print(json.dumps({"data": asked.name, "who": who, **judged}), flush=True)
