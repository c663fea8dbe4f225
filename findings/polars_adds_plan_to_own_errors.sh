#!/usr/bin/env bash
# Polars writes the expression, with the values in it, into an exception that one's own function raised.
#
# polars 2.1.0, Python 3.11, Linux. Whoever takes messages of Polars' own errors out of a log, and passes on those of
# the function in `map_batches`, logs the mapping of `replace_strict` all the same. The streaming engine adds nothing.
#
# Seen: "in-memory: 'refused' holds the mapping: True; streaming: 'refused' holds the mapping: False". Fails if both
# leave the message alone. Needs PyPI.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet polars==2.1.0
"$work/venv/bin/python" - <<'PY'
import polars as pl


def refuse(values: pl.Series) -> pl.Series:
    raise ValueError("refused")


masked = pl.col("name").replace_strict({"Ann": "a value of the data"})
query = pl.LazyFrame({"name": ["Ann"]}).select(masked.map_batches(refuse, return_dtype=pl.String))
held = {}
for engine in ("in-memory", "streaming"):
    try:
        query.collect(engine=engine)
    except ValueError as error:
        held[engine] = "a value of the data" in str(error)
print("; ".join(f"{engine}: 'refused' holds the mapping: {is_}" for engine, is_ in held.items()))
raise SystemExit(not any(held.values()))
PY
