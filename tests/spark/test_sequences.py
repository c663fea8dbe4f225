"""Histories that executors sample and score are those of one machine."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from polars.testing import assert_frame_equal

from anonymizer.cli import main
from anonymizer.errors import DataError
from anonymizer.files.sources import recorded
from anonymizer.provenance import model_read
from anonymizer.sequences.derived.naming.identifiers import Identifier
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.spark import sample, score
from anonymizer.spark.sequences import _in_one_thread, whole_histories
from tests.sequences.generation.test_shards import bills
from tests.sequences.stub import untrained

pytestmark = pytest.mark.filterwarnings("ignore")  # of pyspark itself

CLOSE: dict[str, Any] = {
    "abs_tol": 1e-3,
    "rel_tol": 1e-3,
}  # company moves the last digits of the network


@pytest.fixture(scope="module")
def real() -> pl.DataFrame:
    """Bills of some persons; Spark has times with a zone."""
    return bills().with_columns(pl.col("at").dt.replace_time_zone("UTC"))


@pytest.fixture(scope="module")
def model(real: pl.DataFrame) -> SequenceModel:
    """It makes identifiers anew."""
    return untrained(real, entity="who", time="at", derived=True)


def collected(df: Any) -> pl.DataFrame:
    """The rows on the driver."""
    return pl.DataFrame(df.toArrow())


@pytest.mark.parametrize("partitions", [3, None])
def test_executors_sample_what_one_machine_does(
    spark: Any, model: SequenceModel, partitions: int | None
) -> None:
    """Value for value, identifiers too, in any number of tasks; nothing runs before it is asked."""
    sampled = sample(spark, model, 40, seed=7, partitions=partitions)
    assert partitions is None or sampled.rdd.getNumPartitions() == partitions
    assert_frame_equal(collected(sampled), model.sample(40, seed=7))


def test_batches_of_a_partition_are_sampled_one_after_the_other(
    spark: Any, model: SequenceModel
) -> None:
    """However many numbers Spark sends at once."""
    name = "spark.sql.execution.arrow.maxRecordsPerBatch"
    usual = spark.conf.get(name)
    spark.conf.set(name, "7")
    try:
        found = collected(sample(spark, model, 30, partitions=2))
    finally:
        spark.conf.set(name, usual)
    assert_frame_equal(found, model.sample(30))


def test_what_cannot_be_sampled_on_spark_is_said(spark: Any, model: SequenceModel) -> None:
    """In one line, before a task starts."""
    for wrong in ({"entities": 0}, {"entities": 3, "partitions": 0}):
        with pytest.raises(DataError, match="must be a whole number, 1 or more"):
            sample(spark, model, **wrong)
    own = model.derivation
    bill = next(step for step in own.steps if step.given == ("bill",))
    assert isinstance(bill, Identifier)
    few = replace(bill, patterns=tuple(replace(each, limit=10**9) for each in bill.patterns))
    steps = tuple(few if step is bill else step for step in own.steps)
    narrow = replace(model, derivation=replace(own, steps=steps))
    with pytest.raises(DataError, match="identifiers 'bill' are numbered in order"):
        sample(spark, narrow, 5)
    odd = replace(model, derivation=replace(own, columns=own.columns | {"bill": pl.UInt64()}))
    with pytest.raises(DataError, match="bill is UInt64: Spark has no such type: cast them before"):
        sample(spark, odd, 5)


def test_executors_score_what_one_machine_does(
    spark: Any, model: SequenceModel, real: pl.DataFrame
) -> None:
    """Scores, parts and alerts of every row; null of rows without a person or a time."""
    row, who, at = pl.int_range(pl.len()), pl.col("who"), pl.col("at")
    holed = real.with_columns(
        pl.when(row % 50 == 7).then(None).otherwise(who).alias("who"),
        pl.when(row % 50 == 9).then(None).otherwise(at).alias("at"),
        pl.Series("row.of", np.arange(len(real))),
    )
    given = spark.createDataFrame(holed.to_arrow())
    for options in ({"alert_rate": 0.2}, {"trusting": True}):
        expected = model.score(holed, **options)
        scored = score(given, model, **options)
        assert scored.schema.fields[: len(holed.columns)] == given.schema.fields
        found = collected(scored).sort("row.of")
        assert_frame_equal(found, expected, **CLOSE)
        assert expected["anomaly_score"].null_count() > 20


@pytest.mark.usefixtures("spark")
def test_commands_sample_and_score_on_spark(
    spark: Any,
    model: SequenceModel,
    real: pl.DataFrame,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Into folders of Parquet, as they do here; what has no place on Spark is refused.

    One that fails leaves the folder that it would have replaced.
    """
    folder, raw, sampled, scored = (str(tmp_path / name) for name in ("m", "raw", "s", "t"))
    model.save(folder)
    Path(raw).mkdir()
    real.write_parquet(f"{raw}/events.parquet")
    on_spark = ["--engine", "spark"]
    assert main(["sample", folder, sampled, "--entities", "40", "--seed", "7", *on_spark]) == 0
    found = pl.read_parquet(f"{sampled}/*.parquet").cast(model.schema)
    found = found.sort("who", "at", "bill")
    assert_frame_equal(found, model.sample(40, seed=7).sort("who", "at", "bill"))
    said = recorded("synthetic", sampled)
    assert said.model_sha256 == model_read(folder).sha256
    assert main(["score", folder, raw, scored, "--alert-rate", "0.01", *on_spark]) == 0
    assert pl.read_parquet(f"{scored}/*.parquet").columns == [
        *model.score(real, alert_rate=0.01).columns
    ]
    for command in (
        ["sample", folder, str(tmp_path / "n"), "--prefix", raw, *on_spark],
        ["score", folder, raw, str(tmp_path / "n"), "--history", raw, *on_spark],
        ["score", folder, raw, scored, *on_spark],
    ):
        assert main(command) == 2
    assert not (tmp_path / "n").exists()
    fails = spark.range(3).selectExpr("raise_error('fails') as item")
    for name, target, *call in (
        ("sample", sampled, folder, sampled, "--entities", "40"),
        ("score", scored, folder, raw, scored),
    ):
        before = pl.read_parquet(f"{target}/*.parquet")
        with monkeypatch.context() as patch:
            patch.setattr(f"anonymizer.spark.files.{name}", lambda *_, **__: fails)
            assert main([name, *call, "--overwrite", *on_spark]) == 1
        assert_frame_equal(pl.read_parquet(f"{target}/*.parquet"), before)
        assert main([name, *call, "--overwrite", *on_spark]) == 0
        assert len(pl.read_parquet(f"{target}/*.parquet")) > 0
    assert {entry.name for entry in tmp_path.iterdir()} == {"m", "raw", "s", "t"}


def test_rows_of_one_moment_keep_their_order(spark: Any) -> None:
    """As a basket is scored item by item."""
    rng = np.random.default_rng(2)
    items = [f"item {each}" for each in rng.integers(5, size=600)]
    days = [datetime(2024, 1, 1 + int(n) // 3 % 4, tzinfo=UTC) for n in range(600)]
    baskets = pl.DataFrame({"who": np.arange(600) // 12, "at": days, "item": items})
    model = untrained(baskets, entity="who", time="at")
    found = collected(score(spark.createDataFrame(baskets.to_arrow()), model))
    expected = model.score(baskets)
    assert_frame_equal(found.sort("who", maintain_order=True), expected, **CLOSE)
    turned = model.score(baskets.reverse())["anomaly_item"].sort()
    assert (turned - expected["anomaly_item"].sort()).abs().max() > 0.1  # type: ignore[operator]


def test_another_entity_changes_no_score(
    spark: Any, model: SequenceModel, real: pl.DataFrame
) -> None:
    """An identifier that two have is seen in one place only; one that comes again in both."""
    taken, again = real["bill"][0], real["bill"][-2]
    broken = real.with_columns(
        real["bill"].scatter([len(real) - 40, len(real) - 1], [taken, again])
    )
    given = spark.createDataFrame(broken.to_arrow())
    part = collected(score(given.coalesce(1), model)).join(
        broken.with_row_index(), on=["who", "at", "bill", "token"]
    )
    strange = part.filter(pl.col("anomaly_bill") > 3)["index"].to_list()
    assert strange == [len(real) - 1]
    assert model.score(broken)["anomaly_bill"][len(real) - 40] > 3


def test_what_cannot_be_scored_on_spark_is_said(
    spark: Any, model: SequenceModel, real: pl.DataFrame, tmp_path: Any
) -> None:
    """As in Polars, before a task starts."""
    given = spark.createDataFrame(real.to_arrow())
    with pytest.raises(DataError, match="there is no column 'item'"):
        score(given.drop("item"), model)
    with pytest.raises(DataError, match="column 'alert' is there already"):
        score(given.withColumn("alert", given.item), model)
    with pytest.raises(DataError, match="alert_rate is 2"):
        score(given, model, alert_rate=2)
    real.write_parquet(tmp_path / "bills.parquet")
    stream = spark.readStream.schema(given.schema).parquet(str(tmp_path))
    with pytest.raises(DataError, match="a stream has no whole histories"):
        score(stream, model)


def test_a_task_computes_with_one_thread() -> None:
    """Spark runs one for each core; after it there are as many as before."""
    before = torch.get_num_threads()
    found = list(_in_one_thread(torch.get_num_threads() for _ in range(2)))
    assert (found, torch.get_num_threads()) == ([1, 1], before)


@pytest.mark.parametrize("size", [1, 3, 4, 7, 100])
def test_histories_are_never_cut(size: int) -> None:
    """Tables end where a history does, however long it is; rows of nobody may be anywhere."""
    who = [None] * 5 + [1] * 9 + [2] * 3 + [3] + [4] * 2
    rows = pl.DataFrame({"row": range(len(who)), "who": who}).to_arrow()
    pieces = (rows.slice(start, size) for start in range(0, len(rows), size))
    found = [pl.DataFrame(each) for each in whole_histories(pieces, 1)]
    assert pl.concat(found)["row"].to_list() == list(range(len(who)))
    owners = [set(each["who"].drop_nulls()) for each in found]
    assert sum(map(len, owners)) == 4
    assert all(len(each) <= size + 9 for each in found)
    assert list(whole_histories(iter([rows.slice(0, 0)]), 1)) == []
