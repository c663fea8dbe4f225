"""The networks: one LSTM over events, one small chain over an entity's marks.

Letters: B histories in a batch, T events, J heads per event (gap, weekday, clock, then the
fields), R marks, H width, E width of an embedding, D units of a head, V tokens of a head, C
features of an event, K wide heads, W width of their embeddings.

An event is predicted head by head. Each head sees the LSTM's state after all earlier events, the
marks, and the tokens of the earlier heads of the same event. What it gives is added to a base: the
log-probabilities that follow from arithmetic alone, −1e9 where a token is impossible. Sampling,
scoring and recommending are thin methods over this one forward.
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from anonymizer.sequences.echoes import ECHOES
from anonymizer.sequences.grid import in_order
from anonymizer.sequences.memory import Memory
from anonymizer.sequences.protection import FloatArray
from anonymizer.sequences.recall import REASONS, Recalled, recall
from anonymizer.sequences.timeline import INSTANT
from anonymizer.sequences.wide import NEGATIVES, Asked, Trace, all_logits, exact_nll, sampled_nll

GAP, WEEKDAY, CLOCK = 0, 1, 2
FIELDS = 3  # index of the first field's head
CLOSED = -1e9  # logit of what is impossible; finite, so that padding gives no NaN
WIDE_DECAY = 0.4  # of the embeddings of a wide head, most of which are seen a few times only
KNOTS = 12  # bumps by which neighbouring tokens of an ordered head share what they learn


@dataclass(frozen=True)
class NetworkConfig:
    """Everything that determines the shape of the network, besides its vocabularies."""

    features: int  # numbers known of an event before it happens
    width: int = 128  # units of the LSTM
    layers: int = 1  # LSTM layers
    embedding: int = 32  # of a token
    hidden: int = 64  # units of each head
    dropout: float = 0.1  # of inputs and states
    wide_dropout: float = 0.4  # of the embeddings of wide heads


@dataclass(frozen=True)
class Inputs:
    """One batch of histories, or one window of them.

    Attributes:
        previous: (B, T, J) tokens of the event before; `V` of each head where there is none.
        echoed: (B, T, J, 2) tokens that may come again, see `Echo`; likewise.
        features: (B, T, C) numbers known before the event.
        marks: (B, R) tokens of the marks.
        known: (B,) 1 where the marks are given, 0 where they are hidden.
        applies: (B, T, J) whether a head has something to say about an event.
        bases: J tensors (M, V) or (V,), log-probabilities to start from at those M events.
    """

    previous: Tensor
    echoed: Tensor
    features: Tensor
    marks: Tensor
    known: Tensor
    applies: Tensor
    bases: list[Tensor]

    def to(self, device: torch.device) -> "Inputs":
        """The same on a device."""
        if device.type == "cpu":
            return self
        moved = {k: v.to(device) for k, v in vars(self).items() if isinstance(v, Tensor)}
        return Inputs(**moved, bases=[base.to(device) for base in self.bases])


class Past(NamedTuple):
    """What is known before (...) events.

    Attributes:
        x: (..., X) what the LSTM makes of it, and what else was told.
        echoed: (..., J, 2) tokens that may come again; `V` where there are none.
        recalled: per wide head, values that may come again.
    """

    x: Tensor
    echoed: Tensor
    recalled: list[Recalled]

    def of(self, index: Tensor | tuple[Tensor, Tensor]) -> "Past":
        """Those of some events."""
        recalled = [each.of(index) for each in self.recalled]
        return Past(self.x[index], self.echoed[index], recalled)


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

    def __init__(self, functions: Tensor, width: int, *, wide: bool = False) -> None:
        super().__init__()
        size, scale = len(functions), 0.02 if wide else 0.3
        if wide:
            self.weight_decay = WIDE_DECAY
        self.free = nn.Parameter(torch.randn(size + 1, width) * scale)
        self.smooth = None if wide else nn.Parameter(torch.randn(functions.shape[1], width) * scale)
        padded = torch.cat([functions, functions.new_zeros(1, functions.shape[1])])
        self.register_buffer("basis", padded, persistent=False)  # follows from the codec

    def forward(self) -> Tensor:
        """(V + 1, E)."""
        if self.smooth is None:  # a wide head's tokens have no order
            return self.free
        table: Tensor = self.free + self.basis @ self.smooth
        return table


class TokenChain(nn.Module):
    """Categorical heads in a row, each given what is known and the tokens before it.

    `logits_j = base_j + bias_j + table_j · (P_j relu(A_j x + Σ_{i<j} M_i table_i[token_i]) +
    S_j x)`,
    with `S_j` for wide heads only, for which D units would be a bottleneck.
    """

    sharpness: Tensor

    def __init__(
        self, sizes: list[int], widths: list[int], weights: list[int], inputs: int, hidden: int
    ) -> None:
        """Layers of the right shape.

        Args:
            sizes: V of each head.
            widths: of each head's embeddings.
            weights: what each head's queries hold besides, `REASONS` in wide ones.
            inputs: X, what is known.
            hidden: D.
        """
        super().__init__()
        wide = [j for j, each in enumerate(weights) if each == REASONS]
        outputs = [w + extra for w, extra in zip(widths, weights, strict=True)]
        ends = np.cumsum([hidden] * len(sizes) + [outputs[j] for j in wide]).tolist()
        pieces = [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]
        self.bent = pieces[: len(sizes)]  # of `first`: what goes through a hidden layer
        self.straight = dict(zip(wide, pieces[len(sizes) :], strict=True))
        self.register_buffer("sharpness", torch.ones(len(wide)))  # of wide heads, out of training
        self.first = nn.Linear(inputs, ends[-1])
        self.mix = nn.ModuleList(nn.Linear(w, hidden, bias=False) for w in widths)
        self.project = nn.ModuleList(nn.Linear(hidden, w, bias=False) for w in outputs)
        self.bias = nn.ParameterList(nn.Parameter(torch.zeros(size)) for size in sizes)
        for layer in self.project:
            nn.init.normal_(layer.weight, std=0.02)  # type: ignore[arg-type]  # (ModuleList forgets the kind)

    def query(self, j: int, first: Tensor, earlier: Tensor | None) -> Tensor:
        """(..., E) what head j looks for, from `first` and (..., D) of earlier tokens.

        A wide head's has F columns more, the weights of what is recalled, and an echoing one's two.
        """
        x = first[..., self.bent[j]]  # (..., D)
        if earlier is not None:
            x = x + earlier
        y: Tensor = self.project[j](torch.relu(x))  # (..., E)
        if j not in self.straight:
            return y
        sharpness = 1 if self.training else self.sharpness[list(self.straight).index(j)]
        return sharpness * (y + first[..., self.straight[j]])

    def logits(self, j: int, query: Tensor, table: Tensor) -> Tensor:
        """(..., E) → (..., V), of a head that is not wide."""
        return functional.linear(query[..., : table.shape[1]], table[:-1], self.bias[j])

    def after(self, j: int, tokens: Tensor, table: Tensor, earlier: Tensor | None) -> Tensor:
        """(...,) tokens of head j, added to what later heads see: (..., D)."""
        own: Tensor = self.mix[j](functional.embedding(tokens, table))
        return own if earlier is None else earlier + own

    def forward(self, x: Tensor, tokens: Tensor, tables: list[Tensor]) -> list[Tensor]:
        """(..., X), (..., J) tokens and J tables (V + 1, E) → J queries (..., E)."""
        first, earlier, queries = self.first(x), None, []
        for j, table in enumerate(tables):
            queries.append(self.query(j, first, earlier))
            if j < len(tables) - 1:
                earlier = self.after(j, tokens[..., j], table, earlier)
        return queries


class MarkNetwork(nn.Module):
    """The joint distribution of an entity's marks, one after another."""

    def __init__(self, functions: list[Tensor], bases: list[Tensor]) -> None:
        super().__init__()
        self.bases = bases
        sizes = [len(f) for f in functions]
        self.tables = nn.ModuleList(TokenTable(each, 16) for each in functions)
        self.chain = TokenChain(sizes, [16] * len(sizes), [0] * len(sizes), 1, 32)

    def forward(self, tokens: Tensor) -> tuple[list[Tensor], Tensor]:
        """(B, R) → R tensors (B, V) of logits, (B, R) negative log-likelihood in nats."""
        tables = [table() for table in self.tables]
        queries = self.chain(self.start(len(tokens)), tokens, tables)
        logits = [
            self.chain.logits(r, query, tables[r]) + base
            for r, (query, base) in enumerate(zip(queries, self.bases, strict=True))
        ]
        return logits, nll(logits, tokens)

    def start(self, count: int) -> Tensor:
        """(B, 1) what is known before the first mark: nothing."""
        return self.chain.first.weight.new_zeros(count, 1)


class EventNetwork(nn.Module):
    """The distribution of the next event given the history and the marks."""

    def __init__(
        self,
        config: NetworkConfig,
        functions: list[Tensor],
        of_marks: list[Tensor],
        usual: list[Tensor],
        *,
        wide: list[int],
        echoing: list[int],
    ) -> None:
        """Untrained.

        Args:
            config: shape.
            functions: per head, see `basis`.
            of_marks: the same per mark.
            usual: per head (V,), log-frequencies.
            wide: heads of many tokens without order.
            echoing: heads that may repeat what an entity had before.
        """
        super().__init__()
        c = config
        sizes = [len(each) for each in functions]
        self.wide = wide
        widths = [c.width if j in self.wide else c.embedding for j in range(len(sizes))]
        self.tables = nn.ModuleList(
            TokenTable(each, width, wide=j in self.wide)
            for j, (each, width) in enumerate(zip(functions, widths, strict=True))
        )
        for j in self.wide:
            self.register_buffer(f"usual_{j}", usual[j], persistent=False)  # follows from the codec
        self.mark_tables = nn.ModuleList(TokenTable(each, c.embedding) for each in of_marks)
        self.hidden_marks = nn.Parameter(torch.zeros(c.embedding))
        self.features = nn.Linear(c.features, c.embedding)
        self.event = nn.Linear(sum(widths), c.width // 2)
        self.lstm = nn.LSTM(c.width // 2 + c.embedding, c.width, c.layers, batch_first=True)
        self.traces = nn.ModuleList(Trace() for _ in self.wide)
        self.dropout, self.wide_dropout = nn.Dropout(c.dropout), nn.Dropout(c.wide_dropout)
        known = c.width + 2 * c.embedding
        self.echoing = echoing
        weights = [REASONS * (j in self.wide) + ECHOES * (j in echoing) for j in range(len(sizes))]
        inputs = known + len(self.wide) * c.width
        self.heads = TokenChain(sizes, widths, weights, inputs, c.hidden)
        self._begin_at_the_traces(known, c.width)

    @torch.no_grad()
    def _begin_at_the_traces(self, known: int, width: int) -> None:
        """What was lately there is what a wide head looks for, until it learns better."""
        for k, piece in enumerate(self.heads.straight.values()):
            start = known + k * width
            self.heads.first.weight[piece, known:] = 0
            own = slice(piece.start, piece.start + width)
            self.heads.first.weight[own, start : start + width] = torch.eye(width)
            self.heads.first.weight[own.stop : piece.stop] = 0  # nothing is recalled
            self.heads.first.bias[own.stop : piece.stop] = 0

    @property
    def matrices(self) -> list[Tensor]:
        """Weights from vectors to vectors, which are trained by another rule than the others."""
        lstm = [p for name, p in self.lstm.named_parameters() if name.startswith("weight")]
        heads = [] if self.wide else [self.heads.first.weight]
        return [*lstm, self.event.weight, self.features.weight, *heads]

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
        self, inputs: Inputs, memory: Memory | None, tables: list[Tensor]
    ) -> tuple[Past, Memory]:
        """What is known before each event, (B, T) of them, and the memory after the last."""
        tokens = inputs.previous.unbind(-1)
        embedded = [functional.embedding(t, table) for t, table in zip(tokens, tables, strict=True)]
        for j in self.wide:
            embedded[j] = self.wide_dropout(embedded[j])
        event = self.event(torch.cat(embedded, -1))
        context = self.context(inputs.marks, inputs.known)[:, None]  # (B, 1, E)
        features = self.features(inputs.features.to(context.dtype)) + context  # (B, T, E)
        x = torch.cat([event, features], -1)  # (B, T, H / 2 + E)
        h, state = self.lstm(self.dropout(x), memory and memory.state)  # (B, T, H)
        new = tokens[GAP] != INSTANT
        lately: list[Tensor] = []
        recalled: list[Recalled] = []
        after = Memory(state[0], state[1], [], [])
        for k, (j, trace) in enumerate(zip(self.wide, self.traces, strict=True)):
            usual = self.get_buffer(f"usual_{j}")
            before = (None, None) if memory is None else (memory.traces[k], memory.recent[k])
            mean, left = trace(embedded[j], (tokens[j] < len(usual)).to(h.dtype), before[0])
            found, recent = recall(tokens[j], new, before[1], usual)
            lately.append(mean)
            recalled.append(found)
            after.traces.append(left)
            after.recent.append(recent)
        x = torch.cat([self.dropout(h), features, context.expand_as(features), *lately], -1)
        return Past(x, self._echoed(inputs), recalled), after

    def logits(self, j: int, query: Tensor, past: Past, table: Tensor, base: Tensor) -> Tensor:
        """(M, V) of head j at M events.

        Args:
            j: the head.
            query: (M, E) from `heads`.
            past: (M,) what is known before the events.
            table: (V + 1, E) of the head.
            base: (M, V) or (V,), to start from.
        """
        if j not in self.wide:
            return self._narrow_logits(j, query, past.echoed[..., j, :], table, base)
        recalled = past.recalled[self.wide.index(j)]
        return all_logits(query, recalled, table, base + self.heads.bias[j])

    def forward(
        self, inputs: Inputs, targets: Tensor, memory: Memory | None = None
    ) -> tuple[Tensor, Memory]:
        """The summed loss of every head, and the memory after the last event.

        Arguments as of `losses`; gives (J,), in nats.
        """
        losses, memory = self.losses(inputs, targets, memory)
        return torch.stack([each.sum() for each in losses]), memory

    def losses(
        self, inputs: Inputs, targets: Tensor, memory: Memory | None
    ) -> tuple[list[Tensor], Memory]:
        """The loss of every head at every event that it has something to say about.

        Args:
            inputs: the batch.
            targets: (B, T, J) tokens that come true.
            memory: what an earlier window left.

        Returns:
            J tensors (M,) of negative log-likelihood in nats, in the order in which events come
            in `inputs.applies` (in training an estimate of it for wide heads); the memory after
            the last event.
        """
        tables = [table() for table in self.tables]
        past, memory = self.history(inputs, memory, tables)
        real = inputs.applies.any(-1)  # (B, T)
        applies, tokens = inputs.applies[real], targets[real]  # (N, J)
        echoed = past.echoed[real]  # (N, J, 2)
        losses = []
        for j, query in enumerate(self.heads(past.x[real], tokens, tables)):
            where, base = applies[:, j], inputs.bases[j]
            if j not in self.wide:
                logits = self._narrow_logits(j, query[where], echoed[where, j], tables[j], base)
                losses.append(functional.cross_entropy(logits, tokens[where, j], reduction="none"))
                continue
            asked, shift = self._asked(j, query, targets, past, real), base + self.heads.bias[j]
            if self.training and len(shift) > NEGATIVES:
                losses.append(sampled_nll(asked, tables[j], shift, base)[real])
            else:
                losses.append(exact_nll(asked.of(real), tables[j], shift))
        return losses, memory

    def _echoed(self, inputs: Inputs) -> Tensor:
        """(B, T, J, 2) tokens that may come again, none where the marks are hidden.

        There the LSTM alone must say what changes: a bonus for staying would make every change of
        habit so strange that scoring does not believe it, and the new habit after it neither.
        """
        if not self.echoing:
            return inputs.echoed
        none = torch.tensor([len(bias) for bias in self.heads.bias], device=self.device)
        known = inputs.known[:, None, None, None] > 0
        return torch.where(known, inputs.echoed, none[:, None])

    def _narrow_logits(
        self, j: int, query: Tensor, echoed: Tensor, table: Tensor, base: Tensor
    ) -> Tensor:
        """(M, V) of a head that is not wide, from (M, 2) tokens that may come again."""
        logits = self.heads.logits(j, query, table) + base
        if j not in self.echoing:
            return logits
        padded = torch.cat([logits, torch.zeros_like(logits[:, :1])], -1)  # for what is nothing
        return padded.scatter_add(-1, echoed, query[:, -ECHOES:])[:, :-1]

    def asked(
        self, inputs: Inputs, targets: Tensor, memory: Memory | None, tables: list[Tensor]
    ) -> tuple[list[Asked], Memory]:
        """What each wide head is asked at (M,) events, and the memory after the last."""
        past, memory = self.history(inputs, memory, tables)
        real = inputs.applies.any(-1)
        queries = self.heads(past.x[real], targets[real], tables)
        found = [self._asked(j, queries[j], targets, past, real).of(real) for j in self.wide]
        return found, memory

    def _asked(self, j: int, query: Tensor, targets: Tensor, past: "Past", real: Tensor) -> Asked:
        """(N, W + F) queries of a wide head at the (B, T) events that are real → all (B, T)."""
        everywhere = query.new_zeros(*real.shape, query.shape[-1])
        everywhere = everywhere.masked_scatter(real[..., None], query)
        return Asked(everywhere, targets[..., j], past.recalled[self.wide.index(j)])


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
