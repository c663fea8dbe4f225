"""The distribution of counts: a mixture of kinds of customers, and what each leaves open.

A variational autoencoder (Kingma and Welling 2014) whose prior is a mixture of Gaussians and whose
decoder gives, per block of classes, a Dirichlet-multinomial.
"""

import numpy as np
import torch
from torch import Tensor, nn

from anonymizer.arrays import FloatArray
from anonymizer.sequences.tokens.profile import Span

KNOWN = 5  # numbers known of an entity, see `known_of`
LATENTS = 4  # numbers that tell entities apart besides their profile
KINDS = 32  # Gaussians of the prior: with one, classes alone give samples away (C2ST .80)
HIDDEN = 48  # units of encoder and decoder


def known_of(span: Span, days: int) -> Tensor:
    """(B, O) what the profile says, on scales of about one."""
    size = np.log(span.length)
    columns = [
        size / 3 - 1.5,
        np.log(span.visits) - size,
        span.first / days,
        span.last / days,
        np.log1p(span.last - span.first) / 5 - 0.5,
    ]
    return torch.from_numpy(np.stack(columns, 1).astype(np.float32))


class CountNetwork(nn.Module):
    """The joint distribution of how many events of each class an entity has."""

    member: Tensor

    def __init__(self, blocks: list[tuple[int, int]]) -> None:
        super().__init__()
        self.blocks, size = blocks, blocks[-1][1]
        member = torch.zeros(size, len(blocks))
        for block, (start, stop) in enumerate(blocks):
            member[start:stop, block] = 1
        self.register_buffer("member", member, persistent=False)  # (S, K) 1 where a class belongs
        self.encoder = nn.Sequential(
            nn.Linear(size + KNOWN, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 2 * LATENTS)
        )
        self.decoder = nn.Sequential(
            nn.Linear(LATENTS + KNOWN, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, size + len(blocks))
        )
        for layer in (self.encoder[-1], self.decoder[-1]):
            nn.init.normal_(layer.weight, std=0.05)  # type: ignore[arg-type]
        self.centres = nn.Parameter(torch.randn(KINDS, LATENTS))
        self.spreads = nn.Parameter(torch.full((KINDS, LATENTS), -0.3))  # logarithms
        self.weights = nn.Parameter(torch.zeros(KINDS))  # log-odds

    def start_at(self, counts: Tensor) -> None:
        """Set the first weights so that (B, S) counts are on average as they are."""
        total = counts.sum(0, keepdim=True)
        shares = torch.log((total + 1) / (self._sums(total) + 1))
        bias: Tensor = self.decoder[-1].bias  # type: ignore[assignment]  # (Sequential forgets the kind)
        with torch.no_grad():
            bias[: len(self.member)] = shares[0]

    def forward(self, counts: Tensor, known: Tensor, noise: Tensor) -> Tensor:
        """(B, S), (B, O), (B, Z) standard normal → (B,) bound of the negative log-likelihood."""
        shares = torch.sqrt(counts / self._sums(counts).clamp(min=1)) * 3
        mean, spread = self.encoder(torch.cat([shares, known], -1)).chunk(2, -1)
        spread = spread.clamp(-6, 1) - 1  # (B, Z) logarithm
        z = mean + spread.exp() * noise
        posterior = (-0.5 * noise**2 - spread).sum(-1)  # without the constant both share
        bound: Tensor = posterior - self._prior(z) - self.likelihood(self.alphas(z, known), counts)
        return bound

    def likelihood(self, alphas: Tensor, counts: Tensor) -> Tensor:
        """(B, S) and (B, S) → (B,) Dirichlet-multinomial, without the multinomial coefficients."""
        each = torch.lgamma(alphas + counts) - torch.lgamma(alphas)
        total, n = alphas @ self.member, counts @ self.member  # (B, K)
        return (torch.lgamma(total) - torch.lgamma(total + n)).sum(-1) + each.sum(-1)

    def _sums(self, counts: Tensor) -> Tensor:
        """(B, S) → (B, S), of all classes of the block that each is of."""
        return counts @ self.member @ self.member.T

    def _prior(self, z: Tensor) -> Tensor:
        """(B, Z) → (B,) log-density, without its constant."""
        spreads = self.spreads.clamp(-4, 1)
        distance = (z[:, None] - self.centres) / spreads.exp()  # (B, G, Z)
        each = (-0.5 * distance**2 - spreads).sum(-1)
        return torch.logsumexp(torch.log_softmax(self.weights, 0) + each, -1)

    def alphas(self, z: Tensor, known: Tensor) -> Tensor:
        """(B, Z) and (B, O) → (B, S), the parameters of the Dirichlet of each block."""
        out, size = self.decoder(torch.cat([z, known.to(z.dtype)], -1)), len(self.member)
        concentration = torch.exp((out[:, size:] + 4).clamp(-5, 12))  # (B, K)
        shares = torch.cat([torch.softmax(out[:, a:b], -1) for a, b in self.blocks], -1)
        return shares * (concentration @ self.member.T) + 1e-5

    @torch.inference_mode()
    def latent(self, uniform: FloatArray) -> Tensor:
        """(B, Z + 1) numbers in [0, 1) → (B, Z), of the prior."""
        share = torch.softmax(self.weights, 0).double().cumsum(0).numpy()
        kind = np.searchsorted(share[:-1], uniform[:, -1])
        normal = torch.special.ndtri(torch.from_numpy(uniform[:, :-1]).clamp(1e-9, 1 - 1e-9))
        spread = self.spreads.clamp(-4, 1).exp()[kind]
        z: Tensor = self.centres[kind] + spread * normal.to(spread.dtype)
        return z
