"""What a history had lately, and why it may come again."""

import numpy as np
import torch
from torch import Tensor

from anonymizer.sequences.network.pointer import REASONS, RECALLED, recall


def test_what_is_recalled_by_hand() -> None:
    """Each value once, at its latest place; by instant, age and frequency; forgotten in the end."""
    usual = torch.log(torch.tensor([0.5, 0.25, 0.25]))
    previous = torch.tensor([[3, 0, 1, 0, 2]])  # nothing, then events 0, 1, 0, 2
    new = torch.tensor([[True, True, False, True, False]])  # instants: {0, 1}, {0, 2}
    found, after = recall(previous, new, None, usual)
    reasons = found.reasons[0]  # (T, C, F)
    assert (reasons != 0).any(-1).int().tolist() == [
        [0, 0, 0, 0, 0],  # before the first event there is nothing
        [0, 1, 0, 0, 0],
        [0, 1, 1, 0, 0],
        [0, 0, 1, 1, 0],  # 0 came again: its first place says nothing more
        [0, 0, 1, 1, 1],
    ]
    log, log1p = np.log, np.log1p
    last = reasons[4].numpy()  # before a sixth event
    np.testing.assert_allclose(last[2], [0, 1, 0, log1p(2) / 3, -log(0.25) / 5, 0], rtol=1e-6)
    np.testing.assert_allclose(last[3], [1, 0, 0, 0, -log(0.5) / 5, 0], rtol=1e-6)
    np.testing.assert_allclose(last[4], [1, 0, 0, 0, -log(0.25) / 5, 1], rtol=1e-6)
    more, _ = recall(torch.tensor([[2]]), torch.tensor([[True]]), after, usual)
    old = dict(zip(more.tokens[0, 0].tolist(), more.reasons[0, 0].tolist(), strict=True))
    assert old[2][1:3] == [0, 0]  # of the instant of the event before, whatever came earlier
    assert old[1][1] == 1
    many = torch.full((1, RECALLED), 2)
    gone, _ = recall(many, many > 0, after, usual)
    assert not gone.reasons[0, -1][gone.tokens[0, -1] != 2].any()


def test_what_is_recalled_does_not_depend_on_windows() -> None:
    """Event by event or in windows of 128 it is the same, also of what was forgotten."""
    torch.manual_seed(1)
    usual = torch.log_softmax(torch.randn(60), -1)
    previous = torch.randint(60, (3, 512))
    previous[:, ::3] = 7  # one that comes all the time
    new = torch.rand(3, 512) < 0.3

    def walked(step: int) -> Tensor:
        """(B, T, V, F) reasons by value."""
        before, parts = None, []
        for start in range(0, 512, step):
            piece = slice(start, start + step)
            found, before = recall(previous[:, piece], new[:, piece], before, usual)
            by_value = torch.zeros(3, step, 60, REASONS)
            index = found.tokens[..., None].expand_as(found.reasons)
            parts.append(by_value.scatter_add(2, index, found.reasons))
        return torch.cat(parts, 1)

    single, window = walked(1), walked(RECALLED)
    assert float(single[..., 2].max()) > 2  # how often, as a logarithm
    torch.testing.assert_close(window, single)
