#!/usr/bin/env bash
# An expression that holds a null is computed by Polars as often as it is written.
#
# polars 2.1.0, Python 3.11, Linux. What stands several times in a query is computed once (common
# subexpression elimination). That ends where a null literal is somewhere inside, as nulls are not
# equal: in `when().then()` without `otherwise`, in `strip_chars()` without characters. A keyed
# permutation of UUIDs, put together of five parts with hyphens, took six times as long, and no
# plan says so: only the function that is called can count.
#
# Seen: "fill_null 1, strip_chars 2, when without otherwise 2, when with otherwise 1" calls.
# Fails if each is called once. Needs PyPI.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet polars==2.1.0
"$work/venv/bin/python" - <<'PY'
import polars as pl

a = pl.col("a")
inputs = {
    "fill_null": a.fill_null("z"),
    "strip_chars": a.str.strip_chars(),
    "when without otherwise": pl.when(a != "").then(a),
    "when with otherwise": pl.when(a != "").then(a).otherwise(pl.lit("z")),
}
calls = dict.fromkeys(inputs, 0)
for name, given in inputs.items():

    def costly(values: pl.Series) -> pl.Series:
        calls[name] += 1
        return values

    once = given.map_batches(costly, return_dtype=pl.String, is_elementwise=True)
    pl.LazyFrame({"a": ["abc"]}).select(b=once + once).collect()
print(", ".join(f"{name} {count}" for name, count in calls.items()), "calls")
raise SystemExit(max(calls.values()) == 1)
PY
