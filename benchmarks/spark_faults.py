"""Masked by a Spark cluster whose executors are killed while it writes: are all rows there, once?

    python -m benchmarks.spark_faults FOLDER [--runs 30] [--rows 120_000] [--seed 0]

A master with two workers of one core; `mask_files` runs on it as the command does. A first run is
left alone. In each other run an executor, in every fifth both of them, gets SIGKILL at a moment
that is drawn from the seed, between the first file of a task and the commit of the job; what comes
too late is run again. Rows leave in turn as they came and shuffled, which takes a second stage.
Every output is compared with what Polars gives; nothing but whole files may be left. What became of
tasks is read from Spark's log of events.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import sys
import threading
import time
from collections import Counter
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from pyspark.sql import SparkSession

from anonymizer import anonymize
from anonymizer.spark.files import mask_files
from tests.spark.cluster import Cluster, cluster

SECRET = "a key for benchmarks only: 7f3a91c5e2"
FILES = 12  # tasks of a run


def rules(order: str) -> dict[str, Any]:
    """Nothing to learn: what is looked at is the writing."""
    return {
        "version": 1,
        "entity": "customer",
        "order": order,
        "columns": {
            "customer": {"mask": "token", "domain": "customer"},
            "name": {"mask": "pseudonym", "kind": "name"},
            "day": {"mask": "date_truncate", "to": "month"},
            "row": "keep",
        },
    }


def write_rows(folder: Path, rows: int) -> pl.DataFrame:
    """Raw rows in files, of which each becomes a task."""
    number = pl.int_range(rows, eager=True)
    frame = pl.DataFrame(
        {
            "customer": number * 7919 % (rows // 20 + 1),
            "name": "Somebody " + (number * 7919 % (rows // 20 + 1)).cast(pl.String),
            "day": date(2024, 1, 1) + (number % 500) * timedelta(days=1),
            "row": number,
        }
    )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    each = -(-rows // FILES)
    for file in range(FILES):
        frame[file * each : file * each + each].write_parquet(folder / f"{file:02}.parquet")
    return frame


class Killer(threading.Thread):
    """Kills executors once a run writes.

    Args:
        cluster: whose.
        target: what is written to.
        after: seconds from the first that is there of it.
        several: whether all of them, or one.
    """

    def __init__(self, cluster: Cluster, target: Path, after: float, *, several: bool) -> None:
        super().__init__(daemon=True)
        self._cluster, self._target, self._after, self._several = cluster, target, after, several
        self.killed = 0

    def run(self) -> None:
        """Wait, and kill; too late is late."""
        begins(self._target)
        time.sleep(self._after)
        executors = self._cluster.executors()
        if (self._target / "_SUCCESS").exists():
            return
        for executor in executors if self._several else executors[:1]:
            self._cluster.kill(executor)
            self.killed += 1


def begins(target: Path) -> float:
    """Wait until something is written; the time then."""
    while not (target / "_temporary").exists():
        time.sleep(0.005)
    return time.monotonic()


def masked(spark: SparkSession, raw: Path, target: Path, order: str) -> int:
    """Mask as the command does; the rows that the record counts."""
    record = mask_files(
        lambda: nullcontext(spark), str(raw), str(target), rules(order), overwrite=True
    )
    return record.rows


def writing(spark: SparkSession, raw: Path, target: Path, order: str) -> float:
    """Seconds from the first that is written to the commit of a run that is left alone."""
    shutil.rmtree(target, ignore_errors=True)
    times: list[float] = []
    watch = threading.Thread(target=lambda: times.append(begins(target)), daemon=True)
    watch.start()
    masked(spark, raw, target, order)
    return (target / "_SUCCESS").stat().st_mtime - time.time() + time.monotonic() - times[0]


def faults(target: Path, expected: pl.DataFrame) -> Counter[str]:
    """What is wrong with an output, by kind."""
    strange = [
        each.name
        for each in target.iterdir()
        if not each.name.endswith((".parquet", ".crc")) and each.name != "_SUCCESS"
    ]
    parts = [pl.read_parquet(file) for file in sorted(target.glob("*.parquet"))]
    rows = pl.concat(parts).sort("row")
    found = set(rows["row"])
    return Counter(
        {
            "rows lost": len(set(expected["row"]) - found),
            "rows doubled": len(rows) - len(found),
            "other values": int(not rows.equals(expected)),
            "files left": len(strange),
        }
    )


def outcomes(events: Path) -> Counter[str]:
    """How tasks ended, by what Spark says."""
    found: Counter[str] = Counter()
    for file in events.rglob("events_*"):
        for line in file.read_text("utf-8").splitlines():
            event = json.loads(line)
            if event["Event"] == "SparkListenerTaskEnd":
                found[event["Task End Reason"]["Reason"]] += 1
    return found


def session(made: Cluster, events: Path) -> SparkSession:
    """A driver; executors have one core and little memory, and each file is a task."""
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.executor.memory": "512m",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "OFF",
        "spark.sql.files.openCostInBytes": "128m",
        "spark.sql.shuffle.partitions": "6",
        "spark.sql.adaptive.coalescePartitions.enabled": "false",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": events.as_uri(),
        "spark.eventLog.compress": "false",
    }
    builder = SparkSession.builder.master(made.address)
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def main() -> None:
    """Run, kill, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--rows", type=int, default=120_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    folder: Path = given.folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "events").mkdir(parents=True)
    frame = write_rows(folder / "raw", given.rows)
    os.environ |= {"ANONYMIZER_KEY": SECRET, "PYSPARK_PYTHON": sys.executable}
    expected = anonymize(frame, rules("kept")).sort("row")
    draw, wrong, killed, seconds = random.Random(given.seed), Counter[str](), 0, list[float]()
    with cluster(folder, {"ANONYMIZER_KEY": SECRET}) as made:
        spark = session(made, folder / "events")
        target = folder / "masked"
        alone = {}
        for order in ("kept", "shuffled"):
            writing(spark, folder / "raw", target, order)  # workers of Python start
            alone[order] = writing(spark, folder / "raw", target, order)
            wrong += faults(target, expected)
        while len(seconds) < given.runs:
            run = len(seconds)
            order = ("kept", "shuffled")[run % 2]
            shutil.rmtree(target)
            after = draw.uniform(0, alone[order] * 0.8)
            killer = Killer(made, target, after, several=run % 5 == 4)
            killer.start()
            started = time.monotonic()
            rows = masked(spark, folder / "raw", target, order)
            took = time.monotonic() - started
            killer.join()
            wrong += faults(target, expected) + Counter({"wrong counts": int(rows != given.rows)})
            told = f"{run:3} {order:8} {after:5.2f} s: {killer.killed} killed, {took:.1f} s"
            print(f"{told}; faults until here: {dict(wrong) or 'none'}", flush=True)
            if killer.killed:  # else the job was done before
                killed += killer.killed
                seconds.append(took)
        spark.stop()
    print(f"\n{given.rows:,} rows in {FILES} tasks, {given.runs} runs, {killed} executors killed")
    print(f"seconds of writing alone: {alone}; of a run {statistics.median(seconds):.1f}")
    print(f"tasks: {dict(outcomes(folder / 'events'))}")
    print(f"faults: {dict(wrong) or 'none'}")


if __name__ == "__main__":
    main()
