#!/usr/bin/env bash
# Methods of a Polars Series fail, or give another answer, where its name looks like a pattern.
#
# polars 2.1.0, Python 3.11, Linux. A column may be called `^a.*$`, as a header of a CSV may hold anything. Methods
# that Series has from expressions look the name up as a pattern over a frame of one column: `unique` finds none.
#
# Seen: "called plain: [1, 2], called ^a.*$: IndexError". Fails if both give the same. Needs PyPI.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet polars==2.1.0
"$work/venv/bin/python" - <<'PY'
import polars as pl


def unique(name: str) -> object:
    try:
        return sorted(pl.Series(name, [1, 1, 2]).unique().to_list())
    except Exception as error:
        return type(error).__name__


plain, pattern = unique("plain"), unique("^a.*$")
print(f"called plain: {plain}, called ^a.*$: {pattern}")
raise SystemExit(plain != [1, 2] or pattern == plain)
PY
