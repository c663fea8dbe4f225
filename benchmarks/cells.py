"""What k costs in cells: how many values of quasi-identifiers become null, and the loss.

    python benchmarks/cells.py [DATA]

Three drawn tables of different shapes, with a fixed seed: a survey of six columns, orders of which
a person has ten, and people with gaps whose masks can become coarser; with DATA the customers of
FoodMart (`foodmart_customers.parquet`), six columns. *Too rare* are rows whose combination fewer
than k hold as it stands: each of them must lose a cell or have a coarser one.
"""

import sys
import time
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from anonymizer import anonymize, fit_rules

KEY = "a key for benchmarks only: 7f3a91c5e2"
RNG = np.random.default_rng(7)


class Case(NamedTuple):
    """A table and what is asked of it."""

    frame: pl.DataFrame
    columns: list[str]
    k: int
    masks: dict[str, Any]


def survey(people: int) -> Case:
    """Six columns of few values each."""
    frame = pl.DataFrame(
        {
            "who": np.arange(people),
            "age": RNG.integers(18, 90, people) // 5 * 5,
            "sex": RNG.choice(["f", "m", "x"], people, p=[0.5, 0.49, 0.01]),
            "region": RNG.integers(0, 16, people),
            "school": RNG.integers(0, 5, people),
            "work": RNG.choice(["full", "part", "none", "retired"], people, p=[0.6, 0.2, 0.1, 0.1]),
            "children": RNG.poisson(1, people),
        }
    )
    return Case(frame, frame.columns[1:], 3, {})


def orders(people: int) -> Case:
    """Ten rows of each person on average, two columns of the person and two of the order."""
    who = RNG.integers(0, people, 10 * people)
    columns = {
        "who": who,
        "town": (RNG.zipf(1.3, people) % 300)[who],
        "sex": RNG.integers(0, 2, people)[who],
        "shop": RNG.zipf(1.5, len(who)) % 80,
        "paid": RNG.integers(0, 3, len(who)),
    }
    return Case(pl.DataFrame(columns), list(columns)[1:], 5, {})


def gaps(people: int) -> Case:
    """Two columns whose masks climb, and one with a tenth of nulls."""
    weights = 1 / np.arange(1, 401)
    zips = RNG.choice(RNG.integers(500, 99_950, 400), people, p=weights / weights.sum())
    frame = pl.DataFrame(
        {
            "who": np.arange(people),
            "zip": [f"{number:05d}" for number in zips],
            "born": pl.Series(RNG.integers(-14_600, 19_000, people)).cast(pl.Int32).cast(pl.Date),
            "job": [f"job {job}" if job else None for job in RNG.zipf(1.4, people) % 10],
        }
    )
    masks = {
        "zip": {"mask": "postcode", "first": 4},
        "born": {"mask": "age", "width": 5, "on": "2024-01-01"},
    }
    return Case(frame, ["zip", "born", "job"], 5, masks)


def foodmart(folder: Path) -> Case:
    """Customers of a grocer."""
    frame = pl.read_parquet(folder / "foodmart_customers.parquet").rename({"customer_id": "who"})
    named = ["gender", "marital_status", "education", "occupation", "yearly_income"]
    return Case(frame, [*named, "total_children"], 5, {})


def show(name: str, case: Case) -> None:
    """A line: cells that became null, rows that are too rare, loss, k as counted, seconds."""
    rules: dict[str, Any] = {"version": 1, "entity": "who", "unlisted": "keep"}
    rules["columns"] = {"who": "token", **case.masks}
    raw = anonymize(case.frame, rules, key=KEY)
    rules["anonymity"] = {"quasi_identifiers": case.columns, "k": case.k}
    start = time.process_time()
    out = anonymize(case.frame, rules, key=KEY)
    seconds = time.process_time() - start
    lost = sum(out[column].null_count() - raw[column].null_count() for column in case.columns)
    held = pl.col("who").drop_nulls().n_unique()
    failing = raw.filter(held.over(case.columns) < case.k).height
    smallest = out.group_by(case.columns).agg(held)["who"].sort()[0]
    recoding = fit_rules(case.frame, rules, key=KEY).to_dict()["fitted"]["recoding"]
    print(
        f"{name:9} {out.height:>9,} rows, {failing:,} too rare, {len(case.columns)} columns, "
        f"k {case.k}: {lost:,} cells ({lost / out.height / len(case.columns):.2%}); "
        f"loss {recoding['outcome']['loss']:.4f}; k counted {smallest}; {seconds:.1f} s"
    )


def main() -> None:
    """Each table in turn."""
    warnings.simplefilter("ignore")
    cases = {"survey": survey(5_000), "orders": orders(4_000), "gaps": gaps(20_000)}
    if len(sys.argv) > 1:
        cases["FoodMart"] = foodmart(Path(sys.argv[1]))
    for name, case in cases.items():
        show(name, case)


if __name__ == "__main__":
    main()
