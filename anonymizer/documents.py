"""Files of settings that people write, in YAML or JSON: read strictly, faults by their place."""

import json
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from anonymizer.errors import FileError, RuleError


def nearest(name: object, valid: Iterable[str]) -> str:
    """`; did you mean ...?` with the nearest valid name, or nothing."""
    close = get_close_matches(str(name), list(valid), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


class Loader(yaml.SafeLoader):
    """Safe YAML in which only true and false are booleans and no key stands twice.

    YAML 1.1 reads `on:` as true and `country: NO` as false; nobody who writes rules means that.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """As YAML does, but refuse a key that stands twice."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for position, key in enumerate(keys):
            if key in keys[:position]:
                line = node.value[position][0].start_mark.line + 1
                raise _DuplicateKeyError(line)
        return super().construct_mapping(node, deep=deep)


class _DuplicateKeyError(yaml.YAMLError):
    def __init__(self, line: int) -> None:
        self.line = line


class _DuplicateNameError(ValueError):
    """A name that stands twice in an object of JSON, which knows no lines by then."""


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object, unless a name stands twice: JSON itself takes the last and says nothing."""
    together = dict(pairs)
    if len(together) < len(pairs):
        names = [name for name, _ in pairs]
        raise _DuplicateNameError(next(name for name in names if names.count(name) > 1))
    return together


Loader.yaml_implicit_resolvers = {
    letter: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag != "tag:yaml.org,2002:bool" or letter in "tTfF"
    ]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_document(path: Path) -> object:
    """The content of a YAML or JSON file.

    Raises:
        RuleError: it is neither, or a key stands twice; gives the line or the key, and no value.
        FileError: it cannot be read.
    """
    if path.suffix == ".json":  # as fitted rules are, which may be long
        return read_json(path)
    try:
        return plain_yaml(path.read_text("utf-8"))
    except _DuplicateKeyError as error:
        raise RuleError(path.name, [f"line {error.line}: this key stands twice"]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}: " if mark else ""
        raise RuleError(path.name, [f"{line}this is not YAML"]) from None
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, RecursionError):
        raise RuleError(path.name, ["this is not YAML in UTF-8"]) from None
    except OSError as error:
        raise FileError(f"cannot read {path.name}: {error.strerror}") from None


def plain_yaml(text: str) -> object:
    """The content of a text in YAML, as plain values only: the loader is a SafeLoader."""
    return yaml.load(text, Loader=Loader)  # noqa: S506 (see above)


def read_json(path: Path) -> object:
    """The content of a JSON file, whatever its name ends in.

    Raises:
        RuleError: it is none, or a key stands twice; gives the line or the key, and no value.
        FileError: it cannot be read.
    """
    try:
        return json.loads(path.read_text("utf-8"), object_pairs_hook=_once_each)
    except _DuplicateNameError as error:
        raise RuleError(path.name, [f"{error}: this key stands twice"]) from None
    except json.JSONDecodeError as error:
        raise RuleError(path.name, [f"line {error.lineno}: this is not JSON"]) from None
    except (UnicodeDecodeError, RecursionError, ValueError):  # a number of 5,000 digits
        raise RuleError(path.name, ["this is not JSON in UTF-8"]) from None
    except OSError as error:
        raise FileError(f"cannot read {path.name}: {error.strerror}") from None


def fault(where: str, detail: dict[str, Any], valid: list[str]) -> str:
    """A fault as pydantic found it, without the value."""
    option = ".".join(str(part) for part in detail["loc"])
    path = f"{where}.{option}" if option else where
    if detail["type"] == "extra_forbidden":
        return f"{path}: no such option{nearest(option, valid)}"
    if detail["type"] == "missing":
        return f"{path}: this option is required"
    if detail["type"] in {"list_type", "tuple_type"}:
        return f"{path}: expected a list: put it in brackets, `[...]`"
    return f"{path}: {detail['msg'].removeprefix('Value error, ').replace('Input', 'it')}"
