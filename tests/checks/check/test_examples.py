"""The examples in docstrings are true."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import anonymizer.checks

ROOT = Path(anonymizer.checks.__file__).parents[1]
MODULES = [
    ".".join(("anonymizer", *file.relative_to(ROOT).with_suffix("").parts))
    for file in (*sorted(ROOT.glob("checks/**/*.py")), ROOT / "composition.py")
    if ">>>" in file.read_text("utf-8")
]


@pytest.mark.parametrize("name", MODULES)
def test_an_example_says_what_happens(name: str) -> None:
    """Every `>>>` that is not marked to be skipped, as Python shows it."""
    assert doctest.testmod(import_module(name)).failed == 0
