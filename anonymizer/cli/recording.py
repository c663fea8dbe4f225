"""What records say of a command: its words, with names for places and nothing that is secret."""

from collections.abc import Iterator
from typing import Final

import click
from click.core import ParameterSource

from anonymizer.cli.saying import called
from anonymizer.provenance import told_name

# Options whose values are no places, and may be told as they are; numbers and choices aside.
_PLAIN: Final = frozenset(
    {
        *("entity", "time", "fields", "field", "context", "label"),
        *("quasi_identifiers", "sensitive", "known", "device", "csv"),
    }
)
# Options that say where a key or a cluster is: whoever reads a record must not learn it.
_SECRET: Final = frozenset(
    {
        *("key_env", "key_file", "old_key_env", "old_key_file", "master"),
        *("signing_key", "passphrase_env"),
    }
)


def command_line() -> str:
    """The command that runs now, as whoever reads a record may know it."""
    return " ".join(_words(click.get_current_context()))


def _words(context: click.Context) -> Iterator[str]:
    yield from (called(), context.info_name or "")
    for parameter in context.command.params:
        name = parameter.name or ""
        if context.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
            continue
        if isinstance(parameter, click.Option):
            yield max(parameter.opts, key=len)
            if parameter.is_flag:
                continue
        yield told_value(parameter, context.params[name])


def told_value(parameter: click.Parameter, value: object) -> str:
    """The value of an argument or an option: of one that nobody thought of, a name at most."""
    if parameter.name in _SECRET:
        return "…"
    if isinstance(value, tuple):
        return " ".join(told_value(parameter, each) for each in value)
    text = str(value)
    if not isinstance(parameter.type, click.types.StringParamType):
        return text
    if parameter.name in _PLAIN and "@" not in text:  # as of `--csv @FILE`
        return text if text.isprintable() and " " not in text else repr(text)
    return told_name(text)
