"""Padded batches, cut into windows."""

import numpy as np
import polars as pl
import torch

from anonymizer.sequences.histories.roles import assign_roles, read_histories
from anonymizer.sequences.network import batches
from anonymizer.sequences.priors.prior import Seen
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.tokens import encoded
from anonymizer.sequences.tokens.codec import HistoryCodec


def test_batches_of_similar_length_cover_everyone_once() -> None:
    """Each entity is in one batch; padding stays within the budget."""
    lengths = np.random.default_rng(0).geometric(0.1, 500)
    found = batches.buckets(lengths, np.arange(500), budget=200)
    assert sorted(np.concatenate(found).tolist()) == list(range(500))
    padded = sum(len(b) * int(lengths[b].max()) for b in found)
    assert padded < 1.2 * lengths.sum()
    assert all(len(b) == 1 or len(b) * lengths[b].max() <= 200 for b in found)


def test_a_history_of_ten_thousand_events_is_read_whole() -> None:
    """Every event is in one window, in order, and no window is longer than the others."""
    frame = pl.DataFrame({"customer": [0] * 10_000 + [1] * 3, "time": range(10_003)}).with_columns(
        time=pl.datetime(2024, 1, 1) + pl.duration(minutes="time")
    )
    histories = read_histories(frame, assign_roles(frame, "customer", "time"))
    codec = HistoryCodec.learn(histories, assign_roles(frame, "customer", "time"), frame.columns, 1)
    priors = Priors.learn(codec, Seen(histories, codec.encode(histories), 1))
    data = priors.encode(histories)
    seen: list[int] = []
    for window in batches.windows(data, np.arange(2), np.ones(2, bool), priors):
        assert window.targets.shape[1] <= encoded.WINDOW
        assert all(torch.isfinite(base).all() for base in window.inputs.bases)
        seen += window.event[window.real].tolist()
    assert sorted(seen) == list(range(10_003))
