"""What a person at the command line sees while work goes on."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Say = Callable[[str], None]

SILENT_SECONDS = 2.0  # without a terminal, before work is mentioned at all
QUIET_SECONDS = 10.0  # without a terminal, between two lines of one piece of work


@contextmanager
def working(title: str) -> Iterator[Say]:
    """Show that something is under way: a moving bar on a terminal, plain lines elsewhere.

    Yields:
        a function that is told how the work goes, a short line at a time.
    """
    console = Console(stderr=True)
    if console.is_terminal:
        with _bar(console) as progress:
            task = progress.add_task(title, detail="", total=None)
            yield lambda line: progress.update(task, detail=line)
        return
    title_line = threading.Timer(SILENT_SECONDS, _print, [f"{title} ..."])
    title_line.start()
    started = said = time.monotonic()

    def say(line: str) -> None:
        nonlocal said
        if time.monotonic() - said >= QUIET_SECONDS:
            said = time.monotonic()
            _print(f"  {said - started:4.0f} s  {line}")

    try:
        yield say
    finally:
        title_line.cancel()


def _print(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 (this is the display)


def _bar(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[detail]}"),
        console=console,
    )
