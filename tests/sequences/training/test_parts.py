"""A fit of more events than are at hand at once, and one by several processes."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import pytest
import torch
from polars.testing import assert_frame_equal

from anonymizer.sequences.histories import parts
from anonymizer.sequences.histories.parts import Part
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.training.fit import EVENTS
from tests.sequences.conftest import make_shop
from tests.sequences.stub import few_looks_at_profiles

CUSTOMERS: Final = 240
AT_ONCE: Final = 700  # events, so that there are three parts


class Interrupted(Exception):  # noqa: N818 (it is no error of the library)
    """Somebody pulls the plug."""


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Parts of some hundred events."""
    monkeypatch.setattr(parts, "PART", AT_ONCE)
    with few_looks_at_profiles():
        yield


def fit(frame: pl.DataFrame | pl.LazyFrame, **options: object) -> SequenceModel:
    """A fit of two passes over all parts."""
    chosen: dict[str, object] = {"entity": "customer", "time": "time", "max_epochs": 2, **options}
    return SequenceModel.fit(frame, **chosen)  # type: ignore[arg-type]


def test_the_network_learns_from_every_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is read once in a pass, and the card counts all of them."""
    shop, lines, reads = make_shop(CUSTOMERS), list[str](), list[Path]()
    read = Part.read

    def seen(part: Part) -> pl.DataFrame:
        reads.append(part.path)
        return read(part)

    monkeypatch.setattr(Part, "read", seen)
    model = fit(shop.lazy(), progress=lines.append)
    assert reads.pop(0) not in reads  # which is at hand all the time
    others = len(set(reads))
    assert others >= 2
    assert sorted(reads) == sorted([*set(reads)] * 2)
    assert [set(reads[:others])] == [set(reads[others:])]
    assert sum(line.startswith("events: epoch") for line in lines) == 2 * (1 + others)
    assert model.card["entities"] + model.card["held_out_entities"] == CUSTOMERS
    assert any(re.match(r"of [\d,]+ events, \d+ of entities drawn at random", x) for x in lines)
    assert_frame_equal(model.sample(20), fit(shop).sample(20))  # eager or lazy


def test_more_parts_are_a_better_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is held out is the same, and so is what was counted; only the network saw more."""
    shop, more = make_shop(CUSTOMERS), {"max_epochs": 8}
    whole = fit(shop, **more).card["training"]["events"]["held_out_loss"]
    with monkeypatch.context() as patch:
        patch.setattr(SequenceModel, "_shards", staticmethod(lambda *_: ()), raising=True)
        part = fit(shop, **more).card["training"]["events"]["held_out_loss"]
    assert whole < part - 0.05


def test_resumed_between_parts_is_uninterrupted(tmp_path: Path) -> None:
    """A fit that broke off after its second part gives the very same model."""
    shop, kept, lines = make_shop(CUSTOMERS), tmp_path / "m.checkpoint", list[str]()

    def stop(line: str) -> None:
        if line.startswith("events: epoch 2 "):
            raise Interrupted

    with pytest.raises(Interrupted):
        fit(shop, checkpoint=kept, progress=stop)
    resumed = fit(shop, checkpoint=kept, resume=True, progress=lines.append)
    assert not any("events: epoch 1 " in line for line in lines)
    for name, weight in fit(shop).networks.events.state_dict().items():
        assert torch.equal(weight, resumed.networks.events.state_dict()[name]), name


SCRIPT: Final = """
import sys, polars as pl
from anonymizer import SequenceModel
from anonymizer.sequences.histories import parts
parts.PART = int(sys.argv[3])
events = pl.scan_parquet(sys.argv[1])
model = SequenceModel.fit(events, entity="customer", time="time", max_epochs=4, progress=print)
model.save(sys.argv[2])
"""


@pytest.mark.parametrize("at_once", [AT_ONCE, 10**6])
def test_two_processes_train_one_model(tmp_path: Path, at_once: int) -> None:
    """As torch's launcher starts them: its loss is that of one process, and one of them saves it.

    Seeds of one process differ by more than is allowed here.
    """
    script, data = tmp_path / "fit.py", tmp_path / "shop.parquet"
    script.write_text(SCRIPT)
    make_shop(CUSTOMERS).write_parquet(data)

    def fitted(launcher: list[str], folder: Path) -> tuple[float, str]:
        done = subprocess.run(
            [sys.executable, *launcher, str(script), str(data), str(folder), str(at_once)],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        card = SequenceModel.load(folder).card
        return card["training"]["events"]["held_out_loss"], done.stdout

    alone, _ = fitted([], tmp_path / "alone")
    launcher = ["-m", "torch.distributed.run", "--nproc-per-node", "2", "--standalone"]
    two, said = fitted(launcher, tmp_path / "two")
    assert two == pytest.approx(alone, abs=0.3)
    assert said.count("events: epoch 1 ") == 1


def test_of_many_events_one_pass_is_enough() -> None:
    """An epoch is of one part; there are as many passes as see ten million events, and one."""

    def epochs(events: int, asked: int | None, parts: int) -> int:
        lengths = np.full(events // 50, 50)
        return EVENTS.config(lengths, asked, 0, large=True, parts=parts).epochs

    assert epochs(5_000_000, None, 3) == 2 * 3
    assert epochs(50_000_000, None, 25) == 25
    assert epochs(50_000_000, 3, 25) == 3 * 25
    assert epochs(1_000_000, None, 1) == 3
