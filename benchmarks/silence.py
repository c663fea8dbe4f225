"""Histories that stop too early: does their silence give them away, where no event does?

    python benchmarks/silence.py DATA [--seeds N] [NAME ...]

Sessions of two made-up services, of which a tenth of those to be judged lack something; customers
with orders at intervals of their own, of whom a tenth ceases; FoodMart, half of whose customers
train, for what is usual. DATA holds foodmart_sales.parquet. Prints a JSON line a fit: ROC AUC
over entities by what is missing, and the mean of the silence of usual entities. Needs scikit-learn.
"""

import argparse
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl
from sequences import Source, halves
from sklearn.metrics import roc_auc_score

from anonymizer import SequenceModel

SESSIONS, CUSTOMERS = 2_000, 1_000  # to learn from, and as many to be judged
MISSING = 0.1  # share of those to be judged that lack something
NOISE = 0.02  # chance of a remark after an event
EPOCHS = 6
DAYS = 730
PRICES = (9.9, 19.9, 29.9)
START = datetime(2024, 1, 1)  # noqa: DTZ001 (the hours are those of a place)
OPTIONAL = {"read", "write", "viewed", "added", "points", "mailed"}  # without them all is well
FAULTS = ("closing", "acknowledgement", "last third", "step")

Session = tuple[list[str], int]  # its events, and how many of them close it
Grammar = Callable[[np.random.Generator], Session]


def storage(rng: np.random.Generator) -> Session:
    """Reads, writes and lists in blocks and transactions; what closes depends on who opened."""
    closings = {
        "reader": (["close"], (8, 1, 1, 0)),
        "writer": (["close", "synced"], (2, 6, 2, 0)),
        "batch": (["ack"], (1, 3, 1, 5)),
        "admin": (["close", "ack"], (3, 2, 3, 2)),
    }
    kind = str(rng.choice(list(closings)))
    closing, weights = closings[kind]

    def block(*, nested: bool) -> list[str]:
        p = np.array(weights[: 4 - nested]) / sum(weights[: 4 - nested])
        some = int(rng.integers(1, 5))
        return [
            lambda: ["seek", *["read"] * some, "read done"],
            lambda: ["lock", *["write"] * some, "flush", "ack"],
            lambda: ["list", "listed"],
            lambda: [
                "begin",
                *chain(*(block(nested=True) for _ in range(1 + some // 2))),
                "commit",
            ],
        ][rng.choice(len(p), p=p)]()

    events = [f"open {kind}" if rng.random() < 0.5 else "open", f"auth {kind}"]
    size = int(rng.integers(6, 46))
    while len(events) < size:
        events += block(nested=False)
    if kind == "batch" and events[-1] != "commit":
        events += ["begin", "write", "commit"]
    return events + closing, len(closing)


def ordering(rng: np.random.Generator) -> Session:
    """Orders of a shop: parts of a cart, calls and their answers, three kinds of buyers."""
    kind = str(rng.choice(["guest", "member", "trade"], p=[0.5, 0.3, 0.2]))
    closing = {
        "guest": ["mailed"],
        "member": ["points", "mailed"],
        "trade": ["invoiced", "countersigned"],
    }[kind]

    def call(name: str) -> list[str]:
        again = [f"{name} retried"] * int(rng.random() < 0.15)
        return [f"{name} asked", *again, f"{name} answered"]

    def part() -> list[str]:
        item = ["viewed"] * int(rng.integers(1, 4)) + call("stock")
        return [*item, "added"] if rng.random() < 0.7 else item

    events = ["visit", *(call("login") if kind != "guest" else [])]
    for _ in range(min(int(rng.geometric(0.2 if kind == "trade" else 0.35)), 5)):
        events += part()
        if rng.random() < 0.2:
            events += (
                ["mailed"] if kind == "member" else ["points"]
            )  # a reminder, a promise of more
    events += ["checkout", *call("tax"), *(call("credit") if kind == "trade" else call("card"))]
    for _ in range(int(rng.integers(1, 4))):
        events += ["packed", *call("courier")]
    return [*events, "ordered", *closing], len(closing)


def without(rng: np.random.Generator, session: Session, fault: str) -> list[str]:
    """A session that lacks something; all of it without a fault."""
    events, closing = session
    if fault == "step":
        inner = range(2, len(events) - closing)
        needed = [i for i in inner if events[i] not in OPTIONAL and "retried" not in events[i]]
        missing = int(rng.choice(needed))
        return events[:missing] + events[missing + 1 :]
    lost = {"closing": closing, "acknowledgement": 1, "last third": len(events) // 3}
    return events[: len(events) - lost.get(fault, 0)]


def sessions(
    rng: np.random.Generator,
    grammar: Grammar,
    missing: float,
    *,
    clock: bool,
    spread: int = 864_000,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Events of sessions that begin within so many seconds, and what each session lacks."""
    rows: list[tuple[object, ...]] = []
    faults = []
    for who in range(SESSIONS):
        faults.append(str(rng.choice(FAULTS)) if rng.random() < missing else "")
        when = START + timedelta(seconds=int(rng.integers(spread)) * clock)
        for event in without(rng, grammar(rng), faults[-1]):
            for each in [event, "heartbeat"][: 1 + int(rng.random() < NOISE)]:
                rows.append((who, when, each))
                when += timedelta(seconds=(1 + int(rng.exponential(20))) * clock)
    frame = pl.DataFrame(rows, ["who", "time", "event"], orient="row")
    return frame, pl.DataFrame({"who": range(SESSIONS), "fault": faults})


def customers(rng: np.random.Generator, missing: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Orders a week, a month or a quarter apart, or several at a time, and who has ceased."""
    rows: list[tuple[object, ...]] = []
    faults = []
    for who in range(CUSTOMERS):
        every, loose = float(rng.choice([7, 30, 30, 30, 90])), float(rng.choice([0.05, 0.15, 0.3]))
        ceased = rng.random() < missing
        faults.append("ceased" if ceased else "")
        day = float(rng.integers(DAYS - 300)) + every * float(rng.random())
        end = DAYS - every * float(rng.uniform(1.5, 6)) if ceased else DAYS
        burst = int(rng.choice([1, 1, 3, 5]))  # orders within days of each other
        while day < end:
            days = day + np.concatenate([[0], rng.integers(1, 4, burst - 1)]).cumsum()
            dates = [date(2023, 1, 1) + timedelta(int(each)) for each in days[days < end]]
            rows.extend((who, each, float(rng.choice(PRICES))) for each in dates)
            day += max(1.0 + 3 * burst, every * (1 + loose * float(rng.standard_normal())))
    frame = pl.DataFrame(rows, ["who", "time", "amount"], orient="row")
    return frame, pl.DataFrame({"who": range(CUSTOMERS), "fault": faults}).filter(
        pl.col("who").is_in(frame["who"].unique().to_list())
    )


def last_event(train: pl.DataFrame, test: pl.DataFrame) -> pl.DataFrame:
    """The plain baseline: how few of the training sessions end after the same last event."""
    last = pl.col("event").last()
    ends = train.group_by("who").agg(last)["event"].value_counts(name="ends")
    found = test.group_by("who").agg(last).join(ends, on="event", how="left")
    return found.select("who", baseline=-(pl.col("ends").fill_null(0) + 1).log())


def recency(_train: pl.DataFrame, test: pl.DataFrame) -> pl.DataFrame:
    """The plain baseline: days since the last order, by the customer's mean days between orders."""
    time = pl.col("time")
    since = (pl.lit(test["time"].max()) - time.max()).dt.total_days()
    between = time.diff().dt.total_days().mean().fill_null(30).clip(1)
    return test.group_by("who").agg(baseline=since / between)


def judged(
    model: SequenceModel, test: pl.DataFrame, faults: pl.DataFrame, baseline: pl.DataFrame
) -> dict[str, object]:
    """ROC AUC of each score for all that lack something, and by what they lack."""
    found = model.summarise(model.score(test)).join(faults, on="who").join(baseline, on="who")
    found = found.with_columns(both=pl.col("highest_score") + pl.col("silence"))
    usual = pl.col("fault") == ""
    told: dict[str, object] = {
        "mean_silence": round(float(found.filter(usual)["silence"].mean()), 3)
    }
    for fault in ("all", *sorted(set(faults["fault"]) - {""})):
        some = found if fault == "all" else found.filter(usual | (pl.col("fault") == fault))
        told[fault] = {
            score: round(float(roc_auc_score(some["fault"] != "", some[score])), 3)
            for score in ("highest_score", "mean_score", "baseline", "silence", "both")
        }
    return told


def of_sessions(grammar: Grammar, seed: int, *, clock: bool) -> dict[str, object]:
    """Fit sessions, and judge others."""
    rng = np.random.default_rng(seed)
    train, _ = sessions(rng, grammar, 0.0, clock=clock)
    test, faults = sessions(rng, grammar, MISSING, clock=clock)
    model = SequenceModel.fit(train, entity="who", time="time", seed=seed, max_epochs=EPOCHS)
    return judged(model, test, faults, last_event(train, test))


def of_open_sessions(seed: int) -> dict[str, object]:
    """Logs that end while sessions are open: their silence then, and if an hour had followed."""
    rng, hours = np.random.default_rng(seed), timedelta(hours=4)
    train, test = (
        sessions(rng, storage, 0.0, clock=True, spread=18_000)[0].filter(
            pl.col("time") < START + hours
        )
        for _ in range(2)
    )
    model = SequenceModel.fit(train, entity="who", time="time", seed=seed, max_epochs=EPOCHS)
    last, scored = pl.col("event").last(), model.score(test)
    ends = test.filter(pl.col("event") != "heartbeat").group_by("who").agg(last)
    closed = ends.filter(pl.col("event").is_in(["close", "synced", "ack"]))["who"].to_list()
    told: dict[str, object] = {"open": test["who"].n_unique() - len(closed)}
    for name, until in (("then", START + hours), ("an hour later", START + hours * 5 / 4)):
        found = model.summarise(scored, until=until)
        of = found.group_by(closed=pl.col("who").is_in(closed)).agg(pl.col("silence").mean())
        told[name] = {("open", "closed")[c]: round(s, 2) for c, s in of.sort("closed").iter_rows()}
    return told


def of_customers(seed: int) -> dict[str, object]:
    """Fit customers, of whom few have ceased, and judge others."""
    rng = np.random.default_rng(seed)
    train, _ = customers(rng, MISSING / 5)
    test, faults = customers(rng, MISSING)
    model = SequenceModel.fit(train, entity="who", time="time", seed=seed)
    return judged(model, test, faults, recency(train, test))


def of_foodmart(data: Path, seed: int) -> dict[str, object]:
    """What is usual on ordinary data."""
    columns = ["product_category", "unit_sales", "store_sales"]
    source = Source("foodmart_sales", "customer_id", "the_date", columns)
    train, rest = halves(data, source)
    model = SequenceModel.fit(
        train, entity="customer_id", time="the_date", seed=seed, max_epochs=EPOCHS
    )
    found = model.summarise(model.score(rest))["silence"]
    shares = {str(rate): round(float((found > -np.log(rate)).mean()), 4) for rate in (0.1, 0.01)}
    return {"mean_silence": round(float(found.mean()), 3), "share_above": shares}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    runs: dict[str, Callable[[int], dict[str, object]]] = {
        "storage": lambda seed: of_sessions(storage, seed, clock=True),
        "storage without a clock": lambda seed: of_sessions(storage, seed, clock=False),
        "ordering": lambda seed: of_sessions(ordering, seed, clock=True),
        "ordering without a clock": lambda seed: of_sessions(ordering, seed, clock=False),
        "open sessions": of_open_sessions,
        "customers": of_customers,
        "foodmart": lambda seed: of_foodmart(asked.data, seed),
    }
    for name in asked.names or runs:
        for seed in range(asked.seeds if name != "foodmart" else 1):
            print(json.dumps({"data": name, "seed": seed, **runs[name](seed)}), flush=True)
