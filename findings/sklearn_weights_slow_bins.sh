#!/usr/bin/env bash
# scikit-learn 1.9.1: boosted trees with weights look for their bins for longer than they grow.
#
# `HistGradientBoostingClassifier.fit(x, y, sample_weight=np.ones(n))` asks for the trees of a fit without
# weights, and one would guess its time. But the 254 cuts of a column are then weighted percentiles,
# asked for one by one, and each sorts the column again. 200,000 rows of 10 columns and 20 trees, on
# one core: 6.0 s with weights, 0.6 s without. From 200,001 rows on, the rows for the cuts are drawn by
# their weights, and 400,000 rows take 1 s with weights and without. Columns of at most 255 values
# have no such cuts, which is the way out. Python 3.11, Linux.
#
# This counts the calls, which do not depend on the machine.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet scikit-learn==1.9.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
from unittest.mock import patch

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.ensemble._hist_gradient_boosting import binning

rng = np.random.default_rng(0)


def calls(rows, weight):
    x, y = rng.normal(size=(rows, 4)), rng.random(rows) < 0.5
    with patch.object(binning, "_weighted_percentile", wraps=binning._weighted_percentile) as asked:
        trees = HistGradientBoostingClassifier(max_iter=2, early_stopping=False)
        trees.fit(x, y, sample_weight=np.ones(rows) if weight else None)
    return asked.call_count


found = {
    "1,000 rows": calls(1_000, weight=False),
    "1,000 rows with weights": calls(1_000, weight=True),
    "200,001 rows with weights": calls(200_001, weight=True),
}
for what, count in found.items():
    print(f"{what}: {count} weighted percentiles of 4 columns")
assert list(found.values()) == [0, 4 * 254, 0], found
PYTHON
