"""How strange tokens are, and several together."""

import numpy as np
import pytest
import torch

from anonymizer.sequences.scoring.judge import together
from anonymizer.sequences.scoring.tail import tail_nll


def test_tails_by_hand() -> None:
    """The likeliest, the least likely, and both ends of an order."""
    logits = torch.log(torch.tensor([0.2, 0.7, 0.1], dtype=torch.float64)).expand(3, -1)
    tokens = torch.arange(3)
    kinds = torch.exp(-tail_nll(logits, tokens, None))
    torch.testing.assert_close(kinds, torch.tensor([0.3, 1, 0.1], dtype=torch.float64))
    ends = torch.exp(-tail_nll(logits, tokens, torch.arange(3)))
    torch.testing.assert_close(ends, torch.tensor([0.4, 1, 0.2], dtype=torch.float64))


def test_parts_of_time_count_as_one() -> None:
    """−log of the chance that k independent surprises add up to so much: Erlang's tail."""
    rng = np.random.default_rng(0)
    parts = rng.exponential(1, (200_000, 3))
    said = np.tile([True, True, False], (200_000, 1))
    one = together(np.where(said, parts, 0), said)
    assert one.mean() == pytest.approx(1, abs=0.01)
    assert (one > 5).mean() == pytest.approx(np.exp(-5), rel=0.1)
    assert together(np.zeros((1, 3)), np.zeros((1, 3), bool)).tolist() == [0]
