"""Small networks are trained by one thread, and what was set before is set again."""

import polars as pl
import pytest
import torch

from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.network.heads import ProfileNetwork
from anonymizer.sequences.training.threads import one_thread


def test_what_was_set_is_set_again() -> None:
    """Also where training fails."""
    torch.set_num_threads(2)
    seen = []

    def fails() -> None:
        with one_thread():
            seen.append(torch.get_num_threads())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert (seen, torch.get_num_threads()) == ([1], 2)


def test_profiles_are_learned_by_one(shop: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two threads took two and a half times the processor for it, and no less time."""
    torch.set_num_threads(2)
    seen, forward = set(), ProfileNetwork.forward

    def watched(network: ProfileNetwork, tokens: torch.Tensor) -> object:
        seen.add((network.training, torch.get_num_threads()))
        return forward(network, tokens)

    monkeypatch.setattr(ProfileNetwork, "forward", watched)
    SequenceModel.fit(shop, entity="customer", time="time", max_epochs=1)
    assert (True, 1) in seen
    assert (True, 2) not in seen
    assert torch.get_num_threads() == 2
