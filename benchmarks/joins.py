"""Whether every join holds: inspected, then masked by what was proposed, without an edit.

    python -m benchmarks.joins [--only WORD]

The databases are those of `benchmarks.keys`, each a folder of Parquet files. Every true foreign key
is counted before and after, whether it was found or not.
"""

import argparse
import tempfile
import warnings
from pathlib import Path

import polars as pl

from anonymizer.datasets.inspection import inspect_dataset
from anonymizer.datasets.joins import counted
from anonymizer.datasets.masking import mask_dataset
from anonymizer.errors import AnonymizerError
from anonymizer.stores.table import ForeignKey
from benchmarks.key_databases import HELD_BACK, LATE, SEEN, Database
from benchmarks.key_schemas import WRITTEN

KEY = "a key for benchmarks only: 7f3a91c5e2"


def _keys(base: Database) -> list[ForeignKey]:
    sides = [side.split(".", 1) for each in sorted(base.foreign) for side in each.split(" > ")]
    parts = [(table, tuple(columns.split("+"))) for table, columns in sides]
    return [
        ForeignKey(*child, *parent) for child, parent in zip(parts[::2], parts[1::2], strict=True)
    ]


def _judged(base: Database) -> str:
    """A row of the table for one database."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "raw").mkdir()
        for name, frame in base.tables.items():
            frame.write_parquet(folder / "raw" / f"{name}.parquet")
        (folder / "dataset.yaml").write_text(inspect_dataset(folder / "raw").to_yaml(folder))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                mask_dataset(folder / "dataset.yaml", key=KEY)
        except AnonymizerError as error:
            return f"| {len(base.foreign)} | refused: {error} |"
        raw = {name: frame.lazy() for name, frame in base.tables.items()}
        masked = {name: pl.scan_parquet(folder / "raw_masked" / f"{name}.parquet") for name in raw}
        equal = 0
        for key in _keys(base):
            columns = (masked[key.child], key.columns), (masked[key.parent], key.keys)
            there = all(set(names) <= set(rows.collect_schema()) for rows, names in columns)
            equal += there and counted(key, raw) == counted(key, masked)
        return f"| {len(base.foreign)} | {equal} |"


def main() -> None:
    """Print a line for each database."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    for make in (*SEEN, *HELD_BACK, *LATE, *WRITTEN):
        if asked.only in make.__name__:
            base = make()
            print(f"| {make.__name__} | {len(base.tables)} {_judged(base)}", flush=True)


if __name__ == "__main__":
    main()
