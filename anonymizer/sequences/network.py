"""The whole network: one LSTM over events, one small chain over an entity's traits.

Letters: B histories in a batch, T events, J heads per event (gap, weekday, clock, then the
fields), R traits, H width, V tokens of a head, C features of an event.

An event is predicted head by head. Each head sees the LSTM's state after all earlier events, the
traits, and the tokens of the earlier heads of the same event. Sampling, scoring and recommending
are thin methods over this one forward.
"""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

GAP, WEEKDAY, CLOCK = 0, 1, 2
FIELDS = 3  # index of the first field's head

State = tuple[Tensor, Tensor]  # (L, B, H) hidden and cell


@dataclass(frozen=True)
class NetworkConfig:
    """Everything that determines the shape of the network."""

    head_sizes: tuple[int, ...]  # tokens of each event head: gap, weekday, clock, fields
    trait_sizes: tuple[int, ...]  # tokens of each trait
    features: int  # numbers known of an event before it happens
    width: int = 128  # units of the LSTM
    layers: int = 1  # LSTM layers
    embedding: int = 64  # of a token
    hidden: int = 96  # units of each head
    dropout: float = 0.1  # of inputs and states

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "NetworkConfig":
        """From JSON."""
        heads, traits = tuple(data["head_sizes"]), tuple(data["trait_sizes"])
        return cls(**{**data, "head_sizes": heads, "trait_sizes": traits})


@dataclass(frozen=True)
class Inputs:
    """One batch of histories, or one window of them.

    Attributes:
        previous: (B, T, J) tokens of the event before; `V` of each head where there is none.
        features: (B, T, C) numbers known before the event.
        traits: (B, R) tokens of the traits.
        known: (B,) 1 where the traits are given, 0 where they are hidden.
        open_gaps: (B, T, V) gap tokens that are possible.
        bridge: (B, T, V) log-probability of gap tokens if the events to come were spread evenly
            over the days to come; 0 where the traits are hidden.
        open_weekdays: (B, T, 7) weekdays that the gap leaves open.
        applies: (B, T, J) 1 where a head has something to say about an event.
    """

    previous: Tensor
    features: Tensor
    traits: Tensor
    known: Tensor
    open_gaps: Tensor
    bridge: Tensor
    open_weekdays: Tensor
    applies: Tensor


class TokenChain(nn.Module):
    """Categorical heads in a row, each given what is known and the tokens before it.

    `logits_j = W_j relu(A_j x + B_j Σ_{i<j} embed_i(token_i))`
    """

    def __init__(self, sizes: tuple[int, ...], inputs: int, embedding: int, hidden: int) -> None:
        super().__init__()
        heads = len(sizes)
        self.embed = nn.ModuleList(nn.Embedding(size, embedding) for size in sizes)
        self.first = nn.Linear(inputs, heads * hidden)
        self.mix = nn.ModuleList(nn.Linear(embedding, hidden, bias=False) for _ in range(heads))
        self.out = nn.ModuleList(nn.Linear(hidden, size) for size in sizes)
        for embed in self.embed:
            nn.init.normal_(embed.weight, std=0.3)  # type: ignore[arg-type]  # (ModuleList forgets the kind)
        for out in self.out:
            nn.init.normal_(out.weight, std=0.01)  # type: ignore[arg-type]  # (likewise)

    def head(self, j: int, first: Tensor, earlier: Tensor | None) -> Tensor:
        """(..., J·D) from `first`, (..., E) summed embeddings of earlier tokens → (..., V)."""
        size = first.shape[-1] // len(self.out)
        x = first[..., j * size : (j + 1) * size]  # (..., D)
        if earlier is not None:
            x = x + self.mix[j](earlier)
        logits: Tensor = self.out[j](torch.relu(x))
        return logits

    def forward(self, x: Tensor, tokens: Tensor) -> list[Tensor]:
        """(..., X) and (..., J) tokens → J tensors (..., V)."""
        first, earlier, logits = self.first(x), None, []
        for j, embed in enumerate(self.embed):
            logits.append(self.head(j, first, earlier))
            e = embed(tokens[..., j])
            earlier = e if earlier is None else earlier + e
        return logits

    def start_at(self, frequencies: list[Tensor]) -> None:
        """Let every head begin at the empirical log-frequencies."""
        for out, frequency in zip(self.out, frequencies, strict=True):
            out.bias.data = torch.log(frequency.float() + 0.1).sub(torch.log(frequency.sum() + 1.0))


class TraitNetwork(nn.Module):
    """The joint distribution of an entity's traits, one after another."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.chain = TokenChain(config.trait_sizes, 1, config.embedding, config.hidden)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, tokens: Tensor) -> tuple[list[Tensor], Tensor]:
        """(B, R) → R tensors (B, V) of logits, (B, R) negative log-likelihood in nats."""
        logits = self.chain(tokens.new_zeros(len(tokens), 1).float(), tokens)
        return logits, _nll(logits, tokens)


class EventNetwork(nn.Module):
    """The distribution of the next event given the history and the traits."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        c = config
        self.config = c
        self.embed = nn.ModuleList(nn.Embedding(size + 1, c.embedding) for size in c.head_sizes)
        self.features = nn.Linear(c.features, c.embedding)
        self.traits = nn.ModuleList(nn.Embedding(size, c.embedding) for size in c.trait_sizes)
        self.hidden_traits = nn.Parameter(torch.zeros(c.embedding))
        self.lstm = nn.LSTM(2 * c.embedding, c.width, c.layers, batch_first=True)
        self.dropout = nn.Dropout(c.dropout)
        self.pull = nn.Parameter(torch.ones(c.head_sizes[GAP]))
        self.heads = TokenChain(c.head_sizes, c.width + 2 * c.embedding, c.embedding, c.hidden)
        for embed in (*self.embed, *self.traits):
            nn.init.normal_(embed.weight, std=0.3)

    def context(self, traits: Tensor, known: Tensor) -> Tensor:
        """(B, R) tokens and (B,) flags → (B, E)."""
        tokens = traits.unbind(-1)
        each = [e(t) for e, t in zip(self.traits, tokens, strict=True)]
        total = torch.stack(each).sum(0) / len(each) ** 0.5  # (B, E)
        known = known[:, None]
        context: Tensor = known * total + (1 - known) * self.hidden_traits
        return context

    def history(self, inputs: Inputs, state: State | None = None) -> tuple[Tensor, State]:
        """What is known before each event: (B, T, H + 2 E), and the state after the last."""
        tokens = inputs.previous.unbind(-1)
        event = sum(e(t) for e, t in zip(self.embed, tokens, strict=True))  # (B, T, E)
        context = self.context(inputs.traits, inputs.known)[:, None]  # (B, 1, E)
        features = self.features(inputs.features) + context  # (B, T, E)
        x = torch.cat([event, features], -1)  # (B, T, 2 E)
        h, state = self.lstm(self.dropout(x), state)  # (B, T, H)
        return torch.cat([self.dropout(h), features, context.expand_as(features)], -1), state

    def gap_logits(self, logits: Tensor, inputs: Inputs) -> Tensor:
        """(B, T, V) → the same, pulled towards an arrival in time, closed tokens out of reach."""
        return close(logits + self.pull * inputs.bridge, inputs.open_gaps)

    def forward(
        self, inputs: Inputs, targets: Tensor | None = None, state: State | None = None
    ) -> tuple[list[Tensor], Tensor | None, State]:
        """Logits of every head, and the loss where targets are given.

        Args:
            inputs: the batch.
            targets: (B, T, J) tokens; without them no head sees an earlier head's token.
            state: what an earlier window left.

        Returns:
            J tensors (B, T, V); (B, T, J) negative log-likelihood in nats, 0 where a head does
            not apply; the state after the last event.
        """
        x, state = self.history(inputs, state)  # (B, T, X)
        tokens = inputs.previous.new_zeros(inputs.previous.shape) if targets is None else targets
        logits = self.heads(x, tokens)
        logits[GAP] = self.gap_logits(logits[GAP], inputs)
        logits[WEEKDAY] = close(logits[WEEKDAY], inputs.open_weekdays)
        loss = None if targets is None else _nll(logits, targets) * inputs.applies  # (B, T, J)
        return logits, loss, state


def close(logits: Tensor, is_open: Tensor) -> Tensor:
    """(..., V) logits with closed tokens out of reach; finite, so that padding gives no NaN."""
    return logits.masked_fill(~is_open, -1e9)


def tail(logits: Tensor, tokens: Tensor, order: Tensor | None) -> Tensor:
    """(..., V) and (...,) tokens → (...,) −log of the chance of something as strange or stranger.

    Args:
        logits: of one head.
        tokens: that came true.
        order: (V,) tokens from the smallest value to the largest: then strange is far out, on
            either side. Without it strange is what is no likelier than what came.
    """
    p = torch.softmax(logits, -1)  # (..., V)
    own = p.gather(-1, tokens[..., None])  # (..., 1)
    if order is None:
        return -torch.log((p * (p <= own)).sum(-1).clamp(1e-12, 1))
    rank = torch.argsort(order)[tokens][..., None]  # (..., 1)
    below = p[..., order].cumsum(-1).gather(-1, rank)  # (..., 1) this one included
    either = 2 * torch.minimum(below, 1 - below + own)
    return -torch.log(either.squeeze(-1).clamp(1e-12, 1))


def _nll(logits: list[Tensor], tokens: Tensor) -> Tensor:
    """J tensors (..., V) and (..., J) tokens → (..., J) negative log-likelihood."""
    parts = [
        functional.cross_entropy(x.flatten(0, -2), t.flatten(), reduction="none").view_as(t)
        for x, t in zip(logits, tokens.unbind(-1), strict=True)
    ]
    return torch.stack(parts, -1)
