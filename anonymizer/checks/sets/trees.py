"""Boosted trees (histogram gradient boosting), as all checks use them. scikit-learn is an extra."""

from functools import partial

import numpy as np

from anonymizer.arrays import BoolArray, FloatArray
from anonymizer.errors import MissingExtraError

BINS = 255  # of a column, as many as scikit-learn takes
GENTLE_OPTIONS = {"learning_rate": 0.05, "max_leaf_nodes": 15, "min_samples_leaf": 50}


class Trees:
    """Boosted trees that learn which rows are true of two kinds. NaN stands for a missing number.

    They compute with one thread: 100,000 rows take two seconds so, and where cores are busy two
    threads that wait for each other took five to fifteen times as long.

    Args:
        x: (N, D) numbers.
        truth: (N,) what is true of each row; both kinds occur.
        seed: of the rows that are held out to know when to stop.
        weight: (N,) how much each row counts; alike by default.
        gentle: slow steps and large leaves, for signals that are weak or rare.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """

    def __init__(
        self,
        x: FloatArray,
        truth: BoolArray,
        seed: int,
        weight: FloatArray | None = None,
        *,
        gentle: bool = False,
    ) -> None:
        try:
            from sklearn.ensemble import HistGradientBoostingClassifier
            from threadpoolctl import threadpool_limits
        except ImportError as error:
            raise MissingExtraError("the check", "report") from error
        # A column without any number cannot be cut.
        self.used = np.isfinite(x).any(axis=0)
        self.cuts = [] if weight is None else [_cuts(column) for column in x[:, self.used].T]
        self.trees = HistGradientBoostingClassifier(
            random_state=seed, **GENTLE_OPTIONS if gentle else {}
        )
        self._one_thread = partial(threadpool_limits, 1, "openmp")
        with self._one_thread():
            self.trees.fit(self._columns(x), truth, sample_weight=weight)

    def chance(self, x: FloatArray) -> FloatArray:
        """(N,) the chance that each row of x (N, D) is true, in [0, 1]."""
        with self._one_thread():
            found: FloatArray = self.trees.predict_proba(self._columns(x))[:, 1]
        return found

    def _columns(self, x: FloatArray) -> FloatArray:
        """What the trees see of x (N, D): its bins where rows have weights, else its numbers.

        Weighted quantiles would take scikit-learn 1.9 ten times as long as all trees.
        """
        columns = x[:, self.used]
        for cuts, column in zip(self.cuts, columns.T, strict=False):
            there = np.isfinite(column)
            column[there] = np.searchsorted(cuts, column[there])
        return columns


def _cuts(column: FloatArray) -> FloatArray:
    """The upper ends of a column's bins: its values, or quantiles if there are too many."""
    values = np.unique(column[np.isfinite(column)])
    if len(values) <= BINS:
        return values
    levels = np.arange(1, BINS) / BINS
    return np.unique(np.nanquantile(column, levels, method="averaged_inverted_cdf"))
