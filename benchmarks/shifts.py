"""How many shifts of times are guessed from what stands beside the cells, before and after.

    python benchmarks/shifts.py DATA

For each table the rows are sorted by their true time, as exports are, and times move by up to 30
days. Attacked are the order of the rows of one file, a delivery of one day, and a folder with a
partition for each day. *Before* is what rules give that keep the order and accept batches.
"""

import argparse
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from anonymizer import PrivacyWarning, anonymize, demo, mask_file
from anonymizer.checks.attacks.shifts import by_group, by_order_found, share_right, true_shifts
from anonymizer.errors import SchemaError

KEY = "a key for benchmarks only: 7f3a91c5e2"
SHIFT = {"mask": "date_shift", "days": 30}
OPEN = {"order": "kept", "batches": "accepted"}  # rules that let everything pass
DAY = "true_day"


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


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def main() -> None:
    """Attack every table, and print a row for each attack."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    warnings.simplefilter("ignore", PrivacyWarning)
    for log in logs(parser.parse_args().data):
        with tempfile.TemporaryDirectory() as folder:
            attack = Attack(log, Path(folder))
            who = f"| {log.name}, {log.rows[log.who].n_unique():,} people"
            print(f"{who} | order | {attack.order(**OPEN)} | {attack.order()} |")
            cut = attack.order(truncate=True, **OPEN), attack.order(truncate=True)
            print(f"{who} | order, truncate | {cut[0]} | {cut[1]} |")
            print(f"{who} | delivery of a day | {attack.delivery(**OPEN)} | {attack.delivery()} |")
            print(f"{who} | partition by day | {attack.partition(**OPEN)} | {attack.partition()} |")


if __name__ == "__main__":
    main()
