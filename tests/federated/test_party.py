"""Shops that learn one model of their histories, by the messages that Flower would carry."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from flwr.app import Message

from anonymizer import DataError, FederationError, SequenceModel, UsageError, federate
from anonymizer.cli import main
from anonymizer.federated.party import SequenceParty, agreement, party_of
from anonymizer.federated.protocol import COMMON, NOBODY, PROFILE, STAGES
from anonymizer.federated.rehearsal import simulation
from anonymizer.federated.rehearsal.grid import LocalGrid
from anonymizer.federated.server import Settings
from anonymizer.sequences.model.joint import privately, rounds
from anonymizer.sequences.model.joint.agreement import Agreement
from anonymizer.sequences.network.lstm import NetworkConfig
from anonymizer.sequences.priors.frequencies import Frequencies
from anonymizer.sequences.training.config import PROFILES
from tests.federated.toy import Ear
from tests.sequences.model.joint.sites import shops
from tests.sequences.stub import untrained

SECRET = "only Mrs Smith buys this"

pytestmark = pytest.mark.usefixtures("_brief_training")


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "PROFILES", replace(PROFILES, looks=0))
    narrow = property(lambda self: NetworkConfig(self.priors.features, 8, embedding=8, hidden=8))
    monkeypatch.setattr(Agreement, "config", narrow)


@pytest.fixture(name="ear")
def an_ear(monkeypatch: pytest.MonkeyPatch) -> Ear:
    """Hears all that passes in a run."""
    ear = Ear()

    monkeypatch.setattr(simulation, "LocalGrid", partial(LocalGrid, wire=ear))
    return ear


def tables() -> dict[str, pl.DataFrame]:
    """Three shops; in each one customer has something of her own."""
    return {
        name: frame.with_columns(
            item=pl.when(pl.col("customer") == 3).then(pl.lit(SECRET)).otherwise("item"),
            amount=pl.when(pl.col("customer") == 3).then(31_337_731.42).otherwise("amount"),
        )
        for name, frame in shops(40, 30, 25).items()
    }


def test_one_model_of_all_sites(ear: Ear, tmp_path: Path) -> None:
    """It samples, scores and is saved as any; nobody's own value is in a message or in it."""
    lines: list[str] = []
    frames = tables()
    frames["north"] = frames["north"].drop("score")
    found = federate(frames, entity="customer", time="time", rounds=2, progress=lines.append)
    assert "column 'score' is left out, as it is at east, south alone" in found.model.told
    assert found.report["sites"] == ["east", "north", "south"]
    assert found.report["left"] == []
    assert any(line.startswith("networks: before training; held-out loss") for line in lines)
    assert any(line.startswith("networks: round 2 of at most 2") for line in lines)
    sample = found.model.sample(30)
    assert sample.schema == frames["north"].schema
    found.model.save(tmp_path / "model")
    loaded = SequenceModel.load(tmp_path / "model")
    assert loaded.sample(5).equals(found.model.sample(5))
    assert loaded.score(tables()["north"])["anomaly_score"].is_finite().all()
    assert "3 sites learned it together" in (text := loaded.describe())
    assert "kept their histories: east, north, south." in text
    assert "Training: 2 rounds, " in text
    model = b"".join(file.read_bytes() for file in (tmp_path / "model").iterdir())
    sent = b"".join(pieces for *_, pieces in ear.heard)
    assert SECRET.encode() not in sent + model
    assert b"31337731" not in sent + model
    # What any may hear stands in the model, and in no message that the server could read.
    assert b"item 1" in model
    assert b"item 1" not in sent
    assert b"country" not in sent
    assert np.float64(20.0).tobytes() not in sent


def test_the_same_seed_gives_the_same_model() -> None:
    """Keys and masks differ from run to run, and cancel."""
    few = shops(12, 12, 12)
    models = [
        federate(few, entity="customer", time="time", rounds=1, seed=7).model for _ in range(2)
    ]
    assert models[0].sample(10).equals(models[1].sample(10))


def test_a_site_that_dies_is_left_behind(ear: Ear) -> None:
    """The others go on without it; the model says so."""
    heard = iter(range(100))

    def dies(node: int, way: str, message: Message) -> Message | None:
        gone = node == 4 and way == "up" and next(heard) > 8  # after stages, start and a round
        return None if gone else message

    ear.change = dies
    frames = tables() | {"west": shops(20, 20, 20)["south"]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulation, "Settings", partial(Settings, deadline=0.2))
        found = federate(frames, entity="customer", time="time", rounds=2)
    assert [(left["site"], left["step"]) for left in found.report["left"]] == [
        ("west", "networks 2")
    ]
    assert found.model.sample(5)["customer"].n_unique() == 5
    assert "Sites that left before the end: west" in (text := found.model.describe())
    assert "3 sites, of 4 that began, learned it together" in text
    assert "kept their histories: east, north, south." in text


def test_what_is_wrong_at_a_site_is_said_here() -> None:
    """In one's own process the text of an error may be read; the first one is raised."""
    frames = tables()
    frames["north"] = frames["north"].with_columns(time=pl.lit("soon"))
    with pytest.raises(DataError, match="column 'time' is String"):
        federate(frames, entity="customer", time="time", rounds=1)
    with pytest.raises(DataError, match="there are 2 sites: a run takes 3 or more"):
        federate(dict(list(tables().items())[:2]), entity="customer", time="time")
    with pytest.raises(UsageError, match="aggregation"):
        federate(tables(), entity="customer", time="time", aggregation="sum")


def test_too_few_that_answer_end_it(ear: Ear) -> None:
    """Without a model."""
    ear.change = lambda node, way, message: None if (node, way) == (1, "up") else message
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulation, "Settings", partial(Settings, deadline=0.2))
        with pytest.raises(FederationError, match="2 sites are left at census"):
            federate(tables(), entity="customer", time="time", rounds=1)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files are sites; the model and the report are written."""
    files = []
    for name, frame in tables().items():
        frame.write_parquet(tmp_path / f"{name}.parquet")
        files.append(str(tmp_path / f"{name}.parquet"))
    model, report = str(tmp_path / "model"), str(tmp_path / "run.json")
    call = ["federate", *files, "--into", model, "--entity", "customer", "--time", "time"]
    assert main([*call, "--rounds", "1", "--report", report]) == 0
    assert "histories of 3 sites learned" in capsys.readouterr().err
    assert json.loads(Path(report).read_text())["aggregation"] == "masked"
    said = SequenceModel.load(model).provenance
    assert said is not None
    assert [each.name for each in said.inputs] == ["east.parquet", "north.parquet", "south.parquet"]
    assert "federate east.parquet north.parquet south.parquet --into model" in said.text
    assert main([*call, "--rounds", "1"]) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert main([*call[:2], files[0], *call[3:], "--overwrite"]) == 2
    assert "two sites are called east" in capsys.readouterr().err


def test_with_epsilon_the_model_says_what_was_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each site pays by itself; context is named, as nobody looks for it."""
    monkeypatch.setattr(privately, "STEPS", 4)
    columns: Any = {"entity": "customer", "time": "time", "context": ["country"]}
    found = federate(shops(60, 60, 60), **columns, rounds=1, epsilon=1e3, delta=1e-4)
    assert found.model.card["privacy"]["epsilon"] == 1e3
    assert found.model.codec.roles.context == ("country",)
    with pytest.raises(UsageError, match="context goes with epsilon"):
        federate(shops(9, 9, 9), **columns)
    with pytest.raises(DataError, match="epsilon and delta belong together"):
        federate(shops(9, 9, 9), **columns, epsilon=3.0)


def test_a_network_that_learned_nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where no round was better than none."""
    worse = iter(map(float, range(1_000)))
    monkeypatch.setattr(rounds, "held_out", lambda _task: (next(worse), 1.0))
    found = federate(shops(12, 12, 12), entity="customer", time="time", rounds=1)
    assert sum(line.startswith("no round made the network of") for line in found.model.told) == 3


def parties(tmp_path: Path, **counts: bool) -> list[SequenceParty]:
    """Shops as parties; of two that count each would have the other's part of the sum."""
    found = []
    for name, frame in shops(20, 20, 20).items():
        frame.write_parquet(tmp_path / f"{name}.parquet")
        config: dict[str, str | bool] = {
            "name": name, "data": str(tmp_path / f"{name}.parquet"), "entity": "customer",
            "time": "time", "model": str(tmp_path / name), "count": counts.get(name, True),
        }  # fmt: skip
        found.append(party_of(config))
    return found


def test_nothing_is_counted_by_two_alone(tmp_path: Path) -> None:
    """Where one of three declines none counts, and they tell of spans what k of their own bear."""
    for counts in ({}, {"east": False}):
        sites, board = parties(tmp_path, **counts), list[dict[str, bytes]]()
        for stage in STAGES:
            if stage == COMMON:
                items = [len(site.items(board).own) for site in sites]
                assert all(items) if not counts else not any(items)
                board.append({NOBODY: b'{"items": []}'})
            elif stage == PROFILE:
                cells = [sum(map(sum, site.cells(board).counts)) for site in sites]
                assert all(cells) if not counts else not any(cells)
                board.append({NOBODY: b'{"runs": []}'})
            else:
                board.append({site.name: site.tell(stage, board) for site in sites})
        spans = json.loads(board[-1]["north"])["profile"]
        assert len(spans) == (2 if not counts else 6)
    agreed = agreement(board)
    logs = agreed.priors.of(Frequencies).profile[agreed.profile.counted[2]]
    assert np.ptp(logs) > 1


def test_count_is_true_or_false(tmp_path: Path) -> None:
    """And no word for it."""
    config = {"name": "x", "data": "x", "entity": "customer", "time": "time", "model": "x"}
    shops(20, 20, 20)["east"].write_parquet(tmp_path / "east.parquet")
    paths = {"data": str(tmp_path / "east.parquet"), "model": str(tmp_path / "model")}
    with pytest.raises(UsageError, match="count is true or false"):
        party_of(config | paths | {"count": "no"})


def test_a_site_says_what_it_lacks(tmp_path: Path) -> None:
    """By its own configuration; where a model could not be written it says so at once."""
    with pytest.raises(UsageError, match="--node-config lacks data"):
        party_of({"name": "north"})
    tables()["north"].write_parquet(tmp_path / "north.parquet")
    config: dict[str, str | int | float | bool] = {
        "name": "north", "data": str(tmp_path / "north.parquet"), "entity": "customer",
        "time": "time", "model": str(tmp_path / "model"), "columns": "item, amount",
    }  # fmt: skip
    party = party_of(config)
    assert party.local.frame.columns == ["customer", "time", "item", "amount"]
    assert party.source is not None
    with pytest.raises(UsageError, match="'epsilom' is none of what a site may say"):
        party_of(config | {"epsilom": 1.0})
    party.keep(untrained(tables()["north"]))
    assert SequenceModel.load(tmp_path / "model").codec.fields
