"""Values that go together within an event."""

import json

import numpy as np
import pytest
import torch

from anonymizer.sequences.priors.conditionals import PRIOR, Lift

USUAL = (np.log([0.5, 0.5, 1e-3]), np.log([0.5, 0.3, 0.2]))


def learn(k: int) -> Lift:
    """Of five entities, all have (0, 1) once, two have (1, 2) and one of them (1, 0)."""
    pairs = [(0, 1, e) for e in range(5)] + [(1, 2, 0), (1, 2, 1), (1, 0, 1)]
    before, after, owner = np.array(pairs).T
    return Lift.learn(before, after, USUAL, owner, k)


def test_probabilities_by_hand() -> None:
    """Counts and everyone's frequencies, the latter for as much as `PRIOR` events."""
    usual = torch.from_numpy(USUAL[1])
    found = torch.exp(learn(1).add(usual, torch.tensor([0, 1, 2, 0])))
    p = np.exp(USUAL[1])
    hand = [(np.array(n) + PRIOR * p) / (sum(n) + PRIOR) for n in ([0, 5, 0], [1, 0, 2], [0, 0, 0])]
    np.testing.assert_allclose(found.numpy(), np.stack([*hand, hand[0]]), rtol=0.02)


def test_every_row_may_start_from_a_base_of_its_own() -> None:
    """A lift is a factor: it is the same whatever it is put upon."""
    base = torch.randn(2, 3, dtype=torch.float64)
    before, zero = torch.tensor([1, 0]), torch.zeros(3, dtype=torch.float64)
    pairs = learn(1)
    torch.testing.assert_close(pairs.add(base, before) - base, pairs.add(zero, before))


def test_how_much_is_explained() -> None:
    """All of it where each value has its own, nothing where they are independent."""
    owner = np.arange(4_000) % 10
    before = np.arange(4_000) % 4
    usual = np.log(np.full(4, 0.25))
    same = Lift.learn(before, before, (usual, usual), owner, 5)
    assert same.explained((usual, usual)) > 0.97
    chance = np.random.default_rng(0).integers(4, size=4_000)
    independent = Lift.learn(before, chance, (usual, usual), owner, 5)
    assert abs(independent.explained((usual, usual))) < 0.02


def test_what_is_not_told_still_counts() -> None:
    """Ten events at one price that all may know, and ten at prices of one person each."""
    owner = np.arange(20)
    after = np.array([0] * 10 + list(range(1, 11)))
    usual = (np.zeros(1), np.log(np.full(11, 1 / 11)))
    pairs = Lift.learn(np.zeros(20, np.int64), after, usual, owner, 5)
    assert pairs.token.tolist() == [0]
    p = torch.softmax(pairs.add(torch.from_numpy(usual[1]), torch.tensor([0])), -1)[0]
    assert float(p[0]) == pytest.approx(0.5, abs=0.06)


def test_a_pair_of_few_is_not_told() -> None:
    """What fewer than k entities hold leaves no trace."""
    told = learn(3)
    assert told.start.tolist() == [0, 1, 1, 1]
    assert told.token.tolist() == [1]
    assert told.rest.tolist()[1:] == [0, 0]
    again = Lift.from_dict(json.loads(json.dumps(told.to_dict())))
    assert all(
        (a == b).all() for a, b in zip(vars(told).values(), vars(again).values(), strict=True)
    )
