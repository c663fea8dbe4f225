#!/usr/bin/env bash
# An empty typed Series beside a number loses its type when Polars makes a DataFrame of both.
#
# polars 2.1.0, Python 3.11, Linux. `pl.DataFrame({"i": pl.Series([], dtype=pl.Int64), "side": 1})`
# has the type Null in both columns; with two values in the Series `i` stays Int64. So a pipeline
# that works on every day fails on the first one without rows, at the next join or cast.
#
# Seen: "empty Null, filled Int64". Fails if the empty one is Int64. Needs PyPI.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet polars==2.1.0
"$work/venv/bin/python" - <<'PY'
import polars as pl

empty, filled = (
    pl.DataFrame({"i": pl.Series(values, dtype=pl.Int64), "side": 1}).schema["i"]
    for values in ([], [1, 2])
)
print(f"empty {empty}, filled {filled}")
raise SystemExit(empty == filled)
PY
