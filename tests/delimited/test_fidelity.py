"""What is kept of a CSV is the characters of the file, in every dialect."""

from pathlib import Path
from typing import Any

import pytest

from anonymizer.masking.run.files import mask_file
from tests.delimited.dialects import DIALECTS, NAMES, Made, drawn, read, write


def kept(rows: Any, made: Made, folder: Path) -> Any:
    """The rows of a file that was written from some rows, masked with `keep` and read."""
    source, target = folder / f"in{made.ending}", folder / f"out{made.ending}"
    write(rows, source, made)
    rules = {"version": 1, "csv": made.csv, "columns": dict.fromkeys(NAMES, "keep")}
    mask_file(source, target, rules, overwrite=True)
    return read(target, made)


@pytest.mark.parametrize("name", DIALECTS)
def test_what_is_kept_is_what_stood_there(tmp_path: Path, name: str) -> None:
    """Leading zeros, blanks, NA, quotes, line breaks; and null is not empty text."""
    made = DIALECTS[name]
    for seed in range(6):
        rows = drawn(seed, made)
        assert kept(rows, made, tmp_path) == rows


def test_blocks_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a file is cut for reading, inside quotes, letters or line ends."""
    for name in ("plain", "windows", "utf-16, gzip"):
        made = DIALECTS[name]
        rows = [row for seed in range(12) for row in drawn(seed, made)]
        for size in (7, 64, 1001):
            monkeypatch.setattr("anonymizer.delimited.records._BLOCK", size)
            assert kept(rows, made, tmp_path) == rows
