"""Build the documentation site: `python -m scripts.build_site FOLDER`, or `make site`.

The site mirrors the checkout, so that every link that works on the repository's host works there.
Pages are taken as they stand. The reference is written here, of the masks, commands and limits
themselves, so that a new one is in it without being told.
"""

import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import click

import anonymizer
from anonymizer.checks.figures.advice import advice
from anonymizer.checks.figures.shares import told_by
from anonymizer.checks.figures.thresholds import DEFAULTS, PURPOSES, usual_limits
from anonymizer.cli import commands
from anonymizer.masking.masks import MASKS, Mask
from anonymizer.masking.rules.json_schema import rule_schema
from tests.surface import INNER

ROOT: Final = Path(__file__).parents[1]
CONFIG: Final = ROOT / "zensical.toml"
_STARTS: Final = ("*.md", "docs/**/*.md")  # what else is there, links lead to
_LINK: Final = re.compile(r"\]\((?!\w+:)([^)#\s]+)")
# Addresses of the repository's host, which no site can know: their words stay.
_HOST: Final = re.compile(r"\[([^]]+)\]\(\.\./\.\./[^)]*\)|^\[[^]]+\]: \.\./\.\./.*\n", re.MULTILINE)


def main(folder: Path) -> None:
    """Build the site into a folder, which is replaced.

    Raises:
        SystemExit: the build found something to warn of, such as a link that leads nowhere.
    """
    with tempfile.TemporaryDirectory() as place:
        build = Path(place)
        for name, content in files().items():
            file = build / "pages" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        shutil.copy(CONFIG, build)
        call = [sys.executable, "-m", "zensical", "build", "--strict", "-f", build / CONFIG.name]
        # The modules that are described are found from the checkout.
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(call, cwd=ROOT, env=environment, check=False)  # noqa: S603 (ourselves)
        if done.returncode:
            raise SystemExit("build_site: the site was not built, for what is said above")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.move(build / "site", folder)


def files() -> dict[str, bytes]:
    """What the site is built of, by its path in the checkout: pages and what they link to."""
    found = {name: text.encode() for name, text in reference().items()}
    left = sorted(path for start in _STARTS for path in ROOT.glob(start))
    while left:
        path = left.pop()
        name = path.relative_to(ROOT).as_posix()
        if name not in found:
            found[name] = path.read_bytes()
            if path.suffix == ".md":
                text = _HOST.sub(r"\1", path.read_text("utf-8"))
                found[name] = text.encode()
                left += [(path.parent / link).resolve() for link in _LINK.findall(text)]
    return found


def reference() -> dict[str, str]:
    """The pages that are written of the code, by their paths on the site."""
    pages = (masks, command_line, figures, functions, classes)
    return {f"docs/reference/{page.__name__}.md": "\n".join(page()) + "\n" for page in pages}


def masks() -> Iterator[str]:
    """Every mask with its options, in the words of its docstring."""
    yield "# Masks\n"
    yield "A rule names a mask and its options: `birth_date: {mask: age, width: 5}`. A mask that needs"
    yield "no option may stand alone: `customer_id: token`. Every mask takes `when:`, a condition in SQL;"
    yield "other rows go to the column's next rule. [Masking](../masking.md) says what each promises."
    definitions = rule_schema()["$defs"]
    for name, mask in MASKS.items():
        yield f"\n## `{name}`\n"
        yield inspect.cleandoc(mask.__doc__ or "").partition("Attributes:")[0].rstrip()
        yield f"\nTakes columns of {_listed(_families(mask))}.\n"
        yield from _options(definitions[f"{name}_mask"], definitions)


def _families(mask: type[Mask]) -> list[str]:
    return sorted(family.value for family in mask.accepts)


def _options(schema: dict[str, Any], definitions: dict[str, Any]) -> Iterator[str]:
    own = {n: o for n, o in schema["properties"].items() if n not in {"mask", "when"}}
    if not own:
        yield "It has no options."
        return
    yield "| option | values | where left out | what it is |\n|---|---|---|---|"
    for name, option in own.items():
        left_out = "required" if name in schema["required"] else _default(option)
        said = option.get("description", "")
        yield f"| `{name}` | {_values(option, definitions)} | {left_out} | {said} |"


def _default(option: dict[str, Any]) -> str:
    value = option.get("default")
    if value is None:
        return ""
    return f"`{value}`" if value and isinstance(value, str) else f"`{json.dumps(value)}`"


def _values(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    """What an option takes, in words."""
    if "$ref" in schema:
        inner = definitions[schema["$ref"].rpartition("/")[2]]
        return f"a mapping of {_listed([f'`{name}`' for name in inner['properties']])}"
    if "anyOf" in schema:
        kinds = [_values(each, definitions) for each in schema["anyOf"] if each != {"type": "null"}]
        return ", or ".join(dict.fromkeys(kinds))
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"] if each is not None)
    if schema["type"] == "array":
        return f"a list of {_values(schema['items'], definitions)}"
    if schema["type"] == "object":
        return f"a mapping to {_values(schema['additionalProperties'], definitions)}"
    return _scalar(schema)


def _scalar(schema: dict[str, Any]) -> str:
    kind = {"string": "text", "boolean": "`true`, `false`"}.get(schema["type"], schema["type"])
    bounds = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to", "exclusiveMaximum": "below"}
    return " ".join([kind, *(f"{word} {schema[key]}" for key, word in bounds.items() if key in schema)])


def command_line() -> Iterator[str]:
    """Every command, as `--help` tells it."""
    yield "# Commands\n"
    yield "What each does in Python stands in the [README](../../README.md#commands), with the exit status."
    for name, command in commands.commands.items():
        context = click.Context(command, info_name=f"anonymizer {name}")
        usage = " ".join(command.get_usage(context).removeprefix("Usage: ").split())
        yield f"\n## `{name}`\n\n```text\n{usage}\n```\n"
        yield inspect.cleandoc(command.help or "")
        options = [o for p in command.params if (o := p.get_help_record(context))]
        yield "\n| option | what it is |\n|---|---|"
        yield from (f"| `{option}` | {said} |" for option, said in options if said)


def figures() -> Iterator[str]:
    """Every figure with its limits, what some persons tell of it, and what to do."""
    yield "# Figures\n"
    yield "What `check` and `audit` measure. [What the checks measure](../checks.md) says how; `*` is a"
    yield "column. A value beyond green is amber, one beyond amber red; `--thresholds` sets others."
    for name in DEFAULTS:
        yield f"\n## `{name}`\n"
        if DEFAULTS[name]:
            yield f"- *Judged:* {_judged(name)}"
            yield f"- *Green, amber:* {_limits(name)}"
            yield f"- *Where it is not green:* {advice(name.replace('*', 'x'))}"
        else:
            yield "- *Judged:* nothing, it informs"
        with suppress(LookupError):  # figures of several tables are of all persons
            yield f"- *Of [some persons](../checks.md#a-share-of-the-persons):* {told_by(name).why}"


def _judged(name: str) -> str:
    """What of a figure is judged, of the table in `docs/checks.md`."""
    text = (ROOT / "docs" / "checks.md").read_text("utf-8").partition("\n## Limits\n")[2]
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \|", text, re.MULTILINE)
    return next(said for names, said in rows for each in names.split("`, `") if fnmatchcase(name, each))


def _limits(name: str) -> str:
    pairs = {purpose: usual_limits(name, purpose) for purpose in PURPOSES}
    told = {purpose: f"{pair.green:g}, {pair.amber:g}" for purpose, pair in pairs.items() if pair}
    if len(set(told.values())) == 1:
        return told["partner"]
    return "; ".join(f"{pair} (`{purpose}`)" for purpose, pair in told.items())


def functions() -> Iterator[str]:
    """Every public function with all of its docstring, which the site's builder reads."""
    yield "# Functions\n"
    yield "All are imported from `anonymizer` itself. [The list](../api.md) has a line for each."
    yield from (f"\n::: anonymizer.{name}" for name in anonymizer.__all__ if name.islower())


def classes() -> Iterator[str]:
    """Every other public name: classes with what of them is promised, errors, aliases."""
    yield "# Classes and errors\n"
    yield "All are imported from `anonymizer` itself. [The list](../api.md) has a line for each."
    for name in anonymizer.__all__:
        if not name.islower():
            hidden = "|".join(sorted(INNER.get(name, ())))
            yield f"\n::: anonymizer.{name}"
            yield f'    options: {{filters: ["!^_", "!^({hidden})$"]}}'


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
