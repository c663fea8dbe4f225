"""An attacker who trains models like the one in question."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import polars as pl
import pytest

from anonymizer.checks.check.privacy_figures import privacy_figures
from anonymizer.checks.figures.statistics import roc_auc
from anonymizer.checks.figures.thresholds import judged
from anonymizer.checks.privacy.membership import Calibration, Likelihood, Targets
from anonymizer.checks.privacy.shadows import require_people, require_shadows, shadow_figures
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.sets.neighbours import Space
from anonymizer.composition import shadows_of
from anonymizer.errors import DataError, UsageError
from tests.checks.conftest import draw


def trained(seed: int, memory: float = 1) -> Calibration:
    """A training after which histories are as likely as they are difficult, up to some chance.

    Those that it has seen are likelier by `memory`, in nats.
    """

    def learn(seen: pl.DataFrame) -> Likelihood:
        known = set(seen["customer"])

        def loss(frame: pl.DataFrame) -> pl.DataFrame:
            who = frame.group_by("customer").len()
            ids = who["customer"].to_numpy()
            difficulty = np.sin(ids * 12.9898) * 5  # the same to each model
            chance = np.random.default_rng(seed).normal(size=100_000)[ids]
            total = difficulty + chance - memory * np.isin(ids, list(known))
            return who.select("customer", loss=pl.Series(total) / who["len"])

        return loss

    return learn


def figures_of(sets: ComparedSets, likelihood: Likelihood, seed: int = 0) -> dict[str, object]:
    """Of an attack by eight shadows."""
    shadows = [trained(100 + seed * 10 + number) for number in range(8)]
    return dict(judged(shadow_figures(sets, Space.of(sets), likelihood, shadows, seed)))


@pytest.fixture(scope="module")
def cut() -> ComparedSets:
    """300 customers and a holdout of 600; who sampled does not matter here."""
    return ComparedSets(
        draw(0, 1, 300), draw(9_000, 2, 20), draw(5_000, 3, 600), "customer", "time"
    )


def test_members_are_found_whom_the_loss_hides(cut: ComparedSets) -> None:
    """How difficult histories are drowns who was learned, but not beside models alike."""
    model = trained(7, memory=2)(cut.real)
    shadows = [trained(100 + number) for number in range(8)]
    figures = judged(privacy_figures(cut, 0, model, shadows=shadows))
    assert 0.5 < figures["likelihood_auc"].estimate.value < 0.7
    assert figures["shadows_auc"].estimate.value > 0.8
    assert figures["shadows_auc"].colour == "red"
    assert figures["shadows_found"].colour == "red"


def test_a_model_that_knows_nobody_is_rarely_flagged(cut: ComparedSets) -> None:
    """Of twenty that learned from others, one at most, by any of the four figures."""
    flagged, strangers = 0, draw(20_000, 4, 10)
    for seed in range(20):
        found = figures_of(cut, trained(1_000 + seed)(strangers), seed)
        assert len(found) == 4
        flagged += any(figure.colour in {"amber", "red"} for figure in found.values())  # type: ignore[attr-defined]
    assert flagged <= 1


def test_each_person_is_in_half_of_the_shadows(cut: ComparedSets) -> None:
    """Members and no more others than these, each in one half of every pair; seeds differ."""

    def halves(seed: int) -> list[set[int]]:
        seen: list[set[int]] = []

        def shadow(number: int) -> Calibration:
            def learn(frame: pl.DataFrame) -> Likelihood:
                seen.append(set(frame["customer"]))
                return trained(number)(frame)

            return learn

        model = trained(7)(cut.real)
        shadow_figures(cut, Space.of(cut), model, [shadow(n) for n in range(4)], seed)
        return seen

    one, rest, two, other = seen = halves(0)
    assert one | rest == two | other
    assert not one & rest
    assert not two & other
    assert [len(half) for half in seen] == [300] * 4
    assert set(cut.real["customer"]) <= one | rest
    assert one != two
    assert halves(0) == seen != halves(1)


def test_a_small_holdout_is_used_as_it_is(cut: ComparedSets) -> None:
    """Fewer others than members: all of them are asked about."""
    small = replace(cut, holdout=draw(5_000, 3, 80))
    text = figures_of(small, trained(7)(small.real))["shadows_auc"].meaning  # type: ignore[attr-defined]
    assert "300 members, 40 others" in text


@pytest.mark.parametrize("count", [-2, 1, 2, 7])
def test_shadows_come_in_pairs(count: int) -> None:
    """And a spread of two is none."""
    with pytest.raises(UsageError, match="shadows come in pairs"):
        require_shadows(count)


def test_a_few_people_teach_no_shadow() -> None:
    """Said before anything is trained."""
    few = ComparedSets(draw(0, 1, 120), draw(9_000, 2, 20), draw(5_000, 3, 100), "customer", "time")
    with pytest.raises(DataError, match="would learn from 85 entities"):
        require_people(few)
    require_people(replace(few, holdout=draw(5_000, 3, 240)))


def test_scores_do_not_depend_on_what_a_history_costs(cut: ComparedSets) -> None:
    """A model beside shadows that are equal to it finds nobody: all scores are equal."""
    alike: Callable[[pl.DataFrame], Likelihood] = lambda _frame: trained(7)(cut.holdout)  # noqa: E731
    found = shadow_figures(cut, Space.of(cut), trained(7)(cut.holdout), [alike] * 4, 0)
    assert found["shadows_auc"].estimate.value == 0.5
    targets = Targets.draw(Space.of(cut), 0)
    assert roc_auc(targets.truth, np.zeros(len(targets.distance))) == 0.5


@dataclass
class Fitted:
    """Stands for a model, and keeps what it was fitted with."""

    settings: ClassVar[dict[str, Any]] = {"entity": "customer", "max_epochs": 3}
    given: dict[str, Any]

    @classmethod
    def fit(cls, frame: pl.DataFrame, **given: Any) -> "Fitted":
        """Learn nothing."""
        return cls({"rows": len(frame), **given})

    def loss(self, _frame: pl.DataFrame) -> dict[str, Any]:
        """What it was fitted with."""
        return self.given


def test_shadows_are_trained_as_the_model_was() -> None:
    """With its settings and other seeds, and each says when it begins."""
    told: list[str] = []
    shadows = shadows_of(Fitted({}), 4, seed=10, progress=told.append)
    assert told == []
    fitted: list[Any] = [shadow(draw(0, 1, 2))(draw(0, 1, 2)) for shadow in shadows]
    assert [each.pop("seed") for each in fitted] == [11, 12, 13, 14]
    assert all(each.items() >= Fitted.settings.items() for each in fitted)
    assert told[-1] == "shadow model 4 of 4 is trained"
