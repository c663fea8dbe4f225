"""What the README and the guides promise is there, and their examples run as they stand."""

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anonymizer.cli import main
from anonymizer.masking.masks import MASKS
from anonymizer.masking.rules.rules import load_rules

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


@pytest.fixture
def beside_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _brief_training: None) -> Path:
    """A place to run examples in: the checkout's data is there, what they write goes away."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def blocks(text: str, *languages: str) -> list[tuple[str, str]]:
    """The code on a page from top to bottom, each piece with its language."""
    found = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [(language, code) for language, code in found if language in languages]


def test_every_mask_has_a_row() -> None:
    """No mask without documentation, and no documentation without a mask."""
    first_cells = [
        line.split("|")[1].strip() for line in README.splitlines() if line.startswith("| `")
    ]
    masks = [cell.strip("`") for cell in first_cells if not cell.startswith("`anonymizer")]
    assert sorted(masks) == sorted(MASKS)


def test_every_option_is_in_its_row() -> None:
    """A mask's row names its options."""
    rows = {line.split("`")[1]: line for line in README.splitlines() if line.startswith("| `")}
    for name, mask in MASKS.items():
        own = [option for option in mask.options() if option != "when"]  # all have that one
        assert [option for option in own if f"`{option}`" not in rows[name]] == [], name


def test_the_example_rule_file_is_valid(tmp_path: Path) -> None:
    """The YAML on the page can be loaded as it stands."""
    example = README.split("```yaml\n")[1].split("```")[0]
    (tmp_path / "rules.yaml").write_text(example)
    assert load_rules(tmp_path / "rules.yaml").entity == "customer_id"


def test_figures_under_the_picture_are_those_that_were_measured() -> None:
    """Runs of the demo differ by machine: what is said of them stands among the benchmarks."""
    caption = README.partition("docs/report.png)")[2].partition("## ")[0]
    measured = (ROOT / "benchmarks/README.md").read_text().partition("## The demo\n")[2]
    figures = re.findall(r"(\d+)(?= to \d+ %| %)", caption)
    assert figures
    assert [each for each in figures if f"{each} %" not in measured.partition("\n## ")[0]] == []


def test_the_snippets_run_one_after_the_other(beside_the_data: Path) -> None:
    """What a newcomer pastes masks two spellings alike, synthesises, scores, recommends, checks."""
    names: dict[str, Any] = {}
    for page in (README, (ROOT / "docs/jobs.md").read_text()):
        for _python, code in blocks(page, "python"):
            exec(code, names)
    masked = names["masked"]
    assert masked["name"][0] == masked["name"][1]
    assert not set(masked["name"]) & {"Ann Lee", "A. Lee", "Bo Ek"}
    assert names["synthetic"].schema == names["train"].schema
    assert names["done"]["rows"] == 541_909
    assert names["risks"] == []
    assert names["report"].verdict in {"green", "amber", "red"}
    assert {path.name for path in beside_the_data.iterdir()} == {
        "examples", "model", "orders.parquet", "orders.parquet.json", "report.html",
    }  # fmt: skip


def test_the_first_commands_say_what_stands_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From a file to its audit; each line that is shown is said, as far as it is shown."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANONYMIZER_KEY", "0f1e2d3c4b5a69788796a5b4c3d2e1f0")
    made, commands = re.split(r"^(?=anonymizer inspect)", _first_use("sh"), flags=re.MULTILINE)
    subprocess.run(["sh", "-c", made], check=True)
    for line in commands.splitlines():
        if line.startswith("anonymizer "):
            assert main(shlex.split(line, comments=True)[1:]) == 0
        elif line.startswith("sed "):
            subprocess.run(["sh", "-c", line], check=True)
    said = "".join(capsys.readouterr())
    assert [line for line in _first_use("text").splitlines() if line not in said] == []


def _first_use(language: str) -> str:
    """The block of commands, or what they say."""
    page = README.partition("## First use")[2]
    return blocks(page, language)[0][1]


def test_the_example_of_histories_runs(
    beside_the_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commands say what stands there, and Python gives what they wrote."""
    names: dict[str, Any] = {}
    said, shown = [], ""
    for language, code in blocks((ROOT / "docs/sequences.md").read_text(), "python", "sh", "text"):
        if language == "python":
            exec(code, names)
        elif language == "text":
            shown = code
        for line in code.splitlines() if language == "sh" else []:
            assert main(shlex.split(line)[1:]) == 0
            said.append(capsys.readouterr().err)
    progress = re.compile(r"anonymizer: (learning$| +\d+ s  )")
    told = [line for line in said[0].splitlines() if not progress.match(line)]
    assert shown.splitlines() == told
    for name, file in (("synthetic", "synthetic"), ("scored", "scored"), ("following", "next")):
        assert_frame_equal(names[name], pl.read_parquet(beside_the_data / f"{file}.parquet"))
