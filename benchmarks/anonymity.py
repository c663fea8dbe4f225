"""k-anonymity of a table of people: ours beside anjana, on the same table and hierarchies.

    python benchmarks/anonymity.py [--people 1_000_000] [--k 5] [--peers PYTHON] [--peer-people N]

`--peers` is an interpreter with anjana, pycanon and pyarrow; without it only ours is measured. Four
quasi-identifiers: age (5, 10, 20, 40 years), ZIP code (4 to 1 digits), sex, occupation (30, then 6
groups); at most 5 % suppressed. The table is drawn with a fixed seed. Each side has a process of
its own; reading the Parquet file is not timed, turning raw values into the finest ones is not timed
for the peer. The loss is Iyengar's (the share of the finest values that a published value stands
for, 1 for suppressed, mean of columns), computed here from both outputs by the same code; k is
counted here by sorting rows, and by pycanon.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

QUASI_IDENTIFIERS = ["born", "zip", "sex", "job"]
LIMIT = 0.05


def main() -> None:
    """Draw the table, run both, print a line each."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--peer-people", type=int, help="fewer people for the peer")
    parser.add_argument("--k", type=int, default=5)
    parser.add_argument("--peers", help="an interpreter with anjana and pycanon")
    parser.add_argument("--ours", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ours:
        run_ours(Path(given.ours[0]), Path(given.ours[1]), given.k)
        return
    with tempfile.TemporaryDirectory() as folder:
        sizes = sorted({given.people, given.peer_people or given.people}, reverse=True)
        for people in sizes:
            compare(Path(folder), people, given, peer=people <= (given.peer_people or people))


def compare(folder: Path, people: int, given: argparse.Namespace, *, peer: bool) -> None:
    """Both sides on a table of one size."""
    draw(people, folder)
    out = folder / "ours.parquet"
    arguments = ["--k", str(given.k), "--ours", str(folder), str(out)]
    show("ours", people, called([sys.executable, __file__, *arguments]), folder, out, given)
    if given.peers and peer:
        out = folder / "anjana.parquet"
        arguments = [str(folder), str(out), str(given.k), str(100 * LIMIT)]
        show("anjana", people, called([given.peers, "-c", ANJANA, *arguments]), folder, out, given)


def draw(people: int, folder: Path) -> None:
    """A table of people, and the hierarchies as CSV for both sides."""
    rng = np.random.default_rng(20)
    born = pl.Series(rng.integers(-14_600, 19_000, people)).cast(pl.Int32).cast(pl.Date)
    towns = rng.integers(500, 99_950, 3_000)
    weights = 1 / np.arange(1, 3_001)
    frame = pl.DataFrame(
        {
            "who": np.arange(people),
            "born": born,
            "zip": [f"{zip_:05d}" for zip_ in rng.choice(towns, people, p=weights / weights.sum())],
            "sex": rng.choice(["f", "m", "x"], people, p=[0.5, 0.49, 0.01]),
            "job": [f"job {number:02d}" for number in rng.zipf(1.4, people) % 30],
            "row": np.arange(people),
        }
    )
    frame.write_parquet(folder / "raw.parquet")
    lines = [f"job {number:02d};group {number // 5};*" for number in range(30)]
    (folder / "jobs.csv").write_text("\n".join(lines), "utf-8")


def rules(folder: Path, k: int) -> dict[str, object]:
    """What ours is told."""
    return {
        "version": 1,
        "entity": "who",
        "columns": {
            "who": "keep",
            "born": {"mask": "age", "width": 5, "top": 80, "on": "2024-01-01"},
            "zip": {"mask": "postcode", "first": 4},
            "sex": "keep",
            "job": {"mask": "hierarchy", "file": str(folder / "job0.csv"), "level": 1},
            "row": "keep",
        },
        "anonymity": {"quasi_identifiers": QUASI_IDENTIFIERS, "k": k, "suppress": LIMIT},
    }


def run_ours(folder: Path, out: Path, k: int) -> None:
    """Ours in a process of its own."""
    from anonymizer import anonymize  # noqa: PLC0415 (this is what is measured)

    jobs = [line.split(";") for line in (folder / "jobs.csv").read_text("utf-8").splitlines()]
    text = "\n".join(f"{job};{job};{group}" for job, group, _ in jobs)
    (folder / "job0.csv").write_text(text, "utf-8")
    frame = pl.read_parquet(folder / "raw.parquet")
    start = time.perf_counter()
    masked = anonymize(frame, rules(folder, k), key="a key for benchmarks only: 7f3a91c5e2")
    report(start)
    masked.write_parquet(out)


def report(start: float) -> None:
    """Seconds and memory, for the parent to read."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps({"seconds": time.perf_counter() - start, "gigabytes": peak}))


ANJANA = """
import json, resource, sys, time
import numpy as np, pandas as pd
from anjana.anonymity import k_anonymity

folder, out, k, limit = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
raw = pd.read_parquet(folder + "/raw.parquet")
born = pd.to_datetime(raw["born"])
number = born.dt.year * 10000 + born.dt.month * 100 + born.dt.day
age = np.minimum((20240101 - number) // 10000, 80)


def band(width):
    top = 80 // width * width
    lows = [a // width * width for a in range(top)]
    return [f"{a}-{a + width - 1}" for a in lows] + [f"{top}+"] * (81 - top)


fine = band(5)
raw["born"] = [fine[a] for a in age]
raw["zip"] = raw["zip"].str[:4]
first = {label: a for a, label in reversed(list(enumerate(fine)))}
ages = list(first)
zips = sorted(raw["zip"].unique())
jobs = [line.strip().split(";") for line in open(folder + "/jobs.csv")]
bands = [band(5), band(10), band(20), band(40), ["*"] * 81]
hierarchies = {
    "born": {n: np.array([labels[first[a]] for a in ages]) for n, labels in enumerate(bands)},
    "zip": {n: np.array([z[: 4 - n] or "*" for z in zips]) for n in range(5)},
    "sex": {0: np.array(["f", "m", "x"]), 1: np.array(["*"] * 3)},
    "job": {n: np.array([row[n] for row in jobs]) for n in range(3)},
}
start = time.perf_counter()
done = k_anonymity(raw, ["who"], ["born", "zip", "sex", "job"], k, limit, hierarchies)
seconds = time.perf_counter() - start
done.to_parquet(out)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(json.dumps({"seconds": seconds, "gigabytes": peak}))
"""

PYCANON = """
import sys
import pandas as pd
from pycanon.anonymity import k_anonymity

table = pd.read_parquet(sys.argv[1])
print(k_anonymity(table, ["born", "zip", "sex", "job"]))
"""


def called(command: list[str]) -> dict[str, float]:
    """What a process reports on its last line."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def show(  # noqa: PLR0917 (a line of a table)
    side: str,
    people: int,
    run: dict[str, float],
    folder: Path,
    out: Path,
    given: argparse.Namespace,
) -> None:
    """A line with time, memory, loss and the counted k."""
    published = pl.read_parquet(out).select(*QUASI_IDENTIFIERS, "row")
    stars = published.with_columns(pl.col(QUASI_IDENTIFIERS).replace({"*": None}))
    lost = loss(stars, pl.read_parquet(folder / "raw.parquet"), people)
    print(
        f"{side:7} {people:>9,} people  {run['seconds']:7.1f} s  {run['gigabytes']:5.2f} GB  "
        f"loss {lost:.4f}  null {cells_lost(stars, people):.3%}  "
        f"k counted {smallest(stars)}  pycanon {by_pycanon(stars, given.peers, folder)}"
    )


def cells_lost(published: pl.DataFrame, people: int) -> float:
    """The share of cells of quasi-identifiers that are null, or whose row was removed."""
    shown = published.select(pl.col(QUASI_IDENTIFIERS).count()).sum_horizontal().item()
    return 1 - int(shown) / people / len(QUASI_IDENTIFIERS)


def smallest(published: pl.DataFrame) -> int:
    """The smallest class, by sorting and comparing neighbours; nothing of the library is used."""
    texts = pl.concat_str(pl.col(QUASI_IDENTIFIERS).fill_null("-"), separator="|")
    rows = np.sort(published.select(texts).to_series().to_numpy().astype(str))
    ends = np.flatnonzero(np.append(rows[1:] != rows[:-1], True))
    return int(np.diff(ends, prepend=-1).min())


def by_pycanon(published: pl.DataFrame, peers: str | None, folder: Path) -> str:
    """The k that pycanon finds; not asked where it is not installed."""
    if peers is None:
        return "-"
    published.with_columns(pl.col(QUASI_IDENTIFIERS).fill_null("*")).write_parquet(
        folder / "seen.parquet"
    )
    command = [peers, "-c", PYCANON, str(folder / "seen.parquet")]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def loss(published: pl.DataFrame, raw: pl.DataFrame, people: int) -> float:
    """Iyengar's loss: how many of the finest values each published value stands for."""
    finest = raw.select(
        "row", born=bands(raw["born"]), zip=pl.col("zip").str.head(4), sex="sex", job="job"
    )
    both = finest.join(published, on="row", how="left", suffix="_shown")
    total = 0.0
    for column in QUASI_IDENTIFIERS:
        values = finest[column].n_unique()
        sizes = both.group_by(f"{column}_shown").agg(pl.col(column).n_unique(), pl.len())
        shown = sizes.drop_nulls(f"{column}_shown")
        share = (shown[column] - 1) / max(values - 1, 1) * shown["len"]
        total += float(share.sum()) + people - int(shown["len"].sum())
    return total / people / len(QUASI_IDENTIFIERS)


def bands(born: pl.Series) -> pl.Series:
    """Age in five-year bands on 2024-01-01, 80 and above together."""
    number = born.dt.year() * 10_000 + born.dt.month().cast(pl.Int32) * 100 + born.dt.day()
    age = (20_240_101 - number) // 10_000
    return (age.clip(upper_bound=80) // 5).alias("born")


if __name__ == "__main__":
    main()
