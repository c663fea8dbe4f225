"""What a rule says of texts of its own: further kinds, words that stay, words that always go."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from polars.testing import assert_frame_equal

from anonymizer import anonymize, mask_file
from anonymizer.errors import RuleError
from anonymizer.masking.free_text.recognition import find
from anonymizer.masking.free_text.recognition.own import Own, OwnFinder, Phrases
from anonymizer.masking.masks.scrub import Scrub
from anonymizer.masking.rules.rules import load_rules

RULES = r"""
version: 1
columns:
  note:
    mask: scrub
    known: [name]
    custom:
      - {kind: ticket, pattern: 'T-\d{6}'}
      - {kind: staff, pattern: '\d{5}', words: [personalnummer*, staff no]}
      - {kind: part, pattern: '[A-Z]{2}\d{4}', check: luhn}
    allow: [Rose, 202-555-0143, {pattern: 'https?://firm\.example/\S*'}]
    names: false
    deny: [Falke, {kind: project, words: [Adler, 猎鹰]}]
  name: drop
"""
NOTES = {
    "see T-123456": "see <TICKET>",
    "see Ｔ－１２３４５６ and AT-123456, T-1234567": "see <TICKET> and AT-123456, T-1234567",
    "Personalnummer: 12345, box 12345": "Personalnummer: <STAFF>, box 12345",
    "box 12345 of the staff": "box 12345 of the staff",
    "parts AB2345 and AB2344": "parts <PART> and AB2344",
    "FALKE, Ädler and falkenau": "<NAME>, <PROJECT> and falkenau",
    "关于猎鹰项目": "关于<PROJECT>项目",
    "ring +1 (202) 555-0143 or 202-555-0144": "ring +1 (202) 555-0143 or <PHONE>",
    "https://firm.example/a https://other.example/a": "https://firm.example/a <URL>",
    "Mr Rose Miller of Rose": "Mr <NAME> of <NAME>",
    '{"t": "T-123456", "n": 1}': '{"t": "<TICKET>", "n": 1}',
}


def scrub(note: str, name: str = "Ann Lee", **options: Any) -> str:
    """One note by rules of the options; by RULES where there are none."""
    rules = {"version": 1, "columns": {"note": {"mask": "scrub"} | options, "name": "drop"}}
    frame = pl.DataFrame({"note": [note], "name": [name]})
    return str(anonymize(frame, rules if options else yaml.safe_load(RULES))["note"][0])


@pytest.mark.parametrize(("note", "expected"), NOTES.items())
def test_a_rule_file_adds_kinds_and_words(note: str, expected: str) -> None:
    """Patterns stand apart; a word or a check tells them where one is given; words have no case."""
    known = "Rose Miller" if "Miller" in note else "Ann Lee"
    assert scrub(note, known) == expected


def test_eager_and_lazy_say_the_same() -> None:
    """On a frame, on a plan, streamed, and by rules that went through JSON."""
    frame = pl.DataFrame({"note": [*NOTES, None, ""], "name": "Ann Lee"})
    rules = load_rules(yaml.safe_load(RULES))
    eager = anonymize(frame, rules)
    lazy = anonymize(frame.lazy(), load_rules(rules.to_dict()))
    assert isinstance(lazy, pl.LazyFrame)
    assert_frame_equal(lazy.collect(engine="streaming"), eager)


def test_a_pseudonym_of_ones_own_kind_is_keyed() -> None:
    """`replace: pseudonym` holds for them as for all others."""
    rules = yaml.safe_load(RULES)
    rules["columns"]["note"]["replace"] = "pseudonym"
    frame = pl.DataFrame({"note": ["T-123456", "t T-123456", "T-123457"], "name": "Ann Lee"})
    one, two, three = anonymize(frame, rules, key="0123456789abcdef-of-the-tests")["note"]
    assert one.startswith("<TICKET_")
    assert two == f"t {one}"
    assert three != one


def test_what_the_row_knows_and_what_is_denied_never_stays() -> None:
    """`allow` is for what was found by its form or as a name."""
    row = {"known": ["name"], "names": False}
    assert scrub("Rose and Rosa", "Rose", **row, allow=["Rose"]) == "<NAME> and Rosa"
    assert scrub("Falke", deny=["Falke"], allow=["falke"]) == "<NAME>"
    assert scrub("a@firm.example, b@firm.example", allow=["A@FIRM.example"]) == (
        "a@firm.example, <EMAIL>"
    )


def test_a_kind_that_there_is_gets_more() -> None:
    """A pattern may bear the name of a kind of ours."""
    assert scrub("of K7, a@b.org", custom=[{"kind": "customer", "pattern": r"K\d"}]) == (
        "of <CUSTOMER>, <EMAIL>"
    )


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("custom", [{"kind": "t", "pattern": "(a"}], "custom.0.pattern: .* unclosed group"),
        ("custom", [{"kind": "t", "pattern": "(?=a)b"}], "look-around"),
        ("custom", [{"kind": "t", "pattern": "a*"}], "fits an empty text"),
        ("custom", [{"kind": "T 1", "pattern": "a"}], "custom.0.kind"),
        ("custom", [{"kind": "token", "pattern": "a"}], "take another word"),
        ("custom", [{"kind": "t", "pattern": "a", "words": ["12"]}], "has no letter"),
        ("custom", [{"kind": "t", "pattern": "a", "check": "luna"}], "check"),
        ("allow", [{"pattern": "["}], "no pattern"),
        ("deny", [{"kind": "x", "words": []}], "words"),
        ("deny", [""], "deny"),
    ],
)
def test_a_wrong_text_is_a_fault_of_the_rules(option: str, value: object, told: str) -> None:
    """Before any row is read, and with its place in the file."""
    with pytest.raises(RuleError, match=rf"columns\.note\.{option}(?s:.*)"):
        load_rules({"version": 1, "columns": {"note": {"mask": "scrub", option: value}}})
    with pytest.raises(RuleError, match=told):
        load_rules({"version": 1, "columns": {"note": {"mask": "scrub", option: value}}})


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        ("luhn", "T4111111111111111", "T4111111111111112"),
        ("mod11", "T080442957X", "T0804429570"),
        ("iban", "GB82WEST12345698765432", "GB83WEST12345698765432"),
    ],
)
def test_a_check_decides(check: str, right: str, wrong: str) -> None:
    """Values with a wrong digit stay, unless a word is in front of them."""
    kind = {"kind": "part", "pattern": "(?:T|GB)[0-9A-Z]{9,20}", "check": check}
    options: dict[str, Any] = {"kinds": ["email"], "custom": [kind]}
    assert scrub(f"{right} {wrong}", **options) == f"<PART> {wrong}"
    options = {"kinds": ["email"], "custom": [kind | {"words": ["part"]}]}
    assert scrub(f"part {wrong}", **options) == "part <PART>"


@pytest.mark.parametrize("cell", ["T-123456 ", "1 ", "T-", "staff 12345 ", "falke ", "aaaa", "a@"])
def test_a_pattern_takes_no_quadratic_time(cell: str) -> None:
    """Nested repeats where the square of the length would take hours."""
    patterns = (r"T-\d{6}", r"(?:[\d ]+)+x", r"(a+)+b", r"\d{5}")
    finders = tuple(OwnFinder("t", each, ("staff",)) for each in patterns)
    own = Own(finders, (("name", Phrases(["falke", "falke falke"])),), ("falke", "12345"))
    text = cell * (200_000 // len(cell))
    start = time.process_time()
    own.left([text], own.found([text]))
    assert time.process_time() - start < 60


def test_own_kinds_are_listed() -> None:
    """Those that there are already are not."""
    options: dict[str, Any] = {
        "custom": [{"kind": "ticket", "pattern": "T"}, {"kind": "phone", "pattern": "P"}],
        "deny": ["x", {"kind": "project", "words": ["y"]}],
    }
    assert Scrub(**options).own_kinds == ("ticket", "project")


def test_tags_of_own_kinds_are_counted(tmp_path: Path) -> None:
    """The manifest says how many of them stand in the output."""
    pl.DataFrame({"note": ["T-123456 T-123457", "Adler"], "name": "Ann Lee"}).write_parquet(
        tmp_path / "notes.parquet"
    )
    manifest = mask_file(
        tmp_path / "notes.parquet", tmp_path / "out.parquet", yaml.safe_load(RULES)
    )
    assert manifest.removed["note"] == {
        "ticket": {"places": 2, "rows": 1},
        "project": {"places": 1, "rows": 1},
    }


def test_a_tag_of_ones_own_stays() -> None:
    """What was scrubbed before is not searched again."""
    assert find("<TICKET_2> and <TICKET_2_0123456789ab>") == []


@pytest.mark.parametrize(
    "done",
    [
        "anonymizer.load_rules({'version': 1, 'columns': {'note': 'drop'}})",
        "anonymizer.load_rules({'version': 1, 'columns': {'note': 'scrub'}})",
        (
            "anonymizer.anonymize(polars.DataFrame({'a': [1]}), "
            "{'version': 1, 'columns': {'a': 'keep'}})"
        ),
    ],
)
def test_only_who_masks_a_text_imports_the_finders(done: str) -> None:
    """They take as long as all the rest."""
    code = (
        f"import sys, anonymizer, polars; {done}; "
        "print(*(m for m in sys.modules if m.startswith('anonymizer.masking.free_text.')))"
    )
    command = [sys.executable, "-W", "ignore", "-c", code]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert {module.split(".")[3] for module in told} <= {"asked", "basis"}
