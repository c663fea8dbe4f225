"""What the checks write as JSON is what their published schemas say."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # (has no types)

from anonymizer.checks.audit.audit import audit_tables
from anonymizer.checks.check.check import check_sets
from anonymizer.checks.reports.check_report import Report
from anonymizer.checks.sets.compared_sets import ComparedSets
from tests.checks.conftest import draw, few_trees, habit_detector

DOCS = Path(__file__).parents[3] / "docs"


def faults(name: str, found: dict[str, Any]) -> list[str]:
    """What the schema does not allow, after a journey through JSON."""
    schema = json.loads((DOCS / f"{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    written = json.loads(json.dumps(found, allow_nan=False))
    return [error.message for error in Draft202012Validator(schema).iter_errors(written)]


def test_a_check_fits_its_schema(report: Report) -> None:
    """And something else does not."""
    found = report.to_dict()
    assert faults("check", found) == []
    assert faults("check", {**found, "schema": 2}) != []
    assert faults("check", {**found, "surprise": 1}) != []
    assert faults("check", {**found, "verdict": "blue"}) != []


def test_labels_fit_the_schema(sets: ComparedSets) -> None:
    """No kinds of anomalies, and a name of a column."""
    marked = [
        f.with_columns(fraud=pl.int_range(pl.len()) % 9 == 0)
        for f in (sets.real, sets.synthetic, sets.holdout)
    ]
    with few_trees():
        found = check_sets(
            *marked, entity="customer", time="time", label="fraud", detector=habit_detector
        ).to_dict()
    assert faults("check", found) == []
    assert found["detector"]["finds"] == "fraud"


def noise(_train: pl.DataFrame, test: pl.DataFrame) -> Any:
    """Knows nothing."""
    return np.random.default_rng(0).random(len(test))


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.select("customer", "time"),
        lambda f: f.with_columns(pl.col("time").dt.date(), item=pl.lit(None, pl.String)),
        lambda f: f.with_columns(
            pl.col("time").dt.replace_time_zone("Asia/Shanghai"),
            pl.col("item").cast(pl.Categorical),
            amount=pl.lit(float("nan")),
        ),
        lambda f: f.unique("customer", keep="first", maintain_order=True),
        lambda f: f.rename({"item": '<"ü & \\1>', "amount": "similarity_*"}),
        lambda f: f.with_columns(pl.col("amount").cast(pl.Decimal(20, 2)), pl.duration(days=2)),
    ],
    ids=["no fields", "dates and nulls", "zones and NaN", "one event", "names", "decimals"],
)
def test_odd_data_has_a_page_and_fits_the_schema(change: Any) -> None:
    """Whatever the columns are, there is a page, and NaN is null."""
    frames = [change(draw(first, seed, 60)) for first, seed in ((0, 1), (1000, 2), (2000, 3))]
    with few_trees():
        found = check_sets(*frames, entity="customer", time="time", detector=noise)
    assert faults("check", found.to_dict()) == []
    assert "<h1>" in found.html()


def test_a_report_of_nothing_fits_the_schema(report: Report) -> None:
    """Absent figures are no figures."""
    assert faults("check", replace(report, utility={}, privacy={}).to_dict()) == []


def test_an_audit_fits_its_schema() -> None:
    """With and without roles, times and truth."""
    raw = draw(0, 1, 60).with_columns(city=pl.format("city {}", pl.col("customer") % 20))
    masked = raw.with_columns(pl.col("customer").hash(seed=3))
    whole = audit_tables(
        raw=raw, masked=masked, entity="customer", time="time",
        quasi_identifiers=["city"], sensitive=["item"],
    )  # fmt: skip
    bare = audit_tables(raw=raw, masked=masked.slice(1), entity="customer")
    late = raw.with_columns(time=pl.lit(datetime(2024, 1, 1, tzinfo=UTC)))
    empty = audit_tables(raw=late.clear(), masked=late.clear(), entity="customer", time="time")
    for found in (whole, bare, empty):
        assert faults("audit", found.to_dict()) == []
    assert faults("audit", {**bare.to_dict(), "figures": {"x": {}}}) != []
