"""Unicity of real histories: time and memory, before and after masking, and rotating tokens.

    python benchmarks/unicity.py FOLDER [--rules FILE]

FOLDER holds `online_retail.parquet` (UCI Online Retail, CC BY 4.0) and `fraud_handbook.parquet`
(Fraud Detection Handbook); what is missing is left out. `--rules` adds a rule file for the columns
of online_retail to those that are compared. Every time is measured in a process of its own, from
the frame in memory to the figures, and the peak is that process's, the data included.
"""

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from anonymizer import anonymize
from anonymizer.checks.attacks.fingerprints import fingerprints
from anonymizer.checks.attacks.unicity import matched_unicity, unicity
from anonymizer.checks.attacks.windows import link_windows
from anonymizer.checks.figures.statistics import Estimate

KEY = "a key for benchmarks only: 7f3a91c5e2"
EVENTS = 500_000
RETAIL = "online_retail.parquet"
FRAUD = "fraud_handbook.parquet"

# What the pack `ecommerce` does, for the columns that online_retail has.
PACK = {
    "CustomerID": {"mask": "token", "domain": "customer", "prefix": "C"},
    "InvoiceNo": {"mask": "token", "domain": "order"},
    "InvoiceDate": {"mask": "date_shift", "days": 30},
    "StockCode": "keep",
    "Description": "keep",
    "Quantity": "keep",
    "UnitPrice": "keep",
    "Country": "keep",
}

# Each step takes away what the one before it leaves.
STEPS: dict[str, dict[str, Any]] = {
    "pack": {},
    "months, no orders": {
        "InvoiceNo": "drop",
        "InvoiceDate": {"mask": "date_truncate", "to": "month"},
        "Description": "drop",
    },
    "quarters": {"InvoiceDate": {"mask": "date_truncate", "to": "quarter"}},
    "no amounts": {
        "Quantity": "drop",
        "UnitPrice": "drop",
        "Country": {"mask": "rare", "k": 50},
    },
    "items of 200 customers": {"StockCode": {"mask": "rare", "k": 200}},
    "items of 300 customers": {"StockCode": {"mask": "rare", "k": 300}},
    "no items": {"StockCode": "drop"},
}


def rules(steps: Iterable[str]) -> dict[str, Any]:
    """The pack with all changes up to a step."""
    columns: dict[str, Any] = dict(PACK)
    for step in steps:
        columns |= STEPS[step]
    return {"version": 1, "entity": "CustomerID", "columns": columns}


def shown(estimate: Estimate) -> str:
    """In percent, with its interval where it has one."""
    value = f"{estimate.value:6.1%}"
    if estimate.low == estimate.high:
        return f"{value}              "
    return f"{value} ({estimate.low:5.1%}-{estimate.high:5.1%})"


def line(name: str, estimates: Iterable[Estimate]) -> None:
    """One row of a table."""
    print(f"  {name:34}", "  ".join(shown(each) for each in estimates), flush=True)


def events(folder: Path, what: str) -> tuple[pl.DataFrame, str, list[str]]:
    """500,000 events, whose they are, and what is known of them."""
    table, *known = what.split(",")
    if table == "fraud":
        data = pl.read_parquet(folder / FRAUD).head(EVENTS)
        return data.with_columns(day=pl.col("TX_DATETIME").dt.date()), "CUSTOMER_ID", known
    data = pl.read_parquet(folder / RETAIL).drop_nulls("CustomerID")
    more = data.with_columns(pl.col("CustomerID") + 100_000)  # other people with the same habits
    day = pl.col("InvoiceDate").dt.date()
    return pl.concat([data, more]).head(EVENTS).with_columns(day=day), "CustomerID", known


def timed(folder: Path, what: str) -> None:
    """The measured process."""
    frame, entity, known = events(folder, what)
    start = time.perf_counter()
    found = unicity(frame, entity, known)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    line(f"{what}: {seconds:.2f} s, {peak:.2f} GB", (each.share for each in found))


def times(folder: Path) -> None:
    """Each in a process of its own."""
    print(f"\nunicity of {EVENTS:,} events at p = 1 ... 5: seconds and peak memory")
    tables = {"fraud": FRAUD, "retail": RETAIL}
    for what in ("fraud,day", "fraud,TERMINAL_ID", "fraud,day,TERMINAL_ID", "retail,day,StockCode"):
        if (folder / tables[what.split(",")[0]]).exists():
            command = [sys.executable, __file__, str(folder), "--timed", what]
            subprocess.run(command, check=True)


def seen(frame: pl.DataFrame) -> pl.DataFrame:
    """With the day beside the second, where there still is one."""
    return frame.with_columns(day=pl.col("InvoiceDate").dt.date())


KNOWLEDGE = {
    "day": ["day"],
    "item": ["StockCode"],
    "day, item": ["day", "StockCode"],
    "second, item": ["InvoiceDate", "StockCode"],
    "all of a line": ["InvoiceDate", "StockCode", "Quantity", "UnitPrice", "Country"],
}


def knowledges(raw: pl.DataFrame) -> None:
    """What is known matters more than how much of it."""
    print("\nonline_retail as it is, by what is known of a line, p = 1 ... 5")
    for name, known in KNOWLEDGE.items():
        found = unicity(seen(raw), "CustomerID", known)
        line(name, (each.share for each in found))
        line("  of those with p events", (each.full for each in found))
    found = fingerprints(seen(raw), "CustomerID", "day")
    line("gaps in days, p = 2 ... 5", (each.share for each in found))
    line("  of those with p days", (each.full for each in found))


def masked(raw: pl.DataFrame, extra: Path | None) -> None:
    """The pack, and what is taken away after it, at p = 4."""
    print("\nonline_retail at p = 4, by day and item, and by all that is published of a line")
    compare("as it is", raw)
    names = list(STEPS)
    ways = [(name, rules(names[: number + 1])) for number, name in enumerate(names)]
    ways += [(extra.name, str(extra))] if extra else []
    for name, way in ways:
        result = anonymize(raw, way, key=KEY)
        compare(name, result)
        if name == "pack":
            found_by_true_days(raw, result)


def compare(name: str, result: pl.DataFrame) -> None:
    """Two attackers: who knows day and item as published, and who knows whole lines."""
    result = seen(result)
    known = [column for column in ("day", "StockCode") if column in result.columns]
    published = [c for c in result.columns if c not in {"CustomerID", "day"}]
    line(name, (unicity(result, "CustomerID", each, [4])[0].share for each in (known, published)))
    if "StockCode" in result.columns:
        kept = float((result["StockCode"] != "OTHER").mean())  # type: ignore[arg-type]
        print(f"  {'':34} lines with their item {kept:.0%}")


def found_by_true_days(raw: pl.DataFrame, result: pl.DataFrame) -> None:
    """What the shift is for: the attacker knows days as they were."""
    true = seen(raw).with_columns(person="CustomerID")
    published = seen(result).with_columns(person=raw["CustomerID"])
    for known in (["day", "StockCode"], ["StockCode"]):
        found = matched_unicity(true, published, "person", known, [4], token="CustomerID")[0]
        line(f"  true {', '.join(known)}: right, wrong", (found.right, found.wrong))


def rotating(data: pl.DataFrame, entity: str, moment: str, known: list[str]) -> None:
    """How many tokens behaviour finds in the next window."""
    for window in ("month", "quarter"):
        token = {"mask": "token", "window": window, "time": moment}
        way = {"version": 1, "unlisted": "keep", "columns": {entity: token}}
        tokens = anonymize(data, way, key=KEY)[entity]
        start = time.perf_counter()
        found = link_windows(data.with_columns(token=tokens), entity, "token", moment, known)
        seconds = time.perf_counter() - start
        what = f"{found.windows} windows, {found.tokens:,} tokens, {seconds:.1f} s"
        line(f"{window}: {what}", [found.share])
        print(f"  {'':34} chance {found.chance:.2%}")


def main() -> None:
    """Whatever the folder holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rules", type=Path)
    parser.add_argument("--timed", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.timed:
        timed(given.folder, given.timed)
        return
    times(given.folder)
    if (given.folder / RETAIL).exists():
        raw = pl.read_parquet(given.folder / RETAIL).drop_nulls("CustomerID")
        knowledges(raw)
        masked(raw, given.rules)
        print("\nrotating tokens, online_retail: found again in the next window")
        known = ["StockCode", "Quantity", "UnitPrice", "Country"]
        rotating(raw, "CustomerID", "InvoiceDate", known)
    if (given.folder / FRAUD).exists():
        print("\nrotating tokens, Fraud Detection Handbook: found again in the next window")
        data = pl.read_parquet(given.folder / FRAUD)
        rotating(data, "CUSTOMER_ID", "TX_DATETIME", ["TERMINAL_ID", "TX_AMOUNT"])


if __name__ == "__main__":
    main()
