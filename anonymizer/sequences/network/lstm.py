"""The networks: one LSTM over events, one small chain over an entity's profile.

An event is predicted head by head. Each head sees the LSTM's state after all earlier events, the
profile, and the tokens of the earlier heads of the same event. What it gives is added to a base:
what the priors say, −1e9 where a token is impossible. Sampling, scoring and recommending are thin
methods over this one forward.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from anonymizer.sequences.histories.roles import pick
from anonymizer.sequences.network.heads import TokenChain, TokenTable
from anonymizer.sequences.network.inputs import Inputs
from anonymizer.sequences.network.large_vocabulary import (
    NEGATIVES,
    Asked,
    Trace,
    all_logits,
    exact_nll,
    sampled_nll,
)
from anonymizer.sequences.network.pointer import REASONS, Recalled, recall
from anonymizer.sequences.network.state import NetworkState
from anonymizer.sequences.priors.repeats import CANDIDATES
from anonymizer.sequences.tokens.heads import GAP
from anonymizer.sequences.tokens.times import INSTANT

BYTE = 256  # values of one, by which it is decided whether a number is dropped


@dataclass(frozen=True)
class NetworkConfig:
    """Everything that determines the shape of the network, besides its vocabularies."""

    features: int  # numbers known of an event before it happens
    width: int = 128  # units of the LSTM
    layers: int = 1  # LSTM layers
    embedding: int = 32  # of a token
    hidden: int = 64  # units of each head
    dropout: float = 0.1  # of inputs and states
    large_dropout: float = 0.4  # of the embeddings of large heads


class Past(NamedTuple):
    """What the network makes of the histories before (...) events.

    Attributes:
        x: (..., X) what the LSTM makes of it, and what else was told.
        candidates: (..., J, 2) tokens that may come again; `V` where there are none.
        recalled: per large head, values that may come again.
    """

    x: Tensor
    candidates: Tensor
    recalled: list[Recalled]


class Dropout(nn.Module):
    """As torch's (Srivastava et al. 2014), by one random byte per number: a draw costs more."""

    def __init__(self, share: float) -> None:
        """Make it.

        Args:
            share: of the numbers, about, that are 0 in training; a multiple of 1 / 256.
        """
        super().__init__()
        self.dropped = round(share * BYTE)

    def forward(self, x: Tensor) -> Tensor:
        """Keep the mean of what is dropped: the others grow."""
        if not self.training or not self.dropped:
            return x
        words = torch.empty(x.numel() // 8 + 1, dtype=torch.int64, device=x.device)
        drawn = words.random_(-(2**63), None).view(torch.uint8)[: x.numel()].view(x.shape)
        return x * (drawn >= self.dropped).to(x.dtype).mul_(BYTE / (BYTE - self.dropped))


class EventNetwork(nn.Module):
    """The distribution of the next event given the history and the profile."""

    def __init__(
        self,
        config: NetworkConfig,
        functions: list[Tensor],
        of_profile: list[Tensor],
        frequencies: list[Tensor],
        *,
        large: list[int],
        repeating: list[int],
    ) -> None:
        """Make the layers, with random weights.

        Args:
            config: shape.
            functions: per head, see `basis`.
            of_profile: the same per part of a profile.
            frequencies: per head (V,), log-frequencies.
            large: heads of many tokens without order.
            repeating: heads that may repeat what an entity had before.
        """
        super().__init__()
        c = config
        sizes = [len(each) for each in functions]
        self.large = large
        widths = [c.width if j in self.large else c.embedding for j in range(len(sizes))]
        self.tables = nn.ModuleList(
            TokenTable(each, width, large=j in self.large)
            for j, (each, width) in enumerate(zip(functions, widths, strict=True))
        )
        for j in self.large:
            # Not kept, as they follow from the codec.
            self.register_buffer(f"frequencies_{j}", frequencies[j], persistent=False)
        self.profile_tables = nn.ModuleList(TokenTable(each, c.embedding) for each in of_profile)
        self.hidden_profile = nn.Parameter(torch.zeros(c.embedding))
        self.features = nn.Linear(c.features, c.embedding)
        self.event = nn.Linear(sum(widths), c.width // 2)
        self.lstm = nn.LSTM(c.width // 2 + c.embedding, c.width, c.layers, batch_first=True)
        self.traces = nn.ModuleList(Trace() for _ in self.large)
        self.dropout, self.large_dropout = Dropout(c.dropout), Dropout(c.large_dropout)
        known = c.width + 2 * c.embedding
        self.repeating = repeating
        weights = [
            REASONS * (j in self.large) + CANDIDATES * (j in repeating) for j in range(len(sizes))
        ]
        inputs = known + len(self.large) * c.width
        self.heads = TokenChain(sizes, widths, weights, inputs, c.hidden)
        self._begin_at_the_traces(known, c.width)

    @torch.no_grad()
    def _begin_at_the_traces(self, known: int, width: int) -> None:
        """What was lately there is what a large head looks for, until it learns better."""
        for k, piece in enumerate(self.heads.straight.values()):
            start = known + k * width
            self.heads.first.weight[piece, known:] = 0
            own = slice(piece.start, piece.start + width)
            self.heads.first.weight[own, start : start + width] = torch.eye(width)
            self.heads.first.weight[own.stop : piece.stop] = 0  # nothing is recalled
            self.heads.first.bias[own.stop : piece.stop] = 0

    @property
    def matrices(self) -> list[tuple[Tensor, int]]:
        """Weights from vectors to vectors, which are trained by another rule than the others.

        Each with how many matrices it consists of: that of the heads holds one of each.
        """
        lstm = [p for name, p in self.lstm.named_parameters() if name.startswith("weight")]
        whole = [(weight, 1) for weight in (*lstm, self.event.weight, self.features.weight)]
        heads = self.heads
        return whole if self.large else [*whole, (heads.first.weight, len(heads.bent))]

    @property
    def device(self) -> torch.device:
        """The device that holds the weights."""
        return self.hidden_profile.device

    def context(self, profile: Tensor, known: Tensor) -> Tensor:
        """Embed (B, P) profiles as (B, W), where (B,) flags say that they are known."""
        pairs = zip(profile.unbind(-1), self.profile_tables, strict=True)
        total = torch.stack([functional.embedding(t, table()) for t, table in pairs]).sum(0)
        known = known[:, None].to(total.dtype)
        told: Tensor = known * total / len(self.profile_tables) ** 0.5
        return told + (1 - known) * self.hidden_profile

    def history(
        self, inputs: Inputs, state: NetworkState | None, tables: list[Tensor]
    ) -> tuple[Past, NetworkState]:
        """What is known before each event, (B, T) of them, and the state after the last."""
        tokens = inputs.previous.unbind(-1)
        embedded = [functional.embedding(t, table) for t, table in zip(tokens, tables, strict=True)]
        for j in self.large:
            embedded[j] = self.large_dropout(embedded[j])
        event = self.event(torch.cat(embedded, -1))
        context = self.context(inputs.profile, inputs.known)[:, None]  # (B, 1, W)
        features = self.features(inputs.features.to(context.dtype)) + context  # (B, T, W)
        x = torch.cat([event, features], -1)  # (B, T, H / 2 + W)
        h, pair = self.lstm(self.dropout(x), state and state.lstm)  # (B, T, H)
        new = tokens[GAP] != INSTANT
        lately: list[Tensor] = []
        recalled: list[Recalled] = []
        after = NetworkState(pair[0], pair[1], [], [])
        for k, (j, trace) in enumerate(zip(self.large, self.traces, strict=True)):
            frequencies = self.get_buffer(f"frequencies_{j}")
            before = (None, None) if state is None else (state.traces[k], state.recent[k])
            mean, left = trace(embedded[j], (tokens[j] < len(frequencies)).to(h.dtype), before[0])
            found, recent = recall(tokens[j], new, before[1], frequencies)
            lately.append(mean)
            recalled.append(found)
            after.traces.append(left)
            after.recent.append(recent)
        x = torch.cat([self.dropout(h), features, context.expand_as(features), *lately], -1)
        return Past(x, inputs.candidates, recalled), after

    def logits(self, j: int, query: Tensor, past: Past, table: Tensor, base: Tensor) -> Tensor:
        """Compute the (M, V) logits of head j at M events.

        Args:
            j: the head.
            query: (M, W) from `heads`.
            past: (M,) what is known before the events.
            table: (V + 1, W) of the head.
            base: (M, V) or (V,), to start from.
        """
        if j not in self.large:
            return self._small_logits(j, query, past.candidates[..., j, :], table, base)
        recalled = past.recalled[self.large.index(j)]
        return all_logits(query, recalled, table, base + self.heads.bias[j])

    def forward(
        self, inputs: Inputs, targets: Tensor, state: NetworkState | None = None
    ) -> tuple[Tensor, NetworkState]:
        """(J,) summed `losses` of the heads in nats, and the state after the last event."""
        losses, state = self.losses(inputs, targets, state)
        return torch.stack([each.sum() for each in losses]), state

    def losses(
        self, inputs: Inputs, targets: Tensor, state: NetworkState | None
    ) -> tuple[list[Tensor], NetworkState]:
        """The loss of every head at every event that it has something to say about.

        Returns:
            of (B, T, J) targets J tensors (M,) of negative log-likelihood in nats, in the order in
            which events come in `inputs.applies` (in training an estimate of it for large heads);
            the state after the last event.
        """
        tables = [table() for table in self.tables]
        past, state = self.history(inputs, state, tables)
        real = inputs.applies.any(-1)  # (B, T)
        events = real.nonzero(as_tuple=True)
        applies, tokens = inputs.applies[events], targets[events]  # (N, J)
        candidates = past.candidates[events]  # (N, J, 2)
        losses = []
        for j, query in enumerate(self.heads(past.x[events], tokens, tables)):
            where, base = applies[:, j], inputs.bases[j]
            if j not in self.large:
                given = [query, candidates[:, j], tokens[:, j]]
                asks, again, true = given if where.all() else pick(given, where.nonzero()[:, 0])
                logits = self._small_logits(j, asks, again, tables[j], base)
                losses.append(functional.cross_entropy(logits, true, reduction="none"))
                continue
            asked, shift = self._asked(j, query, targets, past, real), base + self.heads.bias[j]
            if self.training and len(shift) > NEGATIVES:
                losses.append(sampled_nll(asked, tables[j], shift, base)[real])
            else:
                losses.append(exact_nll(pick(asked, real), tables[j], shift))
        return losses, state

    def _small_logits(
        self, j: int, query: Tensor, candidates: Tensor, table: Tensor, base: Tensor
    ) -> Tensor:
        """(M, V) of a head whose vocabulary is small, from (M, 2) tokens that may come again."""
        logits = self.heads.logits(j, query, table) + base
        if j not in self.repeating:
            return logits
        padded = torch.cat([logits, torch.zeros_like(logits[:, :1])], -1)  # for what is nothing
        return padded.scatter_add(-1, candidates, query[:, -CANDIDATES:])[:, :-1]

    def asked(
        self, inputs: Inputs, targets: Tensor, state: NetworkState | None, tables: list[Tensor]
    ) -> tuple[list[Asked], NetworkState]:
        """What each large head is asked at (M,) events, and the state after the last."""
        past, state = self.history(inputs, state, tables)
        real = inputs.applies.any(-1)
        queries = self.heads(past.x[real], targets[real], tables)
        found = [pick(self._asked(j, queries[j], targets, past, real), real) for j in self.large]
        return found, state

    def _asked(self, j: int, query: Tensor, targets: Tensor, past: "Past", real: Tensor) -> Asked:
        """(N, W + F) queries of a large head at the (B, T) events that are real → all (B, T)."""
        everywhere = query.new_zeros(*real.shape, query.shape[-1])
        everywhere = everywhere.masked_scatter(real[..., None], query)
        return Asked(everywhere, targets[..., j], past.recalled[self.large.index(j)])
