"""Rows are taken for each other's only where the tables bear it out."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from anonymizer.checks.attacks.alignment import (
    ValueKind,
    align,
    comparable,
    comparable_columns,
    same_rows,
    value_kind,
)

PEOPLE = pl.DataFrame({"who": [f"p{i}" for i in range(40)], "age": [20 + i for i in range(40)]})
VISITS = pl.DataFrame({"who": ["a", "a", "b", None, "c"], "what": ["x", "y", "x", "x", "z"]})


def test_masked_rows_point_to_raw_entities() -> None:
    """By position; rows without an entity are nobody's."""
    masked = VISITS.with_columns(who=pl.Series([7, 7, 3, None, 5]))
    found = align(VISITS, masked, "who", {"what": "text"})
    assert found.rows["row"].to_list() == [0, 1, 2, 4]
    assert found.rows["owner"].to_list() == [0, 0, 1, 2]
    assert found.rows["masked"].to_list() == [2, 2, 0, 1]
    assert (found.rotating, found.note) == (False, None)


def test_one_entity_with_two_tokens_rotates() -> None:
    """Two tokens for a's two rows."""
    masked = VISITS.with_columns(who=pl.Series([1, 2, 3, None, 4]))
    assert align(VISITS, masked, "who", {"what": "text"}).rotating


@pytest.mark.parametrize(
    ("masked", "words"),
    [
        (VISITS.head(4), "another number of rows"),
        (VISITS.with_columns(who=pl.lit("one")), "shuffled, or entities were merged"),
        (VISITS.with_columns(pl.col("who").shift(1)), "shuffled, or entities were merged"),
        (VISITS.with_columns(who=pl.lit(None)), "no row has an entity"),
    ],
    ids=["fewer", "merged", "shifted", "nobody"],
)
def test_tables_that_do_not_tell_are_not_believed(masked: pl.DataFrame, words: str) -> None:
    """The note says why, and there is no row."""
    found = align(VISITS, masked, "who", {"what": "text"})
    assert found.note is not None
    assert words in found.note
    assert found.rows.is_empty()


def test_shuffled_rows_of_one_row_entities_are_noticed() -> None:
    """Where every row has its own token, another column must confirm the order."""
    order = np.random.default_rng(1).permutation(40)
    columns: dict[str, ValueKind] = {"age": "number"}
    assert align(PEOPLE, PEOPLE, "who", columns).note is None
    found = align(PEOPLE, PEOPLE[order], "who", columns)
    assert "no column confirms" in (found.note or "")


MIXED = [20 + 7 * i % 40 for i in range(40)]
HOMES = PEOPLE.with_columns(age=pl.Series(MIXED), land=pl.lit("DE"), town=pl.int_range(40) // 4)


@pytest.mark.parametrize("kept", [["land"], ["town"], ["land", "town"], []])
def test_a_column_that_fits_any_order_confirms_none(kept: list[str]) -> None:
    """One that is constant, one that both tables are sorted by, and none at all."""
    there = HOMES.select("who", *kept)
    columns: dict[str, ValueKind] = dict.fromkeys(kept, "text")
    assert "no column confirms" in (align(there, there, "who", columns).note or "")


def test_entities_of_equally_many_rows_must_be_confirmed() -> None:
    """Twelve rows for everybody: another order of persons fits as well."""
    each = pl.DataFrame({"who": [i // 12 for i in range(480)], "land": ["DE"] * 480})
    turned = each.with_columns(39 - pl.col("who"))
    assert align(each, turned, "who", {"land": "text"}).note is not None
    uneven = pl.DataFrame({"who": [i for i in range(40) for _ in range(i + 1)]})
    assert align(uneven, uneven, "who", {}).note is None


@pytest.mark.parametrize("masked", [pl.col("age") // 10 * 10 + 5.5, pl.col("age") + 0.25])
def test_rounded_numbers_confirm_an_order(masked: pl.Expr) -> None:
    """No value is equal, but they rise together."""
    assert align(HOMES, HOMES.with_columns(masked), "who", {"age": "number"}).note is None
    sideways = HOMES.with_columns(masked.reverse())
    assert align(HOMES, sideways, "who", {"age": "number"}).note is not None


def test_empty_tables_do_not_tell() -> None:
    """No row, no truth."""
    assert align(VISITS.clear(), VISITS.clear(), "who", {"what": "text"}).note is not None


def test_columns_are_kept_where_types_compare() -> None:
    """Number with number, time with time, text with text; nothing nested."""
    raw = pl.DataFrame({"e": [1], "n": [1], "t": [date(2024, 1, 1)], "c": ["x"], "l": [[1]]})
    masked = pl.DataFrame({"e": [1], "n": [1.5], "t": ["2024"], "c": ["y"], "l": [[1]]})
    masked = masked.with_columns(pl.col("c").cast(pl.Categorical))
    assert comparable_columns(raw.schema, masked.schema, ["e"]) == {"n": "number", "c": "text"}


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (pl.Series([1, None], dtype=pl.Int8), pl.Series([Decimal("1.00"), None])),
        (pl.Series([1.0, float("nan")]), pl.Series([1, None], dtype=pl.UInt64)),
        (pl.Series([date(2024, 1, 1), None]), pl.Series([datetime(2024, 1, 1), None])),
        (
            pl.Series([datetime(2024, 1, 1, tzinfo=UTC), None]),
            pl.Series([datetime(2024, 1, 1), None]).dt.cast_time_unit("ns"),
        ),
        (pl.Series([timedelta(1), None]), pl.Series([timedelta(1), None]).dt.cast_time_unit("ms")),
        (pl.Series([time(1, 2), None]), pl.Series([time(1, 2), None])),
        (pl.Series(["字", None], dtype=pl.Enum(["字"])), pl.Series(["字", None])),
        (pl.Series([True, None]), pl.Series(["true", None])),
    ],
    ids=lambda s: str(s.dtype),
)
def test_equal_values_compare_as_equal_in_all_types(a: pl.Series, b: pl.Series) -> None:
    """Whatever the type, unit or zone; null and NaN are null."""
    first, second = (
        pl.DataFrame({"x": s}).select(comparable("x", s.dtype, value_kind(s.dtype) or "text"))["x"]
        for s in (a, b)
    )
    assert first.to_list() == second.to_list()
    assert second[1] is None


def test_columns_may_be_called_what_they_want() -> None:
    """Also as the attack calls its own; rows are found again wherever they went."""
    raw = pl.DataFrame(
        {name: [f"{name}{n}" for n in range(40)] for name in ("id", "who", "row", "rows", "held")}
    )
    masked = raw.with_columns("x" + pl.col("id")).reverse()
    columns = comparable_columns(raw.schema, masked.schema, ["id"])
    found = same_rows(raw, masked, "id", columns)
    assert found is not None
    assert found["masked"].to_list() == list(range(39, -1, -1))
