"""A rule file as text, of which some rules change and all else stays: comments, order, form."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import yaml

from anonymizer.documents import Loader, plain_yaml, read_document
from anonymizer.errors import RuleError
from anonymizer.files.reading import matches
from anonymizer.masking.inspection.starter_file import key, value
from anonymizer.masking.masks import Mask
from anonymizer.masking.rules.rules import Rules, RuleSource, rule_file, rules_of

_MEANT_AGAIN: Final = "stands in an anchor or an alias of YAML: write it out to have it changed"


class RuleText(NamedTuple):
    """A rule file.

    Attributes:
        name: of the file, as patches say it.
        folder: in which it looks for files.
        text: of it.
        document: what the text says.
    """

    name: str
    folder: Path
    text: str
    document: Mapping[str, Any]

    def rules(self, text: str) -> Rules:
        """The rules that another text says in the place of this file.

        Raises:
            RuleError: they are wrong together, as where dates in texts moved with others.
        """
        return rules_of(plain_yaml(text), self.name, self.folder)

    def with_rules(self, changes: Mapping[str, Any]) -> str:
        """The text with other rules for some columns.

        A column that a pattern rules, or none, gets a line of its own; the first rule counts.

        Args:
            changes: column → its rule, as a rule file has it.

        Raises:
            RuleError: a rule stands in an alias.
        """
        text = self.text
        for column, rule in changes.items():
            text = self._with_rule(text, column, rule)
        return text

    def _with_rule(self, text: str, column: str, rule: object) -> str:
        columns = _columns_of(text)
        fitting = [pair for pair in columns.value if matches(column, pair[0].value)]
        place, after = (fitting or columns.value)[0]
        as_json = self.name.endswith(".json")
        said = json.dumps(rule) if as_json else value(rule)
        start = place.start_mark.index
        if place.value != column:
            named = f"{json.dumps(column)}: " if as_json else key(column)
            apart = ", " if columns.flow_style else f"\n{' ' * place.start_mark.column}"
            return f"{text[:start]}{named}{said}{apart}{text[start:]}"
        if after.start_mark.line > place.start_mark.line:  # a list may stand no deeper than its key
            said = " " * max(0, place.start_mark.column + 1 - after.start_mark.column) + said
        start, end = after.start_mark.index, _end(after)
        if start < place.end_mark.index or text[start] == "&":
            raise RuleError(self.name, [f"columns.{column}: {_MEANT_AGAIN}"])
        return f"{text[:start]}{said}{_aligned(text[end:], end - start - len(said))}"


def rule_text(source: RuleSource) -> RuleText:
    """The text of valid rules: of a file or pack as it is, of a dict or `Rules` as it could be."""
    if isinstance(source, str | Path):
        path = rule_file(source)
        document = cast("Mapping[str, Any]", read_document(path))
        return RuleText(path.name, path.parent, path.read_text("utf-8"), document)
    said = source.to_dict() if isinstance(source, Rules) else source
    document = {**said, "columns": {c: _written(rule) for c, rule in said["columns"].items()}}
    lines = [f"{key(n)}{value(said)}" for n, said in document.items() if n != "columns"]
    rules = [f"  {key(pattern)}{value(rule)}" for pattern, rule in document["columns"].items()]
    return RuleText("rules.yaml", Path(), "\n".join([*lines, "", "columns:", *rules, ""]), document)


def _written(rule: object) -> object:
    """A rule of a program as a file could have it."""
    if isinstance(rule, list | tuple):
        return [_written(each) for each in rule]
    return rule.to_dict() if isinstance(rule, Mask) else rule


def _aligned(rest: str, shorter: int) -> str:
    """What follows a rule, with a comment on its line where it stood, if there is room."""
    comment = rest.lstrip(" ")
    blanks = len(rest) - len(comment)
    return " " * max(2, blanks + shorter) + comment if blanks and comment[:1] == "#" else rest


def _columns_of(text: str) -> yaml.MappingNode:
    """The section of columns, with the places of all that it says."""
    root = cast("yaml.MappingNode", yaml.compose(text, Loader))
    sections = {name.value: node for name, node in root.value}
    return cast("yaml.MappingNode", sections["columns"])


def _end(node: yaml.Node) -> int:
    """Where a rule ends; YAML itself has what stands in lines end where the next thing begins."""
    last = node
    while isinstance(last, yaml.CollectionNode) and not last.flow_style and last.value:
        inside = last.value[-1]
        last = inside[1] if isinstance(inside, tuple) else inside
    found: int = last.end_mark.index
    return found
