#!/usr/bin/env bash
# Polars reads the partition values of a Delta table from the paths of its files, not from its log.
#
# polars 2.1.0, deltalake 1.6.6, Python 3.11, Linux. The Delta protocol keeps the values of partition
# columns in the log (`partitionValues` of each `add`), and lets files lie anywhere below the table. Where a
# path has no `shop=…` in it, `pl.scan_delta` gives null for the column, without a word;
# `DeltaTable.to_pyarrow_table` gives the values of the log.
#
# Seen: "deltalake: ['north', 'south'], polars: [None, None]". Fails if Polars gives the values. Needs PyPI.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet polars==2.1.0 deltalake==1.6.6 pyarrow==22.0.0
cd "$work" && "$work/venv/bin/python" - <<'PY'
import json
from pathlib import Path

import polars as pl
from deltalake import DeltaTable, write_deltalake

sales = pl.DataFrame({"shop": ["north", "south"], "sold": [3, 5]})
write_deltalake("table", sales.to_arrow(), partition_by=["shop"])
log = next(Path("table/_delta_log").glob("*.json"))
lines = []
for number, line in enumerate(log.read_text().splitlines()):
    action = json.loads(line)
    if "add" in action:
        moved = Path("table", f"{number}.parquet")
        Path("table", action["add"]["path"]).rename(moved)
        action["add"]["path"] = moved.name
    lines.append(json.dumps(action))
log.write_text("\n".join(lines))

told = sorted(DeltaTable("table").to_pyarrow_table()["shop"].to_pylist())
read = pl.scan_delta("table").collect()["shop"].to_list()
print(f"deltalake: {told}, polars: {read}")
raise SystemExit(told != ["north", "south"] or read != [None, None])
PY
