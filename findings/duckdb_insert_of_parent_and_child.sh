#!/usr/bin/env bash
# DuckDB refuses one INSERT that holds both a row and the row that it refers to.
#
# duckdb 2.0.1, Python 3.11, Linux. In a table whose foreign key refers to itself, as that of a manager, SQL checks
# the key when the statement ends. DuckDB checks each row against those that were there before the statement:
# the same rows in two statements are taken.
#
# Seen: "together: ConstraintException, one by one: 2 rows". Fails if the first INSERT is taken. Needs PyPI.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet duckdb==2.0.1
"$work/venv/bin/python" - <<'PY'
import duckdb

base = duckdb.connect()
base.execute("CREATE TABLE staff (id INTEGER PRIMARY KEY, manager INTEGER REFERENCES staff (id))")
try:
    base.execute("INSERT INTO staff VALUES (1, NULL), (2, 1)")
    together = "taken"
except duckdb.ConstraintException as error:
    together = type(error).__name__
base.execute("INSERT INTO staff VALUES (1, NULL)")
base.execute("INSERT INTO staff VALUES (2, 1)")
rows = base.execute("SELECT count(*) FROM staff").fetchone()[0]
print(f"together: {together}, one by one: {rows} rows")
raise SystemExit(together == "taken" or rows != 2)
PY
