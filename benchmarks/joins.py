"""Whether every join holds: inspected, then masked by what was proposed, without an edit.

    python -m benchmarks.joins [--only WORD] [--data DATA]

The databases are those of `benchmarks.keys`, each a folder of Parquet files. Every true foreign key
is counted before and after, whether it was found or not. With DATA those of
`benchmarks/public_databases.py`, whose packages lie there, each join in a line; then the audit.
"""

import argparse
import tempfile
import warnings
from pathlib import Path
from typing import NamedTuple

import polars as pl

from anonymizer.datasets.inspection.inspect import inspect_dataset
from anonymizer.datasets.masked.audit import audit_dataset
from anonymizer.datasets.masked.joins import JoinCounts, counted
from anonymizer.datasets.masking import mask_dataset
from anonymizer.errors import AnonymizerError
from anonymizer.stores.table import ForeignKey
from benchmarks.key_databases import HELD_BACK, LATE, SEEN, Database
from benchmarks.key_schemas import WRITTEN
from benchmarks.public_databases import chinook, lahman

KEY = "a key for benchmarks only: 7f3a91c5e2"


def _keys(base: Database) -> list[ForeignKey]:
    sides = [side.split(".", 1) for each in sorted(base.foreign) for side in each.split(" > ")]
    parts = [(table, tuple(columns.split("+"))) for table, columns in sides]
    return [
        ForeignKey(*child, *parent) for child, parent in zip(parts[::2], parts[1::2], strict=True)
    ]


class Outcome(NamedTuple):
    """A foreign key, and what it joins before and after; None where its columns are gone."""

    key: ForeignKey
    before: JoinCounts
    after: JoinCounts | None

    def __str__(self) -> str:
        same = "equal" if self.before == self.after else f"now {self.after}"
        return f"| {self.key} | {' | '.join(f'{each:,}' for each in self.before)} | {same} |"


def _masked(base: Database, folder: Path) -> list[Outcome]:
    """Every true key after `inspect` and `mask`."""
    (folder / "raw").mkdir()
    for name, frame in base.tables.items():
        frame.write_parquet(folder / "raw" / f"{name}.parquet")
    (folder / "dataset.yaml").write_text(inspect_dataset(folder / "raw").to_yaml(folder))
    mask_dataset(folder / "dataset.yaml", key=KEY)
    raw = {name: frame.lazy() for name, frame in base.tables.items()}
    masked = {name: pl.scan_parquet(folder / "raw_masked" / f"{name}.parquet") for name in raw}
    outcomes = []
    for key in _keys(base):
        columns = (masked[key.child], key.columns), (masked[key.parent], key.keys)
        there = all(set(names) <= set(rows.collect_schema()) for rows, names in columns)
        outcomes.append(Outcome(key, counted(key, raw), counted(key, masked) if there else None))
    return outcomes


def _told(base: Database) -> str:
    """A row of the table for one database."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            outcomes = _masked(base, Path(folder))
        except AnonymizerError as error:
            return f"| {len(base.foreign)} | refused: {error} |"
    return f"| {len(base.foreign)} | {sum(o.before == o.after for o in outcomes)} |"


def _public(base: Database) -> None:
    """A line for each join, and the audit's verdicts."""
    with tempfile.TemporaryDirectory() as folder:
        for each in _masked(base, Path(folder)):
            print(each, flush=True)
        reports = audit_dataset(Path(folder, "dataset.yaml"))
    print("audit:", ", ".join(f"{table} {each.verdict}" for table, each in reports.items()))


def main() -> None:
    """Print a line for each database."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    parser.add_argument("--data", type=Path, help="a folder with the packages of public databases")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    for make in (chinook, lahman) if asked.data else ():
        if asked.only in make.__name__:
            print(f"\n{make.__name__}", flush=True)
            _public(make(asked.data))
    for make in () if asked.data else (*SEEN, *HELD_BACK, *LATE, *WRITTEN):
        if asked.only in make.__name__:
            base = make()
            print(f"| {make.__name__} | {len(base.tables)} {_told(base)}", flush=True)


if __name__ == "__main__":
    main()
