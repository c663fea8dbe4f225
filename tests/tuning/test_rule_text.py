"""A rule file of which some rules change."""

from pathlib import Path

import pytest

from anonymizer.errors import RuleError
from anonymizer.masking.masks.generalisation import Round
from anonymizer.masking.masks.hosts import Ip
from anonymizer.masking.rules.rules import load_rules
from anonymizer.tuning.rule_text import rule_text

FILE = """\
# Ours: ask Ann
version: 1
columns:
  who: token           # joins
  at: {mask: date_shift, days: 30}  # moves
  amount:              # by hand
    mask: round
    to: 1
  # the rest
  "item_*": keep
unlisted: error
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A rule file."""
    (tmp_path / "rules.yaml").write_text(FILE)
    return tmp_path / "rules.yaml"


def test_comments_and_order_stay(file: Path) -> None:
    """A rule is changed where it stands, on one line or several; a pattern gets a line before."""
    text = rule_text(file)
    changes = {
        "at": {"mask": "date_truncate", "to": "month"},
        "amount": {"mask": "round", "to": 10},
        "item_1": "drop",
    }
    changed = text.with_rules(changes)
    assert changed.splitlines() == [
        *FILE.splitlines()[:4],
        "  at: {mask: date_truncate, to: month}  # moves",
        FILE.splitlines()[5],
        "    {mask: round, to: 10}",
        "  # the rest",
        "  item_1: drop",
        *FILE.splitlines()[9:],
    ]
    assert list(text.rules(changed).columns) == ["who", "at", "amount", "item_1", "item_*"]


def test_a_list_may_stand_no_deeper_than_its_column(tmp_path: Path) -> None:
    """As many programs write it."""
    file = tmp_path / "rules.yaml"
    file.write_text("version: 1\ncolumns:\n  a:\n  - mask: round\n    to: 1\n  b: keep\n")
    text = rule_text(file)
    rules = text.rules(text.with_rules({"a": {"mask": "round", "to": 10}}))
    assert {c: [mask.name for mask in masks] for c, masks in rules.columns.items()} == {
        "a": ["round"], "b": ["keep"],
    }  # fmt: skip


def test_a_comment_stays_in_its_column(file: Path) -> None:
    """Where there is room."""
    lines = rule_text(file).with_rules({"who": "drop"}).splitlines()
    assert lines[3] == "  who: drop            # joins"


def test_a_column_without_a_rule_gets_one(file: Path) -> None:
    """The first one, as it has its own name."""
    text = rule_text(file)
    assert next(iter(text.rules(text.with_rules({"new": "drop"})).columns)) == "new"


def test_json_stays_json(tmp_path: Path) -> None:
    """As `mask` reads it by its ending."""
    file = tmp_path / "rules.json"
    file.write_text('{"version": 1, "columns": {"at": "keep", "item_*": "keep"}}')
    rule = {"mask": "rare", "k": 10}
    file.write_text(rule_text(file).with_rules({"at": rule, "item_1": rule}))
    assert list(load_rules(file).columns) == ["at", "item_1", "item_*"]


def test_rules_of_a_program_have_a_text() -> None:
    """That says the same."""
    rules = {"version": 1, "entity": "who", "columns": {"who": "token", "a b": {"mask": "drop"}}}
    for source in (rules, load_rules(rules)):
        text = rule_text(source)
        assert text.rules(text.text).sha256 == load_rules(rules).sha256
    masks = {"version": 1, "columns": {"a": Round(to=5), "b": (Ip(v4=24, v6=0),)}}
    assert rule_text(masks).rules(rule_text(masks).text).columns == load_rules(masks).columns
    assert rule_text("ecommerce").name == "ecommerce.yaml"


def test_an_alias_is_named(tmp_path: Path) -> None:
    """What is meant twice is not changed once."""
    file = tmp_path / "rules.yaml"
    file.write_text("version: 1\ncolumns:\n  a: &same {mask: round, to: 1}\n  b: *same\n")
    for column in ("a", "b"):
        with pytest.raises(RuleError, match=rf"columns\.{column}: stands in an anchor"):
            rule_text(file).with_rules({column: "drop"})
