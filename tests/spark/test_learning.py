"""What is learned of a Spark DataFrame is what Polars learns, and its rows stay where they are."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

import anonymizer
from anonymizer.errors import AnonymizerError, SchemaError
from anonymizer.spark import anonymize, fit_rules, learning

pytestmark = pytest.mark.filterwarnings("ignore")  # of pyspark itself

SECRET = "0123456789abcdef-of-the-tests"


def made_up(rows: int) -> pl.DataFrame:
    """Histories of a fifth as many people, from a fixed seed."""
    rng = np.random.default_rng(7)
    who = rng.integers(0, rows // 5, rows)
    day = pl.Series(rng.integers(0, 700, rows)).cast(pl.Int32)
    return pl.DataFrame(
        {
            "row": range(rows),
            "who": who,
            "born": [date(1950, 1, 1) + timedelta(days=int(n % 97) * 200) for n in who],
            "town": [f"town {min(n % 41, n % 13)}" for n in who],
            "email": [f"c@d{n % 60 // 7}.example" for n in who],
            "address": [["Reno NV 89501", "Boston MA 02201", "nowhere", None][n % 4] for n in who],
            "day": day.cast(pl.Date),
            "amount": rng.gamma(2.0, 12.0, rows).round(2),
            "item": [f"thing {int(n)}" for n in rng.geometric(0.05, rows)],
            "tags": [[f"tag {n % 9}", f"tag {n % 301}"] for n in who],
            "tracked": [None, *([n % 5 for n in range(rows - 1)])],
        }
    )


LEARNING: dict[str, Any] = {
    "version": 1,
    "entity": "who",
    "columns": {
        "row": "keep",
        "who": "token",
        "born": {"mask": "age", "width": 5, "on": "2024-01-01"},
        "town": "keep",
        "email": {"mask": "email_domain", "floor": 8},
        "address": {"mask": "region", "country": "US", "floor": 12},
        "day": {"mask": "date_shift", "days": 30, "truncate": True},
        "amount": [
            {"mask": "bin", "quantiles": 3, "when": "tracked > 2"},
            {"mask": "bin", "quantiles": 4},
        ],
        "item": {"mask": "rare", "k": 9},
        "tags": {"mask": "token"},
        "tracked": "drop",
    },
    "anonymity": {"quasi_identifiers": ["born", "town"], "k": 6},
}


# No row goes, so that all that is learned of values is learned of summaries.
SUMMARISED = LEARNING | {
    "columns": LEARNING["columns"]
    | {
        "day": {"mask": "date_shift", "days": 30},
        "item": [{"mask": "rare", "k": 4, "when": "tracked > 2"}, {"mask": "rare", "k": 9}],
    },
    "anonymity": {
        "quasi_identifiers": ["born", "town"],
        "k": 6,
        "sensitive": {"email": {"l": 2}},
        "items": {"column": "tracked", "k": 5, "m": 2},
    },
}
SUMMARISED["columns"]["tracked"] = "keep"
# Of nobody: rows are counted.
ROWS = {
    "version": 1,
    "unlisted": "drop",
    "columns": {
        column: SUMMARISED["columns"][column]
        for column in ("row", "born", "town", "email", "address", "item")
    },
    "anonymity": {"quasi_identifiers": ["born", "town"], "k": 20},
}


def with_a_crowd() -> pl.DataFrame:
    """Histories in which a day stands out."""
    day = pl.when(pl.col("row") % 11 == 0).then(date(2001, 1, 1)).otherwise("day")
    return made_up(3_000).with_columns(day.alias("day"))


@pytest.mark.parametrize(("rules", "partitions"), [(LEARNING, 1), (ROWS, 2)])
def test_what_is_learned_on_spark_is_what_polars_learns(
    spark: Any, rules: dict[str, Any], partitions: int
) -> None:
    """Floors, edges, bounds of time and classes; then the same values."""
    frame = with_a_crowd()
    given = spark.createDataFrame(frame.to_arrow()).repartition(partitions)
    masked = pl.DataFrame(anonymize(given, rules, key=SECRET).toArrow()).sort("row")
    assert_equal(masked, anonymizer.anonymize(frame, rules, key=SECRET))


def test_rules_fitted_on_spark_are_those_fitted_by_polars(spark: Any, tmp_path: Any) -> None:
    """Days that many share are learned too; the same stands in the file, but of which table."""
    frame, rules = with_a_crowd(), SUMMARISED
    given = spark.createDataFrame(frame.to_arrow()).repartition(3)
    fitted = fit_rules(given, rules, key=SECRET)
    fitted.write(tmp_path / "spark.json")
    assert fitted.fitted is not None
    assert fitted.fitted.provenance is not None
    assert fitted.fitted.provenance.command == "anonymizer.spark.fit_rules"
    (said,) = fitted.fitted.provenance.inputs
    assert said.undigested == "spark"
    here = anonymizer.fit_rules(frame, rules, key=SECRET).fitted
    assert here is not None
    read_again = anonymizer.load_rules(tmp_path / "spark.json").fitted
    assert read_again is not None
    assert read_again.text == here.text
    assert fitted.fitted.text == here.text
    masked = pl.DataFrame(anonymize(given, fitted, key=SECRET).toArrow()).sort("row")
    assert_equal(masked, anonymizer.anonymize(frame, rules, key=SECRET))


def assert_equal(masked: pl.DataFrame, expected: pl.DataFrame) -> None:
    """The same columns with the same values."""
    assert masked.columns == expected.columns
    for column in expected.columns:
        assert masked[column].to_list() == expected[column].to_list(), column


def test_values_are_counted_by_many_tasks(spark: Any, monkeypatch: Any) -> None:
    """Of a long table no task sees all: each counts who holds some of the values."""
    parts, found = list[int](), learning._Rows.parts

    def counted(*given: Any) -> list[Any]:
        answers = found(*given)
        parts.append(len(answers))
        return answers

    monkeypatch.setattr(learning._Rows, "parts", counted)
    frame = made_up(400)
    columns = {"who": "token", "item": {"mask": "rare", "k": 9}}
    rules = {"version": 1, "entity": "who", "unlisted": "drop", "columns": columns}
    spark.conf.set("spark.sql.adaptive.enabled", "false")  # it would take few rows together
    try:
        anonymize(spark.createDataFrame(frame.to_arrow()), rules, key=SECRET)
    finally:
        spark.conf.unset("spark.sql.adaptive.enabled")
    assert parts == [2, 1]  # nothing is left for the one that learns the rest


def test_a_table_beyond_what_the_driver_may_hold_is_learned_from(spark: Any) -> None:
    """A hundred times the result limit of the driver, of which one column is looked at."""
    from pyspark.sql import functions as f

    wide = spark.range(150_000, numPartitions=4).select(
        f.concat(f.lit("thing "), (f.col("id") % 900).cast("string")).alias("item"),
        f.repeat(f.md5(f.col("id").cast("string")), 25).alias("other"),
    )
    rules: dict[str, Any] = {
        "version": 1,
        "columns": {"item": {"mask": "rare", "k": 167}, "other": "keep"},
    }
    counts = dict(map(tuple, anonymize(wide, rules).groupBy("item").count().collect()))
    often = 150_000 % 900  # numbers that come 167 times, the others 166 times
    assert counts.pop("OTHER") == 166 * (900 - often)
    assert counts == {f"thing {number}": 167 for number in range(often)}


def test_more_than_the_driver_may_hold_is_not_learned(spark: Any) -> None:
    """The error says what to do."""
    from pyspark.sql import functions as f

    many = spark.range(100_000).select(f.col("id").cast("string").alias("item"))
    with pytest.raises(AnonymizerError, match=r"spark\.driver\.maxResultSize: raise it, or `k`"):
        anonymize(many.union(many), {"version": 1, "columns": {"item": {"mask": "rare", "k": 2}}})


def test_what_forbids_a_mask_on_spark_is_the_error_of_polars(spark: Any) -> None:
    """The same kind and the same words, without a trace of Python or Java."""
    frame = pl.DataFrame({"at": ["29.02.2024", "soon"], "amount": [1.0, 2.0]})
    given = spark.createDataFrame(frame.to_arrow())
    for columns in (
        {"at": {"mask": "date_truncate", "to": "day", "format": "%d.%m.%Y"}, "amount": "keep"},
        {"at": "drop", "amount": {"mask": "bin", "quantiles": 2}},
    ):
        rules = {"version": 1, "columns": columns}
        with pytest.raises(SchemaError) as expected:
            anonymizer.anonymize(frame, rules)
        with pytest.raises(SchemaError) as found:
            anonymize(given, rules)
        assert str(found.value) == str(expected.value)
        assert found.value.faults == expected.value.faults


def test_an_executor_that_fails_is_one_line_without_values(spark: Any) -> None:
    """What Spark says of a task holds the line that failed and may hold its row."""
    from pyspark.sql import functions as f

    given = spark.range(5).select(f.expr("raise_error('ann@own.name')").cast("string").alias("x"))
    rules = {"version": 1, "columns": {"x": {"mask": "rare", "k": 2}}}
    with pytest.raises(AnonymizerError) as found:
        anonymize(given, rules)
    assert "ann@own.name" not in str(found.value)
    assert "\n" not in str(found.value)


def test_names_that_differ_in_case_are_two_columns(spark: Any) -> None:
    """Spark minds no case as it is set, and a column of the one name is not that of the other."""
    frame = pl.DataFrame({"Item": ["a", "a", "b"], "item": ["x", "y", "y"]})
    for column, other in (("Item", "item"), ("item", "Item")):
        rules = {"version": 1, "columns": {column: {"mask": "rare", "k": 2}, other: "keep"}}
        given = spark.createDataFrame(frame.to_arrow())
        masked = anonymize(given, rules).toArrow()
        assert_equal(pl.DataFrame(masked), anonymizer.anonymize(frame, rules))


def test_nothing_is_learned_of_no_rows(spark: Any) -> None:
    """A table without rows gives a table without rows."""
    frame = made_up(50).clear()
    given = spark.createDataFrame(frame.to_arrow())
    assert pl.DataFrame(anonymize(given, LEARNING, key=SECRET).toArrow()).height == 0
