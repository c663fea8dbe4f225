"""The examples in docstrings are true, and what users call has one."""

import doctest
import inspect
from importlib import import_module
from pathlib import Path

import pytest

import anonymizer

ROOT = Path(anonymizer.__file__).parent
MODULES = [
    ".".join(file.relative_to(ROOT.parent).with_suffix("").parts)
    for file in sorted(ROOT.rglob("*.py"))
    if ">>>" in file.read_text("utf-8")
]
FUNCTIONS = [name for name in anonymizer.__all__ if inspect.isfunction(getattr(anonymizer, name))]


@pytest.mark.parametrize("module", MODULES)
def test_an_example_says_what_happens(module: str) -> None:
    """Every `>>>` that is not marked to be skipped, as Python shows it."""
    assert doctest.testmod(import_module(module)).failed == 0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_public_function_has_an_example(name: str) -> None:
    """What a reader copies."""
    assert ">>>" in (getattr(anonymizer, name).__doc__ or "")
