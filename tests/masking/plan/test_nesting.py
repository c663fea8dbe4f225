"""Masks inside structs and lists, and rules with conditions."""

from datetime import date
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anonymizer import anonymize
from anonymizer.errors import DataError, RuleError
from anonymizer.masking.run.preview import preview

SECRET = "0123456789abcdef-of-the-tests"
PEOPLE = pl.DataFrame(
    {
        "who": [1, 2, 1, None],
        "address": [
            {"street": "1 Elm", "place": {"zip": "90012", "town": "LA"}},
            {"street": None, "place": {"zip": "03601", "town": "X"}},
            None,
            {"street": "2 Oak", "place": None},
        ],
        "tags": [["a", None, "b"], [], None, ["a"]],
        "visits": [[date(2024, 1, 1), date(2024, 1, 5)], [date(2024, 2, 1)], [], None],
        "orders": [
            [{"sku": "s1", "mail": "a@x.org"}, {"sku": "s2", "mail": None}],
            None,
            [],
            [{"sku": "s1", "mail": "b@x.org"}],
        ],
    }
)
RULES: dict[str, Any] = {
    "version": 1,
    "entity": "who",
    "columns": {
        "who": {"mask": "token", "domain": "customer"},
        "address.street": {"mask": "pseudonym", "kind": "street_address"},
        "address.place.zip": {"mask": "postcode", "rule": "hipaa"},
        "address.*": "drop",
        "tags": {"mask": "token", "domain": "tag"},
        "visits": {"mask": "date_shift", "days": 30},
        "orders.mail": {"mask": "email_domain"},
        "orders.sku": "keep",
    },
}


def masked(frame: pl.DataFrame = PEOPLE, **changes: Any) -> pl.DataFrame:
    """The people under the rules."""
    return anonymize(frame, RULES | changes, key=SECRET)


def test_masks_reach_inside() -> None:
    """Fields of structs, elements of lists and fields of structs in lists have masks."""
    out = masked()
    assert out["address"].struct.fields == ["street", "place"]
    assert out["address"].struct.field("place").to_list() == [
        {"zip": "900"}, {"zip": "000"}, None, None,
    ]  # fmt: skip
    assert out["address"].struct.field("street").is_null().to_list() == [False, True, True, True]
    assert out["orders"].to_list() == [
        [{"sku": "s1", "mail": "x.org"}, {"sku": "s2", "mail": None}],
        None,
        [],
        [{"sku": "s1", "mail": "x.org"}],
    ]


def test_lists_keep_their_shape() -> None:
    """Null and empty lists and null elements stay what they are."""
    tags = masked()["tags"].to_list()
    assert [None if each is None else len(each) for each in tags] == [3, 0, None, 1]
    assert tags[0][1] is None
    assert tags[0][0] == tags[3][0] != tags[0][2]


def test_lists_without_an_entity() -> None:
    """Masks of text and of regions work on elements with nothing beside them."""
    frame = pl.DataFrame({"t": [["abcdef", None], [], None], "a": [["Reno NV 89501"], None, ["x"]]})
    columns = {"t": {"mask": "partial", "first": 1}, "a": {"mask": "region", "country": "US"}}
    out = anonymize(frame, {"version": 1, "columns": columns})
    assert out.to_dict(as_series=False) == {
        "t": [["a****", None], [], None],
        "a": [["Nevada"], None, [None]],
    }


def test_elements_follow_the_entity_of_their_row() -> None:
    """All dates of a customer move together, those in lists too; without an entity they go."""
    visits = masked()["visits"].to_list()
    shift = visits[0][0] - date(2024, 1, 1)
    assert shift.days
    assert visits[0][1] - date(2024, 1, 5) == shift
    alone = anonymize(
        pl.DataFrame({"who": [1], "day": [date(2024, 1, 1)]}),
        {
            "version": 1,
            "entity": "who",
            "columns": {
                "who": {"mask": "token", "domain": "customer"},
                "day": {"mask": "date_shift", "days": 30},
            },
        },
        key=SECRET,
    )
    assert alone["day"].item() - date(2024, 1, 1) == shift
    nobody = PEOPLE.with_columns(visits=pl.lit([date(2024, 1, 1)]))
    assert masked(nobody)["visits"].to_list()[3] == [None]


def test_nested_masks_are_row_local() -> None:
    """Splits, order and engines make no difference inside either."""
    whole = masked()
    assert_frame_equal(pl.concat([masked(PEOPLE[:2]), masked(PEOPLE[2:])]), whole)
    assert_frame_equal(masked(PEOPLE[::-1]), whole[::-1])
    lazy = anonymize(PEOPLE.lazy(), RULES, key=SECRET)
    assert lazy.collect_schema() == whole.schema
    assert_frame_equal(lazy.collect(engine="streaming"), whole)


def test_a_field_without_a_rule_is_a_fault() -> None:
    """Nothing passes because it is deep inside."""
    columns = {name: rule for name, rule in RULES["columns"].items() if name != "orders.sku"}
    with pytest.raises(DataError, match=r"orders\.sku: no rule covers it"):
        masked(columns=columns)


def test_a_struct_can_be_taken_as_a_whole() -> None:
    """A rule for the struct that stands first decides on all of it."""
    columns = {"address": "drop"} | {
        name: rule for name, rule in RULES["columns"].items() if "address" not in name
    }
    assert "address" not in masked(columns=columns).columns


def test_what_is_learned_cannot_be_inside_a_list() -> None:
    """Said before a row is read."""
    with pytest.raises(DataError, match="tags: what is learned from the table cannot be inside"):
        masked(columns=RULES["columns"] | {"tags": {"mask": "rare", "k": 2}})


def test_the_preview_shows_what_is_inside() -> None:
    """One line per field, on invented values."""
    shown = {each.column: each for each in preview(PEOPLE, RULES)}
    assert shown["address.place.zip"].examples[0] == ("90012", "900")
    assert shown["orders.mail"].examples[0] == ("ada@example.org", "example.org")


def conditional(rules: object, **frame: list[Any]) -> list[Any]:
    """Column `x` under rules with conditions."""
    columns = {"x": rules, "c": "keep"}
    return anonymize(pl.DataFrame(frame), {"version": 1, "columns": columns}, key=SECRET)[
        "x"
    ].to_list()


def test_a_condition_chooses_the_rows() -> None:
    """The first rule whose condition holds masks the row; where it is unknown, nothing is left."""
    rules = [{"mask": "redact", "text": "–", "when": "c = 'DE'"}, "keep"]
    assert conditional(rules, x=["a", "b", "d"], c=["DE", "FR", None]) == ["–", "b", None]
    turned = [{"mask": "keep", "when": "c = 'FR'"}, {"mask": "redact", "text": "–"}]
    assert conditional(turned, x=["a", "b", "d"], c=["DE", "FR", None]) == ["–", "b", None]


def test_rows_without_a_rule_are_a_fault() -> None:
    """A condition alone would leave the other rows unmasked."""
    with pytest.raises(DataError, match="x: no rule covers it where no condition holds"):
        conditional({"mask": "redact", "when": "c > 1"}, x=["a"], c=[1])


@pytest.mark.parametrize(
    ("condition", "fault"),
    [
        ("d > 1", "`when` names 'd', which is not in the data"),
        ("c = MAX(c)", "`when` must be about one row: no aggregates"),
        ("COUNT(*) > 1", "`when` must be about one row: no aggregates"),
        ("ROW_NUMBER() OVER (ORDER BY c) = 1", "`when` must be about one row: no aggregates"),
        ("c + 1", r"`when` is no condition: it must be true or false"),
        ("c = 'x' AND x > 1", "`when` does not fit the types of the columns it names"),
    ],
)
def test_a_condition_must_fit(condition: str, fault: str) -> None:
    """Names, types and outcome are checked against the schema."""
    with pytest.raises(DataError, match=fault):
        conditional([{"mask": "redact", "when": condition}, "keep"], x=[date(2024, 1, 1)], c=[1])


def test_a_wrong_condition_is_told_beside_what_else_is_wrong() -> None:
    """It is not hidden by the rule that is missing for the other rows."""
    with pytest.raises(DataError, match=r"x: no rule covers it .*; x: `when` names 'd'"):
        conditional({"mask": "redact", "when": "d = 1"}, x=["a"], c=[1])


def test_a_path_has_one_meaning() -> None:
    """A column cannot be called as a field of a struct is."""
    frame = pl.DataFrame({"a": [{"b": {"c": 1}}], "a.b.c": ["raw"]})
    with pytest.raises(DataError, match=r"a\.b\.c: names two columns"):
        anonymize(frame, {"version": 1, "columns": {"a.b.c": "keep"}})


def test_a_condition_reads_fields_of_structs() -> None:
    """By their path in quotes, where a rule reaches inside the struct."""
    frame = pl.DataFrame({"x": ["a", "b"], "place": [{"zip": "1"}, {"zip": "2"}]})
    rules = [{"mask": "redact", "text": "–", "when": "\"place.zip\" = '1'"}, "keep"]
    columns = {"x": rules, "place.zip": "keep"}
    out = anonymize(frame, {"version": 1, "columns": columns})
    assert out["x"].to_list() == ["–", "b"]


def test_a_condition_must_be_sql() -> None:
    """Said when the rules are loaded; the condition is not repeated."""
    with pytest.raises(RuleError, match=r"columns\.x\.when: this is not a condition in SQL"):
        conditional({"mask": "redact", "when": "c ="}, x=["a"], c=[1])


def test_rules_of_one_column_give_one_type() -> None:
    """Text and numbers cannot share a column."""
    with pytest.raises(DataError, match="its rules give Int64 and String"):
        conditional([{"mask": "token", "when": "c = 1"}, "keep"], x=[1], c=[1])
    with pytest.raises(DataError, match="a column is dropped as a whole"):
        conditional([{"mask": "drop", "when": "c = 1"}, "keep"], x=[1], c=[1])
    with pytest.raises(RuleError, match="all but the last need `when`"):
        conditional(["keep", "keep"], x=[1], c=[1])
