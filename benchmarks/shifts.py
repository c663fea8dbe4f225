"""How many shifts of times are guessed from what stands beside the cells, before and after.

    python benchmarks/shifts.py [DATA]

For each table the rows are sorted by their true time, as exports are, and times move by up to 30
days. Attacked are the order of the rows of one file, a delivery of one day, and a folder with a
partition for each day. *Before* is what rules give that keep the order and accept batches.

Then, without data, a made-up store delivers a day each night, and whoever sees all deliveries with
their dates guesses from them, from the order of all rows, and from everybody's first masked day.
*Before* is what rules give that accept batches, *now* what those give that hold rows back.
"""

import argparse
import tempfile
import warnings
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from anonymizer import PrivacyWarning, anonymize, demo, fit_rules, mask_file
from anonymizer.checks.attacks.shifts import (
    by_group,
    by_order,
    by_order_found,
    share_right,
    true_shifts,
)
from anonymizer.errors import SchemaError

KEY = "a key for benchmarks only: 7f3a91c5e2"
SHIFT = {"mask": "date_shift", "days": 30}
OPEN = {"order": "kept", "batches": "accepted"}  # rules that let everything pass
DAY = "true_day"
PEOPLE, NIGHTS = 400, 120
OPENING = date(2024, 1, 1)  # the first night of the made-up store


class Log(NamedTuple):
    """A table: its name, its rows, and which columns say who and when."""

    name: str
    rows: pl.DataFrame
    who: str
    time: str

    def rules(self, *, truncate: bool = False, **more: Any) -> dict[str, Any]:
        """Rules that keep all but the entity, the time and what is a serial number."""
        columns = {self.who: "token", self.time: SHIFT | {"truncate": truncate}}
        rules = {"version": 1, "entity": self.who, "columns": columns, "unlisted": "keep"}
        return rules | more


def logs(data: Path) -> Iterator[Log]:
    """The tables, each sorted by time."""
    for name, file, who, time in (
        ("FoodMart", "foodmart_sales", "customer_id", "the_date"),
        ("Online Retail", "online_retail", "CustomerID", "InvoiceDate"),
        ("Sparkov", "sparkov_transactions", "cc_num", "trans_date_trans_time"),
    ):
        rows = pl.read_parquet(data / f"{file}.parquet").drop("InvoiceNo", strict=False)
        yield Log(name, rows.drop_nulls(who).sort(time, maintain_order=True), who, time)
    rows = demo.raw_table().select("customer_id", "order_time", "item", "quantity", "unit_price")
    yield Log("demo", rows.sort("order_time", maintain_order=True), "customer_id", "order_time")


class Attack:
    """What is done with one table."""

    def __init__(self, log: Log, folder: Path) -> None:
        self.log = log
        self.folder = folder
        whole = anonymize(log.rows, log.rules(), key=KEY)
        found = true_shifts(whole[log.who], log.rows[log.time], whole[log.time])
        if found is None:
            raise ValueError("times were not moved by a shift per entity")
        self.truth = found

    def order(self, **more: Any) -> str:
        """From one file."""
        out = self._file(self.log.rows, "all", **more)
        found = by_order_found(out[self.log.who], out[self.log.time], self.truth, seed=0)
        return f"{_percent(found.found.value)} (chance {_percent(found.chance)})"

    def delivery(self, **more: Any) -> str:
        """From the delivery of the day in the middle, by whoever knows the day."""
        day = self.log.rows[self.log.time].cast(pl.Date)
        middle = day[len(day) // 2]
        try:
            out = self._file(self.log.rows.filter(day == middle), "day", **more)
        except SchemaError:
            return "refused"
        moved = (pl.col(self.log.time).cast(pl.Date) - middle).dt.total_days()
        guesses = out.select(who=self.log.who, guess=moved.cast(pl.Float64)).unique("who")
        return _percent(share_right(guesses, self.truth)[0].value)

    def partition(self, **more: Any) -> str:
        """From a folder that has the true day as a key."""
        rows = self.log.rows.with_columns(pl.col(self.log.time).cast(pl.Date).alias(DAY))
        try:
            out = self._file(rows, "by-day", **more)
        except SchemaError:
            return "refused"
        guesses = by_group(out[self.log.who], out[self.log.time], out[DAY].cast(pl.String))
        return _percent(share_right(guesses, self.truth)[0].value)

    def _file(self, rows: pl.DataFrame, name: str, **more: Any) -> pl.DataFrame:
        raw, out = (self.folder / f"{name}-{side}.parquet" for side in ("raw", "masked"))
        rows.write_parquet(raw)
        mask_file(raw, out, self.log.rules(**more), key=KEY, overwrite=True)
        return pl.read_parquet(out)


class Store:
    """A made-up one: purchases of people who come now and then, delivered night by night."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        random = np.random.default_rng(0)
        visits = random.poisson(random.gamma(1.5, 0.12, PEOPLE) + 0.02, (2 * NIGHTS, PEOPLE))
        day, who = (each.repeat(visits.ravel()) for each in np.indices(visits.shape).reshape(2, -1))
        rows = pl.DataFrame({"who": who, "day": day - NIGHTS})
        rows = rows.with_columns(day=pl.lit(OPENING) + pl.duration(days="day"))
        self.log = Log("made-up store", rows, "who", "day")
        self.before = rows.filter(pl.col("day") < OPENING)
        self.rows = rows.filter(pl.col("day") >= OPENING)
        whole = anonymize(self.rows, self.log.rules(), key=KEY)
        self.truth = true_shifts(whole["who"], self.rows["day"], whole["day"])

    def delivered(self, batches: str, *, truncate: bool, **more: Any) -> pl.DataFrame:
        """What is delivered in all nights, and in which, by rules that know the time before."""
        rules = self.log.rules(truncate=truncate, batches=batches)
        fitted, out = fit_rules(self.before, rules, key=KEY), []
        for night, rows in enumerate(self.rows.partition_by("day", maintain_order=True)):
            raw, masked = (self.folder / f"{batches}-{night}-{side}.parquet" for side in "rm")
            rows.write_parquet(raw)
            mask_file(raw, masked, fitted, key=KEY, **more)
            out.append(pl.read_parquet(masked).with_columns(night=pl.lit(night)))
        return pl.concat(out)

    def attacked(self, rows: pl.DataFrame) -> Iterator[tuple[str, str]]:
        """Each attack, and the share of people whose shift it finds."""
        who, time = rows["who"], rows["day"]
        for name, guesses in (
            ("nights of delivery", by_group(who, time, rows["night"])),
            ("order of all rows", by_order(who, time)),
            ("first masked days", self._by_first(rows)),
        ):
            yield name, _percent(share_right(guesses, self.truth)[0].value)

    def _by_first(self, rows: pl.DataFrame) -> pl.DataFrame:
        """By whoever knows when the store opened, and takes half a usual gap off."""
        day = (pl.col("day") - OPENING).dt.total_days()
        each = rows.group_by("who").agg(first=day.min(), last=day.max(), gaps=pl.len() - 1)
        gap = ((pl.col("last") - pl.col("first")) / pl.col("gaps")).fill_nan(0)
        return each.select("who", guess=(pl.col("first") - gap / 2).clip(-30, 30))


def _chance(shifts: pl.Series) -> float:
    """The share of shifts within two days of the best guess that is the same for everybody."""
    return max(float(((shifts - guess).abs() <= 2).mean()) for guess in range(-30, 31))


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def main() -> None:
    """Attack every table, and print a row for each attack."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?")
    warnings.simplefilter("ignore", PrivacyWarning)
    data = parser.parse_args().data
    for log in logs(data) if data else ():
        with tempfile.TemporaryDirectory() as folder:
            attack = Attack(log, Path(folder))
            who = f"| {log.name}, {log.rows[log.who].n_unique():,} people"
            print(f"{who} | order | {attack.order(**OPEN)} | {attack.order()} |")
            cut = attack.order(truncate=True, **OPEN), attack.order(truncate=True)
            print(f"{who} | order, truncate | {cut[0]} | {cut[1]} |")
            print(f"{who} | delivery of a day | {attack.delivery(**OPEN)} | {attack.delivery()} |")
            print(f"{who} | partition by day | {attack.partition(**OPEN)} | {attack.partition()} |")
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        chance = _chance(store.truth["truth"])
        before = store.attacked(store.delivered("accepted", truncate=False))
        state = Path(folder, "state")
        now = store.attacked(store.delivered("held_back", truncate=True, state=state))
        for (name, found), (_, left) in zip(before, now, strict=True):
            who = f"| {store.log.name}, {PEOPLE} people, {NIGHTS} nights"
            print(f"{who} | {name} | {found} | {left} (chance {_percent(chance)}) |")


if __name__ == "__main__":
    main()
