"""From a budget, epsilon and delta, to the noise that it asks for.

What is counted exactly once (vocabularies, grids, histograms) is paid by Gaussian mechanisms, the
weights by Gaussian mechanisms on Poisson samples of the entities (Abadi et al. 2016). All of them
are composed as privacy loss distributions (Koskela et al. 2020; Google's dp-accounting). Adding or
leaving out one entity, with all its events, is what must not show.
"""

import math
from dataclasses import dataclass
from typing import Any

from anonymizer.errors import DataError, MissingExtraError

LEAST = 0.01  # epsilon that leaves anything to be learned
STATISTICS = 0.3  # share of epsilon that the statistics alone would cost
SELECTING = 0.5  # share of delta that vocabularies may take, if there are any
FINE = 5e-4  # of epsilon, by which privacy losses are told apart; coarser would cost more
NOISE = (0.05, 1e6)  # in sensitivities, between which it is looked for
PRECISE = 1.005  # ratio of two amounts of noise that are not told apart


@dataclass(frozen=True)
class Promise:
    """(epsilon, delta)-differential privacy (Dwork et al. 2006) of entities."""

    epsilon: float
    delta: float

    @classmethod
    def of(cls, epsilon: Any, delta: Any) -> "Promise | None":
        """Read what was asked for; None where nothing was.

        Raises:
            DataError: only one of the two is given, or one of them promises nothing.
        """
        if epsilon is None and delta is None:
            return None
        if epsilon is None or delta is None:
            raise DataError("epsilon and delta belong together: give both or neither")
        if not _is_number(epsilon) or not LEAST <= epsilon < math.inf:
            raise DataError(f"epsilon must be a number from {LEAST} on, such as 3: less is noise")
        if not _is_number(delta) or not 0 < delta < 1:
            raise DataError("delta must be a number above 0 and far below 1 / entities")
        return cls(float(epsilon), float(delta))


@dataclass(frozen=True)
class Budget:
    """How a budget is spent; settled before the data is looked at.

    Attributes:
        promise: the whole budget.
        statistics: how many are bought; one entity moves each by 1 at most.
        selections: vocabularies among them, which also cost some of delta.
        noise: standard deviation of the noise on a statistic.
        rate: chance of each entity to be part of a training step.
        steps: of training, of all networks together.
        training_noise: standard deviation on a step's sum, of which one entity is 1 at most.
    """

    promise: Promise
    statistics: int
    selections: int
    noise: float
    rate: float
    steps: int
    training_noise: float

    @property
    def delta_per_selection(self) -> float:
        """The chance that a vocabulary may have to name what one entity alone holds."""
        return self.promise.delta * SELECTING / max(self.selections, 1)


def split_budget(
    promise: Promise, *, statistics: int, selections: int, rate: float, steps: int
) -> Budget:
    """The least noise that keeps a promise; arguments as in `Budget`.

    Raises:
        DataError: no noise could.
        MissingExtraError: dp-accounting is not installed.
    """
    delta = promise.delta * (1 - SELECTING if selections else 1)

    def cost(*mechanisms: tuple[int, float, float]) -> float:
        return spent(*mechanisms, delta=delta, grid=FINE * promise.epsilon)

    noise = _least(lambda s: cost((statistics, s, 1.0)) <= STATISTICS * promise.epsilon)
    bought = (statistics, noise, 1.0)
    training = _least(lambda s: cost(bought, (steps, s, rate)) <= promise.epsilon)
    return Budget(promise, statistics, selections, noise, rate, steps, training)


def spent(*mechanisms: tuple[int, float, float], delta: float, grid: float = 1e-4) -> float:
    """The epsilon of Gaussian mechanisms of sensitivity 1, one after another.

    Args:
        mechanisms: how many, their noise (a standard deviation), and the chance of each entity to
            be looked at by one of them.
        delta: at which.
        grid: step of the privacy losses that are told apart; a coarse one says more than was spent.

    Raises:
        MissingExtraError: dp-accounting is not installed.
    """
    try:
        from dp_accounting.pld import privacy_loss_distribution
    except ModuleNotFoundError as error:
        raise MissingExtraError("differential privacy", "privacy") from error
    total = None
    for count, noise, rate in mechanisms:
        # Where everybody is looked at, n mechanisms are one with less noise: that is exact.
        exact = rate == 1
        one = privacy_loss_distribution.from_gaussian_mechanism(
            noise / count**0.5 if exact else noise,
            value_discretization_interval=grid,
            sampling_prob=rate,
        )
        each = one if exact else one.self_compose(count)
        total = each if total is None else total.compose(each)
    return math.inf if total is None else float(total.get_epsilon_for_delta(delta))


def _least(enough: Any) -> float:
    """The least noise that is enough, by bisection; never less than that.

    Raises:
        DataError: no noise is.
    """
    low, high = NOISE
    if not enough(high):
        raise DataError("epsilon or delta is too small: no amount of noise could keep that promise")
    while high / low > PRECISE:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
