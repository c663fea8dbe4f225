"""What commands say, on standard error."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DEBUG: Final = "ANONYMIZER_DEBUG"  # 1 shows traces, which may hold values
when_stopped: "list[Callable[[], None]]" = []  # what a command says of what it leaves on purpose


def say(message: str) -> None:
    """One line on standard error."""
    click.echo(f"{called()}: {' '.join(message.split())}", err=True)


def tell_notes(notes: "Sequence[str]", warnings: "Sequence[str]" = ()) -> None:
    """What a result says must be known of it; what it warns of is called so."""
    for note in notes:
        level = "warning" if note in warnings else "note"
        column = "column " if note.startswith("note: ") else ""  # one that is called so
        say(f"{level}: {column}{note}")


def called() -> str:
    """The name that the command was called by; both are the same command."""
    name = Path(sys.argv[0]).stem
    return name if name == "seqanon" else "anonymizer"
