"""What tells times more finely than what was left of them is said, and nothing else is."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from anonymizer import PrivacyWarning, anonymize, lint, mask_file

KEY = "0123456789abcdef-of-the-tests"
DRAWN = random.Random(7)
TIME = pl.Series(
    [datetime(2023, 1, 1, tzinfo=UTC) + timedelta(hours=DRAWN.randrange(8760)) for _ in range(2400)]
)
ORDERS = pl.DataFrame({"who": [n % 40 for n in range(2400)], "at": TIME}).with_columns(
    epoch=pl.col("at").dt.epoch("s"),
    text=pl.col("at").dt.strftime("%d.%m.%Y"),
    week=pl.col("at").dt.strftime("%G-W%V"),
    month=pl.col("at").dt.month(),
    day=pl.col("at").dt.strftime("%d"),
    serial=pl.col("at").rank("ordinal"),
    amount=pl.col("who") * 7 % 31,
)


def rules(to: str, column: str) -> dict[str, object]:
    """Times are cut to a unit beside a column that is kept, or a token of it."""
    masks = {"who": "token", "at": {"mask": "date_truncate", "to": to}, column: "keep"}
    columns = masks | {"day": "token"} if column == "day" else masks
    return {"version": 1, "entity": "who", "order": "shuffled", "columns": columns}


def said(frame: pl.DataFrame, to: str, column: str) -> list[str]:
    """What `lint` says of a column that tells."""
    return [str(each) for each in lint(rules(to, column), frame) if each.code == "time-told"]


@pytest.mark.parametrize(
    ("to", "column", "unit"),
    [
        *[("month", column, "day") for column in ("epoch", "text", "serial")],
        *[("month", "week", "week"), ("year", "month", "month")],
        *[("week", "day", "day of the month"), ("quarter", "day", "day of the month")],
    ],
)
def test_finer_times_beside_cut_ones_are_told(to: str, column: str, unit: str) -> None:
    """Written, counted, numbered in turn or by a token of a part, whatever the column is called."""
    (found,) = said(ORDERS.select("who", "at", column), to, column)
    assert f"columns.{column}: tells the true {unit} of 'at', which is cut to its {to}" in found


@pytest.mark.parametrize(
    ("to", "column"),
    [("month", "month"), ("week", "week"), ("week", "month"), ("month", "amount"), ("day", "text")],
)
def test_what_is_no_finer_is_not_told(to: str, column: str) -> None:
    """What the cut time says itself, and what has nothing to do with it, is no risk."""
    assert said(ORDERS.select("who", "at", column), to, column) == []


def test_it_is_a_warning_of_frames_and_files(tmp_path: Path) -> None:
    """Nothing is refused, as that tells of no other row; a job can make an error of the code."""
    frame, source = ORDERS.select("who", "at", "epoch"), tmp_path / "raw.parquet"
    with pytest.warns(PrivacyWarning, match="time-told: epoch: tells the true day"):
        anonymize(frame, rules("month", "epoch"), key=KEY)
    frame.write_parquet(source)
    with pytest.warns(PrivacyWarning, match="time-told: epoch: tells the true day"):
        record = mask_file(source, tmp_path / "m.parquet", rules("month", "epoch"), key=KEY)
    assert record.warnings[0].startswith("time-told: epoch: ")
