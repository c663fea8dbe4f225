#!/usr/bin/env bash
# DuckDB gives the largest UHUGEINT to Arrow as the decimal -1.
#
# duckdb 2.0.1, pyarrow 22.0.0, Python 3.11, Linux. Arrow has no integers of 128 bits; DuckDB exports HUGEINT
# and UHUGEINT as decimal128(38, 0), whose numbers have 38 digits and a sign. What needs 39 digits is written
# as its bits: 2^128 - 1 arrives as -1, without an error. A cast to VARCHAR is right.
#
# Seen: "text 340282366920938463463374607431768211455, Arrow -1 (decimal128(38, 0))". Fails if it is otherwise.
# Needs PyPI.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet duckdb==2.0.1 pyarrow==22.0.0
"$work/venv/bin/python" - <<'PY'
import duckdb

largest = 2**128 - 1
rows = duckdb.sql(f"SELECT n::VARCHAR AS text, n FROM (SELECT {largest}::UHUGEINT AS n)")
table = rows.to_arrow_table()
text, number = table["text"][0].as_py(), table["n"][0].as_py()
print(f"text {text}, Arrow {number} ({table.schema.field('n').type})")
raise SystemExit(text != str(largest) or number != -1)
PY
