"""Training: resume, settings, what is reported."""

import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
import torch
from polars.testing import assert_frame_equal
from torch import nn

from anonymizer.errors import DataError, ModelError
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.training import fit as fit_module
from anonymizer.sequences.training import run
from anonymizer.sequences.training.checkpoint import Checkpoint
from anonymizer.sequences.training.loop import Report, State, Task, TrainingConfig, train
from tests.sequences.conftest import make_shop
from tests.sequences.stub import one_step


class Interrupted(Exception):  # noqa: N818 (it is no error of the library)
    """Somebody pulls the plug."""


def fit(frame: pl.DataFrame, **options: object) -> SequenceModel:
    """A fit of four epochs."""
    chosen: dict[str, object] = {"entity": "customer", "time": "time", "max_epochs": 4, **options}
    return SequenceModel.fit(frame, **chosen)  # type: ignore[arg-type]


pytestmark = pytest.mark.usefixtures("brief_profiles")  # it is about events


class Whole(NamedTuple):
    """A fit that nothing interrupts, of what, and what it told."""

    events: pl.DataFrame
    model: SequenceModel
    lines: list[str]


@cache
def whole(times: int) -> Whole:
    """Of so many customers' histories made one."""
    events, lines = make_shop().with_columns(pl.col("customer") // times * times), list[str]()
    return Whole(events, fit(events, progress=lines.append), lines)


def stop_after(epoch: int) -> object:
    """A display that breaks off the training after an epoch of the events."""

    def progress(line: str) -> None:
        if line.startswith(f"events: epoch {epoch} "):
            raise Interrupted

    return progress


@pytest.mark.parametrize("times", [1, 8])
def test_resumed_training_is_uninterrupted_training(tmp_path: Path, times: int) -> None:
    """A fit that broke off in the third epoch and went on gives the very same model.

    Long histories have an optimiser more: here several customers' histories are made one.
    """
    events, model, _ = whole(times)
    kept = tmp_path / "m.checkpoint"
    with pytest.raises(Interrupted):
        fit(events, checkpoint=kept, progress=stop_after(3))
    assert kept.is_file()
    epochs: list[str] = []
    resumed = fit(events, checkpoint=kept, resume=True, progress=epochs.append)
    assert [line for line in epochs if "events: epoch 1 " in line] == []
    for name, weight in model.networks.events.state_dict().items():
        assert torch.equal(weight, resumed.networks.events.state_dict()[name]), name
    assert_frame_equal(model.sample(30), resumed.sample(30))
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_of_other_data_is_refused(
    shop: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither other events nor other settings go on from it; without resume it is replaced."""
    kept = tmp_path / "m.checkpoint"
    with pytest.raises(Interrupted):
        fit(shop, checkpoint=kept, progress=stop_after(2))
    with pytest.raises(ModelError, match="other data or settings"):
        fit(shop.head(300), checkpoint=kept, resume=True)
    with pytest.raises(ModelError, match="other data or settings"):
        fit(shop, checkpoint=kept, resume=True, max_epochs=5)
    kept.write_bytes(b"nonsense")
    with pytest.raises(ModelError, match="damaged"):
        fit(shop, checkpoint=kept, resume=True)
    monkeypatch.setattr(fit_module, "train", one_step)
    fit(shop, checkpoint=kept)
    assert not kept.exists()


def test_progress_tells_loss_and_time_left() -> None:
    """Each epoch says where it stands, how good it is and how long it will take."""
    lines = whole(1).lines
    assert lines[0].startswith("columns that hold once per entity: country; per event: item")
    events = [line for line in lines if line.startswith("events")]
    assert len(events) == 4
    assert "epoch 1 of at most 4, held-out loss" in events[0]
    assert "s left" in events[0]
    assert "left" not in events[-1]


def test_an_absent_device_is_refused(shop: pl.DataFrame) -> None:
    """A device that is not here is an error before anything is learned."""
    with pytest.raises(DataError, match="no device 'tpu'"):
        fit(shop, device="tpu")


@pytest.mark.usefixtures("hasty")
def test_tuning_chooses_among_settings(shop: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tuner found is what is trained, and the card says so."""
    lines: list[str] = []
    tuned = fit(shop, tune_minutes=0.01, progress=lines.append)
    assert any(line.startswith("tuning: 1 trials, best loss") for line in lines)
    assert tuned.card["settings"]["network"]["width"] in {64, 128, 192, 256}
    monkeypatch.setattr(run, "tune", lambda *_rest: pytest.fail("nobody asked"))
    fit(shop)


def line_fit(
    epochs: int, patience: int = 4, store: Checkpoint | None = None
) -> tuple[float, Report]:
    """A line through two points by gradient descent: its slope and the report."""
    torch.manual_seed(0)
    module = nn.Linear(1, 1, bias=False)
    x = torch.tensor([[1.0], [2.0]])

    def loss(_epoch: int = 0) -> Iterator[tuple[torch.Tensor, int]]:
        for _ in range(20):
            yield ((module(x) - 3 * x) ** 2).sum(), 2

    config = TrainingConfig(epochs, learning_rate=0.1, weight_decay=0, patience=patience)
    report = train(Task(module, loss, loss, config, per_step=2, steps_per_epoch=20), store=store)
    return float(module.weight.detach()), report


def test_the_averaged_weights_arrive() -> None:
    """The module is left at the averages of its best epoch, near the optimum."""
    slope, report = line_fit(12)
    assert slope == pytest.approx(3, abs=0.02)
    assert report.held_out_loss < 0.01
    assert report.seconds > 0


def test_a_loss_that_is_no_number_does_not_win() -> None:
    """An epoch whose held-out loss is NaN never counts as the best."""
    module = nn.Linear(1, 1)
    losses = iter([1.0, math.nan, math.nan])

    def held() -> list[tuple[torch.Tensor, int]]:
        return [(torch.tensor(next(losses)), 1)]

    def steps(_epoch: int) -> list[tuple[torch.Tensor, int]]:
        return [(module(torch.ones(1, 1)).sum(), 1)]

    report = train(Task(module, steps, held, TrainingConfig(3, patience=9), 1, 1))
    assert report.epoch == 1
    assert report.held_out_loss == 1


def test_a_checkpoint_keeps_every_number(tmp_path: Path) -> None:
    """What is loaded is what was saved, to the last bit."""
    rng = np.random.default_rng(0)

    def weights() -> dict[str, torch.Tensor]:
        return {"a.b": torch.from_numpy(rng.random((3, 2))), "c": torch.tensor(1e-30)}

    state = State(Report(2, 9, 1.5, 1.25, 3.0), None, weights(), weights(), weights(), weights(), 7)
    kept = Checkpoint(tmp_path / "c", "f", resume=True)
    assert kept.load() is None
    kept.save(state)
    loaded = kept.load()
    assert loaded is not None
    assert loaded.last == state.last
    assert loaded.steps == 7
    for kind in ("weights", "average", "best_weights", "moments"):
        for name, tensor in getattr(state, kind).items():
            assert torch.equal(getattr(loaded, kind)[name], tensor)
