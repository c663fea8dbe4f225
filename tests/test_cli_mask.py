"""`anonymizer mask`: exit status, one line per message, nothing written by mistake."""

import gzip
import io
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from anonymizer.cli import main

SECRET = "0123456789abcdef-of-the-tests"
RULES: dict[str, Any] = {
    "version": 1,
    "entity": "who",
    "columns": {
        "who": {"mask": "token", "prefix": "C"},
        "name": {"mask": "pseudonym", "kind": "name"},
        "paid": {"mask": "round", "to": 10},
    },
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an input and rules, and the key in the environment."""
    frame = pl.DataFrame({"who": [1, 2], "name": ["Zoltan Quix", "Uma"], "paid": [12.5, 99.0]})
    frame.write_parquet(tmp_path / "in.parquet")
    (tmp_path / "r.yaml").write_text(yaml.safe_dump(RULES))
    monkeypatch.setenv("ANONYMIZER_KEY", SECRET)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rules_with(**changes: Any) -> str:
    """The rules with some columns changed, as YAML."""
    columns = RULES["columns"] | changes
    return yaml.safe_dump(RULES | {"columns": {k: v for k, v in columns.items() if v}})


def test_a_file_is_masked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 0, output and manifest are there, and what was done is said."""
    assert (
        main(["mask", "in.parquet", "o.parquet", "--rules", "r.yaml", "--manifest", "m.json"]) == 0
    )
    out = pl.read_parquet(folder / "o.parquet")
    assert out["paid"].to_list() == [10.0, 100.0]
    assert out["who"].str.contains("^C[0-9a-f]{24}$").all()
    assert json.loads((folder / "m.json").read_text())["rows"] == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1] == "anonymizer: 2 rows, 3 columns written to o.parquet"


def test_columns_that_are_dropped_were_not_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last line counts what is in the output."""
    (folder / "r.yaml").write_text(rules_with(name="drop"))
    assert main(["mask", "in.parquet", "o.parquet", "--rules", "r.yaml"]) == 0
    assert "2 rows, 2 columns written" in capsys.readouterr().err
    assert pl.read_parquet(folder / "o.parquet").width == 2


BAD: dict[str, tuple[str | None, str, str | None, str]] = {
    "missing file": (None, "absent.parquet", SECRET, "no such file: absent.parquet"),
    "missing file of an unknown ending": (None, "in.xlsx", SECRET, "no such file: in.xlsx"),
    "unknown mask": (
        rules_with(who="tokn"),
        "in.parquet",
        SECRET,
        "no mask 'tokn'; did you mean 'token'?",
    ),
    "misspelt option": (
        rules_with(paid={"mask": "round", "too": 1}),
        "in.parquet",
        SECRET,
        "columns.paid.too: no such option; did you mean 'to'?",
    ),
    "rule for an absent column": (
        rules_with(nmae="drop"),
        "in.parquet",
        SECRET,
        "columns.nmae: no column 'nmae' in the data; did you mean 'name'?",
    ),
    "column without a rule": (
        rules_with(paid=None),
        "in.parquet",
        SECRET,
        "paid: no rule covers it: add one, or say `unlisted: drop`",
    ),
    "no key": (None, "in.parquet", None, "no key: set the environment variable ANONYMIZER_KEY"),
    "empty key": (None, "in.parquet", "", "the key is empty"),
    "short key": (None, "in.parquet", "short", "the key is too short"),
    "unparsable YAML": ("version: 1\ncolumns: {who: [", "in.parquet", SECRET, "this is not YAML"),
    "wrong dtype": (
        rules_with(paid={"mask": "ip"}),
        "in.parquet",
        SECRET,
        "paid: ip takes text, not Float64",
    ),
    "entity absent": (
        yaml.safe_dump(RULES | {"entity": "whom"}),
        "in.parquet",
        SECRET,
        "entity: no column 'whom' in the data; did you mean 'who'?",
    ),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_bad_input_is_one_line_and_status_2(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    case: str,
    dry: tuple[str, ...],
) -> None:
    """Every wrong call ends before anything is written, with one clear line per fault."""
    rules, source, key, message = BAD[case]
    (folder / "r.yaml").write_text(rules or rules_with())
    monkeypatch.delenv("ANONYMIZER_KEY")
    if key is not None:
        monkeypatch.setenv("ANONYMIZER_KEY", key)
    before = {file.name for file in folder.iterdir()}
    call = ["mask", source, "o.parquet", "--rules", "r.yaml", "--manifest", "m.json", *dry]
    expected = 0 if dry and case.endswith("key") else 2  # a dry run needs no key
    assert main(call) == expected
    captured = capsys.readouterr()
    if expected:
        assert len(captured.err.splitlines()) == (3 if "2 faults" in captured.err else 1)
    else:
        assert "note: name: pseudonyms are not unique" in captured.err
    assert all(line.startswith("anonymizer: ") for line in captured.err.splitlines())
    assert captured.err.startswith("anonymizer: ")
    assert (message in captured.err) == (expected == 2)
    assert {file.name for file in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mask"], "Missing argument 'INPUT'"),
        (["mask", "in.parquet", "o.parquet"], "--rules is missing"),
        (["mask", "in.parquet", "o.parquet", "--rule", "r.yaml"], "No such option"),
        (["msak"], "No such command"),
        (["mask", "in.parquet", "in.parquet", "--rules", "r.yaml"], "the output is an input"),
        (["mask", "in.parquet", "o.txt", "--rules", "r.yaml"], "unknown ending '.txt'"),
        (["mask", "in.parquet", "o.parquet", "--rules", "absent"], "no rule file and no pack"),
        (
            ["mask", "in.parquet", "o.parquet", "--rules", "r.yaml", "--key-file", "absent"],
            "cannot read the key file",
        ),
        (
            [
                "mask",
                "in.parquet",
                "o.parquet",
                "--rules",
                "r.yaml",
                "--key-env",
                "ABSENT_VARIABLE",
            ],
            "set the environment variable ABSENT_VARIABLE",
        ),
        (
            ["mask", "a.csv", "b.csv", "--rules", "r", "--key-env", "A", "--key-file", "B"],
            "not both",
        ),
    ],
)
def test_a_wrong_call_is_status_2(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    """What the command line itself refuses looks like everything else."""
    assert main(arguments) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("anonymizer: ")
    assert message in lines[0]
    assert {file.name for file in folder.iterdir()} == {"in.parquet", "r.yaml"}


def test_an_existing_output_stays(folder: Path) -> None:
    """Without --overwrite the old file is untouched, with it it is replaced."""
    (folder / "o.parquet").write_text("old")
    call = ["mask", "in.parquet", "o.parquet", "--rules", "r.yaml"]
    assert main(call) == 2
    assert (folder / "o.parquet").read_text() == "old"
    assert main([*call, "--overwrite"]) == 0
    assert pl.read_parquet(folder / "o.parquet").height == 2


def test_the_key_comes_from_a_file_or_another_variable(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three ways to the same key give the same output."""
    (folder / "key").touch(mode=0o600)
    (folder / "key").write_text(SECRET + "\n")
    monkeypatch.setenv("SECOND", SECRET)
    ways = [[], ["--key-file", "key"], ["--key-env", "SECOND"]]
    for position, way in enumerate(ways):
        call = ["mask", "in.parquet", f"{position}.parquet", "--rules", "r.yaml"]
        assert main([*call, *way]) == 0
    tokens = [pl.read_parquet(folder / f"{n}.parquet")["who"].to_list() for n in range(3)]
    assert tokens == [tokens[0]] * 3


def test_a_dry_run_writes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It shows masks, dtypes and invented examples, and needs no key."""
    monkeypatch.delenv("ANONYMIZER_KEY")
    assert main(["mask", "in.parquet", "o.parquet", "--rules", "r.yaml", "--dry-run"]) == 0
    captured = capsys.readouterr()
    assert "who   token          Int64 → String" in captured.out
    assert "12.95 → 10.0" in captured.out
    assert "Quix" not in captured.out
    assert "throwaway key" in captured.err
    assert {file.name for file in folder.iterdir()} == {"in.parquet", "r.yaml"}


def test_an_unforeseen_error_is_one_line_without_its_message(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Status 1, the kind of the error, and no value it may carry; debugging shows the rest."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret value")

    monkeypatch.setattr("anonymizer.masking.run.files.mask_file", broken)
    call = ["mask", "in.parquet", "o.parquet", "--rules", "r.yaml"]
    assert main(call) == 1
    assert capsys.readouterr().err == (
        "anonymizer: failed (RuntimeError); set ANONYMIZER_DEBUG=1 to see where\n"
    )
    monkeypatch.setenv("ANONYMIZER_DEBUG", "1")
    assert main(call) == 1
    assert "Traceback" in capsys.readouterr().err
    assert folder.is_dir()


def test_a_dialect_can_be_said_on_the_command_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """To look, to lint and to mask; it takes the place of what the rules say."""
    (folder / "in.csv").write_text("who;name;paid\n1;Zoltan Quix;12,5\n")
    said = ["--csv", 'separator: ;, decimal: ","']
    assert main(["inspect", "in.csv", "--output", "i.yaml", *said]) == 0
    assert 'csv: {separator: ";", decimal: ","}' in (folder / "i.yaml").read_text()
    one_by_one = ["--csv", "{separator: ;}", "--csv", 'decimal: ","']
    assert main(["lint", "r.yaml", "in.csv", *one_by_one]) == 0
    assert main(["lint", "r.yaml", "in.csv", *said, "--csv", "decimal: ."]) == 2
    assert "csv.decimal: stands twice" in capsys.readouterr().err
    assert main(["lint", "r.yaml", "in.csv", *said, "--csv", "@r.yaml"]) == 2
    assert "@FILE stands alone" in capsys.readouterr().err
    assert main(["mask", "in.csv", "o.csv", "--rules", "r.yaml", *said]) == 0
    assert (folder / "o.csv").read_text().splitlines()[1].endswith(";10")
    assert main(["mask", "in.csv", "p.csv", "--rules", "r.yaml"]) == 2
    assert 'it looks like `separator: ";"`' in capsys.readouterr().err
    assert main(["mask", "in.csv", "p.csv", "--rules", "r.yaml", "--csv", "seperator: ;"]) == 2
    assert "did you mean 'separator'" in capsys.readouterr().err


def test_help_is_at_hand(capsys: pytest.CaptureFixture[str]) -> None:
    """--help and --version end with status 0; no arguments show the help and are wrong."""
    assert main(["--help"]) == 0
    assert "mask" in capsys.readouterr().out
    assert main(["--version"]) == 0
    assert main([]) == 2


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_standard_input_is_masked_to_standard_output(
    folder: Path, pack: Any, monkeypatch: pytest.MonkeyPatch, capfdbinary: Any
) -> None:
    """As CSV, packed or not, all or nothing; what is said stays on standard error."""
    (folder / "r.yaml").write_text("version: 1\ncolumns: {who: token, n: keep}\n")

    def given(text: bytes) -> bytes:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(pack(text))))
        assert (main(["mask", "-", "-", "--rules", "r.yaml"]) == 0) == (text.count(b"\n") == 2)
        sys.stdout.flush()
        return bytes(capfdbinary.readouterr().out)

    written = given(b"who,n\nZoltan,007\n")
    assert written.startswith(b"who,n\n")
    assert written.endswith(b",007\n")
    assert b"Zoltan" not in written
    assert given(b"who,n\nZoltan,7\nUma,8,9\n") == b""
    assert not list(Path(tempfile.gettempdir()).glob(".piped.*"))
    monkeypatch.setattr("sys.stdin", None)  # as Python has it where the stream is closed
    assert main(["mask", "-", "-", "--rules", "r.yaml"]) == 2
    assert b"standard input: is closed" in capfdbinary.readouterr().err
