"""Histories of four trades, made from a seed: does a sample keep the habits that mark them?

    python benchmarks/habits.py [NAME ...]

A bank's standing orders come again to the cent, a site is read in sessions, a patient has illnesses
of their own, a film is rated once. Half of the people train, half judge. Prints JSON: how well
people are told apart (C2ST), and the habit among real and among synthetic people.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from anonymizer import SequenceModel
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.utility.c2st import told_apart

Rows = Iterator[tuple[object, ...]]
START = datetime(2023, 1, 1)  # noqa: DTZ001 (the hours are those of a place)
DAY = 86_400.0


def at(seconds: float) -> datetime:
    """So long after the start."""
    return START + timedelta(seconds=round(seconds))


def bank(rng: np.random.Generator, who: int) -> Rows:
    """Salary and rent on days of one's own, a subscription, and card payments."""
    salary = round(float(rng.lognormal(7.8, 0.3)), 2)
    rent, spends = round(salary * float(rng.uniform(0.2, 0.5)), 2), float(rng.lognormal(3, 0.4))
    standing = [
        ("salary", salary, int(rng.choice([1, 15, 25]))),
        ("rent", -rent, int(rng.integers(6))),
    ]
    if rng.random() < 0.5:
        standing.append(("subscription", -float(rng.choice([9.99, 12.99, 17.99])), 9))
    for month in range(int(rng.integers(6)), int(rng.integers(10, 18))):
        for kind, amount, day in standing:
            yield who, at(DAY * (30 * month + day)), kind, amount
        for kind in rng.choice(["groceries", "fuel", "clothes"], rng.poisson(5)):
            paid = round(float(rng.lognormal(np.log(spends), 0.6)), 2)
            yield who, at(DAY * (30 * month + int(rng.integers(30)))), str(kind), -paid


def site(rng: np.random.Generator, who: int) -> Rows:
    """Pages in sessions, each page likelier after some than after others."""
    links = np.random.default_rng(1).dirichlet(np.full(60, 0.05), 60)
    device, day = str(rng.choice(["phone", "desktop"])), float(rng.uniform(0, 30))
    for _ in range(1 + rng.poisson(2)):
        when, page = DAY * day, int(rng.integers(5))
        for _ in range(1 + int(rng.geometric(0.2))):
            yield who, at(when), f"page {page}", device, bool(rng.random() < 0.05)
            when, page = when + 1 + float(rng.lognormal(3, 1)), int(rng.choice(60, p=links[page]))
        day += float(rng.exponential(4))


def hospital(rng: np.random.Generator, who: int) -> Rows:
    """Stays of a few hours in wards, with the codes of one's own illnesses and of others."""
    codes, level = (
        [f"{a}{i:02d}" for a in "ABCDEIJKN" for i in range(20)],
        float(rng.normal(13.5, 1.2)),
    )
    own, sex, when = (
        rng.choice(codes, 2, replace=False),
        str(rng.choice(["F", "M"])),
        DAY * rng.uniform(0, 365),
    )
    for _ in range(1 + rng.poisson(3)):
        ward = str(rng.choice(["emergency", "heart", "cancer", "general"], p=[0.3, 0.2, 0.1, 0.4]))
        for _ in range(1 + rng.poisson(2)):
            code = str(rng.choice(own if rng.random() < 0.6 else codes))
            level = 0.9 * level + 1.3 + float(rng.normal(0, 0.3))
            blood = round(level, 1) if rng.random() < 0.7 else None
            yield who, at(60 * (when // 60)), sex, ward, code, blood
            when += float(rng.exponential(5 * 3_600))
        when += float(rng.exponential(60 * DAY))


def films(rng: np.random.Generator, who: int) -> Rows:
    """Ratings in a row, of films that a taste and fame decide, none twice."""
    of_all = np.random.default_rng(2)
    fame, kind = of_all.dirichlet(np.full(400, 0.5)), of_all.normal(size=(400, 3))
    taste, mild = rng.normal(size=3), float(rng.normal(3.5, 0.6))
    chance = fame * np.exp(0.7 * kind @ taste)
    count, when = int(np.clip(rng.lognormal(3.3, 0.8), 10, 200)), DAY * rng.uniform(0, 900)
    for film in rng.choice(400, count, replace=False, p=chance / chance.sum()).tolist():
        stars = mild + 0.5 * float(kind[film] @ taste) + float(rng.normal(0, 0.7))
        yield who, at(when), f"film {film}", int(np.clip(round(stars), 1, 5))
        when += float(rng.exponential(40 if rng.random() < 0.97 else 20 * DAY))


def standing_orders(events: pl.DataFrame) -> float:
    """How often a rent or a salary is the very same as the last."""
    orders = events.filter(pl.col("kind").is_in(["rent", "salary"]))
    return _mean(orders, pl.col("amount") == pl.col("amount").shift().over("who", "kind"))


def in_a_row(events: pl.DataFrame) -> float:
    """How many gaps are shorter than ten minutes."""
    return _mean(events, pl.col("when").diff().over("who") < timedelta(minutes=10))


def own_illness(events: pl.DataFrame) -> float:
    """How many codes a patient has had before."""
    return _mean(events, pl.col("code").cum_count().over("who", "code") > 1)


def twice(events: pl.DataFrame) -> float:
    """How many ratings are of a film that was rated before."""
    known = events.filter(pl.col("film") != "OTHER")
    return _mean(known, pl.col("film").cum_count().over("who", "film") > 1)


def _mean(events: pl.DataFrame, holds: pl.Expr) -> float:
    return float(events.sort("who", "when", maintain_order=True).select(holds.mean()).item())


TRADES: dict[str, tuple[Callable[..., Rows], int, list[str], Callable[[pl.DataFrame], float]]] = {
    "bank": (bank, 800, ["kind", "amount"], standing_orders),
    "site": (site, 1_500, ["page", "device", "clicked"], in_a_row),
    "hospital": (hospital, 1_200, ["sex", "ward", "code", "blood"], own_illness),
    "films": (films, 1_000, ["film", "stars"], twice),
}


def main(names: list[str]) -> None:
    """One line of JSON per trade."""
    for name in names or TRADES:
        make, people, columns, habit = TRADES[name]
        rng = np.random.default_rng(0)
        rows = [row for who in range(people) for row in make(rng, who)]
        events = pl.DataFrame(
            rows, ["who", "when", *columns], orient="row", infer_schema_length=None
        )
        train, holdout = (events.filter(pl.col("who") % 2 == half) for half in (0, 1))
        begin = time.perf_counter()
        model = SequenceModel.fit(train, entity="who", time="when", seed=0)
        seconds = time.perf_counter() - begin
        sample = model.sample(train["who"].n_unique(), seed=0)
        told = told_apart(ComparedSets(train, sample, holdout, "who", "when"), 0)
        print(
            json.dumps(
                {
                    "trade": name,
                    "events": len(train),
                    "fit_seconds": round(seconds, 1),
                    "c2st": round(told.estimate.value, 3) if told.estimate else None,
                    "habit": habit.__name__,
                    "real": round(habit(holdout), 3),
                    "synthetic": round(habit(sample), 3),
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
