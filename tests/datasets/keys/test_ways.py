"""Ways to the person go from child to parent, and the shortest are taken."""

import pytest

from anonymizer.datasets.keys.ways import circles, root_of, ways_to
from anonymizer.stores.table import ForeignKey


def key(child: str, parent: str, column: str = "id") -> ForeignKey:
    """A key of one column."""
    return ForeignKey(child, (column,), parent, ("id",))


DIRECT = key("notes", "people", "who")
SENT, GOT = key("moves", "people", "a"), key("moves", "people", "b")
PART = key("parts", "notes", "note")
KEYS = [
    *(key("people", "people", "boss"), key("people", "towns", "town"), key("notes", "moves", "m")),
    *(DIRECT, SENT, GOT, PART, key("parts", "parts", "whole")),
]


@pytest.mark.parametrize(
    ("table", "ways"),
    [
        ("people", [()]),
        ("towns", []),
        ("notes", [(DIRECT,)]),
        ("moves", [(SENT,), (GOT,)]),
        ("parts", [(PART, DIRECT)]),
        ("lone", []),
    ],
)
def test_the_shortest_ways_are_taken(table: str, ways: list[tuple[ForeignKey, ...]]) -> None:
    """Past tables that lead in a circle; a table that only the person points to has no way."""
    assert ways_to("people", table, KEYS) == ways


def test_a_key_of_a_key_has_its_mask() -> None:
    """Down to the column that refers to nothing, unless the keys go in a circle."""
    chain = [key("details", "people"), key("notes", "details", "who")]
    assert root_of("notes", "who", chain) == ("people", "id")
    assert list(circles(chain)) == []
    assert [len(path) for path in circles([*chain, key("people", "details")])] == [2, 2]
