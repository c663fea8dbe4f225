"""What a person at the command line sees while work goes on."""

import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Say = Callable[[str], None]

SILENT_SECONDS = 2.0  # without a terminal, before work is mentioned at all
QUIET_SECONDS = 10.0  # without a terminal, between two lines of a kind
REMINDER_SECONDS = 30.0  # without a terminal, before silent work is mentioned again
LOOK_SECONDS = 1.0  # without a terminal, between two looks whether work is silent


@contextmanager
def working(title: str, *, at_once: bool = False) -> Iterator[Say]:
    """Show that something is under way: a moving bar on a terminal, plain lines elsewhere.

    Args:
        title: what is done.
        at_once: say the title before the work begins; short work is not mentioned otherwise.

    Yields:
        a function that is told how the work goes, a short line at a time.
    """
    console = Console(stderr=True)
    if console.is_terminal:
        with _bar(console) as progress:
            task = progress.add_task(title, detail="", total=None)
            yield lambda line: progress.update(task, detail=line)
            progress.update(task, detail="", total=1, completed=1)
        return
    display = _Lines(title, at_once=at_once)
    try:
        yield display.say
    finally:
        display.close()


class _Lines:
    """Says what is under way, each new part of it, and now and then that it still is."""

    def __init__(self, title: str, *, at_once: bool) -> None:
        self.title = title
        self.started = self.said = time.monotonic()
        self._part = ""  # the line before its figures: "events: epoch " of "events: epoch 3 of 9"
        self._named = at_once
        if at_once:
            _print(title)
        self._closed = threading.Event()
        self._reminder = threading.Thread(target=self._remind, daemon=True)
        self._reminder.start()

    def say(self, line: str) -> None:
        """How the work goes: a new part at once, the same part again after a while."""
        part = re.split(r"\d", line, maxsplit=1)[0]
        if self._named and (part != self._part or self._silent(QUIET_SECONDS)):
            self._part = part
            self._tell(line)

    def close(self) -> None:
        """The work is done; nothing is said of it afterwards."""
        self._closed.set()
        self._reminder.join()

    def _remind(self) -> None:
        if not self._named:
            if self._closed.wait(SILENT_SECONDS):
                return
            _print(self.title)
            self._named = True
        while not self._closed.wait(LOOK_SECONDS):
            if self._silent(REMINDER_SECONDS):
                self._tell("still at work")

    def _silent(self, seconds: float) -> bool:
        return time.monotonic() - self.said >= seconds

    def _tell(self, line: str) -> None:
        self.said = time.monotonic()
        _print(f"  {self.said - self.started:4.0f} s  {line}")


def _print(line: str) -> None:
    sys.stderr.write(f"anonymizer: {line}\n")  # at once: other threads write lines as well
    sys.stderr.flush()


def _bar(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[detail]}"),
        console=console,
    )
