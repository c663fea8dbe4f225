"""Processes that train together take all batches, and as many steps as each other."""

from collections.abc import Iterator

import numpy as np
import pytest

from anonymizer.arrays import IntArray
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
