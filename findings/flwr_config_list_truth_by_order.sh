#!/usr/bin/env bash
# Flower's ConfigRecord takes [1, True] and refuses [True, 1]; on its way the former becomes [1, 1].
#
# flwr 1.42.0, Python 3.11, Linux. A list in a record has to be of one type, which is looked up by the
# first value: truth passes as a whole number after one. In the record it is still True; what the other
# side reads out of the same record is 1, of [2, False] it is [2, 0]. Nothing is said.
#
# Seen: "kept [1, True], arrived [1, 1]; the other order: TypeError". Fails if that changes. Needs PyPI.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet flwr==1.42.0
cd "$work"
FLWR_TELEMETRY_ENABLED=0 venv/bin/python - 2>/dev/null <<'PY'
from flwr.app import ConfigRecord

record = ConfigRecord({"flags": [1, True]})
kept, arrived = record["flags"], ConfigRecord.inflate(record.deflate())["flags"]
try:
    other = ConfigRecord({"flags": [True, 1]})["flags"]
except Exception as error:
    other = type(error).__name__
found = f"kept {kept}, arrived {arrived}; the other order: {other}"
print(found)
raise SystemExit(found != "kept [1, True], arrived [1, 1]; the other order: TypeError")
PY
