#!/usr/bin/env bash
# A sink of Polars that fails may create its file after the error was raised.
#
# polars 2.1.0, Python 3.11, Linux. A cast that fails raises InvalidOperationError from
# `sink_parquet`, as it should. Who then removes the partial file, and finds none because there is
# none yet, is left with one: in some of a thousand failures it appears milliseconds later, as
# the sink's task goes on beside the thread that got the error. So cleaning up by `unlink` after a
# failed sink is not enough; writing into a folder of its own and removing that folder is.
#
# Seen: "files that appear after the error: 7 of 2000" on a quiet machine of two cores, about 100
# where other processes compute. Fails if no file appears any more. Needs PyPI.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet polars==2.1.0
POLARS_MAX_THREADS=1 "$work/venv/bin/python" - <<'PY'
import tempfile, time
from pathlib import Path

import polars as pl

failing = pl.LazyFrame({"a": ["1"] * 1000 + ["x"]}).select(pl.col("a").cast(pl.Int64))
late = 0
for _ in range(2_000):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f.parquet"
        try:
            failing.sink_parquet(path)
        except pl.exceptions.InvalidOperationError:
            path.unlink(missing_ok=True)
        time.sleep(0.005)
        late += path.exists()
print(f"files that appear after the error: {late} of 2000")
raise SystemExit(late == 0)
PY
