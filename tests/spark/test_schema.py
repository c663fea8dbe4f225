"""What a masked Spark DataFrame says of its columns."""

import sys
from typing import Any

import polars as pl
import pytest

from anonymizer.errors import DataError, MissingExtraError
from anonymizer.spark import anonymize

pytestmark = pytest.mark.filterwarnings("ignore")  # of pyspark itself

SECRET = "0123456789abcdef-of-the-tests"
KEPT = {
    "id": "cast(id as int)",
    "note": "parse_json('{\"a\": 1}')",
    "step": "interval '1' day",
    "word": "'x' collate UNICODE_CI",
    "place": "st_geomfromwkb(X'0101000000000000000000F03F0000000000000040')",
    "tags": "map('a', 1)",
    "price": "cast(1.5 as decimal(38, 10))",
    "raw": "cast('x' as binary)",
    "clock": "timestamp_ntz'2024-01-31 20:00:00'",
    "gone": "null",
    "some": "if(id = 0, 'x', null)",
}


def test_without_pandas_the_extra_is_named(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spark takes no rows of Python without it."""
    rows = spark.range(3)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match=r"seqanon\[spark\]"):
        anonymize(rows, {"version": 1, "columns": {"*": "keep"}})


def test_kept_columns_stay_what_they_were(spark: Any) -> None:
    """Variant, geometry, interval, collation, NOT NULL: type and value, as Spark shows them."""
    given = spark.range(2).selectExpr(*(f"{value} as {name}" for name, value in KEPT.items()))
    masked = anonymize(given, {"version": 1, "columns": {"*": "keep"}})
    assert masked.schema == given.schema
    assert [field.nullable for field in masked.schema] == [False] * 9 + [True] * 2
    shown = ["to_json(note)", "st_asbinary(place)", *(set(KEPT) - {"note", "place"})]
    assert masked.selectExpr(*shown).collect() == given.selectExpr(*shown).collect()


def test_masked_columns_may_be_null_and_keep_their_comment(spark: Any) -> None:
    """Not what may hold values, such as the labels of Spark's own StringIndexer."""
    from pyspark.sql import functions as f

    labels = {"ml_attr": {"vals": ["Ann", "Bo"]}, "comment": "who bought"}
    given = spark.range(2).select(
        f.col("id").alias("who", metadata=labels), f.col("id").alias("kept", metadata=labels)
    )
    masked = anonymize(
        given, {"version": 1, "columns": {"who": "token", "kept": "keep"}}, key=SECRET
    )
    assert [field.metadata for field in masked.schema] == [{"comment": "who bought"}] * 2
    assert [field.nullable for field in masked.schema] == [True, False]


def test_what_arrow_has_no_type_for_is_refused_by_name(spark: Any) -> None:
    """Before a task starts, all columns at once."""
    given = spark.sql("select 1 as who, interval '1' year as a, make_interval(1, 2) as b")
    with pytest.raises(
        DataError, match=r"a is interval year, b is interval: Arrow, by which .*: cast"
    ):
        anonymize(given, {"version": 1, "columns": {"*": "keep"}})


def test_columns_with_odd_names_are_learned_from(spark: Any) -> None:
    """Dots and backticks mean something to Spark."""
    frame = pl.DataFrame({"a.b": ["x", "x", "y"], "c`d": ["u", "v", "v"], "e f": [1, 2, 3]})
    rare = {"mask": "rare", "k": 2}
    rules = {"version": 1, "columns": {"a.b": rare, "c`d": rare, "e f": "keep"}}
    masked = pl.DataFrame(anonymize(spark.createDataFrame(frame.to_arrow()), rules).toArrow())
    assert masked.sort("e f").rows() == [("x", "OTHER", 1), ("x", "v", 2), ("OTHER", "v", 3)]
