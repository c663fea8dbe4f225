"""A share of a Spark table is looked at on this machine: inspected, audited, checked, learned."""

import json
import stat
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import anonymizer
import anonymizer.spark
from anonymizer.cli import main
from anonymizer.errors import DataError
from tests.checks.conftest import draw

pytestmark = pytest.mark.filterwarnings("ignore")  # of pyspark itself

SECRET = "0123456789abcdef-of-the-tests"
ROWS = draw(0, 5, 200).rename({"amount": "amount.paid"})
RULES = {
    "version": 1,
    "entity": "customer",
    "order": "kept",
    "columns": {
        "customer": "token",
        "time": {"mask": "date_shift", "days": 30},
        "item": "keep",
        "amount.paid": {"mask": "round", "to": 1},
    },
}


@pytest.fixture(scope="module")
def some(spark: Any) -> Any:
    """The rows of two persons in five, of a table in three partitions."""
    table = spark.createDataFrame(ROWS.to_arrow()).repartition(3)
    return anonymizer.spark.sample_entities(table, 0.4, entity="customer", key=SECRET)


def test_an_audit_takes_what_spark_drew_and_masked(some: Any) -> None:
    """Row by row the same, so that it finds what it finds of the same persons in Polars."""
    masked = anonymizer.spark.anonymize(some, RULES, key=SECRET)
    options: Any = {"entity": "customer", "time": "time", "share": 0.4}
    found = anonymizer.audit(raw=some, masked=masked, **options)
    there = anonymizer.sample_entities(ROWS, 0.4, entity="customer", key=SECRET)
    here = anonymizer.anonymize(there, RULES, key=SECRET)
    expected = anonymizer.audit(raw=there, masked=here, **options)
    assert found.tables == expected.tables
    names = ["unicity", "found", "intervals", "raw_values_customer"]
    assert [found.figures[n].colour for n in names] == [expected.figures[n].colour for n in names]
    for name in ("intervals", "raw_values_customer"):  # which no draw of events is part of
        assert found.figures[name] == expected.figures[name]
    assert "linkage" in found.figures


@pytest.mark.usefixtures("spark")
def test_a_command_audits_what_spark_reads(tmp_path: Path) -> None:
    """From folders of Parquet, with the figures of the files; its report is its owner's."""
    masked = anonymizer.anonymize(ROWS, RULES, key=SECRET)
    for name, frame in (("raw", ROWS), ("masked", masked)):
        (tmp_path / name).mkdir()
        frame.write_parquet(tmp_path / name / "0.parquet")
    tables = [str(tmp_path / "raw"), str(tmp_path / "masked"), "--entity", "customer"]
    for engine in ("local", "spark"):
        told = ["--engine", engine, "--json", str(tmp_path / f"{engine}.json")]
        assert main(["audit", *tables, "--time", "time", *told]) == 0
    here, there = (json.loads((tmp_path / f"{e}.json").read_text()) for e in ("local", "spark"))
    assert here["tables"] == there["tables"]
    for name in ("intervals", "raw_values_customer"):
        assert here["figures"][name] == there["figures"][name]
    assert stat.S_IMODE((tmp_path / "spark.json").stat().st_mode) == 0o600
    assert main(["audit", str(tmp_path / "d.yaml"), "--engine", "spark"]) == 2
    raw = tmp_path / "raw" / "0.parquet"
    for engine in ("local", "spark"):
        assert main(["audit", *tables, "--json", str(raw), "--engine", engine]) == 2
    assert pl.read_parquet(raw).equals(ROWS)


def test_an_inspection_takes_a_spark_table(some: Any) -> None:
    """And finds in it what it finds in Polars."""
    expected = anonymizer.inspect(pl.DataFrame(some.toArrow()))
    assert anonymizer.inspect(some).rules() == expected.rules()


def test_what_does_not_come_names_the_way_out(spark: Any) -> None:
    """More than the driver takes: a share of it."""
    big = spark.range(0, 400_000).selectExpr("id", "cast(id as string) as text")
    with pytest.raises(DataError, match="take a share of the persons"):
        anonymizer.inspect(big)
