"""Boosted trees, as all checks use them. scikit-learn is an extra."""

import numpy as np
import numpy.typing as npt

from anonymizer.errors import MissingExtraError

FloatArray = npt.NDArray[np.float64]

GENTLE_OPTIONS = {"learning_rate": 0.05, "max_leaf_nodes": 15, "min_samples_leaf": 50}


class Trees:
    """Boosted trees that learn what is true of a row; nulls are NaN.

    Args:
        x: (N, D) numbers.
        truth: (N,) of both kinds.
        seed: of what is held out to know when to stop.
        weight: (N,) of rows.
        gentle: slow steps and large leaves, for signals that are weak or rare.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """

    def __init__(
        self,
        x: FloatArray,
        truth: npt.NDArray[np.bool_],
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
        """(N,) that it is true."""
        found: FloatArray = self.trees.predict_proba(x[:, self.used])[:, 1]
        return found
