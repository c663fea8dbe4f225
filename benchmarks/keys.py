"""Which keys between tables are found, missed and false.

python -m benchmarks.keys [--only WORD] [--show] [--rows N]

A key counts as found where child, columns, parent and its keys are those of the truth.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from anonymizer.datasets.keys.find import find_keys
from anonymizer.datasets.keys.found import Keys
from benchmarks.key_databases import HELD_BACK, LATE, SEEN, Database
from benchmarks.key_schemas import WRITTEN


class Score(NamedTuple):
    """Keys there are, found and false."""

    there: int
    found: int
    false: int

    def __str__(self) -> str:
        precision = self.found / max(self.found + self.false, 1)
        return f"{self.found} of {self.there} | {self.false} | {precision:.1%}"


def told(keys: Keys) -> set[str]:
    """The foreign keys as the truths write them."""
    return {
        f"{k.child}.{'+'.join(k.columns)} > {k.parent}.{'+'.join(k.keys)}"
        for k in (each.key for each in keys.foreign)
    }


def found(base: Database) -> tuple[dict[str, str], set[str], str | None]:
    """Primary keys, foreign keys and the person that are found."""
    keys = find_keys({name: frame.lazy() for name, frame in base.tables.items()})
    primary = {table: "+".join(key.columns) for table, key in keys.primary.items()}
    return primary, told(keys), keys.person and f"{keys.person.table}.{keys.person.column}"


def scored(base: Database, *, show: bool = False) -> tuple[Score, Score, bool]:
    """The scores of primary and foreign keys, and whether the person is right."""
    primary, foreign, person = found(base)
    right = {t for t, columns in base.primary.items() if primary.get(t) == columns}
    false = foreign - base.foreign - base.also
    lines = [f"primary: {t} {primary.get(t)}" for t in {*base.primary, *primary} - right]
    lines += [f"missed: {key}" for key in sorted(base.foreign - foreign)]
    lines += [f"false: {key}" for key in sorted(false)]
    print("".join(f"    {line}\n" for line in lines) if show else "", end="")
    return (
        Score(len(base.primary), len(right), len(set(primary) - right)),
        Score(len(base.foreign), len(base.foreign & foreign), len(false)),
        person == base.person,
    )


def measured(name: str, base: Database, *, show: bool) -> str:
    """A row of the table, below what is wrong."""
    start = time.perf_counter()
    primary, foreign, right = scored(base, show=show)
    took = time.perf_counter() - start
    mark = "right" if right else "wrong"
    return f"| {name} | {len(base.tables)} | {primary} | {foreign} | {mark} | {took:.1f} s |"


def as_text(base: Database) -> Database:
    """All columns as text, without nulls, as CSV files are read."""
    frames = base.tables.items()
    plain = {t: f.with_columns(pl.all().cast(pl.String).fill_null("")) for t, f in frames}
    return replace(base, tables=plain)


def capitals(base: Database) -> Database:
    """Names in capitals, as Oracle gives them: nothing shows where a word ends."""
    return renamed(base, lambda name, _: name.upper())


def without_names(base: Database) -> Database:
    """Tables and columns numbered through."""
    return renamed(base, lambda _, place: f"c{place}")


def renamed(base: Database, name: Callable[[str, int], str]) -> Database:
    """Other names for tables and columns, by what they were and their places."""
    tables = {t: name(t, at) for at, t in enumerate(base.tables)}
    columns = {
        t: {c: name(c, at) for at, c in enumerate(f.columns)} for t, f in base.tables.items()
    }

    def side(text: str) -> str:
        table, _, parts = text.partition(".")
        return f"{tables[table]}.{'+'.join(columns[table][part] for part in parts.split('+'))}"

    def key(text: str) -> str:
        return " > ".join(side(each) for each in text.split(" > "))

    return Database(
        {tables[t]: frame.rename(columns[t]) for t, frame in base.tables.items()},
        {tables[t]: side(f"{t}.{key}").partition(".")[2] for t, key in base.primary.items()},
        set(map(key, base.foreign)),
        set(map(key, base.also)),
        base.person and side(base.person),
    )


def altered(how: Callable[[Database], Database]) -> str:
    """A row for all databases altered in one way."""
    scores = [scored(how(make())) for make in (*SEEN, *HELD_BACK, *LATE, *WRITTEN)]
    primary, foreign = (Score(*map(sum, zip(*part, strict=True))) for part in
                        (zip(*((p, f) for p, f, _ in scores), strict=True)))  # fmt: skip
    right = sum(person for *_, person in scores)
    return f"| {how.__name__} | | {primary} | {foreign} | {right} of {len(scores)} | |"


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
    print(
        "| database | tables | primary | false | right | foreign | false | right | person | time |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for make in (*SEEN, *HELD_BACK, *LATE, *WRITTEN):
        if options.only in make.__name__:
            print(measured(make.__name__, make(), show=options.show), flush=True)
    for how in (as_text, capitals, without_names):
        if options.only in how.__name__:
            print(altered(how), flush=True)
    if options.rows:
        speed(options.rows)


if __name__ == "__main__":
    main()
