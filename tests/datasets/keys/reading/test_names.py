"""Names of columns speak for tables, whatever they are written like."""

import polars as pl
import pytest

from anonymizer.datasets.keys.reading.columns import Column
from anonymizer.datasets.keys.reading.names import Names, similar


def column(table: str, name: str) -> Column:
    """A column of whole numbers."""
    key = pl.col(name)
    return Column(table, name, pl.Int64(), "whole", key, pl.Series([1]), altered=False, lengths=0.0)


def score(child: str, parent: str, *others: str) -> float:
    """How strongly `table.column` is named for the primary key of another."""
    split = [tuple(each.split(".")) for each in (child, parent, *others)]
    names = Names({table: [name for other, name in split if other == table] for table, _ in split})
    ones, keys = (column(table, name) for table, name in split[:2])
    return names.match(ones, keys, primary=True).score


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("category", "categories", 1.0),
        ("konto", "konten", 1.0),
        ("kunde", "customers", 0.9),
        ("cust", "customers", 0.75),
        ("dept", "departments", 0.9),
        ("acct", "accounts", 0.75),
        ("order", "border", 0.0),
        ("state", "status", 0.0),
        ("person", "personnel", 0.75),
        ("card", "care", 0.0),
    ],
)
def test_words_are_one_inflected_translated_or_shortened(
    one: str, other: str, likeness: float
) -> None:
    """And else they are two."""
    assert similar(one, other) == similar(other, one) == likeness


@pytest.mark.parametrize(
    ("child", "less"),
    [
        ("orders.customer_id", "orders.customer_group_id"),
        ("orders.customer_id", "orders.customers"),
        ("orders.customer_id", "orders.num_customers"),
        ("orders.billing_customer_id", "orders.customer_type"),
        ("customers.referred_by", "customers.customer_no"),
    ],
)
def test_a_role_before_the_name_is_one_and_words_behind_it_are_something_else(
    child: str, less: str
) -> None:
    """A group of customers, how many there are, and their types are no customers."""
    assert score(child, "customers.id") >= 0.6 > score(less, "customers.id")


def test_the_key_of_details_speaks_for_the_table_that_it_is_named_after() -> None:
    """Both tables have a `customer_id`."""
    tables = ("orders.customer_id", "customers.customer_id", "customer_details.customer_id")
    assert score(*tables) > score(tables[0], tables[2], tables[1])


def test_columns_without_a_name_say_nothing() -> None:
    """`column_1` of one table is not that of another."""
    assert score("a.column_1", "b.column_1") == score("a.F3", "b.F3") == 0.0
