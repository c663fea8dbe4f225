"""The one forward: padding, windows and the LSTM's own arithmetic."""

import numpy as np
import polars as pl
import pytest
import torch
from torch import Tensor, nn

from anonymizer.sequences.histories.roles import assign_roles, read_histories
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.network import batches, large_vocabulary
from anonymizer.sequences.network.pointer import REASONS, RECALLED, recall
from anonymizer.sequences.priors import encoded
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.scoring.judge import together
from anonymizer.sequences.scoring.tail import tail_nll
from anonymizer.sequences.tokens import heads
from anonymizer.sequences.tokens.codec import HistoryCodec
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
    assert found.events.large == ([FIELDS] if request.param == "large" else [])
    return found


def loss(
    model: SequenceModel, shop: pl.DataFrame, *, known: bool = True, together: bool = True
) -> float:
    """The summed training loss of everyone, in one batch or one history at a time."""
    data = model.priors.encode(read_histories(shop, model.codec.roles))
    everyone = np.argsort(-data.span.length, kind="stable")
    fitting = Fitting(model.priors, data, Split(everyone, everyone, 0), lambda _what, _report: None)
    groups = [everyone] if together else np.array_split(everyone, len(everyone))
    with torch.no_grad():
        return sum(
            float(part)
            for group in groups
            for part, _ in fitting.losses(model.events, group, np.full(len(group), known))
        )


def gap_logits(model: SequenceModel, window: batches.Window) -> Tensor:
    """(M, V) of the gap's head, where it has something to say."""
    events = model.events
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
            assert float(model.events(window.inputs, window.targets)[0].max()) < 1e6
            logits = gap_logits(model, window)
        p = torch.softmax(logits, -1)  # (M, V)
        event = window.event[window.inputs.applies[..., GAP].numpy()]  # (M,)
        owner = np.searchsorted(data.offsets, event, "right") - 1
        left = data.span.last[owner] - data.places.day[event - 1]
        assert float(p[torch.from_numpy(line.low_days > left[:, None])].max()) == 0


@pytest.mark.parametrize("window", [1, 3, 1000])
def test_windows_carry_the_state(
    model: SequenceModel, shop: pl.DataFrame, monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    """A history cut into windows is still one history."""
    whole = loss(model, shop)
    monkeypatch.setattr(encoded, "WINDOW", window)
    assert loss(model, shop) == pytest.approx(whole, rel=1e-5)


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


def test_a_sample_of_tokens_stands_for_all() -> None:
    """The sampled sum of a softmax's weights is right on average, whatever the frequencies."""
    torch.manual_seed(0)
    usual = torch.log_softmax(torch.randn(300) * 2, -1)
    logits = torch.randn(300) / 2 + usual
    sums = []
    for _ in range(2_000):
        drawn, expected = large_vocabulary.negatives(usual)
        sums.append(torch.exp(logits[drawn] - expected).sum())
    mean = torch.stack(sums).mean()
    assert float(mean / logits.exp().sum()) == pytest.approx(1, abs=0.01)


def asked(sharp: float = 1) -> tuple[large_vocabulary.Asked, Tensor, Tensor]:
    """Histories of 40 tokens that repeat themselves, random queries, a table and a shift."""
    torch.manual_seed(0)
    usual = torch.log_softmax(torch.randn(40), -1)
    tokens = torch.randint(40, (30, 50))
    none = torch.full((30, 1), 40)
    recalled, _ = recall(torch.cat([none, tokens[:, :-1]], 1), tokens >= 0, None, usual)
    query = sharp * torch.randn(30, 50, 6 + REASONS)
    return large_vocabulary.Asked(query, tokens, recalled), torch.randn(41, 6), usual


def test_a_sampled_loss_estimates_the_exact_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """With many draws they agree; the exact one does not depend on slices."""
    given, table, usual = asked()
    real, shift = torch.ones(30, 50, dtype=torch.bool), usual + torch.randn(40) / 9
    exact = large_vocabulary.exact_nll(given.of(real), table, shift)
    monkeypatch.setattr(large_vocabulary, "LOGITS_AT_ONCE", 1_000)
    torch.testing.assert_close(large_vocabulary.exact_nll(given.of(real), table, shift), exact)
    monkeypatch.setattr(large_vocabulary, "NEGATIVES", 2_000)
    sampled = large_vocabulary.sampled_nll(given, table, shift, usual)
    torch.testing.assert_close(sampled[real], exact, atol=0.1, rtol=0.05)


def test_sharpness_undoes_what_is_too_sure() -> None:
    """Tokens drawn with logits a third as sharp as the head claims: it says a third."""
    given, table, usual = asked(sharp=3)
    part = given.of(torch.ones(30, 50, dtype=torch.bool))
    p = torch.softmax(large_vocabulary.all_logits(part.query / 3, part.recalled, table, usual), -1)
    drawn = part._replace(tokens=torch.multinomial(p, 1)[:, 0])
    assert large_vocabulary.best_sharpness([drawn], table, usual) == pytest.approx(1 / 3, abs=0.03)


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


def test_a_trace_by_hand() -> None:
    """The latest counts most; nothing is nothing; windows go on where the last one ended."""
    trace = large_vocabulary.Trace()
    d = float(torch.sigmoid(trace.decay.detach()))
    e = torch.tensor([[[5.0], [1.0], [2.0], [4.0]]])
    real = torch.tensor([[0.0, 1, 1, 1]])
    with torch.no_grad():
        whole, after = trace(e, real, None)
        hand = [0, 1, (d + 2) / (d + 1), (d * d + 2 * d + 4) / (d * d + d + 1)]
        torch.testing.assert_close(whole[0, :, 0], torch.tensor(hand))
        first, between = trace(e[:, :2], real[:, :2], None)
        second, last = trace(e[:, 2:], real[:, 2:], between)
    torch.testing.assert_close(torch.cat([first, second], 1), whole)
    torch.testing.assert_close(last, after)


def test_batches_of_similar_length_cover_everyone_once() -> None:
    """Each entity is in one batch; padding stays within the budget."""
    lengths = np.random.default_rng(0).geometric(0.1, 500)
    found = batches.buckets(lengths, np.arange(500), budget=200)
    assert sorted(np.concatenate(found).tolist()) == list(range(500))
    padded = sum(len(b) * int(lengths[b].max()) for b in found)
    assert padded < 1.2 * lengths.sum()
    assert all(len(b) == 1 or len(b) * lengths[b].max() <= 200 for b in found)


def test_surprise_by_hand() -> None:
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


def test_a_history_of_ten_thousand_events_is_read_whole() -> None:
    """Every event is in one window, in order, and no window is longer than the others."""
    frame = pl.DataFrame({"customer": [0] * 10_000 + [1] * 3, "time": range(10_003)}).with_columns(
        time=pl.datetime(2024, 1, 1) + pl.duration(minutes="time")
    )
    histories = read_histories(frame, assign_roles(frame, "customer", "time"))
    codec = HistoryCodec.learn(histories, assign_roles(frame, "customer", "time"), frame.columns, 1)
    priors = Priors.learn(codec, histories, 1)
    data = priors.encode(histories)
    seen: list[int] = []
    for window in batches.windows(data, np.arange(2), np.ones(2, bool), priors):
        assert window.targets.shape[1] <= encoded.WINDOW
        assert all(torch.isfinite(base).all() for base in window.inputs.bases)
        seen += window.event[window.real].tolist()
    assert sorted(seen) == list(range(10_003))
