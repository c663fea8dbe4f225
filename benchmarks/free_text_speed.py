"""How fast `scrub` is beside a former build and beside presidio, and on cells of a megabyte.

Each of those compared is a process of its own with one thread, which is given notes and says how
many seconds of a processor they took. They take turns, round by round, so that what else the
machine does meets all of them. Notes of a round differ from those of the others: nothing is
remembered.

    python -m benchmarks.free_text_speed --former FOLDER --maskops PYTHON

compares, on notes in which nothing is found and on notes of six templates with values that differ
in each (an e-mail address, a phone, a card, an IBAN, an IP address, none), with the build in a
folder and with maskops, which the other Python has: once with the patterns of these kinds, once
with all of its own.
"""

import argparse
import itertools
import json
import os
import random
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


KINDS = ("email", "phone", "ip", "iban", "card")
SIX = (
    "Order {six}: customer asked to send the invoice to {email} before shipping",
    "Please call back on +1 202 555 {four} about the {thing} of order {six}",
    "Paid by card {card} for {thing}, amount {two}.{two} EUR",
    "Refund of {two}.{two} goes to IBAN {iban} as agreed",
    "Login to the shop from {ip} was refused, basket {six} kept",
    "Parcel {six} with {thing} packed, weight {one}.{one} kg, shelf {two} is empty",
)
WORDS = [
    "the",
    "box",
    "of",
    "blue",
    "red",
    "green",
    "mugs",
    "pans",
    "trays",
    "was",
    "were",
    "packed",
    "with",
    "care",
    "and",
    "left",
    "at",
    "store",
    "shelf",
    "while",
    "team",
    "worked",
    "on",
    "next",
    "parcel",
    "quickly",
    "before",
    "noon",
    "some",
    "items",
    "looked",
    "fine",
    "but",
    "two",
    "seemed",
    "broken",
    "so",
    "we",
    "replaced",
    "them",
    "and",
    "closed",
    "case",
    "without",
    "further",
    "notes",
    "about",
    "quality",
    "or",
    "price",
    "today",
]


def of_six(count: int, seed: int) -> list[str]:
    """Notes of six templates in turn."""
    draw = random.Random(seed)

    def digits(number: int) -> str:
        return "".join(draw.choices("0123456789", k=number))

    def card() -> str:
        known = f"4{digits(14)}"
        odd, even = (sum(map(int, known[i::2])) for i in (0, 1))
        carried = sum(int(each) > 4 for each in known[0::2])
        check = -(2 * odd - 9 * carried + even) % 10
        return " ".join(f"{known}{check}"[i : i + 4] for i in range(0, 16, 4))

    def iban() -> str:
        account = digits(18)
        return f"DE{98 - int(f'{account}131400') % 97:02d}{account}"

    return [
        SIX[i % len(SIX)].format(
            one=digits(1), two=digits(2), four=digits(4), six=digits(6), card=card(), iban=iban(),
            email=f"{draw.choice(('ana', 'bob', 'carl', 'dora'))}.{digits(4)}@example.org",
            ip=".".join(str(draw.randint(1, 254)) for _ in range(4)),
            thing=draw.choice(("blue mug", "steel pan", "oak tray", "wool rug", "lamp shade")),
        )
        for i in range(count)
    ]  # fmt: skip


def of_nothing(count: int, seed: int) -> list[str]:
    """Notes in which there is nothing to find."""
    draw = random.Random(seed)
    notes = [" ".join(draw.choices(WORDS, k=draw.randint(6, 18))) for _ in range(count)]
    counted = (f", {draw.randint(10, 99)} pieces." if i % 2 else "." for i in range(count))
    return [note.capitalize() + more for note, more in zip(notes, counted, strict=True)]


def print_beside(former: Path | None, maskops: str | None, count: int, rounds: int) -> None:
    """Seconds for so many notes: the median of the rounds, and times those of the others."""
    for title, draw, options in (
        ("nothing found", of_nothing, {}),
        ("six templates, five kinds", of_six, {"kinds": KINDS}),
    ):
        with ExitStack() as stack:
            ours = (sys.executable, "free_text_worker.py", json.dumps(options))
            workers = {"this build": Worker(*ours)}
            if former:
                workers["former build"] = Worker(*ours, build=former)
            if maskops:
                patterns = "email,phone,ip,iban,credit_card"
                workers["maskops, these kinds"] = Worker(maskops, "free_text_maskops.py", patterns)
                workers["maskops, all kinds"] = Worker(maskops, "free_text_maskops.py")
            for worker in workers.values():
                stack.enter_context(worker)
                worker(draw(500, 0))
            taken: dict[str, list[float]] = {name: [] for name in workers}
            for i, (name, worker) in itertools.product(range(rounds), workers.items()):
                taken[name].append(worker(draw(count, i + 1))[0])
        seconds = {name: statistics.median(each) for name, each in taken.items()}
        lines = [
            f"| {name} | {each:.2f} s | {count / each:,.0f} | {each / seconds['this build']:.1f} |"
            for name, each in seconds.items()
        ]
        print_table([f"{title}, {count:,} notes", "took", "a second", "times this build"], lines)


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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--former", type=Path, help="folder of a former build")
    parser.add_argument("--maskops", help="a Python that has maskops and Polars")
    parser.add_argument("--notes", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    print_beside(given.former, given.maskops, given.notes, given.rounds)
