"""Laws 2, 5 and 6 over generated frames: row-local, secret, and equal across columns."""

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from polars.testing.parametric import series

from anonymizer import anonymize
from anonymizer.errors import DataError
from anonymizer.keys import Key
from anonymizer.masking.masks import MASKS
from anonymizer.masking.masks.base import NUMBERS
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.plan.plan import Plan
from anonymizer.masking.rules.rules import load_rules
from anonymizer.masking.table.fitting import fit

SECRET = "0123456789abcdef-of-the-tests"
DATA = Path(__file__).parents[1] / "data"
PLAIN = [
    "a",
    "SW1A 2AA",
    "Reno NV 89501",
    " a ",
    "x@y.example",
    "10.1.2.3",
    "1.5, 2.5",
    "4711 0815",
    "2024-02-29",
    "2023-12-31T23:59:59.9+02:00",
]
TEXT = st.none() | st.text(max_size=12) | st.sampled_from(PLAIN)
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
    ("text", {"mask": "date_shift", "days": 40, "unmapped": "null"}),
    ("text", {"mask": "date_truncate", "to": "hour", "unmapped": "null"}),
    ("number", {"mask": "date_shift", "days": 40, "format": {"epoch": "s"}, "unmapped": "null"}),
    ("number", {"mask": "age", "format": "%Y%m%d", "unmapped": "null", "on": "2025-01-01"}),
    ("text", {"mask": "token", "window": "month", "time": "moment"}),
    ("text", {"mask": "pseudonym", "kind": "street_address", "locale": "de_DE"}),
    ("text", {"mask": "pseudonym", "kind": "company", "locale": "fr_FR", "by": "value"}),
    ("text", {"mask": "pseudonym", "kind": "user_name", "locale": "es_ES"}),
    ("number", {"mask": "pseudonym", "kind": "phone", "locale": "en_GB"}),
    ("text", {"mask": "encrypt"}),
    ("number", {"mask": "fpe", "last": 1, "unmapped": "null"}),
    ("text", {"mask": "postcode", "first": 2}),
    ("number", {"mask": "postcode", "rule": "hipaa"}),
    ("text", {"mask": "ip"}),
    ("text", {"mask": "email_domain", "floor": 2}),
    ("text", {"mask": "geo", "to": "geohash"}),
    ("float", {"mask": "geo", "longitude": "number"}),
    ("float", {"mask": "bin", "edges": [0, 1.5]}),
    ("float", {"mask": "clip", "low": -1}),
    ("text", {"mask": "rare", "k": 2}),
    ("day", {"mask": "date_shift", "days": 30, "weeks": True}),
    ("number", {"mask": "noise", "scale": 3}),
    ("float", {"mask": "noise", "scale": 3, "distribution": "gaussian"}),
    ("text", {"mask": "randomized_response", "values": ["a", "b"], "epsilon": 1}),
    ("number", {"mask": "shuffle"}),
    ("text", {"mask": "shuffle", "within": ["who"]}),
    ("text", {"mask": "map", "file": str(DATA / "map.csv"), "unmapped": "null"}),
    (
        "text",
        {"mask": "hierarchy", "file": str(DATA / "levels.csv"), "level": 2, "unmapped": "null"},
    ),
    ("text", {"mask": "scrub", "known": ["number"]}),
    ("text", {"mask": "scrub", "replace": "pseudonym"}),
    ("text", {"mask": "scrub", "replace": "surrogate", "known": ["number"], "days": 9}),
    ("text", {"mask": "scrub", "replace": {"date": "shift"}, "days": 14, "weeks": True}),
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


def run(plan: Plan, frame: pl.DataFrame, engine: Any = "in-memory") -> pl.DataFrame:
    """The frame masked by a fitted plan."""
    return plan.apply(frame.lazy(), Key(SECRET)).collect(engine=engine)


@pytest.mark.parametrize(("column", "rule"), CASES, ids=lambda value: str(value)[:50])
@given(rows=ROWS, seed=st.integers(0, 2**20), cut=st.integers(0, 12))
@settings(max_examples=15)
def test_a_mask_is_row_local(
    column: str, rule: dict[str, Any], rows: list[dict[str, Any]], seed: int, cut: int
) -> None:
    """Any split, any order and any engine give each row the same answer, once it is fitted."""
    frame, rules = frame_of(rows), rules_of(column, rule)
    plan = fit(make_plan(load_rules(rules), frame.schema), frame.lazy(), Key(SECRET))
    whole = run(plan, frame)
    order = pl.Series(range(frame.height), dtype=pl.UInt32).sample(
        fraction=1, shuffle=True, seed=seed
    )
    whole_table = MASKS[rule["mask"]].whole_table

    def comparable(masked: pl.DataFrame, of: pl.DataFrame = frame) -> pl.DataFrame:
        """With the whole table at hand, rows that agree in everything may change places."""
        beside = masked.select(masked=column).hstack(of) if whole_table else masked
        return beside.sort(pl.all()) if whole_table else beside

    expected = comparable(whole)
    assert_frame_equal(
        comparable(run(plan, frame[order]), frame[order]),
        expected if whole_table else expected[order],
    )
    assert_frame_equal(comparable(run(plan, frame, "streaming")), expected)
    assert_frame_equal(comparable(anonymize(frame, rules, key=SECRET)), expected)
    if not whole_table:
        parts = [run(plan, part) for part in (frame[:cut], frame[cut:])]
        assert_frame_equal(pl.concat(parts), whole)


@pytest.mark.parametrize(("column", "rule"), CASES, ids=lambda value: str(value)[:50])
@given(rows=ROWS)
@settings(max_examples=5)
def test_computing_once_per_value_changes_nothing(
    column: str, rule: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    """A lazy frame, which is masked row by row, and one whose values repeat agree."""
    frame, rules = frame_of(rows * 5), rules_of(column, rule)
    lazy = anonymize(frame.lazy(), rules, key=SECRET)
    whole = anonymize(frame, rules, key=SECRET)
    assert lazy.collect_schema() == whole.schema
    if not MASKS[rule["mask"]].whole_table:  # there, equal rows may change places
        assert_frame_equal(lazy.collect(engine="in-memory"), whole)
        assert_frame_equal(lazy.collect(engine="streaming"), whole)


@pytest.mark.parametrize(
    ("column", "rule"),
    [
        *(case for case in CASES if not MASKS[case[1]["mask"]].whole_table),
        ("text", {"mask": "region", "country": "world", "level": "state"}),
        ("text", {"mask": "region", "country": "CN", "coordinates": True}),
        ("text", {"mask": "pseudonym", "kind": "name", "sex": "who"}),
    ],
    ids=lambda value: str(value)[:50],
)
def test_no_mask_holds_the_rows_up(column: str, rule: dict[str, Any]) -> None:
    """The streaming engine does no step of a mask in memory, where it would wait for all rows."""
    frame = frame_of([])
    plan = fit(
        make_plan(load_rules(rules_of(column, rule)), frame.schema), frame.lazy(), Key(SECRET)
    )
    graph = plan.apply(frame.lazy(), Key(SECRET)).show_graph(
        plan_stage="physical", engine="streaming", raw_output=True
    )
    legend = re.search('<FONT COLOR="([^"]*)">[^<]*</FONT> in-memory engine fallback', str(graph))
    assert legend is not None
    assert f'fillcolor="{legend[1]}"' not in str(graph)


@given(rows=ROWS, cut=st.integers(0, 12))
@settings(max_examples=30)
def test_conditions_are_row_local(rows: list[dict[str, Any]], cut: int) -> None:
    """Which rule a row meets does not depend on its neighbours; no doubtful row passes."""
    frame = frame_of(rows)
    rules = {
        "version": 1,
        "entity": "who",
        "unlisted": "keep",
        "columns": {
            "text": [
                {"mask": "token", "when": "number > 0 AND who <> 3"},
                {"mask": "redact", "text": "x", "when": "who = 3"},
                "keep",
            ]
        },
    }
    whole = anonymize(frame, rules, key=SECRET)
    parts = [anonymize(part, rules, key=SECRET) for part in (frame[:cut], frame[cut:])]
    assert_frame_equal(pl.concat(parts), whole)
    assert_frame_equal(anonymize(frame.lazy(), rules, key=SECRET).collect(), whole)
    doubtful = frame["who"].is_null() & (frame["number"].is_null() | (frame["number"] > 0))
    assert whole.filter(doubtful)["text"].null_count() == doubtful.sum()


DTYPES: list[pl.DataType] = [
    pl.String(),
    pl.Categorical(),
    pl.Enum(["a", "SW1A 2AA", "", "10.1.2.3"]),
    pl.Int8(),
    pl.Int64(),
    pl.UInt64(),
    pl.Float32(),
    pl.Float64(),
    pl.Decimal(12, 2),
    pl.Boolean(),
    pl.Date(),
    pl.Datetime("ms"),
    pl.Datetime("us", "America/New_York"),
    pl.Datetime("ns", "UTC"),
    pl.List(pl.String()),
    pl.List(pl.Date()),
    pl.List(pl.Float64()),
    pl.Struct({"a": pl.String(), "b": pl.List(pl.Int32())}),
]


def as_numbers(dtype: pl.DataType) -> pl.DataType:
    """The dtype that text is drawn from for masks that must find numbers in it."""
    if dtype == pl.List(pl.String()):
        return pl.List(pl.Int32())
    return pl.Int32() if dtype in (pl.String, pl.Categorical, pl.Enum) else dtype


def text_of(values: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Values of a dtype; an Enum has what stands in them for its categories."""
    if dtype == pl.Enum and values.dtype == pl.Int32:
        text = values.cast(pl.String)
        return text.cast(pl.Enum(text.drop_nulls().unique()))
    if values.dtype == dtype:
        return values
    return values.cast(pl.List(pl.String()) if dtype == pl.List else pl.String()).cast(dtype)


RULES_OF_MASKS = list({str(rule): rule for _, rule in CASES}.values())


@pytest.mark.parametrize("rule", RULES_OF_MASKS, ids=lambda rule: str(rule)[:60])
@given(data=st.data())
@settings(max_examples=25)
def test_the_law_holds_in_every_dtype(rule: dict[str, Any], data: st.DataObject) -> None:
    """A mask takes what it says it takes, in any split, order and engine; null stays null."""
    dtype = data.draw(st.sampled_from(DTYPES))
    held = as_numbers(dtype) if MASKS[rule["mask"]].accepts >= NUMBERS else dtype
    values = data.draw(series(name="x", dtype=held, min_size=1, max_size=8, allow_null=True))
    frame = pl.DataFrame({"x": text_of(values, dtype)}).with_columns(
        who=pl.int_range(pl.len()) % 3,
        number=pl.int_range(pl.len()),
        moment=pl.lit(datetime(2024, 2, 29)) + pl.duration(days=pl.int_range(pl.len())),
    )
    try:
        plan = make_plan(load_rules(rules_of("x", rule)), frame.schema)
        plan = fit(plan, frame.lazy(), Key(SECRET))
    except DataError:
        return  # it says that it does not take this dtype, or these values
    whole = run(plan, frame)
    assert whole.schema == plan.schema
    assert_frame_equal(run(plan, frame, "streaming"), whole)
    if not plan.whole_table:
        backwards = list(range(frame.height))[::-1]  # [::-1] loses the dtype of null lists
        assert_frame_equal(run(plan, frame[backwards]), whole[backwards])
        assert_frame_equal(pl.concat([run(plan, frame[:1]), run(plan, frame[1:])]), whole)
        if "x" in whole.columns:
            assert whole.filter(frame["x"].is_null())["x"].null_count() == frame["x"].null_count()


@given(rows=ROWS)
@settings(max_examples=30)
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
@settings(max_examples=30)
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
