"""Accuracy by hand on tiny tables, and what it sees."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from anonymizer.checks.figures.thresholds import judged
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.utility.accuracy import accuracy, accuracy_figures, agreement, learn_bins


def test_agreement_by_hand() -> None:
    """One minus half the sum of differences; the ceiling is the mean of normal differences."""
    found = agreement(np.array([5, 5, 0]), np.array([16, 2, 2]))
    assert found.value == pytest.approx(1 - (0.3 + 0.4 + 0.1) / 2)
    spread = 2 * np.sqrt(0.25 * (1 / 10 + 1 / 20) * 2 / np.pi)
    assert found.ceiling == pytest.approx(1 - spread / 2)


def test_the_ceiling_is_what_chance_reaches() -> None:
    """Over many pairs of samples of one distribution the mean agreement is the ceiling."""
    rng = np.random.default_rng(0)
    shares = np.array([0.4, 0.3, 0.2, 0.1])
    pairs = [(rng.multinomial(400, shares), rng.multinomial(300, shares)) for _ in range(400)]
    found = [agreement(a, b) for a, b in pairs]
    assert np.mean([f.value for f in found]) == pytest.approx(found[0].ceiling, abs=0.004)


def test_bins_by_hand() -> None:
    """Few values have a bin each, many are cut at quantiles, rare categories are one."""
    few = learn_bins(pl.Series([3, 1, None, 3]), 10)
    assert few.encode(pl.Series([1, 2, 3, 9, None, -5])).tolist() == [1, 1, 2, 2, 0, 1]
    many = learn_bins(pl.Series(np.arange(1_000) / 7), 4)
    assert np.bincount(many.encode(pl.Series(np.arange(1_000) / 7)))[1:].tolist() == pytest.approx(
        [250] * 4, abs=8
    )
    words = learn_bins(pl.Series(["a"] * 9 + ["b"] * 6 + ["c"] * 2), 10)
    assert words.encode(pl.Series(["b", "a", "c", None, "z"])).tolist() == [3, 2, 1, 0, 1]
    nothing = learn_bins(pl.Series([None, None], dtype=pl.Float64), 10)
    assert nothing.encode(pl.Series([None, 1.0])).tolist() == [0, 1]


def test_others_of_the_same_source_reach_the_ceiling(sets: ComparedSets) -> None:
    """Within what one draw of events may do."""
    found = accuracy(sets, 0)
    for part in (found.univariate, found.bivariate, found.coherence):
        assert part.value > part.ceiling - 0.06
    assert judged(accuracy_figures(sets, 0))["accuracy_overall"].colour == "green"
    worthless = accuracy_figures(replace(sets, synthetic=sets.shuffled(0)), 0)
    assert judged(worthless)["accuracy_overall"].colour != "green"


def test_each_kind_of_damage_lowers_its_own_accuracy(sets: ComparedSets) -> None:
    """Order within histories is coherence; columns apart are pairs; raised amounts are columns."""
    honest = accuracy(sets, 0)

    def of(frame: pl.DataFrame) -> dict[str, float]:
        found = accuracy(replace(sets, synthetic=frame), 0)
        return {
            name: part.value - whole.value
            for (name, part), whole in zip(found._asdict().items(), honest, strict=True)
        }

    raised = of(sets.synthetic.with_columns(pl.col("amount") * 3))
    assert raised["univariate"] < -0.05
    apart = of(sets.synthetic.with_columns(pl.col("item").shuffle(0), pl.col("amount").shuffle(1)))
    assert apart["coherence"] < -0.05
    assert apart["univariate"] > -0.03
    cut = of(sets.synthetic.group_by("customer", maintain_order=True).head(5))
    assert cut["univariate"] < -0.1


def test_the_order_of_rows_and_the_names_of_entities_do_not_matter(sets: ComparedSets) -> None:
    """Text for entities, and rows in another order, give the same figures."""

    def mixed(frame: pl.DataFrame) -> pl.DataFrame:
        renamed = frame.with_columns(pl.format("c{}", pl.col("customer") * 7).alias("customer"))
        return renamed.sample(fraction=1, shuffle=True, seed=1)

    other = ComparedSets(
        mixed(sets.real), mixed(sets.synthetic), mixed(sets.holdout), "customer", "time"
    )
    expected, found = accuracy(sets, 0), accuracy(other, 0)
    assert found.univariate.value == pytest.approx(expected.univariate.value, abs=0.03)
