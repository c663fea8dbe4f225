"""DP-SGD (Abadi et al. 2016) whose records are entities: gradients clipped singly, then noise."""

import copy
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn import functional

from anonymizer.arrays import IntArray
from anonymizer.sequences.network.batches import Window, buckets, windows
from anonymizer.sequences.network.heads import ProfileNetwork
from anonymizer.sequences.network.inputs import Inputs
from anonymizer.sequences.network.lstm import EventNetwork
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.tokens.encoded import Encoded
from anonymizer.sequences.tokens.heads import CLOSED
from anonymizer.sequences.training.fit import EVENTS

Gradients = dict[str, Tensor]  # by name of a parameter

EVENTS_AT_ONCE = 2_048  # whose gradients are computed side by side
ENTITIES_AT_ONCE = 128  # entities, at most
KEPT = 0.1  # share of the steps that the averaged weights look back on


@dataclass(frozen=True)
class Steps:
    """How to train; all of it is settled before the data is looked at.

    Attributes:
        rate: chance of each entity to be part of a step.
        count: steps.
        clip: norm of what one entity may add to a step.
        noise: standard deviation on the sum of a step, in such norms.
        learning_rate: of Adam, before it falls.
        last_rate: that it falls to.
    """

    rate: float
    count: int
    clip: float
    noise: float
    learning_rate: float
    last_rate: float = 0.0


def train(
    module: nn.Module,
    gradients: Callable[[IntArray], Iterable[Gradients]],
    steps: Steps,
    *,
    entities: int,
    expected: float,
    rng: np.random.Generator,
    progress: Callable[[int], None] = lambda _step: None,
) -> None:
    """Train a module in place; it is left with the weights averaged over the last steps.

    Each step looks at a Poisson sample: every entity is in it or not, whatever the others are.

    Args:
        module: what to train.
        gradients: (B,) entities → per parameter (B', ...) gradients of entities, part by part.
        steps: how.
        entities: how many there are.
        expected: entities per step, as far as that is public; a sum is divided by it.
        rng: of the samples and of the noise.
        progress: told the number of each step.
    """
    weights = dict(module.named_parameters())
    optimizer = torch.optim.Adam(weights.values(), lr=steps.learning_rate)
    average = {name: p.detach().clone() for name, p in weights.items()}
    falls = steps.learning_rate - steps.last_rate
    for step in range(1, steps.count + 1):
        for group in optimizer.param_groups:
            group["lr"] = steps.last_rate + falls * (1 - (step - 1) / steps.count)
        total = {name: torch.zeros_like(p) for name, p in weights.items()}
        for part in gradients(np.flatnonzero(rng.random(entities) < steps.rate)):
            for name, own in clipped_sum(part, steps.clip).items():
                total[name] += own
        for name, p in weights.items():
            noise = torch.from_numpy(rng.standard_normal(p.shape)).to(p.dtype)
            p.grad = (total[name] + steps.noise * steps.clip * noise) / expected
        optimizer.step()
        share = 1 / min(step, math.ceil(KEPT * steps.count))
        for name, p in weights.items():
            average[name].lerp_(p.detach(), share)
        progress(step)
    module.load_state_dict(average, strict=False)  # the buffers are the module's own
    module.eval()


def clipped_sum(gradients: Gradients, clip: float) -> Gradients:
    """Per parameter (B, ...) → (...), the sum of the entities' gradients.

    That of each entity, all parameters together, is at most `clip` long. One that is not finite
    counts as none.
    """
    squares = torch.stack([g.flatten(1).square().sum(1) for g in gradients.values()]).sum(0)
    norm = squares.sqrt()
    factor = torch.where(norm.isfinite(), clip / norm.clamp(min=clip), 0.0)
    return {
        name: torch.einsum("b,b...->...", factor, g.nan_to_num(0, 0, 0))
        for name, g in gradients.items()
    }


def profile_gradients(
    network: ProfileNetwork, tokens: Tensor
) -> Callable[[IntArray], Iterator[Gradients]]:
    """Gradients of the profiles' negative log-likelihood; (E, P) tokens of all entities."""

    def loss(weights: Gradients, own: Tensor) -> Tensor:
        found: Tensor = functional_call(network, weights, (own[None],))[1].sum()
        return found

    def gradients(entities: IntArray) -> Iterator[Gradients]:
        weights = {name: p.detach() for name, p in network.named_parameters()}
        for start in range(0, len(entities), 8 * ENTITIES_AT_ONCE):
            part = torch.from_numpy(entities[start : start + 8 * ENTITIES_AT_ONCE])
            yield vmap(grad(loss), (None, 0))(weights, tokens[part])

    return gradients


def event_gradients(
    twin: EventNetwork, priors: Priors, data: Encoded, rng: np.random.Generator
) -> Callable[[IntArray], Iterator[Gradients]]:
    """Gradients of the events' negative log-likelihood; some entities' profiles are hidden.

    Args:
        twin: what `unrolled` gave; without large heads, whose loss looks at several entities.
        priors: of the model.
        data: all histories, none of them longer than a window.
        rng: of whose profiles are hidden.
    """
    lengths = data.span.length

    def gradients(entities: IntArray) -> Iterator[Gradients]:
        for batch in buckets(lengths, entities, EVENTS_AT_ONCE):
            for start in range(0, len(batch), ENTITIES_AT_ONCE):
                part = batch[start : start + ENTITIES_AT_ONCE]
                known = rng.random(len(part)) >= EVENTS.hidden
                (window,) = windows(data, part, known, priors)
                yield window_gradients(twin, window)

    return gradients


def window_gradients(twin: EventNetwork, window: Window) -> Gradients:
    """Per parameter (B, ...), the gradient of each history's summed loss.

    The network's own forward runs once per entity, side by side (`vmap`). It looks at a part of
    the events only, which no two entities share; so here every head is asked about every event, and
    where it has nothing to say its target is certain: a loss and a gradient of exactly 0.
    """
    inputs, targets = window.inputs, window.targets
    all_apply = torch.ones(1, *targets.shape[1:], dtype=torch.bool)

    def loss(weights: Gradients, own: tuple[Tensor, ...], bases: list[Tensor]) -> Tensor:
        previous, candidates, features, profile, known, tokens = (x[None] for x in own)
        one = Inputs(previous, candidates, features, profile, known, all_apply, bases)
        found: Tensor = functional_call(twin, weights, (one, tokens))[0].sum()
        return found

    own = (
        inputs.previous, inputs.candidates, inputs.features, inputs.profile, inputs.known, targets
    )  # fmt: skip
    weights = {name: p.detach() for name, p in twin.named_parameters()}
    found: Gradients = vmap(grad(loss), (None, 0, 0))(weights, own, settled(window))
    return found


def settled(window: Window) -> list[Tensor]:
    """Per head (B, T, V), the bases of a window; the target is certain where it does not apply."""
    found = []
    for j, base in enumerate(window.inputs.bases):
        where, tokens = window.inputs.applies[..., j], window.targets[..., j]
        full = base.new_full((*tokens.shape, base.shape[-1]), CLOSED)
        full.scatter_(-1, tokens[..., None], 0)
        full[where] = base
        found.append(full)
    return found


class Unrolled(nn.LSTM):
    """One LSTM layer step by step, which `vmap` can run; weights and answers are the same."""

    weight_ih_l0: Tensor
    weight_hh_l0: Tensor
    bias_ih_l0: Tensor
    bias_hh_l0: Tensor

    def forward(self, x: Tensor, _state: None = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:  # type: ignore[override]  # (histories begin with it)
        """(B, T, I) → (B, T, H), and the state after the last step."""
        gates = functional.linear(x, self.weight_ih_l0, self.bias_ih_l0 + self.bias_hh_l0)
        # The gradient of the recurrent weights is a sum over steps of outer products. It is much
        # faster as one product: of states that are known beforehand, in a term that is 0.
        with torch.no_grad():
            h = self._run(gates)[0]
        before = functional.pad(h, (0, 0, 1, 0))[:, :-1].detach()
        recurrent = functional.linear(before, self.weight_hh_l0)
        return self._run(gates + (recurrent - recurrent.detach()))

    def _run(self, gates: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        weight = self.weight_hh_l0.detach()
        h = c = gates.new_zeros(len(gates), self.hidden_size)
        states = []
        for own in gates.unbind(1):
            i, f, g, o = (own + functional.linear(h, weight)).chunk(4, -1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            states.append(h)
        return torch.stack(states, 1), (h[None], c[None])


def unrolled(network: EventNetwork) -> EventNetwork:
    """A copy of one LSTM layer that `vmap` can run; its weights have the names that they had."""
    twin = copy.deepcopy(network)
    twin.lstm.__class__ = Unrolled
    return twin
