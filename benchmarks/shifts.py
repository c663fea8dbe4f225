"""How many shifts of times are guessed from what stands beside the cells, before and after.

    python benchmarks/shifts.py DATA

For each table the rows are sorted by their true time, as exports are, and times move by up to 30
days. Attacked are the order of the rows of one file, a folder with a partition for each day, and
one with a name for each day's batch, of which 2 % are unknown. *Before* is what rules give that
keep the order and accept batches. The days on which people came no order hides: there the second
column is of those who came on ten days.

Of what follows, *before* is a lazy frame, of which nothing is learned: a delivery of one day, one
in which 1.2 % came late, one of lists, and a row that everybody has on one day beside the others.
Last comes, without a shift, a table of customers by their numbers.
"""

import argparse
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from anonymizer import PrivacyWarning, anonymize, demo, mask_file
from anonymizer.checks.attacks.shifts import (
    by_calendar_found,
    by_group,
    by_order_found,
    share_right,
    true_shifts,
)
from anonymizer.errors import SchemaError

KEY = "a key for benchmarks only: 7f3a91c5e2"
SHIFT = {"mask": "date_shift", "days": 30}
OPEN = {"order": "kept", "batches": "accepted"}  # rules that let everything pass
DAY = "true_day"
ONE_DAY = pl.date(2011, 6, 15)  # of a delivery, and of what everybody has


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
        self.whole = anonymize(log.rows, log.rules(), key=KEY)
        found = true_shifts(self.whole[log.who], log.rows[log.time], self.whole[log.time])
        if found is None:
            raise ValueError("times were not moved by a shift per entity")
        self.truth = found

    def order(self, **more: Any) -> str:
        """From one file."""
        out = self._file(self.log.rows, "all", **more)
        found = by_order_found(out[self.log.who], out[self.log.time], self.truth, seed=0)
        return f"{_percent(found.found.value)} (chance {_percent(found.chance)})"

    def calendar(self, days: int = 1) -> str:
        """From how busy true days were, in any order; of people who came on so many days."""
        who = self.whole[self.log.who]
        times = self.log.rows[self.log.time], self.whole[self.log.time]
        came = (
            pl.DataFrame([who, times[0].cast(pl.Date)])
            .group_by(who.name)
            .agg(pl.col(self.log.time).n_unique())
        )
        often = came.filter(pl.col(self.log.time) >= days)[who.name]
        truth = self.truth.filter(pl.col("who").is_in(often.implode()))
        if len(truth) < 2:
            return "nobody"
        found = by_calendar_found(who, *times, truth, seed=0)
        return f"{_percent(found.found.value)} of {found.entities:,}"

    def partition(self, **more: Any) -> str:
        """From a folder that has the true day as a key."""
        rows = self.log.rows.with_columns(pl.col(self.log.time).cast(pl.Date).alias(DAY))
        try:
            out = self._file(rows, "by-day", **more)
        except SchemaError:
            return "refused"
        guesses = by_group(out[self.log.who], out[self.log.time], out[DAY].cast(pl.String))
        return _percent(share_right(guesses, self.truth)[0].value)

    def deliveries(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """Rows of one day, with one for each person."""
        who, time = self.log.who, self.log.time
        day = self.log.rows.group_by(who, maintain_order=True).last()
        late = pl.int_range(pl.len()) % 83 == 0
        lag = pl.duration(days=pl.int_range(pl.len()) % 200)
        day = day.with_columns(ONE_DAY.cast(self.log.rows.schema[time]).alias(time))
        came_late = pl.when(late).then(pl.col(time) - lag).otherwise(time)
        yield "delivery of a day", day
        yield (
            "delivery, 1.2 % late",
            day.with_columns(came_late),
        )
        yield "delivery of lists", day.group_by(who).agg(pl.col(time).implode())
        rows = self.log.rows.select(who, time).with_columns(kind=pl.lit("other"))
        crowd = day.select(who, time, kind=pl.lit("all"))
        yield "a row that all have", pl.concat([rows, crowd])

    def known_day(self, rows: pl.DataFrame, *, guarded: bool) -> str:
        """By whoever knows the day of a delivery, or of what everybody has."""
        if guarded:
            try:
                out = self._file(rows, "known-day")
            except SchemaError:
                return "refused"
        else:
            out = anonymize(rows.lazy(), self.log.rules(), key=KEY).collect()
        out = out.filter(kind="all") if "kind" in out.columns else out
        out = out.explode(self.log.time) if out.schema[self.log.time] == pl.List else out
        moved = (self._time.cast(pl.Date) - ONE_DAY).dt.total_days().cast(pl.Float64)
        guesses = out.select(who=self.log.who, guess=moved).unique("who")
        return _percent(share_right(guesses, self.truth)[0].value)

    def batch(self, **more: Any) -> str:
        """From a kept name of each day's batch, which is unknown in 2 % of the rows."""
        name = self._time.cast(pl.Date).hash().cast(pl.String)
        unknown = pl.int_range(pl.len()) % 50 == 0
        batch = pl.when(unknown).then(pl.lit("UNKNOWN")).otherwise(name)
        try:
            out = self._file(self.log.rows.with_columns(batch.alias(DAY)), "batch", **more)
        except SchemaError:
            return "refused"
        days = self.log.rows.select(batch.alias(DAY), day=self._time.cast(pl.Date)).unique(DAY)
        known = out.join(days, on=DAY).filter(pl.col(DAY) != "UNKNOWN")
        guesses = by_group(known[self.log.who], known[self.log.time], known["day"].cast(pl.String))
        return _percent(share_right(guesses, self.truth)[0].value)

    def numbers(self, **more: Any) -> str:
        """The n-th customer by the n-th token, without any shift."""
        who = self.log.rows.select(pl.col(self.log.who).rank("dense").cast(pl.Int64)).unique()
        raw, out = self.folder / "numbers.parquet", self.folder / "numbers-out.parquet"
        who.sort(self.log.who).write_parquet(raw)
        rules = {"version": 1, "columns": {self.log.who: "token"}} | more
        mask_file(raw, out, rules, key=KEY, overwrite=True)
        tokens = anonymize(who.sort(self.log.who), rules, key=KEY)
        return _percent(float((tokens[self.log.who] == pl.read_parquet(out)[self.log.who]).mean()))

    @property
    def _time(self) -> pl.Expr:
        return pl.col(self.log.time)

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
            often = attack.calendar(), attack.calendar(days=10)
            print(f"{who} | calendar; of those with 10 days | {often[0]} | {often[1]} |")
            print(f"{who} | partition by day | {attack.partition(**OPEN)} | {attack.partition()} |")
            print(f"{who} | a batch, or unknown | {attack.batch(**OPEN)} | {attack.batch()} |")
            for name, rows in attack.deliveries():
                known = [attack.known_day(rows, guarded=guarded) for guarded in (False, True)]
                print(f"{who} | {name} | {known[0]} | {known[1]} |")
            print(f"{who} | n-th token | {attack.numbers(**OPEN)} | {attack.numbers()} |")


if __name__ == "__main__":
    main()
