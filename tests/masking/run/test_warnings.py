"""What is to be reconsidered is said: as warnings in Python, as notes of a command."""

import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anonymizer import PrivacyWarning, anonymize, lint, mask_file, preview
from anonymizer.cli import main
from anonymizer.masking.rules.rules import packs
from anonymizer.masking.run.notes import (
    NOBODY,
    NOTHING_LEFT,
    NOTHING_WAITS,
    ORDER_TOLD,
    POINTS,
    TIME_TOLD,
    UNLISTED,
)
from tests.masking.rules.test_packs import table

ROOT = Path(__file__).parents[3]
RULES = {
    "version": 1,
    "entity": "who",
    "columns": {
        "who": "token",
        "name": {"mask": "pseudonym", "kind": "name"},
        "at": {"mask": "date_shift", "days": 9},
        "mail": "email_domain",
    },
}
REMARKS = [
    "name: pseudonyms are not unique: never join by them",
    "at: intervals of moved times are kept and can single out a history; not HIPAA Safe Harbor",
]
SAID = ["own-domains: mail: a domain of one's own names its owner: consider `floor`"]
ORDER = (
    "order-kept: order: rows stay as they come, and tell everybody's shift where they are "
    "sorted by time"
)
SAID_OF_FRAMES = [*SAID, ORDER]
UNSEEN = (
    "shared-days-unknown: at: days that many share would tell shifts and are not known: "
    "use `fit_rules`"
)
NOT_LOOKED_FOR = (
    "time-told: at: what tells the true times, beside them or as rows of few days, is not looked "
    "for here: run `lint` on a file, or mask an eager frame; `batches: accepted` if it may be known"
)
KINDS: dict[str, Callable[[pl.DataFrame], Any]] = {
    "eager": lambda frame: frame,
    "lazy": lambda frame: frame.lazy(),
    "pandas": lambda frame: frame.to_pandas(),
    "Arrow": lambda frame: frame.to_arrow(),
}


@pytest.fixture(name="visits")
def visits_() -> pl.DataFrame:
    """Two visits of two people."""
    columns = {"who": [1, 2], "name": ["Ann Lee", "Bo Ek"], "at": ["2024-01-02", "2024-03-04"]}
    columns["mail"] = ["ann@example.org", "bo@example.net"]
    return pl.DataFrame(columns).with_columns(pl.col("at").str.to_date())


@pytest.fixture(name="raw")
def raw_(visits: pl.DataFrame, tmp_path: Path) -> Path:
    """The visits as a file."""
    visits.write_parquet(tmp_path / "raw.parquet")
    return tmp_path / "raw.parquet"


@pytest.mark.parametrize("kind", KINDS)
def test_masking_a_frame_warns_where_it_was_called(
    kind: str, visits: pl.DataFrame, secret: str
) -> None:
    """One warning for each thing, and each points at the line of the caller."""
    with pytest.warns(PrivacyWarning) as caught:
        anonymize(KINDS[kind](visits), RULES, key=secret)
    said = [*SAID, UNSEEN, ORDER, NOT_LOOKED_FOR] if kind == "lazy" else SAID_OF_FRAMES
    assert [str(each.message) for each in caught] == said
    assert {each.filename for each in caught} == {__file__}


def test_masking_files_warns_of_what_the_manifest_holds(raw: Path, secret: str) -> None:
    """The same lines in both, and among the notes of the record and of a preview."""
    with pytest.warns(PrivacyWarning) as caught:
        record = mask_file(raw, raw.with_name("out.parquet"), RULES, key=secret)
    assert [str(each.message) for each in caught] == record.warnings == SAID
    assert {each.filename for each in caught} == {__file__}
    assert record.remarks == REMARKS  # what always is so is a note
    assert set(SAID + REMARKS) <= set(record.notes)
    assert preview(raw, RULES).notes == REMARKS + SAID


def test_a_job_can_fail_before_anything_is_written(raw: Path, secret: str) -> None:
    """Where the warnings are errors, a frame does not come back and no file is left."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", PrivacyWarning)
        with pytest.raises(PrivacyWarning, match="own-domains"):
            mask_file(raw, raw.with_name("out.parquet"), RULES, key=secret)
        with pytest.raises(PrivacyWarning, match="own-domains"):
            anonymize(pl.scan_parquet(raw), RULES, key=secret)
    assert list(raw.parent.iterdir()) == [raw]


def test_what_was_accepted_is_silent(raw: Path, secret: str) -> None:
    """A filter by its code lets through what somebody has thought about."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", PrivacyWarning)
        warnings.filterwarnings("ignore", "own-domains: mail", PrivacyWarning)
        assert mask_file(raw, raw.with_name("out.parquet"), RULES, key=secret).warnings == SAID


def test_every_code_is_documented_with_what_to_do() -> None:
    """The table of the guide has a row for each code that the package gives, and no other."""
    source = "".join(path.read_text("utf-8") for path in (ROOT / "anonymizer").rglob("*.py"))
    given = re.findall(r'(?:Finding|finding)\(\s*"([a-z-]+)"', source)
    given += re.findall(r'Remark\(told, "([a-z-]+)"\)', source)
    table = (ROOT / "docs/masking.md").read_text("utf-8").partition("| code |")[2]
    listed = re.findall(r"^\| `([a-z-]+)` \|", table.partition("\n\n")[0], re.MULTILINE)
    assert sorted(listed) == sorted(
        {
            *given,
            NOBODY,
            POINTS,
            NOTHING_LEFT,
            NOTHING_WAITS,
            ORDER_TOLD,
            TIME_TOLD,
            UNLISTED,
            "anonymity-not-kept",
        }
    )


def test_a_code_can_be_chosen(visits: pl.DataFrame, secret: str) -> None:
    """By a filter, or read off the warning."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", "order-kept: ", PrivacyWarning)
        anonymize(visits, RULES, key=secret)
    assert [getattr(each.message, "code", None) for each in caught] == ["own-domains"]


def test_a_call_in_a_loop_warns_once(visits: pl.DataFrame, secret: str) -> None:
    """By Python's own filter, as the warnings stand at the line of the call."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            anonymize(visits, RULES, key=secret)
    assert [str(each.message) for each in caught] == SAID_OF_FRAMES


def test_rules_that_are_well_made_warn_of_nothing(secret: str) -> None:
    """No warning without a reason."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        anonymize(
            pl.DataFrame({"who": [1, 2]}), {"version": 1, "columns": {"who": "token"}}, key=secret
        )


@pytest.mark.parametrize("pack", packs())
def test_no_warning_holds_a_value(pack: str, secret: str) -> None:
    """Whatever the pack says, the words of it are not those of the table."""
    frame, *_ = table(pack)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        anonymize(frame, pack, key=secret)
    said = " ".join(str(each.message) for each in caught)
    texts = {text for column in frame.select(pl.col(pl.String)) for text in column if text}
    assert [text for text in texts if len(text) > 2 and text in said] == []


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_the_command_says_it_once_in_its_own_words(
    options: list[str], raw: Path, monkeypatch: pytest.MonkeyPatch, secret: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """As warnings and notes; nothing in the form of Python, whatever its filters are."""
    monkeypatch.setenv("ANONYMIZER_KEY", secret)
    rules = raw.with_name("rules.yaml")
    rules.write_text(json.dumps(RULES))
    arguments = ["mask", str(raw), str(raw.with_name("out.parquet")), "--rules", str(rules)]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert main([*arguments, *options]) == 0
    assert caught == []
    err = capsys.readouterr().err
    assert err.count(f": warning: {SAID[0]}") == err.count(f": note: {REMARKS[0]}") == 1
    assert err.count(SAID[0]) == err.count(REMARKS[0]) == 1
    assert "Warning" not in err


@pytest.mark.parametrize("kind", ["eager", "pandas", "Arrow"])
def test_rows_of_nobody_are_counted(kind: str, visits: pl.DataFrame, secret: str) -> None:
    """A frame has no record that counts what became null of rows without an entity."""
    rows = visits.with_columns(who=pl.Series(["1", None]))
    said = "who: 1 of 2 rows have none, and null in name, at: fill it in, or leave them out"
    with pytest.warns(PrivacyWarning) as caught:
        anonymize(KINDS[kind](rows), RULES, key=secret)
    assert f"rows-of-nobody: {said}" in [str(each.message) for each in caught]
    assert f"columns.{said} (rows-of-nobody)" in [str(each) for each in lint(RULES, rows)]


def test_ids_that_floats_became_text_are_told(tmp_path: Path, secret: str) -> None:
    """`1.0` and `1` are two texts; nothing is said where the rules call them numbers."""
    raw, rules = tmp_path / "raw.csv", {"version": 1, "columns": {"id": "token", "x": "keep"}}
    raw.write_text("id,x\n1.0,a\n,b\n20.0,c\n")
    told = "ids-with-points: id: numbers end in `.0`"
    assert mask_file(raw, tmp_path / "m.csv", rules, key=secret).warnings[0].startswith(told)
    assert [each.code for each in lint(rules, raw)] == ["ids-with-points"]
    with pytest.warns(PrivacyWarning, match=told):
        anonymize(pl.DataFrame({"id": ["1.0", None], "x": ["a", "b"]}), rules, key=secret)
    typed = rules | {"types": {"id": "float"}}
    assert mask_file(raw, tmp_path / "n.csv", typed, key=secret).warnings == []
    whole = anonymize(pl.DataFrame({"id": [1, 20], "x": ["a", "c"]}), rules, key=secret)["id"]
    assert pl.read_csv(tmp_path / "n.csv")["id"].drop_nulls().to_list() == whole.to_list()
