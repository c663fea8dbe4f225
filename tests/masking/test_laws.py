"""Laws 2, 5 and 6 over generated frames: row-local, secret, and equal across columns."""

from datetime import date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from anonymizer import anonymize
from anonymizer.masking.masks import MASKS

SECRET = "0123456789abcdef-of-the-tests"
TEXT = st.none() | st.text(max_size=12) | st.sampled_from(["a", "SW1A 2AA", "Reno NV 89501", " a "])
MOMENTS = st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "who": st.none() | st.integers(0, 5),
            "text": TEXT,
            "number": st.none() | st.integers(-(2**40), 2**40),
            "float": st.none() | st.floats(allow_nan=True, width=32),
            "day": st.none() | st.dates(date(1900, 1, 1), date(2200, 1, 1)),
            "moment": MOMENTS,
            "zoned": MOMENTS,
        }
    ),
    max_size=12,
)
SCHEMA = {
    "who": pl.Int64(),
    "text": pl.String(),
    "number": pl.Int64(),
    "float": pl.Float64(),
    "day": pl.Date(),
    "moment": pl.Datetime("us"),
    "zoned": pl.Datetime("ms"),
}

CASES: list[tuple[str, dict[str, Any]]] = [
    ("text", {"mask": "token", "domain": "d"}),
    ("float", {"mask": "token"}),
    ("zoned", {"mask": "token"}),
    ("text", {"mask": "pseudonym", "kind": "name"}),
    ("text", {"mask": "pseudonym", "kind": "email", "locale": "zh_CN"}),
    ("number", {"mask": "pseudonym", "kind": "phone"}),
    ("text", {"mask": "pseudonym", "kind": "phone", "locale": "zh_CN", "by": "value"}),
    ("text", {"mask": "partial", "first": 1, "last": 1}),
    ("text", {"mask": "redact", "text": "x"}),
    ("text", {"mask": "drop"}),
    ("zoned", {"mask": "keep"}),
    ("text", {"mask": "region", "country": "US"}),
    ("text", {"mask": "region", "country": "GB"}),
    ("number", {"mask": "region", "country": "US"}),
    ("day", {"mask": "age", "on": "2025-01-01"}),
    ("number", {"mask": "round", "to": 100}),
    ("float", {"mask": "round", "to": 0.5}),
    ("moment", {"mask": "date_truncate", "to": "week"}),
    ("zoned", {"mask": "date_truncate", "to": "day"}),
    ("zoned", {"mask": "date_shift", "days": 40}),
    ("day", {"mask": "date_shift", "days": 1}),
]


def frame_of(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """The rows with their dtypes; `zoned` in a zone with changes of clocks."""
    frame = pl.DataFrame(rows, schema=SCHEMA)
    zone = pl.col("zoned").dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Berlin")
    return frame.with_columns(zone)


def rules_of(column: str, rule: dict[str, Any]) -> dict[str, Any]:
    """One mask, everything else kept."""
    return {"version": 1, "entity": "who", "unlisted": "keep", "columns": {column: rule}}


def test_every_mask_is_under_the_law() -> None:
    """Who adds a mask adds a case."""
    assert {rule["mask"] for _, rule in CASES} == set(MASKS)


@pytest.mark.parametrize(("column", "rule"), CASES, ids=lambda value: str(value)[:50])
@given(rows=ROWS, seed=st.integers(0, 2**20), cut=st.integers(0, 12))
@settings(max_examples=15, deadline=None)
def test_a_mask_is_row_local(
    column: str, rule: dict[str, Any], rows: list[dict[str, Any]], seed: int, cut: int
) -> None:
    """Any split, any order and any engine give each row the same answer."""
    frame, rules = frame_of(rows), rules_of(column, rule)
    whole = anonymize(frame, rules, key=SECRET)
    parts = [anonymize(part, rules, key=SECRET) for part in (frame[:cut], frame[cut:])]
    assert_frame_equal(pl.concat(parts), whole)
    order = pl.Series(range(frame.height), dtype=pl.UInt32).sample(
        fraction=1, shuffle=True, seed=seed
    )
    assert_frame_equal(anonymize(frame[order], rules, key=SECRET), whole[order])
    lazy = anonymize(frame.lazy(), rules, key=SECRET)
    assert lazy.collect_schema() == whole.schema
    assert_frame_equal(lazy.collect(engine="in-memory"), whole)
    assert_frame_equal(lazy.collect(engine="streaming"), whole)


@given(rows=ROWS)
@settings(max_examples=30, deadline=None)
def test_one_domain_is_one_pseudonym(rows: list[dict[str, Any]]) -> None:
    """Columns of one domain agree, the entity's own included; other domains never do."""
    frame = frame_of(rows).select("who", same=pl.col("who").cast(pl.String), other=pl.col("who"))
    columns = {
        "who": {"mask": "token", "domain": "customer"},
        "same": {"mask": "token", "domain": "customer"},
        "other": {"mask": "token", "domain": "payer"},
    }
    out = anonymize(frame, {"version": 1, "entity": "who", "columns": columns}, key=SECRET)
    assert out["who"].to_list() == out["same"].to_list()
    assert set(out["who"].drop_nulls()).isdisjoint(out["other"].drop_nulls())


@given(rows=ROWS)
@settings(max_examples=30, deadline=None)
def test_an_entity_is_one_person(rows: list[dict[str, Any]]) -> None:
    """However the name is spelt, one customer has one pseudonym and one shift."""
    columns = {
        "who": {"mask": "token"},
        "text": {"mask": "pseudonym", "kind": "name"},
        "moment": {"mask": "date_shift", "days": 30},
    }
    frame = frame_of(rows).select("who", "text", "moment")
    out = anonymize(frame, {"version": 1, "entity": "who", "columns": columns}, key=SECRET)
    moved = out.with_columns(shift=out["moment"] - frame["moment"])
    for column in ("text", "shift"):
        per_person = (
            moved.drop_nulls(["who", column]).group_by("who").agg(pl.col(column).n_unique())
        )
        assert per_person[column].to_list() == [1] * per_person.height
    assert moved.filter(pl.col("who").is_null())["text"].null_count() == moved["who"].null_count()


def test_domains_are_no_concatenation() -> None:
    """("ab", "c") and ("a", "bc") are different."""
    frame = pl.DataFrame({"x": ["c"], "y": ["bc"]})
    columns = {"x": {"mask": "token", "domain": "ab"}, "y": {"mask": "token", "domain": "a"}}
    out = anonymize(frame, {"version": 1, "columns": columns}, key=SECRET)
    assert out["x"].item() != out["y"].item()


def test_another_key_is_another_world() -> None:
    """No token survives a change of the key."""
    frame = pl.DataFrame({"x": range(100)})
    rules = {"version": 1, "columns": {"x": "token"}}
    one, two = (anonymize(frame, rules, key=SECRET + tail) for tail in "ab")
    assert set(one["x"]).isdisjoint(two["x"])
