"""Processes that train together take all batches, and as many steps as each other."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from anonymizer.arrays import IntArray
from anonymizer.errors import DataError
from anonymizer.sequences.model import sequence_model
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.training.peers import Peers


def windows(batch: IntArray) -> Iterator[int]:
    """A step for each of its entities."""
    yield from batch.tolist()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_every_batch_is_taken_once_and_all_stay_in_step(count: int) -> None:
    """Where one has fewer steps than another, or no batch, it has none of its own to take."""
    batches = [np.arange(start, start + 1 + start % 3) for start in range(0, 21, 3)]
    taken, steps = list[int](), list[list[int]]()
    for rank in range(count):
        peers, lengths = Peers(rank, count), list[int]()
        for group in peers.groups(batches):
            found = list(peers.in_step(group, max(map(len, group)), windows))
            lengths.append(len(found))
            taken += [step for step in found if step is not None]
        steps.append(lengths)
    assert sorted(taken) == np.concatenate(batches).tolist()
    assert all(each == steps[0] for each in steps)
    shared = [batch for rank in range(count) for batch in Peers(rank, count).share(batches)]
    assert sorted(map(len, shared)) == sorted(map(len, batches))


def test_one_process_draws_as_it_always_did() -> None:
    """Several need chance that does not depend on what each drew."""
    own = np.random.default_rng(0)
    assert Peers().common(own, 3) is own
    several = [Peers(rank, 2).common(own, 3).integers(1_000) for rank in range(2)]
    assert several[0] == several[1]


def test_what_does_not_go_with_several_processes_is_refused(
    shop: pl.DataFrame, model: SequenceModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And only the first of them writes the model."""
    monkeypatch.setattr(sequence_model, "launched", lambda: Peers(1, 2))
    for options, told in (
        ({"tune_minutes": 1}, "tune_minutes goes with one process"),
        ({"epsilon": 3.0, "delta": 1e-4}, "several processes"),
    ):
        with pytest.raises(DataError, match=told):
            SequenceModel.fit(shop, entity="customer", time="time", **options)
    model.save(tmp_path / "model")
    assert list(tmp_path.iterdir()) == []
