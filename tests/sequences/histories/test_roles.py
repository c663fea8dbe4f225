"""Roles of columns, order of events, splits by entity."""

from datetime import date, time

import numpy as np
import polars as pl
import pytest

from anonymizer.errors import DataError
from anonymizer.sequences.histories.roles import assign_roles, read_histories, split


def frame() -> pl.DataFrame:
    """Three customers, out of order, with a tie, a null customer and a null date."""
    day = date(2024, 1, 1)
    return pl.DataFrame(
        {
            "who": ["b", "a", "b", None, "b", "a"],
            "when": [date(2024, 1, 2), day, day, day, day, None],
            "what": ["late", "only", "tie 1", "nobody's", "tie 2", "undated"],
        }
    )


def test_events_are_sorted_with_ties_in_input_order() -> None:
    """Events of one entity are read in time order, ties as they came."""
    histories = read_histories(frame(), assign_roles(frame(), "who", "when"))
    assert histories.frame["what"].to_list() == ["only", "tie 1", "tie 2", "late"]
    assert histories.rows.tolist() == [1, 2, 4, 0]
    assert histories.offsets.tolist() == [0, 1, 4]
    assert histories.position.tolist() == [0, 0, 1, 2]


def test_rows_without_entity_or_time_are_counted() -> None:
    """Nothing is dropped silently."""
    assert read_histories(frame(), assign_roles(frame(), "who", "when")).dropped == 2


def test_selecting_keeps_each_history_whole() -> None:
    """Entities can be taken in any order."""
    histories = read_histories(frame(), assign_roles(frame(), "who", "when"))
    chosen = histories.select(np.array([1, 0]))
    assert chosen.frame["what"].to_list() == ["tie 1", "tie 2", "late", "only"]


def test_columns_that_never_change_are_context(shop: pl.DataFrame) -> None:
    """A country that holds once per customer is found."""
    roles = assign_roles(shop, "customer", "time")
    assert roles.context == ("country",)
    assert roles.fields == ("item", "amount", "score")
    assert roles.told == (
        "columns that hold once per entity: country; per event: item, amount, score"
    )


@pytest.mark.parametrize(
    ("entity", "time", "message"),
    [
        ("custmer", "time", "there is no column 'custmer'; did you mean 'customer'?"),
        ("customer", "item", "column 'item' is String: the time must be Date or Datetime"),
    ],
)
def test_wrong_columns_are_named(shop: pl.DataFrame, entity: str, time: str, message: str) -> None:
    """The message says which column and what to do."""
    with pytest.raises(DataError) as caught:
        assign_roles(shop, entity, time)
    assert str(caught.value) == message


def test_a_list_column_is_refused(shop: pl.DataFrame) -> None:
    """A type that cannot be modelled is an error, not a guess."""
    nested = shop.with_columns(tags=pl.concat_list("item"))
    with pytest.raises(DataError, match="'tags' is List"):
        assign_roles(nested, "customer", "time")


def test_split_is_by_entity_and_seeded() -> None:
    """Every entity is on one side, and the same seed gives the same sides."""
    inside, held = split(50, 0.1, seed=3)
    assert sorted([*inside.tolist(), *held.tolist()]) == list(range(50))
    assert len(held) == 5
    assert split(50, 0.1, seed=3)[1].tolist() == held.tolist()


def test_context_that_changes_is_refused() -> None:
    """A column that varies within an entity cannot be said to hold once."""
    frame = pl.DataFrame({
        "who": [1, 1, 2, 2], "when": [date(2024, 1, d) for d in (1, 2, 3, 4)], "what": list("abab"),
    })  # fmt: skip
    with pytest.raises(DataError, match="column 'what' changes within an entity"):
        assign_roles(frame, "who", "when", context=["what"])


def test_times_of_day_can_be_modelled() -> None:
    """They are numbers, as fields and as context."""
    frame = pl.DataFrame({"id": [1, 1], "at": [date(2024, 1, 1)] * 2, "hour": [time(7), time(8)]})
    assert assign_roles(frame, "id", "at").fields == ("hour",)
