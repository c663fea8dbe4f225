"""Attackers who ask whether somebody was in the training data."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from anonymizer.checks.check.privacy_figures import privacy_figures
from anonymizer.checks.figures.statistics import roc_auc
from anonymizer.checks.figures.thresholds import judged
from anonymizer.checks.privacy.membership import (
    Targets,
    density_ratio,
    likelihood_ratio,
    losses,
    membership_figures,
)
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.sets.neighbours import Space, nearest
from anonymizer.errors import DataError
from tests.checks.conftest import draw


def perturbed(frame: pl.DataFrame, seed: int) -> pl.DataFrame:
    """What an overfitted generator gives: training histories, resampled and a little disturbed."""
    rng = np.random.default_rng(seed)
    ids = frame["customer"].unique().sort()
    chosen = ids.gather(rng.integers(len(ids), size=len(ids)))
    again = pl.DataFrame({"customer": chosen, "new": np.arange(len(ids)) + 70_000})
    events = again.join(frame, on="customer", maintain_order="left_right")
    return events.with_columns(
        pl.col("amount") * rng.lognormal(0, 0.02, len(events)),
        pl.col("time") + pl.Series(rng.integers(-6, 7, len(events))) * timedelta(hours=1),
        customer=pl.col("new"),
    ).select(frame.columns)


def test_an_overfitted_generator_gives_members_away(sets: ComparedSets) -> None:
    """No history is a copy, and members are found; outliers are members like others."""
    overfitted = replace(sets, synthetic=perturbed(sets.real, 0))
    figures = judged(privacy_figures(overfitted, 0))
    assert figures["copies"].colour == "green"
    assert {figures[f"membership_{x}"].colour for x in ("auc", "found")} == {"red"}
    assert figures["membership_auc_outliers"].estimate.value > 0.6


def test_who_was_copied_stands_out(sets: ComparedSets) -> None:
    """A member is copied, others are not: it has the highest score of all."""
    one = sets.real.filter(pl.col("customer") == 7).with_columns(customer=pl.lit(99_999, pl.Int64))
    leaky = replace(sets, synthetic=pl.concat([sets.synthetic, one]))
    space = Space.of(leaky)
    targets = Targets.draw(space, 0)
    score = density_ratio(space, targets)
    assert targets.members[np.argmax(score[: len(targets.members)])] == 7


def test_who_is_whom(sets: ComparedSets) -> None:
    """The two halves of the holdout are apart, and a tenth of the targets are outliers."""
    targets = Targets.draw(Space.of(sets), 0)
    assert len(targets.members) == 150
    assert not set(targets.others.tolist()) & set(targets.reference.tolist())
    assert len(targets.others) + len(targets.reference) == 150
    assert targets.outliers.mean() == pytest.approx(0.1, abs=0.02)


def known(frame: pl.DataFrame) -> pl.DataFrame:
    """A model that has learned by heart the customers below 1,000; long histories are unlikely."""
    length = pl.len().cast(pl.Float64)
    rows = frame.group_by("customer").agg(length=length)
    return rows.select(
        "customer", loss=pl.col("length") - 3.0 * (pl.col("customer") < 1_000)
    ).sample(fraction=1, shuffle=True, seed=0)


def test_a_model_that_remembers_is_red(sets: ComparedSets) -> None:
    """Difficult histories hide it, until a model of others says what is difficult."""

    def calibration(frame: pl.DataFrame) -> object:
        assert frame["customer"].min() >= 1_000  # type: ignore[operator]
        return lambda asked: asked.group_by("customer").agg(loss=pl.len().cast(pl.Float64))

    wide = replace(sets, holdout=draw(1_000, 3, 300))
    space = Space.of(wide)
    raw, calibrated = (
        judged(membership_figures(wide, space, 0, known, each))["likelihood_auc"]  # type: ignore[arg-type]
        for each in (None, calibration)
    )
    assert calibrated.estimate.value == 1
    assert calibrated.colour == "red"
    assert 0.5 < raw.estimate.value < 0.8


def test_too_few_others_teach_no_calibration(sets: ComparedSets) -> None:
    """A reference of 75 people is no training set; the likelihood stays as it is."""

    def calibration(_frame: pl.DataFrame) -> object:
        raise AssertionError

    targets = Targets.draw(Space.of(sets), 0)
    score = likelihood_ratio(sets, targets, known, calibration)  # type: ignore[arg-type]
    assert roc_auc(targets.truth, score) > 0.5


def test_losses_are_those_of_their_entities(sets: ComparedSets) -> None:
    """Whatever the order in which they come; a missing one is an error."""
    frame = sets.real.reverse()
    found = losses("customer", known, frame)
    lengths = frame.group_by("customer", maintain_order=True).len()["len"].to_numpy()
    assert found.tolist() == (lengths - 3).tolist()
    with pytest.raises(DataError, match="one loss of each entity"):
        losses("customer", lambda f: known(f).head(5), frame)


def lengths(frame: pl.DataFrame) -> pl.DataFrame:
    """A model that knows nobody: long histories are unlikely."""
    return frame.group_by("customer").agg(loss=pl.len().cast(pl.Float64))


def spans(frame: pl.DataFrame) -> pl.DataFrame:
    """Another: those that last are."""
    span = (pl.col("time").max() - pl.col("time").min()).dt.total_days()
    return frame.group_by("customer").agg(loss=span.cast(pl.Float64))


def test_honest_data_is_rarely_flagged_by_any_figure() -> None:
    """Of thirty honest sets, one or two at most are not green in every figure."""
    flagged = 0
    for s in range(30):
        frames = (draw(0, s), draw(5_000, s + 100), draw(9_000, s + 200, 220))
        sets = ComparedSets(*frames, "customer", "time")
        figures = judged(privacy_figures(sets, s, lengths, lambda _frame: spans))
        flagged += any(f.colour in {"amber", "red"} for f in figures.values())
    assert flagged <= 2


def test_of_a_few_entities_nothing_is_good() -> None:
    """An interval that leaves nearly everything open is no colour, and says so; a leak is one."""
    few = ComparedSets(draw(0, 1, 8), draw(5_000, 2, 8), draw(1_000, 3, 8), "customer", "time")
    figures = judged(privacy_figures(few, 0))
    for name in ("membership_found", "membership_auc", "dcr_share"):
        low, high = figures[name].estimate[1:]
        assert high - low > 0.5
        assert figures[name].colour is None
        assert "Not judged: the interval leaves nearly everything open" in figures[name].meaning
    alike = draw(0, 1, 60)
    copied = ComparedSets(alike, alike, draw(1_000, 3, 60), "customer", "time")
    assert judged(privacy_figures(copied, 0))["membership_auc"].colour == "red"


def test_nearest_is_what_a_table_of_distances_says() -> None:
    """Index, distance and the distance of the next, in one piece or in many."""
    rng = np.random.default_rng(0)
    a, b = rng.random((300, 3)), rng.random((40, 3))
    table = np.linalg.norm(a[:, None] - b, axis=2)
    found = nearest(a, b)
    assert found.which.tolist() == table.argmin(1).tolist()
    assert found.first == pytest.approx(np.sort(table, 1)[:, 0])
    assert found.second == pytest.approx(np.sort(table, 1)[:, 1])
    assert np.isinf(nearest(a, b[:1]).second).all()
