"""Signals at random moments: what they leave, and whether what was there is still whole.

usage: signals.py RUNS SEED [COMMAND ...]

Every command that writes, or each that is named, runs over a small folder in which its target is
there already, and is sent TERM, HUP, INT or KILL after a random part of the time that it takes
undisturbed. Afterwards the folder must hold what it held, and every target the old content or,
where the command was done before the signal, the new one. A killed command may leave a hidden
folder, which the next run must remove. A fit that was stopped keeps its checkpoint, on purpose, and
says so.
"""

import hashlib
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import polars as pl

import anonymizer.composition
import anonymizer.masking.inspection.inspect
import anonymizer.masking.run.files
import anonymizer.masking.run.rotation
import anonymizer.sequences.model.sequence_model  # noqa: F401 (imported once for all runs)
from anonymizer.cli import main

ROWS = 30_000
ENVIRONMENT = {
    "ANONYMIZER_KEY": "a key for benchmarks only: 7f3a91c5e2",
    "OLD": "another key for benchmarks: 1c5e27f3a9",
}
RULES = "version: 1\nentity: who\ncolumns: {who: token, card: encrypt, '*': keep}\n"
RULED = "--rules r.yaml --overwrite"
EVENTS = "--entity who --time day"
REPORT = "--report p.html --json p.json"
# The command, and what it writes; every target is there before.
COMMANDS = {
    "mask": (
        f"mask raw.parquet out.parquet {RULED} --manifest m.json --save-rules f.json",
        ["out.parquet", "m.json", "f.json"],
    ),
    "mask a folder": (f"mask parts parts-out {RULED}", ["parts-out"]),
    "reveal": (f"reveal masked.parquet back.parquet {RULED}", ["back.parquet"]),
    "rotate": (f"rotate raw.parquet map.parquet {RULED} --old-key-env OLD", ["map.parquet"]),
    "inspect": ("inspect raw.parquet --output new.yaml --overwrite", ["new.yaml"]),
    "audit": (f"audit raw.parquet masked.parquet {EVENTS} {REPORT}", ["p.html", "p.json"]),
    "fit": (f"fit events.parquet model {EVENTS} --max-epochs 1 --overwrite", ["model"]),
    "sample": ("sample kept-model s.parquet --entities 200 --overwrite", ["s.parquet"]),
    "score": (
        "score kept-model events.parquet e.parquet --entities sums.parquet --overwrite",
        ["e.parquet", "sums.parquet"],
    ),
    "recommend": (
        "recommend kept-model events.parquet rec.parquet --field item --overwrite",
        ["rec.parquet"],
    ),
    "check": (
        f"check --real events.parquet --synthetic other.parquet --holdout third.parquet {EVENTS} "
        + REPORT,
        ["p.html", "p.json"],
    ),
}
SWEEPING = f"mask tiny.parquet tiny-out.parquet {RULED}"  # any run sweeps, and this one is short
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL)


def events(first: int, people: int = 60) -> pl.DataFrame:
    """A few purchases of some people."""
    drawn = random.Random(first)
    rows = [
        (first + who, date(2024, 1, 1) + timedelta(drawn.randrange(300)), drawn.choice("abcdef"))
        for who in range(people)
        for _ in range(drawn.randrange(2, 9))
    ]
    return pl.DataFrame(rows, schema=["who", "day", "item"], orient="row")


def started(folder: Path, command: str) -> int:
    """The process of a command in a folder: a fork, as what is long about short runs are imports.

    Polars starts its threads when it is first used, and in this process it never is.
    """
    sys.stdout.flush()
    process = os.fork()
    if process:
        return process
    os.chdir(folder)
    os.environ |= ENVIRONMENT
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for output in (1, 2):
        os.dup2(nowhere, output)
    os._exit(main(command.split()))


def ended(process: int) -> int:
    """The status of a process that has ended; below 0 where a signal ended it unheard."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def prepared(folder: Path) -> None:
    """The inputs of all commands."""
    day = date(2024, 1, 1)
    raw = pl.DataFrame(
        {
            "who": [n % 999 for n in range(ROWS)],
            "day": [day + timedelta(n % 300) for n in range(ROWS)],
            "card": [f"{4_000_000_000 + n * 7919}" for n in range(ROWS)],
            "land": [("DE", "FR", "US")[n % 3] for n in range(ROWS)],
        }
    )
    raw.write_parquet(folder / "raw.parquet")
    raw.lazy().sink_parquet(pl.PartitionBy(folder / "parts", key=["land"]), mkdir=True)
    for name, first in (("events", 0), ("other", 1000), ("third", 2000)):
        events(first).write_parquet(folder / f"{name}.parquet")
    (folder / "r.yaml").write_text(RULES)
    raw.head(1).write_parquet(folder / "tiny.parquet")


FIRST = (
    SWEEPING,
    "mask raw.parquet masked.parquet --rules r.yaml",
    f"fit events.parquet kept-model {EVENTS} --max-epochs 1",
)


def content(place: Path) -> str:
    """A digest of a file, or of all in a folder with their names."""
    digest = hashlib.sha256()
    for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
        if file.is_file():
            digest.update(file.relative_to(place.parent).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()


def aged(target: Path) -> str:
    """The digest of a target that no command would write as it is now."""
    files = [target] if target.is_file() else sorted(target.rglob("*.parquet"))
    files = files or [target / "README.md"]  # of a model
    files[0].write_bytes(b"old")
    return content(target)


def whole(folder: Path, place: str, old: str) -> bool:
    """Whether a target has its old content, or a new one that has an end."""
    target = folder / place
    if content(target) == old:
        return True
    if target.is_dir():
        parts = [*target.rglob("*.parquet"), *target.glob("model.json")]
        return bool(parts) and all(map(complete, parts))
    return complete(target)


def complete(file: Path) -> bool:
    """Whether a file has the end that its format asks for."""
    written = file.read_bytes()
    ends = {".parquet": b"PAR1", ".json": b"}", ".html": b"</html>"}
    return written.rstrip().endswith(ends.get(file.suffix, b"")) and len(written) > 3


def run(
    folder: Path, name: str, sent: signal.Signals, drawn: random.Random, took: float
) -> Counter:
    """One command that is sent a signal: what it left."""
    command, targets = COMMANDS[name]
    there = {each.name for each in folder.iterdir()}
    old = {target: aged(folder / target) for target in targets}
    process = started(folder, command)
    time.sleep(drawn.uniform(0.02, 1) * took)
    os.kill(process, sent)
    status = ended(process)
    changed = [target for target in targets if content(folder / target) != old[target]]
    kept = {each for each in ("model.checkpoint",) if sent is not signal.SIGKILL}
    left = {each.name for each in folder.iterdir()} - there - kept
    found = Counter(
        runs=1,
        stopped=status != 0,
        leftovers=len(left),
        broken=sum(not whole(folder, target, old[target]) for target in targets),
        apart=0 < len(changed) < len(targets),  # some are new and some are old
    )
    (folder / "model.checkpoint").unlink(missing_ok=True)
    if sent is signal.SIGKILL:
        ended(started(folder, SWEEPING))
        swept = {each.name for each in folder.iterdir()} - there
        return Counter(runs=1, stopped=status != 0, unswept=len(swept), broken=found["broken"])
    return found


def measured(runs: int, seed: int, names: list[str]) -> None:
    """The table."""
    drawn = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if not (process := os.fork()):
            prepared(folder)
            os._exit(0)
        ended(process)
        took = {}
        for name, command in [*enumerate(FIRST), *((name, COMMANDS[name][0]) for name in names)]:
            begun = time.perf_counter()
            if ended(started(folder, command)):
                raise SystemExit(f"failed: {command}")
            took[name] = time.perf_counter() - begun
        totals: dict[str, Counter] = {name: Counter() for name in names}
        for number in range(runs):
            name = names[number % len(names)]
            sent = SIGNALS[totals[name]["runs"] % len(SIGNALS)]
            totals[name] += run(folder, name, sent, drawn, took[name])
            print(number, name, sent.name, dict(totals[name]), file=sys.stderr, flush=True)
    columns = ("runs", "stopped", "leftovers", "unswept", "broken", "apart")
    print("| command |", " | ".join(columns), "|")
    for name, counted in [*totals.items(), ("all", sum(totals.values(), Counter()))]:
        print(f"| {name} |", " | ".join(str(counted[column]) for column in columns), "|")


if __name__ == "__main__":
    measured(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:] or list(COMMANDS))
