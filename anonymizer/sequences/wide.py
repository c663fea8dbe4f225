"""Heads of thousands of tokens: a trace of recent ones, a loss by sampling, and how sure to be.

Letters as in `network`: K tokens are drawn, M events are judged.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDE = 512  # tokens without order from which a head is wide
NEGATIVES = 1_024  # tokens that the training loss compares with
CELLS = 4_000_000  # logits held at once
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


def negatives(usual: Tensor) -> tuple[Tensor, Tensor]:
    """(V,) log-frequencies → (K,) tokens and the logarithm of how often each is to be expected.

    Drawn by the square root of how often they occur. `Σ exp(logit − expected)` over them estimates
    the sum over all tokens without bias (importance sampling; Bengio and Senécal 2003).
    """
    chance = torch.softmax(usual / 2, -1)  # (V,)
    drawn = torch.multinomial(chance, NEGATIVES, replacement=True)
    return drawn, torch.log(NEGATIVES * chance[drawn])


def sampled_nll(y: Tensor, t: Tensor, table: Tensor, shift: Tensor, usual: Tensor) -> Tensor:
    """An estimate of `exact_nll` from the token that comes true and `NEGATIVES` others.

    Its arguments are the same, and (V,) log-frequencies besides.
    """
    drawn, expected = negatives(usual)
    own = (y * table[t]).sum(-1) + shift[t]  # (M,)
    others = y @ table[drawn].T + shift[drawn] - expected  # (M, K)
    others = others.masked_fill(drawn == t[:, None], -torch.inf)
    return torch.logaddexp(own, torch.logsumexp(others, -1)) - own


def exact_nll(y: Tensor, t: Tensor, table: Tensor, shift: Tensor) -> Tensor:
    """Negative log-likelihood of tokens whose logits are `y · table + shift`.

    Args:
        y: (M, W) queries.
        t: (M,) tokens that come true.
        table: (V + 1, W) embeddings; the last row is no token.
        shift: (V,) added to all.

    Returns:
        (M,), in nats.
    """
    rows = max(1, CELLS // len(shift))
    parts = [
        functional.cross_entropy(own @ table[:-1].T + shift, tokens, reduction="none")
        for own, tokens in zip(torch.split(y, rows), torch.split(t, rows), strict=True)
    ]
    return torch.cat(parts)


@torch.no_grad()
def best_sharpness(y: Tensor, t: Tensor, table: Tensor, shift: Tensor) -> float:
    """The factor of the queries under which tokens are likeliest; arguments as of `exact_nll`.

    A wide head grows too sure of itself while its order still improves (Guo et al. 2017). The
    likelihood is concave in the factor: Newton's method finds it.
    """
    rows, factor = max(1, CELLS // len(shift)), 1.0
    for _ in range(NEWTON):
        slope = curvature = 0.0
        for own, tokens in zip(torch.split(y, rows), torch.split(t, rows), strict=True):
            gain = own @ table[:-1].T  # (m, V)
            p = torch.softmax(factor * gain + shift, -1)
            mean = (p * gain).sum(-1)
            slope += float((gain.gather(-1, tokens[:, None])[:, 0] - mean).sum())
            curvature += float(((p * gain * gain).sum(-1) - mean**2).sum())
        factor += slope / max(curvature, 1e-9)
        factor = min(max(factor, SHARPEST[0]), SHARPEST[1])
    return factor
