"""Silence: after which events histories end, how long nothing may follow, what is usual."""

import math
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from safetensors.torch import load_file, save_file

from anonymizer.arrays import FloatArray
from anonymizer.errors import DataError, ModelError
from anonymizer.sequences.histories.roles import assign_roles, read_histories
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.network.ends import RATES, EndNetwork, PauseReader, Pauses, share_beyond
from anonymizer.sequences.network.lstm import NetworkConfig
from anonymizer.sequences.scoring.silence import silence
from anonymizer.sequences.tokens.times import INSTANT, Places
from anonymizer.sequences.training.ends import calibrate, learn_ends
from anonymizer.sequences.training.fit import Fitting, Networks, read
from tests.sequences.stub import untrained


def sessions(count: int, seed: int, *, cut: int = 0) -> pl.DataFrame:
    """Sessions of reads that end with `close`, or without their last events; nobody has a clock."""
    rng = np.random.default_rng(seed)
    events = [["open", *["seek", "read"] * int(n), "close"] for n in rng.integers(2, 6, count)]
    kept = [each[: len(each) - cut] for each in events]
    frame = pl.DataFrame(
        {"session": range(count), "time": [date(2024, 1, 1)] * count, "event": kept}
    )
    return frame.explode("event")


def learned(frame: pl.DataFrame) -> tuple[PauseReader, EndNetwork]:
    """Ends, on an event network that has learned nothing: what it makes of an event tells it."""
    roles = assign_roles(frame, "session", "time")
    data = read(read_histories(frame, roles), roles, 0, 5)
    shape = NetworkConfig(data.priors.features, width=32, embedding=16, hidden=8)
    networks = Networks.untrained(data.priors, shape)
    for weight in networks.events.lstm.parameters():
        weight.data *= 4  # so that the last event weighs as much as it does after training
    learn_ends(Fitting(data.priors, data.data, data.parts, lambda *_: None), networks, 5)
    return PauseReader(networks.events, data.priors), networks.ends


def test_a_session_without_its_end_is_strange() -> None:
    """Who stops before `close` has a higher score than all who do not, also without a clock."""
    reader, ends = learned(sessions(600, 0))

    def scores(cut: int) -> FloatArray:
        histories = read_histories(sessions(200, 1, cut=cut), reader.priors.codec.roles)
        return silence(reader, ends, histories)

    usual = scores(0)
    assert usual.mean() < 1.2
    assert scores(1).min() > usual.max()
    assert scores(3).min() > usual.max()


def test_a_history_that_was_cut_teaches_no_end() -> None:
    """Where the gap may well be longer than the silence, the chance of an end does not matter."""
    network = EndNetwork(2)
    cut = Pauses(torch.zeros(1), torch.ones(1, 2), torch.tensor([True]), torch.zeros(1))
    (slope,) = torch.autograd.grad(network.surprise(cut).sum(), network.second.bias)
    assert abs(slope.item()) < 1e-6


def test_silence_is_an_end_or_a_long_gap() -> None:
    """Its chance is e + (1 − e) P(gap is longer), and 1 − e where more followed."""
    network = EndNetwork(2)
    torch.nn.init.zeros_(network.second.bias)  # e = 1/2
    last, later = torch.tensor([True, True, False]), torch.tensor([0.5, 1e-12, 1.0]).log()
    found = network.surprise(Pauses(torch.zeros(3), torch.ones(3, 2), last, later))
    assert found.tolist() == pytest.approx([-math.log(0.75), math.log(2), math.log(2)])


def test_gaps_beyond_the_end_are_counted(model: SequenceModel) -> None:
    """Nothing lies beyond what is far, all but what has come lies beyond now, in days by shares."""
    line = model.codec.timeline
    at = Places(np.array([10]), np.array([60 * 9]))
    now = share_beyond(line, at, at)[0]
    assert now[INSTANT] == 0
    assert (now[line.is_new_day] == 1).all()
    assert not share_beyond(line, at, Places(at.day + line.days, at.unit))[0, 1:].any()
    for days in range(1, line.days, 5):
        midnight = Places(at.day + days, np.array([line.units_per_day - 1]))
        share = share_beyond(line, at, midnight)[0, line.is_new_day]
        low, high = (each[line.is_new_day] for each in (line.low_days, line.high_days))
        counted = [(np.arange(a, b + 1) > days).mean() for a, b in zip(low, high, strict=True)]
        np.testing.assert_allclose(share, counted)


def test_scores_are_shares_of_usual_histories() -> None:
    """Surprise counts by how rare it is, beyond what was seen by its own rise."""
    network = EndNetwork(2)
    network.reference.copy_(torch.from_numpy(-3 * np.log(RATES)))
    usual = 3 * np.random.default_rng(0).exponential(1, 20_000)
    assert network.scores(usual[usual < 3 * math.log(1000)]).mean() == pytest.approx(1, abs=0.05)
    far = network.scores(np.array([30.0, 31.0]))
    assert far[1] - far[0] == pytest.approx(1)
    network.reference.zero_()  # nobody's silence surprises
    assert network.scores(np.zeros(3)).tolist() == [0, 0, 0]


def test_usual_histories_say_what_is_usual() -> None:
    """Long gaps that are usual are not strange, nor what has a chance of a half and is rare."""
    network, rng = EndNetwork(2), np.random.default_rng(0)
    torch.nn.init.constant_(network.second.bias, -30.0)  # no history ends
    for surprise, mean in (
        (3 * rng.exponential(1, 2_000), 1.0),
        (rng.exponential(0.2, 2_000), 0.2),
    ):
        later = -torch.from_numpy(surprise).float()
        x, last = torch.ones(2_000, 2), torch.ones(2_000, dtype=torch.bool)
        calibrate(network, Pauses(torch.arange(2_000), x, last, later), 5)
        found = network.scores(surprise)
        assert found.mean() == pytest.approx(mean, rel=0.06)
        assert (found <= surprise + 1e-9).all()


def test_who_did_not_come_again_has_a_row(model: SequenceModel, shop: pl.DataFrame) -> None:
    """History and events say the same as all events; whose events are all history is there too."""
    late = pl.col("time") > pl.col("time").max() - timedelta(days=20)
    early, new = shop.filter(~late), shop.filter(late)
    found = model.summarise(model.score(new, history=early), history=early, alert_rate=0.1)
    assert set(found["customer"]) == set(shop["customer"])
    gone = found.filter(~pl.col("customer").is_in(new["customer"].unique().to_list()))
    assert len(gone) > 5
    assert gone.select("events", "above_limit", "expected").sum().row(0) == (0, 0, 0)
    assert gone["highest_score"].null_count() == len(gone)
    whole = model.summarise(model.score(shop), alert_rate=0.1)
    one, other = (each.sort("customer")["silence"].to_numpy() for each in (found, whole))
    np.testing.assert_allclose(one, other, atol=1e-4)


def test_the_longer_the_silence_the_stranger(model: SequenceModel, shop: pl.DataFrame) -> None:
    """A later end of observation makes nobody's silence less strange."""
    scored, last = model.score(shop), shop["time"].max()
    assert isinstance(last, datetime)
    scores = [
        model.summarise(scored, until=last + timedelta(days=days), alert_rate=0.1).sort("customer")
        for days in (0, 10, 100)
    ]
    a, b, c = (each["silence"].to_numpy() for each in scores)
    assert (a <= b + 1e-9).all()
    assert (b <= c + 1e-9).all()
    assert c.min() > a.min() + 0.1


@pytest.mark.parametrize(
    ("until", "says"),
    [
        (datetime(2024, 1, 20), "events come after until: give a later time, or leave them out"),
        (datetime(2030, 1, 1, tzinfo=UTC), "until must be a time such as column 'time' has"),
        ("2030-01-01", "until must be a time such as column 'time' has: Datetime"),
    ],
)
def test_an_end_is_a_time_after_all_events(
    model: SequenceModel, shop: pl.DataFrame, until: Any, says: str
) -> None:
    """What is none is refused, in one line."""
    with pytest.raises(DataError, match=says):
        model.summarise(model.score(shop), until=until)


def test_summaries_of_nothing_are_empty(model: SequenceModel, shop: pl.DataFrame) -> None:
    """A night without events has no silence either, and the same columns."""
    full = model.summarise(model.score(shop), alert_rate=0.1)
    assert model.summarise(model.score(shop.clear()), alert_rate=0.1).schema == full.schema


def test_an_entity_in_the_way_is_named(shop: pl.DataFrame) -> None:
    """No column of the summary is overwritten."""
    named = shop.rename({"customer": "silence"})
    model = untrained(named, entity="silence")
    with pytest.raises(DataError, match="the entity's column is called silence: rename it"):
        model.summarise(model.score(named))


def test_ids_of_any_type_come_back(shop: pl.DataFrame) -> None:
    """Categories are joined as what they are; a day ends observation where times are dates."""
    named = shop.with_columns(
        pl.format("c{}", "customer").alias("customer").cast(pl.Categorical),
        pl.col("time").dt.date(),
    )
    model = untrained(named)
    found = model.summarise(model.score(named), until=date(2030, 1, 1), alert_rate=0.1)
    assert found.schema["customer"] == pl.Categorical
    assert (found["events"] > 0).all()


def test_ends_are_kept_with_the_model(
    model: SequenceModel, shop: pl.DataFrame, tmp_path: Path
) -> None:
    """The folder gives the same silence; one whose reference falls is refused."""
    model.save(tmp_path / "m")
    scored = model.score(shop)
    again = SequenceModel.load(tmp_path / "m")
    assert again.summarise(scored)["silence"].equals(model.summarise(scored)["silence"])
    weights = load_file(tmp_path / "m" / "weights.safetensors")
    weights["ends.reference"][3] = 0.0
    save_file(weights, tmp_path / "m" / "weights.safetensors")
    with pytest.raises(ModelError, match="damaged"):
        SequenceModel.load(tmp_path / "m")
