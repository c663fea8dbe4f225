"""A gate against growing slow: the main ratios in about five minutes, and what none may exceed.

    python -m benchmarks.gate [--only NAME ...] [--keep]

Each gauge compares two pieces of work in a process of its own, taking turns; its figure is the
ratio of their medians, which holds on machines of other speeds. A ratio beyond its bound fails.
Bounds leave room for noise: about a third above what was measured when they were set. With `--keep`
the ratios are written to `gate.json`. It is no test of CI: a machine that does other work besides
tells little.
"""

import argparse
import json
import multiprocessing
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl

from anonymizer import SequenceModel, anonymize, mask_file
from anonymizer.errors import PrivacyWarning
from benchmarks.masking import KEY, TABLES, copy_alike

KEPT: Final = Path(__file__).with_name("gate.json")
RUNS: Final = 5
Work = Callable[[], object]
Pair = tuple[Work, Work]  # what is measured, and what it is compared with


def files(table: str, rows: int) -> Callable[[Path], Pair]:
    """The file command, and a copy at the same level."""

    def prepare(folder: Path) -> Pair:
        source, target = folder / "in.parquet", folder / "out.parquet"
        TABLES[table].make(source, rows)
        rules = TABLES[table].rules | {"order": "kept"}
        masked = lambda: mask_file(source, target, rules, key=KEY, overwrite=True)  # noqa: E731
        return masked, lambda: copy_alike(source, target, rules)

    return prepare


def sunk(folder: Path) -> Pair:
    """A masked scan that is written, and the file command."""
    source, target = folder / "in.parquet", folder / "out.parquet"
    TABLES["orders"].make(source, 2_000_000)
    rules = TABLES["orders"].rules | {"order": "kept", "batches": "accepted"}

    def sink() -> None:
        masked = anonymize(pl.scan_parquet(source), rules, key=KEY)
        masked.sink_parquet(target, compression_level=1, row_group_size=128 * 1024)

    return sink, lambda: mask_file(source, target, rules, key=KEY, overwrite=True)


def untouched(folder: Path) -> Pair:
    """A column that is kept, of a masked scan and of the scan."""
    source = folder / "in.parquet"
    TABLES["orders"].make(source, 5_000_000)
    scan, rules = pl.scan_parquet(source), TABLES["orders"].rules | {"batches": "accepted"}
    masked = anonymize(scan, rules, key=KEY)
    return masked.select("item").collect, scan.select("item").collect


def tokens(_folder: Path) -> Pair:
    """Four tokens of values that do not repeat, and as many unkeyed hashes by SHA-256."""
    number = pl.Series("a", np.random.default_rng(0).permutation(1_000_000))
    text = number.cast(pl.String)
    frame = pl.DataFrame([number]).with_columns(
        b="Customer " + text, c="c" + text + "@shop.example", d="+4420" + text.str.zfill(8)
    )
    rules = {"version": 1, "columns": dict.fromkeys("abcd", "token")}
    hashed: pl.Expr = pl.all().cast(pl.String).chash.sha2_256()  # type: ignore[attr-defined]  # (registered by polars-hash)
    return lambda: anonymize(frame, rules, key=KEY), lambda: frame.select(hashed)


def mask(rule: object, values: Callable[[pl.Series], pl.Series]) -> Callable[[Path], Pair]:
    """A mask of values that do not repeat, and a token of each."""

    def prepare(_folder: Path) -> Pair:
        numbers = pl.Series(np.random.default_rng(0).permutation(200_000))
        frame = values(numbers).alias("x").to_frame()

        def masked(by: object) -> Work:
            return lambda: anonymize(frame, {"version": 1, "columns": {"x": by}}, key=KEY)

        return masked(rule), masked("token")

    return prepare


def imported(_folder: Path) -> Pair:
    """A process that imports the library, and one that imports Polars."""

    def started(module: str) -> Work:
        return lambda: subprocess.run([sys.executable, "-c", f"import {module}"], check=True)

    return started("anonymizer"), started("polars")


def histories(people: int, events: int) -> pl.DataFrame:
    """Made-up purchases of some people, who each prefer a few items."""
    rng = np.random.default_rng(0)
    who = np.repeat(np.arange(people), events)
    item = (who * 7 + rng.integers(0, 6, len(who))) % 60
    day = np.sort(rng.integers(0, 700, (people, events)), axis=1).ravel()
    return pl.DataFrame({"who": who, "item": item, "day": day}).with_columns(
        pl.col("day").cast(pl.Int32).cast(pl.Date),
        pl.format("item-{}", "item").alias("item"),
        amount=pl.Series(rng.gamma(2.0, 10.0, len(who))).round(2),
    )


def reference(steps: int) -> Work:
    """What a machine takes for the products of an LSTM, without any of our own code."""
    import torch  # noqa: PLC0415 (slow to import)

    network = torch.nn.LSTM(64, 128, batch_first=True)

    def work() -> None:
        for _ in range(steps):
            network(torch.zeros(64, 32, 64))[0].sum().backward()

    return work


def fitted(_folder: Path) -> Pair:
    """Six epochs over 32,000 events, and an LSTM of torch over as many and as often."""
    events = histories(2_000, 16)
    return (
        lambda: SequenceModel.fit(events, entity="who", time="day", max_epochs=6),
        reference(6 * 32_000 // (64 * 32)),
    )


def sampled(_folder: Path) -> Pair:
    """The histories of 5,000 people, and an LSTM of torch that learns as many events."""
    model = SequenceModel.fit(histories(500, 16), entity="who", time="day", max_epochs=2)
    return lambda: model.sample(5_000, seed=1), reference(5_000 * 16 // (64 * 32))


class Gauge(NamedTuple):
    """Two pieces of work.

    Attributes:
        says: what is compared, in words.
        bound: the largest ratio that passes.
        prepare: makes both, in an empty folder.
    """

    says: str
    bound: float
    prepare: Callable[[Path], Pair]


def text_of(form: str) -> Callable[[pl.Series], pl.Series]:
    """Texts of a form in which numbers stand."""
    return lambda numbers: pl.select(pl.format(form, pl.lit(numbers))).to_series()


GAUGES: Final = {
    "persons": Gauge("nine masks ÷ copy, nobody twice", 9.0, files("persons", 1_000_000)),
    "heavy tail": Gauge("nine masks ÷ copy, orders", 4.5, files("heavy_tail", 2_000_000)),
    "sink": Gauge("masked scan, written ÷ file command", 1.1, sunk),
    "untouched": Gauge("kept column, masked scan ÷ scan", 2.7, untouched),
    "tokens": Gauge("four tokens ÷ SHA-256 unkeyed", 1.4, tokens),
    "fpe": Gauge("fpe ÷ token", 6.5, mask("fpe", text_of("4000-1234-56{}000"))),
    "ip": Gauge("ip ÷ token", 4.0, mask("ip", text_of("10.7.8.{}"))),
    "region": Gauge(
        "US regions ÷ token",
        2.0,
        mask({"mask": "region", "country": "US"}, text_of("{} Oak Street, Austin, TX 78701")),
    ),
    "world": Gauge(
        "countries ÷ token",
        8.0,
        mask(
            {"mask": "region", "country": "world"}, text_of("{} Rue de la Gare, 69001 Lyon, France")
        ),
    ),
    "scrub": Gauge(
        "texts with nothing in them, scrub ÷ token",
        115.0,
        mask("scrub", text_of("Parcel of row {} came late, please send a new one")),
    ),
    "import": Gauge("import anonymizer ÷ import polars", 0.5, imported),
    "fit": Gauge("six epochs ÷ LSTM of torch", 13.0, fitted),
    "sample": Gauge("sampling ÷ LSTM of torch", 10.0, sampled),
}


def ratio(name: str) -> float:
    """The ratio of the medians of a gauge, in this process; the first turn warms up."""
    warnings.simplefilter("ignore", PrivacyWarning)
    with tempfile.TemporaryDirectory() as folder:
        pair = GAUGES[name].prepare(Path(folder))
        turns = [[_seconds(work) for work in pair] for _ in range(RUNS + 1)][1:]
    ours, other = (statistics.median(times) for times in zip(*turns, strict=True))
    return float(ours / other)


def _seconds(work: Work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=GAUGES, default=list(GAUGES))
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args()
    kept: dict[str, Any] = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    found, beyond = dict[str, float](), 0
    for name in given.only:
        with multiprocessing.get_context("spawn").Pool(1) as pool:  # Polars must not be forked
            found[name] = round(pool.apply(ratio, (name,)), 3)
        gauge = GAUGES[name]
        beyond += (is_beyond := found[name] > gauge.bound)
        before = f"{kept[name]:8.2f} before" if name in kept else ""
        told = "BEYOND" if is_beyond else "within"
        print(f"{name:<11}{found[name]:8.2f} {told} {gauge.bound:6.2f} {before}  {gauge.says}")
    if given.keep:
        KEPT.write_text(json.dumps(kept | found, indent=1) + "\n", "utf-8")
    sys.exit(min(beyond, 1))


if __name__ == "__main__":
    main()
