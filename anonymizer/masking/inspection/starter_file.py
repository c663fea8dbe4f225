"""The proposed rules as a dict and as a commented YAML file.

Rules stand in an order in which none takes another's column, and every name reads back as it is.
"""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from anonymizer.files.reading import matches
from anonymizer.masking.inspection.reading.kinds import Role
from anonymizer.masking.inspection.starter import REDACT, Rule


class Line(NamedTuple):
    """One rule of the file, and the comment beside it."""

    column: str
    rule: Rule
    role: Role
    comment: str
    is_pattern: bool = False  # its `*` stands for keys inside JSON


_SECTION_TITLES: Final[tuple[tuple[Role, str], ...]] = (
    ("entity", "Whose events the rows are"),
    ("direct identifier", "Direct identifiers: each singles a person or an order out by itself"),
    ("quasi-identifier", "Quasi-identifiers: together they single a person out"),
    ("sensitive attribute", "Sensitive attributes: they harm where they become known"),
    ("event time", "Times"),
    ("harmless", "The rest"),
)
_GLOB_TITLE: Final = "With * or ?: they stand last, because they match other names too"


def ordered(lines: Iterable[Line]) -> list[Line]:
    """The rules in an order in which none takes another's column.

    A name with `*` or `?` is also a pattern. Where two such names match each other, the first rule
    counts for both and redacts.
    """
    rank = {role: place for place, (role, _) in enumerate(_SECTION_TITLES)}
    by_role = sorted(lines, key=lambda line: rank[line.role])
    of_json = [line for line in by_role if line.is_pattern]
    result = [line for line in by_role if not (_is_glob(line.column) or line.is_pattern)]
    # Of patterns that are meant as such, what matches others stands after them.
    result += sorted(of_json, key=lambda line: -len(line.column))
    for line in (line for line in by_role if _is_glob(line.column) and not line.is_pattern):
        before = next((each for each in result if matches(each.column, line.column)), None)
        if before is None:
            result.append(line)
        elif before.rule != line.rule:
            result[result.index(before)] = before._replace(rule=REDACT)
    return result


def _is_glob(name: str) -> bool:
    return "*" in name or "?" in name


def as_rules(lines: Iterable[Line], entity: str | None, files: Mapping[str, Any]) -> dict[str, Any]:
    """The proposed rules as a dict, as `load_rules` takes it."""
    head: dict[str, Any] = {"version": 1} | ({"entity": entity} if entity is not None else {})
    return head | {
        "unlisted": "error",
        **files,
        "columns": {line.column: line.rule for line in ordered(lines)},
    }


def as_yaml(
    opening: Iterable[str],
    lines: Iterable[Line],
    entity: str | None,
    quasi: list[str],
    files: Mapping[str, Any],
) -> str:
    """The proposed rules as the text of a YAML file with a comment for each column."""
    text = [f"# {line}".rstrip() for line in opening]
    text += ["version: 1", *sections(lines, entity, quasi, files)]
    return "\n".join([*text, ""])


def sections(
    lines: Iterable[Line], entity: str | None, quasi: list[str], files: Mapping[str, Any]
) -> list[str]:
    """The lines of a YAML file with proposed rules, without its version."""
    text = [f"entity: {scalar(entity)}"] if entity is not None else []
    text += ["unlisted: error"]
    text += [f"{name}: {_mapping(section)}" for name, section in files.items()]
    text += ["", "columns:"]
    placed = ordered(lines)
    plain = [line for line in placed if not _is_glob(line.column)]
    groups = [
        (title, [line for line in plain if line.role == role]) for role, title in _SECTION_TITLES
    ]
    groups.append((_GLOB_TITLE, [line for line in placed if _is_glob(line.column)]))
    for title, members in groups:
        text += _section(title, members)
    return [*text, *_anonymity(quasi)]


def _section(title: str, lines: list[Line]) -> list[str]:
    if not lines:
        return []
    rules = [f"  {key(line.column)}{value(line.rule)}" for line in lines]
    width = min(max(map(len, rules)), 70)
    commented = [
        f"{rule:<{width}}  # {line.comment}" for rule, line in zip(rules, lines, strict=True)
    ]
    return [f"  # {title}", *commented, ""] if lines else []


def _anonymity(quasi: list[str]) -> list[str]:
    if not quasi:
        return []
    listed = ", ".join(scalar(name) for name in quasi)
    return [
        "# Whoever knows all of these of a person finds them if the combination is rare. Take the",
        "# marks off to have each combination shared by at least k entities:",
        "# anonymity:",
        f"#   quasi_identifiers: [{listed}]",
        "#   k: 5",
    ]


_YAML_WORDS: Final = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
_LONGEST_KEY: Final = 500  # YAML reads keys of one line up to 1,024 characters


def key(name: str) -> str:
    """A key of a YAML mapping with its colon."""
    text = scalar(name)
    return f"{text}: " if len(text) < _LONGEST_KEY else f"? {text}\n  : "


def scalar(text: str) -> str:
    """Text as a YAML scalar, quoted where YAML would read it as something else."""
    plain = text.isascii() and text.isidentifier() and text.lower() not in _YAML_WORDS
    if plain or (
        text.isidentifier()
        and all(char.isprintable() for char in text)
        and text.lower() not in _YAML_WORDS
    ):
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    code = ord(char)
    if char.isprintable() and code < 0xD800:
        return char
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _mapping(section: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{key(name)}{value(each)}" for name, each in section.items()) + "}"


def value(rule: object) -> str:
    """A rule or an option in YAML's flow style; a mask without options by its name."""
    match rule:
        case {"mask": mask, **options} if not options:
            return str(mask)
        case dict():
            return "{" + ", ".join(f"{name}: {value(each)}" for name, each in rule.items()) + "}"
        case list():
            return "[" + ", ".join(map(value, rule)) + "]"
        case str():
            return scalar(rule)
        case None | bool():
            return json.dumps(rule)
        case _:  # YAML reads 1e-05 as text, and 2026-01-01 as a date
            return f"{Decimal(repr(rule)):f}" if isinstance(rule, float) else str(rule)
