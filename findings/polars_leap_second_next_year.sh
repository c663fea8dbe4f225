#!/usr/bin/env bash
# Polars reads the leap second at the end of 2016 as the first second of 2017, without a word.
#
# polars 2.1.0, Python 3.11, Linux. 2016-12-31 23:59:60 UTC is a second that there was (IERS Bulletin
# C 52). `str.strptime` with %S, strict as it is by default, gives 2017-01-01 00:00:00: another day,
# month and year, so that sums by year change. Python's own strptime refuses it.
#
# Seen: "2017-01-01 00:00:00". Fails if it is refused, or read otherwise. Needs PyPI.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet polars==2.1.0
"$work/venv/bin/python" - <<'PY'
import polars as pl

read = pl.Series(["2016-12-31 23:59:60"]).str.strptime(pl.Datetime("us"), "%Y-%m-%d %H:%M:%S")
print(read[0])
raise SystemExit(str(read[0]) != "2017-01-01 00:00:00")
PY
