"""The loop: one cycle of the learning rate, averaged weights, early stop on held-out data.

It knows nothing of what it trains: a module, functions that yield batches, a function that gives a
batch's loss.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import torch
from torch import Tensor, nn

Loss = tuple[Tensor, int]  # summed over units, and how many units
Weights = dict[str, Tensor]

WARM_UP = 0.04  # share of all steps in which the learning rate rises
FINAL = 0.02  # of the learning rate, in the last steps
COOLED = 0.9  # share of all steps after which it stays there


@dataclass(frozen=True)
class TrainingConfig:
    """How long and how fast a network is trained."""

    epochs: int
    learning_rate: float = 2e-3
    weight_decay: float = 0.01  # of parts of the module that have none of their own
    patience: int = 4  # epochs without a better held-out loss, then stop
    clip: float = 1.0  # norm of the gradient
    seed: int = 0  # of the randomness of each epoch
    muon: float = 0.0  # of the learning rate, for the module's `matrices`; 0 leaves them to AdamW


@dataclass(frozen=True)
class Report:
    """Where training stands after an epoch.

    Attributes:
        epoch, epochs: done and planned.
        train_loss, held_out_loss: nats per unit.
        seconds: of wall time so far.
    """

    epoch: int
    epochs: int
    train_loss: float
    held_out_loss: float
    seconds: float

    @property
    def seconds_left(self) -> float:
        """Seconds to go, if the epochs to come take as long."""
        return self.seconds / self.epoch * (self.epochs - self.epoch)


@dataclass(frozen=True)
class State:
    """Everything that training needs to go on after an epoch.

    Attributes:
        last: the report of the epoch.
        best: the report of the best epoch; None before the first.
        weights: of the module.
        average: running averages of the weights.
        best_weights: the averages at the best epoch.
        moments: of the optimiser, by weight and kind.
        steps: taken.
    """

    last: Report
    best: Report | None
    weights: Weights
    average: Weights
    best_weights: Weights
    moments: Weights = field(default_factory=dict)
    steps: int = 0


class Store(Protocol):
    """Where a training's state is kept between runs."""

    def load(self) -> State | None:
        """The state of an interrupted training; None when there is none."""

    def save(self, state: State) -> None:
        """Keep a state in place of the one before."""


@dataclass
class _Average:
    """Exponential averages of weights, over about `horizon` steps."""

    module: nn.Module
    horizon: int
    weights: Weights
    steps: int = 0

    def step(self) -> None:
        self.steps += 1
        share = 1 / min(self.steps / 3 + 1, self.horizon)
        now = {name: p.detach() for name, p in self.module.named_parameters()}
        averages = [self.weights[name] for name in now]
        torch._foreach_lerp_(averages, list(now.values()), share)


def train(
    module: nn.Module,
    steps: Callable[[int], Iterable[Loss]],
    held_out: Callable[[], Iterable[Loss]],
    config: TrainingConfig,
    *,
    per_step: float,
    steps_per_epoch: int,
    progress: Callable[[Report], None] = lambda _report: None,
    store: Store | None = None,
) -> Report:
    """Train a module in place and leave it at its best: the averaged weights of one epoch.

    Args:
        module: what to train.
        steps: epoch → summed loss and number of units of one step after another.
        held_out: the same over the held-out entities.
        config: how.
        per_step: units of a typical step. Every step's loss is divided by it and not by its own
            count, so that each unit weighs alike whatever batch it fell in.
        steps_per_epoch: about how many steps an epoch has; the schedule follows it.
        progress: told after each epoch.
        store: where the state is kept, and found again by a training that was interrupted.

    Returns:
        the best epoch, with the seconds of all of them.
    """
    optimizers = _optimizers(module, config)
    state = (store and store.load()) or _fresh(module, config)
    module.load_state_dict(state.weights)
    _restore(optimizers, module, state)
    average = _Average(module, max(20, steps_per_epoch), _copy(state.average), state.steps)
    total = config.epochs * steps_per_epoch
    stepper = _Stepper(optimizers, total, config.clip, average)
    started = time.perf_counter() - state.last.seconds
    while state.last.epoch < config.epochs and _since(state) < config.patience:
        epoch = state.last.epoch + 1
        torch.manual_seed(config.seed * 1_000_003 + epoch)
        loss = _epoch(module, stepper, steps(epoch), per_step)
        weights = _copy(module.state_dict())
        module.load_state_dict(average.weights, strict=False)  # the buffers are the module's own
        held = evaluate(module, held_out())
        report = Report(epoch, config.epochs, loss, held, time.perf_counter() - started)
        progress(report)
        best = math.inf if state.best is None else state.best.held_out_loss
        better = held < best or state.best is None or math.isnan(best)
        state = State(
            last=report,
            best=report if better else state.best,
            weights=weights,
            average=average.weights,
            best_weights=_copy(module.state_dict()) if better else state.best_weights,
            moments=_moments(optimizers, module),
            steps=average.steps,
        )
        module.load_state_dict(weights)
        if store:
            store.save(state)
    module.load_state_dict(state.best_weights)
    module.eval()
    return replace(state.best or state.last, seconds=state.last.seconds)


@dataclass
class _Stepper:
    """One step of the optimiser: the learning rate rises shortly, then falls in a straight line."""

    optimizers: list[torch.optim.Optimizer]
    total: int
    clip: float
    average: _Average

    def step(self, loss: Tensor, module: nn.Module) -> None:
        done = self.average.steps / max(self.total, 1)
        factor = min(1, done / WARM_UP + FINAL) * max(FINAL, 1 - done / COOLED)
        module.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # (untyped in torch)
        nn.utils.clip_grad_norm_(module.parameters(), self.clip)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * factor
            optimizer.step()
        self.average.step()


def _epoch(module: nn.Module, stepper: _Stepper, steps: Iterable[Loss], per_step: float) -> float:
    module.train()
    total, units = 0.0, 0
    for loss, count in steps:
        stepper.step(loss / per_step, module)
        total, units = total + loss.item(), units + count
    return total / max(units, 1)


@torch.no_grad()
def evaluate(module: nn.Module, steps: Iterable[Loss]) -> float:
    """Compute the mean loss per unit."""
    module.eval()
    total, units = 0.0, 0
    for loss, count in steps:
        total, units = total + loss.item(), units + count
    return total / max(units, 1)


def _optimizers(module: nn.Module, config: TrainingConfig) -> list[torch.optim.Optimizer]:
    """AdamW, and Muon (Jordan et al. 2024) for matrices: it goes as far in all their directions."""
    rate, decay = config.learning_rate, config.weight_decay
    matrices: list[Tensor] = module.matrices if config.muon else []  # type: ignore[assignment]
    groups = _by_decay(module, decay, {id(each) for each in matrices})
    found: list[torch.optim.Optimizer] = [torch.optim.AdamW(groups, lr=rate, fused=True)]
    if matrices:
        found.append(
            torch.optim.Muon(
                matrices,
                lr=config.muon * rate,
                weight_decay=decay / config.muon,
                adjust_lr_fn="match_rms_adamw",
            )
        )
    for group in (g for each in found for g in each.param_groups):
        group["initial_lr"] = group["lr"]
    return found


def _by_decay(module: nn.Module, default: float, without: set[int]) -> list[dict[str, Any]]:
    """Other weights by their decay; a part of the module may have a `weight_decay` of its own."""
    found: dict[float, list[nn.Parameter]] = {}
    for part in module.modules():
        decay = float(getattr(part, "weight_decay", default))
        own = [each for each in part.parameters(recurse=False) if id(each) not in without]
        found.setdefault(decay, []).extend(own)
    return [{"params": own, "weight_decay": decay} for decay, own in found.items() if own]


def _since(state: State) -> int:
    return state.last.epoch - (state.best.epoch if state.best else 0)


def _fresh(module: nn.Module, config: TrainingConfig) -> State:
    weights = _copy(module.state_dict())
    average = {name: p.detach().clone() for name, p in module.named_parameters()}
    return State(Report(0, config.epochs, math.inf, math.inf, 0), None, weights, average, weights)


def _copy(weights: Weights) -> Weights:
    return {name: tensor.detach().clone() for name, tensor in weights.items()}


def _moments(optimizers: list[torch.optim.Optimizer], module: nn.Module) -> Weights:
    """The optimisers' state as named tensors."""
    return {
        f"{name}|{kind}": value.detach().clone()
        for optimizer, name, p in _optimized(optimizers, module)
        for kind, value in optimizer.state[p].items()
    }


def _optimized(
    optimizers: list[torch.optim.Optimizer], module: nn.Module
) -> Iterator[tuple[torch.optim.Optimizer, str, nn.Parameter]]:
    """Every weight with its name and the optimiser it is left to."""
    names = {id(p): name for name, p in module.named_parameters()}
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            yield from ((optimizer, names[id(p)], p) for p in group["params"])


def _restore(optimizers: list[torch.optim.Optimizer], module: nn.Module, state: State) -> None:
    for optimizer, name, p in _optimized(optimizers, module):
        own = {
            key.rpartition("|")[2]: value.clone()
            for key, value in state.moments.items()
            if key.rpartition("|")[0] == name
        }
        if own:
            optimizer.state[p] = own
