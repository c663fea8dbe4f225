"""What a run would refuse is refused by a dry run, and by lint where no row is needed to know."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from anonymizer.cli import main

RAW = pl.DataFrame(
    {
        "who": [f"p{n}" for n in range(120)],
        "at": [date(2024, 1, n % 9 + 1) for n in range(120)],
        "text": ["1", "2", "x"] * 40,
        "list": [[1], [2], None] * 40,
    }
)
KEPT: dict[str, Any] = {"version": 1, "entity": "who", "columns": {"*": "keep"}}


def rules(**columns: Any) -> dict[str, Any]:
    """Rules that keep all but some columns."""
    return KEPT | {"columns": {**columns, "*": "keep"}}


NO_DAY = {"mask": "date_shift", "days": 9, "format": "%d"}
SHIFT, ROUND = {"mask": "date_shift", "days": 30}, {"mask": "round", "to": 10}
INTEGER = KEPT | {"types": {"text": "integer"}}
RARE = KEPT | {"anonymity": {"quasi_identifiers": ["text"], "k": 3}}
# Rules, input, output, and what is said of them; last whether `lint` says it too.
REFUSED = {
    "a column that is not there": (rules(me="drop"), "in.parquet", "o.csv", "columns.me: no", True),
    "a form of no day": (rules(text=NO_DAY), "in.parquet", "o.parquet", "columns.text", True),
    "a type, and no CSV": (INTEGER, "in.parquet", "o.parquet", "types.text: is text", True),
    "no header": (rules(who="token"), "bare.csv", "o.csv", "none of the columns", True),
    "another separator": (KEPT, "semi.csv", "o.csv", "has one column; it looks like", True),
    "what is masked": (KEPT, "masked.parquet", "o.parquet", "is masked already", True),
    "a narrow delivery": (rules(at=SHIFT), "in.parquet", "o.parquet", "the rows span 9 days", True),
    "a list in a CSV": (KEPT, "in.parquet", "o.csv", "column 'list' is List", False),
    "a place": (KEPT, "in.parquet", "in.parquet", "the output is an input", False),
    "no number": (rules(text=ROUND), "in.csv", "o.csv", "text, row 3: no number", True),
    "no integer": (INTEGER, "in.csv", "o.csv", "line 4: column 'text', row 3: this is no", True),
    "a promise": (RARE, "few.parquet", "o.parquet", "anonymity: the whole", True),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with inputs, some of which no run takes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANONYMIZER_KEY", "0123456789abcdef-of-the-tests")
    RAW.write_parquet("in.parquet")
    RAW.head(2).write_parquet("few.parquet")
    RAW.drop("list").write_csv("in.csv")
    RAW.select("who", town=pl.lit("Oslo")).write_csv("bare.csv", include_header=False)
    RAW.select("who", "text").write_csv("semi.csv", separator=";")
    Path("keep.yaml").write_text(yaml.safe_dump(KEPT))
    assert main(["mask", "in.parquet", "masked.parquet", "--rules", "keep.yaml"]) == 0
    return tmp_path


def test_files_about_the_run_are_looked_at_too(folder: Path) -> None:
    """A record that would replace a file is refused, as the run refuses it."""
    call = ["mask", "in.parquet", "o.parquet", "--rules", "keep.yaml", "--manifest", "keep.yaml"]
    assert main(call) == main([*call, "--dry-run"]) == 2
    assert main([*call[:-1], "new.json", "--dry-run"]) == 0
    assert not (folder / "new.json").exists()


def test_places_about_the_run_are_refused_alike(folder: Path) -> None:
    """In the output folder, one over the other, over the rules; for a dry run as for a run."""
    (folder / "in").mkdir()
    (folder / "out").mkdir()
    RAW.write_parquet(folder / "in" / "0.parquet")
    before = sorted(folder.rglob("*"))
    one = ["mask", "in.parquet", "o.parquet", "--rules", "keep.yaml", "--overwrite"]
    for call in (
        ["mask", "in", "out", *one[3:], "--manifest", "out/m.json"],
        [*one, "--manifest", "m.json", "--save-rules", "m.json"],
        [*one, "--manifest", "keep.yaml"],
    ):
        assert main(call) == main([*call, "--dry-run"]) == 2
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_run_refuses_a_dry_run_refuses(
    folder: Path, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the same words, and nothing is written; lint says what masks learn, or warns."""
    said, source, target, message, is_known_early = REFUSED[case]
    (folder / "r.yaml").write_text(yaml.safe_dump(said, sort_keys=False))
    before = sorted(folder.iterdir())
    capsys.readouterr()
    call = ["mask", source, target, "--rules", "r.yaml"]
    assert main(call) == 2
    lines = capsys.readouterr().err
    assert message in lines
    assert main([*call, "--dry-run"]) == 2
    assert capsys.readouterr().err == lines
    assert sorted(folder.iterdir()) == before
    main(["lint", "r.yaml", source])
    linted = capsys.readouterr()
    assert (message in linted.out + linted.err) == is_known_early
