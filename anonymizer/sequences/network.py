"""The networks: one LSTM over events, one small chain over an entity's marks.

Letters: B histories in a batch, T events, J heads per event (gap, weekday, clock, then the
fields), R marks, H width, E width of an embedding, D units of a head, V tokens of a head, C
features of an event.

An event is predicted head by head. Each head sees the LSTM's state after all earlier events, the
marks, and the tokens of the earlier heads of the same event. What it gives is added to a base: the
log-probabilities that follow from arithmetic alone, −1e9 where a token is impossible. Sampling,
scoring and recommending are thin methods over this one forward.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from anonymizer.sequences.grid import in_order
from anonymizer.sequences.protection import FloatArray

GAP, WEEKDAY, CLOCK = 0, 1, 2
FIELDS = 3  # index of the first field's head
KNOTS = 12  # bumps by which neighbouring tokens of an ordered head share what they learn
CLOSED = -1e9  # logit of what is impossible; finite, so that padding gives no NaN

State = tuple[Tensor, Tensor]  # (L, B, H) hidden and cell


@dataclass(frozen=True)
class NetworkConfig:
    """Everything that determines the shape of the network, besides its vocabularies."""

    features: int  # numbers known of an event before it happens
    width: int = 128  # units of the LSTM
    layers: int = 1  # LSTM layers
    embedding: int = 32  # of a token
    hidden: int = 64  # units of each head
    dropout: float = 0.1  # of inputs and states


@dataclass(frozen=True)
class Inputs:
    """One batch of histories, or one window of them.

    Attributes:
        previous: (B, T, J) tokens of the event before; `V` of each head where there is none.
        features: (B, T, C) numbers known before the event.
        marks: (B, R) tokens of the marks.
        known: (B,) 1 where the marks are given, 0 where they are hidden.
        bases: J tensors (B, T, V) or (V,), log-probabilities to start from.
        applies: (B, T, J) 1 where a head has something to say about an event.
    """

    previous: Tensor
    features: Tensor
    marks: Tensor
    known: Tensor
    bases: list[Tensor]
    applies: Tensor

    def to(self, device: torch.device) -> "Inputs":
        """The same on a device."""
        if device.type == "cpu":
            return self
        moved = {k: v.to(device) for k, v in vars(self).items() if isinstance(v, Tensor)}
        return Inputs(**moved, bases=[base.to(device) for base in self.bases])


def basis(usual: FloatArray, order: FloatArray) -> Tensor:
    """(V, `KNOTS` + 2) smooth functions of where a token stands among the values; 0 without order.

    Args:
        usual: (V,) log-frequencies.
        order: (V,) a number that rises with a token's value; NaN where there is none.
    """
    found = np.zeros((len(order), KNOTS + 2), np.float32)
    ranked = in_order(order)
    if len(ranked) > 2:
        share = np.exp(usual[ranked])
        level = (np.cumsum(share) - share / 2) / share.sum()  # (V,) in 0 ... 1
        normal = np.array([NormalDist().inv_cdf(min(max(x, 1e-9), 1 - 1e-9)) for x in level])
        knots = np.linspace(0, 1, KNOTS)
        bumps = np.exp(-0.5 * ((level[:, None] - knots) * (KNOTS - 1)) ** 2)
        found[ranked] = np.column_stack([normal, (normal**2 - 1) / 2, bumps])
    return torch.from_numpy(found)


class TokenTable(nn.Module):
    """Embeddings of a head's tokens: each its own, and what neighbours in value share.

    `table = free + basis · smooth`; the last row stands for "no event before".
    """

    basis: Tensor

    def __init__(self, functions: Tensor, width: int) -> None:
        super().__init__()
        size = len(functions)
        self.free = nn.Parameter(torch.randn(size + 1, width) * 0.3)
        self.smooth = nn.Parameter(torch.randn(functions.shape[1], width) * 0.3)
        padded = torch.cat([functions, functions.new_zeros(1, functions.shape[1])])
        self.register_buffer("basis", padded, persistent=False)  # follows from the codec

    def forward(self) -> Tensor:
        """(V + 1, E)."""
        table: Tensor = self.free + self.basis @ self.smooth
        return table


def token_tables(functions: list[Tensor], width: int) -> nn.ModuleList:
    """One table per head."""
    return nn.ModuleList(TokenTable(each, width) for each in functions)


class TokenChain(nn.Module):
    """Categorical heads in a row, each given what is known and the tokens before it.

    `logits_j = base_j + bias_j + table_j · P_j relu(A_j x + Σ_{i<j} M_i table_i[token_i])`
    """

    def __init__(self, sizes: list[int], inputs: int, width: int, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.first = nn.Linear(inputs, len(sizes) * hidden)
        self.mix = nn.ModuleList(nn.Linear(width, hidden, bias=False) for _ in sizes)
        self.project = nn.ModuleList(nn.Linear(hidden, width, bias=False) for _ in sizes)
        self.bias = nn.ParameterList(nn.Parameter(torch.zeros(size)) for size in sizes)
        for layer in self.project:
            nn.init.normal_(layer.weight, std=0.02)  # type: ignore[arg-type]  # (ModuleList forgets the kind)

    def head(self, j: int, first: Tensor, earlier: Tensor | None, table: Tensor) -> Tensor:
        """(..., J·D) from `first`, (..., D) of earlier tokens, (V + 1, E) table → (..., V)."""
        x = first[..., j * self.hidden : (j + 1) * self.hidden]  # (..., D)
        if earlier is not None:
            x = x + earlier
        y = self.project[j](torch.relu(x))  # (..., E)
        return functional.linear(y, table[:-1], self.bias[j])

    def after(self, j: int, tokens: Tensor, table: Tensor, earlier: Tensor | None) -> Tensor:
        """(...,) tokens of head j, added to what later heads see: (..., D)."""
        own: Tensor = self.mix[j](functional.embedding(tokens, table))
        return own if earlier is None else earlier + own

    def forward(self, x: Tensor, tokens: Tensor, tables: list[Tensor]) -> list[Tensor]:
        """(..., X), (..., J) tokens and J tables (V + 1, E) → J tensors (..., V)."""
        first, earlier, logits = self.first(x), None, []
        for j, table in enumerate(tables):
            logits.append(self.head(j, first, earlier, table))
            if j < len(tables) - 1:
                earlier = self.after(j, tokens[..., j], table, earlier)
        return logits


class MarkNetwork(nn.Module):
    """The joint distribution of an entity's marks, one after another."""

    def __init__(self, functions: list[Tensor], bases: list[Tensor]) -> None:
        super().__init__()
        self.bases = bases
        self.tables = token_tables(functions, 16)
        self.chain = TokenChain([len(f) for f in functions], 1, 16, 32)

    def forward(self, tokens: Tensor) -> tuple[list[Tensor], Tensor]:
        """(B, R) → R tensors (B, V) of logits, (B, R) negative log-likelihood in nats."""
        tables = [table() for table in self.tables]
        residuals = self.chain(self.start(len(tokens)), tokens, tables)
        logits = [residual + base for residual, base in zip(residuals, self.bases, strict=True)]
        return logits, nll(logits, tokens)

    def start(self, count: int) -> Tensor:
        """(B, 1) what is known before the first mark: nothing."""
        return self.chain.first.weight.new_zeros(count, 1)


class EventNetwork(nn.Module):
    """The distribution of the next event given the history and the marks."""

    def __init__(
        self, config: NetworkConfig, functions: list[Tensor], of_marks: list[Tensor]
    ) -> None:
        super().__init__()
        c = config
        e, heads = c.embedding, len(functions)
        self.tables = token_tables(functions, e)
        self.mark_tables = token_tables(of_marks, e)
        self.hidden_marks = nn.Parameter(torch.zeros(e))
        self.features = nn.Linear(c.features, e)
        self.event = nn.Linear(heads * e, c.width // 2)
        self.lstm = nn.LSTM(c.width // 2 + e, c.width, c.layers, batch_first=True)
        self.dropout = nn.Dropout(c.dropout)
        self.heads = TokenChain([len(f) for f in functions], c.width + 2 * e, e, c.hidden)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.hidden_marks.device

    def context(self, marks: Tensor, known: Tensor) -> Tensor:
        """(B, R) tokens and (B,) flags → (B, E)."""
        pairs = zip(marks.unbind(-1), self.mark_tables, strict=True)
        total = torch.stack([functional.embedding(t, table()) for t, table in pairs]).sum(0)
        known = known[:, None].to(total.dtype)
        told: Tensor = known * total / len(self.mark_tables) ** 0.5
        return told + (1 - known) * self.hidden_marks

    def history(
        self, inputs: Inputs, state: State | None, tables: list[Tensor]
    ) -> tuple[Tensor, State]:
        """What is known before each event: (B, T, H + 2 E), and the state after the last."""
        pairs = zip(inputs.previous.unbind(-1), tables, strict=True)
        event = self.event(torch.cat([functional.embedding(t, table) for t, table in pairs], -1))
        context = self.context(inputs.marks, inputs.known)[:, None]  # (B, 1, E)
        features = self.features(inputs.features.to(context.dtype)) + context  # (B, T, E)
        x = torch.cat([event, features], -1)  # (B, T, H / 2 + E)
        h, state = self.lstm(self.dropout(x), state)  # (B, T, H)
        return torch.cat([self.dropout(h), features, context.expand_as(features)], -1), state

    def forward(
        self, inputs: Inputs, targets: Tensor, state: State | None = None
    ) -> tuple[list[Tensor], Tensor, State]:
        """Logits and loss of every head.

        Args:
            inputs: the batch.
            targets: (B, T, J) tokens that come true.
            state: what an earlier window left.

        Returns:
            J tensors (B, T, V); (B, T, J) negative log-likelihood in nats, 0 where a head does
            not apply; the state after the last event.
        """
        tables = [table() for table in self.tables]
        x, state = self.history(inputs, state, tables)  # (B, T, X)
        residuals = self.heads(x, targets, tables)
        logits = [residual + base for residual, base in zip(residuals, inputs.bases, strict=True)]
        return logits, nll(logits, targets) * inputs.applies, state


def first_rows(state: State | None, count: int) -> State | None:
    """The state of the first histories of a batch, where the others have ended."""
    return state and (state[0][:, :count].contiguous(), state[1][:, :count].contiguous())


def close(logits: Tensor, is_open: Tensor) -> Tensor:
    """(..., V) logits with closed tokens out of reach."""
    return logits.masked_fill(~is_open, CLOSED)


def surprise(logits: Tensor, tokens: Tensor, order: Tensor | None) -> Tensor:
    """(..., V) and (...,) tokens → (...,) −log of the chance of something as strange or stranger.

    Args:
        logits: of one head.
        tokens: that came true.
        order: (V,) tokens from the smallest value to the largest: then strange is far out, on
            either side. Without it strange is what is no likelier than what came.
    """
    p = torch.softmax(logits.double(), -1)  # (..., V)
    own = p.gather(-1, tokens[..., None])  # (..., 1)
    if order is None:
        return -torch.log((p * (p <= own * (1 + 1e-9))).sum(-1).clamp(1e-12, 1))
    rank = torch.argsort(order)[tokens][..., None]  # (..., 1)
    below = p[..., order].cumsum(-1).gather(-1, rank)  # (..., 1) this one included
    either = 2 * torch.minimum(below, 1 - below + own)
    return -torch.log(either.squeeze(-1).clamp(1e-12, 1))


def nll(logits: list[Tensor], tokens: Tensor) -> Tensor:
    """J tensors (..., V) and (..., J) tokens → (..., J) negative log-likelihood."""
    parts = [
        functional.cross_entropy(x.flatten(0, -2), t.flatten(), reduction="none").view_as(t)
        for x, t in zip(logits, tokens.unbind(-1), strict=True)
    ]
    return torch.stack(parts, -1)
