#!/usr/bin/env bash
# NumPy 2.4.6: `np.unique` of integers that differ takes many times as long as sorting them.
#
# Since 2.3 `np.unique(x)` deals integers into a hash table, and one would guess that this is what a
# hash table is for: faster. Of values that come again and again it is (1,000 in a million: half of
# a sort). Of a million that all differ, as ids and times do, it takes some 20 times a sort, and 8
# times `np.unique(x, return_index=True)`, which is asked for more and sorts. NumPy 2.2.6 took one to
# three sorts. x86-64, Linux, Python 3.11, one core.
#
# Seen: medians over that of `np.sort`, "2.2.6: 2.7, with the index 3.7", "2.4.6: 18.6, with the index
# 2.3". Fails if 2.4.6 falls below 4.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for version in 2.2.6 2.4.6; do
    python3 -m venv "$folder/$version"
    "$folder/$version/bin/pip" install --quiet "numpy==$version"
    "$folder/$version/bin/python" - <<'PYTHON'
from statistics import median
from timeit import repeat

import numpy as np

x = np.random.default_rng(0).integers(0, 10**12, 1_000_000)
runs = [repeat(f, number=1, repeat=5) for f in (
    lambda: np.unique(x), lambda: np.unique(x, return_index=True), lambda: np.sort(x)
)]  # fmt: skip
alone, indexed, sort = map(median, runs)
print(f"{np.__version__}: {alone / sort:.1f}, with the index {indexed / sort:.1f}")
assert alone / sort > 4 if np.__version__ == "2.4.6" else alone / sort < 4
PYTHON
done
