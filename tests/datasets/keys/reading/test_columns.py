"""A sample shows candidates and never decides: what is told was counted on all rows."""

from pathlib import Path

import numpy as np
import polars as pl

from anonymizer.datasets.keys.find import find_keys
from anonymizer.datasets.keys.reading.columns import HEAD, SAMPLED

ROWS = 3 * SAMPLED


def test_one_repeat_that_no_sample_sees_is_seen() -> None:
    """The last row but one has the id of the last, so that the table has no key of one column."""
    ids = [*range(ROWS - 1), ROWS - 2]
    assert ROWS - 2 > HEAD
    assert (ROWS - 2) % (ROWS // SAMPLED) != 0
    frame = pl.LazyFrame({"id": ids})
    assert find_keys({"rows": frame.head(ROWS - 1)}).primary["rows"].columns == ("id",)
    assert find_keys({"rows": frame}).primary == {}


def test_numbers_of_a_small_table_are_no_keys_of_a_large_one(tmp_path: Path) -> None:
    """However few of the large one's keys a sample shows in their range; read from a file."""
    random = np.random.default_rng(5)
    pl.DataFrame({"line_id": random.permutation(ROWS)}).write_parquet(tmp_path / "lines.parquet")
    small = {f"field_{at}": random.integers(0, 40 * at, 400) for at in range(1, 8)}
    keys = find_keys(
        {
            "lines": pl.scan_parquet(tmp_path / "lines.parquet"),
            "small": pl.LazyFrame({"small_id": range(400), **small}),
        }
    )
    assert keys.primary["lines"].rows == ROWS
    assert keys.foreign == ()
