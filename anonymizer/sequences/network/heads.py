"""Categorical heads in a row, and embeddings of their tokens."""

from statistics import NormalDist

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from anonymizer.arrays import FloatArray
from anonymizer.sequences.network.pointer import REASONS
from anonymizer.sequences.tokens.bins import in_order

WIDTH, HIDDEN = 16, 32  # of a profile's tokens; units of each of its heads
LARGE_DECAY = 0.4  # of the embeddings of a large head, most of which are seen a few times only
KNOTS = 12  # bumps by which neighbouring tokens of an ordered head share what they learn


def basis(frequencies: FloatArray, order: FloatArray) -> Tensor:
    """(V, `KNOTS` + 2) smooth functions of where a token stands among the values; 0 without order.

    Args:
        frequencies: (V,) log-frequencies.
        order: (V,) a number that rises with a token's value; NaN where there is none.
    """
    found = np.zeros((len(order), KNOTS + 2), np.float32)
    ranked = in_order(order)
    if len(ranked) > 2:
        share = np.exp(frequencies[ranked])
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

    def __init__(self, functions: Tensor, width: int, *, large: bool = False) -> None:
        super().__init__()
        size, scale = len(functions), 0.02 if large else 0.3
        if large:
            self.weight_decay = LARGE_DECAY
        self.free = nn.Parameter(torch.randn(size + 1, width) * scale)
        self.smooth = (
            None if large else nn.Parameter(torch.randn(functions.shape[1], width) * scale)
        )
        padded = torch.cat([functions, functions.new_zeros(1, functions.shape[1])])
        self.register_buffer("basis", padded, persistent=False)  # follows from the codec

    def forward(self) -> Tensor:
        """Compute the table: (V + 1, W)."""
        if self.smooth is None:  # a large head's tokens have no order
            return self.free
        table: Tensor = self.free + self.basis @ self.smooth
        return table


class TokenChain(nn.Module):
    """Categorical heads in a row, each given what is known and the tokens before it.

    `logits_j = base_j + bias_j + table_j · (P_j relu(A_j x + Σ_{i<j} M_i table_i[token_i]) +
    S_j x)`,
    with `S_j` for large heads only, for which D units would be a bottleneck.
    """

    sharpness: Tensor

    def __init__(
        self, sizes: list[int], widths: list[int], weights: list[int], inputs: int, hidden: int
    ) -> None:
        """Make the layers, with random weights.

        Args:
            sizes: V of each head.
            widths: of each head's embeddings.
            weights: what each head's queries hold besides, `REASONS` in large ones.
            inputs: X, what is known.
            hidden: D.
        """
        super().__init__()
        large = [j for j, each in enumerate(weights) if each == REASONS]
        outputs = [w + extra for w, extra in zip(widths, weights, strict=True)]
        ends = np.cumsum([hidden] * len(sizes) + [outputs[j] for j in large]).tolist()
        pieces = [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]
        self.bent = pieces[: len(sizes)]  # of `first`: what goes through a hidden layer
        self.straight = dict(zip(large, pieces[len(sizes) :], strict=True))
        self.register_buffer("sharpness", torch.ones(len(large)))  # of large heads, out of training
        self.first = nn.Linear(inputs, ends[-1])
        self.mix = nn.ModuleList(nn.Linear(w, hidden, bias=False) for w in widths)
        self.project = nn.ModuleList(nn.Linear(hidden, w, bias=False) for w in outputs)
        self.bias = nn.ParameterList(nn.Parameter(torch.zeros(size)) for size in sizes)
        for layer in self.project:
            nn.init.normal_(layer.weight, std=0.02)  # type: ignore[arg-type]  # (ModuleList forgets the kind)

    def query(self, j: int, first: Tensor, earlier: Tensor | None) -> Tensor:
        """(..., W) what head j looks for, from `first` and (..., D) of earlier tokens.

        Of a large head it has F columns more, the weights of what is recalled; of one that repeats
        two more, the weights of its candidates.
        """
        x = first[..., self.bent[j]]  # (..., D)
        if earlier is not None:
            x = x + earlier
        y: Tensor = self.project[j](torch.relu(x))  # (..., W)
        if j not in self.straight:
            return y
        sharpness = 1 if self.training else self.sharpness[list(self.straight).index(j)]
        return sharpness * (y + first[..., self.straight[j]])

    def logits(self, j: int, query: Tensor, table: Tensor) -> Tensor:
        """(..., W) → (..., V), of a head whose vocabulary is small."""
        return functional.linear(query[..., : table.shape[1]], table[:-1], self.bias[j])

    def after(self, j: int, tokens: Tensor, table: Tensor, earlier: Tensor | None) -> Tensor:
        """(...,) tokens of head j, added to what later heads see: (..., D)."""
        own: Tensor = self.mix[j](functional.embedding(tokens, table))
        return own if earlier is None else earlier + own

    def forward(self, x: Tensor, tokens: Tensor, tables: list[Tensor]) -> list[Tensor]:
        """(..., X), (..., J) tokens and J tables (V + 1, W) → J queries (..., W)."""
        first, earlier, queries = self.first(x), None, []
        for j, table in enumerate(tables):
            queries.append(self.query(j, first, earlier))
            if j < len(tables) - 1:
                earlier = self.after(j, tokens[..., j], table, earlier)
        return queries


class ProfileNetwork(nn.Module):
    """The joint distribution of an entity's profile, one part after another.

    It is small, as every entity is seen once per pass.
    """

    def __init__(self, functions: list[Tensor], bases: list[Tensor]) -> None:
        super().__init__()
        self.bases = bases
        self.tables = nn.ModuleList(TokenTable(each, WIDTH) for each in functions)
        sizes = [len(each) for each in functions]
        self.chain = TokenChain(sizes, [WIDTH] * len(sizes), [0] * len(sizes), 1, HIDDEN)

    def forward(self, tokens: Tensor) -> tuple[list[Tensor], Tensor]:
        """(B, P) → P tensors (B, V) of logits, (B, P) negative log-likelihood in nats."""
        tables = [table() for table in self.tables]
        queries = self.chain(self.start(len(tokens)), tokens, tables)
        logits = [
            self.chain.logits(r, query, tables[r]) + base
            for r, (query, base) in enumerate(zip(queries, self.bases, strict=True))
        ]
        return logits, nll(logits, tokens)

    def start(self, count: int) -> Tensor:
        """(B, 1) what is known before the first part: nothing."""
        return self.chain.first.weight.new_zeros(count, 1)


def nll(logits: list[Tensor], tokens: Tensor) -> Tensor:
    """J tensors (..., V) and (..., J) tokens → (..., J) negative log-likelihood."""
    parts = [
        functional.cross_entropy(x.flatten(0, -2), t.flatten(), reduction="none").view_as(t)
        for x, t in zip(logits, tokens.unbind(-1), strict=True)
    ]
    return torch.stack(parts, -1)
