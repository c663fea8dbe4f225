#!/usr/bin/env bash
# Polars cannot read a Delta table that it wrote itself, where a folder's name has a space or an umlaut.
#
# polars 2.1.0, deltalake 1.6.6, Python 3.11, Linux. `pl.read_delta` and `pl.scan_delta` take the files of the
# table from its URL, in which the names of the folders above it are escaped (`my%20tables`), and look for that name
# on the disk. `DeltaTable.to_pyarrow_table` and `use_pyarrow=True` read the same table.
#
# Seen: "plain: [1], my tables: FileNotFoundError, käufe: FileNotFoundError". Fails if Polars reads all. Needs PyPI.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet polars==2.1.0 deltalake==1.6.6 pyarrow==22.0.0
cd "$work" && "$work/venv/bin/python" - <<'PY'
import polars as pl

seen = {}
for folder in ("plain", "my tables", "käufe"):
    pl.DataFrame({"a": [1]}).write_delta(f"{folder}/sales")
    assert pl.scan_delta(f"{folder}/sales", use_pyarrow=True).collect()["a"].to_list() == [1]
    try:
        seen[folder] = str(pl.read_delta(f"{folder}/sales")["a"].to_list())
    except FileNotFoundError as error:
        seen[folder] = type(error).__name__
print(", ".join(f"{folder}: {found}" for folder, found in seen.items()))
raise SystemExit(set(seen.values()) != {"[1]", "FileNotFoundError"})
PY
