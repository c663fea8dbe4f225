"""The command line: the only place where the three arms meet. Arms load inside commands."""

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from anonymizer import __version__
from anonymizer.errors import AnonymizerError, KeyMaterialError, UsageError

if TYPE_CHECKING:
    from anonymizer.keys import Key
    from anonymizer.masking.pipeline import ColumnPreview

_DEBUG: Final = "ANONYMIZER_DEBUG"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="anonymizer")
def commands() -> None:
    """Mask, synthesise and check customer histories."""


@commands.command()
@click.argument("source", metavar="INPUT")
@click.argument("target", metavar="OUTPUT")
@click.option("--rules", required=True, help="A rule file, or the name of a pack.")
@click.option("--key-env", metavar="NAME", help="Environment variable that holds the key.")
@click.option("--key-file", metavar="FILE", help="File that holds the key.")
@click.option("--manifest", metavar="FILE", help="Where to record what was done, as JSON.")
@click.option("--dry-run", is_flag=True, help="Show what each column becomes; write nothing.")
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
def mask(  # noqa: PLR0917 (click calls it by keyword)
    source: str,
    target: str,
    rules: str,
    key_env: str | None,
    key_file: str | None,
    manifest: str | None,
    dry_run: bool,
    overwrite: bool,
) -> None:
    """Mask INPUT into OUTPUT, column by column, as the rules say."""
    from anonymizer.masking.pipeline import mask_file, preview  # noqa: PLC0415

    if dry_run:
        _print_preview(preview(source, rules))
        return
    with _spinner("masking"):
        record = mask_file(
            source,
            target,
            rules,
            key=_named_key(key_env, key_file),
            manifest=manifest,
            overwrite=overwrite,
        )
    for warning in record.warnings:
        _say(f"note: {warning}")
    _say(f"{record.rows:,} rows, {len(record.columns)} columns written to {target}")


def _named_key(variable: str | None, file: str | None) -> "Key | None":
    """The key that the options name; None leaves it to the default variable."""
    from anonymizer.keys import load_key  # noqa: PLC0415

    if variable and file:
        raise KeyMaterialError("give --key-env or --key-file, not both")
    return load_key(variable=variable, file=file) if variable or file else None


def _print_preview(columns: "list[ColumnPreview]") -> None:
    """One block per column; the examples are invented and the key is thrown away."""
    _say("dry run: nothing is written; examples are made up, under a throwaway key")
    width = max(len(each.column) for each in columns)
    for each in columns:
        types = f"{each.input_dtype} → {each.output_dtype or 'not in the output'}"
        click.echo(f"{each.column:<{width}}  {each.mask:<13}  {types}")
        for before, after in each.examples:
            click.echo(f"{'':<{width}}    {_shown(before)} → {_shown(after)}")


def _shown(value: object) -> str:
    return "null" if value is None else " ".join(str(value).split())


@contextmanager
def _spinner(doing: str) -> Iterator[None]:
    """A sign of life on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console  # noqa: PLC0415

    with Console(stderr=True).status(f"{doing} …"):
        yield


def _say(message: str) -> None:
    """One line on standard error."""
    click.echo(f"anonymizer: {' '.join(message.split())}", err=True)


def main(arguments: list[str] | None = None) -> int:
    """Run a command.

    Returns:
        0 when it is done, 2 when the call or the rule file is wrong, 1 for anything else.
    """
    try:
        status = commands.main(arguments, prog_name="anonymizer", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except Exception as error:  # noqa: BLE001 (the last place: whatever happened becomes one line)
        if os.environ.get(_DEBUG) == "1":
            traceback.print_exc()
        return _report(error)
    return status if isinstance(status, int) else 0


def _report(error: Exception) -> int:
    """Say what went wrong without any value of the data, and give the exit status."""
    if isinstance(error, click.ClickException):
        _say(error.format_message())
        return 2
    if isinstance(error, click.Abort):
        _say("interrupted; nothing was written")
        return 1
    if isinstance(error, AnonymizerError):
        _say(str(error))
        return 2 if isinstance(error, UsageError) else 1
    _say(f"failed ({type(error).__name__}); set {_DEBUG}=1 to see where")
    return 1
