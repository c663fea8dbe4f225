"""Heads of many tokens: a trace of recent ones, a loss by sampling, and how sure to be."""

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from anonymizer.sequences.histories.roles import pick
from anonymizer.sequences.network.pointer import REASONS, Recalled

NEGATIVES = 512  # tokens that the training loss compares with
OUT_OF_REACH = -1e9  # finite, so that nothing at all gives no NaN
LOGITS_AT_ONCE = 4_000_000  # logits held at once
NEWTON = 6  # steps to the best sharpness
SHARPEST = (0.2, 1.5)  # between which it lies


class Trace(nn.Module):
    """The mean embedding of a history's tokens, the latest most: what an LSTM's gates dilute.

    `r_t = Σ_{i≤t} d^(t−i) e_i / Σ_{i≤t} d^(t−i)`, with the decay d learned.
    """

    def __init__(self) -> None:
        super().__init__()
        self.decay = nn.Parameter(torch.tensor(1.0))  # d = sigmoid of it

    def forward(self, e: Tensor, real: Tensor, before: Tensor | None) -> tuple[Tensor, Tensor]:
        """(B, T, W) embeddings, (B, T) 0 where there is none, and an earlier window's trace.

        Returns:
            (B, T, W) means, 0 before the first token; (1, B, W + 1) the trace to go on from.
        """
        e = torch.cat([e, torch.ones_like(e[..., :1])], -1) * real[..., None]  # (B, T, W + 1)
        t = torch.arange(e.shape[1], device=e.device)
        log_decay = functional.logsigmoid(self.decay).to(e.dtype)
        lag = t[:, None] - t  # (T, T)
        weights = torch.exp(lag.clamp(min=0) * log_decay) * (lag >= 0)
        sums = weights @ e  # (B, T, W + 1)
        if before is not None:
            sums = sums + torch.exp((t + 1) * log_decay)[:, None] * before[0][:, None]
        return sums[..., :-1] / sums[..., -1:].clamp(min=1e-9), sums[:, -1][None]


class Asked(NamedTuple):
    """The questions put to a large head at (...) events, with their answers.

    Attributes:
        query: (..., W + F) what is compared with embeddings, and the weights of reasons.
        tokens: (...) that come true.
        recalled: (..., Q).
    """

    query: Tensor
    tokens: Tensor
    recalled: Recalled


def negatives(frequencies: Tensor) -> tuple[Tensor, Tensor]:
    """(V,) log-frequencies → (I,) tokens and the logarithm of how often each is to be expected.

    Drawn by the square root of how often they occur. `Σ exp(logit − expected)` over them estimates
    the sum over all tokens without bias (importance sampling; Bengio and Senécal 2003).
    """
    chance = torch.softmax(frequencies / 2, -1)  # (V,)
    drawn = torch.multinomial(chance, NEGATIVES, replacement=True)
    return drawn, torch.log(NEGATIVES * chance[drawn])


def all_logits(query: Tensor, recalled: Recalled, table: Tensor, shift: Tensor) -> Tensor:
    """(M, W + F) queries → (M, V): `y · table + shift`, and what is recalled; see `exact_nll`."""
    y, weights = query[..., :-REASONS], query[..., -REASONS:]
    return recalled.add(functional.linear(y, table[:-1], shift), weights)


def sampled_nll(asked: Asked, table: Tensor, shift: Tensor, frequencies: Tensor) -> Tensor:
    """An estimate of `exact_nll` from `NEGATIVES` tokens, and all that the batch's histories hold.

    Args:
        asked: (B, T), of whole histories or of one window of each.
        table: as there.
        shift: as there.
        frequencies: (V,) log-frequencies.

    Returns:
        (B, T), in nats.
    """
    y, weights = asked.query[..., :-REASONS], asked.query[..., -REASONS:]
    bonus = asked.recalled.bonus(weights)  # (B, T, Q)
    # What is recalled ends with the token before each event: only the last that comes true is new.
    own = torch.cat([asked.recalled.tokens[:, 0], asked.tokens[:, -1:]], 1)  # (B, Q + 1)
    place = torch.arange(own.shape[1], device=own.device)
    slot = (own[:, :, None] == own[:, None]).int().argmax(-1)  # the first place of each token
    known = y @ table[own].transpose(1, 2) + shift[own][:, None]  # (B, T, Q + 1)
    known = known.scatter_add(2, slot[:, None, :-1].expand_as(bonus), bonus)
    length = asked.tokens.shape[1]
    following = torch.where(own[:, -length:] == asked.tokens, place[-length:], place[-1])  # (B, T)
    true = known.gather(2, slot.gather(1, following)[..., None])[..., 0]  # (B, T)
    again = slot != place
    drawn, expected = negatives(frequencies)
    others = y @ table[drawn].T + (shift[drawn] - expected)  # (B, T, I)
    held = (own[:, :, None] == drawn).any(1)  # (B, I)
    all_known = torch.logsumexp(known.masked_fill(again[:, None], -torch.inf), -1)
    all_others = torch.logsumexp(others.masked_fill(held[:, None], OUT_OF_REACH), -1)
    return torch.logaddexp(all_known, all_others) - true


def exact_nll(asked: Asked, table: Tensor, shift: Tensor) -> Tensor:
    """Compute the negative log-likelihood of tokens.

    Args:
        asked: (M,).
        table: (V + 1, W) embeddings; the last row is no token.
        shift: (V,) added to all logits.

    Returns:
        (M,), in nats.
    """
    parts = [
        functional.cross_entropy(
            all_logits(part.query, part.recalled, table, shift), part.tokens, reduction="none"
        )
        for part in _parts(asked, len(shift))
    ]
    return torch.cat(parts)


@torch.no_grad()
def best_sharpness(asked: list[Asked], table: Tensor, shift: Tensor) -> float:
    """The factor of the queries under which tokens are likeliest; arguments as of `exact_nll`.

    A large head grows too sure of itself while its order still improves (Guo et al. 2017). The
    likelihood is concave in the factor: Newton's method finds it.
    """
    factor, nothing = 1.0, torch.zeros_like(shift)
    for _ in range(NEWTON):
        slope = curvature = 0.0
        for part in chain.from_iterable(_parts(each, len(shift)) for each in asked):
            gain = all_logits(part.query, part.recalled, table, nothing)  # (m, V)
            p = torch.softmax(factor * gain + shift, -1)
            mean = (p * gain).sum(-1)
            slope += float((gain.gather(-1, part.tokens[:, None])[:, 0] - mean).sum())
            curvature += float(((p * gain * gain).sum(-1) - mean**2).sum())
        factor += slope / max(curvature, 1e-9)
        factor = min(max(factor, SHARPEST[0]), SHARPEST[1])
    return factor


def _parts(asked: Asked, size: int) -> Iterator[Asked]:
    """Cut events into parts whose logits fit into memory."""
    events = torch.arange(len(asked.tokens), device=asked.tokens.device)
    for rows in torch.split(events, max(1, LOGITS_AT_ONCE // size)):
        yield pick(asked, rows)
