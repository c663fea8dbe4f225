"""Changes of a rule file that reach a target, from the search to the command."""

import re
import stat
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml

from anonymizer import DataError, RuleError, UsageError, anonymize, audit, tune_rules
from anonymizer.cli import main
from anonymizer.masking.masks.hosts import Ip
from anonymizer.tuning.rule_text import RuleText

KEY = "the key of the tests of tuning"
RULES = """\
version: 1
entity: who
columns:
  who: token
  at: {mask: date_shift, days: 30}  # one shift for each
  item: keep
  amount: keep
"""
RARE = {"mask": "rare", "k": 10}
SHIFT = {"mask": "date_shift", "days": 30}


def events(people: int = 60, each: int = 6) -> pl.DataFrame:
    """Purchases of some people; items and amounts repeat."""
    rng = np.random.default_rng(0)
    rows = people * each
    minutes = rng.integers(0, 90 * 24 * 60, rows).tolist()
    return pl.DataFrame(
        {
            "who": np.repeat(np.arange(people), each),
            "at": [datetime(2024, 1, 1) + timedelta(minutes=m) for m in minutes],
            "item": [f"Zanzibar {n}" for n in rng.geometric(0.3, rows)],
            "amount": rng.integers(1, 400, rows) / 4,
        }
    )


@pytest.fixture(scope="module", name="raw")
def purchases() -> pl.DataFrame:
    """Made once."""
    return events()


@pytest.fixture(name="_folder")
def folder(tmp_path: Path, raw: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table and its rules."""
    raw.write_parquet(tmp_path / "raw.parquet")
    (tmp_path / "rules.yaml").write_text(RULES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANONYMIZER_KEY", KEY)


@pytest.mark.usefixtures("_folder")
def test_a_target_is_reached_and_audited(raw: pl.DataFrame) -> None:
    """The share is what `audit` measures of the masked table, and the steps lead to it."""
    found = tune_rules("raw.parquet", "rules.yaml", target=0.3)
    assert found.reached
    assert (found.before.risk.value, found.before.changes) == (1, ())
    assert found.steps[-1] is found.after
    assert found.after in found.curve
    assert found.after.risk.high <= 0.3
    report = audit(raw=raw, masked=anonymize(raw, found.rules, key=KEY), entity="who")
    figure = report.figures["unicity"].estimate
    assert figure.low <= found.after.risk.value <= figure.high
    assert 0 < found.after.utility < found.before.utility <= 1
    found.write("tuned.yaml")
    assert yaml.safe_load(Path("tuned.yaml").read_text())["columns"].keys() == {
        "who", "at", "item", "amount",
    }  # fmt: skip
    assert "  # one shift for each" in found.text


def test_rules_that_are_good_enough_stay(raw: pl.DataFrame) -> None:
    """Nothing is changed where nothing must be."""
    found = tune_rules(raw, yaml.safe_load(RULES), target=1)
    assert (found.reached, found.patch, list(found.steps)) == (True, "", [])
    assert found.after is found.before


def test_what_nobody_asks_for_is_dropped(raw: pl.DataFrame) -> None:
    """Queries of one's own say what the table is for."""
    queries = {"items": "SELECT item, COUNT(*) AS n FROM events GROUP BY item"}
    found = tune_rules(raw, yaml.safe_load(RULES), target=0.3, queries=queries)
    rules = yaml.safe_load(found.text)["columns"]
    assert (rules["at"], rules["amount"]) == ("drop", "drop")
    assert found.after.answers["items"] > 0.5
    assert "amount: keep → drop (no query asks for it)" in found.after.changes


def test_columns_that_answer_together_are_kept_together() -> None:
    """Though a column of them alone answers nothing."""
    rng = np.random.default_rng(0)
    article = [f"a{n}" for n in rng.geometric(0.4, 2_000)]
    amount = rng.integers(1, 400, 2_000) / 4
    raw = pl.DataFrame(
        {"who": np.repeat(np.arange(1_000), 2), "article": article, "amount": amount}
    )
    columns = {"who": "token", "article": "keep", "amount": "keep"}
    queries = {"sums": "SELECT article, SUM(amount) AS total FROM events GROUP BY article"}
    rules = {"version": 1, "entity": "who", "columns": columns}
    found = tune_rules(raw, rules, queries=queries)
    assert found.reached
    assert found.after.answers["sums"] > 0.2
    assert not any("nothing is left" in note for note in found.notes)
    lost = tune_rules(raw, rules, queries=queries, target=0)
    assert any(note.startswith("nothing is left of the answer to 'sums'") for note in lost.notes)


def test_answers_that_must_be_kept_go_before_the_target(raw: pl.DataFrame) -> None:
    """The nearest is given, and that it does not reach the target."""
    queries = {"total": "SELECT SUM(amount) AS total, COUNT(DISTINCT at) AS times FROM events"}
    found = tune_rules(raw, yaml.safe_load(RULES), target=0.05, queries=queries, least=0.9)
    assert not found.reached
    assert found.after.answers["total"] >= 0.9
    assert found.after.risk.value > 0.05


@pytest.mark.parametrize(("column", "risk", "utility"), [("item", 0.6, 0.1), ("amount", 1, 0.8)])
def test_no_more_is_given_up_than_helps(
    raw: pl.DataFrame, column: str, risk: float, utility: float
) -> None:
    """Where a column tells too much and has conditions, so that it is left alone."""
    rules = yaml.safe_load(RULES)
    mask = {"mask": "redact"} if column == "item" else {"mask": "round", "to": 0.25}
    rules["columns"][column] = [{**mask, "when": "who < 1"}, "keep"]
    found = tune_rules(raw, rules, target=0.05)
    assert not found.reached
    assert found.after.risk.value <= risk
    assert found.after.utility >= utility


def test_the_same_seed_gives_the_same_changes(raw: pl.DataFrame) -> None:
    """In whatever order the rows come."""
    mixed = raw.sample(fraction=1, shuffle=True, seed=1)
    one, other = (tune_rules(each, yaml.safe_load(RULES), target=0.3) for each in (raw, mixed))
    assert one.after.risk == other.after.risk
    assert one.text == other.text


def test_no_change_tells_more_than_the_rule_that_was_given() -> None:
    """Nor of a column that is ruled by a list: all addresses of version 6 stay hidden."""
    parts = np.random.default_rng(0).integers(0, 200, 600)
    ip = [f"10.1.{n}.1" if n % 2 else f"2001:db8:{n:x}::1" for n in parts]
    raw = pl.DataFrame({"who": [n % 60 for n in range(600)], "ip": ip})
    columns = {"who": "token", "ip": [{"mask": "ip", "v4": 24, "v6": 0}]}
    queries = {"networks": "SELECT COUNT(DISTINCT ip) AS n FROM events"}
    rules = {"version": 1, "entity": "who", "columns": columns}
    found = tune_rules(raw, rules, target=0.5, queries=queries)
    (mask,) = found.rules.columns["ip"]
    assert mask == Ip(v4=8, v6=0)
    assert "ip: {mask: ip, v4: 8, v6: 0}" in found.text


def test_columns_may_be_named_twice_and_hold_what_cannot_be_summed(raw: pl.DataFrame) -> None:
    """Infinities are answers that are not kept; durations are asked by nobody."""
    infinite = pl.when(who=1).then(float("inf")).otherwise("amount")
    odd = raw.with_columns(infinite.alias("amount"), waited=pl.duration(minutes="amount"))
    rules = yaml.safe_load(RULES)
    rules["columns"]["waited"] = "keep"
    known = ["item", "amount", "waited", "item"]
    found = tune_rules(odd, rules, known=known, target=0.3)
    assert found.known == known[:3]
    assert found.after.answers["sum of amount"] == 0
    assert not any("waited" in query for query in found.queries.values())
    assert "nan" not in str(found) + found.html().casefold()
    with pytest.raises(UsageError, match="of waited no usual query can be asked"):
        tune_rules(odd, rules, known=["waited"])


def test_a_name_that_is_a_pattern_is_left_alone(raw: pl.DataFrame) -> None:
    """Its rule would rule other columns, of which one is dropped."""
    mails = raw.rename({"item": "*mail"}).with_columns(home_mail=pl.lit("a@example.com"))
    columns = {"who": "token", "at": SHIFT, "amount": "keep", "*mail": "keep"}
    rules = {"version": 1, "entity": "who", "columns": {"home_mail": "drop", **columns}}
    found = tune_rules(mails, rules, target=0.3)
    assert [mask.name for mask in found.rules.masks_for("home_mail")[0]] == ["drop"]
    assert [mask.name for mask in found.rules.masks_for("*mail")[0]] == ["keep"]
    assert any(note.startswith("*mail: left as they are") for note in found.notes)


def test_a_text_that_says_something_else_is_refused(
    raw: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a column that changes, or of any other."""
    rules = yaml.safe_load(RULES)
    for column, lost in (("item", "item: keep"), ("home", "columns:\n  home: keep")):
        said = RULES.replace("item: keep" if column == "item" else "columns:", lost)
        monkeypatch.setattr(RuleText, "with_rules", lambda *_, said=said: said)
        with pytest.raises(UsageError, match="does not say what was tried, of"):
            tune_rules(raw, rules, target=0.3)


@pytest.mark.usefixtures("_folder")
def test_a_csv_is_tuned_as_it_is_masked(raw: pl.DataFrame) -> None:
    """Its cells are read as the masks read them, and the changed rules mask it."""
    text = raw.with_columns(pl.col("at").dt.strftime("%d.%m.%Y %H:%M"))
    text.write_csv("raw.csv")
    Path("rules.yaml").write_text(RULES.replace("days: 30}", 'days: 30, format: "%d.%m.%Y %H:%M"}'))
    assert main(["tune-rules", "raw.csv", "--rules", "rules.yaml", "--target", "0.3",
                 "-o", "tuned.yaml"]) == 0  # fmt: skip
    assert main(["mask", "raw.csv", "masked.csv", "--rules", "tuned.yaml"]) == 0


@pytest.mark.usefixtures("_folder")
def test_the_command_tells_the_patch_and_no_value(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 0 where the target is reached, 1 where it is not; files are not replaced unasked."""
    call = ["tune-rules", "raw.parquet", "--rules", "rules.yaml", "--target", "0.3"]
    assert main([*call, "-o", "tuned.yaml", "--report", "page.html"]) == 0
    printed = capsys.readouterr().out
    assert re.fullmatch(
        r"target reached: singled out [\d.]+ % ≤ 30 %; written: tuned.yaml, page.html",
        printed.splitlines()[-1],
    )
    assert "(`linkage`) is not searched" in printed
    assert "\n-  at: {mask: date_shift, days: 30}  # one shift" in printed
    assert (
        "Zanzibar" not in printed + Path("page.html").read_text() + Path("tuned.yaml").read_text()
    )
    Path("rules.yaml").chmod(0o600)
    assert main([*call, "-o", "narrow.yaml"]) == 0
    assert stat.S_IMODE(Path("narrow.yaml").stat().st_mode) == 0o600
    assert main([*call, "-o", "tuned.yaml"]) == 2
    assert "exists already" in capsys.readouterr().err
    Path("queries.yaml").write_text("times: SELECT COUNT(DISTINCT at) AS n FROM events\n")
    assert main([*call, "--queries", "queries.yaml", "--least", "0.9"]) == 1
    ended = capsys.readouterr()
    assert "the target is not reached" in ended.err
    assert ended.out.splitlines()[-1] == "target not reached: singled out 100 % > 30 %"


@pytest.mark.parametrize(
    ("rules", "options", "error", "said"),
    [
        ({}, {"target": 2}, UsageError, "target is 2"),
        ({}, {"points": 0}, UsageError, "points must be 1 or more"),
        ({"entity": None}, {}, RuleError, "needs `entity:`"),
        ({"entity": None, "columns": {"*": "keep"}}, {}, UsageError, "name `entity:`"),
        ({}, {"known": ["gone"]}, DataError, "no column gone of values describes events"),
        ({"columns": {"who": "token", "*": "drop"}}, {}, DataError, "no column describes events"),
        (
            {"columns": {"who": "token", "at": [{**SHIFT, "when": "amount > 5"}, SHIFT]}},
            {},
            UsageError,
            "columns.at: a column moves by one date_shift",
        ),
        ({}, {"queries": {}}, RuleError, "expected a mapping"),
        ({}, {"queries": {"mine": "SELECT gone FROM events"}}, UsageError, "query 'mine'"),
    ],
)
def test_bad_input_is_one_clear_line(
    raw: pl.DataFrame, rules: dict[str, Any], options: dict[str, Any], error: type, said: str
) -> None:
    """That names what is wrong, before anything is tried."""
    with pytest.raises(error, match=said):
        tune_rules(raw, yaml.safe_load(RULES) | rules, **options)


def test_fitted_rules_are_refused(raw: pl.DataFrame) -> None:
    """What was learned is of other rules then."""
    from anonymizer import fit_rules

    rules = {"version": 1, "entity": "who", "unlisted": "drop", "columns": {"item": RARE}}
    with pytest.raises(UsageError, match="fitted to a table"):
        tune_rules(raw, fit_rules(raw, rules, key=KEY))
