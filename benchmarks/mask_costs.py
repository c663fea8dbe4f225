"""What each mask costs: nanoseconds of a processor per value, beside a former build.

    python benchmarks/mask_costs.py [--former FOLDER] [--only MASK ...] [--rows 100_000] [--runs 5]

Each build is a process of its own on one thread, which is given a mask and numbers, makes up a
value of each and masks a frame of them; only masking is measured, learning included. The builds
take turns. Values of a round differ from those of the others, so that nothing is remembered.
They do not repeat, but for days, answers and codes, of which there are so few, or each stands
there 50 times, in no order. `keep` is what a frame costs by itself.

FOLDER is a checkout of a former build; ratios say how many times as fast this one is, by medians.
Printed is a table in Markdown. A mask of the library that has no case here is an error.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Self

KEY = "a key for benchmarks only: 7f3a91c5e2"
REPEATS = 50
ONE_THREAD = {"OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}


def card(number: int) -> str:
    """A card number with a right check digit."""
    body = f"4{number * 7919 % 10**14:014}"
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(body)]
    return body + str(-sum(each // 10 + each % 10 for each in doubled) % 10)


VALUES: dict[str, Callable[[int], Any]] = {
    "number": lambda n: n,
    "amount": lambda n: n * 0.37,
    "name": lambda n: f"Customer {n}",
    "card": card,
    "phone": lambda n: f"+49 30 {n:08}",
    "uuid": lambda n: str(uuid.uuid5(uuid.NAMESPACE_OID, str(n))),
    "moment": lambda n: datetime(1990, 1, 1) + timedelta(seconds=n * 61),  # noqa: DTZ001
    "moment in text": lambda n: str(datetime(1990, 1, 1) + timedelta(seconds=n * 61)),  # noqa: DTZ001
    "day": lambda n: (datetime(1950, 1, 1) + timedelta(days=n % 25_000)).date(),  # noqa: DTZ001
    "answer": lambda n: ("yes", "no", "perhaps")[n % 3],
    "e-mail": lambda n: f"c{n}@shop{n % 4_000}.example",
    "address": lambda n: f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}",
    "place": lambda n: f"{n % 170_000 / 1e3 - 85:.5f}, {n * 7 % 360_000 / 1e3 - 180:.5f}",
    "postcode": lambda n: f"{n % 100_000:05}",
    "US": lambda n: f"{n} Main Street, Springfield, IL {62_000 + n % 900}",
    "GB": lambda n: f"Flat {n}, 3 High Street, Leeds LS{n % 20 + 1} 1UR",
    "CN": lambda n: f"广东省深圳市南山区科技路{n}号",
    "world": lambda n: f"{n} Rue de la Gare, 6900{n % 9} Lyon, France",
    "note": lambda n: f"Order {n}: the parcel came late, please send a new one before Friday.",
    "note with persons": lambda n: (
        f"Call Ann Miller on 0171 {n:07} or write to a.m{n}@shop.example."
    ),
}


class Case(NamedTuple):
    """A mask, and values for it.

    Attributes:
        rule: of the column.
        values: a name in VALUES.
        part: of the rows that a cheap mask gets, one in so many.
    """

    rule: dict[str, Any]
    values: str
    part: int = 1


def case(values: str, mask: str, part: int = 1, /, **options: Any) -> Case:
    """A case, with the options of its rule by their names."""
    return Case({"mask": mask, **options}, values, part)


CASES = [
    case("name", "keep"),
    case("name", "drop"),
    case("name", "redact", text="x"),
    case("name", "token"),
    case("uuid", "token"),
    case("number", "token"),
    case("number", "token", **{"as": "same"}),
    case("uuid", "token", **{"as": "same"}),
    case("name", "pseudonym", kind="name"),
    case("e-mail", "pseudonym", kind="email", by="value"),
    case("phone", "pseudonym", kind="phone", by="value"),
    case("name", "pseudonym", kind="street_address", by="value"),
    case("card", "token"),
    case("card", "encrypt"),
    case("card", "fpe"),
    case("card", "fpe", check="luhn", first=6),
    case("card", "partial", last=4),
    case("name", "map", file="map.csv"),
    case("name", "hierarchy", file="hierarchy.csv", level=1),
    case("US", "region", country="US"),
    case("GB", "region", country="GB"),
    case("CN", "region", country="CN"),
    case("world", "region", 10, country="world"),
    case("postcode", "postcode", first=3),
    case("address", "ip"),
    case("e-mail", "email_domain", floor=2),
    case("place", "geo"),
    case("place", "geo", to="geohash"),
    case("place", "geo", to="h3"),
    case("amount", "round", to=5),
    case("amount", "bin", edges=[10, 100, 1000]),
    case("amount", "clip", high=1000),
    case("day", "age", on="2025-01-01"),
    case("moment", "date_truncate", to="month"),
    case("moment in text", "date_truncate", to="month"),
    case("name", "rare", k=2),
    case("moment", "date_shift", days=30),
    case("moment in text", "date_shift", days=30),
    case("amount", "noise", scale=3),
    case("answer", "randomized_response", values=["yes", "no", "perhaps"], epsilon=1),
    case("name", "shuffle"),
    case("note", "scrub", 20),
    case("note with persons", "scrub", 20),
]


class Build:
    """A process that masks with one build and says what it cost."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", __file__, "--worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": str(folder)},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def cost(self, index: int, start: int, rows: int, repeats: int) -> float:
        """Nanoseconds per value; NaN where the build cannot do it."""
        print(json.dumps([index, start, rows, repeats]), file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline()) if self.process.stdout else float("nan")


def worker() -> None:
    """Answer each line of JSON (a case, its first number, rows, repeats) with nanoseconds."""
    import polars as pl  # noqa: PLC0415 (a worker's alone)

    from anonymizer import anonymize  # noqa: PLC0415
    from anonymizer.errors import AnonymizerError  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for line in sys.stdin:
            index, start, rows, repeats = json.loads(line)
            rule, values, _ = CASES[index]
            made = {n: VALUES[values](n) for n in range(start, start + rows // repeats)}
            numbers = list(made) * repeats
            random.Random(0).shuffle(numbers)
            column = [made[number] for number in numbers]
            for name in ("map.csv", "hierarchy.csv"):
                Path(name).write_text("".join(f"{value},a\n" for value in set(made.values())))
            frame = pl.DataFrame({"x": column, "who": numbers}).with_columns(y=True)
            columns = {"x": rule, "who": "drop", "y": "keep"}
            rules = {"version": 1, "entity": "who", "columns": columns}
            began = time.process_time()
            try:
                anonymize(frame, rules, key=KEY)
            except AnonymizerError as error:
                print(error, file=sys.stderr)
                began = float("nan")
            print((time.process_time() - began) / rows * 1e9, flush=True)


def complain() -> None:
    """Stop where a mask of the library has no case."""
    from anonymizer.masking.masks import MASKS  # noqa: PLC0415 (the builds import their own)

    if absent := set(MASKS) - {each.rule["mask"] for each in CASES}:
        sys.exit(f"masks without a case: {', '.join(sorted(absent))}")


def compared(builds: list[Build], index: int, rows: int, repeats: int, runs: int) -> list[float]:
    """Nanoseconds per value of each build: medians of runs in turn, after one that warms up."""
    found = [
        [build.cost(index, 10**7 + run * rows, rows, repeats) for build in builds]
        for run in range(runs + 1)
    ]
    return [statistics.median(costs) for costs in zip(*found[1:], strict=True)]


def told(costs: list[float]) -> list[str]:
    """The cost of this build, and how many times as much the former one costs."""
    return [f"{costs[0]:,.0f}", *(f"{former / costs[0]:.2f}" for former in costs[1:])]


def main() -> None:
    """Measure in turn, print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--former", type=Path)
    parser.add_argument("--only", nargs="*", default=[], metavar="MASK")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        worker()
        return
    complain()
    folders = [Path(__file__).parents[1], *([given.former] if given.former else [])]
    names = [["ns per distinct value", "former ×"], ["ns per repeated value", "former ×"]]
    titles = ["mask", "values", *(name for pair in names for name in pair[: len(folders)])]
    print(f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}", sep="\n")
    with ExitStack() as stack:
        builds = [stack.enter_context(Build(folder.resolve())) for folder in folders]
        for index, (rule, values, part) in enumerate(CASES):
            if given.only and rule["mask"] not in given.only:
                continue
            rows = given.rows // part // REPEATS * REPEATS
            cells = []
            for repeats in (1, REPEATS):
                cells += told(compared(builds, index, rows, repeats, given.runs))
            options = ", ".join(
                f"{name}: {value}" for name, value in rule.items() if name != "mask"
            )
            print(f"| `{rule['mask']}` {options} | {values} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
