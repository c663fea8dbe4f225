"""k, l and t against tables computed by hand, counted per entity."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizer.checks.attacks.equivalence import (
    Classes,
    Diversity,
    classes,
    diversity,
    ordered_distance,
)

# The 3-anonymous table of Li et al. (2007), table 2: salary in thousands and disease.
SALARIES = pl.DataFrame(
    {
        "person": range(1, 10),
        "zip": ["476**"] * 3 + ["4790*"] * 3 + ["476**"] * 3,
        "age": ["2*"] * 3 + ["≥40"] * 3 + ["3*"] * 3,
        "salary": [3, 4, 5, 6, 11, 8, 7, 9, 10],
        "disease": [
            "gastric ulcer", "gastritis", "stomach cancer", "gastritis", "flu", "bronchitis",
            "bronchitis", "pneumonia", "stomach cancer",
        ],
    }
)  # fmt: skip
QUASI = ["zip", "age"]

# The inpatients of Machanavajjhala et al. (2007), figure 2: 4-anonymous, 1-diverse.
INPATIENTS = pl.DataFrame(
    {
        "patient": range(12),
        "zip": ["130**"] * 4 + ["1485*"] * 4 + ["130**"] * 4,
        "age": ["<30"] * 4 + ["≥40"] * 4 + ["3*"] * 4,
        "condition": ["heart", "heart", "viral", "viral", "cancer", "heart", "viral", "viral"]
        + ["cancer"] * 4,
    }
)


def test_the_classes_of_a_published_table() -> None:
    """Three classes of three, as the paper says."""
    expected = Classes(
        entities=9,
        classes=3,
        smallest=3,
        sizes={"1": 0, "2-4": 9, "5-9": 0, "10+": 0},
        average_risk=pytest.approx(1 / 3),  # type: ignore[arg-type]  # (compares as a float)
        suppressed=0,
        suppressed_rows=0,
        several=0,
        rows_of_nobody=0,
    )
    found = classes(SALARIES, "person", QUASI)
    assert expected == found
    assert pytest.approx(1 / 3) == found.highest_risk


def test_the_ordered_distance_of_a_published_table() -> None:
    """0.375 for the salaries 3, 4 and 5, computed step by step in the paper (section 4.1)."""
    found = diversity(SALARIES, "person", QUASI, "salary")
    assert found.distinct == 3
    assert pytest.approx(0.375) == found.closeness
    assert pytest.approx(3.0) == found.entropy


def test_the_diversity_of_a_published_table() -> None:
    """Everybody in the last class has cancer: 1-diverse, and 7/12 away from the table."""
    found = diversity(INPATIENTS, "patient", QUASI, "condition")
    assert found.distinct == 1
    assert pytest.approx(1.0) == found.entropy
    assert pytest.approx(1 - 5 / 12) == found.closeness


def test_entropy_counts_how_even_values_are() -> None:
    """Three of one kind and one of another: exp(0.5623)."""
    table = pl.DataFrame({"e": range(4), "q": ["x"] * 4, "s": ["a", "a", "a", "b"]})
    expected = math.exp(-(0.75 * math.log(0.75) + 0.25 * math.log(0.25)))
    assert pytest.approx(expected) == diversity(table, "e", ["q"], "s").entropy


def test_rows_of_one_person_are_one_entity() -> None:
    """Fifty rows of one person do not hide her among others."""
    table = pl.DataFrame({"e": [1] * 50 + [2, 3], "q": ["x"] * 50 + ["y"] * 2})
    found = classes(table, "e", ["q"])
    assert (found.smallest, found.classes, found.entities) == (1, 2, 3)
    assert found.sizes == {"1": 1, "2-4": 2, "5-9": 0, "10+": 0}
    assert pytest.approx(1 / 3) == found.unique
    assert pytest.approx((1 + 0.5 + 0.5) / 3) == found.average_risk


def test_a_value_repeated_by_one_person_is_one_value() -> None:
    """One person's ten visits for flu weigh as much as another's one for asthma."""
    table = pl.DataFrame({"e": [1] * 10 + [2], "q": ["x"] * 11, "s": ["flu"] * 10 + ["asthma"]})
    found = diversity(table, "e", ["q"], "s")
    assert pytest.approx(2.0) == found.entropy
    assert found.distinct == 2


def test_a_person_with_several_combinations_is_judged_by_the_smallest_class() -> None:
    """Who moved to a place where nobody else lives is unique, and said to hold several."""
    table = pl.DataFrame({"e": [1, 1, 2, 3], "q": ["x", "y", "x", "x"]})
    found = classes(table, "e", ["q"])
    assert (found.smallest, found.classes, found.several) == (1, 2, 1)
    assert found.sizes == {"1": 1, "2-4": 2, "5-9": 0, "10+": 0}


def test_suppressed_rows_form_no_class() -> None:
    """All null is suppressed, a null beside a value is a value, and null entities are nobody."""
    table = pl.DataFrame(
        {
            "e": [1, 2, 3, 4, 5, None, None],
            "q": ["x", "x", None, None, None, "x", "z"],
            "r": [1, 1, 7, None, None, 1, 9],
        }
    )
    found = classes(table, "e", ["q", "r"])
    assert (found.entities, found.classes, found.smallest) == (5, 2, 1)
    assert (found.suppressed, found.suppressed_rows, found.rows_of_nobody) == (2, 2, 2)


def test_a_person_with_one_row_left_is_not_suppressed() -> None:
    """Nulls in one row do not hide the values in another."""
    table = pl.DataFrame({"e": [1, 1, 2], "q": ["x", None, None]})
    found = classes(table, "e", ["q"])
    assert (found.smallest, found.suppressed, found.suppressed_rows) == (1, 1, 2)


def test_null_does_not_make_a_class_diverse() -> None:
    """Flu and null are one value; a class of nulls only is counted apart."""
    table = pl.DataFrame(
        {"e": [1, 2, 3, 4], "q": ["x", "x", "y", "y"], "s": ["flu", None, None, None]}
    )
    found = diversity(table, "e", ["q"], "s")
    assert (
        found.distinct, found.classes_without_value, found.entities_without_value,
    ) == (1, 1, 3)  # fmt: skip
    assert pytest.approx(0.25) == found.closeness


def test_nulls_among_numbers_count_for_closeness() -> None:
    """Half of one class is null and none of the other: a quarter away from the table."""
    table = pl.DataFrame({"e": [1, 2, 3, 4], "q": ["x", "x", "y", "y"], "s": [5, None, 5, 5]})
    assert pytest.approx(0.25) == diversity(table, "e", ["q"], "s").closeness


def test_no_quasi_identifier_puts_all_in_one_class() -> None:
    """Nobody can be told apart by nothing."""
    found = classes(SALARIES, "person", [])
    assert (found.smallest, found.classes) == (9, 1)
    assert pytest.approx(0.0) == diversity(SALARIES, "person", [], "disease").closeness


@pytest.mark.parametrize(
    "table",
    [
        SALARIES.clear(),
        SALARIES.with_columns(person=pl.lit(None, pl.Int64)),
        SALARIES.with_columns(zip=pl.lit(None, pl.String), age=pl.lit(None, pl.String)),
    ],
    ids=["empty", "nobody", "suppressed"],
)
def test_a_table_without_classes_has_no_risk(table: pl.DataFrame) -> None:
    """No row, no entity or nothing but nulls: zero everywhere and no crash."""
    found = classes(table, "person", QUASI)
    assert (
        found.classes, found.smallest, found.highest_risk, found.average_risk,
    ) == (0, 0, 0.0, 0.0)  # fmt: skip
    assert Diversity(0, 0.0, 0.0, 0, 0) == diversity(table, "person", QUASI, "disease")


@pytest.mark.parametrize(
    "values",
    [
        pl.Series([date(2024, 1, 1), date(2024, 1, 2), None, date(2024, 1, 1)]),
        pl.Series([datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC)] * 2),
        pl.Series([Decimal("1.10"), Decimal("2.20"), None, Decimal("1.10")]),
        pl.Series([True, False, None, True]),
        pl.Series([1.5, float("nan"), None, float("nan")]),
        pl.Series(["深圳", "Łódź", None, "深圳"], dtype=pl.Categorical),
        pl.Series(["a", "b", None, "a"], dtype=pl.Enum(["a", "b"])),
        pl.Series([[1], [2], None, [1]]),
        pl.Series([{"a": 1}, {"a": 2}, {"a": None}, {"a": 1}]),
    ],
    ids=lambda s: str(s.dtype),
)
def test_columns_of_every_type_are_taken(values: pl.Series) -> None:
    """Quasi-identifier and sensitive column alike; the type of the entity does not matter."""
    table = pl.DataFrame({"class": ["é", "字", "c", "d"], "value": values, "0": [1, 1, 1, 1]})
    one = classes(table, "class", ["value", "0"])
    assert len(values.unique()) == one.classes
    assert 0.0 <= diversity(table, "class", ["0"], "value").closeness <= 1.0
    assert len(values.drop_nulls().unique()) == diversity(table, "class", ["0"], "value").distinct


@given(st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=6), min_size=1, max_size=5))
def test_the_ordered_distance_equals_the_plain_sum(held: list[list[int]]) -> None:
    """Prefix sums give Σ |P − Q| ÷ (V − 1) for any classes."""
    dense = np.array([np.bincount(each, minlength=6) for each in held], float)
    table = dense.sum(axis=0)[dense.sum(axis=0) > 0]
    dense = dense[:, dense.sum(axis=0) > 0]
    shares = dense / dense.sum(axis=1, keepdims=True)
    table /= table.sum()
    owner, value = np.nonzero(shares)
    found = ordered_distance(owner, value, shares[owner, value], table)
    steps = np.abs(np.cumsum(shares, axis=1) - np.cumsum(table)).sum(axis=1)
    assert pytest.approx(steps / max(len(table) - 1, 1), abs=1e-9) == found
