#!/usr/bin/env bash
# The batches of a query of Polars that panics end as if all rows had come.
#
# polars 2.1.0, Python 3.11, Linux. `collect`, `sink_parquet` and `sink_batches` raise a
# PanicException where the query panics. The iterator of `collect_batches` gives the batches that
# came before and stops: whoever writes them somewhere has a table that is short and no error. Errors
# that are no panic are raised. Rows at the end of the query that say that it is the end tell both
# apart.
#
# Seen: "collect: PanicException; batches: 0 rows of 9 and no error". Fails if an error is raised.
# Needs PyPI.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet polars==2.1.0
"$work/venv/bin/python" - <<'PY' 2>/dev/null
import polars as pl


def panics(values):
    raise pl.exceptions.PanicException("broken")


query = pl.LazyFrame({"a": range(9)}).select(pl.col("a").map_batches(panics, return_dtype=pl.Int64))
try:
    query.collect()
except BaseException as error:
    said = type(error).__name__
rows = sum(len(batch) for batch in query.collect_batches())
print(f"collect: {said}; batches: {rows} rows of 9 and no error")
raise SystemExit(said != "PanicException")
PY
