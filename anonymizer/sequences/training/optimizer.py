"""One step of learning: AdamW, and Muon for matrices, over all weights laid into one vector.

`torch.optim` has both. It walks over dozens of small weights in each step, and the first of its
optimisers imports the compiler of torch, which takes longer than many a fit of small data.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

Weights = dict[str, Tensor]

BETAS, EPSILON = (0.9, 0.999), 1e-8  # of AdamW (Loshchilov and Hutter 2019)
MOMENTUM = 0.95  # of Muon (Jordan et al. 2024)
LIKE_ADAM = 0.2  # root mean square of what Muon moves a weight by, in learning rates
QUINTIC = (3.4445, -4.7750, 2.0315)  # brings singular values near 1, in `ROUNDS` rounds
ROUNDS = 5


@dataclass(frozen=True)
class Rates:
    """How far a step goes.

    Attributes:
        learning_rate: of AdamW, at its highest.
        decay: of the weights of parts of a module that have no `weight_decay` of their own.
        clip: norm of the gradient, at most.
        muon: of the learning rate, for the module's `matrices`; 0 leaves them to AdamW.
    """

    learning_rate: float
    decay: float
    clip: float
    muon: float


class Optimizer:
    """Moves the weights of a module, which become pieces of one vector.

    A module trained with Muon has `matrices`, pairs of a weight and of how many matrices, one
    below the other, it consists of: Muon goes as far in all directions of each.
    """

    def __init__(self, module: nn.Module, rates: Rates) -> None:
        self.rates = rates
        self.matrices: list[tuple[Tensor, int]] = module.matrices if rates.muon else []  # type: ignore[assignment]
        apart = {id(weight) for weight, _ in self.matrices}
        groups = _by_decay(module, rates.decay, apart)
        self.weights = [w for group in groups.values() for w in group]
        self.weights += [weight for weight, _ in self.matrices]
        names = {id(weight): name for name, weight in module.named_parameters()}
        self.names = [names[id(weight)] for weight in self.weights]
        self.flat = torch.cat([w.detach().flatten() for w in self.weights])
        for weight, piece in zip(self.weights, self.views(self.flat).values(), strict=True):
            weight.data = piece
        sizes = {decay: sum(w.numel() for w in group) for decay, group in groups.items()}
        self.decays = torch.cat([torch.full((n,), decay) for decay, n in sizes.items()])
        self.decays = self.decays.to(self.flat.device)
        self.adam = len(self.decays)  # weights that are left to AdamW
        # Of AdamW mean and mean square of the gradients, of Muon the mean alone.
        self.means, self.squares = torch.zeros_like(self.flat), torch.zeros_like(self.decays)
        self.known = 0  # steps before the first, of which the squares know

    def views(self, flat: Tensor) -> Weights:
        """The pieces of a vector that are laid out as the weights are, by name."""
        pieces = torch.split(flat, [weight.numel() for weight in self.weights])
        named = zip(self.names, pieces, self.weights, strict=True)
        return {name: piece.view(weight.shape) for name, piece, weight in named}

    @property
    def moments(self) -> Weights:
        """What it knows of earlier steps."""
        return {"means": self.means, "squares": self.squares}

    def restore(self, moments: Weights) -> None:
        """Go on from `moments`."""
        for name, own in self.moments.items():
            own.copy_(moments[name])

    def recall(self, squares: Tensor, steps: int) -> None:
        """Go on from the mean squares of gradients in so many steps; the means start anew."""
        self.squares.copy_(squares * (1 - BETAS[1] ** steps))
        self.known = steps

    def mean_squares(self, number: int) -> Tensor:
        """Of the gradients of all steps, of which the last was this one."""
        return self.squares / (1 - BETAS[1] ** (number + self.known))

    def gradient(self) -> Tensor:
        """The gradients of the weights as one vector; none is left at the weights."""
        return torch.cat([_taken(weight).flatten() for weight in self.weights])

    @torch.no_grad()
    def step(self, gradient: Tensor, number: int, factor: float) -> None:
        """Take a step.

        Args:
            gradient: of the weights, as one vector; it is changed.
            number: of the step, from 1.
            factor: of the learning rate.
        """
        gradient *= (self.rates.clip / (torch.linalg.vector_norm(gradient) + 1e-6)).clamp(max=1)
        rate = self.rates.learning_rate * factor
        self._adam(gradient[: self.adam], number, rate)
        if self.matrices:
            self._muon(gradient[self.adam :], self.rates.muon * rate)

    def _adam(self, gradient: Tensor, number: int, rate: float) -> None:
        weights, means = self.flat[: self.adam], self.means[: self.adam]
        means.lerp_(gradient, 1 - BETAS[0])
        self.squares.mul_(BETAS[1]).addcmul_(gradient, gradient, value=1 - BETAS[1])
        spread = self.mean_squares(number).sqrt_().add_(EPSILON)
        weights.addcmul_(weights, self.decays, value=-rate)
        weights.addcdiv_(means, spread, value=-rate / (1 - BETAS[0] ** number))

    def _muon(self, gradient: Tensor, rate: float) -> None:
        means = self.means[self.adam :]
        means.lerp_(gradient, 1 - MOMENTUM)
        ahead, start = gradient.lerp(means, MOMENTUM), 0  # as Nesterov has it
        for weight, count in self.matrices:
            piece = ahead[start : start + weight.numel()]
            start += weight.numel()
            blocks = piece.view(count, -1, weight.shape[1])
            moved = orthogonal(blocks).reshape(weight.shape)
            weight.mul_(1 - rate * self.rates.decay / self.rates.muon)
            weight.sub_(moved, alpha=rate * LIKE_ADAM * max(blocks.shape[1:]) ** 0.5)


def orthogonal(matrices: Tensor) -> Tensor:
    """(N, A, B) matrices → those whose singular values are about 1 and that turn as they do.

    Newton–Schulz iterations of fifth order, as in Jordan et al. (2024): X ← Q X, where Q is a
    polynomial of the products of X's rows. So are all later Q, and only those products, of the
    shorter side, are worked with until the end.
    """
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = x / torch.linalg.vector_norm(x, dim=(1, 2), keepdim=True).clamp(min=1e-7)
    products = x @ x.mT
    whole = q = _polynomial(products)
    for _ in range(ROUNDS - 1):
        products = q @ products @ q
        q = _polynomial(products)
        whole = q @ whole
    turned: Tensor = whole @ x
    return turned.mT if tall else turned


def _polynomial(products: Tensor) -> Tensor:
    """(N, A, A) products of rows → what the rows are multiplied by in a round."""
    a, b, c = QUINTIC
    same = torch.eye(products.shape[1], dtype=products.dtype, device=products.device)
    return torch.baddbmm(products, products, products, beta=b, alpha=c) + a * same


def _taken(weight: Tensor) -> Tensor:
    found, weight.grad = weight.grad, None
    return torch.zeros_like(weight) if found is None else found


def _by_decay(module: nn.Module, default: float, without: set[int]) -> dict[float, list[Tensor]]:
    """Other weights by their decay; a part of the module may have a `weight_decay` of its own."""
    found: dict[float, list[Tensor]] = {}
    for part in module.modules():
        decay = float(getattr(part, "weight_decay", default))
        own = [each for each in part.parameters(recurse=False) if id(each) not in without]
        found.setdefault(decay, []).extend(own)
    return found
