"""Embeddings begin where counting puts them."""

import numpy as np
import torch

from anonymizer.sequences.training.nearness import nearness


def test_what_comes_together_is_near_and_what_does_not_is_not() -> None:
    """Baskets of two kinds; what nobody has is near nothing, and so is what is no token."""
    rng = np.random.default_rng(0)
    owner = np.repeat(np.arange(300), 10)
    tokens = rng.integers(0, 10, 3_000) + 10 * (owner % 2)
    tokens[::50] = 21  # no token
    found = nearness(tokens, owner, 21, 16)
    products = found @ found.T
    assert found.shape == (21, 16)
    assert products[:10, :10].mean() > 4 * products[:10, 10:20].abs().mean() + 0.1
    assert (found[20] == 0).all()


def test_it_is_not_the_entity_after_that_is_near() -> None:
    """Neighbours in the table are of one history, or strangers."""
    alone = nearness(np.array([0, 1, 2, 3]), np.arange(4), 4, 8)
    assert torch.equal(alone, torch.zeros(4, 8))
