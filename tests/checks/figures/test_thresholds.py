"""Limits of one's own: read strictly, checked before anything is trained, and said."""

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, NoReturn

import click
import numpy as np
import polars as pl
import pytest

from anonymizer.checks.audit.audit import audit_tables
from anonymizer.checks.check.check import check_sets
from anonymizer.checks.figures.figure import WORDS, Figure, Limits, at_worst, exact, worst
from anonymizer.checks.figures.statistics import share
from anonymizer.checks.figures.thresholds import (
    DEFAULTS,
    PURPOSES,
    Thresholds,
    for_whom,
    judged,
    load_thresholds,
    usual_limits,
)
from anonymizer.checks.reports.check_report import Report
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.cli import checks as commands
from anonymizer.composition import audit, check
from anonymizer.errors import FileError, RuleError, UsageError
from tests.checks.conftest import draw

DOCS = Path(__file__).parents[3] / "docs" / "checks.md"
EXPECTED = "expected two limits such as {green: 0.6, amber: 0.8}"


def figure(value: float, limits: Limits | None = None) -> Figure:
    """One with nothing but a value."""
    return Figure("it", exact(value), None, None, "", limits=limits)


def test_a_file_replaces_limits(tmp_path: Path) -> None:
    """A name comes before a family, of families the first; others keep what they had."""
    (tmp_path / "t.yaml").write_text(
        "similarity_*: {green: 0.9, amber: 0.5}\n"
        "sim*: {green: 1.0, amber: 0.99}\n"
        "similarity_gap: {green: 0.3, amber: 0.2}\n"
    )
    given = load_thresholds(tmp_path / "t.yaml")
    before = {name: figure(0.4) for name in ("similarity_gap", "similarity_x", "closeness_x")}
    after = judged(before, given)
    assert {name: f.colour for name, f in after.items()} == {
        "similarity_gap": "green", "similarity_x": "red", "closeness_x": "amber",
    }  # fmt: skip
    assert [f.given for f in after.values()] == [True, True, False]


@pytest.mark.parametrize(
    ("purpose", "colours"),
    [
        ("internal", {"k": "green", "unicity": "green", "told_apart": "green"}),
        ("partner", {"k": "amber", "unicity": "amber", "told_apart": "green"}),
        ("public", {"k": "red", "unicity": "red", "told_apart": "green"}),
        ("clinical research", {"k": "red", "unicity": "amber", "told_apart": "green"}),
    ],
)
def test_limits_are_for_somebody(purpose: str, colours: dict[str, str]) -> None:
    """What may be found depends on who gets it, what must be kept does not; own names have own."""
    own = {"purpose": purpose, "k": {"green": 20, "amber": 10}}
    given = load_thresholds(own) if purpose not in PURPOSES else load_thresholds(purpose=purpose)
    assert given.purpose == purpose
    found = {"k": figure(4), "unicity": figure(0.15), "told_apart": figure(0.6)}
    assert {name: f.colour for name, f in judged(found, given).items()} == colours
    assert for_whom(purpose) in {*PURPOSES.values(), "For clinical research"}


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_table_in_which_nothing_is_found_is_good_for_everybody(purpose: str) -> None:
    """Shares are judged by a part of their interval too, which of none of 1,000 is above zero."""
    names = ("unicity", "found", "linkage", "windows", "unique", "texts_left_note")
    none = replace(figure(0), judged=at_worst(share(0, 1_000)))
    found = judged(dict.fromkeys(names, none), load_thresholds(purpose=purpose))
    assert {each.colour for each in found.values()} == {"green"}


def test_who_gets_it_is_said(sets: ComparedSets) -> None:
    """On the page, in the JSON, and to those who ask for masked rows for the public."""
    raw = pl.DataFrame({"who": range(40), "age": [20, 30] * 20})
    report = audit(raw=raw, masked=raw, entity="who", quasi_identifiers=["age"], purpose="public")
    assert report.to_dict()["purpose"] == "public"
    assert "For the public: " in report.html()
    assert any("sample synthetic histories" in note for note in report.notes)
    usual = audit(raw=raw, masked=raw, entity="who", quasi_identifiers=["age"])
    assert "For a partner: " in usual.html()
    with pytest.raises(UsageError, match="'everybody' is none of internal, partner, public"):
        check(
            real=sets.real, synthetic=sets.real, holdout=sets.holdout, entity="customer",
            time="time", purpose="everybody",
        )  # fmt: skip
    with pytest.raises(RuleError, match="purpose: expected a name"):
        load_thresholds({"purpose": 3})
    with pytest.raises(RuleError, match="purpose: write public, whose limits"):
        load_thresholds({"purpose": "Public "})  # else judged as for a partner, and called public
    asked = next(each for each in commands.check.params if each.name == "purpose")
    assert isinstance(asked.type, click.Choice)
    assert list(asked.type.choices) == list(PURPOSES)


def test_what_only_informs_can_be_judged_and_what_has_no_value_is_not() -> None:
    """Limits give a colour; NaN that had none stays without, and what is judged elsewhere."""
    given = load_thresholds({"detector_auc": {"green": 0.9, "amber": 0.8}})
    assert judged({"detector_auc": figure(0.7)}, given)["detector_auc"].colour == "red"
    assert judged({"detector_auc": figure(np.nan)}, given)["detector_auc"].colour is None
    given = load_thresholds({"singling_out": {"green": 0.1, "amber": 0.2}})
    silent = replace(figure(0.7), judgeable=False)
    assert judged({"singling_out": silent}, given)["singling_out"].colour is None
    assert judged({"singling_out": figure(0.7)}, given)["singling_out"].colour == "red"
    with pytest.raises(LookupError, match="zebra"):
        judged({"zebra": figure(0.7)}, given)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- told_apart", "expected lines such as"),
        ("", "expected lines such as"),
        ("told_apart: 0.7", f"told_apart: {EXPECTED}"),
        (
            "told_apart: [0.6, 0.8]",
            f"told_apart: {EXPECTED}",
        ),
        ("told_apart:", f"told_apart: {EXPECTED}"),
        ("told_apart: {green: 0.7}", "told_apart.amber: this option is required"),
        ("told_apart: {green: 0.7, amber: 0.9, red: 1}", "told_apart.red: no such option"),
        ("told_apart: {green: low, amber: 0.9}", "told_apart.green: "),
        ("told_apart: {green: true, amber: 0.9}", "told_apart.green: "),
        ("told_apart: {green: .nan, amber: 0.9}", "told_apart.green: "),
        ("told_apart: {green: 0.7, amber: 0.7}", "must differ"),
        ("told_apart: {green: 0.7, amber: 0.9}\ntold_apart: {green: 1, amber: 2}", "line 2"),
        ("told_apart: {green: [", "line 1: this is not YAML"),
    ],
)
def test_what_is_no_limit_is_refused(tmp_path: Path, text: str, words: str) -> None:
    """One message with the place."""
    (tmp_path / "t.yaml").write_text(text)
    with pytest.raises(RuleError, match=r"t\.yaml") as error:
        load_thresholds(tmp_path / "t.yaml")
    assert words in str(error.value)


def test_an_absent_file_is_said(tmp_path: Path) -> None:
    """By its name."""
    with pytest.raises(FileError, match=r"t\.yaml"):
        load_thresholds(tmp_path / "t.yaml")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"told_appart": (0.6, 0.8)}, "told_appart: no figure has this name; did you mean 'told_"),
        ({"similarity_itm": (0.9, 0.8)}, "did you mean 'similarity_item'"),
        ({"sim_*": (0.9, 0.8)}, "no figure has this name"),
        ({"told_apart": (0.8, 0.6)}, "of told_apart less is better: green is below amber"),
        ({"similarity_*": (0.6, 0.8)}, "more is better: green is above amber"),
        ({"*": (0.8, 0.6)}, "less is better"),
    ],
)  # fmt: skip
def test_names_and_directions_are_checked_before_a_detector_is_trained(
    sets: ComparedSets, given: dict[str, tuple[float, float]], words: str
) -> None:
    """All faults in one error, and no training."""

    def never(_train: pl.DataFrame, _test: pl.DataFrame) -> NoReturn:
        raise AssertionError

    limits = Thresholds({name: Limits(*pair) for name, pair in given.items()})
    with pytest.raises(RuleError) as error:
        check_sets(
            sets.real, sets.synthetic, sets.holdout,
            entity="customer", time="time", detector=never, thresholds=limits,
        )  # fmt: skip
    assert words in str(error.value)


def test_the_words_of_the_colours_are_documented() -> None:
    """What the terminal says is a colour in the documentation."""
    text = DOCS.read_text("utf-8")
    assert [c for c, word in WORDS.items() if f"| {c} | {word} |" not in text] == []


def test_check_takes_a_mapping_and_reads_it_first() -> None:
    """A slip in it is an error even before the data is looked at."""
    nothing: Any = None
    with pytest.raises(RuleError, match="told_apart"):
        check(
            real=nothing, synthetic=nothing, holdout=nothing, entity="e", time="t",
            thresholds={"told_apart": "low"},
        )  # fmt: skip


def test_an_audit_takes_limits_as_well() -> None:
    """K = 2 is red by default, and good enough for whoever says so."""
    raw = draw(0, 1).with_columns(city=pl.col("customer") % 70)
    given = load_thresholds({"k": {"green": 2, "amber": 1}})
    found = audit_tables(
        raw=raw, masked=raw, entity="customer", quasi_identifiers=["city"], thresholds=given
    )
    told = found.to_dict()["figures"]["k"]
    assert (told["colour"], told["limits_given"]) == ("green", True)
    with pytest.raises(RuleError, match="'unicity'"):
        audit_tables(
            raw=raw, masked=raw, entity="customer", thresholds=Thresholds({"unicit": Limits(0, 1)})
        )


def test_every_figure_has_its_limits_in_the_table(report: Report) -> None:
    """What a run measures can be named in a file, by the limits that the program has."""
    given = Thresholds({})
    given.require_names([])
    raw = draw(0, 1).with_columns(city=pl.col("customer") % 70)
    rotating = raw.with_columns(
        pl.struct("customer", pl.col("time").dt.truncate("1q")).hash().alias("customer")
    )
    audits = audit_tables(
        raw=raw, masked=rotating, entity="customer", time="time",
        quasi_identifiers=["city"], sensitive=["item"],
    )  # fmt: skip
    columns = {"item", "amount", "customer"}
    for name, each in {**report.figures, **audits.figures}.items():
        family = next((f"{name.removesuffix(c)}*" for c in columns if name.endswith(c)), name)
        key = name if name in DEFAULTS else family
        assert key in DEFAULTS, name
        assert each.limits in {DEFAULTS[key], None}, name


def test_the_documented_limits_are_those_of_the_program() -> None:
    """A row per name, and no row for what is not there."""
    told: dict[str, Limits | None] = {
        name: Limits(float(green), float(amber)) if green != "–" else None
        for names, _, green, amber in documented("## Limits")
        for name in names.split("`, `")
    }
    assert told == {n: x for n, x in DEFAULTS.items() if n in told or x is None or "*" in n}
    unnamed = [n for n in DEFAULTS if n not in told and not n.startswith("similarity_")]
    assert unnamed == []
    for names, *pairs in documented("### For whom"):
        for name, (purpose, pair) in product(
            names.split("`, `"), zip(PURPOSES, pairs, strict=True)
        ):
            assert usual_limits(name, purpose) == Limits(*map(float, pair.split(", "))), name


def documented(heading: str) -> list[list[str]]:
    """The cells of the table below a heading."""
    return [
        [cell.strip(" `") for cell in line.strip("|").split("|")]
        for line in DOCS.read_text("utf-8").partition(heading)[2].partition("\n##")[0].splitlines()
        if line.startswith("| `")
    ]


def test_the_worst_colour_is_the_verdict() -> None:
    """None where nothing is judged."""
    green, amber, red = (figure(x, Limits(0.8, 0.5)) for x in (0.9, 0.6, 0.1))
    assert worst([figure(1.0)]) is None
    assert worst([green, figure(1.0)]) == "green"
    assert worst([green, amber]) == "amber"
    assert worst([amber, red, green]) == "red"
