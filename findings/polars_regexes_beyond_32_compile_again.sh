#!/usr/bin/env bash
# With the 33rd regular expression in one select, Polars compiles all of them again at each call.
#
# polars 2.1.0, Python 3.11, Linux. Compiled patterns of `str.contains` are kept from call to call, so
# a small frame against 32 patterns of 400 words each takes half a millisecond: 16 µs a pattern. One
# would guess a little more for one pattern more. It takes 200 ms, 400 times as long: 32 are kept for
# a thread, and since they are asked in turn, each one has just been dropped when its turn comes.
# Nothing says so. It is met by whoever tells texts apart by many patterns (kinds of errors, products,
# personal data) in streams or small batches, where the compilation is paid for each of them.
#
# The patterns may be one (`p1|p2`), literal (`contains_any` has no such limit), or of two selects
# over large frames, where it is paid twice. Fails if 33 take less than ten times as long as 32.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet polars==2.1.0
POLARS_MAX_THREADS=1 "$folder/venv/bin/python" - <<'PYTHON'
import statistics
import time

import polars as pl

WORDS = "|".join(f"w{number:04d}[a-z]{{1,9}}" for number in range(400))
FRAME = pl.DataFrame({"text": ["no such word"] * 8})


def milliseconds(patterns):
    text = pl.col("text").str
    asked = [text.contains(rf"\b(?:{WORDS})x{n}\b").alias(str(n)) for n in range(patterns)]
    FRAME.select(asked)
    times = []
    for _ in range(7):
        begun = time.perf_counter()
        FRAME.select(asked)
        times.append(1000 * (time.perf_counter() - begun))
    return statistics.median(times)


few, many = milliseconds(32), milliseconds(33)
print(f"32 patterns: {few:.1f} ms, 33 patterns: {many:.0f} ms, {many / few:.0f} times as long")
assert many > 10 * few
PYTHON
