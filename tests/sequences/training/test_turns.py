"""Windows of several batches take turns, each batch's in their order."""

from collections.abc import Iterator
from itertools import groupby

import numpy as np
import pytest
import torch

from anonymizer.sequences.training.fit import taking_turns
from anonymizer.sequences.training.loop import Loss

BATCHES, UNDER_WAY = 12, 4


def windows(batch: int, begun: list[int]) -> Iterator[Loss]:
    """As many windows as the batch's number says, each told by batch and place."""
    begun.append(batch)
    for place in range(batch):
        yield torch.tensor([float(batch), float(place)]), 1


@pytest.fixture
def taken() -> list[tuple[int, int]]:
    """Batch and place of one window after another."""
    found: list[tuple[int, int]] = []
    begun: list[int] = []
    batches = (windows(batch, begun) for batch in range(BATCHES))
    for loss, _ in taking_turns(batches, UNDER_WAY, np.random.default_rng(0)):
        found.append((int(loss[0]), int(loss[1])))
        ended = sum(found.count((b, b - 1)) for b in range(1, BATCHES))
        assert len(begun) <= ended + UNDER_WAY + 1  # a batch without windows is none
    return found


def test_all_come_and_each_batch_in_its_order(taken: list[tuple[int, int]]) -> None:
    """No window is lost, none comes twice, none before its history's earlier ones."""
    for batch in range(BATCHES):
        assert [place for b, place in taken if b == batch] == list(range(batch))


def test_they_mix(taken: list[tuple[int, int]]) -> None:
    """Runs of one batch are short."""
    assert len(list(groupby(batch for batch, _ in taken))) > len(taken) / 2
