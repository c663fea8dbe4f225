"""Whether what is kept of a CSV is, cell by cell, what stood there.

    python -m benchmarks.csv_fidelity [FILES]

Files of random rows in ten dialects (tests/delimited/dialects.py), made and read by code that
shares nothing with the library, go through `keep`. Printed is how many came back with other cells.
"""

import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

from anonymizer import mask_file
from tests.delimited.dialects import DIALECTS, NAMES, drawn, read, write


def main(files: int) -> None:
    """Print, for each dialect, files and cells, and files with another cell than before."""
    cells, wrong = Counter[str](), Counter[str]()
    names = list(DIALECTS)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error")
        for seed in range(files):
            name = names[seed % len(names)]
            made = DIALECTS[name]
            rows = drawn(seed, made)
            source, target = (Path(folder) / f"{side}{made.ending}" for side in ("in", "out"))
            write(rows, source, made)
            rules = {"version": 1, "csv": made.csv, "columns": dict.fromkeys(NAMES, "keep")}
            mask_file(source, target, rules, overwrite=True)
            cells[name] += sum(map(len, rows))
            wrong[name] += read(target, made) != rows
    for name in names:
        print(f"{name:<15} {cells[name]:>8,} cells  {wrong[name]} files differ")
    print(f"{files:,} files, {cells.total():,} cells: {wrong.total()} files differ")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
