"""Boosted trees (histogram gradient boosting), as all checks use them. scikit-learn is an extra."""

import numpy as np

from anonymizer.arrays import BoolArray, FloatArray
from anonymizer.errors import MissingExtraError

GENTLE_OPTIONS = {"learning_rate": 0.05, "max_leaf_nodes": 15, "min_samples_leaf": 50}


class Trees:
    """Boosted trees that learn which rows are true of two kinds. NaN stands for a missing number.

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
        except ImportError as error:
            raise MissingExtraError("the check", "report") from error
        # A column without any number cannot be cut.
        self.used = np.isfinite(x).any(axis=0)
        self.trees = HistGradientBoostingClassifier(
            random_state=seed, **GENTLE_OPTIONS if gentle else {}
        )
        self.trees.fit(x[:, self.used], truth, sample_weight=weight)

    def chance(self, x: FloatArray) -> FloatArray:
        """(N,) the chance that each row of x (N, D) is true, in [0, 1]."""
        found: FloatArray = self.trees.predict_proba(x[:, self.used])[:, 1]
        return found
