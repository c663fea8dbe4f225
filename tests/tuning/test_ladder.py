"""What a rule could be instead."""

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from anonymizer.masking.rules.rules import load_rules
from anonymizer.tuning.ladder import Facts, facts_of, knobs_of
from anonymizer.tuning.rule_text import rule_text

FACTS = Facts(
    {
        "at": pl.Datetime("us"),
        "seen": pl.Date(),
        "item": pl.String(),
        "count": pl.Int64(),
        "price": pl.Float64(),
        "zip": pl.String(),
        "note": pl.String(),
    },
    {"count": (0, 2), "price": (1, 2)},
    people=100,
)


def rungs(column: str, rule: Any, **others: Any) -> list[Any]:
    """The rules that one of a column could be."""
    columns = {column: rule, **others}
    document = {"version": 1, "entity": "who", "columns": columns}
    knobs = knobs_of(load_rules(document), columns, [column], FACTS)
    return [rungs[0].rule for knob in knobs for rungs in knob.rungs]


@pytest.mark.parametrize(
    ("column", "rule", "options"),
    [
        ("at", "keep", ["day", "week", "month", "quarter", "year"]),
        ("at", {"mask": "date_shift", "days": 15}, ["month", "quarter", "year"]),
        ("at", {"mask": "date_shift", "days": 30}, ["quarter", "year"]),
        ("at", {"mask": "date_truncate", "to": "month"}, ["quarter", "year"]),
        ("item", "keep", [10, 15, 20, 30, 40, 50]),
        ("item", {"mask": "rare", "k": 20}, [30, 40, 50]),
        ("count", "keep", [10, 100]),
        ("price", {"mask": "round", "to": 0.1}, [1, 10, 100]),
        ("zip", {"mask": "postcode", "first": 3}, [2, 1]),
        ("item", {"mask": "token", "domain": "item"}, []),
    ],
)
def test_each_mask_has_its_steps(column: str, rule: Any, options: list[Any]) -> None:
    """From the rule as it is to longer units, rounder numbers, more people, and gone."""
    first, *middle, last = rungs(column, rule)
    assert (first, last) == (rule, "drop")
    assert [each.get("to", each.get("k", each.get("first"))) for each in middle] == options


def test_options_stay() -> None:
    """The form of times, and the word for what is rare."""
    cut = rungs("at", {"mask": "date_shift", "days": 15, "format": "%d.%m.%Y"})[1]
    assert cut == {"mask": "date_truncate", "to": "month", "format": "%d.%m.%Y"}
    assert rungs("item", {"mask": "rare", "k": 20, "other": "?"})[1] == {
        "mask": "rare", "k": 30, "other": "?",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("column", "rule"),
    [("price", "keep"), ("seen", {"mask": "age", "width": 5, "on": date(2026, 1, 1)})],
)
def test_what_is_written_is_what_was_tried(column: str, rule: Any) -> None:
    """YAML reads small steps as numbers and days as days, however they are written."""
    columns = {column: rule}
    rules: dict[str, Any] = {"version": 1, "columns": columns}
    facts = replace(FACTS, numbers={"price": (-5, -4)})
    (knob,) = knobs_of(load_rules(rules), columns, [column], facts)
    text = rule_text(rules)
    assert len(knob.rungs) > 3
    for (rung,) in knob.rungs:
        assert text.rules(text.with_rules({column: rung.rule})).columns[column] == (rung.mask,)


def test_times_that_move_together_are_cut_together() -> None:
    """By the largest shift; a true month beside a shifted day would tell the shift."""
    columns = {"at": {"mask": "date_shift", "days": 5}, "seen": {"mask": "date_shift", "days": 90}}
    rules = load_rules({"version": 1, "entity": "who", "columns": columns})
    (knob,) = knobs_of(rules, columns, ["at"], FACTS)
    assert knob.columns == ("at", "seen")
    assert knob.told(1) == (
        "at: {mask: date_shift, days: 5} → {mask: date_truncate, to: year}; "
        "seen: {mask: date_shift, days: 90} → {mask: date_truncate, to: year}"
    )


@pytest.mark.parametrize(
    "stays",
    [
        {"seen": [{"mask": "drop", "when": "price > 5"}, {"mask": "date_shift", "days": 9}]},
        {"trip.seen": {"mask": "date_shift", "days": 9}},
        {"json.seen": {"mask": "date_shift", "days": 9}},
        {"seen?": {"mask": "date_shift", "days": 9}},
    ],
)
def test_no_times_are_cut_where_others_go_on_moving(stays: dict[str, Any]) -> None:
    """By conditions, inside a struct or JSON, or as their name is a pattern."""
    columns = {"at": {"mask": "date_shift", "days": 9}, **stays}
    trip = pl.List(pl.Struct({"seen": pl.Date()}))
    facts = replace(FACTS, schema={**FACTS.schema, "trip": trip, "seen?": pl.Date()})
    rules = load_rules({"version": 1, "entity": "who", "columns": columns, "unlisted": "drop"})
    assert knobs_of(rules, columns, ["at"], facts) == []


def test_no_times_are_cut_where_anonymity_names_some_that_move() -> None:
    """They would go on moving."""
    shift = {"mask": "date_shift", "days": 9}
    columns = {"at": shift, "seen": shift}
    anonymity = {"quasi_identifiers": ["seen"], "k": 2}
    document = {"version": 1, "entity": "who", "columns": columns, "anonymity": anonymity}
    assert knobs_of(load_rules(document), columns, ["at"], FACTS) == []


@pytest.mark.parametrize(
    "rule",
    [
        {"mask": "ip", "v4": 24, "v6": 0},
        {"mask": "geo", "to": "geohash", "precision": 6},
        {"mask": "region", "country": "US", "level": "postcode_area", "floor": 9},
        {"mask": "bin", "edges": [10, 20, 30, 40]},
        {"mask": "postcode", "first": 3, "length": 6},
        {"mask": "rare", "k": 10, "other": "?"},
        {"mask": "date_shift", "days": 9, "format": "%d.%m.%Y", "unmapped": "null"},
    ],
)
def test_a_rule_in_a_list_keeps_its_options(rule: dict[str, Any]) -> None:
    """The only rule of a list is a rule like any other."""
    alone, listed = (rungs("item", each) for each in (rule, [rule]))
    assert len(alone) > 2
    assert listed == alone


def test_what_is_bound_stays() -> None:
    """Times with dates in texts, columns with conditions, and what `anonymity:` coarsens."""
    scrub = {"mask": "scrub", "replace": {"date": "shift"}}
    assert rungs("at", {"mask": "date_shift", "days": 30}, note=scrub) == []
    assert rungs("item", [{"mask": "drop", "when": "price > 5"}, "keep"]) == []
    document = {
        "version": 1,
        "columns": {"item": "keep"},
        "anonymity": {"quasi_identifiers": ["item"], "k": 2},
    }
    assert knobs_of(load_rules(document), {"item": "keep"}, ["item"], FACTS) == []


def test_columns_without_a_rule_may_be_kept() -> None:
    """Where the rules keep what they do not list."""
    document = {"version": 1, "unlisted": "keep", "columns": {"who": "token"}}
    (knob,) = knobs_of(load_rules(document), {"who": "token"}, ["item"], FACTS)
    assert [rungs[0].rule for rungs in knob.rungs][::7] == ["keep", "drop"]


def test_whole_numbers_may_be_names() -> None:
    """Amounts are summed, ids of articles are not."""
    raw = pl.DataFrame({"amount": [5, 50, 700] * 40, "product_id": [71, 72, 73] * 40})
    assert facts_of(raw, raw.columns, 9).numbers == {"amount": (1, 2)}
