"""What must be public: `python -m tests.surface` writes `docs/api.md`, `test_surface.py` holds it.

It follows from the command line and from annotations. Whatever a command does has a function in
Python. Every class of ours that a public function or a public member of a public class takes or
gives is public itself, and so is every error that a docstring says is raised.
"""

import ast
import builtins
import inspect
import re
import typing
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any, Final

import anonymizer
from anonymizer import errors

PAGE = Path(__file__).parents[1] / "docs" / "api.md"
# Command → what does the same in Python. The demo is a command alone.
PYTHON_OF: Final = {
    "mask": ("anonymize", "mask_file", "mask_dataset", "preview", "load_rules", "load_dataset"),
    "fit-rules": ("fit_rules",),
    "reveal": ("reveal_file", "reveal_dataset"),
    "fit": ("SequenceModel.fit", "fit_dataset"),
    "federate": ("federate",),
    "sample": ("SequenceModel.sample", "DatasetModel.write"),
    "score": ("SequenceModel.score",),
    "recommend": ("SequenceModel.recommend",),
    "check": ("check", "check_dataset"),
    "inspect": ("inspect", "inspect_dataset"),
    "lint": ("lint", "lint_dataset"),
    "audit": ("audit", "audit_dataset"),
    "certify": ("certify",),
    "verify": ("verify",),
    "rotate": ("rotate_keys", "rotate_dataset"),
    "tune-rules": ("tune_rules",),
}
# What no command does; and names for the annotations of one's own functions.
BEYOND: Final = ("SequenceClassifier", "plant", "sample_entities")
ALIASES: Final = {
    "DatasetSource": "A dataset file, a dict with its fields, or a `Dataset`.",
    "IntoFrame": "A frame of Polars, eager or lazy, of pandas, or of whatever else streams Arrow.",
    "KeySource": "A secret as text or bytes, a callable that gives it, or a `Key`.",
    "RuleSource": "A rule file, the name of a pack, a dict or `Rules`.",
    "Source": "A table, wherever it is: a path, a glob, a folder, an s3:// address, or a frame.",
}
# Members through which the rooms of an arm reach each other. They may change at any time.
INNER: Final = {
    "Dataset": {
        *("folder", "foreign_keys", "holdout", "person", "tables", "times", "with_keys"),
    },
    "DatasetInspection": {"entities", "keys", "source"},
    "DatasetModel": {"folder", "layout", "left_out", "written"},
    "Report": {"detector", "rules", "sets"},
    "Inspection": {"rule_lines"},
    "Rules": {"anonymity", "batches", "columns", "csv", "fitted", "masks_for", "reading", "types"},
    "SequenceClassifier": {"codec", "network"},
    "SequenceModel": {
        *("calibrated", "calibration", "codec", "config", "derivation", "networks", "priors"),
        *("learned_from", "untrained"),
    },
}
SECTIONS: Final = ("Functions", "Classes", "Errors and warnings", "Types for annotations")


def expected() -> list[str]:
    """The names that must be public, sorted."""
    found = {call.partition(".")[0] for calls in PYTHON_OF.values() for call in calls}
    found |= {*BEYOND, *ALIASES, *_errors()}
    left = sorted(found - set(ALIASES))
    while left:
        name = left.pop()
        needed = {each.__name__ for each in classes_of(name)} | raised_by(name)
        left += sorted(needed - found)
        found |= needed
    return sorted(found)


def classes_of(name: str) -> set[type]:
    """The classes of ours in the annotations of a public name; none for one that is not there."""
    thing = getattr(anonymizer, name, None)
    hints = [typing.get_type_hints(function) for function in functions_of(thing)]
    if inspect.isclass(thing):
        fields = typing.get_type_hints(thing)
        bases = getattr(thing, "__orig_bases__", ())
        hints.append({str(base): base for base in bases if typing.get_args(base)})
        inner = INNER.get(name, set())
        hints.append({field: hint for field, hint in fields.items() if _is_shown(field, inner)})
    return {each for hint in hints for kind in hint.values() for each in _classes_in(kind)}


def raised_by(name: str) -> set[str]:
    """The errors and warnings of ours that the docstrings of a public name announce."""
    found: set[str] = set()
    for function in functions_of(getattr(anonymizer, name, None)):
        for section in re.findall(
            r"^(?:Raises|Warns):\n((?:    .*\n?|\n)+)", inspect.getdoc(function) or "", re.MULTILINE
        ):
            found |= set(re.findall(r"^    (\w+):", section, re.MULTILINE))
    return found - set(dir(builtins))


def functions_of(thing: Any) -> Iterator[Callable[..., Any]]:
    """A public function itself, or the public methods and properties of a public class."""
    if isinstance(thing, FunctionType):
        yield thing
    if not inspect.isclass(thing):
        return
    inner = INNER.get(thing.__name__, set())
    for kind in thing.__mro__:
        if not kind.__module__.startswith("anonymizer"):
            continue
        for name, member in vars(kind).items():
            bare = member.fget if isinstance(member, property) else member
            bare = getattr(bare, "__func__", bare)
            if isinstance(bare, FunctionType) and _is_shown(name, inner):
                yield bare


def _is_shown(name: str, inner: Iterable[str]) -> bool:
    return not name.startswith("_") and name not in inner


def _classes_in(hint: Any) -> Iterator[type]:
    if isinstance(hint, typing.TypeVar):
        yield from _classes_in(hint.__bound__)
    elif isinstance(hint, list):  # the arguments of a Callable
        for each in hint:
            yield from _classes_in(each)
    elif arguments := typing.get_args(hint):
        for each in arguments:
            yield from _classes_in(each)
    elif inspect.isclass(hint) and hint.__module__.startswith("anonymizer"):
        yield hint


def _errors() -> list[str]:
    return [
        name
        for name, thing in vars(errors).items()
        if inspect.isclass(thing) and issubclass(thing, Exception)
    ]


def section(name: str) -> str:
    """The section of `docs/api.md` in which a public name stands."""
    thing = getattr(anonymizer, name)
    if isinstance(thing, FunctionType):
        return "Functions"
    if name in ALIASES or getattr(thing, "_is_protocol", False):
        return "Types for annotations"
    return "Errors and warnings" if issubclass(thing, Exception) else "Classes"


def for_type_checkers() -> dict[str, str]:
    """Name → module, as type checkers read them."""
    tree = ast.parse(Path(str(anonymizer.__file__)).read_text("utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    return {
        alias.name: str(node.module)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def page() -> str:
    """The text of `docs/api.md`."""
    lines = [
        "# The Python interface",
        "",
        "All of it is imported from `anonymizer` itself, as in `from anonymizer import mask_file`;",
        "on Spark `anonymize`, `fit_rules` and `sample_entities` are imported from",
        "`anonymizer.spark`, and `anonymizer.expressions` adds masks to the expressions of Polars.",
        "Other modules may move from release to release. `help(name)` says more of each name.",
        "",
        "*Written by `python -m tests.surface`.*",
    ]
    for title in SECTIONS:
        names = [name for name in anonymizer.__all__ if section(name) == title]
        lines += ["", f"## {title}", "", "| name | what it is |", "|---|---|"]
        lines += [f"| `{name}` | {summary(name)} |" for name in names]
    return "\n".join(lines) + "\n"


def summary(name: str) -> str:
    """The first line of what a name is, in a cell of a table."""
    text = ALIASES.get(name) or inspect.getdoc(getattr(anonymizer, name)) or ""
    return " ".join(text.partition("\n\n")[0].split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
