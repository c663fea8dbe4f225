#!/usr/bin/env bash
# Polars leaves out an addition of 0.0, and -0.0 stays what IEEE 754 makes 0.0.
#
# polars 2.1.0, Python 3.11, Linux. `-0.0 + 0.0` is `0.0` in IEEE 754, NumPy and Python, which is the
# usual way to have one zero before values are printed, hashed or compared by their bits. Polars
# gives `-0.0`. `pl.when(x == 0).then(0.0).otherwise(x)` does it.
#
# Seen: "-0.0 + 0.0 = -0.0". Fails if it is 0.0. Needs PyPI.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet polars==2.1.0
"$work/venv/bin/python" - <<'PY'
import polars as pl

total = (pl.Series([-0.0]) + 0.0).item()
print(f"-0.0 + 0.0 = {total}")
raise SystemExit(str(total) == "0.0")
PY
