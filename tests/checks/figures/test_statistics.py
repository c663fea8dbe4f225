"""Formulas, pinned by hand."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from anonymizer.checks.figures.statistics import (
    Z_95,
    Estimate,
    auc_interval,
    average_precision,
    detection,
    difference,
    excess_risk,
    fisher_test,
    ks_similarity,
    quotient,
    relative_rate,
    roc_auc,
    share,
    true_positives,
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


def test_a_difference_of_shares_by_hand() -> None:
    """Newcombe's own example (a): 56 of 70 against 48 of 80."""
    found = difference(share(56, 70), share(48, 80))
    assert [round(x, 4) for x in found] == [0.2, 0.0524, 0.3339]


def test_excess_risk_by_hand() -> None:
    """An attack that never fails on the training entities is all the risk there is."""
    found = excess_risk(share(10, 10), share(4, 10))
    assert (found.value, found.high) == (1, 1)
    assert excess_risk(share(7, 10), share(4, 10)).value == pytest.approx(0.5)
    assert math.isnan(excess_risk(share(10, 10), share(10, 10)).value)


@pytest.mark.parametrize(("attack", "control"), [(0.02, 0.01), (0.3, 0.3), (0.6, 0.2), (0.97, 0.9)])
def test_excess_risk_covers_the_truth(attack: float, control: float) -> None:
    """A nominal 95 % interval holds it in 93 to 99 % of simulations."""
    rng, truth = np.random.default_rng(4), (attack - control) / (1 - control)
    covered = []
    for a, c in zip(rng.binomial(400, attack, 800), rng.binomial(300, control, 800), strict=True):
        found = excess_risk(share(int(a), 400), share(int(c), 300))
        covered.append(found.low <= truth <= found.high)
    assert 0.93 <= np.mean(covered) <= 0.99


def test_an_auc_of_one_is_not_sure() -> None:
    """Fifteen above seven may be luck; a thousand above a thousand may not."""
    assert auc_interval(1, 15, 7).low < 0.9
    assert auc_interval(1, 1_000, 1_000).low > 0.99
    assert auc_interval(0.5, 100, 100).low == pytest.approx(0.42, abs=0.01)


@pytest.mark.parametrize(("apart", "positives", "negatives"), [(0.0, 60, 30), (1.0, 200, 80)])
def test_the_auc_interval_covers_the_truth(apart: float, positives: int, negatives: int) -> None:
    """Normal scores so far apart: a nominal 95 % interval holds Φ(d / √2) in 92 to 99 %."""
    rng, truth = np.random.default_rng(5), 0.5 * (1 + math.erf(apart / 2))
    label, covered = np.repeat([True, False], [positives, negatives]), []
    for _ in range(600):
        auc = roc_auc(label, rng.normal(apart * label, 1))
        found = auc_interval(auc, positives, negatives)
        covered.append(found.low <= truth <= found.high)
    assert 0.92 <= np.mean(covered) <= 0.99


def test_true_positives_by_hand() -> None:
    """The eleventh highest of a thousand negatives is the threshold at one percent."""
    found = true_positives(np.array([5.0, 989, 990.5, 2_000]), np.arange(1_000.0), 0.01)
    assert (found.found.value, found.rate) == (0.5, 0.01)
    few = true_positives(np.arange(9.0), np.arange(100.0), 0.01)
    assert few.rate == pytest.approx(1 - 0.0125**0.01)  # so few cannot assure one percent


@pytest.mark.parametrize(("apart", "negatives"), [(0.0, 150), (0.0, 2_000), (2.0, 2_000)])
def test_true_positives_cover_the_truth(apart: float, negatives: int) -> None:
    """What a threshold finds that exactly so many negatives exceed lies in the interval."""
    rng, covered, normal = np.random.default_rng(6), [], NormalDist()
    for _ in range(400):
        found = true_positives(rng.normal(apart, 1, 500), rng.normal(0, 1, negatives), 0.01)
        truth = 1 - normal.cdf(normal.inv_cdf(1 - found.rate) - apart)
        covered.append(found.found.low <= truth <= found.found.high)
    assert np.mean(covered) >= 0.95


def test_relative_rates_by_hand() -> None:
    """Of 30 hits 10 are here, where half of the base is: half as frequent per head, twice over."""
    found = relative_rate(10, 100, 20, 400, Z_95)
    low, high = share(10, 30)[1:]
    assert found.value == pytest.approx(0.1 / 0.05)
    assert found.low == pytest.approx(low / (1 - low) * 4)
    assert found.high == pytest.approx(high / (1 - high) * 4)
    assert relative_rate(0, 100, 20, 400, Z_95).value == 0
    assert math.isnan(relative_rate(3, 100, 0, 400, Z_95).high)


def test_intervals_of_relative_rates_hold_the_truth() -> None:
    """Three in a hundred on both sides, twice as many people here as there."""
    rng = np.random.default_rng(0)
    drawn = [(rng.binomial(2_000, 0.03), rng.binomial(1_000, 0.03)) for _ in range(1_000)]
    found = [relative_rate(int(a), 2_000, int(b), 1_000, Z_95) for a, b in drawn]
    assert np.mean([each.low <= 1 <= each.high for each in found]) == pytest.approx(0.95, abs=0.02)


def test_intervals_of_quotients_hold_the_truth() -> None:
    """Normal estimates with known errors; the true quotient is one half."""
    rng = np.random.default_rng(0)
    found = [
        quotient(Estimate(a, a - 2, a + 2), Estimate(b, b - 2, b + 2))
        for a, b in rng.normal([5, 10], 2 / Z_95, (1_000, 2))
    ]
    assert found[0].high - found[0].value == pytest.approx(found[0].value - found[0].low)
    assert np.mean([each.low <= 0.5 <= each.high for each in found]) == pytest.approx(
        0.95, abs=0.02
    )
