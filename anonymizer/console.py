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
REMINDER_SECONDS = 15.0  # without a terminal, before silent work is mentioned again


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
    display = _Lines(title)
    try:
        yield display.say
    finally:
        display.close()


class _Lines:
    """Says what is under way, and now and then that it still is."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.started = self.said = time.monotonic()
        self._closed = threading.Event()
        threading.Thread(target=self._remind, daemon=True).start()

    def say(self, line: str) -> None:
        """How the work goes, where nothing was said for a while."""
        if time.monotonic() - self.said >= QUIET_SECONDS:
            self.said = time.monotonic()
            _print(f"  {self.said - self.started:4.0f} s  {line}")

    def close(self) -> None:
        """The work is done."""
        self._closed.set()

    def _remind(self) -> None:
        if self._closed.wait(SILENT_SECONDS):
            return
        _print(f"{self.title} ...")
        while not self._closed.wait(REMINDER_SECONDS):
            self.say(f"still {self.title}")


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
