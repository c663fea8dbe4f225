"""The one forward: padding, windows and the LSTM's own arithmetic."""

import numpy as np
import polars as pl
import pytest
import torch
from torch import Tensor, nn

from anonymizer.sequences.histories.roles import read_histories
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.network import batches
from anonymizer.sequences.tokens import heads
from anonymizer.sequences.tokens.encoded import WINDOW
from anonymizer.sequences.tokens.heads import FIELDS, GAP
from anonymizer.sequences.training.fit import Fitting, Split
from tests.sequences.stub import untrained


@pytest.fixture(scope="module", params=["small", "large"])
def model(request: pytest.FixtureRequest, shop: pl.DataFrame) -> SequenceModel:
    """Untrained; once with the items' head as large as one of thousands of items."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "large":
            patch.setattr(heads, "LARGE", 8)
        found = untrained(shop)
    assert found.networks.events.large == ([FIELDS] if request.param == "large" else [])
    return found


def loss(
    model: SequenceModel,
    shop: pl.DataFrame,
    *,
    known: bool = True,
    together: bool = True,
    width: int = WINDOW,
) -> float:
    """The summed training loss of everyone, in one batch or one history at a time."""
    data = model.priors.encode(read_histories(shop, model.codec.roles))
    everyone = np.argsort(-data.span.length, kind="stable")
    fitting = Fitting(model.priors, data, Split(everyone, everyone, 0), lambda _what, _report: None)
    groups = [everyone] if together else np.array_split(everyone, len(everyone))
    told = [np.full(len(group), known) for group in groups]
    with torch.no_grad():
        return sum(
            float(part)
            for group, flags in zip(groups, told, strict=True)
            for part, _ in fitting.losses(model.networks.events, group, flags, width)
        )


def gap_logits(model: SequenceModel, window: batches.Window) -> Tensor:
    """(M, V) of the gap's head, where it has something to say."""
    events = model.networks.events
    tables = [table() for table in events.tables]
    past, _ = events.history(window.inputs, None, tables)
    query = events.heads(past.x, window.targets, tables)[GAP][window.inputs.applies[..., GAP]]
    return events.heads.logits(GAP, query, tables[GAP]) + window.inputs.bases[GAP]


@pytest.mark.parametrize("known", [True, False])
def test_the_loss_of_a_batch_is_the_sum_of_its_histories(
    model: SequenceModel, shop: pl.DataFrame, known: bool
) -> None:
    """Padding, bucketing and windows leave the training loss as it is, profiles told or hidden."""
    together = loss(model, shop, known=known)
    assert together == pytest.approx(loss(model, shop, known=known, together=False), rel=1e-5)


def test_impossible_tokens_have_no_probability(model: SequenceModel, shop: pl.DataFrame) -> None:
    """With profiles told, what really happened is possible and nothing runs past the last day."""
    data = model.priors.encode(read_histories(shop, model.codec.roles))
    everyone = np.argsort(-data.span.length, kind="stable")
    line = model.codec.timeline
    for window in batches.windows(data, everyone, np.ones(80, bool), model.priors):
        with torch.no_grad():
            assert float(model.networks.events(window.inputs, window.targets)[0].max()) < 1e6
            logits = gap_logits(model, window)
        p = torch.softmax(logits, -1)  # (M, V)
        event = window.event[window.inputs.applies[..., GAP].numpy()]  # (M,)
        owner = np.searchsorted(data.offsets, event, "right") - 1
        left = data.span.last[owner] - data.places.day[event - 1]
        assert float(p[torch.from_numpy(line.low_days > left[:, None])].max()) == 0


@pytest.mark.parametrize("window", [1, 3, 1000])
def test_windows_carry_the_state(model: SequenceModel, shop: pl.DataFrame, window: int) -> None:
    """A history cut into windows is still one history."""
    assert loss(model, shop, width=window) == pytest.approx(loss(model, shop), rel=1e-5)


def test_scores_look_back_only(model: SequenceModel, shop: pl.DataFrame) -> None:
    """What comes later does not change what an event scores."""
    early = shop.filter(pl.int_range(pl.len()).over("customer") < 2)
    full = model.score(shop).filter(pl.int_range(pl.len()).over("customer") < 2)
    cut = model.score(early)
    np.testing.assert_allclose(full["anomaly_score"], cut["anomaly_score"], atol=1e-4)


def test_the_lstm_follows_the_textbook() -> None:
    """Input, forget and output gate and cell state, in float64 (Hochreiter and Schmidhuber)."""
    torch.manual_seed(0)
    lstm = nn.LSTM(5, 7, batch_first=True).double()
    w_x, w_h, b_x, b_h = (p.detach() for p in lstm.parameters())  # (4 H, I), (4 H, H), (4 H,) twice
    x = torch.randn(3, 11, 5, dtype=torch.float64)  # (B, T, I)
    h = c = torch.zeros(3, 7, dtype=torch.float64)  # (B, H)
    steps: list[Tensor] = []
    for t in range(11):
        gates = x[:, t] @ w_x.T + b_x + h @ w_h.T + b_h  # (B, 4 H)
        i, f, g, o = gates.chunk(4, -1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        steps.append(h)
    torch.testing.assert_close(lstm(x)[0], torch.stack(steps, 1), rtol=1e-12, atol=1e-12)
