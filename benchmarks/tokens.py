"""Four tokens in memory (customer, name, e-mail, phone): ours beside other libraries.

    python benchmarks/tokens.py [--rows 5_000_000] [--runs 3] [--cape PYTHON] [--peers PYTHON]

`--cape` is an interpreter with cape-dataframes (it needs pyspark, pandas < 2 and numpy < 2),
`--peers` one with presidio-structured and faker; what is left out is not measured. DuckDB is
measured here. Each run has a process of its own, in turn; slow peers get fewer rows. Figures are
rows per second, medians, and ratios of medians. One customer has about 50 rows; `all distinct` is
the case in which nothing repeats.
"""

import argparse
import json
import statistics
import subprocess
import sys

COLUMNS = ["customer", "name", "email", "phone"]
KEY = "a key for benchmarks only: 7f3a91c5e2"

DATA = """
import random, sys, time
rows, repeat = int(sys.argv[1]), int(sys.argv[2])
random.seed(0)
people = max(1, rows // repeat)
who = [random.randrange(people) for _ in range(rows)] if repeat > 1 else list(range(rows))
table = {
    "customer": [f"{n}" for n in who],
    "name": [f"Customer {n}" for n in who],
    "email": [f"c{n}@shop.example" for n in who],
    "phone": [f"+4420{n:08}" for n in who],
}
"""

OURS = """
import polars as pl
from anonymizer import anonymize
frame = pl.DataFrame(table)
rules = {"version": 1, "columns": {"*": "token"}}
start = time.perf_counter()
anonymize(frame, rules, key="%s")
print(time.perf_counter() - start)
"""

CAPE = """
import pandas as pd
from cape_dataframes.pandas.transformations.tokenizer import Tokenizer
frame = pd.DataFrame(table)
start = time.perf_counter()
for column in frame:
    frame[column] = Tokenizer(max_token_len=24, key="%s")(frame[column])
print(time.perf_counter() - start)
"""

PRESIDIO = """
import pandas as pd
from presidio_anonymizer.entities import OperatorConfig
from presidio_structured import StructuredAnalysis, StructuredEngine
frame = pd.DataFrame(table)
kinds = {"customer": "ID", "name": "PERSON", "email": "EMAIL_ADDRESS", "phone": "PHONE_NUMBER"}
hashed = {kind: OperatorConfig("hash", {"hash_type": "sha256"}) for kind in kinds.values()}
start = time.perf_counter()
StructuredEngine().anonymize(frame, StructuredAnalysis(entity_mapping=kinds), operators=hashed)
print(time.perf_counter() - start)
"""

FAKER = """
from faker import Faker
fake = Faker()
makers = [fake.uuid4, fake.name, fake.email, fake.phone_number]
start = time.perf_counter()
for row in range(rows):
    [make() for make in makers]
print(time.perf_counter() - start)
"""

DUCKDB = """
import duckdb, polars as pl
frame = pl.DataFrame(table).to_arrow(compat_level=pl.CompatLevel.oldest())
connection = duckdb.connect()
tokens = ", ".join(f"left(sha256('%s' || {column}), 24) AS {column}" for column in table)
start = time.perf_counter()
connection.sql(f"SELECT {tokens} FROM frame").to_arrow_table()
print(time.perf_counter() - start)
"""


def rate(python: str, code: str, rows: int, repeat: int) -> float:
    """Rows per second of one run in a fresh process."""
    program = DATA + (code % KEY if "%s" in code else code)
    done = subprocess.run(
        [python, "-c", program, str(rows), str(repeat)], capture_output=True, text=True, check=True
    )
    return rows / float(done.stdout.split()[-1])


def main() -> None:
    """Measure in turn and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--cape")
    parser.add_argument("--peers")
    given = parser.parse_args()
    contestants = [("ours", sys.executable, OURS, given.rows, 50)]
    contestants += [("ours, all distinct", sys.executable, OURS, given.rows, 1)]
    contestants += [("DuckDB SQL", sys.executable, DUCKDB, given.rows, 50)]
    contestants += [("DuckDB SQL, all distinct", sys.executable, DUCKDB, given.rows, 1)]
    if given.cape:
        contestants += [("cape-dataframes", given.cape, CAPE, given.rows // 10, 50)]
    if given.peers:
        contestants += [
            ("presidio-structured", given.peers, PRESIDIO, given.rows // 500, 50),
            ("Faker per row", given.peers, FAKER, given.rows // 200, 50),
        ]
    rates: dict[str, list[float]] = {name: [] for name, *_ in contestants}
    for _ in range(given.runs):
        for name, python, code, rows, repeat in contestants:
            rates[name].append(rate(python, code, rows, repeat))
    medians = {name: statistics.median(found) for name, found in rates.items()}
    for name, found in medians.items():
        ours = medians["ours, all distinct" if name.endswith("all distinct") else "ours"]
        print(f"{name:24} {found / 1e6:8.4f} M rows/s   ours is {ours / found:7.1f} ×")
    print(json.dumps(medians))


if __name__ == "__main__":
    main()
