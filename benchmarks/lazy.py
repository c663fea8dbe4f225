"""A masked LazyFrame against the scan that it is made of, and against `mask_file`.

    python -m benchmarks.lazy FOLDER [--rows 5_000_000] [--runs 3]

First what is asked of the table of `benchmarks/masking.py`, from the scan and from the scan that
`anonymize` masked with the same rules, that call included: columns that stay as they are, some rows
by such a column, the first rows. Then the whole table and some single masks, written by
`sink_parquet` of the masked LazyFrame and by `mask_file`, with one codec. Each measurement runs in
a process of its own, alternating: the median seconds of the processor and, of the files, the most
memory. With `PYTHONPATH=CHECKOUT` another checkout is measured.
"""

import argparse
import multiprocessing
import resource
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from anonymizer import anonymize, mask_file
from anonymizer.errors import PrivacyWarning
from benchmarks.masking import KEY, RULES, orders

CODEC: dict[str, Any] = {"compression_level": 1, "row_group_size": 128 * 1024}  # of `mask_file`
ASKED: dict[str, Callable[[pl.LazyFrame], pl.LazyFrame]] = {
    "select an integer": lambda frame: frame.select("quantity"),
    "select a text": lambda frame: frame.select("item"),
    "filter by it": lambda frame: frame.filter(pl.col("item") == "item-7").select("quantity"),
    "filter, masked": lambda frame: frame.filter(pl.col("item") == "item-7"),
    "head, masked": lambda frame: frame.head(10),
}
SINGLE: dict[str, dict[str, Any]] = {
    "token": {"customer_id": "token"},
    "pseudonym": {"name": {"mask": "pseudonym", "kind": "name"}},
    "token of text": {"email": "token"},
    "region": {"address": {"mask": "region", "country": "GB"}},
    "region, world": {"address": {"mask": "region", "country": "world"}},
    "partial": {"card": {"mask": "partial", "last": 4}},
    "encrypt": {"phone": "encrypt"},
    "rare": {"item": {"mask": "rare", "k": 5}},
}


def rules_of(name: str) -> dict[str, Any]:
    """All masks of the table, or a single one beside the entity and a column that stays."""
    kept: dict[str, Any] = {**RULES, "order": "kept", "batches": "accepted"}
    if name == "the whole table":
        return kept
    columns = {"customer_id": "token", "quantity": "keep", **SINGLE[name]}
    return kept | {"unlisted": "drop", "columns": columns}


def _median(work: Callable[[], object], runs: int = 7) -> float:
    seconds = []
    for _ in range(runs):
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
    return statistics.median(seconds[1:])  # the first reads what stays in memory


def alone(work: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """What work gives in a process of its own, and the most gigabytes that it took."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments), pool.apply(_gigabytes)


def _gigabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def asked(source: Path, name: str) -> tuple[float, float]:
    """Seconds of a question to the scan, and to the masked one."""
    warnings.simplefilter("ignore", PrivacyWarning)
    query, scan, rules = ASKED[name], pl.scan_parquet(source), rules_of("the whole table")
    plain = _median(lambda: query(scan).collect())
    return plain, _median(lambda: query(anonymize(scan, rules, key=KEY)).collect())


def by_file(source: Path, target: Path, name: str) -> float:
    """Seconds of `mask_file`."""
    warnings.simplefilter("ignore", PrivacyWarning)
    started = time.process_time()
    mask_file(source, target, rules_of(name), key=KEY, overwrite=True)
    return time.process_time() - started


def by_frame(source: Path, target: Path, name: str) -> float:
    """Seconds of the masked LazyFrame."""
    warnings.simplefilter("ignore", PrivacyWarning)
    started = time.process_time()
    masked = anonymize(pl.scan_parquet(source), rules_of(name), key=KEY)
    masked.sink_parquet(target, engine="streaming", **CODEC)
    return time.process_time() - started


def main() -> None:
    """Make the input once, measure in turn, print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    source, target = given.folder / f"orders-{given.rows}.parquet", given.folder / "out.parquet"
    if not source.exists():
        alone(orders, source, given.rows)
    print(f"{given.rows:,} rows\n| asked | scan | masked | ratio |\n|---|---|---|---|")
    for name in ASKED:
        runs = [alone(asked, source, name)[0] for _ in range(given.runs)]
        plain, masked = (statistics.median(each) for each in zip(*runs, strict=True))
        print(f"| {name} | {plain:.4f} s | {masked:.4f} s | {masked / plain:.2f} |", flush=True)
    print("\n| rules | mask_file | LazyFrame | ratio | memory |\n|---|---|---|---|---|")
    for name in ["the whole table", *SINGLE]:
        pairs = [
            [alone(job, source, target, name) for job in (by_file, by_frame)]
            for _ in range(given.runs)
        ]
        columns = list(zip(*pairs, strict=True))
        file, frame = (statistics.median(seconds for seconds, _ in each) for each in columns)
        told = ", ".join(f"{max(gigabytes for _, gigabytes in each):.2f}" for each in columns)
        print(
            f"| {name} | {file:.2f} s | {frame:.2f} s | {frame / file:.2f} | {told} GB |",
            flush=True,
        )


if __name__ == "__main__":
    main()
