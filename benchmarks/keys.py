"""Which keys between tables are found, missed and false.

python -m benchmarks.keys [--only WORD] [--show] [--rows N]

A key counts as found where child, columns, parent and its keys are those of the truth.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from anonymizer.datasets.keys.find import find_keys
from anonymizer.datasets.keys.found import Keys
from benchmarks.key_databases import HELD_BACK, LATE, SEEN, Database


class Score(NamedTuple):
    """Keys there are, found and false."""

    there: int
    found: int
    false: int

    def __str__(self) -> str:
        precision = self.found / max(self.found + self.false, 1)
        return f"{self.found} of {self.there} | {self.false} | {precision:.0%}"


def told(keys: Keys) -> set[str]:
    """The foreign keys as the truths write them."""
    return {
        f"{k.child}.{'+'.join(k.columns)} > {k.parent}.{'+'.join(k.keys)}"
        for k in (each.key for each in keys.foreign)
    }


def measured(name: str, base: Database, *, show: bool) -> None:
    """Print a row of the table, and what is wrong below it."""
    start = time.perf_counter()
    keys = find_keys({name: frame.lazy() for name, frame in base.tables.items()})
    took = time.perf_counter() - start
    primary = {table: "+".join(key.columns) for table, key in keys.primary.items()}
    right = {t for t, columns in base.primary.items() if primary.get(t) == columns}
    found = told(keys)
    foreign = Score(
        len(base.foreign), len(base.foreign & found), len(found - base.foreign - base.also)
    )
    person = keys.person and f"{keys.person.table}.{keys.person.column}"
    mark = "right" if person == base.person else str(person)
    ours = Score(len(base.primary), len(right), len(set(primary) - right))
    print(f"| {name} | {len(base.tables)} | {ours} | {foreign} | {mark} | {took:.1f} s |")
    if show:
        wrong = {t: primary.get(t) for t in {*base.primary, *primary} - right}
        lines = [f"primary: {t} {was}, not {base.primary.get(t)}" for t, was in wrong.items()]
        lines += [f"missed: {key}" for key in sorted(base.foreign - found)]
        lines += [f"false: {key}" for key in sorted(found - base.foreign - base.also)]
        print("\n".join(f"    {line}" for line in lines))


def large(folder: Path, rows: int) -> dict[str, pl.LazyFrame]:
    """Seven tables of 20 columns in Parquet, as many rows in all, ids in no order, one of text."""
    draw = np.random.default_rng(9)
    sizes = {"customers": 0.05, "products": 0.002, "stores": 0.0001, "orders": 0.2, "lines": 0.5,
             "visits": 0.2, "payments": 0.05}  # fmt: skip
    points = {
        "orders": ("customer", "store"), "lines": ("order", "product"),
        "visits": ("customer", "store"), "payments": ("order",),
    }  # fmt: skip
    counts = {name: max(int(rows * share), 3) for name, share in sizes.items()}
    for name, n in counts.items():
        columns = {f"{name[:-1]}_id": draw.permutation(n)}
        columns |= {f"{p}_id": draw.integers(0, counts[f"{p}s"], n) for p in points.get(name, ())}
        for i in range(20 - len(columns)):
            kinds = (draw.normal(size=n), draw.integers(0, 1_000, n), draw.integers(0, n, n))
            columns[f"field_{i}"] = kinds[i % 3]
        texts = [pl.col(f"field_{i}").cast(pl.String) for i in (2, 4, 5) if f"field_{i}" in columns]
        if "order_id" in columns:
            texts.append(pl.format("O-{}", pl.col("order_id") * 7919).alias("order_id"))
        pl.DataFrame(columns).with_columns(texts).write_parquet(folder / f"{name}.parquet")
    return {name: pl.scan_parquet(folder / f"{name}.parquet") for name in counts}


def speed(rows: int) -> None:
    """The time for many rows, and what is found in them."""
    with tempfile.TemporaryDirectory() as folder:
        tables = large(Path(folder), rows)
        start, used = time.perf_counter(), time.process_time()
        keys = find_keys(tables)
        took, used = time.perf_counter() - start, time.process_time() - used
    print(f"{rows:,} rows in 7 tables × 20 columns: {took:.1f} s, {used:.1f} s of CPU")
    print("\n".join(f"    {each}" for each in keys.foreign))


def main() -> None:
    """A row per database, then the speed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="a word in the name of a database")
    parser.add_argument("--show", action="store_true", help="print what is missed and false")
    parser.add_argument("--rows", type=int, default=0, help="of the tables for the speed")
    options = parser.parse_args()
    print("| database | tables | primary | false | | foreign | false | precision | person | time |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for make in (*SEEN, *HELD_BACK, *LATE):
        if options.only in make.__name__:
            measured(make.__name__, make(), show=options.show)
    if options.rows:
        speed(options.rows)


if __name__ == "__main__":
    main()
