"""Dropout drops its share, keeps the mean, and does nothing out of training."""

import pytest
import torch

from anonymizer.sequences.network.lstm import Dropout


@pytest.mark.parametrize("share", [0.1, 0.4])
def test_so_many_are_dropped_and_the_mean_stays(share: float) -> None:
    """A share of 1 / 256 is as near as a byte comes."""
    torch.manual_seed(0)
    kept = Dropout(share)(torch.ones(1_000, 999))
    dropped = float((kept == 0).float().mean())
    assert dropped == pytest.approx(share, abs=1 / 512 + 0.002)
    assert float(kept.mean()) == pytest.approx(1, abs=0.003)
    assert len(kept.unique()) == 2


def test_neighbours_are_dropped_alone() -> None:
    """Each of the bytes of a word is as random as the others."""
    torch.manual_seed(0)
    gone = (Dropout(0.5)(torch.ones(40_000, 8)) == 0).float()
    assert (gone.mean(0) - 0.5).abs().max() < 0.02
    assert (torch.corrcoef(gone.T) - torch.eye(8)).abs().max() < 0.03


def test_gradients_pass_where_numbers_passed() -> None:
    """What was dropped gets none."""
    x = torch.ones(50, 7, requires_grad=True)
    kept = Dropout(0.3)(x)
    kept.sum().backward()
    torch.testing.assert_close(x.grad, kept.detach())


def test_out_of_training_nothing_is_dropped() -> None:
    """Scores and samples do not depend on chance."""
    x = torch.randn(5, 3)
    assert Dropout(0.5).eval()(x) is x
    assert Dropout(0.0)(x) is x
