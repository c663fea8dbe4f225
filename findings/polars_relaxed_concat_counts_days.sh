#!/usr/bin/env bash
# Polars stacks a column of dates on one of whole numbers as days since 1970, where types may widen.
#
# polars 2.1.0, Python 3.11, Linux. `pl.concat(how="vertical_relaxed")` widens Date and Int64 to Int64,
# and the date turns into a number: of a delivery with dates and one with years, 2024-01-01 stands as
# 19723 beside 2024, no error and no warning, and joins or comparisons of both find nothing in common.
# Time turns into nanoseconds. Duration beside Datetime is refused. Dates as numbers are cast on
# purpose (`dt.year`, `to_physical`); compare the types before the tables are stacked.
#
# Seen: "[19723, 2024] of Int64, [3600000000000, 1] of Int64". Fails if that changes. Needs PyPI.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet polars==2.1.0
"$work/venv/bin/python" - <<'PY'
from datetime import date, time

import polars as pl

found = []
for value, number in ((date(2024, 1, 1), 2024), (time(1), 1)):
    tables = [pl.DataFrame({"x": [each]}) for each in (value, number)]
    both = pl.concat(tables, how="vertical_relaxed")["x"]
    found.append(f"{both.to_list()} of {both.dtype}")
print(", ".join(found))
raise SystemExit(found != ["[19723, 2024] of Int64", "[3600000000000, 1] of Int64"])
PY
