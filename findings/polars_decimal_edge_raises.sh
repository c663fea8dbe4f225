#!/usr/bin/env bash
# A lenient cast of floats to Decimal gives null far above its range and an error just above it.
#
# polars 2.1.0, Python 3.11, Linux. `pl.Series([x]).cast(pl.Decimal(12, 2), strict=False)` must not
# raise: what does not fit is null. So it is for 1e15. For 99999999999.99, and for 9999999999.995,
# which only rounding takes out of range, it is a ComputeError: "decimal precision 12 can't fit
# values with 13 digits". One amount at the edge ends a lenient pipeline that survives worse ones.
#
# Seen: "far [None], edge ComputeError". Fails if the edge is null as well. Needs PyPI.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet polars==2.1.0
"$work/venv/bin/python" - <<'PY'
import polars as pl


def cast(value: float) -> object:
    try:
        return pl.Series([value]).cast(pl.Decimal(12, 2), strict=False).to_list()
    except pl.exceptions.ComputeError:
        return "ComputeError"


far, edges = cast(1e15), {cast(value) for value in (99999999999.99, 9999999999.995)}
print(f"far {far}, edge {', '.join(map(str, edges))}")
raise SystemExit((far, edges) != ([None], {"ComputeError"}))
PY
