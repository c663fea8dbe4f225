"""Rules of a user's own: what they say, which of them are relations, what is refused."""

import json
from typing import Any

import numpy as np
import polars as pl
import pytest

from anonymizer.errors import DataError
from anonymizer.sequences.derived.base.step import Table
from anonymizer.sequences.derived.choose import derive
from anonymizer.sequences.derived.derivation import Derivation
from anonymizer.sequences.derived.own import Rule, rules_of
from anonymizer.sequences.histories.roles import assign_roles
from tests.sequences.derived.conftest import Laying

RULES = {
    "total = price * quantity": "total = price × quantity, rounded half",
    "ROUND(quantity * price, 1) = total": "total = quantity × price, rounded half",
    '"margin" = total - price': "margin = total − price",
    "started <= ended": "started ≤ ended",
    "ended >= started": "started ≤ ended",
    "line = count_line": "line counts the rows of who",
    "balance = prev_balance + total": "balance = balance before + total",
    "balance >= prev_balance": "balance never falls within who",
    "quantity > 0 OR total IS NULL": None,
    "balance >= first_total": None,
    "line BETWEEN 1 AND 30": None,
}


@pytest.fixture(scope="module")
def sales() -> pl.DataFrame:
    """400 sales of 40 people, whose totals are rounded to tenths."""
    rng, size = np.random.default_rng(0), 400
    who = pl.Series("who", np.repeat(np.arange(40), 10))
    started = pl.datetime(2024, 1, 1) + pl.duration(
        hours=pl.lit(pl.Series(rng.integers(0, 900, size)))
    )
    rows = pl.DataFrame({
        "who": who, "price": np.round(rng.gamma(2, 5, size), 2),
        "quantity": rng.integers(1, 6, size),
    }).with_columns(
        total=(pl.col("price") * pl.col("quantity")).round(1), started=started,
        ended=started + pl.duration(hours=pl.lit(pl.Series(rng.integers(0, 4, size)))),
        line=pl.int_range(1, pl.len() + 1).over("who"),
    )  # fmt: skip
    return rows.with_columns(
        day=pl.date(2024, 1, 1) + pl.duration(days="line"),
        margin=pl.col("total") - pl.col("price"),
        balance=pl.col("total").cum_sum().over("who"),
    )


@pytest.fixture(scope="module")
def table(sales: pl.DataFrame) -> Table:
    """The sales as steps learn from them."""
    return Table(sales, "who", "day", 5)


@pytest.mark.parametrize("text", RULES)
def test_a_rule_that_is_a_relation_becomes_it(text: str, table: Table) -> None:
    """However it is written; what is none is asked of samples."""
    [(_, relation)] = rules_of([text], table, table.frame)
    told = RULES[text]
    assert (relation is None) == (told is None)
    assert str(relation).startswith(str(told))


def test_a_rule_speaks_of_the_rows_before() -> None:
    """Of the same entity; null says nothing, and a column of such a name is itself."""
    rows = pl.DataFrame({
        "who": [1, 1, 1, 2, 2], "a": [1, None, 3, 9, 5], "prev_b": [0, 0, 1, 0, 0],
        "b": [7, 7, 7, 7, 7],
    })  # fmt: skip
    asked = {
        "a > prev_a": [None, None, None, None, False],
        "a >= first_a": [True, None, True, True, False],
        "count_a = 1": [True, True, False, True, False],
        "prev_b = 0": [True, True, False, True, True],
    }
    assert {text: Rule(text).kept(rows, "who").to_list() for text in asked} == asked


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("price >", "is no SQL"),
        ("", "is no SQL"),
        ("price", "neither true nor false"),
        ("price > AVG(price)", "no condition of one row"),
        ("price > LAG(price) OVER (ORDER BY day)", "no condition of one row"),
        ("price > 0 always", "no condition of one row"),
        ("price IN (SELECT 3)", "no condition of one row"),
        ("ROW_NUMBER() > 0", "no condition of one row"),
        ('"*" > 0', "no condition of one row"),
        ("1 = 1", "speaks of no column"),
        ("prise > 0", "did you mean 'price'"),
        ("prev_prise > 0", "did you mean 'prev_price'"),
        ("price > 'much'", "does not fit the types"),
        ("price < 20", r"is broken in 32 of 400 rows: correct them"),
        ("total = price + quantity", r"is broken in 400 of 400 rows"),
    ],
)
def test_what_is_no_rule_of_the_rows_is_refused(text: str, why: str, table: Table) -> None:
    """In one line that holds the rule and no value of the data."""
    with pytest.raises(DataError, match=why) as error:
        rules_of([text], table, table.frame)
    assert "\n" not in str(error.value)
    assert text in str(error.value)


def test_a_column_or_text_called_like_a_function_is_none() -> None:
    """`Len` and `Agg` are words like others."""
    rows = pl.DataFrame({"who": [1], "Len": ["Agg"]})
    assert Rule("\"Len\" = 'Agg'").kept(rows, "who").to_list() == [True]


@pytest.mark.parametrize("texts", ["price > 0", [3], 3])
def test_rules_are_a_list_of_texts(texts: Any, table: Table) -> None:
    """Letters are no rules either."""
    with pytest.raises(DataError, match="must be a list"):
        rules_of(texts, table, table.frame)


def test_rules_are_kept_by_steps_before_what_is_found(
    sales: pl.DataFrame, table: Table, draws: Laying
) -> None:
    """A total that sums up, and one that is multiplied, go into one another."""
    texts = [text for text in RULES if not text.startswith("ROUND")]
    plain = Derivation.plain(sales.schema, assign_roles(sales, "who", "day"))
    found, _ = derive(plain, sales, k=5, seed=0, told={}, rules=rules_of(texts, table, table.frame))
    assert {rule.text: rule.laid for rule in found.rules if rule.laid} == {
        text: True for text in texts if RULES[text] and "never" not in str(RULES[text])
    }
    assert {"total", "margin", "line", "balance"} <= found.given
    written = found.take_off(sales).with_columns(pl.col("price").reverse())
    laid = found.lay_on(written, draws(sales))
    for _, relation in rules_of(texts, table, table.frame):
        assert relation is None or relation.agrees(laid) == 1
    data = json.loads(json.dumps(found.to_dict()))
    assert Derivation.from_dict(data).rules == found.rules
    for damage in ({"text": "nowhere > 0"}, {"text": "price > SUM(price)"}):
        with pytest.raises(DataError):
            Derivation.from_dict(data | {"rules": [data["rules"][0] | damage]})


def test_two_rules_of_one_column_are_refused(sales: pl.DataFrame) -> None:
    """Where a step can keep one only, and nothing keeps the other by chance."""
    names = ("who", "day", "price", "quantity", "total")
    rows = sales.select(*names, unit="price", copy="total")
    plain = Derivation.plain(rows.schema, assign_roles(rows, "who", "day"))
    told = ["copy = unit * quantity", "copy = price * quantity"]
    rules = rules_of(told, Table(rows, "who", "day", 5), rows)
    with pytest.raises(DataError, match=r"'copy = price \* quantity' cannot be kept"):
        derive(plain, rows, k=5, seed=0, told={}, rules=rules)


def test_two_rules_of_one_column_are_kept_where_one_is_a_sum(
    sales: pl.DataFrame, draws: Laying
) -> None:
    """In whatever order they come: the sum gives another of its columns."""
    rows = sales.select(
        "who", "day", "price", "quantity", "total", tax=(pl.col("total") / 5).round(2)
    ).with_columns(net=(pl.col("total") - pl.col("tax")).round(2))
    plain = Derivation.plain(rows.schema, assign_roles(rows, "who", "day"))
    rules = rules_of(
        ["total = net + tax", "total = price * quantity"], Table(rows, "who", "day", 5), rows
    )
    found, _ = derive(plain, rows, k=5, seed=0, told={}, rules=rules)
    assert all(rule.laid for rule in found.rules)
    written = found.take_off(rows)
    for mixed in (written, written.with_columns(pl.col("price").shuffle(1))):
        laid = found.lay_on(mixed, draws(rows))
        assert all(relation.agrees(laid) == 1 for _, relation in rules if relation)


def test_a_position_is_asked_as_the_number_that_it_is(sales: pl.DataFrame) -> None:
    """Steps know it as a day: no relation is made of it."""
    table = Table(sales.drop("day"), "who", "line", 5)
    [(rule, relation)] = rules_of(["line <= quantity + 30"], table, table.frame)
    assert relation is None
    assert rule.kept(table.frame, "who").all()
    assert rules_of(["quantity < line + 30", "line = count_line"], table, table.frame)[1][1] is None


def test_a_rule_that_identifiers_made_anew_break_is_refused_before_training(
    sales: pl.DataFrame,
) -> None:
    """They lie outside the range of the real ones; the column is named."""
    rows = sales.select("who", "day", "price", receipt=pl.int_range(5_000, 5_000 + len(sales)))
    plain = Derivation.plain(rows.schema, assign_roles(rows, "who", "day"))
    rules = rules_of(["receipt BETWEEN 5000 AND 9999"], Table(rows, "who", "day", 5), rows)
    with pytest.raises(DataError, match="cannot be kept: receipt is made anew"):
        derive(plain, rows, k=5, seed=0, told={}, rules=rules)


def test_names_that_are_words_of_sql_are_said_to_need_quotes() -> None:
    """The message says how."""
    rows = pl.DataFrame({"who": [1], "order": [3]})
    with pytest.raises(DataError, match="in double quotes"):
        Rule("order > 0").kept(rows, "who")
    assert Rule('"order" > 0').kept(rows, "who").all()
