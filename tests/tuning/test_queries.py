"""What is asked of a table, and how alike two answers are."""

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from anonymizer.errors import UsageError
from anonymizer.tuning.queries import answers, kept, likeness, reads, usual_queries

EVENTS = pl.DataFrame(
    {
        'who"s': [1, 1, 1, 2],
        "at": [datetime(2024, 1, day) for day in (1, 1, 9)] + [datetime(2024, 2, 1)],
        "amount": [1.0, 2.0, 3.0, -4.0],
        "item": ["tea", "tea", "jam", "tea"],
    }
)
USUAL = usual_queries(['who"s'], "at", ["amount"], ["item"])


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"n": [80.0]}, {"n": [100.0]}, 0.8),
        ({"n": [-2]}, {"n": [2]}, 0.0),
        ({"n": [0]}, {"n": [0]}, 1.0),
        ({"item": ["a", "b"], "n": [3, 1]}, {"item": ["b", "c"], "n": [1, 4]}, 1 / 8),
        ({"item": ["a", None], "n": [3, 1]}, {"item": [None, "a"], "n": [1, 3]}, 1.0),
        ({"item": ["a", "b"]}, {"item": ["b", "c", "a"]}, 2 / 3),
        ({"item": ["a"], "n": [4], "m": [1]}, {"item": ["a"], "n": [2], "m": [1]}, 0.75),
        ({"item": ["a"]}, {"item": []}, 0.0),
    ],
)
def test_answers_are_alike_by_hand(
    one: dict[str, object], other: dict[str, object], expected: float
) -> None:
    """Of each number the smaller one counts of the larger one, whichever comes first."""
    there, here = pl.DataFrame(one), pl.DataFrame(other, schema=pl.DataFrame(one).schema)
    assert likeness(there, here) == pytest.approx(expected)
    assert likeness(here, there) == pytest.approx(expected)


def test_the_usual_queries_are_answered() -> None:
    """By month, by person, by value; names may hold quotes."""
    found = {name: answer.rows() for name, answer in answers(USUAL, EVENTS).items()}
    assert sorted(found.pop("amount by month")) == [("2024-01", 6.0), ("2024-02", -4.0)]
    assert sorted(found.pop("events by month")) == [("2024-01", 3), ("2024-02", 1)]
    assert sorted(found.pop("events by item")) == [("jam", 1), ("tea", 3)]
    assert found == {
        "people who come again": [(0.5,)],
        "events of a visit": [(4 / 3,)],
        "most frequent item": [("tea",), ("jam",)],
    }
    assert list(usual_queries(["who"], None, ["amount"], [])) == ["sum of amount"]


def test_what_is_gone_is_not_answered() -> None:
    """Neither a column that was dropped nor one that holds no numbers any more."""
    true = answers(USUAL, EVENTS)
    name = "amount by month"
    assert kept(USUAL[name], true[name], EVENTS) == 1
    assert kept(USUAL[name], true[name], EVENTS.drop("amount")) == 0
    assert kept(USUAL[name], true[name], EVENTS.with_columns(amount=pl.lit("[1, 4)"))) == 0


def test_what_is_infinite_is_not_kept() -> None:
    """Neither the infinity of a table nor a sum that comes to one; narrow integers do not wrap."""
    total = "SELECT SUM(amount) AS total FROM events"
    for amount in ([1.0, float("inf")], [1e308, 1.1e308], [float("-inf"), 2.0]):
        there = answers({"total": total}, pl.DataFrame({"amount": amount}))["total"]
        assert likeness(there, there) == 0
    far = pl.DataFrame({"day": ["a", "b"], "total": [1e308, 1.1e308]})
    assert likeness(far, far) == 0
    narrow = pl.DataFrame({"amount": [2**31 - 1, 9]}, schema={"amount": pl.Int32})
    assert answers({"total": total}, narrow)["total"].item() == 2**31 + 8
    wide = pl.DataFrame({"amount": [2**62, 2**62]})
    usual = usual_queries(["who"], None, ["amount"], [])
    assert answers(usual, wide)["sum of amount"].item() == 2.0**63


@pytest.mark.parametrize(
    "query",
    [
        "SELECT a.item FROM events AS a CROSS JOIN read_csv('{file}') AS b",
        "SELECT * FROM events CROSS JOIN \"READ_CSV\" -- all\n /* of it */ ('{file}')",
        "SELECT * FROM read_parquet('gone.parquet')",
        "SELECT * FROM '{file}'",
        "DROP TABLE events",
        "TRUNCATE TABLE events",
        "DELETE FROM events WHERE amount > 1",
        "CREATE TABLE more AS SELECT * FROM events",
        "EXPLAIN SELECT * FROM events",
        "SHOW TABLES",
        "SELECT 1",
        "SELECT 'events' AS name",
        "WITH events AS (SELECT 1 AS a) SELECT a FROM events",
        "SELECT item FROM events; SELECT item FROM events",
    ],
)
def test_a_query_reads_the_table_and_nothing_else(query: str, tmp_path: Path) -> None:
    """No files, no addresses; it changes nothing, and has no answer without the table."""
    (tmp_path / "secret.csv").write_text("code\n4711\n")
    asked = query.replace("{file}", str(tmp_path / "secret.csv"))
    with pytest.raises(UsageError, match=r"query 'mine': .*must be one SELECT") as error:
        answers({"mine": asked}, EVENTS)
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    "query",
    [
        "-- items\n(SELECT item FROM events) UNION ALL (SELECT item FROM events)",
        "/* items */ with x AS (SELECT item FROM events) SELECT item FROM x",
        "SELECT item, 'read_me' AS read_me FROM events WHERE amount > (SELECT 0)",
    ],
)
def test_other_selects_are_answered(query: str) -> None:
    """With comments, parts of their own, unions and names that only look like functions."""
    assert answers({"mine": query}, EVENTS)["mine"].height > 0


@pytest.mark.parametrize("query", ["SELEC", "SELECT gone FROM events", "SELECT * FROM others"])
def test_a_query_that_is_none_is_named(query: str) -> None:
    """With the columns that there are, and no value."""
    with pytest.raises(UsageError, match=r"query 'mine': .* whose columns are") as error:
        answers({"mine": query}, EVENTS)
    assert "tea" not in str(error.value)


def test_which_columns_a_query_reads() -> None:
    """Those that it names, and all where it takes all; counting rows takes none."""
    assert reads(USUAL["people who come again"], ['who"s'])
    assert not reads(USUAL["events by month"], ["amount", "item"])
    assert not reads(USUAL["events by item"], ["at", "ite", "tem"])
    assert reads("SELECT * FROM events", ["amount"])
    assert reads("SELECT columns('^amo') FROM events", ["amount"])
    assert reads("SELECT n FROM events NATURAL JOIN events AS more", ["amount"])
    assert reads('SELECT `who"s` FROM events', ['who"s'])
