#!/usr/bin/env bash
# Dagster takes any value from an asset that declares `-> dg.MaterializeResult`, and pickles it.
#
# dagster 1.13.29, Python 3.11, Linux. Dagster checks the type that an asset declares for what it
# returns: a text from `-> int` fails the run. `-> dg.MaterializeResult` says that nothing is to be
# stored but metadata, and is not checked: the rows that are returned by mistake are pickled into the
# storage, and the run is green. The check of `-> int` quotes the value in the event log.
#
# Seen: "success True, rows in storage/orders". Fails if the run fails or stores nothing. Needs PyPI.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet dagster==1.13.29
cd "$work"
venv/bin/python - 2>/dev/null <<'PY'
from pathlib import Path

import dagster as dg


@dg.asset
def orders() -> dg.MaterializeResult:
    return [{"name": "Zebulon Quarkington"}]


@dg.asset
def count() -> int:
    return "Zebulon Quarkington"


with dg.DagsterInstance.local_temp(".") as instance:
    done = dg.materialize([orders], instance=instance)
    counted = dg.materialize([count], instance=instance, raise_on_error=False)
stored = b"Quarkington" in Path("storage/orders").read_bytes()
print(f"success {done.success}, rows in storage/orders" if stored else "nothing stored")
raise SystemExit(not (done.success and stored and not counted.success))
PY
