"""On Spark, every mask gives what it gives in Polars."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import anonymizer
from anonymizer.errors import DataError, KeyMaterialError, PrivacyWarning

pytestmark = pytest.mark.filterwarnings("ignore")  # of pyspark itself

SECRET = "0123456789abcdef-of-the-tests"
RULES: dict[str, Any] = {
    "version": 1,
    "entity": "who",
    "columns": {
        "who": {"mask": "token", "domain": "customer"},
        "name": {"mask": "pseudonym", "kind": "name"},
        "email": {"mask": "email_domain", "floor": 2},
        "address": {"mask": "region", "country": "US"},
        "inner.card": {"mask": "fpe", "last": 4},
        "inner.*": "keep",
        "tags": {"mask": "token"},
        "day": {"mask": "date_shift", "days": 30},
        "time": {"mask": "date_truncate", "to": "hour"},
        "signed": {"mask": "date_shift", "days": 30, "format": "%d.%m.%Y", "unmapped": "null"},
        "seen": {"mask": "date_truncate", "to": "month"},
        "packed": {"mask": "age", "format": "%Y%m%d", "on": "2025-01-01"},
        "amount": {"mask": "noise", "scale": 2},
        "item": {"mask": "rare", "k": 2},
        "note": {"mask": "scrub", "known": ["name"]},
        "event.of": {"mask": "token", "domain": "customer"},
        "event.at[]": {"mask": "date_shift", "days": 30, "unmapped": "null"},
    },
}
FRAME = pl.DataFrame(
    {
        "who": [1, 2, 1, None] * 5,
        "name": ["Ann Lee", "Bo Ek", "A. Lee", None] * 5,
        "email": ["a@x.org", "b@x.org", "c@own.name", None] * 5,
        "address": ["Reno NV 89501", "nowhere", None, "Boston MA 02201"] * 5,
        "inner": [{"card": "4111111111111111", "n": 1}, None] * 10,
        "tags": [["a", None], [], None, ["b"]] * 5,
        "day": [date(2024, 2, 29), None] * 10,
        "time": [datetime(2024, 3, 31, 1, 59, tzinfo=UTC)] * 20,
        "signed": ["29.02.2024", "soon", None, "31.12.9999"] * 5,
        "seen": ["2024-05-16T12:00:00.5+02:00", "2024-05", "", None] * 5,
        "packed": [19740516, 99991231, None, 0] * 5,
        "amount": [1.5, 2.5, None, 4.0] * 5,
        "item": ["x", "y", "y", "x"] * 5,
        "note": ["call Ann Lee at 202-555-0143", "", None, "nothing"] * 5,
        "event": ['{"of": 1, "at": ["2024-02-29", "soon"]}', "{}", None, '{"of": "2"}'] * 5,
    }
)


def test_batches_of_a_partition_go_together_and_keep_their_order() -> None:
    """Small ones become larger ones; nothing is lost, and of nothing comes nothing."""
    from anonymizer.spark.shipping import ROWS_AT_ONCE, together

    table = pl.DataFrame({"row": range(ROWS_AT_ONCE + 30_000)}).to_arrow()
    tables = list(together(iter(table.to_batches(max_chunksize=10_000))))
    assert [len(each) for each in tables] == [ROWS_AT_ONCE, 30_000]
    rows = pl.concat([pl.DataFrame(each) for each in tables])
    assert rows["row"].to_list() == list(range(len(table)))
    assert list(together(iter([]))) == []


def test_spark_gives_what_polars_gives(spark: Any) -> None:
    """Masks of every kind, structs, lists, learned and row-local, whatever the partitions."""
    from anonymizer.spark import anonymize

    frame = spark.createDataFrame(FRAME.with_row_index("row").cast({"row": pl.Int64}).to_arrow())
    rules = RULES | {"columns": RULES["columns"] | {"row": "keep"}}
    out = anonymize(frame.repartition(3), rules, key=SECRET)
    expected = anonymizer.anonymize(FRAME.with_row_index("row"), rules, key=SECRET)
    given = pl.DataFrame(out.toArrow()).sort("row").drop("row")
    assert given.columns == expected.drop("row").columns
    for column in given.columns:
        assert given[column].to_list() == expected[column].to_list(), column


def test_the_key_is_in_no_plan(spark: Any) -> None:
    """What Spark explains and logs of the query holds neither key nor subkeys."""
    from anonymizer.keys import Key
    from anonymizer.spark import anonymize

    frame = spark.createDataFrame(FRAME.select("who").to_arrow())
    rules = {"version": 1, "columns": {"who": {"mask": "token", "domain": "customer"}}}
    out = anonymize(frame, rules, key=lambda: SECRET)
    explained = out._jdf.queryExecution().toString()
    assert SECRET not in explained
    assert Key(SECRET).subkey("customer") not in explained


def test_what_cannot_run_on_spark_is_said(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a task starts."""
    from anonymizer.spark import anonymize

    monkeypatch.delenv("ANONYMIZER_KEY", raising=False)
    frame = spark.createDataFrame(FRAME.select("who").to_arrow())
    with pytest.raises(DataError, match="shuffle needs all rows in one place"):
        anonymize(frame, {"version": 1, "columns": {"who": "shuffle"}}, key=SECRET)
    shuffled = {"version": 1, "order": "shuffled", "columns": {"who": "token"}}
    with pytest.raises(DataError, match="order: on Spark, sort by the masked entity"):
        anonymize(frame, shuffled, key=SECRET)
    with pytest.raises(KeyMaterialError, match="no key"):
        anonymize(frame, {"version": 1, "columns": {"who": "token"}})


def test_times_are_cut_alike_in_every_zone_of_the_session(spark: Any) -> None:
    """On the day in UTC, as Polars does, though it is another day in Tokyo."""
    from anonymizer.spark import anonymize as on_spark

    frame = pl.DataFrame({"at": [datetime(2024, 1, 31, 20, tzinfo=UTC)]})
    rules = {"version": 1, "columns": {"at": {"mask": "date_truncate", "to": "day"}}}
    expected = anonymizer.anonymize(frame, rules)["at"].to_list()
    given = spark.createDataFrame(frame.to_arrow())
    spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    try:
        masked = pl.DataFrame(on_spark(given, rules).toArrow())
    finally:
        spark.conf.set("spark.sql.session.timeZone", "UTC")
    assert masked["at"].to_list() == expected


def test_a_stream_is_masked_and_not_learned_from(spark: Any, tmp_path: Path) -> None:
    """It stays a stream, and what nobody looked for is said; masks that learn are refused."""
    from anonymizer.spark import anonymize as on_spark

    days = FRAME.select("who", "day")
    days.write_parquet(tmp_path / "days.parquet")
    schema = spark.createDataFrame(days.to_arrow()).schema
    stream = spark.readStream.schema(schema).parquet(str(tmp_path))
    rules = {
        "version": 1,
        "entity": "who",
        "columns": {"who": "token", "day": RULES["columns"]["day"]},
    }
    with pytest.warns(PrivacyWarning, match="time-told: day: .* not looked for here"):
        assert on_spark(stream, rules, key=SECRET).isStreaming
    learns = {"version": 1, "columns": {"who": {"mask": "rare", "k": 2}, "day": "keep"}}
    with pytest.raises(DataError, match="a stream is not there to learn from"):
        on_spark(stream, learns, key=SECRET)


def test_rows_in_the_order_of_what_is_hidden_are_told_of_on_spark(spark: Any) -> None:
    """By the first rows, as of a frame of Polars."""
    from anonymizer.spark import anonymize as on_spark

    frame = spark.createDataFrame(pl.DataFrame({"number": range(100)}).to_arrow())
    with pytest.warns(PrivacyWarning, match="order-told: order: rows come in the order of number"):
        on_spark(frame, {"version": 1, "columns": {"number": "token"}}, key=SECRET)


def test_fitted_rules_mask_alike_on_spark(spark: Any) -> None:
    """What was learned by Polars holds on Spark, batch by batch, for the table as a whole too."""
    from anonymizer.spark import anonymize as on_spark

    people = pl.DataFrame(
        {
            "who": range(40),
            "born": [date(1960 + number % 20, 1, 1) for number in range(40)],
            "town": ["A", "B", "C", "D"] * 10,
            "item": [f"thing {number % 9}" for number in range(40)],
        }
    )
    rules = {
        "version": 1,
        "entity": "who",
        "columns": {
            "who": "token",
            "born": {"mask": "age", "width": 5, "on": "2024-01-01"},
            "town": "keep",
            "item": {"mask": "rare", "k": 4},
        },
        "anonymity": {"quasi_identifiers": ["born", "town"], "k": 3},
    }
    fitted = anonymizer.fit_rules(people, rules, key=SECRET)
    expected = anonymizer.anonymize(people, rules, key=SECRET)
    some = spark.createDataFrame(people[:7].to_arrow())
    masked = pl.DataFrame(on_spark(some, fitted, key=SECRET).toArrow())
    assert masked.sort("who").rows() == expected[:7].sort("who").rows()


def test_a_stream_that_runs_gives_what_polars_gives(spark: Any, tmp_path: Path) -> None:
    """By rules that were fitted on Spark, file by file as they come."""
    from anonymizer.spark import anonymize as on_spark
    from anonymizer.spark import fit_rules

    rules = {
        "version": 1,
        "entity": "who",
        "columns": {
            "who": "token",
            "item": {"mask": "rare", "k": 2},
            "day": {"mask": "date_shift", "days": 30},
        },
    }
    given = FRAME.select("who", "item", "day")
    table = spark.createDataFrame(given.to_arrow())
    fitted = fit_rules(table, rules, key=SECRET)
    (tmp_path / "in").mkdir()
    for number in range(4):
        given[number * 5 : number * 5 + 5].write_parquet(tmp_path / "in" / f"{number}.parquet")
    source = spark.readStream.schema(table.schema).option("maxFilesPerTrigger", 1)
    masked = on_spark(source.parquet(str(tmp_path / "in")), fitted, key=lambda: SECRET)
    query = masked.writeStream.format("parquet").trigger(availableNow=True)
    query = query.option("checkpointLocation", str(tmp_path / "state"))
    query.start(str(tmp_path / "out")).awaitTermination()
    out = pl.read_parquet(tmp_path / "out" / "*.parquet")
    expected = anonymizer.anonymize(given, fitted, key=SECRET)
    assert len(out) == len(given)
    assert out.sort(out.columns).equals(expected.sort(out.columns))
