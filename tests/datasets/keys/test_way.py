"""Ways to the person go from child to parent, and the shortest is taken."""

from anonymizer.datasets.keys.key import ForeignKey
from anonymizer.datasets.keys.way import ways


def key(child: str, parent: str, column: str = "id") -> ForeignKey:
    """A key of one column."""
    return ForeignKey(child, (column,), parent, ("id",))


def test_the_shortest_way_is_taken_and_the_first_of_those() -> None:
    """Past tables that lead in a circle; a table that only the person points to has no way."""
    direct, sent, got = key("notes", "people"), key("moves", "people", "a"), key("moves", "people")
    keys = [
        key("people", "people", "boss"), key("people", "towns"), key("notes", "moves"), direct,
        sent, got, key("parts", "notes"), key("parts", "parts", "whole"),
    ]  # fmt: skip
    assert ways(["people", "towns", "notes", "moves", "parts", "lone"], keys, "people") == {
        "people": [],
        "towns": None,
        "notes": [direct],
        "moves": [sent],
        "parts": [keys[6], direct],
        "lone": None,
    }
