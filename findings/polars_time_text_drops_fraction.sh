#!/usr/bin/env bash
# Polars casts times of day to text without what is below a second; datetimes keep it.
#
# polars 2.1.0, Python 3.11, Linux. A Time of 12:30:00.25 cast to String is `12:30:00`, also inside
# lists, `pl.format` and `pl.concat_str`, so that two different times become one text and one hash. The
# same cast of a Datetime keeps `.250000`. `dt.to_string("iso")`, JSON and CSV keep it.
#
# Seen: "Time: 12:30:00, Datetime: 2024-05-06 12:30:00.250000, iso: 12:30:00.250". Fails if the cast
# keeps the fraction. Needs PyPI.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet polars==2.1.0
"$work/venv/bin/python" - <<'PY'
from datetime import datetime, time

import polars as pl

of_day = pl.Series([time(12, 30, 0, 250_000)])
moment = pl.Series([datetime(2024, 5, 6, 12, 30, 0, 250_000)])
text = of_day.cast(pl.String).item()
whole = moment.cast(pl.String).item()
print(f"Time: {text}, Datetime: {whole}, iso: {of_day.dt.to_string('iso').item()}")
raise SystemExit("25" in text or "25" not in whole)
PY
