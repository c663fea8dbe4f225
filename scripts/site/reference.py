"""The pages of the site that follow from the code: masks, commands, figures, Python."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import click
from pydantic_core import PydanticUndefined

import anonymizer
from anonymizer.checks.figures.advice import advice
from anonymizer.checks.figures.figure import Limits
from anonymizer.checks.figures.thresholds import DEFAULTS, PURPOSES, usual_limits
from anonymizer.cli import commands
from anonymizer.masking.masks import MASKS, Mask
from anonymizer.masking.rules.json_schema import documented
from tests import surface

_NOT_OF_MASKS: Final = frozenset({"when"})  # an option of every rule, which masking.md describes


def pages() -> dict[str, str]:
    """Each page by its name, in Markdown."""
    return {
        "masks": _masks(),
        "command_line": _commands(),
        "figures": _figures(),
        "functions": _names("Python: functions", surface.SECTIONS[:1]),
        "classes": _names("Python: classes and errors", surface.SECTIONS[1:]),
    }


def _masks() -> str:
    """What each mask does, and its options."""
    head = (
        "Every mask that a [rule file](../masking.md) can name, with its options; `when:` goes "
        "with all of them. [Which one when](../../README.md#mask) is another question."
    )
    return _page("Masks", head, {name: _mask(mask) for name, mask in MASKS.items()})


def _mask(mask: type[Mask]) -> str:
    said, attributes = documented(mask)
    rows = [
        (
            f"`{field.alias or name}`",
            _default(field),
            attributes.get(field.alias or name, attributes.get(name, "")),
        )
        for name, field in mask.model_fields.items()
        if name not in _NOT_OF_MASKS
    ]
    return f"{said}\n\n{_table(('option', 'left out', 'what it is'), rows)}"


def _default(field: Any) -> str:
    """What an option is where it is left out."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    return "–" if value in (None, PydanticUndefined, "", (), {}) else f"`{value}`"


def _commands() -> str:
    """What each command says of itself with `--help`."""
    head = "As `anonymizer COMMAND --help` says it. [In Python](../api.md) each has a function."
    return _page("Commands", head, {n: _command(n, c) for n, c in commands.commands.items()})


def _command(name: str, command: click.Command) -> str:
    places = [p for p in command.params if isinstance(p, click.Argument)]
    context = click.Context(command)
    usage = " ".join(["anonymizer", name, *(each.make_metavar(context) for each in places)])
    rows = [
        (f"`{', '.join(option.opts)}`", option.help or "")
        for option in command.params
        if isinstance(option, click.Option)
    ]
    said = "\n\n".join(" ".join(p.split()) for p in (command.help or "").split("\n\n"))
    return f"`{usage}`\n\n{said}\n\n{_table(('option', 'what it is'), rows)}"


def _figures() -> str:
    """The limits of each figure for whom, and what to do where they are not kept."""
    head = (
        "Every figure that `check` and `audit` measure; a star stands for the name of a column. "
        "[What each is](../checks.md) stands there, with its baseline, interval and source."
    )
    return _page("Figures", head, {name: _figure(name) for name in DEFAULTS})


def _figure(name: str) -> str:
    limits = {f"`{purpose}`": usual_limits(name, purpose) for purpose in PURPOSES}
    if not any(limits.values()):
        return "It informs and is not judged."
    rows = [(purpose, *_ends(each)) for purpose, each in limits.items()]
    if len({row[1:] for row in rows}) == 1:
        rows = [("all", *rows[0][1:])]
    return f"{_table(('for', 'green', 'amber'), rows)}\nWhere it is not green: {advice(name)}\n"


def _ends(limits: Limits | None) -> tuple[str, str]:
    if limits is None:
        return "–", "–"
    sign = "≥" if limits.more else "≤"
    return f"{sign} {limits.green:g}", f"{sign} {limits.amber:g}"


def _names(title: str, sections: Sequence[str]) -> str:
    """Docstrings, which the builder puts in the place of each line with three colons."""
    found = [name for name in anonymizer.__all__ if surface.section(name) in sections]
    head = "All of it is imported from `anonymizer` itself; [one line of each](../api.md)."
    return f"# {title}\n\n{head}\n\n" + "\n".join(map(_described, found))


def _described(name: str) -> str:
    inner = sorted(surface.INNER.get(name, ()))
    filters = ["!^_", *(f"!^{each}$" for each in inner)]
    options = "".join(f"\n        - {each!r}" for each in filters)
    return f"::: anonymizer.{name}\n    options:\n      filters:{options}\n"


def _page(title: str, head: str, parts: Mapping[str, str]) -> str:
    told = "\n".join(f"## `{name}`\n\n{text}\n" for name, text in parts.items())
    return f"# {title}\n\n{head}\n\n{told}"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table in Markdown; nothing without rows."""
    rows = list(rows)
    if not rows:
        return ""
    lines = [heads, ("---",) * len(heads), *rows]
    cells = (" | ".join(" ".join(c.replace("|", "\\|").split()) for c in row) for row in lines)
    return "".join(f"| {line} |\n" for line in cells)
