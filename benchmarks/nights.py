"""How many shifts of times are guessed from the nightly deliveries of a feed, before and after.

    python benchmarks/nights.py

A made-up store delivers a day each night, and times move by up to 30 days. Whoever sees all
deliveries with their dates guesses from them, from the order of all rows, and from everybody's
first masked day. *Before* is what rules give that accept batches, *now* what those give that hold
rows back.
"""

import tempfile
import warnings
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from anonymizer import PrivacyWarning, anonymize, fit_rules, mask_file
from anonymizer.checks.attacks.shifts import by_group, by_order, share_right, true_shifts

KEY = "a key for benchmarks only: 7f3a91c5e2"
PEOPLE, NIGHTS = 400, 120
OPENING = date(2024, 1, 1)  # the first night


def rules_of(*, truncate: bool = False, **more: Any) -> dict[str, Any]:
    """Rules that move the days, and no more."""
    day = {"mask": "date_shift", "days": 30, "truncate": truncate}
    return {"version": 1, "entity": "who", "columns": {"who": "token", "day": day}} | more


class Store:
    """A made-up one: purchases of people who come now and then, delivered night by night."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        random = np.random.default_rng(0)
        visits = random.poisson(random.gamma(1.5, 0.12, PEOPLE) + 0.02, (2 * NIGHTS, PEOPLE))
        day, who = (each.repeat(visits.ravel()) for each in np.indices(visits.shape).reshape(2, -1))
        rows = pl.DataFrame({"who": who, "day": day - NIGHTS})
        rows = rows.with_columns(day=pl.lit(OPENING) + pl.duration(days="day"))
        self.before = rows.filter(pl.col("day") < OPENING)
        self.rows = rows.filter(pl.col("day") >= OPENING)
        whole = anonymize(self.rows, rules_of(), key=KEY)
        self.truth = true_shifts(whole["who"], self.rows["day"], whole["day"])

    def delivered(self, batches: str, *, truncate: bool, **more: Any) -> pl.DataFrame:
        """What is delivered in all nights, and in which, by rules that know the time before."""
        rules = rules_of(truncate=truncate, batches=batches)
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
    """Attack before and after, and print a row for each attack."""
    warnings.simplefilter("ignore", PrivacyWarning)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        chance = _percent(_chance(store.truth["truth"]))
        before = store.attacked(store.delivered("accepted", truncate=False))
        state = Path(folder, "state")
        now = store.attacked(store.delivered("held_back", truncate=True, state=state))
        for (name, found), (_, left) in zip(before, now, strict=True):
            print(f"| {name} | {found} | {left} | {chance} |")


if __name__ == "__main__":
    main()
