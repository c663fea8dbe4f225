"""What is public: everything a user needs, and nothing else."""

import doctest
import inspect
import re
import subprocess
import sys
import typing
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import anonymizer
from anonymizer.cli import commands
from tests.surface import (
    ALIASES,
    INNER,
    PAGE,
    PYTHON_OF,
    expected,
    for_type_checkers,
    functions_of,
    page,
)

README = (Path(anonymizer.__file__).parents[1] / "README.md").read_text("utf-8")


def test_every_command_has_its_function() -> None:
    """An orchestrator never starts a process; the demo is for people alone."""
    assert set(PYTHON_OF) == set(commands.commands) - {"demo"}
    for calls in PYTHON_OF.values():
        for call in calls:
            name, _, method = call.partition(".")
            thing = getattr(anonymizer, name)
            assert callable(getattr(thing, method) if method else thing)


def test_the_public_names_are_those_that_follow() -> None:
    """From the commands and from annotations; nothing is missing and nothing is superfluous."""
    assert anonymizer.__all__ == expected()


def test_every_public_name_is_there() -> None:
    """Under its own name, and type checkers read the same of it as Python does."""
    for name in anonymizer.__all__:
        thing = getattr(anonymizer, name)
        assert name in ALIASES or thing.__name__ == name
    assert for_type_checkers() == anonymizer._HOMES
    assert sorted(anonymizer._HOMES) == anonymizer.__all__
    assert set(anonymizer.__all__) <= set(dir(anonymizer))


@pytest.mark.parametrize("name", INNER)
def test_what_is_inner_is_there(name: str) -> None:
    """A member that was renamed leaves the list of those that are not promised."""
    kind = getattr(anonymizer, name)
    assert INNER[name] <= {*vars(kind), *kind.__annotations__}


def test_no_argument_is_of_any_kind() -> None:
    """Frames, rules and keys have types, so that a type checker refuses what is none."""
    for name in anonymizer.__all__:
        for function in functions_of(getattr(anonymizer, name)):
            hints = typing.get_type_hints(function)
            hints.pop("return", None)
            assert Any not in hints.values(), (name, function.__name__)


def test_every_public_name_says_what_it_is() -> None:
    """In a docstring of its own, which the page of names shows."""
    for name in set(anonymizer.__all__) - set(ALIASES):
        text = inspect.getdoc(getattr(anonymizer, name)) or ""
        assert re.match(r"[A-Z`].*[.:]$", text.partition("\n\n")[0], re.DOTALL), name


def test_the_page_of_names_is_complete() -> None:
    """Write it with `python -m tests.surface` where this fails."""
    assert PAGE.read_text("utf-8") == page()


def test_the_table_of_commands_names_the_functions() -> None:
    """A row of the README has what does the same in Python."""
    for command, calls in PYTHON_OF.items():
        (row,) = re.findall(rf"^\| `anonymizer {command} .*$", README, re.MULTILINE)
        assert [call for call in calls if f"`{call}`" not in row] == [], command


@pytest.mark.parametrize("name", ["errors", "frames", "tables"])
def test_examples_give_what_they_say(name: str) -> None:
    """In the modules that stand right in the package; the arms have tests of their own."""
    assert doctest.testmod(import_module(f"anonymizer.{name}")).failed == 0


def test_a_missing_extra_is_an_error_of_ours() -> None:
    """Without torch, the message says what to install."""
    code = "import sys; sys.modules['torch'] = None; from anonymizer import SequenceModel"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    last = done.stderr.splitlines()[-1]
    assert last.startswith("anonymizer.errors.MissingExtraError: SequenceModel needs an extra")
    assert "seqanon[sequences]" in last
