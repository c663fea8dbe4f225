"""What is asked of a table, and how alike two answers are."""

from datetime import datetime

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
    assert reads("SELECT * FROM events", ["amount"])
