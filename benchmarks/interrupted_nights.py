"""Nights killed at random moments, and what is lost or twice afterwards.

    python -m benchmarks.interrupted_nights [PLACE …] [--kills 50] [--seed 0]

A made-up shop changes each night: rows come, change, go, come late. `anonymizer mask` follows it
night by night, from a folder or a database into another, and each run is killed by SIGKILL at a
random moment before it is started again. Afterwards the target is compared
with what one undisturbed run makes of the same source, row by row.
"""

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import yaml

from tests.stores.server import Server, running

KEY = "a key for benchmarks only: 7f3a91c5e2"
START = datetime(2024, 1, 1)  # noqa: DTZ001 (times without a zone, as many tables have them)
PEOPLE, ORDERS, LOG = 500, 4_000, 6_000
SCHEMA = """
CREATE TABLE people (id bigint PRIMARY KEY, name text, "at" timestamp NOT NULL);
CREATE TABLE orders (id bigint PRIMARY KEY, buyer bigint REFERENCES people (id), paid timestamp,
    amount bigint, "at" timestamp NOT NULL);
CREATE TABLE log ("at" timestamp NOT NULL, buyer bigint, what text);
"""
SHIFT = {"mask": "date_shift", "days": 30}
YEAR = {"mask": "date_truncate", "to": "year"}


def described(source: str, target: str) -> dict[str, Any]:
    """Persons and their orders, which change, and a log without a key, to which rows are added."""
    same, at = {"mask": "token", "as": "same"}, {"watermark": "at"}
    orders = {"id": same, "paid": SHIFT, "amount": "keep", "at": YEAR}
    return {
        "version": 1,
        "source": source,
        "target": target,
        "entity": "people.id",
        "foreign_keys": {"orders.buyer": "people.id", "log.buyer": "people.id"},
        "tables": {
            "people": {"columns": {"id": same, "name": {"mask": "token"}, "at": YEAR}},
            "orders": {"columns": orders, "batches": "accepted"},
            "log": {"columns": {"at": YEAR, "what": {"mask": "token"}}},
        },
        "incremental": {"people": at | {"key": "id"}, "orders": at | {"key": "id"}, "log": at},
    }


class Shop:
    """The raw tables, as they are in a night."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.hours = 0
        self.people = {n: (f"Person {n}", self.now()) for n in range(PEOPLE)}
        self.orders = {n: self.order(n) for n in range(ORDERS)}
        self.log = [(self.now(), self.buyer(), f"entry {n}") for n in range(LOG)]

    def now(self) -> datetime:
        """A moment after all others, or the same as the last."""
        self.hours += self.random.random() < 0.9
        return START + timedelta(minutes=self.hours)

    def buyer(self) -> int:
        """Somebody."""
        return self.random.choice(list(self.people))

    def order(self, number: int) -> tuple[Any, ...]:
        """What is in an order."""
        return self.buyer(), START + timedelta(minutes=7 * number), number % 97, self.now()

    def next_night(self) -> None:
        """Rows come, change, go, and one comes late; the log gets rows of new moments."""
        top = max(self.orders) + 1
        self.people[max(self.people) + 1] = ("Somebody new", self.now())
        self.people[max(self.people) + 1] = ("Somebody late", START - timedelta(1))
        for number in self.random.sample(list(self.orders), 60):
            self.orders[number] = self.order(number)
        for number in self.random.sample(list(self.orders), 40):
            del self.orders[number]
        self.orders |= {n: self.order(n) for n in range(top, top + 80)}
        self.hours += 1
        self.log += [(self.now(), self.buyer(), f"entry {len(self.log)}") for _ in range(100)]

    def tables(self) -> dict[str, pl.DataFrame]:
        """As frames."""
        people = [(n, *row) for n, row in self.people.items()]
        orders = [(n, *row) for n, row in self.orders.items()]
        return {
            "people": pl.DataFrame(people, ["id", "name", "at"], orient="row"),
            "orders": pl.DataFrame(orders, ["id", "buyer", "paid", "amount", "at"], orient="row"),
            "log": pl.DataFrame(self.log, ["at", "buyer", "what"], orient="row"),
        }


class Folders:
    """From a folder of Parquet files into another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "raw").mkdir(parents=True)
        self.source, self.target = str(folder / "raw"), str(folder / "masked")
        self.anew = str(folder / "anew")

    def lay(self, tables: dict[str, pl.DataFrame]) -> None:
        """Put the raw tables into their place."""
        for name, rows in tables.items():
            rows.write_parquet(self.folder / "raw" / f"{name}.parquet")

    def rows(self, place: str) -> dict[str, Counter[tuple[Any, ...]]]:
        """The rows of a target."""
        names = ("people", "orders", "log")
        return {name: Counter(pl.read_parquet(Path(place, name)).rows()) for name in names}


class Databases:
    """From a PostgreSQL database into another."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.source = server.database("raw", SCHEMA)
        self.target, self.anew = server.twin("masked", "raw"), server.twin("anew", "raw")

    def lay(self, tables: dict[str, pl.DataFrame]) -> None:
        """Put the raw tables into their place, in one transaction."""
        copies = ["BEGIN;", "TRUNCATE people, orders, log;"]
        for name, rows in tables.items():
            csv = rows.write_csv(include_header=False, datetime_format="%Y-%m-%d %H:%M:%S")
            copies.append(f"COPY {name} FROM STDIN (FORMAT csv);\n{csv}\\.\n")
        self.server.psql("raw", "\n".join([*copies, "COMMIT;"]))

    def rows(self, place: str) -> dict[str, Counter[tuple[Any, ...]]]:
        """The rows of a target."""
        name = "anew" if place == self.anew else "masked"
        return {
            table: Counter(
                (line,) for line in self.server.psql(name, f"TABLE {table}").splitlines()
            )
            for table in ("people", "orders", "log")
        }


class DatabaseFiles:
    """From a file of SQLite or DuckDB into another."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.connect: Any = {"sqlite": sqlite3.connect, "duckdb": duckdb.connect}[kind]
        self.folder = folder
        self.source, self.target, self.anew = (
            f"{kind}:{folder / name}" for name in ("raw.db", "masked.db", "anew.db")
        )

    def lay(self, tables: dict[str, pl.DataFrame]) -> None:
        """Put the raw tables into their place, as a new file."""
        new = self.folder / "new.db"
        with closing(self.connect(str(new))) as connection:
            for statement in [*SCHEMA.split(";")[:-1], "BEGIN"]:
                connection.execute(statement)
            for name, rows in tables.items():
                texts = rows.with_columns(pl.col(pl.Datetime).dt.to_string("%Y-%m-%d %H:%M:%S"))
                for some in texts.iter_slices(500):
                    marks = ", ".join([f"({', '.join('?' * some.width)})"] * len(some))
                    values = [value for row in some.iter_rows() for value in row]
                    connection.execute(f"INSERT INTO {name} VALUES {marks}", values)
            connection.execute("COMMIT")
        new.replace(self.folder / "raw.db")

    def rows(self, place: str) -> dict[str, Counter[tuple[Any, ...]]]:
        """The rows of a target."""
        with closing(self.connect(place.partition(":")[2])) as connection:
            names = ("people", "orders", "log")
            read = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}
            return {name: Counter(rows) for name, rows in read.items()}


Places = Folders | Databases | DatabaseFiles


def command(file: Path, state: Path) -> list[str]:
    """The real one."""
    return [sys.executable, "-m", "anonymizer", "mask", str(file), "--state", str(state)]


def nights(places: Places, folder: Path, kills: int, seed: int) -> str:
    """Kill runs until there were enough; what became of the rows, in a line."""
    shop, moments = Shop(seed), random.Random(seed)
    file, state = folder / "dataset.yaml", folder / "state"
    file.write_text(yaml.safe_dump(described(places.source, places.target)))
    environment = os.environ | {
        "ANONYMIZER_DEBUG": "1",
        "ANONYMIZER_KEY": KEY,
        "PYTHONWARNINGS": "ignore",
    }

    def started() -> subprocess.Popen[str]:
        return subprocess.Popen(
            command(file, state), env=environment, text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip

    def finished() -> float:
        began, run = time.monotonic(), started()
        _, said = run.communicate()
        assert run.returncode == 0, said
        return time.monotonic() - began

    places.lay(shop.tables())
    finished()
    shop.next_night()
    places.lay(shop.tables())
    usual = finished()
    killed = over = 0
    while killed < kills:
        shop.next_night()
        places.lay(shop.tables())
        for _ in range(moments.randint(1, 3)):
            run = started()
            time.sleep(moments.uniform(0.1, 1.05) * usual)
            run.send_signal(signal.SIGKILL)
            run.communicate()
            killed += run.returncode == -signal.SIGKILL
            over += run.returncode == 0
        if moments.random() < 0.5:  # else the next night follows on a run that was killed
            finished()
    finished()
    got = places.rows(places.target)
    whole = described(places.source, places.anew)
    file.write_text(yaml.safe_dump(whole))
    state = folder / "another"
    finished()
    want = places.rows(places.anew)
    lost = sum((want[name] - got[name]).total() for name in want)
    twice = sum((got[name] - want[name]).total() for name in want)
    rows = sum(want[name].total() for name in want)
    return f"{killed} | {over} | {rows:,} | {lost} | {twice}"


def main() -> None:
    """Print a row for each pair of places."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("places", nargs="*")
    given = parser.parse_args()
    print("| from → to | killed | over before | rows at the end | lost | twice or wrong |")
    with tempfile.TemporaryDirectory() as temporary, running() as server:
        made: dict[str, Callable[[Path], Places]] = {
            "folder": Folders,
            "PostgreSQL": lambda _: Databases(server),
            "SQLite": partial(DatabaseFiles, "sqlite"),
            "DuckDB": partial(DatabaseFiles, "duckdb"),
        }
        for name in given.places or made:
            folder = Path(temporary, name)
            folder.mkdir()
            found = nights(made[name](folder), folder, given.kills, given.seed)
            print(f"| {name} → {name} | {found} |", flush=True)


if __name__ == "__main__":
    main()
