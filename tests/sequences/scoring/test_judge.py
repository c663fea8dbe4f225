"""Scores: continued histories, doubt, alerts at a rate, reasons."""

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from polars.testing import assert_frame_equal

from anonymizer.errors import DataError
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.scoring import judge
from anonymizer.sequences.scoring.forecast import Forecast
from anonymizer.sequences.scoring.judge import Calibration
from anonymizer.sequences.scoring.learn import learn_scorer
from tests.sequences.conftest import make_shop


@pytest.fixture(scope="module")
def unseen() -> pl.DataFrame:
    """Customers that the model has not met."""
    return make_shop(400, seed=9)


def longest(frame: pl.DataFrame) -> pl.DataFrame:
    """The longest history."""
    return frame.filter(pl.len().over("customer") == pl.len().over("customer").max()).filter(
        pl.col("customer") == pl.col("customer").min()
    )


def test_new_events_continue_their_history(trained: SequenceModel, unseen: pl.DataFrame) -> None:
    """Scoring the later half with the earlier one as history is scoring the whole."""
    early = pl.int_range(pl.len()).over("customer") < 3
    whole = trained.score(unseen).filter(~early)
    later = trained.score(unseen.filter(~early), history=unseen.filter(early))
    assert later.columns == whole.columns
    np.testing.assert_allclose(later["anomaly_score"], whole["anomaly_score"], atol=1e-3)


def test_histories_are_read_window_by_window_as_event_by_event(
    trained: SequenceModel, unseen: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where every event is believed, several are read at once: it changes nothing."""
    together = trained.score(unseen, trusting=True, alert_rate=0.05)
    one_by_one = Calibration(1e9, trained.calibration.rates, trained.calibration.scores)
    alone = replace(trained, calibration=one_by_one).score(unseen, alert_rate=0.05)
    assert_frame_equal(together, alone, rel_tol=0, abs_tol=1e-4)
    monkeypatch.setattr(judge, "EVENTS_AT_ONCE", 7)
    few = trained.score(unseen, trusting=True, alert_rate=0.05)
    assert_frame_equal(together, few, rel_tol=0, abs_tol=1e-4)


def test_one_thread_scores(
    trained: SequenceModel, unseen: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two waited for each other: on busy cores ten times as long; no bit follows from cores."""
    before, seen, of = torch.get_num_threads(), set[int](), Forecast.of

    def watched(*given: Any) -> object:
        seen.add(torch.get_num_threads())
        return of(*given)

    monkeypatch.setattr(Forecast, "of", watched)
    try:
        scored = []
        for threads in (1, 2):
            torch.set_num_threads(threads)
            scored += [trained.score(unseen), trained.score(unseen, trusting=True)]
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert seen == {1}
    assert_frame_equal(scored[0], scored[2], check_exact=True)
    assert_frame_equal(scored[1], scored[3], check_exact=True)


def test_alerts_come_at_the_rate_that_was_asked_for(
    trained: SequenceModel, unseen: pl.DataFrame
) -> None:
    """About as many usual events raise an alert as were allowed to."""
    for rate in (0.02, 0.1):
        scored = trained.score(unseen, alert_rate=rate)
        assert 0.4 * rate < scored["alert"].mean() < 2.5 * rate  # type: ignore[operator]


def test_an_alert_names_the_column_and_what_was_usual(
    trained: SequenceModel, unseen: pl.DataFrame
) -> None:
    """An item nobody has bought and an amount nobody has paid are named as such."""
    one = longest(unseen)
    strange = one.with_columns(
        amount=pl.when(pl.int_range(pl.len()) == 2).then(90_000.0).otherwise("amount")
    )
    scored = trained.score(strange, alert_rate=0.01)
    assert scored["alert"][2]
    assert scored["alert_column"][2] == "amount"
    low, high = (float(end) for end in scored["alert_usual"][2].split(" to "))
    assert 0 < low < high < 200
    quiet = scored.filter(~pl.col("alert"))
    assert quiet["alert_usual"].null_count() == len(quiet)


def planted(history: pl.DataFrame, count: int) -> pl.DataFrame:
    """`count` payments that nobody makes, a minute apart, before the last event of a history."""
    thief = [
        history[-2].with_columns(
            item=pl.lit("never seen"),
            amount=pl.lit(90_000.0),
            time=pl.col("time").dt.offset_by(f"{i + 1}m"),
        )
        for i in range(count)
    ]
    return pl.concat([history[:-1], *thief, history[-1:]])


def test_a_strange_event_does_not_explain_the_next(
    trained: SequenceModel, unseen: pl.DataFrame
) -> None:
    """The tenth payment of a thief is as strange as the second."""
    one = longest(unseen)
    scored = trained.score(planted(one, 10))["anomaly_amount"].to_numpy()[len(one) - 1 : -1]
    assert (scored > trained.calibration.doubt).all()
    assert scored[-1] > 0.9 * scored[1]


def test_habits_may_change(
    trained: SequenceModel, unseen: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who does only strange things from now on is believed at last."""
    frame = planted(longest(unseen), 40)
    stubborn = trained.score(frame)["anomaly_score"].to_numpy()
    monkeypatch.setattr(judge, "CHANGED", 3)
    yielding = trained.score(frame)["anomaly_score"].to_numpy()
    assert yielding[-2] != stubborn[-2]


def test_entities_are_summed_up(trained: SequenceModel, unseen: pl.DataFrame) -> None:
    """One row per entity, the strangest first."""
    summary = trained.summarise(trained.score(unseen), alert_rate=0.01)
    assert len(summary) == unseen["customer"].n_unique()
    assert summary["events"].sum() == len(unseen)
    strange = summary["above_limit"] + (summary["silence"] > -np.log(0.01))
    assert strange.is_sorted(descending=True)
    assert summary.columns == [
        "customer", "events", "above_limit", "expected", "mean_score", "highest_score", "silence",
    ]  # fmt: skip


@pytest.mark.parametrize("rate", [0.0, -1.0, 0.7])
def test_a_rate_is_a_rate(trained: SequenceModel, unseen: pl.DataFrame, rate: float) -> None:
    """Nothing but a share between 0 and a half makes sense."""
    with pytest.raises(DataError, match="alert_rate"):
        trained.score(unseen, alert_rate=rate)


def test_thresholds_go_on_beyond_what_was_seen() -> None:
    """Below the smallest rate seen the tail falls exponentially, as it does for Exp(1) scores."""
    scores = np.random.default_rng(0).exponential(1, 20_000)
    found = Calibration._of(scores, np.arange(20_000) % 500, 0.0, 5)
    for rate in (0.1, 0.01, 0.001, 1e-5, 1e-6):
        assert found.threshold(rate) == pytest.approx(-np.log(rate), rel=0.15)


def test_other_kinds_of_time_are_refused(trained: SequenceModel, unseen: pl.DataFrame) -> None:
    """A zone, or a date, where the model has learned naive times is an error, not a shift."""
    for kind in (pl.col("time").dt.replace_time_zone("Asia/Shanghai"), pl.col("time").dt.date()):
        with pytest.raises(DataError, match="and the model has learned"):
            trained.score(unseen.with_columns(kind))


def test_columns_in_the_way_are_named(trained: SequenceModel, unseen: pl.DataFrame) -> None:
    """What was scored is not scored again over its own columns."""
    with pytest.raises(DataError, match="'anomaly_score' is there already: rename or drop it"):
        trained.score(trained.score(unseen))
    with pytest.raises(DataError, match="'alert' is there already"):
        trained.score(unseen.with_columns(alert=True), alert_rate=0.1)


def test_text_for_a_number_is_refused_without_its_value(
    trained: SequenceModel, unseen: pl.DataFrame
) -> None:
    """The column and its type are named, what is in it is not."""
    with pytest.raises(DataError, match="column 'amount' is String") as caught:
        trained.score(unseen.with_columns(amount=pl.lit("96 EUR of Ms Li")))
    assert "Li" not in str(caught.value)


def test_what_never_changes_is_strange_when_it_does(shop: pl.DataFrame) -> None:
    """The quick scorer takes context columns for columns of events; its seed fixes it."""
    learned = learn_scorer(shop, entity="customer", time="time", seed=3)
    usual = learned(shop)
    assert np.isfinite(usual).all()
    last = pl.int_range(pl.len()).over("customer") == pl.len().over("customer") - 1
    moved = pl.when(last & (pl.len().over("customer") > 4)).then(pl.lit("Spain"))
    abroad = shop.with_columns(country=moved.otherwise("country"))
    changed = (abroad["country"] != shop["country"]).to_numpy()
    strange = learned(abroad)
    assert np.median(strange[changed]) > np.median(usual[changed]) + 1
    again = learn_scorer(shop, entity="customer", time="time", seed=3)
    np.testing.assert_array_equal(usual, again(shop))
