"""How fast `scrub` is beside a former build and beside presidio, and on cells of a megabyte.

Each of those compared is a process of its own with one thread, which is given notes and says how
many seconds of a processor they took. They take turns, round by round, so that what else the
machine does meets all of them. Notes of a round differ from those of the others: nothing is
remembered.
"""

import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from benchmarks.labelled_texts import Text
from benchmarks.scrubbed_texts import Options, print_table, scrubbed

HERE = Path(__file__).parent
ONE_THREAD = {"OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}


class Worker:
    """A process that answers lines of JSON."""

    def __init__(self, python: str, script: str, *given: str, build: Path = HERE.parent) -> None:
        self.process = subprocess.Popen(
            [python, "-W", "ignore", str(HERE / script), *given],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": str(build)},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def __call__(self, texts: list[str]) -> tuple[float, Any]:
        """Seconds and what was found; seconds that are no number where the process ended."""
        try:
            print(json.dumps(texts), file=self.process.stdin, flush=True)
        except BrokenPipeError:
            return float("nan"), []
        line = self.process.stdout.readline() if self.process.stdout else ""
        return tuple(json.loads(line)) if line else (float("nan"), [])


def found_by_presidio(python: str, texts: list[Text]) -> Iterator[tuple[Text, list[str]]]:
    """The texts and of each sign whether presidio's patterns found it."""
    with Worker(python, "free_text_presidio.py", "patterns") as presidio:
        _, places = presidio([each.text for each in texts])
    for text, found in zip(texts, places, strict=False):
        tags = [""] * len(text.text)
        for start, end in found:
            tags[start:end] = ["?"] * (end - start)
        yield text, tags


def print_speed(texts: list[str], presidio: str | None, former: Path | None, rounds: int) -> None:
    """Notes a second: the median of the rounds, the lowest and highest, and times the others."""
    with ExitStack() as stack:
        workers = {
            each: stack.enter_context(worker)
            for each, worker in _compared(presidio, former).items()
        }
        speeds: dict[str, list[float]] = {each: [] for each in workers}
        for i, (title, worker) in itertools.product(range(-1, rounds), workers.items()):
            some = texts[: len(texts) // (20 if title == "presidio" else 1)]
            some = some[:100] if i < 0 else some  # first a few, which load what is loaded once
            seconds, _ = worker([f"{text} {'.' * (i + 2)}" for text in some])
            if i >= 0:
                speeds[title].append(len(some) / seconds)
    medians = {title: statistics.median(each) for title, each in speeds.items()}
    lines = [
        f"| {title} | {medians[title]:,.0f} | {min(each):,.0f} – {max(each):,.0f} | "
        f"{_times(medians, title, 'former')} | {_times(medians, title, 'presidio')} |"
        for title, each in speeds.items()
    ]
    head = [f"{len(texts):,} distinct notes", "a second", "of", "times the former build"]
    print_table([*head, "times presidio"], lines)


def _compared(presidio: str | None, former: Path | None) -> dict[str, Worker]:
    """Who is compared."""
    ours = (sys.executable, "free_text_worker.py")
    workers = {
        "without names": Worker(*ours, '{"names": false}'),
        "with names": Worker(*ours, '{"names": true}'),
    }
    if former:
        workers["former"] = Worker(*ours, '{"names": false}', build=former)
    if presidio:
        workers["presidio"] = Worker(presidio, "free_text_presidio.py", "model")
    return workers


def _times(medians: Mapping[str, float], title: str, other: str) -> str:
    known = title != other and other in medians
    return f"{medians[title] / medians[other]:.1f}" if known else ""


# What takes a search that goes back and forth longest: the same again and again.
CELLS = {
    "1 1 1 …": "1 ",
    "a@a@ …": "a@",
    "digits": "1234567890",
    "one sign": "a",
    "a.a. …": "a.",
    "@@@ …": "@",
    "((( …": "(",
    "<a><a> …": "<a>",
    '{"a":{"a": …': '{"a":',
    "[[[ …": "[",
    "1/1/ …": "1/",
    "Ann Lee …": "Ann Lee ",
    "Mr. Mr. …": "Mr. ",
    "password: …": "password: ",
    "a,b,1 …": "a,b,1\n",
    "https:// …": "https://a.b/",
    "张 …": "张",
    "+1-+1- …": "+1-",
}


def print_cells(options: Options) -> None:
    """Seconds of a processor for a cell of half a megabyte and of a megabyte."""
    scrubbed([Text("Ann called 12 times", "en", "", [])], options)
    lines = []
    for title, unit in CELLS.items():
        half, whole = (
            timed([Text((unit * size)[:size], "en", "", [])], options)
            for size in (500_000, 1_000_000)
        )
        lines.append(f"| {title} | {half:.2f} s | {whole:.2f} s | {whole / half:.1f} |")
    print_table(["a cell of", "half a megabyte", "a megabyte", "times"], lines)


def timed(texts: list[Text], options: Options) -> float:
    """Seconds of a processor to scrub these."""
    start = time.process_time()
    scrubbed(texts, options)
    return time.process_time() - start
