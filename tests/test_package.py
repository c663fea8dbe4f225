"""What is handed out: one version, its log, and a command of two names."""

import re
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

import anonymizer
from anonymizer.cli import main

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOG = (ROOT / "CHANGELOG.md").read_text()


def test_the_version_stands_in_one_place() -> None:
    """The package has it, the project takes it from there; install again where this fails."""
    assert "version" not in PROJECT["project"]
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "anonymizer/__init__.py"
    assert version("seqanon") == anonymizer.__version__


def test_the_log_has_the_version() -> None:
    """Dated sections, the newest first below what is unreleased, each with its link."""
    heads = re.findall(r"^## (.*)$", LOG, re.MULTILINE)
    assert heads[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", head) for head in heads[1:])
    names = [head.partition("]")[0].removeprefix("[") for head in heads]
    assert names[1] == anonymizer.__version__
    assert re.findall(r"^\[([^]]+)\]: ", LOG, re.MULTILINE) == names


def test_all_takes_every_extra() -> None:
    """Nothing is left out of `seqanon[all]`."""
    extras = PROJECT["project"]["optional-dependencies"]
    (everything,) = extras["all"]
    named = everything.removeprefix("seqanon[").removesuffix("]").split(",")
    assert sorted(named) == sorted(set(extras) - {"all"})


@pytest.mark.parametrize("name", ["anonymizer", "seqanon"])
def test_the_command_calls_itself_as_it_was_called(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In its usage and its messages; `make wheel` asks an installed one for its version."""
    assert PROJECT["project"]["scripts"][name] == "anonymizer.cli:main"
    monkeypatch.setattr(sys, "argv", [f"/somewhere/bin/{name}"])
    assert main(["mask", "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: {name} mask ")
    assert main(["msak"]) == 2
    assert capsys.readouterr().err.startswith(f"{name}: ")
