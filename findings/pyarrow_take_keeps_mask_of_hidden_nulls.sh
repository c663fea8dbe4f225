#!/usr/bin/env bash
# Taking all rows of a list array drops what lies below its null lists, but a mask of nulls stays that
# tells whether something null lay there.
#
# pyarrow 26.0.1, Python 3.11, Linux. Two arrays that are equal, [null, [false]], differ below the null
# list: one hides a null, the other true. After `take` of all rows the hidden value is gone from both,
# and both children are [false] without any null. The child of the first has a validity bitmap all the
# same, that of the second has none: written as IPC the two have different bytes. Who compares masked
# files by their bytes, or hands out Arrow buffers, sees it; going through Polars 2.1.0 drops the bitmap.
#
# Seen: "equal True, hidden null: bitmap True, hidden true: bitmap False, after Polars: bitmap False".
# Fails if that changes. Needs PyPI.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pyarrow==26.0.1 polars==2.1.0
"$work/venv/bin/python" - <<'PY'
import polars as pl
import pyarrow as pa


def taken(hidden):
    values = pa.array([hidden, False])
    lists = pa.ListArray.from_arrays([0, 1, 2], values, mask=pa.array([True, False]))
    return lists.take(pa.array([0, 1]))


def has_bitmap(lists):
    assert lists.values.to_pylist() == [False] and lists.values.null_count == 0
    return lists.values.buffers()[0] is not None


null, true = taken(None), taken(True)
polars = pl.Series(null).to_arrow(compat_level=pl.CompatLevel.oldest())
found = null.equals(true), has_bitmap(null), has_bitmap(true), has_bitmap(polars)
told = "equal {}, hidden null: bitmap {}, hidden true: bitmap {}, after Polars: bitmap {}"
print(told.format(*found))
raise SystemExit(found != (True, True, False, False))
PY
