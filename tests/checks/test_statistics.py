"""Formulas, pinned by hand."""

import math

import numpy as np
import pytest

from anonymizer.checks.statistics import (
    Estimate,
    Z,
    average_precision,
    detection,
    fisher_test,
    ks_similarity,
    quotient,
    relative_rate,
    roc_auc,
    share,
    sign_test,
    tv_similarity,
)


def test_roc_auc_by_hand() -> None:
    """Of the six pairs, four are ranked rightly and one is tied: 4.5 / 6."""
    truth, score = np.array([1, 1, 0, 0, 0]), np.array([0.9, 0.4, 0.8, 0.4, 0.1])
    assert roc_auc(truth, score) == pytest.approx(4.5 / 6)


def test_average_precision_by_hand() -> None:
    """Positives at ranks 1 and 3: (1 + 2/3) / 2; a tie is taken as one step."""
    assert average_precision(np.array([1, 0, 1, 0]), np.array([4, 3, 2, 1])) == pytest.approx(5 / 6)
    assert average_precision(np.array([1, 0]), np.array([1, 1])) == 0.5


def test_one_kind_only_has_no_figure() -> None:
    """Without positives or negatives there is nothing to rank."""
    assert math.isnan(roc_auc(np.array([1, 1]), np.array([1, 2])))
    assert math.isnan(average_precision(np.array([0, 0]), np.array([1, 2])))


def test_weights_are_repetitions() -> None:
    """A weight of three is the row three times."""
    rng = np.random.default_rng(0)
    truth, score, weight = rng.random(50) < 0.3, rng.random(50).round(1), rng.integers(0, 4, 50)
    again = np.repeat(np.arange(50), weight)
    for figure in (roc_auc, average_precision):
        assert figure(truth, score, weight) == pytest.approx(figure(truth[again], score[again]))


def test_fishers_test_by_hand() -> None:
    """The lady tasting tea: 3 of 4 cups right has 17/70, and more is less likely."""
    assert fisher_test(3, 4, 1, 4) == pytest.approx(17 / 70)
    assert fisher_test(4, 4, 0, 4) == pytest.approx(1 / 70)
    assert fisher_test(0, 4, 4, 4) == pytest.approx(1)


def test_share_by_hand() -> None:
    """Wilson's interval of 1 in 10, as tabulated."""
    found = share(1, 10)
    assert found.value == 0.1
    assert (round(found.low, 4), round(found.high, 4)) == (0.0179, 0.4042)
    assert share(0, 0)[1:] == (0.0, 1.0)


@pytest.mark.parametrize(("p", "n"), [(0.02, 400), (0.5, 100), (0.9, 60)])
def test_share_covers_the_truth(p: float, n: int) -> None:
    """A nominal 95 % interval covers in 90 to 99 % of simulations."""
    hits = np.random.default_rng(1).binomial(n, p, 1_000)
    covered = np.mean([share(int(h), n).low <= p <= share(int(h), n).high for h in hits])
    assert 0.90 <= covered <= 0.99


def test_the_bootstrap_covers_the_truth() -> None:
    """Scores with a known ROC AUC of Φ(1 / √2): the interval holds it in 90 to 99 % of draws."""
    rng, truth = np.random.default_rng(2), np.arange(400) % 2 == 0
    target = 0.5 * (1 + math.erf(0.5))
    covered = []
    for seed in range(100):
        found = detection(truth, rng.normal(truth.astype(float), 1), np.arange(400) // 2, seed)
        covered.append(found.roc_auc.low <= target <= found.roc_auc.high)
    assert 0.90 <= np.mean(covered) <= 0.99


def test_events_of_few_entities_tell_less() -> None:
    """The interval is by entity: the same events of fewer persons are wider apart."""
    rng = np.random.default_rng(3)
    person = rng.normal(0, 1, 20)
    truth = np.repeat(person + rng.normal(0, 1, 20) > 0, 50)
    score = np.repeat(person, 50) + rng.normal(0, 1, 1_000)
    few = detection(truth, score, np.arange(1_000) // 50, 0).roc_auc
    many = detection(truth, score, np.arange(1_000), 0).roc_auc
    assert few.high - few.low > 1.5 * (many.high - many.low)


def test_similarities_by_hand() -> None:
    """The distances are 1/2 and 1/4."""
    assert ks_similarity(np.array([1, 2]), np.array([2, 3])) == 0.5
    assert tv_similarity({"a": 2, "b": 2}, {"a": 3, "b": 1}) == 0.75
    assert ks_similarity(np.array([]), np.array([1])) == 0


def test_the_sign_test_by_hand() -> None:
    """Five of five is 1/32; as many on both sides is likely; nothing says nothing."""
    assert sign_test(5, 0) == pytest.approx(1 / 32)
    assert sign_test(2, 1) == pytest.approx(0.5)
    assert sign_test(0, 0) == pytest.approx(1)
    assert sign_test(600, 400) < 1e-9


def test_relative_rates_by_hand() -> None:
    """Of 30 hits 10 are here, where half of the base is: half as frequent per head, twice over."""
    found = relative_rate(10, 100, 20, 400, Z)
    low, high = share(10, 30)[1:]
    assert found.value == pytest.approx(0.1 / 0.05)
    assert found.low == pytest.approx(low / (1 - low) * 4)
    assert found.high == pytest.approx(high / (1 - high) * 4)
    assert relative_rate(0, 100, 20, 400, Z).value == 0
    assert math.isnan(relative_rate(3, 100, 0, 400, Z).high)


def test_intervals_of_relative_rates_hold_the_truth() -> None:
    """Three in a hundred on both sides, twice as many people here as there."""
    rng = np.random.default_rng(0)
    drawn = [(rng.binomial(2_000, 0.03), rng.binomial(1_000, 0.03)) for _ in range(1_000)]
    found = [relative_rate(int(a), 2_000, int(b), 1_000, Z) for a, b in drawn]
    assert np.mean([each.low <= 1 <= each.high for each in found]) == pytest.approx(0.95, abs=0.02)


def test_intervals_of_quotients_hold_the_truth() -> None:
    """Normal estimates with known errors; the true quotient is one half."""
    rng = np.random.default_rng(0)
    found = [
        quotient(Estimate(a, a - 2, a + 2), Estimate(b, b - 2, b + 2))
        for a, b in rng.normal([5, 10], 2 / Z, (1_000, 2))
    ]
    assert found[0].high - found[0].value == pytest.approx(found[0].value - found[0].low)
    assert np.mean([each.low <= 0.5 <= each.high for each in found]) == pytest.approx(
        0.95, abs=0.02
    )
