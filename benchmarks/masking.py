"""Nine masks, Parquet to Parquet, against Polars copying the same file.

    python benchmarks/masking.py FOLDER [--table orders] [--rows 10_000_000] [--runs 3]
        [--former CHECKOUT]

Tables, made up from a fixed seed: `orders`, of which each customer has about 50 lines;
`heavy_tail`, of a tenth as many customers as lines, a million at most, most with few lines and some
with thousands;
`persons`, in which every row is another person. Each measurement runs in a process of its own,
alternating; ratios are of medians. The copy is measured at Polars' defaults and at the codec and
level that the masked file has. `--former` measures the masked file of another checkout as well.
"""

import argparse
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from anonymizer.errors import PrivacyWarning
from anonymizer.masking.run.files import mask_file

ZSTD_LEVEL = 1
MOST_CUSTOMERS = 1_000_000
KEY = "a key for benchmarks only: 7f3a91c5e2"
TOWNS = [
    ("London", "SW1A 2AA"),
    ("Leeds", "LS1 1UR"),
    ("Cardiff", "CF10 3NP"),
    ("Perth", "PH1 5TA"),
]
PERSONAL = {
    "customer_id": {"mask": "token", "domain": "customer", "prefix": "C"},
    "name": {"mask": "pseudonym", "kind": "name"},
    "email": {"mask": "pseudonym", "kind": "email"},
    "phone": {"mask": "pseudonym", "kind": "phone"},
    "birth_date": {"mask": "age", "on": "2025-01-01"},
    "card": {"mask": "partial", "last": 4},
}
SHIFT = {"mask": "date_shift", "days": 30}
RULES = {
    "version": 1,
    "entity": "customer_id",
    "columns": {
        **PERSONAL,
        "address": {"mask": "region", "country": "GB"},
        "order_time": SHIFT,
        "amount": {"mask": "round", "to": 1},
        "item": "keep",
        "quantity": "keep",
    },
}
PERSONS_RULES = {
    "version": 1,
    "entity": "customer_id",
    "columns": {
        **PERSONAL,
        "address": {"mask": "region", "country": "US"},
        "joined": SHIFT,
        "ip": "ip",
        "plan": "keep",
        "visits": "keep",
    },
}
US_PLACES = [
    ("Portland", "OR", 97201),
    ("Springfield", "IL", 62701),
    ("Austin", "TX", 78701),
    ("Boston", "MA", 2108),
    ("Denver", "CO", 80202),
]


class Table(NamedTuple):
    """A table made up for this benchmark.

    Attributes:
        make: writes so many rows to a path.
        rules: by which it is masked.
    """

    make: Callable[[Path, int], None]
    rules: dict[str, object]


def orders(path: Path, rows: int) -> None:
    """An e-commerce table of 11 columns, sorted by time as logs are; 50 lines a customer."""
    rng = np.random.default_rng(0)
    write_orders(path, rng.integers(1, rows // 50 + 2, rows), rng)


def heavy_tail(path: Path, rows: int) -> None:
    """The same columns; the lines of customers, a million at most, follow a log-normal law."""
    rng = np.random.default_rng(0)
    shares = rng.lognormal(0.0, 1.5, min(rows // 10, MOST_CUSTOMERS))
    customer = rng.choice(len(shares), rows, p=shares / shares.sum()) + 1
    write_orders(path, customer, rng)


def write_orders(path: Path, customers: npt.NDArray[np.int64], rng: np.random.Generator) -> None:
    """The columns of orders for the customers of their lines; text is made while it is written."""
    rows = len(customers)
    town = pl.Series([f"Flat {i % 90}, {name} {code}" for i in range(360) for name, code in TOWNS])
    customer = pl.col("customer_id")
    number = customer.cast(pl.String)
    numbers = {
        "customer_id": customers,
        "order_time": np.sort(rng.integers(0, 2 * 365 * 86_400_000_000, rows)),
        "amount": rng.gamma(2.0, 12.0, rows).round(2),
        "item": rng.integers(0, 4000, rows),
        "quantity": rng.integers(1, 12, rows),
    }
    pl.LazyFrame(numbers).select(
        customer,
        name="Customer " + number,
        email="c" + number + "@shop.example",
        phone="+4420" + number.str.zfill(8),
        address=pl.lit(town).gather(customer % len(town)),
        birth_date=(customer % 25_000).cast(pl.Int32).cast(pl.Date),
        order_time=pl.col("order_time").cast(pl.Datetime("us")),
        card="4000" + number.str.zfill(12),
        amount="amount",
        item="item-" + pl.col("item").cast(pl.String),
        quantity="quantity",
    ).sink_parquet(path, engine="streaming")


def persons(path: Path, rows: int) -> None:
    """A customers' table of 11 columns: each row is another person, and nearly no value repeats."""
    rng = np.random.default_rng(0)
    number = pl.Series("customer_id", rng.permutation(rows) + 1)
    text, octet = number.cast(pl.String), pl.Series(rng.integers(1, 255, rows)).cast(pl.String)
    places = pl.Series([f" Oak Street, {town}, {state} " for town, state, _ in US_PLACES])
    codes = pl.Series([code for _, _, code in US_PLACES])
    place = number % len(US_PLACES)
    pl.select(
        number,
        name="Customer " + text,
        email="c" + text + "@shop.example",
        phone="+1415" + text.str.zfill(8),
        address=text
        + places.gather(place)
        + (codes.gather(place) + number % 90).cast(pl.String).str.zfill(5),
        birth_date=(number % 25_000).cast(pl.Int32).cast(pl.Date),
        joined=pl.Series(rng.integers(0, 2 * 365 * 86_400_000_000, rows)).cast(pl.Datetime("us")),
        card="4000" + text.str.zfill(12),
        ip=pl.concat_str(
            "10." + (number // 65_536 % 256).cast(pl.String),
            (number // 256 % 256).cast(pl.String) + "." + octet,
            separator=".",
        ),
        plan=pl.Series(["basic", "family", "business"]).gather(number % 3),
        visits=pl.Series(rng.integers(0, 400, rows)),
    ).write_parquet(path)


TABLES = {
    "orders": Table(orders, RULES),
    "heavy_tail": Table(heavy_tail, RULES),
    "persons": Table(persons, PERSONS_RULES),
}


def copy(source: Path, target: Path, _rules: dict[str, object]) -> None:
    """What any masking of the file must do as well, as Polars does it unless told otherwise."""
    pl.scan_parquet(source).sink_parquet(target, engine="streaming")


def copy_alike(source: Path, target: Path, _rules: dict[str, object]) -> None:
    """The same at the compression level that masked files have."""
    pl.scan_parquet(source).sink_parquet(target, compression_level=ZSTD_LEVEL, engine="streaming")


def kept(source: Path, target: Path, rules: dict[str, object]) -> None:
    """What this library does where rows may stay in their order."""
    mask_file(source, target, rules | {"order": "kept"}, key=KEY, overwrite=True)


def masked(source: Path, target: Path, rules: dict[str, object]) -> None:
    """What this library does: rows are shuffled, as times move."""
    mask_file(source, target, rules, key=KEY, overwrite=True)


JOBS = {job.__name__: job for job in (copy, copy_alike, kept, masked)}


def one(job: str, table: str, source: Path, target: Path) -> None:
    """One job in this process; prints seconds, seconds of CPU and peak memory in GB."""
    warnings.simplefilter("ignore", PrivacyWarning)
    start = time.perf_counter()
    JOBS[job](source, target, TABLES[table].rules)
    seconds, used = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    print(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20)


def measure(job: str, table: str, source: Path, target: Path, checkout: Path) -> list[float]:
    """What `one` prints, in a fresh process that imports the library of a checkout."""
    given = ["--one", job, "--table", table, "--source", str(source)]
    done = subprocess.run(
        [sys.executable, __file__, str(target.parent), *given],
        env=os.environ | {"PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=True,
    )
    return [float(figure) for figure in done.stdout.split()]


def main() -> None:
    """Make the input once, measure in turn, print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--table", choices=TABLES, default="orders")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--former", type=Path)
    parser.add_argument("--one", choices=JOBS, help=argparse.SUPPRESS)
    parser.add_argument("--source", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    target = given.folder / "out.parquet"
    if given.one:
        one(given.one, given.table, given.source, target)
        return
    given.folder.mkdir(parents=True, exist_ok=True)
    source = given.folder / f"{given.table}-{given.rows}.parquet"
    if not source.exists():
        # In a process of its own: what a process starts inherits the peak of its memory on Linux.
        maker = multiprocessing.get_context("spawn").Process(
            target=TABLES[given.table].make, args=(source, given.rows)
        )
        maker.start()
        maker.join()
    here = Path(__file__).parents[1]
    jobs = {(job, ""): here for job in JOBS}
    jobs |= {(job, " before"): given.former for job in ("kept", "masked") if given.former}
    runs = [
        {job: measure(job[0], given.table, source, target, at) for job, at in jobs.items()}
        for _ in range(given.runs)
    ]
    print(
        f"{given.table}: {given.rows:,} rows × 11 columns, {source.stat().st_size / 2**20:.0f} MB"
    )
    bases = [statistics.median(run[base, ""][0] for run in runs) for base in ("copy", "copy_alike")]
    for job in jobs:
        seconds, cpu = (statistics.median(run[job][place] for run in runs) for place in (0, 1))
        memory = max(run[job][2] for run in runs)
        ratios = " ".join(f"{seconds / base:6.2f} ×" for base in bases)
        name = "".join(job)
        print(f"{name:<14} {seconds:7.2f} s {cpu:7.2f} s of CPU {ratios} {memory:6.2f} GB")


if __name__ == "__main__":
    main()
